//! A large `known-bad.txt`: its words stay where they were written, and an
//! index says where in a page one of them stands.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::compiled::{Compiled, numbers_in, part_of, u32_at};
use super::host::{Key, Means};
use super::index::{self, Index};
use super::literal::LiteralEntry;
use super::program::{Found, Hit, Matcher, Page, Trigger};
use super::rule::digest_of;
use super::sides::Sides;
use crate::text::Span;

/// The replacements and the suspects of a list: what was printed is said, or
/// is not.
pub(crate) const SORTS: [usize; 2] = [0, 1];

/// For each sort: starts and ends of the misreadings in the text; their index;
/// those that other entries of the list hold in their printed form or repeat;
/// a digest.
const N_PARTS: usize = 4;
const PLACES: usize = 0;
const INDEX: usize = 1;
const ENTANGLED: usize = 2;
const DIGEST: usize = 3;

/// The words of one file.
#[derive(Debug)]
pub(crate) struct Misreadings {
    text: Arc<str>,
    /// The name under which it was compiled.
    key: String,
    compiled: Compiled,
}

/// One sort of them, as a rule.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    pub list: Arc<Misreadings>,
    sort: usize,
}

/// Texts that are searched for words of a list, and that are words themselves:
/// the fixed strings of other rules.
pub(crate) struct Pool {
    /// Damaged and printed form of each in turn, each with a line break.
    text: String,
    /// Where the damaged forms stand.
    places: Vec<(usize, usize)>,
    index: Vec<u8>,
    digest: String,
}

impl Pool {
    #[allow(clippy::cast_possible_truncation)]
    pub fn of<'l>(literals: impl Iterator<Item = &'l LiteralEntry>) -> Self {
        let (mut text, mut places) = (String::new(), Vec::new());
        for literal in literals {
            places.push((text.len(), text.len() + literal.from.len()));
            for form in [literal.from.as_str(), literal.to.as_deref().unwrap_or_default()] {
                text += form;
                text.push('\n');
            }
        }
        let words = places.iter().map(|&(start, end)| &text[start..end]).zip(0u32..);
        let index = index::build(words).unwrap_or_default();
        let digest = Key::new("pool").with(text.as_bytes()).name();
        Self { text, places, index, digest }
    }
}

impl Misreadings {
    /// The list that is kept, or else one of the places of its misreadings;
    /// `None` when there are none to be had.
    pub fn new(text: &str, means: Means<'_>, places: impl FnOnce() -> Option<[Vec<(u32, u32)>; 2]>) -> Option<Self> {
        let key = Key::new("known-bad").with(text.as_bytes()).name();
        let compiled = means.compiled(&key, || compile(text, &places()?))?;
        Some(Self { text: Arc::from(text), key, compiled })
    }

    fn part(&self, sort: usize, part: usize) -> &[u8] {
        self.compiled.part(sort * N_PARTS + part)
    }

    pub fn is_empty(&self, sort: usize) -> bool {
        self.part(sort, PLACES).is_empty()
    }

    /// A digest of the words of one sort.
    pub fn digest(&self, sort: usize) -> String {
        String::from_utf8_lossy(self.part(sort, DIGEST)).into_owned()
    }

    fn place(&self, sort: usize, idx: usize) -> Option<Span> {
        let places = self.part(sort, PLACES);
        let (start, end) = (u32_at(places, 2 * idx)? as usize, u32_at(places, 2 * idx + 1)? as usize);
        self.text.get(start..end).map(|_| Span::new(start, end))
    }

    fn entry(&self, sort: usize, idx: usize) -> Option<LiteralEntry> {
        let place = self.place(sort, idx)?;
        let line = line_from(&self.text, place.start);
        let to = line.split_whitespace().nth(1).map(str::to_owned);
        let span = place.start..place.start + line.len();
        Some(LiteralEntry { from: place.of(&self.text).to_owned(), to, others: Vec::new(), sides: Sides::default(), span })
    }

