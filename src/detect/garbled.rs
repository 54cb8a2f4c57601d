//! Stretches that no language has: a scorer would find a change for every
//! character of them, and every one would be a guess.

use super::{Context, Detector, DetectorMeta};
use crate::document::{Kind, Layout, is_name, segment_names};
use crate::finding::{Class, ConfidenceOrigin, Evidence, Finding, Message, Phase, Safety};
use crate::lexicon::simplify;
use crate::model::lattice::{PageScript, Passage};
use crate::text::{CharClass, Span, char_class, is_han};

use super::Resources;

/// Finds stretches that are garbled as a whole.
#[derive(Clone, Copy, Debug)]
pub struct Garbled;

static META: DetectorMeta = DetectorMeta {
    id: "character/garbled",
    class: Class::LookAlike,
    phase: Phase::Words,
    summary: ["大片读坏、不成文字的地方", "a stretch that is garbled as a whole"],
    why: [
        "版面模糊处，引擎读出一串互不相干的字；逐字猜改只会越改越远，只能对照原版重读",
        "Where the page is blurred an engine gives characters that have nothing to do with each other; guessing one by one leads further away, only the page helps",
    ],
    silent: [
        "人名单、文言、对偶和诗句、术语、外文、网址、代码、表格、数字；繁体版面",
        "Lists of names, classical Chinese, parallel clauses and verse, terms, foreign words, addresses, code, tables, figures; pages in traditional characters",
    ],
    trust: [
        "只标出整片，从不猜改；片内没有十足把握的单字改动一并撤下",
        "The stretch is flagged and never guessed at; changes of single characters inside it that are less than sure are withheld",
    ],
    sources: &["models/news.lm.md", "models/lexicon.md"],
    bad: &[
        ("本日上午，乍纫芒吡其卞钌艮壬旄仝亍，群众纷纷前来观看。", "本日上午，乍纫芒吡其卞钌艮壬旄仝亍，群众纷纷前来观看。"),
        (
            "会议结束以后，淙诩|圮*卅氽.枥铘瓞乜幺伉缶，与会人员参观了新桥。",
            "会议结束以后，淙诩|圮*卅氽.枥铘瓞乜幺伉缶，与会人员参观了新桥。",
        ),
    ],
    good: &[
        "获奖名单：常建军、祁连、阮小昀、佟静、黎小禾、仉维、逯明、麻玉珍。",
        "网址为https://example.org/news?id=20240902，代码为if (n > 0) { return x[n-1]; }。",
        "江上数峰青，云中一雁鸣，风来花自落，月出鸟初惊。",
        "他兼任World Economic Forum的顾问，常说“Time and tide wait for no man”。",
    ],
};

/// Bits of a symbol that count as neither readable nor garbled. The mean of
/// news is about 5.
const NEUTRAL_BITS: f32 = 8.0;

/// More surprise than this says no more than this: a rare character is one
/// character.
const MOST_BITS: f32 = 14.0;

/// What a character inside a word, a place or a name counts for.
const IN_A_WORD: f32 = -3.0;

/// What a digit, a letter or an expected mark counts for: little, so that marks
/// and figures thrown in do not end a stretch.
const OF_NO_WORD: f32 = -1.5;

/// Sum from which on a stretch is garbled: on labelled pages 95 % of such
/// stretches are misread in at least three of ten characters.
const MIN_SUM: f32 = 38.0;

/// How far the sum falls behind its highest point before a stretch ends.
const MAX_DROP: f32 = 15.0;

/// A few rare characters make no stretch.
const MIN_CHARS: usize = 8;

/// The frequency from which on a word of two characters counts; below stand
/// accidental pairs.
const MIN_WORD_PER_MILLION: f64 = 0.3;

impl Detector for Garbled {
    fn meta(&self) -> &'static DetectorMeta {
        &META
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        for stretch in context.garbled() {
            sink.push(finding(context.text, stretch));
        }
    }
}

