use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::args::{Conversion, FixArgs};
use super::exit::Trouble;
use super::walk::{Input, Item, shown};

/// Where corrected texts go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Output {
    /// Nowhere: the run only tells.
    Nowhere,
    /// Below a folder, at their relative paths.
    Folder(PathBuf),
    /// Over the input files.
    InPlace {
        /// Keep `NAME.orig`.
        backup: bool,
    },
    /// To standard output.
    Stdout,
}

impl Output {
    /// What the options of `fix` ask for.
    ///
    /// # Errors
    /// When they contradict each other, or name no output.
    pub(super) fn of(args: &FixArgs, from_stdin: bool) -> Result<Self, Trouble> {
        if from_stdin {
            if args.out_dir.is_some() || args.write {
                return Err(Trouble::new(
                    "从标准输入读入的文本写到标准输出；--out-dir 和 --write 只用于文件",
                    "a text from standard input goes to standard output; --out-dir and --write are for files",
                ));
            }
            return Ok(if args.dry_run { Output::Nowhere } else { Output::Stdout });
        }
        match (&args.out_dir, args.write) {
            _ if args.dry_run => Ok(Output::Nowhere),
            (_, true) if args.to.is_some() => Err(Trouble::new(
                "--to 写出另一种格式，不能就地改写；请用 --out-dir",
                "--to writes another format and cannot change files in place; use --out-dir",
            )),
            (Some(folder), _) => Ok(Output::Folder(folder.clone())),
            (None, true) => Ok(Output::InPlace { backup: args.backup }),
            (None, false) => Err(Trouble::new(
                "fix 须指明写到哪里：--out-dir DIR 写入另一文件夹，--write 就地改写，--dry-run 只演示",
                "fix needs to know where to write: --out-dir DIR for another folder, --write for in place, --dry-run for nowhere",
            )),
        }
    }
}

/// Where the text of the input at `relative` goes below `folder`.
pub(super) fn target(folder: &Path, relative: &Path, to: Option<Conversion>) -> PathBuf {
    let target = folder.join(relative);
    match to {
        None => target,
        Some(_) if is_text(relative) => target,
        Some(Conversion::Txt) => target.with_extension("txt"),
        Some(Conversion::Jsonl) => target.with_extension("jsonl"),
    }
}

/// True for a name that says its file is plain text.
fn is_text(path: &Path) -> bool {
    path.extension().is_none_or(|extension| extension.eq_ignore_ascii_case("txt") || extension.eq_ignore_ascii_case("text"))
}

/// Refuses two inputs with one target, and a target that is an input, before
/// anything is written. A dry run is refused alike: it shows what would be.
///
/// # Errors
/// Naming both inputs.
pub(super) fn check_targets(items: &[Item], folder: &Path, to: Option<Conversion>) -> Result<(), Trouble> {
    let inputs = || {
        items.iter().filter_map(|item| match item {
            Item::Text(input) => Some(input),
            Item::Failed(_) => None,
        })
    };
    let files: BTreeSet<PathBuf> = inputs().filter_map(|input| fs::canonicalize(input.file.as_ref()?).ok()).collect();
    let mut taken: BTreeMap<PathBuf, &Input> = BTreeMap::new();
    for input in inputs() {
        let target = target(folder, &input.relative, to);
        let target_shown = shown(&target);
        if let Some(first) = taken.get(&target) {
            return Err(Trouble::new(
                format!("{} 与 {} 都会写到 {target_shown}；请分两次运行，或写入不同的文件夹", first.given, input.given),
                format!("{} and {} would both be written to {target_shown}; run twice, with two folders", first.given, input.given),
            ));
        }
        // What is in an archive goes into a folder of its name.
        let folder_of = input.member.and_then(|_| target.ancestors().find(|at| at.exists()));
        if fs::canonicalize(folder_of.unwrap_or(&target)).is_ok_and(|target| files.contains(&target)) {
            return Err(Trouble::new(
                format!("写到 {target_shown} 会覆盖输入文件；请换一个文件夹，或用 --write 就地改写"),
                format!("writing {target_shown} would overwrite an input; choose another folder, or --write to change files in place"),
            ));
        }
        taken.insert(target, input);
    }
    Ok(())
}
