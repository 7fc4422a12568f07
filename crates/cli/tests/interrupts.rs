//! A run that was asked to stop does so at once, and goes on as if nothing had happened.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/cases.rs"]
mod cases;
#[path = "common/program.rs"]
mod program;
#[path = "common/running.rs"]
mod running;
#[path = "common/trial.rs"]
mod trial;

use std::process::Command;

use cases::{Case, small};
use program::Answer;
use running::{Running, checkpoints};
use trial::Trial;

/// Presses Ctrl-C and lets the run end.
fn interrupt(running: Running) -> Answer {
    // The standard library sends no signal but SIGKILL; every shell has `kill`.
    let line = format!("kill -INT {}", running.0.id());
    let status = Command::new("sh").args(["-c", &line]).status().unwrap();
    assert!(status.success());
    running.finish()
}

/// Waits until the program has a handler for SIGINT.
#[track_caller]
fn wait_until_listening(running: &mut Running) {
    let path = format!("/proc/{}/status", running.0.id());
    running.wait_until(|| {
        let status = std::fs::read_to_string(&path).unwrap_or_default();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        let mask = caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        // Signal n is bit n - 1, and SIGINT is 2.
        mask.is_some_and(|mask| mask & 0b10 != 0)
    });
}

/// Interrupted as by Ctrl-C, told how to go on, and resumed as told.
#[track_caller]
fn check_interrupt(case: Case) {
    let trial = Trial::new(case);
    let mut running = trial.start(&["--checkpoint-every", "1"]);
    running.wait_until(|| !checkpoints(&trial.run()).is_empty());
    let answer = interrupt(running);
    assert_eq!(answer.code, Some(1), "{}", answer.err);
    assert!(
        answer.err.contains("echosphere resume cut"),
        "{}",
        answer.err
    );
    assert!(!checkpoints(&trial.run()).is_empty());
    trial.resume(&[]);
}

#[test]
fn specialists_survive_ctrl_c() {
    check_interrupt(small("specialists"));
}

#[test]
fn collapse_survives_ctrl_c() {
    check_interrupt(small("collapse"));
}

#[test]
fn zipf_tails_survive_ctrl_c() {
    check_interrupt(small("zipf-tails"));
}

#[test]
fn hundred_voices_survive_ctrl_c() {
    check_interrupt(small("hundred-voices"));
}

#[test]
fn asynchronous_survives_ctrl_c() {
    check_interrupt(small("asynchronous"));
}

#[test]
fn ctrl_c_before_the_first_checkpoint_writes_one() {
    let trial = Trial::new(small("collapse").with("horizon.generations=3000"));
    let mut running = trial.start(&[]);
    running.wait_until(|| trial.run().join("manifest.json").exists());
    // The manifest is there a moment before the program listens for Ctrl-C.
    wait_until_listening(&mut running);
    assert_eq!(interrupt(running).code, Some(1));
    assert_eq!(checkpoints(&trial.run()).len(), 1);
    trial.resume(&[]);
}
