//! A run that is stopped, and goes on.

use std::path::PathBuf;

use tempfile::{TempDir, tempdir};

use crate::cases::{self, Case, result};
use crate::program::{echosphere, manifest};
use crate::running::Running;

/// A case, how it ends undisturbed, and a place to disturb it.
pub(crate) struct Trial {
    pub(crate) case: Case,
    pub(crate) whole: cases::Result,
    pub(crate) folder: TempDir,
}

impl Trial {
    /// Runs the case undisturbed.
    #[track_caller]
    pub(crate) fn new(case: Case) -> Self {
        let folder = tempdir().unwrap();
        let whole = case.run(folder.path(), "whole", &[]);
        Self {
            case,
            whole,
            folder,
        }
    }

    /// The folder of the disturbed run.
    pub(crate) fn run(&self) -> PathBuf {
        self.folder.path().join("cut")
    }

    /// Starts the run that will be disturbed.
    pub(crate) fn start(&self, more: &[&str]) -> Running {
        Running::start(self.folder.path(), self.case.arguments("cut", more))
    }

    /// Goes on with it and compares; returns what was said on the way.
    #[track_caller]
    pub(crate) fn resume(&self, more: &[&str]) -> String {
        let answer = echosphere(
            self.folder.path(),
            [&["resume", "cut", "-q"], more].concat(),
        );
        assert_eq!(answer.code, Some(0), "{}", answer.err);
        assert!(result(&self.run()) == self.whole, "it went on differently");
        let windows = |run: &str| manifest(&self.folder.path().join(run))["windows"].clone();
        assert_eq!(
            windows("cut"),
            windows("whole"),
            "windows are counted wrongly"
        );
        let left = ["checkpoints", "metrics.parts", "base"];
        assert!(!left.iter().any(|name| self.run().join(name).exists()));
        answer.err
    }
}
