//! A character lost where a column was cut: `石⏎庄市` is 石家庄市.
//!
//! A tight crop takes the last character of a box or the first of the next
//! one. Candidates come from the gazetteer, the word list, the same page (the
//! string whole elsewhere) and the language model; a table learned from
//! simulated cuts in clean text says how likely each is to be what was printed.

use std::collections::{BTreeMap, HashMap};
use std::ops::RangeInclusive;
use std::sync::LazyLock;

use super::super::Resources;
use crate::lexicon::{Level, simplify};
use crate::model::Trees;
use crate::model::lm::{Id, LanguageModel};
use crate::text::{Span, is_han};

/// Names of the features of a candidate, in the order of a row.
pub const LOST_NAMES: [&str; N_LOST_FEATURES] = [
    "word_chars",
    "word_left_chars",
    "word_right_chars",
    "word_bits",
    "place_chars",
    "place_level",
    "page_count",
    "bits_without",
    "gain",
    "margin",
    "rank",
    "bits_with",
    "joined_word_chars",
    "joined_word_bits",
    "n_candidates",
    "left_word_bits",
    "right_word_bits",
    "missing_bits",
];

/// Length of a row.
pub const N_LOST_FEATURES: usize = 18;

/// Candidates looked at, by evidence.
const MAX_CANDIDATES: usize = 12;

/// A character that may have been lost at a cut.
#[derive(Clone, Debug, PartialEq)]
pub struct LostCandidate {
    /// The character.
    pub missing: char,
    /// The word or place it completes, when one does.
    pub completes: Option<String>,
    /// Where the place lies, when it completes one: 河北省石家庄市.
    pub place: Option<String>,
    /// How often the completed string stands elsewhere on the page.
    pub page_count: usize,
    /// What the table looks at.
    pub row: [f32; N_LOST_FEATURES],
}

impl LostCandidate {
    /// Estimated probability that exactly this character was lost here.
    #[must_use]
    pub fn probability(&self) -> f64 {
        static TABLE: LazyLock<Trees> =
            LazyLock::new(|| Trees::parse(include_str!("../../../models/lost.tsv"), &LOST_NAMES).expect("a test reads the embedded table"));
        TABLE.probability(&self.row)
    }
}

/// What the rest of a page says about its cuts: for every pair of characters
/// on both sides, what stands between them where the page is whole.
#[derive(Debug, Default)]
pub struct WholeElsewhere {
    between: HashMap<[char; 4], BTreeMap<char, usize>>,
}

impl WholeElsewhere {
    /// Reads a page for cuts at `gaps`, the white space between two lines.
    #[must_use]
    pub fn of_cuts(text: &str, gaps: impl Iterator<Item = Span>) -> Self {
        Self::new(text, gaps.filter_map(|gap| Self::key(&text[..gap.start], &text[gap.end..])))
    }

    /// Reads `text` for what stands between the characters of `keys`, each two
    /// before and two after a cut.
    #[must_use]
    pub fn new(text: &str, keys: impl Iterator<Item = [char; 4]>) -> Self {
        let mut between: HashMap<[char; 4], BTreeMap<char, usize>> = keys.map(|key| (key, BTreeMap::new())).collect();
        if between.is_empty() {
            return Self { between };
        }
        // Sixteen bits a key reject almost every place before the search.
        let n_bits = (16 * between.len()).next_power_of_two().max(64);
        let bit_of = |key: [char; 4]| {
            let mixed = key.iter().fold(0_u64, |mixed, &c| mixed.wrapping_mul(0x1_0001).wrapping_add(u64::from(u32::from(c))));
            (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - n_bits.trailing_zeros())) as usize
        };
        let mut filter = vec![0_u64; n_bits / 64];
        for bit in between.keys().map(|&key| bit_of(key)) {
            filter[bit / 64] |= 1 << (bit % 64);
        }
        let mut window = ['\n'; 5];
        let mut n_since_break = 0;
        for c in text.chars().filter(|c| *c == '\n' || !c.is_whitespace()) {
            window = [window[1], window[2], window[3], window[4], c];
            n_since_break = if c == '\n' { 0 } else { n_since_break + 1 };
            let key = [window[0], window[1], window[3], window[4]];
            let bit = bit_of(key);
            if n_since_break >= window.len()
                && filter[bit / 64] >> (bit % 64) & 1 == 1
                && let Some(counts) = between.get_mut(&key)
            {
                *counts.entry(window[2]).or_default() += 1;
            }
        }
        Self { between }
    }

    /// The key of the cut between `left` and `right`: Han characters only.
    #[must_use]
    pub fn key(left: &str, right: &str) -> Option<[char; 4]> {
        let mut before = left.chars().rev();
        let mut after = right.chars();
        let (l1, l2) = (before.next()?, before.next()?);
        let (r1, r2) = (after.next()?, after.next()?);
        [l2, l1, r1, r2].iter().all(|&c| is_han(c)).then_some([l2, l1, r1, r2])
    }

    fn counts(&self, left: &str, right: &str) -> Option<&BTreeMap<char, usize>> {
        self.between.get(&Self::key(left, right)?)
    }
}

