use super::scan;
use super::{Context, Detector, DetectorMeta};
use crate::finding::{Class, ConfidenceOrigin, Edit, Evidence, Finding, Fix, Message, Phase, Safety};
use crate::lexicon::{Frequency, Lexicon, MAX_WORD_CHARS};
use crate::text::{Span, is_han};

/// Finds characters and phrases that stand twice in a row by mistake.
#[derive(Clone, Copy, Debug)]
pub struct DoubledCharacter;

static META: DetectorMeta = DetectorMeta {
    id: "character/doubled",
    class: Class::LostDoubledSpurious,
    phase: Phase::Characters,
    summary: ["衍字：同一字或短语连出两次（举办办）", "a character or phrase twice in a row (举办办)"],
    why: ["接栏、换行和识别框重叠处，OCR 会把一个字读两遍", "at joins, line ends and overlapping boxes OCR reads a character twice"],
    silent: [
        "叠词（天天、看看、高高兴兴、绿油油、散散步）、叠字人名（李娜娜、张园园）、词尾与词头相同（中国国家、为了了解、学习习近平）、亲属称谓、象声词、数字",
        "Reduplication (天天, 看看, 高高兴兴, 绿油油, 散散步), names (李娜娜), a word ending as the next begins (中国国家, 为了了解), kinship terms, sounds, numbers",
    ],
    trust: [
        "虚词重出（在在、的的）而前后都不成词的，建议删一个；实词重出、前一字已成词而后一字不成词的，只标出；三字以上的短语连出两次，只标出",
        "A function word twice (在在) that makes no word on either side: removing one is suggested; after a finished word (举办办), and a phrase of three or more characters twice: flagged",
    ],
    sources: &["the word list of the dictionary of jieba (MIT)", "朱德熙《语法讲义》, on reduplication"],
    bad: &[
        ("会议在在北京召开", "会议在北京召开"),
        ("市里举办办培训班", "市里举办办培训班"),
        ("他们参加加座谈会", "他们参加加座谈会"),
        ("推进乡村振兴推进乡村振兴工作", "推进乡村振兴推进乡村振兴工作"),
    ],
    good: &[
        "天天向上，多多益善，谢谢妈妈",
        "大家高高兴兴看看绿油油的田野",
        "中国国家主席为了了解情况",
        "目的的实现",
        "李娜娜和张园园",
        "一一二二三三",
        "哈哈哈，呜呜呜",
        "他实在在行",
        "研究研究再说",
    ],
};

/// Function words that are never doubled by themselves.
const FUNCTION_WORDS: [char; 27] = [
    '的', '在', '和', '与', '及', '把', '被', '从', '向', '于', '以', '为', '而', '且', '或', '但', '是', '将', '这', '那', '并', '由',
    '也', '就', '都', '了', '对',
];

/// Characters on either side of a doubled one that words are looked for in.
const REACH_CHARS: usize = MAX_WORD_CHARS;

/// Shortest and longest phrase whose immediate repetition is reported.
const PHRASE_CHARS: std::ops::RangeInclusive<usize> = 4..=16;

/// How common the word before must be to count as finished: 3 per million
/// words. Rarer entries are mostly names.
const MIN_WORD_PER_MILLION: f64 = 3.0;

/// How common a word must be to explain a doubled character; below stand names
/// and accidents such as 加加 and 加座.
const MIN_EXPLAINING_PER_MILLION: f64 = 0.3;

impl Detector for DoubledCharacter {
    fn meta(&self) -> &'static DetectorMeta {
        &META
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        let text = context.text;
        let bytes = text.as_bytes();
        let lexicon = &context.resources.lexicon;
        let mut phrase_end = 0;
        for (at, c) in text.char_indices().filter(|(_, c)| matches!(c, '\u{4e00}'..='\u{9fff}')) {
            let second = at + 3;
            if bytes.get(second..second + 3) == Some(&bytes[at..second]) {
                sink.extend(character(text, at, c, lexicon));
            }
            if at >= phrase_end
                && let Some(found) = phrase(text, at)
            {
                phrase_end = found.span.end;
                sink.push(found);
            }
        }
    }
}

/// Judges the character `c` that stands at `at` and again right after.
fn character(text: &str, at: usize, c: char, lexicon: &Lexicon) -> Option<Finding> {
    let (second, end) = (at + 3, at + 6);
    let same = |other: Option<char>| other == Some(c);
    // Three in a row are a sound or a stutter.
    if same(scan::before(text, at)) || same(scan::after(text, end)) || scan::before(text, at) == Some('一') {
        return None;
    }
    if lexicon.frequency(&text[at..end]).is_some_and(is_in_use) {
        return None;
    }
    if words_around(text, at, lexicon)
        || lexicon.words_starting_at(text, second).any(|(n_bytes, frequency)| n_bytes > 3 && is_in_use(frequency))
    {
        return None;
    }
    let finished = lexicon
        .words_ending_at(text, second)
        .filter(|(n_bytes, _)| *n_bytes > 3)
        .map(|(n_bytes, frequency)| (&text[second - n_bytes..second], frequency.per_million()))
        .max_by(|a, b| a.1.total_cmp(&b.1));
    let span = Span::new(second, end);
    match finished {
        None if FUNCTION_WORDS.contains(&c) && is_inside_a_clause(text, at, end) => Some(
            doubled(text, span, c)
                .with_fix(Fix::one(Message::new("删去重出的字", "Remove the second one"), Edit::deletion(span)))
                .with_trust(Safety::Suggested, 0.8, ConfidenceOrigin::Author),
        ),
        // 室务会, 箭体, 工步: the second one may start a word that no list
        // has; a known word right after it speaks against that.
        Some((word, per_million))
            if per_million >= MIN_WORD_PER_MILLION && !stands_alone(c, lexicon) && starts_word(text, end, lexicon) =>
        {
            Some(
                doubled(text, span, c)
                    .with_evidence(Evidence::weighed(
                        "lexicon",
                        per_million,
                        format!("「{word}」已成词，后一个「{c}」不成词（每百万词次数）"),
                        format!("「{word}」 is a word and the second 「{c}」 starts none (occurrences per million words)"),
                    ))
                    .with_trust(Safety::Flagged, 0.6, ConfidenceOrigin::Author),
            )
        }
        _ => None,
    }
}

