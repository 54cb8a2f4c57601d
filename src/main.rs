//! The command `jiaokan`.

use std::process::ExitCode;

fn main() -> ExitCode {
    jiaokan::cli::main()
}
