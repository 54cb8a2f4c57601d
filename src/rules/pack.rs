//! `pack.toml`: who a pack is, what it needs, what it overrides, where it
//! holds.

use std::collections::BTreeSet;
use std::ops::Range;

use toml::Spanned;

use super::error::{RuleError, RuleErrorKind};
use super::raw::{RawKnownBad, RawPack};
use super::read::{Problems, Table};
use super::rule::Rule;
use super::{PackSource, SourceFile};
use crate::finding::{Message, Safety};
use crate::text::LineIndex;

/// How sure a list of known misreadings is taken to be that says nothing of
/// it.
const KNOWN_BAD_CONFIDENCE: f64 = 0.9;

/// A checked pack.
#[derive(Clone, Debug, PartialEq)]
pub struct Pack {
    /// Its name, the first part of its rules' ids.
    pub name: String,
    /// Its version, as its author writes it.
    pub version: String,
    /// What it is for.
    pub message: Message,
    /// Its `pack.toml`.
    pub path: String,
    /// Packs it needs.
    pub requires: Vec<Requirement>,
    /// Rules of other packs that do not run while it is loaded.
    pub overrides: Vec<Override>,
    /// Patterns of the files it is for, as in `.gitignore`; empty: all.
    pub paths: Vec<String>,
    /// Words nobody may change, beside those of `protect.txt`.
    pub protect: Vec<String>,
    /// Tier and confidence of its list of known misreadings.
    pub known_bad: (Safety, f64),
}

/// A pack that another one needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// Its name.
    pub pack: String,
    /// The least version that will do; numbers between dots are compared as
    /// numbers.
    pub version: Option<String>,
    /// Where that is said in `pack.toml`, from 1.
    pub line: usize,
}

/// A rule of another pack that does not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// Its id.
    pub rule: String,
    /// Why.
    pub reason: String,
    /// Where that is said in `pack.toml`, from 1.
    pub line: usize,
}

pub(super) fn read(source: &PackSource, earlier: &[Pack], errors: &mut Vec<RuleError>) -> Option<Pack> {
    let Some(file) = source.files.iter().find(|file| file.name() == "pack.toml") else {
        let missing = SourceFile { path: source.origin.clone(), text: String::new() };
        errors.push(RuleError::new(&missing, 0..0, RuleErrorKind::NoPackFile));
        return None;
    };
    let mut problems = Problems::new(file);
    let pack = check_pack(&mut problems);
    if let Some((pack, span)) = pack.as_ref().filter(|(pack, _)| earlier.iter().any(|other| other.name == pack.name)) {
        let first = earlier.iter().find(|other| other.name == pack.name).map_or(String::new(), |other| other.path.clone());
        problems.push(span.clone(), RuleErrorKind::DuplicateId { id: pack.name.clone(), first });
    }
    errors.extend(problems.into_errors());
    pack.map(|(pack, _)| pack)
}

