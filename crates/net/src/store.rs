//! The checkpoint store: a directory, or S3-compatible storage.

mod folder;
mod s3;

use std::sync::Arc;

use web::{Below, MemoryStorage, Storage};

pub use self::folder::{FolderStorage, temporary, write_whole};
use crate::error::NetError;
use crate::saved::SEGMENTS;

/// Where a run keeps what it needs to go on: checkpoints, segments of the log, parts of the metric table.
#[derive(Debug, Clone)]
pub struct Store {
    url: String,
    storage: Arc<dyn Storage>,
}

impl Store {
    /// Opens the store that `place` names: `s3://BUCKET/PREFIX`, `file:///DIR`, or a directory. Credentials, region and
    /// endpoint of S3 come from the usual `AWS_*` variables.
    ///
    /// # Errors
    /// If there is no such kind of store, or it is not completely described.
    pub fn open(place: &str) -> Result<Self, NetError> {
        if place.starts_with("s3://") {
            let storage = Arc::new(s3::S3Storage::open(place)?);
            return Ok(Self {
                url: place.trim_end_matches('/').to_owned(),
                storage,
            });
        }
        let path = place.strip_prefix("file://").unwrap_or(place);
        if path.is_empty() || path.contains("://") {
            return Err(NetError::Store {
                url: place.to_owned(),
                message: "a store is a directory, file:///DIR, or s3://BUCKET/PREFIX".to_owned(),
            });
        }
        let path = std::path::absolute(path).map_err(|error| failed(place, &error))?;
        Ok(Self {
            url: format!("file://{}", path.display()),
            storage: Arc::new(FolderStorage::new(path)),
        })
    }

    /// A store that nobody else reaches and that is gone with this value, for runs that save nothing.
    pub fn nowhere() -> Self {
        Self {
            url: String::new(),
            storage: Arc::new(MemoryStorage::default()),
        }
    }

    /// How others name it; empty if they cannot reach it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// All blobs.
    pub fn storage(&self) -> &Arc<dyn Storage> {
        &self.storage
    }

    /// The blobs of logs.
    pub fn segments(&self) -> Arc<dyn Storage> {
        Arc::new(Below::new(Arc::clone(&self.storage), SEGMENTS))
    }
}

fn failed(url: &str, error: &dyn std::fmt::Display) -> NetError {
    NetError::Store {
        url: url.to_owned(),
        message: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_told_apart() {
        let url = |place: &str| Store::open(place).map(|store| store.url().to_owned());
        assert_eq!(url("/tmp/x").unwrap(), "file:///tmp/x");
        assert_eq!(url("file:///tmp/x").unwrap(), "file:///tmp/x");
        assert!(url("x").unwrap().starts_with("file:///"));
        for wrong in ["http://host/x", "", "file://"] {
            let said = url(wrong).unwrap_err().to_string();
            assert!(said.contains("s3://BUCKET/PREFIX"), "{said}");
        }
    }
}
