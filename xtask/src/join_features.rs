//! `xtask join-features`: prints what the join scorer sees of every break.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiaokan::detect::Resources;
use jiaokan::detect::join::{BOX_NAMES, NAMES, rows, rows_with_boxes};
use jiaokan::document::Layout;
use jiaokan::format::Format;

#[derive(clap::Args)]
pub struct Arguments {
    /// A folder of texts.
    folder: PathBuf,
    /// The files have boxes: prints the features of the boxes as well, of the
    /// breaks that have some, and puts the texts into this folder.
    #[arg(long)]
    texts: Option<PathBuf>,
}

pub fn run(arguments: &Arguments) -> Result<(), crate::Failure> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(&arguments.folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.sort();
    if let Some(texts) = &arguments.texts {
        return with_boxes(&paths, texts);
    }
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

fn with_boxes(paths: &[PathBuf], texts: &Path) -> Result<(), crate::Failure> {
    std::fs::create_dir_all(texts)?;
    println!("document\tbreak\t{}\t{}", NAMES.join("\t"), BOX_NAMES.join("\t"));
    for path in paths {
        let content = std::fs::read_to_string(path)?;
        let Some(page) = Format::detect(&content).read(&content)? else { continue };
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        std::fs::write(texts.join(&name).with_extension("txt"), &page.text)?;
        let mut layout = Layout::new(&page.text);
        layout.place(&page.text, &Arc::new(page.geometry), |span| span);
        for (break_idx, row, boxes) in rows_with_boxes(&page.text, &layout, &Resources::embedded().lexicon) {
            let row: Vec<String> = row.iter().chain(&boxes).map(|value| format!("{value:.4}")).collect();
            println!("{name}\t{break_idx}\t{}", row.join("\t"));
        }
    }
    Ok(())
}
