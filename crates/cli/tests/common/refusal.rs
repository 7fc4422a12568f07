//! Input that is no good, and what is said to it.

use std::path::Path;

use crate::program::{Answer, echosphere};

/// What the program says to a command line, split at blanks, that is no good.
#[track_caller]
pub(crate) fn refused(folder: &Path, line: &str, said: &[&str]) {
    let answer = echosphere(folder, line.split_whitespace());
    check(&answer, said);
    assert!(!folder.join("out").exists(), "a run was begun");
}

/// It is the answer to bad input, and holds all of `said`.
#[track_caller]
pub(crate) fn check(answer: &Answer, said: &[&str]) {
    let Answer { code, out, err } = answer;
    assert_eq!(*code, Some(2), "{err}");
    assert_eq!(out, "", "errors go to the other stream");
    for part in said {
        assert!(err.contains(part), "`{part}` is missing in: {err}");
    }
}