fn check_pack(problems: &mut Problems<'_>) -> Option<(Pack, Range<usize>)> {
    let file = problems.file();
    let table = Table::parse(problems)?;
    let place = Message::new("pack.toml ", "pack.toml");
    if !table.check_keys::<RawPack>(&[], &place, problems) {
        return None;
    }
    let raw: RawPack = table.read(&place, problems)?;
    let name = required(raw.name, "name", 0..0, problems);
    let version = required(raw.version, "version", 0..0, problems);
    let message = required(raw.message, "message", 0..0, problems);
    let (name, version, message) = (name?, version?, message?);
    if !is_slug(name.get_ref()) {
        problems.bad_value(
            name.span(),
            Message::new(
                format!("包名「{}」不是小写字母、数字和连字符", name.get_ref()),
                format!("the pack name `{}` is not lower-case letters, digits and hyphens", name.get_ref()),
            ),
            Message::new("例如 my-paper", "for example my-paper"),
        );
        return None;
    }
    let span = name.span();
    let message = message.into_inner();
    let line = |span: Range<usize>| LineIndex::new(&file.text).position(span.start).line;
    let requires = raw.requires.into_iter().flatten().map(|one| Requirement {
        line: line(one.span()),
        pack: one.get_ref().pack.clone(),
        version: one.get_ref().version.clone(),
    });
    let mut overrides = Vec::new();
    for one in raw.overrides.into_iter().flatten() {
        if one.get_ref().reason.trim().is_empty() {
            problems.bad_value(
                one.span(),
                Message::new("停用别的规则而没有写理由", "a rule is overridden without a reason"),
                Message::new("在 reason 里写为什么", "write why into reason"),
            );
        }
        overrides.push(Override { line: line(one.span()), rule: one.get_ref().rule.clone(), reason: one.get_ref().reason.clone() });
    }
    let known_bad = match &raw.known_bad {
        Some(known_bad) => trust_of(known_bad.get_ref(), problems)?,
        None => (Safety::Suggested, KNOWN_BAD_CONFIDENCE),
    };
    let strings =
        |list: Option<Vec<Spanned<String>>>| list.into_iter().flatten().map(Spanned::into_inner).filter(|one| !one.is_empty()).collect();
    Some((
        Pack {
            name: name.into_inner(),
            version: version.into_inner(),
            message: Message::new(message.zh, message.en),
            path: file.path.clone(),
            requires: requires.collect(),
            overrides,
            paths: strings(raw.paths),
            protect: strings(raw.protect),
            known_bad,
        },
        span,
    ))
}

fn trust_of(raw: &RawKnownBad, problems: &mut Problems<'_>) -> Option<(Safety, f64)> {
    let tiers = [("automatic", Safety::Automatic), ("suggested", Safety::Suggested), ("flagged", Safety::Flagged)];
    let tier = tiers.iter().find(|(name, _)| name == raw.safety.get_ref()).map(|&(_, tier)| tier);
    if tier.is_none() {
        let valid = tiers.iter().map(|&(name, _)| name.to_owned()).collect();
        problems.push(raw.safety.span(), RuleErrorKind::UnknownValue { value: raw.safety.get_ref().clone(), key: "safety", valid });
    }
    let confidence = *raw.confidence.get_ref();
    if !(0.0..=1.0).contains(&confidence) {
        problems.bad_value(
            raw.confidence.span(),
            Message::new(format!("confidence 是 {confidence}，应在 0 到 1 之间"), format!("confidence is {confidence}, expected 0 to 1")),
            Message::new("写改对的概率，例如 0.98", "write the probability of being right, for example 0.98"),
        );
        return None;
    }
    Some((tier?, confidence))
}

pub(super) fn required<T>(value: Option<T>, key: &'static str, span: Range<usize>, problems: &mut Problems<'_>) -> Option<T> {
    if value.is_none() {
        problems.push(span, RuleErrorKind::MissingKey { key });
    }
    value
}

pub(super) fn is_slug(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('-')
        && !name.ends_with('-')
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Tells of a file that is no rule file.
pub(super) fn too_large(limit: usize, problems: &mut Problems<'_>) {
    let n_bytes = problems.file().text.len();
    problems.bad_value(
        0..0,
        Message::new(
            format!("文件有 {n_bytes} 字节，规则文件不超过 {limit} 字节"),
            format!("the file has {n_bytes} bytes; a rule file has at most {limit}"),
        ),
        Message::new("拆成几个文件；只有词的，写进 known-bad.txt", "split it into several files; plain words go into known-bad.txt"),
    );
}

/// Tells of a list whose bytes cannot be counted in 32 bits.
pub(super) fn list_too_large(file: &SourceFile, problems: &mut Problems<'_>) {
    let n_bytes = file.text.len();
    problems.bad_line(
        file,
        0..0,
        Message::new(format!("词表有 {n_bytes} 字节，超过 4 GiB"), format!("the list has {n_bytes} bytes, more than 4 GiB")),
        Message::new("拆成几个词表", "make several lists of it"),
    );
}

/// The place of line `line` of a pack's `pack.toml`.
fn at_line<'s>(pack: &Pack, line: usize, sources: &'s [PackSource]) -> Option<(&'s SourceFile, Range<usize>)> {
    let file = sources.iter().flat_map(|source| &source.files).find(|file| file.path == pack.path)?;
    let start: usize = file.text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    Some((file, start..start + file.text[start..].lines().next().map_or(0, str::len)))
}

