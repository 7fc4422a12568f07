//! Where the log puts what does not fit into memory. The edge of the program hands one in; this crate opens no file.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io;
use std::sync::{Mutex, PoisonError};

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
}
