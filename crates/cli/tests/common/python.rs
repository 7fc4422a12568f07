//! Programs of others, which `cargo xtask test` installs.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The Python that has what tests need of it.
pub(crate) fn python() -> Command {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let python = target.join("python/bin/python");
    assert!(
        python.exists(),
        "{} is not there: `cargo xtask test` installs what tests need",
        python.display()
    );
    Command::new(python)
}

/// A script of the tests.
pub(crate) fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}
