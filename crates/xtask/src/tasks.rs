//! The tasks that are a handful of cargo commands each.
//!
//! All of them build the whole workspace with all features in the development profile, so that
//! they share one set of compiled dependencies.

use std::process::Command;

use anyhow::{Result, ensure};

use crate::SoakOptions;
use crate::shell::{Step, answers, cargo, root, run_all, say, target_folder};

/// Workspaces of their own, so cargo has to be sent there: the benchmark's peers, and the programs that fuzz.
const OTHERS: [&str; 3] = [
    "crates/xtask/peers/gauss_flat",
    "crates/xtask/peers/gauss_krabmaga",
    "tests/fuzz",
];

/// Runs every test: units, integration tests, and the examples in the documentation.
///
/// # Errors
///
/// Names the runners that failed.
pub(crate) fn test() -> Result<()> {
    ready_programs()?;
    ready_python()?;
    let documentation = cargo("test --doc --workspace --all-features --no-fail-fast");
    run_all(vec![
        Step::new("tests", tests_command("", "")),
        Step::new("documentation tests", documentation),
    ])
}

/// Programs that tests start, how to ask whether they are there, and the Debian package that has them.
const PROGRAMS: [(&str, &str, &str); 8] = [
    ("nats-server", "--version", "nats-server"),
    ("kubectl", "version --client", "kubernetes-client"),
    ("openssl", "version", "openssl"),
    ("systemd-analyze", "--version", "systemd"),
    // Networks between nodes, to be cut.
    ("ip", "-Version", "iproute2"),
    // A network that loses packets.
    ("socat", "-V", "socat"),
    // A crawler, and where others come from.
    ("wget", "--version", "wget"),
    ("python3", "-m ensurepip --version", "python3-venv"),
];

/// Installs the programs that tests start for themselves, where they are missing.
fn ready_programs() -> Result<()> {
    let is_missing = |(program, question, _): &(&str, &str, &str)| {
        !answers(Command::new(program).args(question.split(' ')))
    };
    let missing = || PROGRAMS.into_iter().filter(is_missing);
    let packages: Vec<&str> = missing().map(|(_, _, package)| package).collect();
    if packages.is_empty() {
        return Ok(());
    }
    let mut install = vec!["apt-get", "install", "--yes", "--no-install-recommends"];
    install.extend(&packages);
    let installed = run_all(vec![
        Step::new("package lists", as_root(&["apt-get", "update"])),
        Step::new("programs for tests", as_root(&install)),
    ]);
    let programs: Vec<&str> = missing().map(|(program, _, _)| program).collect();
    ensure!(
        programs.is_empty(),
        "the tests need {}, which could not be installed: install by hand ({})",
        programs.join(", "),
        install.join(" ")
    );
    installed
}

/// What tests need of Python, with its versions.
const PACKAGES: &str = "crates/cli/tests/python/requirements.txt";

/// Installs what tests need of Python into a folder of the target directory, where it is not there in these versions.
fn ready_python() -> Result<()> {
    let folder = target_folder()?.join("python");
    let (wanted, installed) = (root().join(PACKAGES), folder.join("requirements.txt"));
    let text = std::fs::read(&wanted)?;
    if std::fs::read(&installed).is_ok_and(|there| there == text) {
        return Ok(());
    }
    let mut create = Command::new("python3");
    create.args(["-m", "venv", "--clear"]).arg(&folder);
    let mut install = Command::new(folder.join("bin/python"));
    install.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--requirement",
    ]);
    install.arg(&wanted);
    run_all(vec![
        Step::new("a Python for tests", create),
        Step::new("packages for tests", install),
    ])?;
    Ok(std::fs::write(installed, text)?)
}

/// A command as root, by way of `sudo` where that asks no questions.
fn as_root(words: &[&str]) -> Command {
    let sudo = answers(Command::new("sudo").args(["-n", "true"]));
    let (program, arguments) = if sudo {
        ("sudo", words)
    } else {
        (words[0], &words[1..])
    };
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive");
    command
}

/// Disturbs runs on nodes at random.
///
/// # Errors
///
/// When a disturbed run came to something else than an undisturbed one.
pub(crate) fn soak(options: &SoakOptions) -> Result<()> {
    ready_programs()?;
    let mut command = cargo("test --workspace --all-features --test soak -- --nocapture faults");
    command
        .env(
            "ECHOSPHERE_SOAK_SECONDS",
            format!("{:.0}", 60.0 * options.minutes),
        )
        .env("ECHOSPHERE_SOAK_SEED", options.seed.to_string())
        .env("ECHOSPHERE_SOAK_RUNS_FROM", options.runs_from.to_string());
    run_all(vec![Step::new("soak", command)])
}

/// Reruns the golden tests with leave to rewrite what they compare with.
///
/// # Errors
///
/// When a golden test fails for another reason than a difference.
pub(crate) fn bless() -> Result<()> {
    let mut command = tests_command("-E test(golden)", "golden");
    command.env("ECHOSPHERE_BLESS", "1");
    run_all(vec![Step::new("golden tests", command)])
}

/// Everything that must hold before a change is merged, apart from `test`.
///
/// # Errors
///
/// Names the checks that failed.
pub(crate) fn check() -> Result<()> {
    let lint = cargo("clippy --workspace --all-targets --all-features -- -D warnings");
    let mut documentation = cargo("doc --workspace --no-deps --all-features");
    documentation.env("RUSTDOCFLAGS", "-D warnings");
    let tidy = cargo("test --package xtask --test tidy -- --show-output");
    let mut steps = format_steps("--check");
    steps.push(Step::new("lints", lint));
    steps.push(Step::new("documentation", documentation));
    steps.push(Step::new("tidy", tidy));
    steps.extend(dependency_policy());
    run_all(steps)
}

/// Repairs what a program can repair; formatting comes last, because suggestions are not formatted.
///
/// # Errors
///
/// Names the steps that failed.
pub(crate) fn fix() -> Result<()> {
    let lint = "clippy --workspace --all-targets --all-features --fix --allow-dirty --allow-staged";
    let mut steps = vec![Step::new("lints", cargo(lint))];
    steps.extend(format_steps(""));
    run_all(steps)
}

/// The whole workspace under nextest, or under cargo's own runner where nextest is missing.
fn tests_command(nextest_filter: &str, cargo_filter: &str) -> Command {
    let everything = "--workspace --all-features --no-fail-fast";
    if answers(&mut cargo("nextest --version")) {
        return cargo(&format!("nextest run {everything} {nextest_filter}"));
    }
    say("cargo-nextest is not installed: falling back to `cargo test`, which runs the same");
    say("tests more slowly. `cargo install cargo-nextest --locked` adds it.");
    cargo(&format!("test --tests {everything} {cargo_filter}"))
}

/// Formats, or checks the format of, the workspace and those beside it.
fn format_steps(arguments: &str) -> Vec<Step> {
    let mut steps = vec![Step::new(
        "format",
        cargo(&format!("fmt --all {arguments}")),
    )];
    steps.extend(OTHERS.map(|folder| {
        let manifest = format!("--manifest-path {folder}/Cargo.toml");
        Step::new(
            "format of another workspace",
            cargo(&format!("fmt {manifest} {arguments}")),
        )
    }));
    steps
}

/// Licences, bans and sources; left out, aloud, where the program that checks them is missing.
fn dependency_policy() -> Option<Step> {
    if !answers(&mut cargo("deny --version")) {
        say("cargo-deny is not installed: licences, bans and sources are not checked here.");
        return None;
    }
    Some(Step::new(
        "dependency policy",
        cargo("deny check --hide-inclusion-graph bans licenses sources"),
    ))
}
