//! Exact theory beside the same in numpy and scipy: how long, and how much memory.

use std::process::Command;

use anyhow::{Context, Result};
use clap::Args;

use super::peers::{peers_folder, ready_python};
use crate::shell::{Step, cargo, output_of, run_all, say, target_folder};

/// What `bench theory` measures.
#[derive(Debug, Args)]
pub(crate) struct TheoryOptions {
    /// Repetitions of everything; medians are printed
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    reps: u32,
}

/// Builds the binary, readies Python, and prints one table.
///
/// # Errors
/// When the build fails, Python cannot be had, or the two sides fail.
pub(crate) fn run(options: &TheoryOptions) -> Result<()> {
    let folder = target_folder()?.join("bench");
    std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let build = cargo("build --release --package echosphere");
    run_all(vec![Step::new("build of echosphere", build)])?;
    let python = ready_python(&folder)?;
    let mut race = Command::new(python);
    race.arg(peers_folder().join("theory.py")).arg("race");
    race.arg(target_folder()?.join("release/echosphere"))
        .arg(&folder);
    say(&output_of(race.arg(options.reps.to_string()))?);
    Ok(())
}
