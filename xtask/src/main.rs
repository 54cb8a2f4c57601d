//! Builds the statistics in `models/` from their sources.
fn main() {}
