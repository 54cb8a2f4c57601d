use std::path::Path;

use super::super::clock;
use super::super::exit::Trouble;
use super::super::voice::Voice;
use super::super::write::{self, Mode};
use super::chosen::Chosen;
use crate::authoring::{Counts, Impact};
use crate::finding::Message;
use crate::rules::Measured;

/// The head of a file of records.
const HEAD: &str = "# 由 jiaokan rules impact --record 写下，不要手改：重新测量。
# Written by jiaokan rules impact --record. Do not edit: measure again.
";

/// Writes what every chosen rule did into `measured.toml` of its pack; records
/// of rules that were not chosen stay. A rule that never fired is recorded
/// too: that is knowledge.
pub(super) fn record(impact: &Impact, chosen: &Chosen, on: &str, voice: &Voice) -> Result<(), Trouble> {
    let mut n_written = 0;
    for source in &chosen.sources {
        let folder = Path::new(&source.origin);
        let rules: Vec<_> = chosen.set.rules().iter().filter(|rule| is_in(&rule.head.path, &source.origin)).collect();
        if !rules.iter().any(|rule| chosen.holds(rule)) {
            continue;
        }
        if !folder.is_dir() {
            let shown = folder.display();
            return Err(Trouble::new(
                format!("{shown} 不在这里，无处可记：--record 用于文件夹里的规则包"),
                format!("{shown} is not here, so there is no place for the record: --record is for packs in folders"),
            ));
        }
        let mut text = HEAD.to_owned();
        for rule in rules {
            let head = &rule.head;
            if chosen.holds(rule) {
                let counts = impact.rules.get(&head.id).copied().unwrap_or_else(Counts::default);
                let measured = Measured {
                    rule: head.id.clone(),
                    body: head.body.clone(),
                    on: on.to_owned(),
                    when: clock::today(),
                    characters: impact.characters as u64,
                    right: counts.right,
                    wrong: counts.wrong,
                    neither: counts.neither,
                    unjudged: counts.unjudged,
                };
                text += &measured.entry();
            } else if let Some(measured) = &rule.measured {
                text += &measured.entry();
            }
        }
        let path = folder.join("measured.toml");
        write::atomically(&path, text.as_bytes(), &Mode::New).map_err(Trouble)?;
        let shown = path.display();
        voice.note(&Message::new(format!("记入 {shown}"), format!("recorded in {shown}")));
        n_written += 1;
    }
    debug_assert!(n_written > 0 || chosen.set.rules().iter().all(|rule| !chosen.holds(rule)), "a chosen rule stands in a source");
    Ok(())
}

/// True when the file lies in the folder.
pub(super) fn is_in(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder.trim_end_matches('/')).is_some_and(|rest| rest.starts_with('/'))
}
