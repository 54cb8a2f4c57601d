use super::{Context, Detector, DetectorMeta, scan};
use crate::document::Kind;
use crate::finding::{Class, ConfidenceOrigin, Edit, Evidence, Finding, Fix, Message, Phase, Safety};
use crate::text::{Span, is_han, is_opening};

/// Finds a phrase or line that a reading model repeated over and over.
#[derive(Clone, Copy, Debug)]
pub struct RepetitionLoop;

static META: DetectorMeta = DetectorMeta {
    id: "text/repetition-loop",
    class: Class::Hallucination,
    phase: Phase::Structure,
    summary: ["同一短语或同一行一再重复，是识别模型陷入循环", "a phrase or line over and over: the reading model got into a loop"],
    why: [
        "视觉语言模型读到模糊处会陷入循环，把一句话重复几十遍，页上只印了一遍，后面的正文往往也没有读出来",
        "Vision-language models loop where a page is hard to read: what was printed once stands dozens of times, and what followed it was often never read",
    ],
    silent: [
        "副歌、诗行、表格、名单、口号、引号里的呼喊、笑声和象声词、点线；重复不到四遍的",
        "Refrains, verse, tables, lists, slogans, chants in quotation marks, laughter and sounds, dotted lines; fewer than four copies",
    ],
    trust: [
        "六字以上的短语连续八遍以上，建议只留一遍；其余只标出。从不自动删：循环之处应对照原版补读",
        "Six or more characters eight times or more: keeping one copy is suggested; otherwise flagged. Never automatic: the page should be read again there",
    ],
    sources: &["docs/damage.md: invented text"],
    bad: &[
        (
            "改造后的老街，改造后的老街，改造后的老街，改造后的老街，改造后的老街，改造后的老街，改造后的老街，改造后的老街，游人如织。",
            "改造后的老街，游人如织。",
        ),
        (
            "市民走进公园散步。\n市民走进公园散步。\n市民走进公园散步。\n市民走进公园散步。\n市民走进公园散步。\n市民走进公园散步。\n市民走进公园散步。\n市民走进公园散步。\n市民走进",
            "市民走进公园散步。\n",
        ),
        ("他走到河边，他走到河边，他走到河边，他走到河边，坐下来。", "他走到河边，他走到河边，他走到河边，他走到河边，坐下来。"),
    ],
    good: &[
        "看台上喊成一片：“加油！加油！加油！加油！加油！”",
        "哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈",
        "写名字，写名字，写名字。重要的事情说三遍。",
        "合格\n合格\n合格\n合格\n合格\n合格\n合格\n合格\n合格",
        "要闻……………………………………………………………………第2版",
        "00000000000000000000000000000000",
        "让我们荡起双桨\n让我们荡起双桨\n小船儿推开波浪",
    ],
};

/// Longest phrase that is looked for, in bytes: about 170 Han characters.
const MAX_PERIOD_BYTES: usize = 512;
/// Bytes that are compared to find an earlier copy.
const GRAM_BYTES: usize = 8;
/// Entries of the table of last places.
const TABLE_LEN: usize = 4096;
/// Copies and Han characters in one from which a repetition is no style.
const MIN_COPIES: usize = 4;
const MIN_HAN: usize = 5;
/// Below that many Han characters a phrase may be a chant or a sound.
const MIN_COPIES_SHORT: usize = 16;
/// From that many on nobody would print it.
const SURE_COPIES: usize = 8;
const SURE_HAN: usize = 6;
/// A chant in quotation marks goes on longer.
const MIN_COPIES_QUOTED: usize = 12;

impl Detector for RepetitionLoop {
    fn meta(&self) -> &'static DetectorMeta {
        &META
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        let bytes = context.text.as_bytes();
        // Where each gram was last seen, plus one. Two grams may share an
        // entry; the bytes are compared before anything is believed.
        let mut last = vec![0usize; TABLE_LEN];
        // The distance looked at last, and up to where it is known to hold.
        let mut known = (0, 0);
        let mut at = 0;
        while at + GRAM_BYTES <= bytes.len() {
            let gram = gram(bytes, at);
            let entry = &mut last[slot(gram)];
            let earlier = *entry;
            *entry = at + 1;
            let period = at + 1 - earlier;
            let is_near = earlier > 0 && period <= MAX_PERIOD_BYTES;
            if is_near && !(known.0 == period && at < known.1) && self::gram(bytes, earlier - 1) == gram {
                let run = Run::through(bytes, earlier - 1, at);
                known = (period, run.end);
                if let Some(finding) = judge(context, &run) {
                    sink.push(finding);
                    at = run.end;
                    while !context.text.is_char_boundary(at) {
                        at += 1;
                    }
                    continue;
                }
            }
            at += char_len(bytes[at]);
        }
    }
}

fn gram(bytes: &[u8], at: usize) -> u64 {
    bytes[at..at + GRAM_BYTES].try_into().map_or(0, u64::from_le_bytes)
}

fn slot(gram: u64) -> usize {
    (gram.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 52) as usize % TABLE_LEN
}

const fn char_len(lead: u8) -> usize {
    match lead {
        0..=0xbf => 1,
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        _ => 4,
    }
}

/// Bytes that repeat themselves at a distance.
struct Run {
    start: usize,
    end: usize,
    period: usize,
}

impl Run {
    /// The longest run in which `at` repeats `earlier`.
    fn through(bytes: &[u8], earlier: usize, at: usize) -> Self {
        let period = at - earlier;
        let ahead = bytes[at..].iter().zip(&bytes[earlier..]).take_while(|(a, b)| a == b).count();
        // One period back is enough: a run that began earlier was seen there.
        let behind = bytes[..earlier].iter().rev().zip(bytes[..at].iter().rev()).take(period).take_while(|(a, b)| a == b).count();
        Self { start: earlier - behind, end: at + ahead, period }
    }

