use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::Failure;

/// The program itself, as users run it.
pub struct Tool {
    program: PathBuf,
}

impl Tool {
    /// Builds the program in the profile of this one and finds it beside it.
    pub fn build() -> Result<Self, Failure> {
        let beside = std::env::current_exe()?;
        let folder = beside.parent().ok_or("this program lies in no folder")?;
        let release = folder.file_name().is_some_and(|name| name == "release");
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["build", "--quiet", "--package", "jiaokan", "--bin", "jiaokan"]).args(release.then_some("--release"));
        succeed(&mut cargo)?;
        let program = folder.join(format!("jiaokan{}", std::env::consts::EXE_SUFFIX));
        if !release {
            println!("note: built without --release; speed and memory mean little");
        }
        Ok(Self { program })
    }

    /// `jiaokan fix`, which may leave something to do. Settings files are not
    /// looked at: the figures are those of the defaults.
    pub fn fix(&self, input: &Path, out: &Path, options: &[&str]) -> Result<(), Failure> {
        let settings = out.with_extension("toml");
        std::fs::write(&settings, "")?;
        let mut command = self.command(input, out, &settings, options);
        let output = command.output().map_err(|error| format!("{}: {error}", self.program.display()))?;
        match output.status.code() {
            Some(0 | 1) => Ok(()),
            _ => Err(told(&command, &output)),
        }
    }

    /// The same as a child process, to be watched.
    pub fn start_fix(&self, input: &Path, out: &Path, options: &[&str]) -> Result<std::process::Child, Failure> {
        let settings = out.with_extension("toml");
        std::fs::write(&settings, "")?;
        Ok(self.command(input, out, &settings, options).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?)
    }

    fn command(&self, input: &Path, out: &Path, settings: &Path, options: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("fix").arg(input).arg("--out-dir").arg(out).arg("--config").arg(settings).arg("--quiet").args(options);
        command
    }
}

/// Runs a command that must end with 0 and returns its standard output.
pub fn succeed(command: &mut Command) -> Result<String, Failure> {
    let output = command.stderr(Stdio::piped()).output().map_err(|error| format!("{}: {error}", command.get_program().display()))?;
    if output.status.success() { Ok(String::from_utf8_lossy(&output.stdout).into_owned()) } else { Err(told(command, &output)) }
}

fn told(command: &Command, output: &Output) -> Failure {
    let said = String::from_utf8_lossy(&output.stderr);
    format!("{command:?} ended with {}: {}", output.status, said.trim()).into()
}
