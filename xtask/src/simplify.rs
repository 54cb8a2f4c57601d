//! `models/simplify.tsv` from the dictionaries of OpenCC.

use std::fmt::Write as _;
use std::path::PathBuf;

use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;

use crate::Failure;

#[derive(clap::Args)]
pub struct Arguments {
    /// The file to write.
    #[arg(long, default_value = "models/simplify.tsv")]
    out: PathBuf,
}

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let converter = OpenCC::from_config(BuiltinConfig::T2s)?;
    let mut table =
        String::from("# Traditional character, tab, its usual simplified form (OpenCC t2s, Apache-2.0); see models/lexicon.md.\n");
    let mut n_pairs = 0;
    for c in ('\u{3400}'..='\u{4dbf}').chain('\u{4e00}'..='\u{9fff}') {
        let converted = converter.convert(&c.to_string());
        let mut chars = converted.chars();
        if let (Some(simplified), None) = (chars.next(), chars.next())
            && simplified != c
            && simplified.len_utf8() == c.len_utf8()
        {
            writeln!(table, "{c}\t{simplified}")?;
            n_pairs += 1;
        }
    }
    std::fs::write(&arguments.out, table)?;
    println!("{n_pairs} pairs in {}", arguments.out.display());
    Ok(())
}
