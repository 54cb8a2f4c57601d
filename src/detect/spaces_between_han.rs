use memchr::memchr_iter;

use super::scan;
use super::{Context, Detector, DetectorMeta};
use crate::document::Kind;
use crate::finding::{Class, ConfidenceOrigin, Edit, Evidence, Finding, Fix, Message, Phase, Safety};
use crate::lexicon::Lexicon;
use crate::text::{CharClass, Span, char_class, is_han};

/// Finds spaces inside Chinese running text.
#[derive(Clone, Copy, Debug)]
pub struct SpacesBetweenHan;

static META: DetectorMeta = DetectorMeta {
    id: "character/spaces-between-han",
    class: Class::LostDoubledSpurious,
    phase: Phase::Characters,
    summary: ["正文的汉字之间有空格", "spaces between the Han characters of running text"],
    why: [
        "中文正文不用空格；Tesseract 会在每个字之间放一个，断行处也会留下一个，词就检索不到了",
        "Chinese running text has no spaces; Tesseract may put one between any two characters, and line ends leave one, so that words are not found",
    ],
    silent: [
        "署名、人名表、标题、图说、表格、诗行里的空格；按词分开的文字；汉字与拉丁字母、数字之间的空格",
        "Spaces of bylines, lists of names, headings, captions, tables and verse; text spaced word by word; spaces beside Latin letters and digits",
    ],
    trust: [
        "一行里四分之一以上的字间有空格、其中三成以上切开了词的，整行自动去掉；长行里单个切开了词的空格，建议去掉",
        "When over a quarter of a line's characters are set apart and three tenths of the spaces cut a word, all go automatically; a single one that cuts a word in a long line of running text: suggested",
    ],
    sources: &["the word list of the dictionary of jieba (MIT)", "GB/T 15834-2011 标点符号用法, 5.1"],
    bad: &[
        ("今 天 上 午 全 市 经 济 工 作 会 议 在 市 会 议 中 心 召 开 。", "今天上午全市经济工作会议在市会议中心召开。"),
        (
            "今天上午全市经济工 作会议在市会议中心召开，市长作了报告，部署明年任务。",
            "今天上午全市经济工作会议在市会议中心召开，市长作了报告，部署明年任务。",
        ),
    ],
    good: &[
        "本报记者 张三 李四",
        "通　知",
        "声 明",
        "张三 李四 王五 赵六 孙七 周八，以上各位",
        "第一章 总则",
        "他用 Python 写了 3 个程序",
        "大江东去 浪淘尽 千古风流人物",
    ],
};

/// Han characters of a line that count as running text rather than a heading.
const MIN_RUNNING_HAN: usize = 20;

/// How common a cut word must be: 5 per million words.
const MIN_WORD_PER_MILLION: f64 = 5.0;

/// Characters on either side of a space that words are looked for in.
const REACH_CHARS: usize = 8;

impl Detector for SpacesBetweenHan {
    fn meta(&self) -> &'static DetectorMeta {
        &META
    }

    fn detect(&self, context: &Context<'_>, sink: &mut Vec<Finding>) {
        let text = context.text;
        let mut done = 0;
        for at in memchr_iter(b' ', text.as_bytes()) {
            if at < done || !is_inner_space(text, at) {
                continue;
            }
            let Some(line) = context.layout.line_at(at).map(|idx| &context.layout.lines[idx]) else { continue };
            done = line.span.end;
            if line.span.end > at && !matches!(line.kind, Kind::TableRow | Kind::Verse) {
                judge_line(text, line.span, line.kind, &context.resources.lexicon, sink);
            }
        }
    }
}

/// One space with Han or Chinese marks on both sides.
fn is_inner_space(text: &str, at: usize) -> bool {
    scan::before(text, at).is_some_and(scan::is_chinese) && scan::after(text, at + 1).is_some_and(scan::is_chinese)
}

fn judge_line(text: &str, line: Span, kind: Kind, lexicon: &Lexicon, sink: &mut Vec<Finding>) {
    let n_han = line.of(text).chars().filter(|&c| is_han(c)).count();
    let spaces: Vec<usize> =
        memchr_iter(b' ', line.of(text).as_bytes()).map(|at| line.start + at).filter(|&at| is_inner_space(text, at)).collect();
    // A window without the spaces, since every character may be set apart.
    let cuts = |at: usize| cut_word(text, line, at, lexicon);
    let n_between_han = spaces.iter().filter(|&&at| scan::before(text, at).is_some_and(is_han)).count();
    if spaces.len() >= 4 && n_between_han * 4 >= n_han && n_han >= MIN_RUNNING_HAN / 2 {
        let n_cut = spaces.iter().filter(|&&at| cuts(at).is_some()).count();
        if n_cut * 10 >= spaces.len() * 3 {
            sink.push(spaced_out(text, line, n_cut));
        }
        return;
    }
    if kind != Kind::Body || n_han < MIN_RUNNING_HAN {
        return;
    }
    for at in spaces {
        if let Some(word) = cuts(at) {
            sink.push(single(text, at, &word));
        }
    }
}