/// The characters that may have been lost between `left` and `right` (text
/// before and after a cut, without the white space), likeliest first.
#[must_use]
pub fn lost_candidates(left: &str, right: &str, whole: &WholeElsewhere, resources: &Resources) -> Vec<LostCandidate> {
    let found = unranked_candidates(left, right, whole, resources);
    let mut ranked: Vec<(f64, LostCandidate)> = found.into_iter().map(|one| (one.probability(), one)).collect();
    ranked.sort_by(|(a_probability, a), (b_probability, b)| b_probability.total_cmp(a_probability).then(a.missing.cmp(&b.missing)));
    ranked.into_iter().map(|(_, one)| one).collect()
}

/// [`lost_candidates`] before a table has ranked them: what a table is made of.
#[must_use]
pub fn unranked_candidates(left: &str, right: &str, whole: &WholeElsewhere, resources: &Resources) -> Vec<LostCandidate> {
    let start = left.char_indices().rev().nth(9).map_or(0, |(at, _)| at);
    let end = right.char_indices().nth(10).map_or(right.len(), |(at, _)| at);
    let (left, right) = (&left[start..], &right[..end]);
    if !left.chars().next_back().is_some_and(is_han) || !right.chars().next().is_some_and(is_han) {
        return Vec::new();
    }
    let mut found = gather(left, right, whole, resources);
    complete_rows(&mut found, left, right, resources);
    found
}

/// Candidates with the evidence that proposed them.
fn gather(left: &str, right: &str, whole: &WholeElsewhere, resources: &Resources) -> Vec<LostCandidate> {
    let mut found: BTreeMap<char, LostCandidate> = BTreeMap::new();
    fn entry(found: &mut BTreeMap<char, LostCandidate>, missing: char) -> &mut LostCandidate {
        found.entry(missing).or_insert_with(|| LostCandidate {
            missing,
            completes: None,
            place: None,
            page_count: 0,
            row: [0.0; N_LOST_FEATURES],
        })
    }
    let (folded_left, folded_right) = (simplify(left), simplify(right));
    for one in resources.lexicon.complete_across(&folded_left, &folded_right) {
        let candidate = entry(&mut found, one.missing);
        candidate.completes = Some(one.word(left, right));
        candidate.row[..4].copy_from_slice(&[one.n_chars() as f32, one.left_chars as f32, one.right_chars as f32, one.value.bits() as f32]);
    }
    for one in resources.gazetteer.complete_across(&folded_left, &folded_right) {
        let candidate = entry(&mut found, one.missing);
        candidate.completes = Some(one.word(left, right));
        candidate.place = Some(one.value.full_path());
        candidate.row[4] = one.n_chars() as f32;
        candidate.row[5] = match one.value.level() {
            Level::Province => 4.0,
            Level::City => 3.0,
            Level::County => 2.0,
            Level::Town => 1.0,
        };
    }
    for (&missing, &count) in whole.counts(left, right).into_iter().flatten() {
        let candidate = entry(&mut found, missing);
        candidate.page_count = count;
        candidate.row[6] = count.min(3) as f32;
    }
    if folded_left == left && folded_right == right {
        for missing in fillers(left, right, resources) {
            entry(&mut found, missing);
        }
    }
    let lm = resources.lm;
    let seam = Seam::new(left, right, lm);
    let mut found: Vec<(f32, LostCandidate)> = found
        .into_values()
        .filter(|one| is_han(one.missing))
        .map(|one| (strength(&one, seam.bits(lm, Some(lm.id(one.missing)))), one))
        .collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.missing.cmp(&b.1.missing)));
    found.truncate(MAX_CANDIDATES);
    found.into_iter().map(|(_, one)| one).collect()
}

/// Symbols after a cut that the language model is asked about.
const N_AFTER: usize = 4;

/// Candidates of the language model alone.
const N_FILLERS: usize = 4;

/// The characters that the language model expects between two halves of a
/// simplified text, the likeliest first. Around traditional characters there
/// are none: the model does not know which form was printed.
fn fillers(left: &str, right: &str, resources: &Resources) -> Vec<char> {
    let lm = resources.lm;
    let seam = Seam::new(left, right, lm);
    let (Some(&before), Some(&after)) = (seam.before.last(), seam.after.first()) else { return Vec::new() };
    let gap = lm.neighbours(before, after);
    let mut all: Vec<(f32, Id)> = gap.between().map(|id| (gap.after_left(id, lm.alone(id)) + gap.right_after(id), id)).collect();
    let by_bits = |a: &(f32, Id), b: &(f32, Id)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
    all.sort_by(by_bits);
    all.truncate(4 * N_FILLERS);
    for one in &mut all {
        one.0 = seam.bits(lm, Some(one.1));
    }
    all.sort_by(by_bits);
    all.into_iter().filter_map(|(_, id)| lm.symbol(id)).filter(|&c| is_han(c)).take(N_FILLERS).collect()
}

/// The symbols on both sides of a cut.
struct Seam {
    before: Vec<Id>,
    after: Vec<Id>,
}

