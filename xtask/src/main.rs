//! Builds the data in `models/` from its sources; needed by maintainers only.

mod gazetteer;
mod lexicon;
mod simplify;

use clap::Parser;

/// What goes wrong here is told to the maintainer at the terminal.
type Failure = Box<dyn std::error::Error + Send + Sync>;

#[derive(Parser)]
#[command(name = "xtask", about = "Builds the data in models/ from its sources")]
enum Task {
    /// Builds the word list from a dictionary and clean text.
    Lexicon(lexicon::Arguments),
    /// Builds the gazetteer from the lists of administrative divisions.
    Gazetteer(gazetteer::Arguments),
    /// Builds the table from traditional to simplified characters.
    Simplify(simplify::Arguments),
}

fn main() -> Result<(), Failure> {
    match Task::parse() {
        Task::Lexicon(arguments) => lexicon::run(&arguments),
        Task::Gazetteer(arguments) => gazetteer::run(&arguments),
        Task::Simplify(arguments) => simplify::run(&arguments),
    }
}