/// True when a word of the list reaches over both characters: 天天 in
/// 好好学习天天向上, 滚滚 in 滚滚而来.
fn words_around(text: &str, at: usize, lexicon: &Lexicon) -> bool {
    let mut start = at;
    for c in text[..at].chars().rev().take(REACH_CHARS - 2).take_while(|&c| is_han(c)) {
        start -= c.len_utf8();
        if lexicon.words_starting_at(text, start).any(|(n_bytes, _)| start + n_bytes >= at + 6) {
            return true;
        }
    }
    lexicon.words_starting_at(text, at).any(|(n_bytes, _)| n_bytes > 6)
}

/// Han on both sides, so that neither a stutter nor a heading letter by letter
/// is meant.
fn is_inside_a_clause(text: &str, at: usize, end: usize) -> bool {
    scan::before(text, at).is_some_and(is_han) && scan::after(text, end).is_some_and(is_han)
}

fn is_in_use(frequency: Frequency) -> bool {
    frequency.per_million() >= MIN_EXPLAINING_PER_MILLION
}

fn starts_word(text: &str, at: usize, lexicon: &Lexicon) -> bool {
    lexicon.words_starting_at(text, at).any(|(n_bytes, frequency)| n_bytes >= 6 && frequency.per_million() >= MIN_WORD_PER_MILLION)
}

/// True for characters that are common words by themselves, which may follow a
/// word that ends alike: 主任任组长, 中将将出席.
fn stands_alone(c: char, lexicon: &Lexicon) -> bool {
    /// Per million words; 办 and 加 lie below, 任 and 将 above.
    const COMMON: f64 = 200.0;
    let mut buffer = [0; 4];
    lexicon.frequency(c.encode_utf8(&mut buffer)).is_none_or(|frequency| frequency.per_million() >= COMMON)
}

fn doubled(text: &str, span: Span, c: char) -> Finding {
    let message = Message::new(
        format!("「{c}」连出两次而不成叠词，疑多出一个；对照原版"),
        format!("「{c}」 stands twice without being reduplication, one may be spurious; compare with the page"),
    );
    Finding::new(META.id, META.class, META.phase, text, span, message)
}

/// The phrase at `at` when it stands there exactly twice.
fn phrase(text: &str, at: usize) -> Option<Finding> {
    let bytes = &text.as_bytes()[at..];
    let head = &bytes[..3];
    let n_chars = PHRASE_CHARS.rev().find(|n_chars| {
        let length = 3 * n_chars;
        bytes.get(length..length + 3) == Some(head) && bytes.get(length..2 * length) == Some(&bytes[..length])
    })?;
    let length = 3 * n_chars;
    let unit = text.get(at..at + length)?;
    // Longer series are another matter; so are 一下一下一下一下.
    let is_series = bytes.get(2 * length..2 * length + 3) == Some(head) || scan::before(text, at).is_some_and(|c| unit.ends_with(c));
    let n_distinct = unit.char_indices().filter(|&(idx, c)| !unit[..idx].contains(c)).count();
    if is_series || n_distinct < 4 || !unit.chars().all(is_han) {
        return None;
    }
    let span = Span::new(at + length, at + 2 * length);
    let message = Message::new(
        format!("「{unit}」连出两次，疑读了两遍；对照原版"),
        format!("「{unit}」 stands twice in a row and may have been read twice; compare with the page"),
    );
    Some(
        Finding::new(META.id, META.class, META.phase, text, span, message)
            .with_related(Span::new(at, at + length), "other-copy")
            .with_trust(Safety::Flagged, 0.7, ConfidenceOrigin::Author),
    )
}

#[cfg(test)]
mod tests {
    use super::super::testing::{keeps_its_examples, only_flags, silent};
    use super::*;

    #[test]
    fn examples() {
        keeps_its_examples(DoubledCharacter);
    }

    #[test]
    fn what_is_not_damage() {
        for text in [
            "委员会会议在北京市市长主持下召开",
            "副主任任组长",
            "人人动手，家家户户，点点滴滴",
            "加油加油，中国加油",
            "“这这这……”他说不出话",
            "两两相对，三三两两",
            "走走停停，说说笑笑",
            "一艘艘画舫，一根根水管",
            "研究室室务委员，火箭箭体结构",
            "公司司机在大家家里",
        ] {
            silent(DoubledCharacter, text);
        }
    }

    #[test]
    fn one_copy_of_a_phrase_is_pointed_at() {
        only_flags(DoubledCharacter, "建设社会主义现代化国家社会主义现代化国家的目标");
    }
}
