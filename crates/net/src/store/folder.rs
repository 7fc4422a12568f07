//! A folder of blobs.

use std::fs;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use web::Storage;

/// Blobs as files in a folder; slashes in names make sub-folders.
#[derive(Debug)]
pub struct FolderStorage {
    root: PathBuf,
    /// Part of temporary names: several processes may write one blob.
    nonce: u64,
}

impl FolderStorage {
    /// Blobs as files in `root`, which is made when something is written.
    pub fn new(root: PathBuf) -> Self {
        let nonce = RandomState::new().build_hasher().finish();
        Self { root, nonce }
    }
}

impl Storage for FolderStorage {
    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.root.join(name);
        let folder = path.parent().unwrap_or(&self.root);
        let temporary = path.with_extension(format!("{:016x}{PARTIAL}", self.nonce));
        let written = fs::create_dir_all(folder).and_then(|()| write_by(&temporary, &path, bytes));
        written.map_err(|error| at(&path, &error))
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        let path = self.root.join(name);
        fs::read(&path).map_err(|error| at(&path, &error))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let path = self.root.join(name);
        remove(&path).map_err(|error| at(&path, &error))
    }

    fn list(&self, prefix: &str) -> io::Result<Vec<String>> {
        let below = prefix.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut names = Vec::new();
        walk(&self.root, below, &mut names)?;
        names.retain(|name| name.starts_with(prefix) && !name.ends_with(PARTIAL));
        names.sort();
        Ok(names)
    }
}

/// Names of all files below a sub-folder; none if it is not there.
fn walk(root: &Path, below: &str, names: &mut Vec<String>) -> io::Result<()> {
    let path = root.join(below);
    let entries = match fs::read_dir(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(|error| at(&path, &error))?,
    };
    for entry in entries {
        let entry = entry.map_err(|error| at(&path, &error))?;
        let file = entry.file_name().to_string_lossy().into_owned();
        let name = if below.is_empty() {
            file
        } else {
            format!("{below}/{file}")
        };
        if entry.path().is_dir() {
            walk(root, &name, names)?;
        } else {
            names.push(name);
        }
    }
    Ok(())
}

/// Writes to a temporary name beside `path`, then renames.
///
/// # Errors
/// If it cannot be written; the temporary file is gone then.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_by(&temporary(path), path, bytes)
}

/// The temporary name beside `path`.
pub fn temporary(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(PARTIAL);
    path.with_file_name(name)
}

/// What has not been written whole ends so.
const PARTIAL: &str = ".partial";

fn write_by(temporary: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let write = || {
        let mut file = fs::File::create(temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(temporary, path)
    };
    write().inspect_err(|_| drop(remove(temporary)))
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A name alone says nothing to users, who look for files.
fn at(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blobs_are_listed_by_their_names() {
        let folder = tempfile::tempdir().unwrap();
        let storage = FolderStorage::new(folder.path().join("new"));
        assert!(storage.list("").unwrap().is_empty());
        for name in ["a/2", "a/1", "a/b/3", "ab", "c"] {
            storage.write(name, name.as_bytes()).unwrap();
        }
        assert_eq!(
            storage.list("").unwrap(),
            ["a/1", "a/2", "a/b/3", "ab", "c"]
        );
        assert_eq!(storage.list("a/").unwrap(), ["a/1", "a/2", "a/b/3"]);
        assert_eq!(storage.list("a/b/").unwrap(), ["a/b/3"]);
        assert_eq!(storage.list("a").unwrap().len(), 4);
        storage.remove("a/1").unwrap();
        storage.remove("a/1").unwrap();
        assert_eq!(storage.read("a/2").unwrap(), b"a/2");
        let missing = storage.read("a/1").unwrap_err();
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
    }
}
