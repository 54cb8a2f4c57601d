use std::collections::BTreeMap;

use daachorse::DoubleArrayAhoCorasick;

use super::Decision;
use crate::finding::{CONTEXT_CHARS, surroundings};
use crate::text::Span;

/// Bytes of a place and its surroundings that are looked for in one pass; the
/// rest of a long passage is compared where they stand.
const NEEDLE_BYTES_MAX: usize = 240;
/// Characters on either side that must be the same in another reading of the
/// page.
const NEAR_CHARS: usize = 2;
/// How alike the surroundings must be in another reading, 0..=1.
const NEAR_MIN: f64 = 0.6;

/// How a decision fits a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// The place and all its surroundings stand there as they were.
    Exact,
    /// The place stands there with its neighbors; further off, the text was
    /// edited or read differently.
    Near,
}

/// A place of a text that a decision is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Index of the decision.
    pub decision: usize,
    /// What it is about, in the text.
    pub span: Span,
    /// How it fits.
    pub how: How,
}

/// Finds the places of many decisions in texts, by content.
pub struct Finder<'d> {
    decisions: Vec<&'d Decision>,
    /// `None` when there is nothing to look for.
    automaton: Option<DoubleArrayAhoCorasick<u32>>,
    /// The decisions of each needle.
    of_needle: Vec<Vec<usize>>,
    /// By the file they were made in.
    of_file: BTreeMap<&'d str, Vec<usize>>,
}

impl<'d> Finder<'d> {
    /// A finder for `decisions`; indices of what it finds are theirs.
    #[must_use]
    pub fn new(decisions: Vec<&'d Decision>) -> Self {
        let mut needles: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let mut of_file: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (idx, decision) in decisions.iter().enumerate() {
            let needle = format!("{}{}{}", decision.before, solid(&decision.observed), decision.after);
            let needle = needle[..crate::text::floor_boundary(&needle, NEEDLE_BYTES_MAX.min(needle.len()))].to_owned();
            if !needle.is_empty() {
                needles.entry(needle).or_default().push(idx);
            }
            of_file.entry(&decision.file).or_default().push(idx);
        }
        let (needles, of_needle): (Vec<String>, Vec<Vec<usize>>) = needles.into_iter().unzip();
        let automaton =
            (!needles.is_empty()).then(|| DoubleArrayAhoCorasick::new(&needles).expect("needles are not empty and each its own"));
        Self { decisions, automaton, of_needle, of_file }
    }

    /// The decisions looked for.
    #[must_use]
    pub fn decisions(&self) -> &[&'d Decision] {
        &self.decisions
    }

    /// Where `text`, the decoded original of `file`, has places that decisions
    /// are about; sorted by decision, then place.
    #[must_use]
    pub fn find(&self, file: &str, text: &str) -> Vec<Found> {
        let solid = Solid::new(text);
        let mut found = Vec::new();
        for hit in self.automaton.iter().flat_map(|automaton| automaton.find_overlapping_iter(&solid.text)) {
            for &idx in &self.of_needle[hit.value() as usize] {
                let span = self.exactly(&solid, idx, hit.start());
                found.extend(span.map(|span| Found { decision: idx, span, how: How::Exact }));
            }
        }
        let exact: std::collections::BTreeSet<usize> = found.iter().map(|found| found.decision).collect();
        for &idx in self.of_file.get(file).into_iter().flatten().filter(|idx| !exact.contains(idx)) {
            found.extend(self.nearly(&solid, idx).map(|span| Found { decision: idx, span, how: How::Near }));
        }
        found.sort_by_key(|found| (found.decision, found.span));
        found.dedup();
        found
    }

    fn exactly(&self, solid: &Solid<'_>, idx: usize, start: usize) -> Option<Span> {
        let decision = self.decisions[idx];
        let core_start = start + decision.before.len();
        let core = self::solid(&decision.observed);
        let core_end = core_start + core.len();
        let stands = solid.text[core_start..].starts_with(&core) && solid.text[core_end..].starts_with(&decision.after);
        // Fewer characters than asked for: there the text began or ended.
        let short = |context: &str| context.chars().count() < CONTEXT_CHARS;
        let begins = !short(&decision.before) || start == 0;
        let ends = !short(&decision.after) || core_end + decision.after.len() == solid.text.len();
        (stands && begins && ends).then(|| solid.span_of(core_start, core_end, decision)).flatten()
    }

    /// The one place that has the same characters and neighbors and alike
    /// surroundings; none where several have.
    fn nearly(&self, solid: &Solid<'_>, idx: usize) -> Option<Span> {
        let decision = self.decisions[idx];
        let left: String = decision.before.chars().rev().take(NEAR_CHARS).collect::<Vec<_>>().into_iter().rev().collect();
        let right: String = decision.after.chars().take(NEAR_CHARS).collect();
        let core = self::solid(&decision.observed);
        let needle = format!("{left}{core}{right}");
        if needle.chars().count() < 2 * NEAR_CHARS {
            return None;
        }
        let mut places = memchr::memmem::find_iter(solid.text.as_bytes(), needle.as_bytes()).filter_map(|at| {
            let start = at + left.len();
            let span = solid.span_of(start, start + core.len(), decision)?;
            let (before, after) = surroundings(solid.original, span);
            let alike =
                (strsim::normalized_levenshtein(&before, &decision.before) + strsim::normalized_levenshtein(&after, &decision.after)) / 2.0;
            (alike >= NEAR_MIN).then_some(span)
        });
        let place = places.next()?;
        places.next().is_none().then_some(place)
    }
}

