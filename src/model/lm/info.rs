use serde::{Deserialize, Serialize};

/// What a model file says of its making.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Info {
    /// The program and its version.
    pub made_by: String,
    /// The command, with the names of files but not their folders.
    pub command: String,
    /// What it was trained on.
    pub sources: Vec<Source>,
    /// An n-gram stands in the file only if it occurred as often, by its
    /// length: characters first.
    pub min_counts: Vec<u32>,
    /// Paragraphs that stood in the sources again; they were counted once.
    pub n_duplicates: u64,
    /// Characters that share the probability of the unknown one.
    pub n_unseen: u32,
}

/// One text a model was trained on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// Name of the file, without its folder.
    pub name: String,
    /// Share of its paragraphs that was taken, in (0, 1].
    pub share: f64,
    /// Paragraphs that were counted.
    pub n_paragraphs: u64,
    /// Characters that were counted, without white space.
    pub n_chars: u64,
}
