//! `known-bad.txt`: known misreadings, one a line, for those who want to write
//! no TOML. `误读 正确` is a replacement, a word alone is something to look at.

use super::error::RuleErrorKind;
use super::literal::{LiteralEntry, Literals};
use super::look_alikes::lines_of;
use super::pack::Pack;
use super::read::Problems;
use super::rule::{Head, Rule, Status};
use super::sides::RawSides;
use crate::finding::{Class, Message, Phase, Safety};

/// The name of the file in a pack.
pub(super) const NAME: &str = "known-bad.txt";

/// The rules of one list: `pack/known-misreading` and `pack/known-suspect`.
pub(super) fn read(pack: &Pack, problems: &mut Problems<'_>) -> Vec<Rule> {
    let (mut replacements, mut suspects) = (Vec::new(), Vec::new());
    let file = problems.file();
    for (start, line) in lines_of(&file.text) {
        let span = start..start + line.len();
        let mut words = line.split_whitespace();
        let (from, to, more) = (words.next().unwrap_or_default(), words.next(), words.next());
        if more.is_some() {
            let message = Message::new(
                format!("一行应是「误读 正确」两个词，这里多于两个：{line}"),
                format!("a line is a misreading and what was printed, and here are more than two words: {line}"),
            );
            problems.push(
                span,
                RuleErrorKind::BadValue {
                    message,
                    advice: Message::new("词里有空格的，写进规则文件", "a word with a space goes into a rule file"),
                },
            );
            continue;
        }
        if from.chars().count() == 1 && to.is_some() {
            let message = Message::new(format!("单个字「{from}」会处处改掉"), format!("「{from}」 alone would be changed everywhere"));
            let advice = Message::new("写出它所在的词", "write the word it stands in");
            problems.push(span, RuleErrorKind::BadValue { message, advice });
            continue;
        }
        let list = if to.is_some() { &mut replacements } else { &mut suspects };
        list.extend(LiteralEntry::check(from, to, &RawSides::default(), span, problems));
    }
    let path = &file.path;
    let mut rules = Vec::new();
    if !replacements.is_empty() {
        let message = Message::new("「{observed}」应为「{fixed}」", "「{observed}」: 「{fixed}」 was printed");
        rules.push(rule(pack, path, "known-misreading", "replace", pack.known_bad, message, replacements));
    }
    if !suspects.is_empty() {
        let message = Message::new("「{observed}」多半是误读，请对照原版面", "「{observed}」 is mostly a misreading; compare the page");
        rules.push(rule(pack, path, "known-suspect", "flag", (Safety::Flagged, pack.known_bad.1), message, suspects));
    }
    rules
}

fn rule(
    pack: &Pack,
    path: &str,
    defect: &str,
    kind: &'static str,
    (safety, confidence): (Safety, f64),
    message: Message,
    entries: Vec<LiteralEntry>,
) -> Rule {
    let head = Head {
        id: format!("{}/{defect}", pack.name),
        kind,
        class: Class::LookAlike,
        phase: Phase::Words,
        message,
        why: Message::new("列在规则包的 known-bad.txt 里", "it stands in the pack's known-bad.txt"),
        source: NAME.to_owned(),
        safety,
        confidence,
        status: Status::Active,
        elsewhere: 0,
        on_page: Vec::new(),
        body: super::rule::digest_of(entries.iter().flat_map(|entry| [Some(entry.from.as_str()), entry.to.as_deref()])),
        path: path.to_owned(),
        line: 1,
    };
    Rule { head, examples: Vec::new(), exceptions: Vec::new(), measured: None, matcher: Box::new(Literals { entries }) }
}
