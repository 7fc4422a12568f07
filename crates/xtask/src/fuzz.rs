//! Fuzzing: libFuzzer, led by coverage, on everything that reads what somebody else wrote.
//!
//! The programs are a workspace of their own, `tests/fuzz`. Coverage is counted by LLVM's own pass, which the stable compiler
//! can be asked for, so neither a nightly compiler nor cargo-fuzz is needed. What a run finds is collected below cargo's target
//! folder; what is kept lies in `tests/fuzz/corpus` and is tried again by the ordinary tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::shell::{Step, cargo, output_of, root, run_all, say, target_folder};

/// The programs, each with the octets of the longest input that it is given.
const TARGETS: [(&str, u32); 7] = [
    ("load", 4_096),
    ("overrides", 1_024),
    ("robots", 8_192),
    ("scenario", 8_192),
    ("sweep", 4_096),
    ("theory", 4_096),
    ("warc", 2_048),
];

/// What makes the compiler count: which code ran, and what was compared with what (SanitizerCoverage).
const FLAGS: [&str; 6] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "--cfg fuzzing",
];

/// What to fuzz, and for how long.
#[derive(Debug, clap::Args)]
pub(crate) struct FuzzOptions {
    /// One of the programs; all of them, one after another, if none is named
    #[arg(value_parser = TARGETS.map(|(name, _)| name))]
    target: Option<String>,
    /// How long each of them runs
    #[arg(long, default_value_t = 10.0)]
    minutes: f64,
    /// Afterwards, keep in `tests/fuzz/corpus` the fewest inputs that reach all that was reached
    #[arg(long)]
    keep: bool,
}

/// Builds the programs and runs them.
///
/// # Errors
///
/// When a program cannot be built, or an input made it panic, take too long or take too much memory.
pub(crate) fn run(options: &FuzzOptions) -> Result<()> {
    let chosen = |(name, _): &(&str, u32)| options.target.as_ref().is_none_or(|own| own == name);
    let folder = target_folder()?.join("fuzz");
    let host = host()?;
    run_all(vec![Step::new("programs", build(&folder, &host))])?;
    let mut steps = Vec::new();
    for (name, length_max) in TARGETS.into_iter().filter(chosen) {
        let fuzzer = Fuzzer::new(name, length_max, &folder, &host)?;
        steps.push(Step::new(name, fuzzer.search(60.0 * options.minutes)));
        if options.keep {
            steps.push(Step::new("inputs to keep", fuzzer.merge()?));
        }
    }
    run_all(steps)?;
    if options.keep {
        say("The inputs to keep replace what was kept before:");
    }
    let kept = TARGETS.into_iter().filter(chosen);
    kept.filter(|_| options.keep)
        .try_for_each(|(name, _)| replace(name, &folder))
}

/// All programs, counting; for a named machine, so that what cargo itself runs while it builds does not count.
fn build(folder: &Path, host: &str) -> Command {
    let mut command = cargo("build --release --bins --manifest-path tests/fuzz/Cargo.toml");
    command.args(["--target", host]);
    command.arg("--target-dir").arg(folder);
    command.env("RUSTFLAGS", FLAGS.join(" "));
    command
}

/// The machine that this compiler runs on.
fn host() -> Result<String> {
    let version = output_of(Command::new("rustc").arg("-vV"))?;
    let line = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(line.context("rustc -vV names no host")?.to_owned())
}

/// A program and its folders.
struct Fuzzer {
    program: PathBuf,
    length_max: u32,
    words: PathBuf,
    kept: PathBuf,
    collected: PathBuf,
    found: PathBuf,
    merged: PathBuf,
}

impl Fuzzer {
    fn new(name: &str, length_max: u32, folder: &Path, host: &str) -> Result<Self> {
        let own = root().join("tests/fuzz");
        let fuzzer = Self {
            program: folder.join(host).join("release").join(name),
            length_max,
            words: own.join("words").join(format!("{name}.dict")),
            kept: kept(name),
            collected: folder.join("corpus").join(name),
            found: folder.join("found").join(name),
            merged: merged(name, folder),
        };
        for folder in [&fuzzer.kept, &fuzzer.collected, &fuzzer.found] {
            fs::create_dir_all(folder)?;
        }
        Ok(fuzzer)
    }

    /// Tries new inputs; what reaches something new is collected, what goes wrong is left among what was found.
    fn search(&self, seconds: f64) -> Command {
        let mut command = Command::new(&self.program);
        command.args([
            format!("-max_total_time={seconds:.0}"),
            format!("-max_len={}", self.length_max),
            format!("-dict={}", self.words.display()),
            format!("-artifact_prefix={}/", self.found.display()),
        ]);
        command.args(["-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1"]);
        command.args([&self.collected, &self.kept]);
        command
    }

    /// Chooses the fewest inputs that reach all that is reached.
    fn merge(&self) -> Result<Command> {
        if self.merged.exists() {
            fs::remove_dir_all(&self.merged)?;
        }
        fs::create_dir_all(&self.merged)?;
        let mut command = Command::new(&self.program);
        // How often code runs is for searching; what is kept has to reach it.
        command.args(["-set_cover_merge=1", "-use_counters=0", "-timeout=10"]);
        command.arg(format!("-max_len={}", self.length_max));
        command.args([&self.merged, &self.kept, &self.collected]);
        Ok(command)
    }
}

fn kept(name: &str) -> PathBuf {
    root().join("tests/fuzz/corpus").join(name)
}

fn merged(name: &str, folder: &Path) -> PathBuf {
    folder.join("merged").join(name)
}

/// Keeps what was chosen and what has a name of its own: those were put there by hand, such as inputs that once went wrong.
fn replace(name: &str, folder: &Path) -> Result<()> {
    let kept = kept(name);
    for file in files(&kept)?.iter().filter(|file| is_hash(file)) {
        fs::remove_file(file)?;
    }
    let chosen = files(&merged(name, folder))?;
    for file in chosen.iter().filter(|file| is_hash(file)) {
        fs::copy(file, kept.join(file.file_name().unwrap_or_default()))?;
    }
    say(&format!("  {name}: {} inputs", files(&kept)?.len()));
    Ok(())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    entries.collect()
}

/// libFuzzer names inputs after the SHA-1 of what is in them.
fn is_hash(file: &Path) -> bool {
    let name = file.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.len() == 40 && name.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_program_is_built_and_has_inputs_and_words() {
        let own = root().join("tests/fuzz");
        let manifest = fs::read_to_string(own.join("Cargo.toml")).unwrap();
        for (name, _) in TARGETS {
            assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
            assert!(own.join(format!("words/{name}.dict")).is_file(), "{name}");
            assert!(!files(&kept(name)).unwrap().is_empty(), "{name}");
        }
        assert_eq!(manifest.matches("[[bin]]").count(), TARGETS.len());
    }

    #[test]
    fn names_of_inputs_that_were_found_are_hashes() {
        assert!(is_hash(Path::new(&format!("a/{}", "0f".repeat(20)))));
        assert!(!is_hash(Path::new("a/lock-step")));
    }
}
