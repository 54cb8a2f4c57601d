//! Pieces of one article on several pages, put together.

use std::collections::BTreeMap;

use super::cohesion::Cohesion;
use super::issue::PageName;
use super::segment::{Piece, Role};
use crate::document::{Direction, JumpLine, PageLabel};
use crate::model::{BoundaryModel, CONTEXT_CHARS, fold_char};
use crate::text::{is_closing, is_han, is_sentence_end};

/// A page of an issue, cut into pieces.
#[derive(Clone, Copy, Debug)]
pub struct IssuePage<'a> {
    /// Which page it is.
    pub name: &'a PageName,
    /// The corrected text.
    pub text: &'a str,
    /// Its pieces.
    pub pieces: &'a [Piece],
}

/// How the text goes on from one piece to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seam {
    /// With a new paragraph.
    Paragraph,
    /// In the middle of a sentence.
    RunsOn,
}

/// What became of a jump line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JumpStatus {
    /// The other half was found.
    Stitched,
    /// No piece on the pages at hand fits.
    Missing,
    /// Several fit equally well; none was taken.
    Ambiguous,
}

impl JumpStatus {
    /// The stable name used in the output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            JumpStatus::Stitched => "stitched",
            JumpStatus::Missing => "missing",
            JumpStatus::Ambiguous => "ambiguous",
        }
    }
}

/// A jump line of an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Jump {
    /// What it says.
    pub line: JumpLine,
    /// Whether its other half was found.
    pub status: JumpStatus,
}

/// The pieces of one article, in order, as indexes of pages and their pieces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Article {
    /// Page and piece.
    pub pieces: Vec<(usize, usize)>,
    /// `seams[i]` lies between `pieces[i]` and `pieces[i + 1]`.
    pub seams: Vec<Seam>,
    /// The jump lines of all pieces.
    pub jumps: Vec<Jump>,
}

/// Evidence a stitch needs.
const LEAST: f64 = 4.0;
/// By how much it must be better than the next best.
const LEAD: f64 = 1.0;

/// The articles of an issue, in the order in which they begin.
///
/// Pairs of pieces are weighed by what their jump lines say (page, mark), by
/// their headlines, by the words they share and by whether the sentence reads
/// on; a pair counts when it is clearly the best for both.
#[must_use]
pub fn stitch(pages: &[IssuePage<'_>]) -> Vec<Article> {
    let all: Vec<(usize, usize)> =
        (0..pages.len()).flat_map(|page| (0..pages[page].pieces.len()).map(move |piece| (page, piece))).collect();
    let weigher = Weigher::new(pages);
    let mut weights: BTreeMap<(usize, usize), f64> = BTreeMap::new();
    for (from, &a) in all.iter().enumerate() {
        for (to, &b) in all.iter().enumerate() {
            if from != to
                && let Some(weight) = weigher.weigh(a, b).filter(|&weight| weight >= LEAST)
            {
                weights.insert((from, to), weight);
            }
        }
    }
    let rival = |pair: (usize, usize)| {
        let others = weights.iter().filter(|((from, to), _)| (*from == pair.0) != (*to == pair.1));
        others.map(|(_, &weight)| weight).fold(f64::NEG_INFINITY, f64::max)
    };
    let mut next: BTreeMap<usize, usize> = BTreeMap::new();
    let mut status = vec![[JumpStatus::Missing; 2]; all.len()];
    for (&(from, to), &weight) in &weights {
        let clear = weight >= rival((from, to)) + LEAD;
        for (idx, side) in [(from, 0), (to, 1)] {
            match status[idx][side] {
                JumpStatus::Missing if !clear => status[idx][side] = JumpStatus::Ambiguous,
                _ if clear => status[idx][side] = JumpStatus::Stitched,
                _ => {}
            }
        }
        if clear {
            next.insert(from, to);
        }
    }
    chains(&all, &next).into_iter().map(|chain| weigher.article(&all, &chain, &status)).collect()
}

/// Pieces that follow each other, by index; one alone is a chain. A circle of
/// pieces is taken apart where it begins on the page.
fn chains(all: &[(usize, usize)], next: &BTreeMap<usize, usize>) -> Vec<Vec<usize>> {
    let mut taken = vec![false; all.len()];
    let followed: Vec<usize> = next.values().copied().collect();
    let mut chains = Vec::new();
    let firsts = (0..all.len()).filter(|idx| !followed.contains(idx)).chain(0..all.len());
    for first in firsts {
        let mut chain = Vec::new();
        let mut at = Some(first);
        while let Some(idx) = at.filter(|&idx| !taken[idx]) {
            taken[idx] = true;
            chain.push(idx);
            at = next.get(&idx).copied();
        }
        if !chain.is_empty() {
            chains.push(chain);
        }
    }
    chains.sort_by_key(|chain| chain[0]);
    chains
}

struct Weigher<'a> {
    pages: &'a [IssuePage<'a>],
    cohesion: Cohesion,
}