    /// Where misreadings of one sort stand in `text`, with their numbers, in
    /// the order in which an automaton tells of them.
    fn search(&self, sort: usize, text: &str) -> Vec<(Span, usize)> {
        let Some(index) = Index::open(self.part(sort, INDEX)) else { return Vec::new() };
        let mut hits = Vec::new();
        index.search(text, |start, end, idx| {
            let idx = idx as usize;
            if self.place(sort, idx).is_some_and(|place| place.of(&self.text) == &text[start..end]) {
                hits.push((end, start, idx));
            }
        });
        hits.sort_unstable();
        hits.into_iter().map(|(end, start, idx)| (Span::new(start, end), idx)).collect()
    }

    /// The last entry of a sort that begins at or before byte `at`.
    fn entry_before(&self, sort: usize, at: usize) -> Option<usize> {
        let starts = self.part(sort, PLACES).as_chunks::<8>().0;
        let n = starts.partition_point(|place| u32_at(place, 0).is_some_and(|start| start as usize <= at));
        n.checked_sub(1)
    }

    /// The entries in whose lines one of `hits` stands.
    fn lines_with(&self, hits: &[Span]) -> [BTreeSet<usize>; 2] {
        SORTS.map(|sort| {
            let holding = |hit: &Span| {
                let idx = self.entry_before(sort, hit.start)?;
                let start = self.place(sort, idx)?.start;
                (hit.end <= start + line_from(&self.text, start).len()).then_some(idx)
            };
            hits.iter().filter_map(holding).collect()
        })
    }

    /// The entries that stand in a form of another rule's or hold one in their
    /// own: all others have nothing to do with them.
    fn entangled_with(&self, pool: &Pool) -> [BTreeSet<usize>; 2] {
        let mut hits = Vec::new();
        if let Some(index) = Index::open(&pool.index) {
            index.search(&self.text, |start, end, idx| {
                let place = pool.places.get(idx as usize);
                if place.is_some_and(|&(from, to)| pool.text[from..to] == self.text[start..end]) {
                    hits.push(Span::new(start, end));
                }
            });
        }
        let mut entangled = self.lines_with(&hits);
        for sort in SORTS {
            entangled[sort].extend(self.search(sort, &pool.text).into_iter().map(|(_, idx)| idx));
        }
        entangled
    }

    fn entangled_with_list(&self, other: &Self) -> [BTreeSet<usize>; 2] {
        let mut entangled = SORTS.map(|sort| self.search(sort, &other.text).into_iter().map(|(_, idx)| idx).collect::<BTreeSet<_>>());
        for theirs in SORTS {
            let hits: Vec<Span> = other.search(theirs, &self.text).into_iter().map(|(span, _)| span).collect();
            for (all, lines) in entangled.iter_mut().zip(self.lines_with(&hits)) {
                all.extend(lines);
            }
        }
        entangled
    }

    /// The entries that the checks across rules must look at, for each sort:
    /// the others stand in no form of another entry and hold none in theirs.
    /// What it costs to know is kept like the list itself.
    pub fn entangled(&self, pool: &Pool, others: &[&Self], means: Means<'_>) -> [BTreeSet<usize>; 2] {
        let mut all = SORTS.map(|sort| numbers_in(self.part(sort, ENTANGLED)).map(|idx| idx as usize).collect::<BTreeSet<_>>());
        let mut add = |with: &str, make: &dyn Fn() -> [BTreeSet<usize>; 2]| {
            let key = Key::new("entangled").with(self.key.as_bytes()).with(with.as_bytes()).name();
            let made = means.compiled(&key, || Some(make().map(|one| as_part(&one)).to_vec()));
            for sort in SORTS {
                all[sort].extend(made.iter().flat_map(|made| numbers_in(made.part(sort))).map(|idx| idx as usize));
            }
        };
        add(&pool.digest, &|| self.entangled_with(pool));
        for other in others {
            add(&other.key, &|| self.entangled_with_list(other));
        }
        all
    }
}

