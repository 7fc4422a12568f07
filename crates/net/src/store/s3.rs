//! S3-compatible storage.

use std::future::Future;
use std::io;
use std::sync::mpsc;

use futures_util::TryStreamExt;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use tokio::runtime::{Builder, Runtime};
use web::Storage;

use super::failed;
use crate::error::NetError;
use crate::security::install_provider;

/// Blobs as objects below a prefix of a bucket.
#[derive(Debug)]
pub(super) struct S3Storage {
    bucket: AmazonS3,
    prefix: String,
    /// Requests have a runtime of their own, because callers may be on any thread; there until it is dropped.
    runtime: Option<Runtime>,
}

impl S3Storage {
    /// Opens `s3://BUCKET/PREFIX`.
    pub(super) fn open(url: &str) -> Result<Self, NetError> {
        let place = url.trim_start_matches("s3://").trim_end_matches('/');
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        install_provider();
        let bucket = AmazonS3Builder::from_env()
            .with_bucket_name(bucket)
            .build()
            .map_err(|error| failed(url, &error))?;
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("s3")
            .enable_all()
            .build()
            .map_err(|error| failed(url, &error))?;
        let prefix = if prefix.is_empty() {
            String::new()
        } else {
            format!("{prefix}/")
        };
        Ok(Self {
            bucket,
            prefix,
            runtime: Some(runtime),
        })
    }

    fn path(&self, name: &str) -> Path {
        Path::from(format!("{}{name}", self.prefix))
    }

    /// Waits for a request, on whatever thread the caller is.
    fn wait<T: Send + 'static>(
        &self,
        request: impl Future<Output = object_store::Result<T>> + Send + 'static,
    ) -> io::Result<T> {
        let (sender, receiver) = mpsc::channel();
        if let Some(runtime) = &self.runtime {
            runtime.spawn(async move { drop(sender.send(request.await)) });
        }
        let answer = receiver.recv().map_err(io::Error::other)?;
        answer.map_err(|error| match error {
            object_store::Error::NotFound { .. } => io::Error::new(io::ErrorKind::NotFound, error),
            error => io::Error::other(error),
        })
    }
}

impl Drop for S3Storage {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Storage for S3Storage {
    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let (bucket, path, bytes) = (self.bucket.clone(), self.path(name), bytes.to_vec());
        self.wait(async move { bucket.put(&path, bytes.into()).await.map(drop) })
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        let (bucket, path) = (self.bucket.clone(), self.path(name));
        self.wait(async move { Ok(bucket.get(&path).await?.bytes().await?.to_vec()) })
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let (bucket, path) = (self.bucket.clone(), self.path(name));
        match self.wait(async move { bucket.delete(&path).await }) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn list(&self, prefix: &str) -> io::Result<Vec<String>> {
        let full = format!("{}{prefix}", self.prefix);
        // The store lists whole path segments; the rest of the prefix is looked at here.
        let folder = full.rsplit_once('/').map(|(folder, _)| Path::from(folder));
        let bucket = self.bucket.clone();
        let listed = self.wait(async move {
            let listed = bucket.list(folder.as_ref());
            listed.try_collect::<Vec<_>>().await
        })?;
        let names = listed.iter().map(|object| object.location.to_string());
        let own = |name: String| {
            let name = name.strip_prefix(&self.prefix)?.to_owned();
            name.starts_with(prefix).then_some(name)
        };
        let mut names: Vec<String> = names.filter_map(own).collect();
        names.sort();
        Ok(names)
    }
}
