//! The command `jiaokan`.

fn main() {}
