//! The output of commands that succeed.

use std::path::Path;

use crate::program::echosphere;

/// What a command line, split at blanks, prints.
#[track_caller]
pub(crate) fn printed(folder: &Path, line: &str) -> String {
    let answer = echosphere(folder, line.split_whitespace());
    assert_eq!(answer.err, "", "{line}");
    answer.ok()
}
