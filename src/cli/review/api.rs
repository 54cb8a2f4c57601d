use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::clock;
use super::super::exit::Trouble;
use super::load::Room;
use super::{scan, show};
use crate::decision::Verdict;
use crate::encoding::Encoding;
use crate::finding::Message;
use crate::review::{Filter, Order, Wanted, Word};

/// Rows in one answer.
const ROWS_MAX: usize = 300;
/// Views that are remembered; the oldest is asked for again.
const VIEWS: usize = 24;
/// How often the report is looked at for a newer one.
const LOOK: Duration = Duration::from_secs(1);

/// The room, and what browsers see of it.
pub(super) struct Office {
    /// Who decides when the browser does not say.
    pub(super) reviewer: String,
    pub(super) encoding: Option<Encoding>,
    inner: Mutex<Inner>,
}

struct Inner {
    room: Room,
    /// How often the room was opened: after that, numbers mean something else.
    generation: u64,
    looked: Instant,
    views: VecDeque<(u64, Filter, Arc<Vec<u32>>)>,
    n_views: u64,
}

/// Why a request came to nothing.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) status: StatusCode,
    pub(super) message: Message,
}

impl From<Trouble> for Wrong {
    fn from(trouble: Trouble) -> Self {
        Self { status: StatusCode::INSUFFICIENT_STORAGE, message: trouble.0 }
    }
}

impl From<Message> for Wrong {
    fn from(message: Message) -> Self {
        Self { status: StatusCode::CONFLICT, message }
    }
}

fn missing(zh: &str, en: &str) -> Wrong {
    Wrong { status: StatusCode::NOT_FOUND, message: Message::new(zh, en) }
}

/// What is asked for in an address.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Ask {
    status: Wanted,
    sort: Order,
    rule: Option<String>,
    class: Option<String>,
    file: Option<String>,
    pattern: Option<String>,
    q: Option<String>,
    by: Option<String>,
    min: Option<f64>,
    max: Option<f64>,
    view: Option<u64>,
    offset: usize,
    limit: Option<usize>,
    id: Option<String>,
    from: Option<usize>,
    page: Option<usize>,
    seen: Option<usize>,
    generation: Option<u64>,
    me: Option<String>,
    format: Option<String>,
}

impl Ask {
    fn filter(&self) -> Filter {
        let some = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        Filter {
            status: self.status,
            rule: some(&self.rule),
            class: some(&self.class),
            file: some(&self.file),
            pattern: some(&self.pattern),
            min: self.min,
            max: self.max,
            q: some(&self.q),
            reviewer: some(&self.by),
            sort: self.sort,
        }
    }
}

/// What somebody decides.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Decide {
    ids: Vec<String>,
    /// All undecided ones like the first one, as far as `view` has them.
    #[serde(default)]
    all_like: bool,
    #[serde(default)]
    view: Option<u64>,
    /// Not these.
    #[serde(default)]
    except: Vec<String>,
    verdict: String,
    #[serde(default)]
    printed: Option<String>,
    #[serde(default)]
    note: Option<String>,
    #[serde(default)]
    me: Option<String>,
}

/// Whose last act is taken back.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Undo {
    #[serde(default)]
    me: Option<String>,
}

impl Office {
    pub(super) fn new(room: Room, reviewer: String, encoding: Option<Encoding>) -> Self {
        let inner = Inner { room, generation: 1, looked: Instant::now(), views: VecDeque::new(), n_views: 0 };
        Self { reviewer, encoding, inner: Mutex::new(inner) }
    }

