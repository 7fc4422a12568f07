//! The run folder: what lies where, and how it gets there whole.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use web::Storage;

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
        self.write(BASE, base.to_string_lossy().as_bytes())?;
        self.create()
    }

    /// Makes the sub-folders that only a run on its way needs.
    ///
    /// # Errors
    /// If it cannot be made or written to.
    pub fn create(&self) -> Result<(), Failure> {
        for name in [SEGMENTS, PARTS] {
            make(&self.path(name))?;
        }
        Ok(())
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

    /// Names of the files in a sub-folder, sorted.
    ///
    /// # Errors
    /// If it cannot be listed.
    pub fn list(&self, name: &str) -> Result<Vec<String>, Failure> {
        let path = self.path(name);
        let entries = fs::read_dir(&path).doing(format_args!("list {}", path.display()))?;
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.doing(format_args!("list {}", path.display()))?;
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        Ok(names)
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

/// Sub-folder of the metric table's finished parts, while the run goes on.
pub const PARTS: &str = "metrics.parts";
/// Says where the scenario's relative paths start, while the run goes on. It is written before anything else.
pub const BASE: &str = "base";
/// Sub-folder of the log's segments.
pub const SEGMENTS: &str = "checkpoints/segments";

/// Writes to a temporary name beside `path`, then renames.
///
/// # Errors
/// If it cannot be written; the temporary file is gone then.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = temporary(path);
    let write = || {
        let mut file = fs::File::create(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    };
    write().inspect_err(|_| drop(remove(&temporary)))
}

/// The temporary name beside `path`.
pub fn temporary(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".partial");
    path.with_file_name(name)
}

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

/// A folder of blobs, for the log.
#[derive(Debug)]
pub struct FolderStorage {
    root: PathBuf,
}

impl FolderStorage {
    /// Blobs as files in `root`, which must exist.
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }
}

impl Storage for FolderStorage {
    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.root.join(name);
        write_whole(&path, bytes).map_err(|error| at(&path, &error))
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        let path = self.root.join(name);
        fs::read(&path).map_err(|error| at(&path, &error))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let path = self.root.join(name);
        remove(&path).map_err(|error| at(&path, &error))
    }
}

/// The log knows its blobs by name only; users look for files.
fn at(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
