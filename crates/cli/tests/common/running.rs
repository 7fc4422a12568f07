//! A run on its way, and what it has written so far.

use std::ffi::OsStr;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use crate::program::{Answer, command};

/// The program, running.
pub(crate) struct Running(pub(crate) Child);

/// Polls before giving up: a minute, which only a hanging program needs.
const POLLS_MAX: u32 = 60_000;

impl Running {
    /// Starts the program in `folder`.
    pub(crate) fn start<T: AsRef<OsStr>>(
        folder: &Path,
        arguments: impl IntoIterator<Item = T>,
    ) -> Self {
        let mut command = command(folder, arguments);
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        Self(command.spawn().unwrap())
    }

    /// Waits for something that the program does to its files.
    #[expect(
        clippy::disallowed_methods,
        reason = "another process has to come to a certain point, and files are all it shows"
    )]
    #[track_caller]
    pub(crate) fn wait_until(&mut self, mut reached: impl FnMut() -> bool) {
        for _ in 0..POLLS_MAX {
            if reached() {
                return;
            }
            assert!(self.is_alive(), "it ended too early: {}", self.said());
            std::thread::sleep(Duration::from_millis(1));
        }
        panic!("it never came to that point");
    }

    /// Whether it has not ended yet.
    pub(crate) fn is_alive(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }

    /// Everything that it says until it ends.
    fn said(&mut self) -> String {
        let mut err = String::new();
        if let Some(mut pipe) = self.0.stderr.take() {
            pipe.read_to_string(&mut err).unwrap();
        }
        err
    }

    /// Lets it end by itself.
    pub(crate) fn finish(mut self) -> Answer {
        let err = self.said();
        let code = self.0.wait().unwrap().code();
        let out = String::new();
        Answer { code, out, err }
    }
}

/// Numbers of the checkpoints in a run folder, in order.
pub(crate) fn checkpoints(run: &Path) -> Vec<u64> {
    let entries = std::fs::read_dir(run.join("checkpoints"));
    let names = entries
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name());
    let number =
        |name: std::ffi::OsString| name.to_str()?.strip_suffix(".checkpoint")?.parse().ok();
    let mut numbers: Vec<u64> = names.filter_map(number).collect();
    numbers.sort_unstable();
    numbers
}