/// A stretch that is garbled as a whole.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch {
    /// Where it stands, within one line.
    pub(super) span: Span,
    /// Mean surprise of a symbol, in bits.
    mean_bits: f32,
    n_chars: usize,
}

/// The garbled stretches of `text`, in order.
pub(super) fn stretches(text: &str, layout: &Layout, resources: &Resources) -> Vec<Stretch> {
    let mut found = Vec::new();
    let mut passage = Passage::default();
    let mut bits = Vec::new();
    for line in &layout.lines {
        if line.n_chars < MIN_CHARS || matches!(line.kind, Kind::TableRow | Kind::Verse | Kind::Byline | Kind::Furniture | Kind::JumpLine) {
            continue;
        }
        passage.clear();
        passage.push(resources.lm, line.span.of(text), line.span.start);
        surprise(resources, &passage, &mut bits);
        let most: Vec<f32> = passage.chars.iter().zip(&bits).map(|(&c, &bits)| weight(c, bits, false)).collect();
        if ranges(&most).is_empty() || PageScript::of(passage.chars.iter()) == PageScript::Traditional {
            continue;
        }
        let readable = readable(resources, &passage.chars);
        let weights: Vec<f32> =
            passage.chars.iter().zip(&bits).zip(&readable).map(|((&c, &bits), &readable)| weight(c, bits, readable)).collect();
        for range in ranges(&weights) {
            if is_composed(&passage.chars, range.clone()) {
                continue;
            }
            let end = passage.at[range.end - 1] + passage.chars[range.end - 1].len_utf8();
            let span = Span::new(passage.at[range.start], end);
            let mean_bits = bits[range.clone()].iter().sum::<f32>() / range.len() as f32;
            found.push(Stretch { span, mean_bits, n_chars: range.len() });
        }
    }
    found
}

/// The surprise of every symbol of `passage`, in bits, into `bits`.
fn surprise(resources: &Resources, passage: &Passage, bits: &mut Vec<f32>) {
    bits.clear();
    let mut state = resources.lm.start();
    for &id in &passage.ids {
        let (one, next) = resources.lm.score(state, id);
        bits.push(one);
        state = next;
    }
}

/// What one symbol says for a garbled stretch.
fn weight(c: char, bits: f32, readable: bool) -> f32 {
    match char_class(c) {
        CharClass::Digit | CharClass::Latin => OF_NO_WORD,
        CharClass::Han if readable => IN_A_WORD,
        CharClass::Han => bits.min(MOST_BITS) - NEUTRAL_BITS,
        _ if bits <= NEUTRAL_BITS + 1.0 => OF_NO_WORD,
        _ => bits.min(MOST_BITS) - NEUTRAL_BITS,
    }
}

/// The stretches of highest sum, in order.
fn ranges(weights: &[f32]) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    let (mut sum, mut start, mut highest, mut end) = (0.0_f32, 0, 0.0_f32, 0);
    for idx in 0..=weights.len() {
        if sum <= 0.0 {
            (sum, start, highest, end) = (0.0, idx, 0.0, idx);
        }
        sum += weights.get(idx).copied().unwrap_or(f32::NEG_INFINITY);
        if sum > highest {
            (highest, end) = (sum, idx + 1);
        }
        if sum <= 0.0 || highest - sum > MAX_DROP {
            if highest >= MIN_SUM && end - start >= MIN_CHARS {
                found.push(start..end);
            }
            sum = 0.0;
        }
    }
    found
}

/// For every character, whether a word, a place or a name lies over it.
fn readable(resources: &Resources, chars: &[char]) -> Vec<bool> {
    let text: String = chars.iter().collect();
    let simple = simplify(&text);
    let starts: Vec<usize> = simple.char_indices().map(|(at, _)| at).collect();
    let mut readable = vec![false; chars.len()];
    for (idx, &at) in starts.iter().enumerate() {
        let n_chars = |n_bytes: usize| simple[at..at + n_bytes].chars().count();
        let words = resources
            .lexicon
            .words_starting_at(&simple, at)
            .map(|(n_bytes, frequency)| (n_chars(n_bytes), frequency.per_million()))
            .filter(|&(n_chars, per_million)| n_chars > 2 || n_chars == 2 && per_million >= MIN_WORD_PER_MILLION)
            .map(|(n_chars, _)| n_chars);
        let places = resources.gazetteer.names_starting_at(&simple, at).map(n_chars).filter(|&n_chars| n_chars >= 2);
        if let Some(longest) = words.chain(places).max() {
            readable[idx..idx + longest].fill(true);
        }
    }
    mark_names(chars, &mut readable);
    readable
}

