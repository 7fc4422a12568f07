//! `node`.

use std::num::NonZero;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use net::{FolderStorage, Leave, NetError, NodeOptions, Opened, run_node};

use super::NodeArguments;
use crate::cluster::BUILD;
use crate::failure::Failure;
use crate::load;

pub(super) fn node(arguments: &NodeArguments) -> Result<(), Failure> {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let name = arguments.name.clone();
    let options = NodeOptions {
        coordinator: arguments.coordinator.clone(),
        name: name.unwrap_or_else(|| format!("process-{}", std::process::id())),
        threads: arguments.threads.map_or(cores, usize::from),
        nats: arguments.nats.clone(),
        patience: Duration::from_secs(u64::from(arguments.wait)),
        stay: arguments.stay,
        build: BUILD.to_owned(),
        scenario_hash: arguments.scenario_hash.clone(),
        security: arguments.security.chosen(),
        leave: leave_when_asked(),
        operations: arguments.operations.chosen(),
    };
    net::check_node_name(&options.name).map_err(Failure::input)?;
    let spill = Spill::new(arguments.store.clone())?;
    let open = |text: &str, base: &str| open(text, base, &spill);
    run_node(&options, open).map_err(|error| match error {
        NetError::Refused(_)
        | NetError::Insecure(_)
        | NetError::Unreachable { .. }
        | NetError::Data(_)
        | NetError::Store { .. } => Failure::input(error),
        _ => Failure::run(error),
    })
}

/// Listens for Ctrl-C and SIGTERM. The first one asks the node to leave, the second one ends it.
fn leave_when_asked() -> Leave {
    let leave = Leave::default();
    let asked = leave.clone();
    let handler = move || {
        if asked.ask() {
            std::process::exit(1);
        }
    };
    if let Err(error) = ctrlc::set_handler(handler) {
        tracing::warn!(%error, "Ctrl-C will end the node without handing its shards over");
    }
    leave
}

/// Reads a resolved scenario and loads its data.
fn open(text: &str, base: &str, spill: &Spill) -> Result<Opened, String> {
    let scenario = ecosystem::scenario::read(text, &[], &ecosystem::metrics::names());
    let scenario = scenario.map_err(|problems| problems.to_string())?;
    let corpora = load::data(&scenario, base.as_ref()).map_err(|failure| failure.to_string())?;
    Ok(Opened {
        scenario: Arc::new(scenario),
        data: Arc::new(corpora.data),
        data_hash: corpora.hash,
        spill: Arc::new(FolderStorage::new(spill.0.clone())),
        folder: spill.0.clone(),
    })
}

/// Where a node puts what of the log does not fit into memory; empty again when it ends.
struct Spill(PathBuf);

impl Spill {
    fn new(chosen: Option<PathBuf>) -> Result<Self, Failure> {
        let own = format!("echosphere-node-{}", std::process::id());
        let path = chosen.unwrap_or_else(std::env::temp_dir).join(own);
        std::fs::create_dir_all(&path).map_err(|error| {
            Failure::input(format_args!("cannot make {}: {error}", path.display()))
        })?;
        Ok(Self(path))
    }
}

impl Drop for Spill {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}
