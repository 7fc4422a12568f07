//! `leash`: runs a program that must not outlive whoever started it.

use std::io::{Read, stdin};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::LeashArguments;
use crate::failure::{Context, Failure};

/// How often it is looked whether the program has ended.
const POLL: Duration = Duration::from_millis(20);

/// Runs the program until it ends, or until standard input is closed.
#[expect(
    clippy::disallowed_methods,
    reason = "waiting for another process takes wall time"
)]
pub(super) fn leash(arguments: &LeashArguments) -> Result<(), Failure> {
    let mut command = Command::new(&arguments.program);
    if arguments.batch && can_batch() {
        command = Command::new(BATCH[0]);
        command.args(&BATCH[1..]).arg(&arguments.program);
    }
    let child = command
        .args(&arguments.arguments)
        .stdin(Stdio::null())
        .spawn()
        .doing(format_args!("start {}", arguments.program))?;
    let child = Arc::new(Mutex::new(child));
    let held = Arc::clone(&child);
    std::thread::spawn(move || {
        drop(stdin().lock().read_to_end(&mut Vec::new()));
        drop(held.lock().unwrap_or_else(PoisonError::into_inner).kill());
    });
    loop {
        let status = child
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .try_wait();
        match status.doing(format_args!("wait for {}", arguments.program))? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => {
                return Err(Failure::run(format_args!(
                    "{} ended with {status}",
                    arguments.program
                )));
            }
            None => std::thread::sleep(POLL),
        }
    }
}

/// Runs what follows under Linux's policy `SCHED_BATCH`: with its share of the time, but without preempting whoever runs when
/// it wakes. Part of util-linux.
const BATCH: [&str; 3] = ["chrt", "--batch", "0"];

/// True if that works here; a program runs as well without it.
fn can_batch() -> bool {
    let mut trial = Command::new(BATCH[0]);
    trial.args(&BATCH[1..]).arg("true");
    let silent = trial.stdin(Stdio::null()).stdout(Stdio::null());
    let status = silent.stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}