/// A text without its white space, and where its characters come from.
struct Solid<'t> {
    original: &'t str,
    text: String,
    /// Start in the solid text and in the original of every character that
    /// follows white space, and of the first.
    runs: Vec<(usize, usize)>,
}

impl<'t> Solid<'t> {
    fn new(original: &'t str) -> Self {
        let mut text = String::with_capacity(original.len());
        let mut runs = Vec::new();
        let mut follows_gap = true;
        for (at, c) in original.char_indices() {
            if c.is_whitespace() {
                follows_gap = true;
                continue;
            }
            if follows_gap {
                runs.push((text.len(), at));
                follows_gap = false;
            }
            text.push(c);
        }
        Self { original, text, runs }
    }

    /// Where byte `at` of the solid text stands in the original; the end for
    /// its length.
    fn place(&self, at: usize) -> usize {
        if at >= self.text.len() {
            return self.original.len();
        }
        let run = self.runs.partition_point(|&(start, _)| start <= at) - 1;
        self.runs[run].1 + at - self.runs[run].0
    }

    /// One past the last character before byte `at` of the solid text.
    fn end_before(&self, at: usize) -> usize {
        self.text[..at].chars().next_back().map_or(0, |c| self.place(at - c.len_utf8()) + c.len_utf8())
    }

    /// The place between two bytes of the solid text that reads as `decision`
    /// saw it. White space around the characters belongs to the place when it
    /// did then; white space that moved within them does not matter.
    fn span_of(&self, start: usize, end: usize, decision: &Decision) -> Option<Span> {
        let region = Span::new(self.end_before(start), self.place(end));
        if let Some(at) = region.of(self.original).find(&decision.observed)
            && !decision.observed.is_empty()
        {
            return Some(Span::new(region.start + at, region.start + at + decision.observed.len()));
        }
        if start == end {
            // Something is missing between two characters that touch.
            return (decision.observed.is_empty() && region.is_empty()).then_some(region);
        }
        let trimmed = |text: &str| text == text.trim();
        let is_solid = trimmed(&decision.observed) && decision.replacement.as_deref().is_none_or(trimmed);
        is_solid.then(|| Span::new(self.place(start), self.end_before(end)))
    }
}

fn solid(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::Verdict;

    const PAGE: &str = "这是新华社今年五月发的消息。本报讯 昨天上午大家\n己经到了会场门口等候入场开会。";

    fn about(text: &str, observed: &str) -> Decision {
        let at = text.find(observed).unwrap();
        Decision::about(text, Span::new(at, at + observed.len()), "core/x", Verdict::Accept).with_replacement("已经").in_file("a.txt")
    }

    fn found(decision: &Decision, file: &str, text: &str) -> Vec<(String, How)> {
        let finder = Finder::new(vec![decision]);
        finder.find(file, text).into_iter().map(|found| (found.span.of(text).to_owned(), found.how)).collect()
    }

    #[test]
    fn a_place_is_found_by_its_content_wherever_it_stands() {
        let decision = about(PAGE, "己经");
        for text in [PAGE.to_owned(), format!("另一段。\n\n{PAGE}"), PAGE.replace('\n', "")] {
            assert_eq!(found(&decision, "b.txt", &text), [("己经".to_owned(), How::Exact)], "{text}");
        }
        assert_eq!(found(&decision, "a.txt", &PAGE.replace("己\n", "己")), [("己经".to_owned(), How::Exact)]);
        let broken = PAGE.replace("己经", "己\n经");
        assert_eq!(found(&decision, "a.txt", &broken), [("己\n经".to_owned(), How::Exact)]);
    }

    #[test]
    fn another_reading_of_the_page_keeps_a_place_and_another_place_is_none() {
        let decision = about(PAGE, "己经");
        let again = PAGE.replace("昨天上午", "昨夭上午").replace("入场", "人场");
        assert_eq!(found(&decision, "a.txt", &again), [("己经".to_owned(), How::Near)]);
        assert_eq!(found(&decision, "b.txt", &again), [], "only in its own file");
        assert_eq!(found(&decision, "a.txt", &format!("{again}\n{again}")), [], "which of the two?");
        assert_eq!(found(&decision, "a.txt", &PAGE.replace("大家\n己经", "大众\n己经")), [], "a neighbor differs");
        assert_eq!(found(&decision, "a.txt", &PAGE.replace("己经", "已经")), [], "it reads right by now");
    }

    #[test]
    fn breaks_and_gaps_are_places_too() {
        let join = about(PAGE, "\n");
        assert_eq!(found(&join, "a.txt", PAGE), [("\n".to_owned(), How::Exact)]);
        assert_eq!(found(&join, "a.txt", &PAGE.replace('\n', "\n\n")), [("\n".to_owned(), How::Exact)]);
        assert_eq!(found(&join, "a.txt", &PAGE.replace('\n', "")), []);
        let gap = about("甲乙", "");
        assert_eq!(found(&gap, "a.txt", "甲乙"), [(String::new(), How::Exact)]);
        assert_eq!(found(&gap, "a.txt", "甲乙丙"), [], "the text ended there");
    }
}