impl<'a> Weigher<'a> {
    fn new(pages: &'a [IssuePage<'a>]) -> Self {
        let paragraphs = pages
            .iter()
            .flat_map(|page| page.pieces.iter().flat_map(|piece| piece.with(Role::Paragraph).map(|part| part.span.of(page.text))));
        Self { pages, cohesion: Cohesion::new(paragraphs) }
    }

    fn piece(&self, at: (usize, usize)) -> (&'a IssuePage<'a>, &'a Piece) {
        let page = &self.pages[at.0];
        (page, &page.pieces[at.1])
    }

    /// How much speaks for `b` going on where `a` stops; `None` where neither
    /// says that it goes anywhere.
    fn weigh(&self, a: (usize, usize), b: (usize, usize)) -> Option<f64> {
        let ((page_a, piece_a), (page_b, piece_b)) = (self.piece(a), self.piece(b));
        let to = piece_a.jumps(Direction::To).next();
        let from = piece_b.jumps(Direction::From).next();
        if to.is_none() && from.is_none() {
            return None;
        }
        let mut weight = match (to, from) {
            (Some(_), Some(_)) => 1.0,
            // One of the two lines may have been lost; the rest must say more.
            _ => -1.5,
        };
        let fits = |said: Option<JumpLine>, label: Option<PageLabel>| match (said.and_then(|jump| jump.page), label) {
            (Some(said @ PageLabel::Page { .. }), Some(label)) => {
                if said == label {
                    3.0
                } else {
                    -3.0
                }
            }
            _ => 0.0,
        };
        weight += fits(to, page_b.name.label) + fits(from, page_a.name.label);
        weight += match (to.and_then(|jump| jump.mark), from.and_then(|jump| jump.mark)) {
            (Some(a), Some(b)) if a == b => 2.0,
            (Some(_), Some(_)) => -3.0,
            _ => 0.0,
        };
        let alike = headlines_alike(piece_a.headline(page_a.text), piece_b.headline(page_b.text));
        weight += if alike >= 0.5 { 4.0 * alike } else { 0.0 };
        let (body_a, body_b) = (body(page_a, piece_a), body(page_b, piece_b));
        weight += (8.0 * self.cohesion.of(&body_a, &body_b)).min(2.0);
        weight += if runs_on(&body_a, &body_b) { 1.5 } else { 0.0 };
        Some(weight)
    }

    fn article(&self, all: &[(usize, usize)], chain: &[usize], status: &[[JumpStatus; 2]]) -> Article {
        let pieces: Vec<(usize, usize)> = chain.iter().map(|&idx| all[idx]).collect();
        let seams = pieces
            .windows(2)
            .map(|pair| {
                let ((page_a, a), (page_b, b)) = (self.piece(pair[0]), self.piece(pair[1]));
                if runs_on(&body(page_a, a), &body(page_b, b)) { Seam::RunsOn } else { Seam::Paragraph }
            })
            .collect();
        let jumps = chain
            .iter()
            .flat_map(|&idx| {
                let (_, piece) = self.piece(all[idx]);
                piece.parts.iter().filter_map(move |part| match part.role {
                    Role::Jump(line) if line.direction == Direction::To => Some(Jump { line, status: status[idx][0] }),
                    Role::Jump(line) if line.direction == Direction::From => Some(Jump { line, status: status[idx][1] }),
                    _ => None,
                })
            })
            .collect();
        Article { pieces, seams, jumps }
    }
}

fn body(page: &IssuePage<'_>, piece: &Piece) -> String {
    piece.with(Role::Paragraph).map(|part| part.span.of(page.text)).collect::<Vec<_>>().join("\n")
}

/// How alike two headlines are, 0..=1: a continuation is often headed by a part
/// of the headline.
fn headlines_alike(a: &str, b: &str) -> f64 {
    let han = |text: &str| text.chars().filter(|&c| is_han(c)).collect::<String>();
    let (a, b) = (han(a), han(b));
    let (short, long) = if a.len() <= b.len() { (&a, &b) } else { (&b, &a) };
    const LEAST_CHARS: usize = 4;
    if short.chars().count() < LEAST_CHARS {
        return 0.0;
    }
    if long.contains(short.as_str()) { 1.0 } else { strsim::normalized_levenshtein(&a, &b) }
}

/// True when the first text stops inside a sentence and the second goes on with it.
fn runs_on(a: &str, b: &str) -> bool {
    let end = a.trim_end();
    if end.is_empty() || b.is_empty() || end.trim_end_matches(is_closing).ends_with(is_sentence_end) {
        return false;
    }
    let last: Vec<char> = end.chars().filter(|c| !c.is_whitespace()).map(fold_char).collect();
    let next: Vec<char> = b.chars().filter(|c| !c.is_whitespace()).map(fold_char).take(CONTEXT_CHARS).collect();
    BoundaryModel::embedded().score(&last[last.len().saturating_sub(CONTEXT_CHARS)..], &next).total() > 0.0
}
