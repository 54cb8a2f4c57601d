//! `known-bad.txt`: known misreadings, one a line, for those who want to write
//! no TOML. `误读 正确` is a replacement, a word alone is something to look at.

use std::ops::Range;
use std::sync::Arc;

use super::listed::{Listed, Misreadings, SORTS};
use super::literal::{LiteralEntry, Literals};
use super::look_alikes::lines_of;
use super::pack::Pack;
use super::program::Matcher;
use super::read::Problems;
use super::rule::{Head, Rule, Status, digest_of};
use super::sides::RawSides;
use crate::finding::{Class, Message, Phase, Safety};

/// The name of the file in a pack.
pub(super) const NAME: &str = "known-bad.txt";

/// The rules of one list: `pack/known-misreading` and `pack/known-suspect`.
pub(super) fn read(pack: &Pack, problems: &mut Problems<'_>) -> Vec<Rule> {
    let (file, means) = (problems.file(), problems.means());
    if u32::try_from(file.text.len()).is_err() {
        super::pack::list_too_large(file, problems);
        return Vec::new();
    }
    let before = problems.len();
    if memchr::memchr_iter(b'\n', file.text.as_bytes()).count() >= means.large {
        let list = Misreadings::new(&file.text, means, || places(problems));
        if let Some(list) = list.map(Arc::new) {
            let of_sort = |sort: usize| {
                let matcher = Listed::new(&list, sort)?;
                Some(rule(pack, &file.path, sort, list.digest(sort), Box::new(matcher)))
            };
            return SORTS.into_iter().filter_map(of_sort).collect();
        }
    }
    if problems.len() > before {
        return Vec::new();
    }
    let mut sorts: [Vec<LiteralEntry>; 2] = Default::default();
    each_line(problems, |from, to, span, problems| {
        sorts[usize::from(to.is_none())].extend(LiteralEntry::check(from, to, &RawSides::default(), span, problems));
    });
    let of_sort = |(sort, entries): (usize, Vec<LiteralEntry>)| {
        let digest = digest_of(entries.iter().flat_map(|entry| [Some(entry.from.as_str()), entry.to.as_deref()]));
        (!entries.is_empty()).then(|| rule(pack, &file.path, sort, digest, Box::new(Literals { entries })))
    };
    SORTS.into_iter().zip(sorts).filter_map(of_sort).collect()
}

/// Where the misreadings of a large list stand, those that are replaced and
/// those that are shown; `None` when a line is wrong (told).
#[allow(clippy::cast_possible_truncation)]
fn places(problems: &mut Problems<'_>) -> Option<[Vec<(u32, u32)>; 2]> {
    let before = problems.len();
    let mut sorts: [Vec<(u32, u32)>; 2] = Default::default();
    each_line(problems, |from, to, span, problems| {
        if LiteralEntry::check_forms(from, to, &span, problems).is_some() {
            sorts[usize::from(to.is_none())].push((span.start as u32, (span.start + from.len()) as u32));
        }
    });
    (problems.len() == before).then_some(sorts)
}

/// Calls `entry` with the misreading, the printed form and the place of every
/// line that has them; others are told.
fn each_line<'f>(problems: &mut Problems<'f>, mut entry: impl FnMut(&str, Option<&str>, Range<usize>, &mut Problems<'f>)) {
    let before = problems.len();
    for (start, line) in lines_of(&problems.file().text) {
        let span = start..start + line.len();
        let mut words = line.split_whitespace();
        let (from, to, more) = (words.next().unwrap_or_default(), words.next(), words.next());
        if problems.is_enough(before) {
            return;
        }
        if more.is_some() {
            let message = Message::new(
                format!("一行应是「误读 正确」两个词，这里多于两个：{line}"),
                format!("a line is a misreading and what was printed, and here are more than two words: {line}"),
            );
            let advice = Message::new("词里有空格的，写进规则文件", "a word with a space goes into a rule file");
            problems.bad_value(span, message, advice);
        } else if from.chars().count() == 1 && to.is_some() {
            let message = Message::new(format!("单个字「{from}」会处处改掉"), format!("「{from}」 alone would be changed everywhere"));
            problems.bad_value(span, message, Message::new("写出它所在的词", "write the word it stands in"));
        } else {
            entry(from, to, span, problems);
        }
    }
}

/// The rule of one sort of entries.
fn rule(pack: &Pack, path: &str, sort: usize, digest: String, matcher: Box<dyn Matcher>) -> Rule {
    let is_replaced = sort == SORTS[0];
    let (defect, kind, safety) =
        if is_replaced { ("known-misreading", "replace", pack.known_bad.0) } else { ("known-suspect", "flag", Safety::Flagged) };
    let message = if is_replaced {
        Message::new("「{observed}」应为「{fixed}」", "「{observed}」: 「{fixed}」 was printed")
    } else {
        Message::new("「{observed}」多半是误读，请对照原版面", "「{observed}」 is mostly a misreading; compare the page")
    };
    let head = Head {
        id: format!("{}/{defect}", pack.name),
        kind,
        class: Class::LookAlike,
        phase: Phase::Words,
        message,
        why: Message::new("列在规则包的 known-bad.txt 里", "it stands in the pack's known-bad.txt"),
        source: NAME.to_owned(),
        safety,
        confidence: pack.known_bad.1,
        status: Status::Active,
        elsewhere: 0,
        on_page: Vec::new(),
        body: digest,
        path: path.to_owned(),
        line: 1,
    };
    Rule { head, examples: Vec::new(), exceptions: Vec::new(), measured: None, matcher }
}
