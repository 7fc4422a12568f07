//! Running other programs: the only place that starts a process or prints.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

/// A command under the name that the closing message uses when it fails.
#[derive(Debug)]
pub(crate) struct Step {
    title: &'static str,
    command: Command,
}

impl Step {
    pub(crate) fn new(title: &'static str, command: Command) -> Self {
        Self { title, command }
    }

    /// Runs the command with our own input and output; `true` when it succeeds.
    fn run(&mut self) -> Result<bool> {
        say(&format!("==> {}: {}", self.title, shown(&self.command)));
        let status = self.command.status();
        Ok(status
            .with_context(|| format!("cannot start {}", shown(&self.command)))?
            .success())
    }
}

/// Runs every step, also after a failure, so that one run shows all there is to repair.
///
/// # Errors
///
/// Names the steps that failed.
pub(crate) fn run_all(steps: Vec<Step>) -> Result<()> {
    let mut failed = Vec::new();
    for mut step in steps {
        if !step.run()? {
            failed.push(step.title);
        }
    }
    ensure!(failed.is_empty(), "failed: {}", failed.join(", "));
    Ok(())
}

/// Runs a command and returns what it wrote to its standard output.
///
/// # Errors
///
/// When the command does not start or does not succeed; carries its standard error.
pub(crate) fn output_of(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output();
    let output = output.with_context(|| format!("cannot start {}", shown(command)))?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        bail!(
            "{} ended with {}:\n{}",
            shown(command),
            output.status,
            complaint.trim_end()
        );
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Whether the program is there and answers.
pub(crate) fn answers(command: &mut Command) -> bool {
    output_of(command).is_ok()
}

/// A cargo command in the root of the workspace; its arguments are separated by spaces. It sees the environment that a shell gives it:
/// some build scripts run again, and much is built again, when what cargo says to this program of its own package comes and goes.
pub(crate) fn cargo(arguments: &str) -> Command {
    let mut command = Command::new("cargo");
    command
        .args(arguments.split_whitespace())
        .current_dir(root());
    for (name, _) in std::env::vars_os() {
        let own = name.to_string_lossy();
        if own.starts_with("CARGO_PKG_") || own.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// The root of the workspace.
pub(crate) fn root() -> &'static Path {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    crate_folder
        .ancestors()
        .nth(2)
        .expect("this crate lies two folders below the root")
}

/// The folder that cargo builds into, whatever the environment or the configuration made it.
///
/// # Errors
///
/// When `cargo metadata` does not answer as documented.
pub(crate) fn target_folder() -> Result<PathBuf> {
    let metadata = output_of(&mut cargo("metadata --format-version 1 --no-deps"))?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
    let folder = metadata["target_directory"].as_str();
    Ok(folder
        .context("cargo metadata names no target directory")?
        .into())
}

/// Prints a line for the reader.
#[expect(
    clippy::print_stdout,
    reason = "a development task talks to the one who started it"
)]
pub(crate) fn say(line: &str) {
    println!("{line}");
}

/// Prints why a task failed.
#[expect(
    clippy::print_stderr,
    reason = "a development task talks to the one who started it"
)]
pub(crate) fn complain(line: &str) {
    eprintln!("error: {line}");
}

/// The command as one would type it.
fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_command_is_named_with_its_complaint() {
        let error = output_of(&mut cargo("no-such-subcommand"))
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("cargo no-such-subcommand ended with"),
            "{error}"
        );
        assert!(error.contains("no such command"), "{error}");
    }

    #[test]
    fn every_failed_step_is_named() {
        let step = |title, program| Step::new(title, Command::new(program));
        let steps = vec![
            step("first", "false"),
            step("second", "true"),
            step("third", "false"),
        ];
        assert_eq!(
            run_all(steps).unwrap_err().to_string(),
            "failed: first, third"
        );
    }

    #[test]
    fn the_root_holds_the_workspace() {
        assert!(root().join("Cargo.lock").is_file());
    }
}
