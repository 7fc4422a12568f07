//! Where the log puts what does not fit into memory. The edge of the program hands one in; this crate opens no file.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

/// A flat store of named blobs.
pub trait Storage: Debug + Send + Sync {
    /// Writes a blob whole or not at all; an existing blob of that name is replaced.
    ///
    /// # Errors
    /// If the blob could not be written; nothing of that name has changed then.
    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()>;

    /// Reads a whole blob.
    ///
    /// # Errors
    /// If there is none of that name or it cannot be read.
    fn read(&self, name: &str) -> io::Result<Vec<u8>>;

    /// Removes a blob; it is no error if there is none.
    ///
    /// # Errors
    /// If it is there and cannot be removed.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Names of all blobs that begin with `prefix`, sorted.
    ///
    /// # Errors
    /// If they cannot be listed.
    fn list(&self, prefix: &str) -> io::Result<Vec<String>>;
}

/// A part of another storage: the blobs whose names begin with a prefix, which is not part of their names here.
#[derive(Debug, Clone)]
pub struct Below {
    whole: Arc<dyn Storage>,
    prefix: String,
}

impl Below {
    /// The blobs of `whole` below `prefix`.
    pub fn new(whole: Arc<dyn Storage>, prefix: impl Into<String>) -> Self {
        Self {
            whole,
            prefix: prefix.into(),
        }
    }

    fn full(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}

impl Storage for Below {
    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.whole.write(&self.full(name), bytes)
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        self.whole.read(&self.full(name))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.whole.remove(&self.full(name))
    }

    fn list(&self, prefix: &str) -> io::Result<Vec<String>> {
        let names = self.whole.list(&self.full(prefix))?;
        let cut = |name: String| name.strip_prefix(&self.prefix).map(str::to_owned);
        Ok(names.into_iter().filter_map(cut).collect())
    }
}

/// Two storages as one: what is written goes to the near one; what is not there is read from the far one.
#[derive(Debug, Clone)]
pub struct Layered {
    near: Arc<dyn Storage>,
    far: Arc<dyn Storage>,
}

impl Layered {
    /// `near` before `far`.
    pub fn new(near: Arc<dyn Storage>, far: Arc<dyn Storage>) -> Self {
        Self { near, far }
    }
}

impl Storage for Layered {
    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.near.write(name, bytes)
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        match self.near.read(name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.far.read(name),
            found => found,
        }
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.near.remove(name)
    }

    fn list(&self, prefix: &str) -> io::Result<Vec<String>> {
        let mut names = self.near.list(prefix)?;
        names.extend(self.far.list(prefix)?);
        names.sort();
        names.dedup();
        Ok(names)
    }
}

/// A [`Storage`] that keeps everything in memory, for runs that leave nothing behind.
#[derive(Debug, Default)]
pub struct MemoryStorage {
    blobs: Mutex<BTreeMap<String, Vec<u8>>>,
}

impl Storage for MemoryStorage {
    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut blobs = self.blobs.lock().unwrap_or_else(PoisonError::into_inner);
        blobs.insert(name.to_owned(), bytes.to_vec());
        Ok(())
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        let blobs = self.blobs.lock().unwrap_or_else(PoisonError::into_inner);
        blobs
            .get(name)
            .cloned()
            .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, name.to_owned()))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.blobs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(name);
        Ok(())
    }

    fn list(&self, prefix: &str) -> io::Result<Vec<String>> {
        let blobs = self.blobs.lock().unwrap_or_else(PoisonError::into_inner);
        let names = blobs.keys().filter(|name| name.starts_with(prefix));
        Ok(names.cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(names: &[&str]) -> Arc<dyn Storage> {
        let storage = MemoryStorage::default();
        for name in names {
            storage.write(name, name.as_bytes()).unwrap();
        }
        Arc::new(storage)
    }

    #[test]
    fn a_part_of_a_storage_sees_nothing_beside_it() {
        let whole = with(&["a/1", "a/2", "b/1"]);
        let part = Below::new(Arc::clone(&whole), "a/");
        assert_eq!(part.list("").unwrap(), ["1", "2"]);
        part.write("3", b"three").unwrap();
        part.remove("1").unwrap();
        assert_eq!(whole.list("").unwrap(), ["a/2", "a/3", "b/1"]);
        assert_eq!(part.read("3").unwrap(), b"three");
    }

    #[test]
    fn the_near_storage_comes_first_and_takes_what_is_written() {
        let (near, far) = (with(&["near"]), with(&["far"]));
        let both = Layered::new(Arc::clone(&near), Arc::clone(&far));
        assert_eq!(both.read("far").unwrap(), b"far");
        both.write("far", b"nearer").unwrap();
        assert_eq!(both.read("far").unwrap(), b"nearer");
        assert_eq!(far.read("far").unwrap(), b"far");
        assert_eq!(both.list("").unwrap(), ["far", "near"]);
        assert_eq!(
            both.read("none").unwrap_err().kind(),
            io::ErrorKind::NotFound
        );
    }
}