    /// The room with everything that others wrote meanwhile.
    fn enter(&self) -> Result<MutexGuard<'_, Inner>, Wrong> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.looked.elapsed() >= LOOK {
            inner.looked = Instant::now();
            if inner.room.is_stale() {
                let root = inner.room.texts.root().to_owned();
                // A report that is being written is looked at again.
                if let Ok(room) = Room::open(&root, inner.room.report(), self.encoding) {
                    inner.room = room;
                    inner.generation += 1;
                    inner.views.clear();
                }
            }
        }
        inner.room.listen()?;
        Ok(inner)
    }

    fn who<'w>(&'w self, me: Option<&'w String>) -> &'w str {
        me.map(|me| me.trim()).filter(|me| !me.is_empty()).unwrap_or(&self.reviewer)
    }

    pub(super) fn state(&self) -> Result<Value, Wrong> {
        let mut inner = self.enter()?;
        inner.room.texts.forget();
        let generation = inner.generation;
        Ok(show::state(&inner.room, generation, &self.reviewer))
    }

    pub(super) fn view(&self, ask: &Ask) -> Result<Value, Wrong> {
        let mut inner = self.enter()?;
        let inner = &mut *inner;
        let view = match ask.view {
            Some(id) => {
                let known = inner.views.iter().find(|(known, _, _)| *known == id).map(|(id, _, view)| (*id, view.clone()));
                known.ok_or_else(|| missing("这份列表已经过去，请刷新", "this list is gone; load it again"))?
            }
            None => inner.new_view(ask.filter()),
        };
        let (id, view) = view;
        let limit = ask.limit.unwrap_or(100).min(ROWS_MAX);
        let rows: Vec<Value> = view.iter().skip(ask.offset).take(limit).map(|&idx| show::row(&mut inner.room, idx)).collect();
        Ok(json!({
            "view": id, "generation": inner.generation, "total": view.len(), "offset": ask.offset, "rows": rows,
            "seen": inner.room.desk.n_changes(),
        }))
    }

    pub(super) fn finding(&self, ask: &Ask) -> Result<Value, Wrong> {
        let mut inner = self.enter()?;
        let idx = inner.find(ask.id.as_deref().unwrap_or_default())?;
        Ok(show::finding(&mut inner.room, idx)?)
    }

    pub(super) fn patterns(&self, ask: &Ask) -> Result<Value, Wrong> {
        let inner = self.enter()?;
        let view = inner.room.desk.view(&ask.filter());
        Ok(show::patterns(&inner.room, &view))
    }

    pub(super) fn page(&self, ask: &Ask) -> Result<Value, Wrong> {
        let mut inner = self.enter()?;
        let name = ask.file.as_deref().unwrap_or_default();
        let file = (0_u32..).zip(&inner.room.desk.files).find(|(_, known)| *known == name).map(|(idx, _)| idx);
        let file = file.ok_or_else(|| missing("报告里没有这个文件", "the report has no such file"))?;
        Ok(show::page(&mut inner.room, file, ask.from.unwrap_or(0))?)
    }

    pub(super) fn progress(&self, ask: &Ask) -> Result<Value, Wrong> {
        let inner = self.enter()?;
        Ok(show::progress(&inner.room, self.who(ask.me.as_ref())))
    }

    pub(super) fn changes(&self, ask: &Ask) -> Result<Value, Wrong> {
        let inner = self.enter()?;
        let desk = &inner.room.desk;
        let same = ask.generation.is_none_or(|generation| generation == inner.generation);
        let changed: Vec<Value> = if same {
            let changed = desk.changed_since(ask.seen.unwrap_or(0));
            changed
                .into_iter()
                .map(|idx| json!({ "id": desk.items[idx as usize].id(), "state": show::state_of(&inner.room, idx) }))
                .collect()
        } else {
            Vec::new()
        };
        Ok(json!({ "generation": inner.generation, "seen": desk.n_changes(), "changed": changed, "left": show::left(&inner.room) }))
    }

    pub(super) fn decide(&self, decide: &Decide) -> Result<Value, Wrong> {
        let mut inner = self.enter()?;
        let inner = &mut *inner;
        let bad = |zh: &str, en: &str| Wrong { status: StatusCode::BAD_REQUEST, message: Message::new(zh, en) };
        let verdict: Verdict = decide.verdict.parse().map_err(|()| bad("没有这样的决定", "there is no such verdict"))?;
        let mut findings = decide.ids.iter().map(|id| inner.find(id)).collect::<Result<Vec<u32>, Wrong>>()?;
        if decide.all_like {
            let first = *findings.first().ok_or_else(|| bad("没有说是哪一处", "which finding is not said"))?;
            findings = inner.like(first, decide.view);
        }
        let except = decide.except.iter().map(|id| inner.find(id)).collect::<Result<Vec<u32>, Wrong>>()?;
        findings.retain(|idx| !except.contains(idx));
        if findings.is_empty() {
            return Err(bad("没有要决定的", "there is nothing to decide"));
        }
        if verdict == Verdict::Custom && decide.printed.is_none() {
            return Err(bad("请写出印的是什么", "say what was printed"));
        }
        let (reviewer, time) = (self.who(decide.me.as_ref()).to_owned(), clock::now());
        let note = decide.note.as_deref().map(str::trim).filter(|note| !note.is_empty());
        let word = Word { verdict, printed: decide.printed.as_deref(), note, reviewer: &reviewer, time: &time };
        let lines = inner.room.say(&word, &findings)?;
        let seen = inner.room.desk.n_changes();
        let n = lines.len();
        let first = findings[0];
        inner.room.decide(lines)?;
        let mut told = inner.told(seen, n);
        told["next"] = json!(inner.next_open(first, decide.view));
        Ok(told)
    }

    pub(super) fn undo(&self, undo: &Undo) -> Result<Value, Wrong> {
        let mut inner = self.enter()?;
        let lines = inner.room.desk.book().undo(self.who(undo.me.as_ref()), &clock::now());
        if lines.is_empty() {
            return Err(missing("没有可撤回的了", "there is nothing left to undo"));
        }
        let back = lines.first().and_then(|line| line.finding.clone());
        let (seen, n) = (inner.room.desk.n_changes(), lines.len());
        inner.room.decide(lines)?;
        let mut told = inner.told(seen, n);
        told["back"] = json!(back);
        Ok(told)
    }

    /// The picture of a page: its kind and its bytes.
    pub(super) fn scan(&self, ask: &Ask) -> Result<(&'static str, Vec<u8>), Wrong> {
        let mut inner = self.enter()?;
        let name = ask.file.as_deref().unwrap_or_default();
        // Only files that the report names are looked at.
        let is_known = inner.room.desk.files.iter().any(|known| known == name);
        let picture = is_known.then(|| scan::picture(&mut inner.room.texts, name, ask.page.unwrap_or(0))).flatten();
        drop(inner);
        // A large picture is no reason for others to wait.
        let read = picture.and_then(|(kind, path)| Some((kind, std::fs::read(path).ok()?)));
        read.ok_or_else(|| missing("没有这一版的扫描图", "there is no scan of this page"))
    }

    /// The log, or the numbers.
    pub(super) fn export(&self, ask: &Ask) -> Result<String, Wrong> {
        let inner = self.enter()?;
        match ask.format.as_deref() {
            Some("progress") => {
                let numbers = show::progress(&inner.room, self.who(ask.me.as_ref()));
                Ok(format!("{numbers:#}\n"))
            }
            _ => Ok(inner.room.desk.book().decisions().iter().map(crate::decision::Decision::line).collect()),
        }
    }
}