/// Marks the runs of characters that read as names, with the words that stand
/// before names.
fn mark_names(chars: &[char], readable: &mut [bool]) {
    const TITLES: [&str; 4] = ["记者", "通讯员", "实习生", "作者"];
    let title_at = |idx: usize| TITLES.iter().find(|title| title.chars().eq(chars[idx..].iter().copied().take(title.chars().count())));
    let mut idx = 0;
    while idx < chars.len() {
        if let Some(title) = title_at(idx) {
            idx += title.chars().count();
            continue;
        }
        let from = idx;
        while idx < chars.len() && is_han(chars[idx]) && (idx == from || title_at(idx).is_none()) {
            idx += 1;
        }
        let run = &chars[from..idx];
        if is_name(run) || segment_names(run).is_some() {
            readable[from..idx].fill(true);
        }
        idx = idx.max(from + 1);
    }
}

/// Characters that classical Chinese is full of.
const CLASSICAL: &str = "之其以而则者兮矣也焉乎哉皆辄遂乃亦尔吾汝曰犹";

/// True for stretches that a writer composed in a way that the language model
/// does not know: classical Chinese, parallel clauses, wordplay that repeats
/// characters.
fn is_composed(chars: &[char], range: std::ops::Range<usize>) -> bool {
    let han: Vec<char> = chars[range.clone()].iter().copied().filter(|&c| is_han(c)).collect();
    let n_classical = han.iter().filter(|&&c| CLASSICAL.contains(c)).count();
    let mut distinct = han.clone();
    distinct.sort_unstable();
    distinct.dedup();
    n_classical >= 2 && 12 * n_classical >= han.len() || 4 * distinct.len() < 3 * han.len() || is_parallel(chars, range)
}

/// True when the sentence around `range` has clauses of one length: several,
/// or two that share a character in the same place.
fn is_parallel(chars: &[char], range: std::ops::Range<usize>) -> bool {
    let ends = |c: char| matches!(c, '。' | '！' | '？' | '；' | '“' | '”');
    let start = chars[..range.start].iter().rposition(|&c| ends(c)).map_or(0, |idx| idx + 1);
    let end = chars[range.end..].iter().position(|&c| ends(c)).map_or(chars.len(), |n| range.end + n);
    let clauses: Vec<&[char]> = chars[start..end].split(|&c| matches!(c, '，' | '、' | '：')).filter(|clause| !clause.is_empty()).collect();
    let alike = |pair: &&[&[char]]| pair[0].len() == pair[1].len() && pair.concat().iter().all(|&c| is_han(c));
    let n_alike = clauses.windows(2).filter(alike).filter(|pair| (2..=9).contains(&pair[0].len())).count();
    let shares = |pair: &[&[char]]| pair[0].len() >= 3 && pair[0].iter().zip(pair[1]).any(|(a, b)| a == b);
    n_alike >= 2 || clauses.windows(2).filter(alike).any(shares)
}