    fn copies(&self) -> usize {
        (self.end - self.start) / self.period
    }
}

/// Judges a run of at least two copies.
fn judge(context: &Context<'_>, run: &Run) -> Option<Finding> {
    let text = context.text;
    let n_copies = run.copies();
    if n_copies < MIN_COPIES {
        return None;
    }
    let start = (run.start..).find(|&at| text.is_char_boundary(at))?;
    let first = Span::new(start, start + run.period);
    let unit = first.of(text);
    let n_han = unit.chars().filter(|&c| is_han(c)).count();
    let mut distinct: Vec<char> = unit.chars().filter(|&c| is_han(c)).collect();
    distinct.sort_unstable();
    distinct.dedup();
    let needed = if n_han >= MIN_HAN && distinct.len() >= 4 { MIN_COPIES } else { MIN_COPIES_SHORT };
    if distinct.len() < 2 || n_copies < needed || is_of_its_kind(context, first, run.end) {
        return None;
    }
    if is_quoted(text, start) && n_copies < MIN_COPIES_QUOTED {
        return None;
    }
    let end = (start..=run.end).rev().find(|&at| text.is_char_boundary(at))?;
    // A copy cut short by the end of the text belongs to the loop; elsewhere it
    // may be the beginning of what was printed.
    let tail = if text[end..].trim().is_empty() { end } else { start + n_copies * run.period };
    let shown: String = unit.trim().chars().take(30).collect();
    let message = Message::new(
        format!("「{shown}」连续出现{n_copies}遍，疑为识别模型陷入循环；请对照原版，补读此处"),
        format!(
            "“{shown}” stands {n_copies} times in a row; the reading model seems to have looped. Compare with the page and read it again here"
        ),
    );
    let finding = Finding::new(META.id, META.class, META.phase, text, Span::new(start, tail), message)
        .with_evidence(Evidence::weighed("copies", n_copies as f64, format!("{n_copies} 遍"), format!("{n_copies} copies")))
        .with_related(first, "first-copy");
    if n_copies < SURE_COPIES || n_han < SURE_HAN {
        return Some(finding.with_trust(Safety::Flagged, 0.8, ConfidenceOrigin::Author));
    }
    let title = Message::new("只留一遍", "Keep one copy");
    let fix = Fix::one(title, Edit::deletion(Span::new(first.end, tail)));
    Some(finding.with_fix(fix).with_trust(Safety::Suggested, 0.9, ConfidenceOrigin::Author))
}

/// True where repetition is the form: verse, tables, and lines so short that
/// they may be the cells of one.
fn is_of_its_kind(context: &Context<'_>, first: Span, end: usize) -> bool {
    /// Characters of the longest line taken for a cell or a name.
    const MAX_CELL_CHARS: usize = 8;
    let layout = context.layout;
    let Some(from) = layout.line_at(first.start) else { return true };
    let lines = layout.lines[from..].iter().take_while(|line| line.span.start < end);
    let is_lines = first.of(context.text).contains(['\n', '\r']);
    let mut n_cells = 0;
    let mut n_lines = 0;
    for line in lines.take(64) {
        if matches!(line.kind, Kind::Verse | Kind::TableRow | Kind::ListItem) {
            return true;
        }
        n_lines += 1;
        n_cells += usize::from(line.n_chars <= MAX_CELL_CHARS);
    }
    is_lines && 2 * n_cells > n_lines
}

/// True when a quotation mark opens before `at`, in the last few characters.
fn is_quoted(text: &str, at: usize) -> bool {
    let window = scan::window(text, Span::empty(at), 12);
    text[window.start..at].chars().any(is_opening) || scan::after(text, at).is_some_and(is_opening)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{automatic, keeps_its_examples, made, only_flags, silent};
    use super::*;

    #[test]
    fn examples() {
        keeps_its_examples(RepetitionLoop);
    }

    #[test]
    fn never_unattended() {
        let text = "游客走进新建成的展馆。".repeat(20);
        automatic(RepetitionLoop, &text, &text);
    }

    #[test]
    fn what_follows_the_loop_stays_whole() {
        let text = format!("据介绍，{}市民可以预约。", "市民可以免费入园，".repeat(9));
        let made = made(Box::new(RepetitionLoop), &text, Safety::Suggested);
        assert_eq!(made.text, "据介绍，市民可以免费入园，市民可以预约。");
    }

    #[test]
    fn two_sentences_in_turn_and_short_words_need_more() {
        only_flags(RepetitionLoop, &"他说好。我说不好，再等等看。".repeat(5));
        only_flags(RepetitionLoop, &"公园".repeat(16));
        silent(RepetitionLoop, &"公园".repeat(12));
    }

    #[test]
    fn silent_about_style() {
        for text in [
            "一排排，一排排，一排排，一排排",
            "咚咚锵，咚咚锵，咚咚锵，咚咚锵，咚咚锵",
            "他们高喊：“我们要读书，我们要读书，我们要读书，我们要读书！”",
            "风轻轻地吹过山冈啊，\n风轻轻地吹过山冈啊，\n风轻轻地吹过山冈啊，\n风轻轻地吹过山冈啊，",
            "李明  男  汉族\n李明  男  汉族\n李明  男  汉族\n李明  男  汉族",
            "==========================",
            "ha ha ha ha ha ha ha ha ha ha ha ha ha ha ha ha ha",
        ] {
            silent(RepetitionLoop, text);
        }
    }
}
