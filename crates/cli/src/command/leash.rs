//! `leash`: runs a program that must not outlive whoever started it.

use std::io::{Read, stdin};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::LeashArguments;
use crate::failure::{Context, Failure};

/// How often it is looked whether the program has ended.
const POLL: Duration = Duration::from_millis(20);

/// Runs the program, at a lower priority if that is asked for, until it ends, or until standard input is closed.
#[expect(
    clippy::disallowed_methods,
    reason = "waiting for another process takes wall time"
)]
pub(super) fn leash(arguments: &LeashArguments) -> Result<(), Failure> {
    // The program inherits it, or runs at the priority of this process, which is as good.
    if let Err(error) = rustix::process::nice(arguments.nice) {
        tracing::debug!(%error, "the priority stays what it is");
    }
    let child = Command::new(&arguments.program)
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
