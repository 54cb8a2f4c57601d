use super::copy::{Copy, Side};
use super::landmark::{Landmark, is_display, landmark};
use super::passage::Passage;
use super::removal::{Body, body_starts};
use super::stream::Stream;
use crate::document::{Kind, Layout};

/// Letters after a copy that are compared with the passage.
const CONTINUATION_LETTERS: usize = 160;

/// What stands around one copy.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The next line says that the article goes on elsewhere.
    pub away_after: bool,
    /// A line before or among the first says that it began elsewhere.
    pub here_before: bool,
    /// Running text follows, on the same or the next line.
    pub goes_on: bool,
    /// Share of the letter pairs of what follows that the passage has too.
    pub affinity: f64,
    /// Letters on its first and last line that are not in the other copy.
    pub n_loose: usize,
}

impl Surroundings {
    fn new(copy: &Copy, pairs: &[u32], layout: &Layout, stream: &Stream, text: &str) -> Self {
        let after = copy.line_after(layout);
        let before = copy.line_before();
        let first_body = copy.lines.iter().position(|line| !is_display(layout, text, line.line)).unwrap_or(copy.lines.len());
        let here = |line: usize| landmark(layout, text, line) == Some(Landmark::Here);
        let goes_on = copy.n_tail > 0 || after.is_some_and(|line| !is_display(layout, text, line));
        let end = copy.lines.last().map_or(copy.letters.end, |line| if copy.n_tail > 0 { copy.letters.end } else { line.letters.end });
        Surroundings {
            away_after: after.is_some_and(|line| landmark(layout, text, line) == Some(Landmark::Away)),
            here_before: before.is_some_and(here) || copy.lines[..first_body].iter().any(|line| here(line.line)),
            goes_on,
            affinity: if goes_on { affinity(pairs, &stream.letters()[end..]) } else { 0.0 },
            n_loose: copy.n_head + copy.n_tail,
        }
    }
}

/// The sorted letter pairs of a passage.
fn pairs_of(letters: &[u16]) -> Vec<u32> {
    let mut pairs: Vec<u32> = letters.windows(2).map(|pair| u32::from(pair[0]) << 16 | u32::from(pair[1])).collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

fn affinity(pairs: &[u32], following: &[u16]) -> f64 {
    let following = pairs_of(&following[..following.len().min(CONTINUATION_LETTERS)]);
    let n_shared = following.iter().filter(|pair| pairs.binary_search(pair).is_ok()).count();
    n_shared as f64 / following.len().max(1) as f64
}

/// A passage with all that decides what becomes of it.
pub struct Case {
    /// Its copies on the lines: earlier, later.
    pub copies: [Copy; 2],
    /// The running text of each.
    pub bodies: [Body; 2],
    /// What stands around each.
    pub around: [Surroundings; 2],
    /// Share of agreeing letters.
    pub identity: f64,
    /// A numeral of one copy is missing or another one in the other.
    pub numbers_differ: bool,
}

impl Case {
    /// Looks at `passage` in its place; `None` for one that stands a third
    /// time, or that is too little running text to come from a page's making.
    pub fn new(passage: &Passage, layout: &Layout, stream: &Stream, text: &str) -> Option<Self> {
        if passage.is_repeated {
            return None;
        }
        let copies = [Side::A, Side::B].map(|side| Copy::new(passage, side, layout, stream, text));
        let starts = body_starts(passage, &copies, layout, text);
        let bodies = [Side::A, Side::B].map(|side| Body::new(passage, &copies[side as usize], side, starts[side as usize], layout, text));
        // A heading alone has no clauses; one long enough is none.
        let has_clauses = bodies.iter().any(|body| body.has_clauses || body.n_letters >= MIN_BARE_LETTERS);
        if bodies.iter().any(|body| body.n_letters < MIN_BODY_LETTERS) || !has_clauses {
            return None;
        }
        let pairs = pairs_of(&stream.letters()[copies[0].letters.clone()]);
        let around = [0, 1].map(|side| Surroundings::new(&copies[side], &pairs, layout, stream, text));
        let n_equal: usize = passage.stretches.iter().map(super::passage::Stretch::n_equal).sum();
        let n_longer: usize = passage.stretches.iter().map(|stretch| stretch.a.len().max(stretch.b.len())).sum();
        let identity = n_equal as f64 / n_longer.max(1) as f64;
        let numbers_differ = passage.stretches.iter().any(|stretch| stretch.numbers_differ(stream.letters()));
        Some(Case { copies, bodies, around, identity, numbers_differ })
    }
}

/// Which copy is one too many, and how sure that is.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The copy that goes.
    pub leaves: Side,
    /// How the passage comes to stand twice.
    pub pattern: Pattern,
}

