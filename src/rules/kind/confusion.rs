//! `confusion`: a character that was read as one that looks like it, in the
//! words and contexts where only one of the two can stand.

use serde::Deserialize;
use toml::Spanned;

use super::{About, Kind, place};
use crate::finding::Message;
use crate::rules::error::RuleErrorKind;
use crate::rules::literal::{LiteralEntry, Literals};
use crate::rules::program::Matcher;
use crate::rules::raw::fields_of;
use crate::rules::read::{Problems, Table};
use crate::rules::sides::RawSides;

pub(super) const KIND: Kind = Kind { name: "confusion", keys: fields_of::<RawConfusion>, check };

/// The body as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawConfusion {
    pair: Vec<Spanned<RawPair>>,
    /// Holds for every pair, beside the pair's own.
    #[serde(default)]
    context: RawSides,
}

/// One direction of one pair.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPair {
    /// What the reading has.
    read: Spanned<String>,
    /// What was printed.
    printed: Spanned<String>,
    /// Words as printed; each holds `printed` once.
    #[serde(default)]
    words: Vec<Spanned<String>>,
    #[serde(default)]
    context: RawSides,
}

fn check(body: Table<'_>, _about: &About<'_>, problems: &mut Problems<'_>) -> Option<Box<dyn Matcher>> {
    let before = problems.len();
    let raw: RawConfusion = body.read(&place("confusion"), problems)?;
    let mut entries = Vec::new();
    for pair in &raw.pair {
        check_pair(pair, &raw.context, &mut entries, problems);
    }
    (problems.len() == before && !entries.is_empty()).then(|| Box::new(Literals { entries }) as Box<dyn Matcher>)
}

fn check_pair(pair: &Spanned<RawPair>, shared: &RawSides, entries: &mut Vec<LiteralEntry>, problems: &mut Problems<'_>) {
    let span = pair.span();
    let pair = pair.get_ref();
    let context = pair.context.within(shared);
    let (read, printed) = (pair.read.get_ref().as_str(), pair.printed.get_ref().as_str());
    for side in [&pair.read, &pair.printed] {
        if side.get_ref().is_empty() {
            problems.push(side.span(), RuleErrorKind::MatchesEmpty { pattern: String::new() });
            return;
        }
    }
    if read == printed {
        problems.push(pair.printed.span(), RuleErrorKind::SameAsResult { pattern: read.to_owned() });
        return;
    }
    if pair.words.is_empty() {
        let Some(entry) = LiteralEntry::check(read, Some(printed), &context, pair.read.span(), problems) else { return };
        if !entry.sides.requires() {
            problems.bad_value(
                span,
                Message::new(
                    format!("没有 words，也没有 left/right：会改掉每一个「{read}」"),
                    format!("neither words nor a required context: it would change every 「{read}」"),
                ),
                Message::new("写出正确的词，或必须相邻的字", "list the printed words, or require a neighbor in context"),
            );
            return;
        }
        entries.push(entry);
    }
    for word in &pair.words {
        let mut places = word.get_ref().match_indices(printed);
        let (Some((at, _)), None) = (places.next(), places.next()) else {
            problems.bad_value(
                word.span(),
                Message::new(
                    format!("词「{}」里的「{printed}」应恰好出现一次", word.get_ref()),
                    format!("the word 「{}」 must hold 「{printed}」 exactly once", word.get_ref()),
                ),
                Message::new(
                    "words 里写正确的词；出现两次的写进 replace 规则",
                    "write the printed word; one that holds it twice goes into a replace rule",
                ),
            );
            continue;
        };
        let damaged = format!("{}{read}{}", &word.get_ref()[..at], &word.get_ref()[at + printed.len()..]);
        entries.extend(LiteralEntry::check(&damaged, Some(word.get_ref()), &context, word.span(), problems));
    }
}
