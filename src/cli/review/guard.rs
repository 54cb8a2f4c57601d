use axum::extract::{Request, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Who may ask, and what an answer may do.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    /// First part of every address.
    pub(super) token: String,
    /// What the browser may call this program: addresses with the port.
    pub(super) hosts: Vec<String>,
}

/// Bytes of random in a token.
const TOKEN_BYTES: usize = 24;

/// No script, style or picture but our own, no frame around the page, no
/// address sent along.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

impl Guard {
    /// A guard with a token of its own for a server at `port`, which is called
    /// `names`.
    pub(super) fn new(names: &[String], port: u16) -> Result<Self, getrandom::Error> {
        let mut bytes = [0; TOKEN_BYTES];
        getrandom::fill(&mut bytes)?;
        let token = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { token, hosts: names.iter().map(|name| format!("{name}:{port}")).collect() })
    }

    /// Why a request is refused; `None` when it is not.
    fn refusal(&self, method: &Method, path: &str, headers: &HeaderMap) -> Option<(StatusCode, &'static str)> {
        let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("\u{0}"));
        // A page elsewhere may get its own name to lead here (DNS rebinding);
        // then the browser says that name.
        let host = text(header::HOST).unwrap_or_default();
        if !self.hosts.iter().any(|known| known == host) {
            return Some((StatusCode::MISDIRECTED_REQUEST, "this program does not answer to that host name"));
        }
        if text(header::ORIGIN).is_some_and(|origin| origin != format!("http://{host}")) {
            return Some((StatusCode::FORBIDDEN, "a request of another site"));
        }
        let asked = path.strip_prefix('/').and_then(|path| path.split('/').next()).unwrap_or_default();
        if !same(asked.as_bytes(), self.token.as_bytes()) {
            return Some((StatusCode::FORBIDDEN, "the address lacks its token: open the address that jiaokan review printed"));
        }
        if *method == Method::POST {
            let is_json = text(header::CONTENT_TYPE).is_some_and(|kind| kind.split(';').next() == Some("application/json"));
            if !is_json {
                return Some((StatusCode::UNSUPPORTED_MEDIA_TYPE, "JSON is expected"));
            }
            // A page elsewhere can send neither of the two.
            let is_own = text(header::ORIGIN).is_some() || text(HeaderName::from_static("x-jiaokan")).is_some();
            if !is_own {
                return Some((StatusCode::FORBIDDEN, "a request without an origin"));
            }
        }
        None
    }
}

/// Compares in a time that does not tell where they differ.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

/// Lets through what may ask and dresses every answer.
pub(super) async fn guard(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let refusal = guard.refusal(request.method(), request.uri().path(), request.headers());
    let mut response = match refusal {
        Some((status, words)) => (status, words).into_response(),
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_page_may_ask() {
        let guard = Guard { token: "t0ken".to_owned(), hosts: vec!["127.0.0.1:80".to_owned()] };
        let status = |method: Method, path: &str, headers: &[(&'static str, &'static str)]| {
            let headers = headers.iter().map(|&(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect();
            guard.refusal(&method, path, &headers).map(|(status, _)| status.as_u16())
        };
        let host = ("host", "127.0.0.1:80");
        let (json, origin) = (("content-type", "application/json"), ("origin", "http://127.0.0.1:80"));
        assert_eq!(status(Method::GET, "/t0ken/", &[host]), None);
        assert_eq!(status(Method::GET, "/t0ken/api/state", &[host, origin]), None);
        for path in ["/", "/t0ke/", "/t0kenx/", "//t0ken/", "/x/../t0ken/", "/%740ken/", ""] {
            assert_eq!(status(Method::GET, path, &[host]), Some(403), "{path}");
        }
        for name in ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:81"] {
            assert_eq!(status(Method::GET, "/t0ken/", &[("host", name)]), Some(421), "{name}");
        }
        assert_eq!(status(Method::GET, "/t0ken/", &[]), Some(421));
        assert_eq!(status(Method::POST, "/t0ken/api/decide", &[host, json, origin]), None);
        assert_eq!(status(Method::POST, "/t0ken/api/decide", &[host, json]), Some(403));
        assert_eq!(status(Method::POST, "/t0ken/api/decide", &[host, json, ("origin", "null")]), Some(403));
        assert_eq!(status(Method::POST, "/t0ken/api/decide", &[host, json, ("origin", "http://evil.example")]), Some(403));
        assert_eq!(status(Method::POST, "/t0ken/api/decide", &[host, origin, ("content-type", "text/plain")]), Some(415));
    }

    #[test]
    fn every_token_is_its_own() {
        let token = || Guard::new(&[], 1).unwrap().token;
        assert_eq!(token().len(), 2 * TOKEN_BYTES);
        assert_ne!(token(), token());
    }
}