fn finding(text: &str, stretch: &Stretch) -> Finding {
    let Stretch { span, mean_bits, n_chars } = *stretch;
    let message = Message::new(
        format!("这里连着 {n_chars} 个字符读不成文字，疑整片读坏；不逐字猜改，请对照原版重读"),
        format!(
            "{n_chars} characters in a row make no text, the stretch is probably garbled; nothing is guessed here, read it again on the page"
        ),
    );
    let bits = f64::from((mean_bits * 10.0).round() / 10.0);
    Finding::new(META.id, META.class, META.phase, text, span, message)
        .with_evidence(Evidence::weighed(
            "mean-bits",
            bits,
            format!("平均每字 {bits:.1} 比特，通顺的新闻约 5 比特；几乎不成词，也不是人名"),
            format!("{bits:.1} bits a character where news has about 5; hardly any words, and no names"),
        ))
        .with_trust(Safety::Flagged, 0.95, ConfidenceOrigin::Calibrated)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{keeps_its_examples, made, silent};
    use super::*;

    #[test]
    fn examples() {
        keeps_its_examples(Garbled);
    }

    #[test]
    fn one_stretch_is_one_finding_that_ends_where_the_text_reads_again() {
        let text = "本日上午，乍纫芒吡其卞钌艮壬旄仝亍，群众纷纷前来观看。";
        let problems = made(Box::new(Garbled), text, Safety::Suggested).problems;
        assert_eq!(problems.len(), 1);
        assert!(problems[0].fixes.is_empty());
        assert!(problems[0].observed.contains("芒吡其卞钌艮壬旄仝亍"), "{}", problems[0].observed);
        assert!(!problems[0].observed.contains("群众"), "{}", problems[0].observed);
    }

    #[test]
    fn nothing_is_guessed_inside_of_a_stretch() {
        use super::super::misread::{Memory, Misread, suspects};

        let text = "本日上午，城东新桥正式通车，乍纫芒吡其卞钌艮壬旄仝亍，群众纷纷前来观看，会议认真黄彻落实精神。";
        let found = stretches(text, &Layout::new(text), Resources::embedded());
        assert_eq!(found.len(), 1);
        let stretch = found[0].span;
        let is_inside = |span: Span| span.start < stretch.end && stretch.start < span.end;
        let proposed = suspects(text, &Layout::new(text), Resources::embedded(), &mut Memory::default());
        assert!(proposed.iter().any(|suspect| is_inside(suspect.span)), "the models would propose changes here");
        let problems = made(Box::new(Misread::embedded()), text, Safety::Suggested).problems;
        assert!(problems.iter().all(|finding| !is_inside(finding.span)), "{problems:?}");
        assert!(problems.iter().any(|finding| finding.observed == "黄"), "{problems:?}");
    }

    #[test]
    fn the_sum_finds_the_stretch_and_drops_what_follows() {
        let mut weights = vec![-3.0; 10];
        weights.extend([6.0; 9]);
        weights.extend([-3.0; 3]);
        weights.extend([6.0; 2]);
        weights.extend([-3.0; 10]);
        let bounds = |weights: &[f32]| ranges(weights).iter().map(|range| (range.start, range.end)).collect::<Vec<_>>();
        assert_eq!(bounds(&weights), [(10, 24)]);
        assert!(bounds(&[6.0; 7]).is_empty(), "too short");
        assert_eq!(bounds(&[6.0; 8]), [(0, 8)]);
        assert!(bounds(&[]).is_empty());
    }

    #[test]
    fn silent_about_what_only_looks_strange() {
        for text in [
            "本报讯（记者 祁连 阮小昀 通讯员 佟静 黎小禾 仉维）截至昨天，九条河道的清淤工程全部完成。",
            "北京晴11℃／26℃，沈阳小雨转晴13℃／27℃，大连多云转晴16℃／23℃，长春多云转晴14℃／24℃。",
            "古人论书，每曰字字有来历，兄何以处之？吾辈学书，亦当如是观之，岂敢妄议乎！",
            "枝繁叶茂，根深蒂固，鸟鸣虫唱，水碧山青，桥横柳岸，鱼跃荷塘。",
            "药品有阿莫西林、头孢克洛、盐酸左氧氟沙星、硝苯地平缓释片和富马酸比索洛尔。",
            "编号S5-B8-O0I、GB/T 15834—2011、ISBN 978-7-5555-0123-4，电话0555-5550123转8006。",
            "乌兹别克斯坦总统米尔济约耶夫、土库曼斯坦总统别尔德穆哈梅多夫先后致辞。",
        ] {
            silent(Garbled, text);
        }
    }
}
