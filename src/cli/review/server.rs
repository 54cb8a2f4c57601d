use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};

use super::super::exit::Trouble;
use super::api::{Ask, Decide, Office, Undo, Wrong};
use super::guard::{Guard, guard};
use crate::finding::Message;

/// What the browser gets, by name. Nothing is read from the disk.
const ASSETS: &[(&str, &str, &str)] = &[
    ("", "text/html; charset=utf-8", include_str!("assets/index.html")),
    ("style.css", "text/css; charset=utf-8", include_str!("assets/style.css")),
    ("app.js", "text/javascript; charset=utf-8", include_str!("assets/app.js")),
    ("desk.js", "text/javascript; charset=utf-8", include_str!("assets/desk.js")),
    ("detail.js", "text/javascript; charset=utf-8", include_str!("assets/detail.js")),
    ("list.js", "text/javascript; charset=utf-8", include_str!("assets/list.js")),
    ("patterns.js", "text/javascript; charset=utf-8", include_str!("assets/patterns.js")),
    ("page.js", "text/javascript; charset=utf-8", include_str!("assets/page.js")),
    ("progress.js", "text/javascript; charset=utf-8", include_str!("assets/progress.js")),
    ("server.js", "text/javascript; charset=utf-8", include_str!("assets/server.js")),
    ("words.js", "text/javascript; charset=utf-8", include_str!("assets/words.js")),
    ("icon.svg", "image/svg+xml", include_str!("assets/icon.svg")),
];

/// Bytes of the longest request: a list of ids and a note.
const BODY_MAX: usize = 8 << 20;

/// A server that listens already.
pub(super) struct Server {
    listener: std::net::TcpListener,
    guard: Guard,
}

impl Server {
    /// Listens at an address; port 0 is any free one.
    ///
    /// # Errors
    /// When the address is taken or none of this machine's.
    pub(super) fn bind(host: IpAddr, port: u16) -> Result<Self, Trouble> {
        let told = |error: std::io::Error| Trouble::io(&format!("{host}:{port}"), &error);
        let listener = std::net::TcpListener::bind(SocketAddr::new(host, port)).map_err(told)?;
        listener.set_nonblocking(true).map_err(told)?;
        let port = listener.local_addr().map_err(told)?.port();
        let name = if host.is_ipv6() { format!("[{host}]") } else { host.to_string() };
        let mut names = vec![name];
        if host.is_loopback() {
            names.push("localhost".to_owned());
        }
        let guard = Guard::new(&names, port).map_err(|error| told(std::io::Error::other(error.to_string())))?;
        Ok(Self { listener, guard })
    }

    /// What to open in the browser.
    pub(super) fn address(&self) -> String {
        format!("http://{}/{}/", self.guard.hosts[0], self.guard.token)
    }

    /// Answers until the program is ended.
    ///
    /// # Errors
    /// When the system lets nothing be served.
    pub(super) fn run(self, office: Office) -> Result<(), Trouble> {
        let told = |error: std::io::Error| Trouble::io("", &error);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().map_err(told)?;
        let office = Arc::new(office);
        let api = Router::new()
            .route("/state", get(|State(office): State<Arc<Office>>| answer(office, |office| office.state())))
            .route(
                "/view",
                get(|State(office): State<Arc<Office>>, Query(ask): Query<Ask>| answer(office, move |office| office.view(&ask))),
            )
            .route(
                "/finding",
                get(|State(office): State<Arc<Office>>, Query(ask): Query<Ask>| answer(office, move |office| office.finding(&ask))),
            )
            .route(
                "/patterns",
                get(|State(office): State<Arc<Office>>, Query(ask): Query<Ask>| answer(office, move |office| office.patterns(&ask))),
            )
            .route(
                "/page",
                get(|State(office): State<Arc<Office>>, Query(ask): Query<Ask>| answer(office, move |office| office.page(&ask))),
            )
            .route(
                "/progress",
                get(|State(office): State<Arc<Office>>, Query(ask): Query<Ask>| answer(office, move |office| office.progress(&ask))),
            )
            .route(
                "/changes",
                get(|State(office): State<Arc<Office>>, Query(ask): Query<Ask>| answer(office, move |office| office.changes(&ask))),
            )
            .route("/export", get(export))
            .route("/scan", get(scan))
            .route(
                "/decide",
                post(|State(office): State<Arc<Office>>, Json(decide): Json<Decide>| answer(office, move |office| office.decide(&decide))),
            )
            .route(
                "/undo",
                post(|State(office): State<Arc<Office>>, Json(undo): Json<Undo>| answer(office, move |office| office.undo(&undo))),
            )
            .layer(DefaultBodyLimit::max(BODY_MAX))
            .with_state(office);
        let app =
            Router::new().nest("/{token}/api", api).fallback(get(asset)).layer(axum::middleware::from_fn_with_state(self.guard, guard));
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(self.listener).map_err(told)?;
            axum::serve(listener, app).await.map_err(told)
        })
    }
}

/// Answers with what `work` makes, away from the thread that listens.
async fn answer(office: Arc<Office>, work: impl FnOnce(&Office) -> Result<Value, Wrong> + Send + 'static) -> Response {
    // Nothing on a page may end the program; a panic is our bug.
    match tokio::task::spawn_blocking(move || work(&office)).await {
        Ok(Ok(value)) => Json(value).into_response(),
        Ok(Err(wrong)) => wrong.into_response(),
        Err(_) => Wrong::internal().into_response(),
    }
}

async fn export(State(office): State<Arc<Office>>, Query(ask): Query<Ask>) -> Response {
    match tokio::task::spawn_blocking(move || office.export(&ask)).await {
        Ok(Ok(text)) => ([(CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response(),
        Ok(Err(wrong)) => wrong.into_response(),
        Err(_) => Wrong::internal().into_response(),
    }
}

async fn scan(State(office): State<Arc<Office>>, Query(ask): Query<Ask>) -> Response {
    match tokio::task::spawn_blocking(move || office.scan(&ask)).await {
        // Findings of one page follow each other: its picture is sent once.
        Ok(Ok((kind, bytes))) => ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "private, max-age=600")], bytes).into_response(),
        Ok(Err(wrong)) => wrong.into_response(),
        Err(_) => Wrong::internal().into_response(),
    }
}

/// One of our files, after the token, which was looked at already.
async fn asset(uri: Uri) -> Response {
    let name = uri.path().strip_prefix('/').and_then(|path| path.split_once('/')).map(|(_, name)| name);
    match ASSETS.iter().find(|(known, _, _)| Some(*known) == name) {
        Some((_, kind, content)) => ([(CONTENT_TYPE, *kind)], *content).into_response(),
        None => (StatusCode::NOT_FOUND, "no such page").into_response(),
    }
}

impl IntoResponse for Wrong {
    fn into_response(self) -> Response {
        (self.status, Json(json!({ "error": self.message }))).into_response()
    }
}

impl Wrong {
    /// A panic, which was told on standard error.
    fn internal() -> Self {
        let message =
            Message::new("程序内部出错，这一步没有做成；详情见启动它的终端", "internal error: nothing was done; the terminal says more");
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, message }
    }
}
