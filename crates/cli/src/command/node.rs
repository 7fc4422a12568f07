//! `node`.

use std::num::NonZero;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ecosystem::Keeping;
use net::{NetError, NodeOptions, Opened, run_node};

use super::NodeArguments;
use crate::failure::Failure;
use crate::folder::FolderStorage;
use crate::load;

pub(super) fn node(arguments: &NodeArguments) -> Result<(), Failure> {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let name = arguments.name.clone();
    let options = NodeOptions {
        coordinator: arguments.coordinator.clone(),
        name: name.unwrap_or_else(|| format!("process {}", std::process::id())),
        threads: arguments.threads.map_or(cores, usize::from),
        nats: arguments.nats.clone(),
        patience: Duration::from_secs(u64::from(arguments.wait)),
    };
    let store = Store::new(arguments.store.clone())?;
    let open = |text: &str, base: &str| open(text, base, &store);
    run_node(&options, open).map_err(|error| match error {
        NetError::Refused(_) | NetError::Unreachable { .. } | NetError::Data(_) => {
            Failure::input(error)
        }
        _ => Failure::run(error),
    })
}

/// Reads a resolved scenario and loads its data.
fn open(text: &str, base: &str, store: &Store) -> Result<Opened, String> {
    let scenario = ecosystem::scenario::read(text, &[], &ecosystem::metrics::names());
    let scenario = scenario.map_err(|problems| problems.to_string())?;
    let corpora = load::data(&scenario, base.as_ref()).map_err(|failure| failure.to_string())?;
    Ok(Opened {
        scenario: Arc::new(scenario),
        data: Arc::new(corpora.data),
        data_hash: corpora.hash,
        keeping: Keeping {
            storage: Arc::new(FolderStorage::new(store.0.clone())),
            all_documents: false,
        },
    })
}

/// Where a node puts what of the log does not fit into memory; empty again when it ends.
struct Store(PathBuf);

impl Store {
    fn new(chosen: Option<PathBuf>) -> Result<Self, Failure> {
        let own = format!("echosphere-node-{}", std::process::id());
        let path = chosen.unwrap_or_else(std::env::temp_dir).join(own);
        std::fs::create_dir_all(&path).map_err(|error| {
            Failure::input(format_args!("cannot make {}: {error}", path.display()))
        })?;
        Ok(Self(path))
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}