/// How a passage comes to stand twice, from the surest to the least sure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pattern {
    /// Heading, beginning, 下转; elsewhere the whole article.
    Teaser,
    /// One copy follows 上接 and goes on; the other ends there.
    Continued,
    /// No jump line left, but one copy goes on in its article and the other
    /// stands alone under the same heading.
    Headed,
    /// One right below the other, word for word: a region that was read twice.
    Adjacent,
    /// A long passage, one copy of which goes on.
    Bare,
}

/// Letters of running text a copy must have to count as more than a heading
/// or a line that papers repeat.
const MIN_BODY_LETTERS: usize = 14;
/// The same, where nothing but the text itself speaks for a copy.
const MIN_BARE_LETTERS: usize = 60;
/// How nearly two copies must agree where no jump line speaks for them.
const MIN_BARE_IDENTITY: f64 = 0.8;
/// Letters of a passage that stands right below itself, and how nearly the two
/// must agree: notices on one form differ in a name or two.
const MIN_ADJACENT_LETTERS: usize = 30;
const MIN_ADJACENT_IDENTITY: f64 = 0.97;
/// By how much one continuation must resemble the passage more than the other.
const MIN_AFFINITY_STEP: f64 = 0.06;

impl Case {
    /// What becomes of the passage; `None`: nothing, it stands twice rightly
    /// or by chance.
    pub fn verdict(&self, layout: &Layout) -> Option<Verdict> {
        if self.is_adjacent(layout) {
            return Some(Verdict { leaves: Side::B, pattern: Pattern::Adjacent });
        }
        let points = [Side::A, Side::B].map(|side| self.points_for_leaving(side));
        let leaves = if points[0] > points[1] { Side::A } else { Side::B };
        if points[0] == points[1] || points[leaves as usize] <= 0 {
            return None;
        }
        Some(Verdict { leaves, pattern: self.pattern(leaves, layout)? })
    }

    /// True for a passage right below itself in the same words and numbers.
    fn is_adjacent(&self, layout: &Layout) -> bool {
        let [above, below] = &self.copies;
        above.line_after(layout) == Some(below.lines[0].line)
            && self.around.iter().all(|around| around.n_loose == 0)
            && self.bodies.iter().all(|body| body.n_foreign == 0 && body.n_letters >= MIN_ADJACENT_LETTERS)
            && above.lines.iter().all(|line| layout.lines[line.line].kind == Kind::Body)
            && self.identity >= MIN_ADJACENT_IDENTITY
            && !self.numbers_differ
    }

    /// How much speaks for `side` being the copy that goes.
    fn points_for_leaving(&self, side: Side) -> i32 {
        let (own, other) = (&self.around[side as usize], &self.around[side.other() as usize]);
        let resembles = other.affinity > own.affinity + MIN_AFFINITY_STEP;
        // A copy that shares a line with other text cannot go without leaving
        // a fragment.
        3 * i32::from(own.away_after)
            + 3 * i32::from(other.here_before)
            + 2 * i32::from(other.goes_on && !own.goes_on)
            + i32::from(resembles)
            - if own.n_loose > 0 { 10 } else { 0 }
    }

    fn pattern(&self, leaves: Side, layout: &Layout) -> Option<Pattern> {
        let (own, other) = (&self.around[leaves as usize], &self.around[leaves.other() as usize]);
        let contradicted = own.here_before || other.away_after;
        let body = &self.bodies[leaves as usize];
        let copy = &self.copies[leaves as usize];
        let begins = body.n_display > 0 || copy.line_before().is_none_or(|line| layout.lines[line].kind != Kind::Body);
        let shares_heading = body.n_display > 0 && self.bodies[leaves.other() as usize].n_display > 0;
        let is_close = self.identity >= MIN_BARE_IDENTITY && body.n_foreign == 0;
        if contradicted {
            None
        } else if own.away_after && begins && (other.goes_on || other.here_before) {
            Some(Pattern::Teaser)
        } else if other.here_before && other.goes_on && begins && !own.goes_on {
            Some(Pattern::Continued)
        } else if is_close && shares_heading && other.goes_on {
            Some(Pattern::Headed)
        } else if is_close && other.goes_on && body.n_letters >= MIN_BARE_LETTERS {
            Some(Pattern::Bare)
        } else {
            None
        }
    }
}
