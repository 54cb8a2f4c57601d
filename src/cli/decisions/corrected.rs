//! Texts that somebody edited by hand, as decisions.

use std::path::Path;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::super::exit::Trouble;
use super::super::patches;
use super::super::review::load::{Room, report_of};
use super::super::review::texts::{self, Texts};
use super::super::settings::Settings;
use super::super::voice::Voice;
use crate::apply::Script;
use crate::authoring::corrections;
use crate::decision::{Decision, Verdict};
use crate::finding::{Edit, Message};
use crate::review::{Filter, Wanted};
use crate::text::Span;

/// A change by hand, in the coordinates of the decoded original.
struct Change {
    span: Span,
    printed: String,
}

/// What somebody said by editing the texts of `edited`, which pair with those
/// of `folder` by their paths.
pub(super) fn decisions(
    folder: &Path,
    edited: &Path,
    report: Option<&Path>,
    settings: &Settings,
    voice: &Voice,
    who: &str,
    time: &str,
) -> Result<Vec<Decision>, Trouble> {
    let mut originals = Texts::new(folder, settings.config.encoding)?;
    let mut room = match report_of(folder, report)? {
        Some(report) => Some(Room::open(folder, &report, settings.config.encoding)?),
        None => None,
    };
    let corrected = Texts::new(edited, settings.config.encoding)?;
    let mut decisions = Vec::new();
    let mut n_files = 0;
    for name in texts::names(edited, settings)? {
        let Ok(original) = originals.get(&name) else {
            voice.note(&Message::new(format!("{name}：原文夹里没有，略过"), format!("{name}: it is not among the originals; passed over")));
            continue;
        };
        n_files += 1;
        let now = corrected.now(&name).map_err(Trouble)?;
        let path = corrected.path(&name).map_err(Trouble)?;
        // What the program wrote, as far as it is known: edits since are the
        // person's.
        let markup = originals.markup(&name).map_err(Trouble)?;
        let script = written(&path, &markup).and_then(|script| in_text(script, &path, &markup, &original)).unwrap_or_default();
        let before = script.apply(&original);
        let map = script.source_map(original.len());
        for change in corrections(&before, &now) {
            let edit = map.edit_to_old(&Edit { span: change.span, replacement: change.printed.clone() }, &before);
            let change = Change { span: edit.span, printed: edit.replacement };
            decisions.push(said(&original, &name, &change, room.as_mut()).by(who, time));
        }
    }
    if n_files == 0 {
        let shown = edited.display();
        return Err(Trouble::new(format!("{shown} 里没有与原文同名的文本"), format!("no text in {shown} has the name of an original")));
    }
    Ok(decisions)
}

/// The change that made the text at `path` before it was edited.
fn written(path: &Path, original: &str) -> Option<Script> {
    let patch = patches::places(path).ok()?.iter().find_map(|place| patches::load(place).ok())?;
    let fits = patch.edits.iter().all(|edit| original.get(edit.span.start..edit.span.end).is_some());
    fits.then(|| Script::new(patch.edits).ok()).flatten()
}

/// A change of a file as one of the text in it.
fn in_text(script: Script, path: &Path, markup: &str, original: &str) -> Option<Script> {
    if markup == original {
        return Some(script);
    }
    let (before, _) = texts::content(path, &script.apply(markup)).ok()?;
    let places = |text: &str| text.char_indices().map(|(at, _)| at).chain([text.len()]).collect::<Vec<usize>>();
    let chars = |text: &str| text.chars().collect::<Vec<char>>();
    let (old_at, new_at) = (places(original), places(&before));
    let ops = capture_diff_slices(Algorithm::Myers, &chars(original), &chars(&before));
    let edits = ops.into_iter().filter(|op| !matches!(op, DiffOp::Equal { .. })).map(|op| {
        let (old, new) = (op.old_range(), op.new_range());
        Edit { span: Span::new(old_at[old.start], old_at[old.end]), replacement: before[new_at[new.start]..new_at[new.end]].to_owned() }
    });
    Script::new(edits.collect()).ok()
}

/// The decision that a change says: yes to a finding that proposes it, no to a
/// repair that it takes back, or something of its own.
fn said(original: &str, name: &str, change: &Change, room: Option<&mut Room>) -> Decision {
    let about = |span: Span, rule: &str, verdict: Verdict| Decision::about(original, span, rule, verdict).in_file(name);
    if let Some(room) = room {
        let here = Filter { status: Wanted::All, file: Some(name.to_owned()), ..Filter::default() };
        for idx in room.desk.view(&here) {
            let item = &room.desk.items[idx as usize];
            let (span, rule, id) = (item.span, room.desk.rules[item.rule as usize].clone(), item.id());
            if !span.contains(change.span) || original.get(span.start..span.end).is_none() {
                continue;
            }
            let left = Span::new(span.start, change.span.start);
            let right = Span::new(change.span.end, span.end);
            let whole = format!("{}{}{}", left.of(original), change.printed, right.of(original));
            let proposals = room.fixes(idx).unwrap_or_default();
            let verdict = if proposals.iter().any(|(_, proposal)| proposal.as_deref() == Some(&whole)) {
                Verdict::Accept
            } else if whole == span.of(original) && item_applied(room, idx) {
                Verdict::Reject
            } else {
                continue;
            };
            let mut decision = about(span, &rule, verdict).with_replacement(&whole);
            if verdict == Verdict::Reject {
                decision.replacement = proposals.into_iter().next().and_then(|(_, proposal)| proposal);
            }
            decision.finding = Some(id);
            return decision;
        }
    }
    about(change.span, "", Verdict::Custom).with_replacement(&change.printed)
}

fn item_applied(room: &Room, idx: u32) -> bool {
    room.desk.items[idx as usize].outcome == crate::finding::Outcome::Applied
}