impl Inner {
    fn find(&self, id: &str) -> Result<u32, Wrong> {
        self.room.desk.find(id).ok_or_else(|| missing("报告里没有这一处", "the report has no such finding"))
    }

    fn new_view(&mut self, filter: Filter) -> (u64, Arc<Vec<u32>>) {
        let view = Arc::new(self.room.desk.view(&filter));
        self.n_views += 1;
        if self.views.len() == VIEWS {
            self.views.pop_front();
        }
        self.views.push_back((self.n_views, filter, view.clone()));
        (self.n_views, view)
    }

    /// The undecided findings like `first` in a view; everywhere without one.
    fn like(&self, first: u32, view: Option<u64>) -> Vec<u32> {
        let desk = &self.room.desk;
        let pattern = desk.items[first as usize].pattern;
        let is_like =
            |idx: &u32| desk.items[*idx as usize].pattern == pattern && (*idx == first || desk.state(*idx) == crate::review::State::Open);
        let known = view.and_then(|id| self.views.iter().find(|(known, _, _)| *known == id));
        match known {
            Some((_, _, view)) => view.iter().copied().filter(is_like).collect(),
            None => (0..u32::try_from(desk.items.len()).unwrap_or(u32::MAX)).filter(is_like).collect(),
        }
    }

    /// Where in a view the next undecided finding after `from` is; from its
    /// beginning when there is none behind it.
    fn next_open(&self, from: u32, view: Option<u64>) -> Option<usize> {
        let (_, _, view) = self.views.iter().find(|(known, _, _)| Some(*known) == view)?;
        let at = view.iter().position(|&idx| idx == from).map_or(0, |at| at + 1);
        let is_open = |&at: &usize| self.room.desk.state(view[at]) == crate::review::State::Open;
        (at..view.len()).find(is_open).or_else(|| (0..at).find(is_open))
    }

    fn told(&self, seen: usize, n: usize) -> Value {
        let desk = &self.room.desk;
        let changed: Vec<Value> = desk
            .changed_since(seen)
            .into_iter()
            .map(|idx| json!({ "id": desk.items[idx as usize].id(), "state": show::state_of(&self.room, idx) }))
            .collect();
        json!({ "changed": changed, "n": n, "seen": desk.n_changes(), "left": show::left(&self.room) })
    }
}
