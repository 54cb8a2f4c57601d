//! Builds the data in `models/` from its sources; needed by maintainers only.

mod boundary;
mod costs;
mod fuzz_seeds;
mod gazetteer;
mod glyphs;
mod held_out;
mod join_features;
mod lexicon;
mod lost_features;
mod measure;
mod misread_rows;
mod simplify;
mod sounds;

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
    /// Builds the table of glyph descriptors from typefaces.
    Glyphs(glyphs::Arguments),
    /// Prints where true confusions stand among the nearest glyphs.
    GlyphRanks(glyphs::RanksArguments),
    /// Prints the figures of the specification.
    Measure(measure::Arguments),
    /// Builds the table from traditional to simplified characters.
    Simplify(simplify::Arguments),
    /// Builds the table of characters that are read alike.
    Sounds(sounds::Arguments),
    /// Trains the boundary model on clean text.
    Boundary(boundary::Arguments),
    /// Prints what the join scorer sees of every break of a folder of texts.
    JoinFeatures(join_features::Arguments),
    /// Cuts clean text and prints what could have been lost.
    LostFeatures(lost_features::Arguments),
    /// Prints what the character models propose for a folder of texts.
    MisreadRows(misread_rows::Arguments),
    /// Corrects pages with scorers that have not seen them.
    HeldOut(held_out::Arguments),
    /// Prints what every detector costs on a text.
    Costs(costs::Arguments),
    /// Writes the first inputs of the fuzz targets.
    FuzzSeeds(fuzz_seeds::Arguments),
}

fn main() -> Result<(), Failure> {
    match Task::parse() {
        Task::Lexicon(arguments) => lexicon::run(&arguments),
        Task::Gazetteer(arguments) => gazetteer::run(&arguments),
        Task::Glyphs(arguments) => glyphs::run(&arguments),
        Task::GlyphRanks(arguments) => glyphs::ranks(&arguments),
        Task::Measure(arguments) => measure::run(&arguments),
        Task::Simplify(arguments) => simplify::run(&arguments),
        Task::Sounds(arguments) => sounds::run(&arguments),
        Task::Boundary(arguments) => boundary::run(&arguments),
        Task::JoinFeatures(arguments) => join_features::run(&arguments),
        Task::LostFeatures(arguments) => lost_features::run(&arguments),
        Task::MisreadRows(arguments) => misread_rows::run(&arguments),
        Task::HeldOut(arguments) => held_out::run(&arguments),
        Task::Costs(arguments) => costs::run(&arguments),
        Task::FuzzSeeds(arguments) => fuzz_seeds::run(&arguments),
    }
}
