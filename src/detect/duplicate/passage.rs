use std::ops::Range;

use super::align::{MAX_REACH, equal_runs, extend};
use super::seeds::{Chain, Run, chains};

/// Letters between two stretches of one passage, in either copy: a caption, a
/// jump line, a line that one reading lost.
const MAX_BETWEEN: usize = 120;
/// Letters of a part too badly read to be aligned, between two stretches.
const MAX_GARBLED: usize = 400;
/// How many of the passages before, by their later copy, can still be the same
/// one: more than the chains that run side by side.
const NEAR_PASSAGES: usize = 8;
/// Letters two stretches must share to be compared further.
const MIN_EQUAL: usize = 10;
/// The least share of equal letters in a stretch. Two readings of which each
/// has 3 wrong letters in 10 agree in about half.
const MIN_IDENTITY: f64 = 0.42;

/// A stretch of letters that stands at two places, aligned.
#[derive(Clone, Debug)]
pub struct Stretch {
    /// Letters of the earlier copy.
    pub a: Range<usize>,
    /// Letters of the later copy.
    pub b: Range<usize>,
    /// The letters that agree, in order.
    pub equal: Vec<Run>,
}

impl Stretch {
    /// Number of letters that agree.
    pub fn n_equal(&self) -> usize {
        self.equal.iter().map(|run| run.len).sum()
    }

    /// Share of the longer copy's letters that agree with the other copy.
    pub fn identity(&self) -> f64 {
        self.n_equal() as f64 / self.a.len().max(self.b.len()).max(1) as f64
    }

    /// The places where the copies differ, in order: letters of the earlier
    /// and of the later copy, one of the two perhaps empty.
    pub fn differences(&self) -> impl Iterator<Item = (Range<usize>, Range<usize>)> + '_ {
        let mut at = (self.a.start, self.b.start);
        let end = Run { a: self.a.end, b: self.b.end, len: 0 };
        self.equal.iter().copied().chain([end]).filter_map(move |run| {
            let gap = (at.0..run.a, at.1..run.b);
            at = (run.a + run.len, run.b + run.len);
            (!gap.0.is_empty() || !gap.1.is_empty()).then_some(gap)
        })
    }

    /// True when a numeral, in digits or in Han characters, is among the
    /// letters in which the copies differ.
    pub fn numbers_differ(&self, letters: &[u16]) -> bool {
        self.differences().any(|(a, b)| letters[a].iter().chain(&letters[b]).any(|&letter| is_numeral(letter)))
    }
}

pub(super) fn is_numeral(letter: u16) -> bool {
    char::from_u32(u32::from(letter)).is_some_and(|c| c.is_ascii_digit() || "一二三四五六七八九十百千万亿零〇两".contains(c))
}

/// A passage that stands twice: stretches in the same order in both copies,
/// with little of something else between them.
#[derive(Clone, Debug)]
pub struct Passage {
    /// In order; disjoint in both copies.
    pub stretches: Vec<Stretch>,
    /// True when part of it stands a third time.
    pub is_repeated: bool,
}

impl Passage {
    /// Letters from the first stretch to the last in the earlier copy.
    pub fn a(&self) -> Range<usize> {
        self.stretches[0].a.start..self.stretches[self.stretches.len() - 1].a.end
    }

    /// Letters from the first stretch to the last in the later copy.
    pub fn b(&self) -> Range<usize> {
        self.stretches[0].b.start..self.stretches[self.stretches.len() - 1].b.end
    }
}

/// The passages of `letters` that stand twice, in the order of their later
/// copy.
pub fn find(letters: &[u16]) -> Vec<Passage> {
    let mut stretches: Vec<Stretch> = Vec::new();
    for chain in chains(letters) {
        // A chain inside the stretch before it is the same agreement again.
        if stretches
            .last()
            .is_some_and(|last| last.b.end >= chain.b().end && last.a.start <= chain.a().start && last.a.end >= chain.a().end)
        {
            continue;
        }
        let floor = stretches.last().map_or(0, |last| if last.a.end <= chain.a().start { last.b.end.min(chain.b().start) } else { 0 });
        let stretch = aligned(letters, &chain, floor);
        if stretch.n_equal() >= MIN_EQUAL && stretch.identity() >= MIN_IDENTITY {
            stretches.push(stretch);
        }
    }
    mark_repeated(without_shadows(group(stretches)))
}

/// The chain with its gaps aligned and its ends extended. `floor`: the later
/// copy starts no earlier than this letter.
fn aligned(letters: &[u16], chain: &Chain, floor: usize) -> Stretch {
    let (a, b) = (chain.a(), chain.b());
    let floor = floor.clamp(a.end, b.start);
    let back = extend(&reversed(letters, 0..a.start), &reversed(letters, floor..b.start));
    let start = (a.start - back.0, b.start - back.1);
    let ahead = extend(&letters[a.end..start.1], &letters[b.end..]);
    let end = (a.end + ahead.0, b.end + ahead.1);
    let mut equal = Vec::new();
    let mut at = start;
    // An empty run at the end closes the last gap.
    for run in chain.runs.iter().copied().chain([Run { a: end.0, b: end.1, len: 0 }]) {
        let gap = equal_runs(&letters[at.0..run.a], &letters[at.1..run.b]);
        equal.extend(gap.into_iter().map(|part| Run { a: at.0 + part.a, b: at.1 + part.b, len: part.len }));
        if run.len > 0 {
            equal.push(run);
        }
        at = (run.a + run.len, run.b + run.len);
    }
    Stretch { a: start.0..end.0, b: start.1..end.1, equal }
}

