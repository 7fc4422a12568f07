//! Small file systems, to be full or read-only.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A file system in memory, mounted until it is dropped.
pub(crate) struct Mount {
    path: PathBuf,
}

impl Mount {
    /// Mounts one at `path`, which is made, with the options of `mount -o`.
    #[track_caller]
    pub(crate) fn new(path: PathBuf, options: &str) -> Self {
        std::fs::create_dir(&path).unwrap();
        mount(&["-t", "tmpfs", "-o", options, "tmpfs"], &path);
        Self { path }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Changes its options.
    #[track_caller]
    pub(crate) fn change(&self, options: &str) {
        mount(&["-o", &format!("remount,{options}")], &self.path);
    }
}

#[track_caller]
fn mount(arguments: &[&str], path: &Path) {
    let output = Command::new("mount")
        .args(arguments)
        .arg(path)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "these tests mount small file systems, so they need to run as root, or below `unshare -rm`: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

impl Drop for Mount {
    fn drop(&mut self) {
        // A test that fails for another reason should say that one.
        drop(Command::new("umount").arg(&self.path).status());
    }
}