/// The entry of the list that begins at `start`, without its comment.
fn line_from(text: &str, start: usize) -> &str {
    let line = text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    line.split('#').next().unwrap_or_default().trim_end()
}

#[allow(clippy::cast_possible_truncation)]
fn as_part(entries: &BTreeSet<usize>) -> Vec<u8> {
    part_of(entries.iter().map(|&idx| idx as u32))
}

fn compile(text: &str, places: &[Vec<(u32, u32)>; 2]) -> Option<Vec<Vec<u8>>> {
    let word = |&(start, end): &(u32, u32)| &text[start as usize..end as usize];
    let mut parts = Vec::new();
    for places in places {
        parts.push(part_of(places.iter().flat_map(|&(start, end)| [start, end])));
        parts.push(index::build(places.iter().map(word).zip(0u32..))?);
        parts.push(Vec::new());
        let forms = places.iter().flat_map(|place| {
            let line = line_from(text, place.0 as usize);
            [Some(word(place)), line.split_whitespace().nth(1)]
        });
        parts.push(digest_of(forms).into_bytes());
    }
    let list = Misreadings { text: Arc::from(text), key: String::new(), compiled: Compiled::new("", &parts) };
    for (sort, entangled) in SORTS.into_iter().zip(list.entangled_inside()) {
        parts[sort * N_PARTS + ENTANGLED] = as_part(&entangled);
    }
    Some(parts)
}

impl Misreadings {
    /// The entries that stand in the printed form of another, or twice.
    fn entangled_inside(&self) -> [BTreeSet<usize>; 2] {
        let mut hits = Vec::new();
        let mut entangled = SORTS.map(|sort| {
            let mut found = self.search(sort, &self.text);
            found.retain(|&(span, idx)| self.place(sort, idx) != Some(span) && !self.is_part_of_word(span));
            hits.extend(found.iter().map(|(span, _)| *span));
            found.into_iter().map(|(_, idx)| idx).collect::<BTreeSet<_>>()
        });
        for (all, lines) in entangled.iter_mut().zip(self.lines_with(&hits)) {
            all.extend(lines);
        }
        entangled
    }

    /// True when a longer misreading holds `span`: within one phase both are
    /// found, and neither is in the way of the other.
    fn is_part_of_word(&self, span: Span) -> bool {
        let word = |sort: usize| self.place(sort, self.entry_before(sort, span.start)?);
        SORTS.into_iter().filter_map(word).any(|word| word != span && word.contains(span))
    }
}

impl Listed {
    /// One sort of a list; `None` when it has none of it.
    pub fn new(list: &Arc<Misreadings>, sort: usize) -> Option<Self> {
        (!list.is_empty(sort)).then(|| Self { list: Arc::clone(list), sort })
    }

    /// Some of its entries, of all that are entangled.
    pub fn entries(&self, entangled: &[BTreeSet<usize>; 2]) -> Vec<LiteralEntry> {
        entangled[self.sort].iter().filter_map(|&idx| self.list.entry(self.sort, idx)).collect()
    }
}

impl Matcher for Listed {
    fn triggers(&self) -> Vec<Trigger> {
        Vec::new()
    }

    fn has_own_index(&self) -> bool {
        true
    }

    fn misreadings(&self) -> Option<&Listed> {
        Some(self)
    }

    fn visit(&self, _hit: Hit, _page: &Page<'_>, _out: &mut Vec<Found>) -> usize {
        0
    }

    fn visit_page(&self, page: &Page<'_>, out: &mut Vec<Found>) {
        for (span, idx) in self.list.search(self.sort, page.text) {
            out.extend(self.list.entry(self.sort, idx).map(|entry| match &entry.to {
                Some(to) => Found::fixed_string(page.text, span, to),
                None => Found::flag(span),
            }));
        }
    }

    fn literals(&self) -> Cow<'_, [LiteralEntry]> {
        let n = self.list.part(self.sort, PLACES).len() / 8;
        Cow::Owned((0..n).filter_map(|idx| self.list.entry(self.sort, idx)).collect())
    }
}
