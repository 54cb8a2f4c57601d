use std::fs;
use std::path::Path;

use super::args::UndoArgs;
use super::exit::{Exit, Trouble, io_message};
use super::patches;
use super::voice::Voice;
use super::walk::shown;
use super::write::{self, Mode};
use crate::finding::Message;
use crate::patch::{Patch, Refusal};
use crate::report::Failure;

/// Restores the original bytes of every file; a refusal leaves that file as it
/// is and the others go on.
pub(super) fn undo(args: &UndoArgs, voice: &Voice) -> Result<Exit, Trouble> {
    let mut exit = Exit::Done;
    for file in &args.files {
        let path = shown(file);
        match undo_one(file) {
            Ok(done) => voice.note(&Message::new(format!("{path}：{}", done.zh), format!("{path}: {}", done.en))),
            Err(message) => {
                voice.failure(&Failure { path, position: None, message });
                exit = Exit::Error;
            }
        }
    }
    Ok(exit)
}

fn undo_one(file: &Path) -> Result<Message, Message> {
    let current = fs::read(file).map_err(|error| io_message("", &error))?;
    let (patch_path, patch) = find(file, &current)?;
    let original = match patch.undo(&current) {
        Ok(original) => original,
        Err(refusal @ Refusal::AlreadyOriginal) => return Ok(refusal.message()),
        Err(refusal) => return Err(refusal.message()),
    };
    let mode = fs::metadata(file).map_or(Mode::New, |meta| Mode::Keep(meta.permissions()));
    // A link stays a link: what it points to is restored.
    let target = fs::canonicalize(file).map_err(|error| io_message("", &error))?;
    write::atomically(&target, &original, &mode)?;
    let trouble = |error: std::io::Error| io_message(&patch_path.display().to_string(), &error);
    match patch.previous {
        Some(previous) => {
            patches::store(&patch_path, &previous)?;
            Ok(Message::new("已恢复到上一次运行之前；再次 undo 可恢复更早的文本", "restored; undo again goes back one more run"))
        }
        None => {
            fs::remove_file(&patch_path).map_err(trouble)?;
            Ok(Message::new("已恢复原文", "restored"))
        }
    }
}

/// The patch of `file`: the one that made it as it is, or else the nearest,
/// which can say what differs.
fn find(file: &Path, current: &[u8]) -> Result<(std::path::PathBuf, Patch), Message> {
    let places = patches::places(file).map_err(|error| io_message("", &error))?;
    let mut nearest = None;
    let mut broken = None;
    for path in places {
        match patches::load(&path) {
            Ok(patch) if patch.made(current) => return Ok((path, patch)),
            Ok(patch) => nearest = nearest.or(Some((path, patch))),
            Err(error) => broken = broken.or(Some(io_message(&path.display().to_string(), &error))),
        }
    }
    nearest.ok_or_else(|| {
        broken.unwrap_or_else(|| {
            Message::new(
                "没有找到修复记录（.jiaokan/…patch.json），无从恢复",
                "no patch (.jiaokan/…patch.json) was found; nothing to restore from",
            )
        })
    })
}
