use super::scan::{self, LeadBytes};
use super::{Context, Detector, DetectorMeta};
use crate::finding::{Class, ConfidenceOrigin, Edit, Evidence, Finding, Fix, Message, Phase, Safety};
use crate::lexicon::Lexicon;
use crate::text::is_han;

/// Finds marks between Han characters that nobody prints there.
#[derive(Clone, Copy, Debug)]
pub struct StrayMark;

static META: DetectorMeta = DetectorMeta {
    id: "character/stray-mark",
    class: Class::LostDoubledSpurious,
    phase: Phase::Characters,
    summary: ["汉字间的杂符（| ~ ^ *）", "a stray mark between Han characters (| ~ ^ *)"],
    why: [
        "墨点、栏线、折痕和断笔被认成符号；有时它压着一个字或一个标点",
        "specks, column rules, creases and broken strokes are read as signs; sometimes one covers a character or a mark",
    ],
    silent: [
        "间隔号（人名、书名）、连接号（中国-东盟）、斜线（和/或）、话题 #、数学式、网址；符号不在两个汉字之间",
        "The dot of names and titles, the hyphen (中国-东盟), the slash (和/或), hash tags, formulas, addresses; any mark not between two Han characters",
    ],
    trust: [
        "去掉它左右正好合成一个词（形-态），而且中间不可能是丢了的字的，建议删去；其余只标出：对照页上半数压着一个字或标点",
        "Removal is suggested where the two sides then make one word (形-态) and no lost character would make another; otherwise flagged: half of them cover a character or a mark on the aligned pages",
    ],
    sources: &["the word list of the dictionary of jieba (MIT)", "60 OCR pages aligned with their printed text"],
    bad: &[
        ("节目形-态创新", "节目形态创新"),
        ("全市工|作会议", "全市工作会议"),
        ("生活的~海洋", "生活的~海洋"),
        ("主动权*在我", "主动权*在我"),
    ],
    good: &["约翰·史密斯", "中国-东盟合作", "和/或", "a*b", "北京—上海", "第1|2页", "《红楼梦·序》", "记者/张三"],
};

static LEADS: LeadBytes =
    LeadBytes::of(&[(b'#', b'\''), (b'*', b'*'), (b'-', b'-'), (b'<', b'>'), (b'\\', b'\\'), (b'^', b'`'), (b'{', b'~'), (0xc2, 0xc2)]);

/// Marks with a place between Han characters: they are stray only where they
/// cut a word.
const AT_HOME: [char; 4] = ['-', '&', '#', '\''];

/// How common the word must be that a mark cuts: 5 per million words.
const MIN_WORD_PER_MILLION: f64 = 5.0;

/// Characters on either side that a word is looked for in.
const REACH_CHARS: usize = 6;

impl Detector for StrayMark {
    fn meta(&self) -> &'static DetectorMeta {
        &META
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        let text = context.text;
        for (at, c) in LEADS.chars(text).filter(|(_, c)| is_mark(*c)) {
            let span = scan::char_span(at, c);
            let between = scan::before(text, at).is_some_and(is_han) && scan::after(text, span.end).is_some_and(is_han);
            if between {
                sink.extend(judge(text, at, c, &context.resources.lexicon));
            }
        }
    }
}

fn is_mark(c: char) -> bool {
    matches!(
        c,
        '#' | '$' | '&' | '\'' | '*' | '-' | '<' | '=' | '>' | '\\' | '^' | '_' | '`' | '{' | '|' | '}' | '~' | '¦' | '¬' | '´' | '¨' | '¸'
    )
}

fn judge(text: &str, at: usize, c: char, lexicon: &Lexicon) -> Option<Finding> {
    let span = scan::char_span(at, c);
    let near = scan::window(text, span, REACH_CHARS);
    let (left, right) = (&text[near.start..at], &text[span.end..near.end]);
    let word = lexicon.straddling(left, right).filter(|word| word.frequency.per_million() >= MIN_WORD_PER_MILLION);
    // 莫斯科-普吉岛: two whole words that happen to meet.
    let left_whole = lexicon.words_ending_at(left, left.len()).any(|(n_bytes, _)| n_bytes > '一'.len_utf8());
    let right_whole = lexicon.words_starting_at(right, 0).any(|(n_bytes, _)| n_bytes > '一'.len_utf8());
    let word = word.filter(|_| !(left_whole && right_whole));
    // 进-步: the mark may be what was read for the 一 of 进一步.
    let covers = || !lexicon.complete_across(left, right).is_empty();
    match word {
        Some(word) if !covers() => {
            let whole: String =
                left.chars().skip(left.chars().count() - word.left_chars).chain(right.chars().take(word.right_chars)).collect();
            let message = Message::new(
                format!("「{c}」把「{whole}」一词隔开，应是墨点或栏线；删去"),
                format!("「{c}」 cuts the word 「{whole}」, a speck or a rule; remove it"),
            );
            Some(
                Finding::new(META.id, META.class, META.phase, text, span, message)
                    .with_fix(Fix::one(Message::new("删去", "Remove"), Edit::deletion(span)))
                    .with_evidence(Evidence::weighed(
                        "lexicon",
                        word.frequency.per_million(),
                        format!("「{whole}」是词（每百万词次数）"),
                        format!("「{whole}」 is a word (occurrences per million words)"),
                    ))
                    .with_trust(Safety::Suggested, 0.8, ConfidenceOrigin::Author),
            )
        }
        None if AT_HOME.contains(&c) => None,
        _ => {
            let message = Message::new(
                format!("汉字间的「{c}」不像印上的，可能压着一个字或标点；对照原版"),
                format!("「{c}」 between Han characters was hardly printed and may cover a character or a mark; compare with the page"),
            );
            Some(Finding::new(META.id, META.class, META.phase, text, span, message).with_trust(
                Safety::Flagged,
                0.7,
                ConfidenceOrigin::Author,
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{keeps_its_examples, only_flags, silent};
    use super::*;

    #[test]
    fn examples() {
        keeps_its_examples(StrayMark);
    }

    #[test]
    fn a_mark_that_may_cover_a_character_stays() {
        only_flags(StrayMark, "要进-步深化改革");
        only_flags(StrayMark, "要进_步深化改革");
    }

    #[test]
    fn marks_at_home_between_words() {
        silent(StrayMark, "卡尔·马克思、弗·恩格斯");
        silent(StrayMark, "京-沪高铁，中-俄-蒙，莫斯科-普吉岛航线");
        silent(StrayMark, "x=张y，_张_");
    }
}
