//! A point that is finished, as a file.

use std::collections::BTreeSet;
use std::fs;
use std::io;

use net::temporary;
use serde::{Deserialize, Serialize};
use types::metric::Row;

use super::piece::Ended;
use crate::failure::{Context, Failure};
use crate::folder::Folder;

/// What a point has come to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Outcome {
    /// It ended.
    Finished(Finished),
    /// One of its replicates failed, with this error.
    Failed(String),
}

/// A point at its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Finished {
    /// Digests of the replicates.
    pub(crate) digests: Vec<[u8; 32]>,
    /// Windows run, over all replicates.
    pub(crate) windows: u64,
    /// Model updates, over all replicates.
    pub(crate) updates: u64,
    /// The rows that are kept, as a complete file of metrics.
    pub(crate) rows: Vec<u8>,
    /// What theory expects of them, in the same form; or why it says nothing.
    pub(crate) expected: Result<Vec<u8>, String>,
}

/// Folder of the points that are finished.
pub(crate) const POINTS: &str = "points";
const MAGIC: &[u8] = b"echosphere point 2\n";

impl Outcome {
    /// What the replicates of a point have come to, in their order; and what theory expects of a point that has not failed.
    pub(super) fn of(
        replicates: impl Iterator<Item = Result<Ended, String>>,
        expected: impl FnOnce() -> Result<Vec<Row>, String>,
    ) -> Result<Self, Failure> {
        let mut finished = Finished {
            digests: Vec::new(),
            windows: 0,
            updates: 0,
            rows: Vec::new(),
            expected: Ok(Vec::new()),
        };
        let mut rows: Vec<Row> = Vec::new();
        for (replicate, ended) in replicates.enumerate() {
            match ended {
                Ok(ended) => {
                    finished.digests.push(ended.digest);
                    finished.windows += ended.windows;
                    finished.updates += ended.updates;
                    rows.extend(ended.rows);
                }
                Err(error) => {
                    return Ok(Self::Failed(format!("replicate {replicate}: {error}")));
                }
            }
        }
        finished.rows = report::parquet::metrics_part(&rows).doing("encode metrics")?;
        finished.expected = match expected() {
            Ok(rows) => Ok(report::parquet::metrics_part(&rows).doing("encode theory")?),
            Err(reason) => Err(reason),
        };
        Ok(Self::Finished(finished))
    }

    /// Writes it whole or not at all. What was renamed survives a kill; it is not forced to the disk, because a sweep has
    /// many points, and one that a power failure tears is recognised by its hash.
    pub(super) fn write(&self, folder: &Folder, point: u32) -> Result<(), Failure> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&[0; 32]);
        let mut bytes = postcard::to_extend(self, bytes).doing("encode a point")?;
        let (head, body) = bytes.split_at_mut(MAGIC.len() + 32);
        head[MAGIC.len()..].copy_from_slice(blake3::hash(body).as_bytes());
        let path = folder.path(&name(point));
        let partial = temporary(&path);
        let written = fs::write(&partial, &bytes).and_then(|()| fs::rename(&partial, &path));
        written.doing(format_args!("write {}", path.display()))
    }

    /// Reads the outcome of a point; `None` if there is none, or it is not what was written.
    pub(crate) fn read(folder: &Folder, point: u32) -> Result<Option<Self>, Failure> {
        let path = folder.path(&name(point));
        match fs::read(&path) {
            Ok(bytes) => Ok(decode(&bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failure::run(format_args!(
                "cannot read {}: {error}",
                path.display()
            ))),
        }
    }
}

fn name(point: u32) -> String {
    format!("{POINTS}/{point:06}")
}

fn decode(bytes: &[u8]) -> Option<Outcome> {
    let rest = bytes.strip_prefix(MAGIC)?;
    let (hash, body) = rest.split_at_checked(32)?;
    (blake3::hash(body).as_bytes() == hash).then_some(())?;
    postcard::from_bytes(body).ok()
}

/// Points that need not be run.
pub(super) fn finished(folder: &Folder, points: usize) -> Result<BTreeSet<u32>, Failure> {
    let path = folder.path(POINTS);
    fs::create_dir_all(&path).doing(format_args!("make {}", path.display()))?;
    let mut finished = BTreeSet::new();
    for point in 0..points as u32 {
        if Outcome::read(folder, point)?.is_some() {
            finished.insert(point);
        }
    }
    Ok(finished)
}

/// Forgets the points that failed, so that they are run again.
pub(crate) fn forget_failed(folder: &Folder, points: usize) -> Result<(), Failure> {
    for point in 0..points as u32 {
        if let Some(Outcome::Failed(_)) = Outcome::read(folder, point)? {
            folder.remove(&name(point))?;
        }
    }
    Ok(())
}
