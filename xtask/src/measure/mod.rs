//! `xtask measure`: all figures of the specification, in one table.
//!
//! Needs a folder of measuring pages (a kit); without one it says so and ends
//! well. `docs/measuring.md` says what each figure is and what a kit holds.

mod articles;
mod characters;
mod clean;
mod kit;
mod resources;
mod synthetic;
mod table;
mod tool;

use std::path::{Path, PathBuf};

use crate::Failure;
use crate::held_out::Folds;
use table::Figure;
use tool::Tool;

#[derive(clap::Args)]
pub struct Arguments {
    /// The measuring kit.
    #[arg(long, default_value = "../shared/bench")]
    kit: PathBuf,
    /// Only rules of these ids or groups repair the pages of `dev`.
    #[arg(long, value_delimiter = ',', default_value = "structure")]
    select: Vec<String>,
    /// Without them the figures of pages the scorers learned from are marked as
    /// such.
    #[command(flatten)]
    folds: Folds,
    /// The figures to compare with.
    #[arg(long, default_value = "docs/figures.json")]
    baseline: PathBuf,
    /// Replaces the baseline by the new figures.
    #[arg(long)]
    write_baseline: bool,
    /// Only figures whose name starts like this.
    #[arg(long, default_value = "")]
    only: String,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let baseline = table::read(&arguments.baseline)?;
    let work = tempfile::tempdir()?;
    let tool = Tool::build()?;
    let mut figures = Vec::new();
    if arguments.kit.join("score.py").is_file() {
        measure_kit(arguments, &tool, work.path(), &mut figures)?;
    } else {
        println!("skipped: no measuring kit at {}", arguments.kit.display());
    }
    if wanted(arguments, "resources") {
        figures.extend(resources::measure(&tool, work.path())?);
    }
    table::print(&figures, &baseline);
    if arguments.write_baseline {
        table::write(&arguments.baseline, &figures, baseline)?;
    }
    Ok(())
}

fn measure_kit(arguments: &Arguments, tool: &Tool, work: &Path, figures: &mut Vec<Figure>) -> Result<(), Failure> {
    let pages = kit::Pages { kit: &arguments.kit, tool, select: &arguments.select, folds: &arguments.folds, work };
    if wanted(arguments, "dev") {
        figures.extend(pages.dev("ocr.txt")?);
        figures.extend(pages.dev("ocr_lines.txt")?);
    }
    if wanted(arguments, "hocr") {
        figures.extend(pages.hocr()?);
    }
    if wanted(arguments, "characters") {
        let characters = characters::Characters { kit: &arguments.kit, tool, folds: &arguments.folds, work };
        for input in [characters::Input::Text, characters::Input::Hocr] {
            if wanted(arguments, input.group()) {
                figures.extend(characters.measure(input)?);
            }
        }
    }
    if wanted(arguments, "articles") {
        figures.extend(articles::measure(&arguments.kit, tool, work)?);
    }
    if wanted(arguments, "synthetic") || wanted(arguments, "look-alike") {
        figures.extend(synthetic::measure(&arguments.kit, tool, work)?);
    }
    if wanted(arguments, "republican") {
        figures.extend(pages.republican()?);
    }
    if wanted(arguments, "clean") {
        figures.extend(clean::measure(&arguments.kit.join("clean"), tool, work)?);
    }
    Ok(())
}

/// True when some figure of the group was asked for.
fn wanted(arguments: &Arguments, group: &str) -> bool {
    group.starts_with(&arguments.only) || arguments.only.starts_with(group)
}
