//! `xtask join-features`: prints what the join scorer sees of every break.

use std::path::PathBuf;

use jiaokan::detect::Resources;
use jiaokan::detect::join::{NAMES, rows};
use jiaokan::document::Layout;

#[derive(clap::Args)]
pub struct Arguments {
    /// A folder of texts.
    folder: PathBuf,
}

pub fn run(arguments: &Arguments) -> Result<(), crate::Failure> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(&arguments.folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.sort();
    println!("document\tbreak\t{}", NAMES.join("\t"));
    for path in paths {
        let text = std::fs::read_to_string(&path)?;
        let layout = Layout::new(&text);
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        for (break_idx, row) in rows(&text, &layout, &Resources::embedded().lexicon).iter().enumerate() {
            let row: Vec<String> = row.iter().map(|value| format!("{value:.4}")).collect();
            println!("{name}\t{break_idx}\t{}", row.join("\t"));
        }
    }
    Ok(())
}