/// The word that the space at `at` cuts in two, unless the text on both sides
/// makes words of its own.
fn cut_word(text: &str, line: Span, at: usize, lexicon: &Lexicon) -> Option<String> {
    let left: Vec<char> = text[line.start..at].chars().rev().filter(|&c| c != ' ').take(REACH_CHARS).collect();
    let left: String = left.into_iter().rev().collect();
    let right: String = text[at + 1..line.end].chars().filter(|&c| c != ' ').take(REACH_CHARS).collect();
    let word = lexicon.straddling(&left, &right).filter(|word| word.frequency.per_million() >= MIN_WORD_PER_MILLION)?;
    let is_word = |n_bytes: usize| n_bytes > '一'.len_utf8();
    // 主持人 人民: two whole words that happen to meet.
    let is_whole = |n_bytes: usize, per_million: f64| is_word(n_bytes) && per_million >= MIN_WORD_PER_MILLION;
    let left_whole = lexicon.words_ending_at(&left, left.len()).any(|(n_bytes, frequency)| is_whole(n_bytes, frequency.per_million()));
    let right_whole = lexicon.words_starting_at(&right, 0).any(|(n_bytes, frequency)| is_whole(n_bytes, frequency.per_million()));
    if left_whole && right_whole {
        return None;
    }
    let n_skip = left.chars().count() - word.left_chars;
    Some(left.chars().skip(n_skip).chain(right.chars().take(word.right_chars)).collect())
}

fn spaced_out(text: &str, line: Span, n_cut: usize) -> Finding {
    let removable = |at: usize| {
        let beside = |c: Option<char>| c.is_some_and(|c| scan::is_chinese(c) || char_class(c) == CharClass::Digit);
        let (before, after) = (scan::before(text, at), scan::after(text, at + 1));
        beside(before) && beside(after) && (before.is_some_and(scan::is_chinese) || after.is_some_and(scan::is_chinese))
    };
    let edits: Vec<Edit> = memchr_iter(b' ', line.of(text).as_bytes())
        .map(|at| line.start + at)
        .filter(|&at| removable(at))
        .map(|at| Edit::deletion(Span::new(at, at + 1)))
        .collect();
    let n_spaces = edits.len();
    let message = Message::new(
        format!("这一行的字被 {n_spaces} 个空格隔开，切开了 {n_cut} 个词；去掉"),
        format!("{n_spaces} spaces set the characters of this line apart and cut {n_cut} words; remove them"),
    );
    Finding::new(META.id, META.class, META.phase, text, line, message)
        .with_fix(Fix::many(Message::new("去掉字间空格", "Remove the spaces"), edits))
        .with_evidence(Evidence::weighed("cut-words", n_cut as f64, "被空格切开的词", "words cut by a space"))
        .with_trust(Safety::Automatic, 0.98, ConfidenceOrigin::Author)
}

fn single(text: &str, at: usize, word: &str) -> Finding {
    let span = Span::new(at, at + 1);
    let message = Message::new(format!("空格切开了「{word}」一词；去掉"), format!("the space cuts the word 「{word}」; remove it"));
    Finding::new(META.id, META.class, META.phase, text, span, message)
        .with_fix(Fix::one(Message::new("去掉空格", "Remove the space"), Edit::deletion(span)))
        .with_evidence(Evidence::said("lexicon", format!("「{word}」是词"), format!("「{word}」 is a word")))
        .with_trust(Safety::Suggested, 0.85, ConfidenceOrigin::Author)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{automatic, keeps_its_examples, silent};
    use super::*;

    #[test]
    fn examples() {
        keeps_its_examples(SpacesBetweenHan);
    }

    #[test]
    fn a_line_set_apart_keeps_its_latin_words() {
        automatic(
            SpacesBetweenHan,
            "全 市 经 济 工 作 会 议 使 用 Open Source 软 件 ， 共 12 个 部 门 参 加 。",
            "全市经济工作会议使用 Open Source 软件，共12个部门参加。",
        );
    }

    #[test]
    fn words_that_meet_at_a_space_stay_apart() {
        silent(SpacesBetweenHan, "出席会议的有市委书记张三同志 主持人 人民日报社社长李四同志和其他各位领导同志");
        silent(SpacesBetweenHan, "中国 人民 热爱 和平 世界 人民 也 热爱 和平 大家 团结 起来 反对 战争 行为");
    }
}