/// Tells of packs that need one that is not there, is too old, or needs them
/// in turn.
pub(super) fn check_requirements(packs: &[Pack], sources: &[PackSource], errors: &mut Vec<RuleError>) {
    for pack in packs {
        for need in &pack.requires {
            let Some((file, span)) = at_line(pack, need.line, sources) else { continue };
            let kind = match packs.iter().find(|other| other.name == need.pack) {
                None => {
                    let valid = packs.iter().map(|other| other.name.clone()).filter(|name| *name != pack.name).collect();
                    RuleErrorKind::UnknownValue { value: need.pack.clone(), key: "requires", valid }
                }
                Some(other) if need.version.as_deref().is_some_and(|least| older(&other.version, least)) => {
                    let (name, found, least) = (&other.name, &other.version, need.version.as_deref().unwrap_or_default());
                    RuleErrorKind::BadValue {
                        message: Message::new(
                            format!("要求「{name}」{least} 版以上，这里是 {found} 版（{}）", other.path),
                            format!("needs `{name}` {least} or later, and {found} is here ({})", other.path),
                        ),
                        advice: Message::new("换新的包，或改要求", "take a newer pack, or ask for less"),
                    }
                }
                Some(_) => match circle(&pack.name, packs) {
                    Some(steps) if steps.iter().min() == Some(&pack.name) => RuleErrorKind::BadValue {
                        message: Message::new(
                            format!("规则包互相依赖：{}", steps.join(" → ")),
                            format!("packs need each other: {}", steps.join(" → ")),
                        ),
                        advice: Message::new("删去其中一个 requires", "remove one of the requires"),
                    },
                    _ => continue,
                },
            };
            errors.push(RuleError::new(file, span, kind));
        }
    }
}

/// The way from a pack over what it needs back to itself.
fn circle(start: &str, packs: &[Pack]) -> Option<Vec<String>> {
    fn walk(at: &str, start: &str, packs: &[Pack], path: &mut Vec<String>) -> bool {
        let Some(pack) = packs.iter().find(|pack| pack.name == at) else { return false };
        for need in &pack.requires {
            if need.pack == start {
                path.push(start.to_owned());
                return true;
            }
            if !path.contains(&need.pack) {
                path.push(need.pack.clone());
                if walk(&need.pack, start, packs, path) {
                    return true;
                }
                path.pop();
            }
        }
        false
    }
    let mut path = vec![start.to_owned()];
    walk(start, start, packs, &mut path).then_some(path)
}

/// True when version `found` is before `least`.
fn older(found: &str, least: &str) -> bool {
    let numbers = |version: &str| version.split('.').map(|part| part.trim().parse::<u64>().unwrap_or(0)).collect::<Vec<_>>();
    let (mut found, mut least) = (numbers(found), numbers(least));
    let length = found.len().max(least.len());
    found.resize(length, 0);
    least.resize(length, 0);
    found < least
}

/// The rules that some pack overrides; one that is not there is told.
pub(super) fn overridden(packs: &[Pack], rules: &[Rule], sources: &[PackSource], errors: &mut Vec<RuleError>) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for pack in packs {
        for one in &pack.overrides {
            if rules.iter().any(|rule| rule.head.id == one.rule) {
                ids.insert(one.rule.clone());
            } else if let Some((file, span)) = at_line(pack, one.line, sources) {
                let valid: Vec<String> = rules.iter().map(|rule| rule.head.id.clone()).collect();
                let nearest: Vec<String> = super::error::nearest(&one.rule, &valid).map(str::to_owned).into_iter().collect();
                errors.push(RuleError::new(
                    file,
                    span,
                    RuleErrorKind::UnknownValue { value: one.rule.clone(), key: "overrides", valid: nearest },
                ));
            }
        }
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(older("1.9", "1.10") && older("1", "1.0.1") && !older("2", "1.9") && !older("1.0", "1"));
    }
}
