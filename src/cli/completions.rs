use clap::CommandFactory;
use clap_complete::Shell;

use super::args::Args;
use super::exit::{Exit, Trouble};
use super::sinks::{PipeState, stdout};

/// Prints the completion script of a shell.
pub(super) fn completions(shell: Shell) -> Result<Exit, Trouble> {
    let mut command = Args::command();
    // Generated in memory first: the generator panics when it cannot write.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "jiaokan", &mut script);
    let mut out = stdout(&PipeState::default());
    std::io::Write::write_all(&mut out, &script).and_then(|()| std::io::Write::flush(&mut out)).map_err(|error| Trouble::io("", &error))?;
    Ok(Exit::Done)
}
