//! The command line: the only part that knows files, the environment and the
//! terminal.
//!
//! Every verb has a file of its own; `check`, `fix` and `diff` are one run
//! with different sinks ([`run`]). Start at [`main`].

mod apply;
mod archive;
mod args;
mod blame;
mod calibrate;
mod channel;
mod clock;
mod completions;
mod decisions;
mod dump;
mod engine;
mod engines;
mod eval;
mod exit;
mod explain;
mod extract;
mod init;
mod kept;
mod lm;
mod lsp;
mod mets;
mod models;
mod ordered;
mod output;
mod packs;
mod patches;
mod progress;
mod results;
mod review;
mod rule_cache;
mod rules;
mod run;
mod settings;
mod show;
mod sinks;
mod stats;
mod suppressions;
mod undo;
mod unpack;
mod usage;
mod voice;
mod walk;
mod work;
mod write;

use std::process::ExitCode;

use clap::Parser;

pub use args::Args;
use args::Command;
use exit::{Exit, Trouble};
use voice::Voice;

/// Runs the program on the arguments of the process.
#[must_use]
pub fn main() -> ExitCode {
    match Args::try_parse() {
        Ok(args) => {
            let voice = Voice::new(&args.global);
            match dispatch(&args, &voice) {
                Ok(exit) => exit.into(),
                Err(trouble) => {
                    voice.error(&trouble.0);
                    Exit::Error.into()
                }
            }
        }
        Err(error) => {
            if let Some(zh) = usage::in_chinese(&error) {
                Voice::of_arguments().usage(zh);
            }
            // Help and version are no errors; nobody reading them neither.
            let _ = error.print();
            if error.use_stderr() { Exit::Error.into() } else { Exit::Done.into() }
        }
    }
}

fn dispatch(args: &Args, voice: &Voice) -> Result<Exit, Trouble> {
    match &args.command {
        Command::Check(check) => run::check(check, &args.global, voice),
        Command::Fix(fix) => run::fix(fix, &args.global, voice),
        Command::Diff(diff) => run::diff(diff, &args.global, voice),
        Command::Undo(undo) => undo::undo(undo, voice),
        Command::Review(review) => review::review(review, &args.global, voice),
        Command::Apply(apply) => apply::apply(apply, &args.global, voice),
        Command::Blame(blame) => blame::blame(blame, voice),
        Command::Decisions(decisions) => decisions::decisions(decisions, &args.global, voice),
        Command::Init => init::init(voice),
        Command::Config(config) => show::show(config, &args.global, voice),
        Command::Eval(eval) => eval::eval(eval, &args.global, voice),
        Command::Calibrate(calibrate) => calibrate::calibrate(calibrate, &args.global, voice),
        Command::Channel(channel) => channel::channel(channel, &args.global, voice),
        Command::Lm(lm) => lm::lm(lm, &args.global, voice),
        Command::Rules(rules) => rules::rules(rules, &args.global, voice),
        Command::Explain(explain) => explain::explain(explain, &args.global, voice),
        Command::Stats(stats) => stats::stats(stats, &args.global, voice),
        Command::Lsp => lsp::lsp(&args.global, voice),
        Command::Completions { shell } => completions::completions(*shell),
    }
}