/// The last letters of `range`, last first, no more than an extension reads.
fn reversed(letters: &[u16], range: Range<usize>) -> Vec<u16> {
    letters[range].iter().rev().copied().take(MAX_REACH).collect()
}

/// Puts stretches that follow each other in both copies together.
fn group(stretches: Vec<Stretch>) -> Vec<Passage> {
    let mut passages: Vec<Passage> = Vec::new();
    for stretch in stretches {
        let follows = |passage: &&mut Passage| {
            let (a, b) = (passage.a(), passage.b());
            let between = stretch.a.start.checked_sub(a.end).zip(stretch.b.start.checked_sub(b.end));
            between.is_some_and(|(in_a, in_b)| is_near(in_a, in_b)) && stretch.a.end <= b.start
        };
        // Only the last few can still be near enough in the later copy.
        match passages.iter_mut().rev().take(NEAR_PASSAGES).find(follows) {
            Some(passage) => passage.stretches.push(stretch),
            None => passages.push(Passage { stretches: vec![stretch], is_repeated: false }),
        }
    }
    passages
}

/// True when so many letters may lie between two stretches of one passage: an
/// insert in one copy, or a part that was read too badly to be aligned and is
/// about as long in both.
fn is_near(in_a: usize, in_b: usize) -> bool {
    let (less, more) = (in_a.min(in_b), in_a.max(in_b));
    more <= MAX_BETWEEN || (more <= MAX_GARBLED && 4 * less >= 3 * more)
}

/// Leaves out passages that are, in both copies, mostly another one's: two
/// chains that found the same copies.
fn without_shadows(passages: Vec<Passage>) -> Vec<Passage> {
    let size = |passage: &Passage| passage.stretches.iter().map(Stretch::n_equal).sum::<usize>();
    let mut kept: Vec<Passage> = Vec::with_capacity(passages.len());
    for passage in passages {
        let is_same = |other: &&mut Passage| covers_half(&other.a(), &passage.a()) && covers_half(&other.b(), &passage.b());
        match kept.iter_mut().rev().take(NEAR_PASSAGES).find(is_same) {
            Some(other) if size(other) < size(&passage) => *other = passage,
            Some(_) => {}
            None => kept.push(passage),
        }
    }
    kept
}

/// Marks the passages of which some other passage has half of a copy.
fn mark_repeated(mut passages: Vec<Passage>) -> Vec<Passage> {
    let mut places: Vec<(Range<usize>, usize)> =
        passages.iter().enumerate().flat_map(|(owner, passage)| [(passage.a(), owner), (passage.b(), owner)]).collect();
    places.sort_unstable_by_key(|(place, owner)| (place.start, place.end, *owner));
    // The place that reaches farthest so far: where any earlier place covers
    // half of the next one, or is covered by it, this one is a witness of it
    // in all but contrived nestings.
    let mut reaching: Option<(Range<usize>, usize)> = None;
    for (place, owner) in places {
        if let Some((before, other)) = &reaching {
            passages[owner].is_repeated |= covers_half(before, &place);
            passages[*other].is_repeated |= covers_half(&place, before);
        }
        if reaching.as_ref().is_none_or(|(before, _)| before.end < place.end) {
            reaching = Some((place, owner));
        }
    }
    passages
}

/// True when half of `inner` lies inside `outer`.
fn covers_half(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    2 * outer.end.min(inner.end).saturating_sub(outer.start.max(inner.start)) >= inner.len().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::duplicate::stream::Stream;

    const HARBOR: &str = "昨日清晨大雾弥漫港区引航站启动应急预案拖轮全部靠泊待命直到中午时分能见度好转才恢复进出港作业";
    const SCHOOL: &str = "城南小学的操场翻修工程历时两个月终于完工孩子们踩着崭新的塑胶跑道欢呼雀跃体育老师说这是最好的开学礼物";

    fn passages(text: &str) -> (Vec<u16>, Vec<Passage>) {
        let letters = Stream::new(text).unwrap().letters().to_vec();
        let passages = find(&letters);
        (letters, passages)
    }

    #[test]
    fn spans_are_exact_when_copies_are_clean() {
        let (letters, passages) = passages(&format!("甲{HARBOR}乙{SCHOOL}丙{HARBOR}丁"));
        let n = HARBOR.chars().count();
        assert_eq!(passages.len(), 1);
        assert_eq!(passages[0].a(), 1..1 + n);
        assert_eq!(passages[0].b(), letters.len() - 1 - n..letters.len() - 1);
        assert!(!passages[0].is_repeated);
    }

    #[test]
    fn a_line_in_only_one_copy_does_not_split_the_passage() {
        let (_, passages) =
            passages(&format!("{HARBOR}{SCHOOL}多云转晴{HARBOR}图为工人们正在码头上清点到港的集装箱本报摄影部供图{SCHOOL}"));
        assert_eq!(passages.len(), 1);
        assert_eq!(passages[0].stretches.len(), 2);
    }

    #[test]
    fn a_third_copy_is_noticed() {
        let (_, passages) = passages(&format!("{HARBOR}风力不大{HARBOR}浪高两米{HARBOR}"));
        assert!(!passages.is_empty());
        assert!(passages.iter().all(|passage| passage.is_repeated));
    }

    #[test]
    fn unrelated_text_has_no_passages() {
        assert!(passages(&format!("{HARBOR}{SCHOOL}")).1.is_empty());
    }
}