impl Seam {
    fn new(left: &str, right: &str, lm: &LanguageModel) -> Self {
        Self { before: lm.ids(left).collect(), after: lm.ids(right).take(N_AFTER).collect() }
    }

    /// Surprise of what is after the cut, in bits, with a symbol in the cut or
    /// without.
    fn bits(&self, lm: &LanguageModel, missing: Option<Id>) -> f32 {
        lm.score_all(lm.state(&self.before), missing.into_iter().chain(self.after.iter().copied())).0
    }
}

/// A rough order of evidence, to bound the work on common characters; `bits`:
/// what the language model says of the candidate.
fn strength(candidate: &LostCandidate, bits: f32) -> f32 {
    10.0 * candidate.page_count as f32 + 4.0 * candidate.row[4] - bits
}

/// What the margin of a candidate is cut to, in bits.
const MAX_MARGIN: f32 = 20.0;

/// The part of the rows that compares candidates with each other and with
/// nothing lost.
fn complete_rows(found: &mut [LostCandidate], left: &str, right: &str, resources: &Resources) {
    if found.is_empty() {
        return;
    }
    let lm = resources.lm;
    let seam = Seam::new(left, right, lm);
    let without = seam.bits(lm, None);
    let with: Vec<f32> = found.iter().map(|candidate| seam.bits(lm, Some(lm.id(candidate.missing)))).collect();
    let joined = resources.lexicon.straddling(&simplify(left), &simplify(right));
    let left_word = touching_word_bits(resources, 2..=4, |n_chars| left.char_indices().rev().nth(n_chars - 1).map(|(at, _)| &left[at..]));
    let right_word =
        touching_word_bits(resources, 2..=4, |n_chars| right.char_indices().nth(n_chars - 1).map(|(at, c)| &right[..at + c.len_utf8()]));
    let n_candidates = found.len();
    for (idx, candidate) in found.iter_mut().enumerate() {
        let others = with.iter().enumerate().filter(|&(other, _)| other != idx).map(|(_, &bits)| bits);
        let rank = others.clone().filter(|&bits| bits < with[idx]).count();
        let next = others.reduce(f32::min).unwrap_or(with[idx] + MAX_MARGIN);
        candidate.row[7..].copy_from_slice(&[
            without,
            without - with[idx],
            (next - with[idx]).clamp(-MAX_MARGIN, MAX_MARGIN),
            rank as f32,
            with[idx],
            joined.map_or(0.0, |word| word.n_chars() as f32),
            joined.map_or(0.0, |word| word.frequency.bits() as f32),
            n_candidates as f32,
            left_word,
            right_word,
            resources
                .lexicon
                .frequency_folded(candidate.missing.encode_utf8(&mut [0; 4]))
                .map_or(30.0, |frequency| frequency.bits() as f32),
        ]);
    }
}

/// Surprise of the commonest word of `n_chars` characters that touches the cut
/// on one side, 0 for none: what is a word already misses nothing (和地区).
fn touching_word_bits<'t>(resources: &Resources, n_chars: RangeInclusive<usize>, side: impl Fn(usize) -> Option<&'t str>) -> f32 {
    n_chars
        .filter_map(|n_chars| resources.lexicon.frequency_folded(side(n_chars)?))
        .map(|frequency| frequency.bits() as f32)
        .min_by(f32::total_cmp)
        .unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranking(left: &str, right: &str, page: &str) -> Vec<LostCandidate> {
        let whole = WholeElsewhere::new(page, WholeElsewhere::key(left, right).into_iter());
        lost_candidates(left, right, &whole, Resources::embedded())
    }

    #[test]
    fn the_embedded_table_fits_the_features() {
        assert!(Trees::parse(include_str!("../../../models/lost.tsv"), &LOST_NAMES).is_ok());
    }

    #[test]
    fn a_city_that_lost_its_middle_character_is_completed() {
        let found = ranking("代表团昨天上午抵达石", "庄市参观访问", "");
        assert_eq!(found[0].missing, '家');
        assert!(found[0].place.as_deref().is_some_and(|place| place.contains("河北省")));
        assert!(found[0].probability() > 0.9, "{}", found[0].probability());
    }

    #[test]
    fn nothing_is_proposed_where_nothing_is_lost() {
        for (left, right) in [("会议要求各部门加快推进", "力度，确保完成"), ("今年全市工业生", "产总值增长"), ("他来到北", "京市区")]
        {
            let found = ranking(left, right, "");
            assert!(found.first().is_none_or(|one| one.probability() < 0.5), "{left}|{right}: {found:?}");
        }
    }

    #[test]
    fn the_page_itself_completes_a_name() {
        let found = ranking("昨天，记者采访了王", "川同志和他的家人", "王");
        let without = found.first().map_or(0.0, LostCandidate::probability);
        let whole = ranking("采访了劳模李文", "同志和他的", "大家都说，劳模李文华同志和他的一家");
        assert_eq!(whole[0].missing, '华');
        assert!(whole[0].probability() > without);
    }
}
