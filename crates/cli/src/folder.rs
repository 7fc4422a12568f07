//! The run folder: what lies where, and how it gets there whole.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use net::write_whole;

use crate::failure::{Context, Failure};

/// A folder that holds one run.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The folder at `root`, which may not exist yet.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Where it is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A file or folder in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// The manifest.
    pub fn manifest(&self) -> PathBuf {
        self.path("manifest.json")
    }

    /// True if a run was begun here.
    pub fn has_run(&self) -> bool {
        self.manifest().exists()
    }

    /// True if a run may begin here: there is nothing, or nothing but a run that was killed before it had a manifest.
    pub fn is_free(&self) -> bool {
        let is_empty = || {
            let entries = fs::read_dir(&self.root);
            entries.is_ok_and(|mut entries| entries.next().is_none())
        };
        !self.root.exists() || self.path(BASE).is_file() || is_empty()
    }

    /// Makes the folder a run's, whose relative paths start at `base`.
    ///
    /// # Errors
    /// If it cannot be made or written to.
    pub fn claim(&self, base: &Path) -> Result<(), Failure> {
        make(&self.root)?;
        let base = std::path::absolute(base).unwrap_or_else(|_| base.to_path_buf());
        self.write(BASE, base.to_string_lossy().as_bytes())
    }

    /// Writes a file whole or not at all.
    ///
    /// # Errors
    /// If it cannot be written; nothing of that name has changed then.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let path = self.path(name);
        write_whole(&path, bytes).doing(format_args!("write {}", path.display()))
    }

    /// Reads a file.
    ///
    /// # Errors
    /// If there is none or it cannot be read.
    pub fn read(&self, name: &str) -> Result<Vec<u8>, Failure> {
        let path = self.path(name);
        fs::read(&path).map_err(|error| {
            Failure::input(format_args!("cannot read {}: {error}", path.display()))
        })
    }

    /// Removes a file; it is no error if there is none.
    ///
    /// # Errors
    /// If it is there and cannot be removed.
    pub fn remove(&self, name: &str) -> Result<(), Failure> {
        let path = self.path(name);
        remove(&path).doing(format_args!("remove {}", path.display()))
    }

    /// Removes a sub-folder with everything in it.
    ///
    /// # Errors
    /// If it cannot be removed.
    pub fn remove_folder(&self, name: &str) -> Result<(), Failure> {
        let path = self.path(name);
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Failure::run(
                format_args!("cannot remove {}: {error}", path.display()),
            )),
            _ => Ok(()),
        }
    }
}

/// Sub-folders of what only a run on its way needs, in its checkpoint store: parts of the metric table that are finished,
/// and everything else.
pub const PARTS: &str = "metrics.parts";
/// See [`PARTS`].
pub const CHECKPOINTS: &str = "checkpoints";
/// Says where the scenario's relative paths start, while the run goes on. It is written before anything else.
pub const BASE: &str = "base";
fn make(path: &Path) -> Result<(), Failure> {
    fs::create_dir_all(path)
        .map_err(|error| Failure::input(format_args!("cannot make {}: {error}", path.display())))
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
