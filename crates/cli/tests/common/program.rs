//! The program under test, driven as a user drives it.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

/// What the program answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// The program with arguments, about to start in `folder`.
pub(crate) fn command<T: AsRef<OsStr>>(
    folder: &Path,
    arguments: impl IntoIterator<Item = T>,
) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_echosphere"));
    command.current_dir(folder).args(arguments);
    // What the tester's shell says about logs and colours is not part of a test.
    command.env_remove("RUST_LOG").env_remove("NO_COLOR");
    command.stdin(Stdio::null());
    command
}

/// Runs the program to its end.
pub(crate) fn echosphere<T: AsRef<OsStr>>(
    folder: &Path,
    arguments: impl IntoIterator<Item = T>,
) -> Answer {
    let output = command(folder, arguments).output().unwrap();
    Answer {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Answer {
    /// What was printed, if all went well.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "it failed: {}", self.err);
        self.out
    }
}

/// The manifest of a run folder.
#[track_caller]
pub(crate) fn manifest(run: &Path) -> serde_json::Value {
    let bytes = std::fs::read(run.join("manifest.json")).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}
