//! Damage to checkpoints.

use std::path::{Path, PathBuf};

use crate::running::checkpoints;

/// The newest checkpoint of a run.
#[track_caller]
pub(crate) fn newest(run: &Path) -> PathBuf {
    let number = *checkpoints(run).last().unwrap();
    run.join(format!("checkpoints/{number:012}.checkpoint"))
}

/// Changes one bit in the middle of a file.
#[track_caller]
pub(crate) fn flip_a_byte(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(path, bytes).unwrap();
}

/// Cuts off the second half of a file.
#[track_caller]
pub(crate) fn truncate(path: &Path) {
    let bytes = std::fs::read(path).unwrap();
    std::fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
}
