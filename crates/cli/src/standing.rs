//! The web of a run, finished or on its way, for those who serve or export it.

use std::fs;
use std::sync::Arc;

use ecosystem::Atlas;
use ecosystem::scenario::schema::Scenario;
use net::Store;
use report::parquet::{DocumentBatch, read_documents};
use types::content::{Content, ContentKind, Numbers};
use types::document::{Lineage, ModelId, Publication, SiteId};
use types::time::{VirtualDuration, VirtualTime};
use web::{Batch, Log, LogConfig, MemoryStorage};

use crate::failure::{Context, Failure};
use crate::folder::Folder;
use crate::load;
use crate::run::{Manifest, checkpointed_log, newest_checkpoint};

/// The web of one replicate, as far as it is known.
#[derive(Debug)]
pub(crate) struct Standing {
    pub(crate) scenario: Scenario,
    pub(crate) atlas: Atlas,
    pub(crate) log: Log,
    /// Until when it is known.
    pub(crate) until: VirtualTime,
    /// The checkpoint that it is from, if the run is on its way.
    pub(crate) checkpoint: Option<u64>,
}

/// Opens the web of a run: from its documents if it is finished, else from its newest checkpoint.
///
/// # Errors
/// If there is no such run or replicate, or its documents are not there, with exit code 2.
pub(crate) fn open(
    folder: &Folder,
    manifest: &Manifest,
    replicate: u32,
) -> Result<Standing, Failure> {
    if replicate >= manifest.replicates {
        let last = manifest.replicates - 1;
        return Err(Failure::input(format_args!(
            "--replicate {replicate}: the run in {} has replicates 0 to {last}",
            folder.root().display()
        )));
    }
    let path = folder.path("scenario.toml");
    let scenario = load::scenario(&path.to_string_lossy(), &[])?.scenario;
    let atlas = Atlas::new(&scenario, replicate);
    let finished = manifest.status == "finished";
    let (log, until, checkpoint) = if finished {
        let log = documents(folder, &scenario, replicate, atlas.log_config())?;
        (log, atlas.horizon(), None)
    } else {
        let store = store_of(folder, manifest)?;
        let (number, log) = checkpointed_log(&store, replicate, atlas.log_config())?;
        let until = last_published(&log);
        (log, until, Some(number))
    };
    if log.segment_numbers().start > 0 {
        return Err(Failure::input(format_args!(
            "the run in {} forgets what nobody can read any more: only with --keep-documents can all of its web be shown",
            folder.root().display()
        )));
    }
    Ok(Standing {
        scenario,
        atlas,
        log,
        until,
        checkpoint,
    })
}

/// Number of the newest checkpoint of a run that is on its way.
pub(crate) fn newest(folder: &Folder, manifest: &Manifest) -> Option<u64> {
    newest_checkpoint(&store_of(folder, manifest).ok()?)
}

fn store_of(folder: &Folder, manifest: &Manifest) -> Result<Store, Failure> {
    let own = folder.root().to_string_lossy();
    let place = manifest.checkpoints.as_deref().unwrap_or(&own);
    Store::open(place).map_err(Failure::input)
}

fn last_published(log: &Log) -> VirtualTime {
    let last = log.segment_numbers().next_back();
    let last = last.and_then(|number| log.segment(number).publications.last());
    last.map_or(VirtualTime::START, |publication| publication.time)
}

/// The log of a finished replicate, from its `documents.parquet`.
fn documents(
    folder: &Folder,
    scenario: &Scenario,
    replicate: u32,
    config: LogConfig,
) -> Result<Log, Failure> {
    let mut path = folder.path("documents.parquet");
    if scenario.replicates > 1 {
        path = path.join(format!("replicate-{replicate:06}.parquet"));
    }
    let shown = path.display();
    if !path.exists() {
        return Err(Failure::input(format_args!(
            "{shown} is not there: run the scenario again with --keep-documents"
        )));
    }
    let refused = |problem: &dyn std::fmt::Display| {
        Failure::input(format_args!("{shown} cannot be read: {problem}"))
    };
    let bytes = fs::read(&path).doing(format_args!("read {shown}"))?;
    let kind = config.kind;
    let everything = LogConfig {
        memory_bytes_max: u64::MAX,
        ..config
    };
    let mut log = Log::new(everything, Arc::new(MemoryStorage::default()));
    for batch in read_documents(bytes).map_err(|error| refused(&error))? {
        let batch = batch.map_err(|error| refused(&error))?;
        if batch
            .sequence
            .first()
            .is_some_and(|&first| first != log.published())
        {
            return Err(refused(&"documents are missing"));
        }
        let batch = published(&batch, kind).ok_or_else(|| refused(&"it is of another scenario"))?;
        log.append(vec![batch]).doing("keep documents in memory")?;
    }
    Ok(log)
}

/// Documents as they were published; `None` if they are of another kind.
fn published(documents: &DocumentBatch, kind: ContentKind) -> Option<Batch> {
    let mut batch = Batch::empty(kind);
    batch.content = content(documents, kind)?;
    for at in 0..documents.sequence.len() {
        batch.publish(Publication {
            author: documents.author[at].map(ModelId),
            models: 1,
            generation: documents.generation[at],
            time: VirtualTime::START + VirtualDuration::from_days(documents.time[at]),
            lineage: Lineage {
                depth: documents.lineage_depth[at] as f32,
                real_share: documents.real_share[at] as f32,
            },
            documents: 1,
            site: documents.site[at].map(SiteId),
        });
    }
    Some(batch)
}

fn content(documents: &DocumentBatch, kind: ContentKind) -> Option<Content> {
    let numbers = || {
        let points = documents.numbers.as_ref()?;
        let values: Vec<f64> = points.iter().flatten().copied().collect();
        let per_document = points.first().map(Vec::len);
        Some((values, per_document))
    };
    let fits = |found: Option<usize>, dimension: u32| {
        found.is_none_or(|found| found == dimension as usize)
    };
    match kind {
        ContentKind::Text => Some(Content::from_texts(documents.text.as_ref()?)),
        ContentKind::Symbols => Some(Content::Symbols {
            symbols: documents.symbol.clone()?,
            weights: Vec::new(),
        }),
        ContentKind::F64 { dimension } => {
            let (values, found) = numbers()?;
            fits(found, dimension).then_some(Content::F64(Numbers { dimension, values }))
        }
        ContentKind::F32 { dimension } => {
            let (values, found) = numbers()?;
            let values = values.into_iter().map(|value| value as f32).collect();
            fits(found, dimension).then_some(Content::F32(Numbers { dimension, values }))
        }
    }
}
