//! `coordinator`.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::RunArguments;
use super::finish::{finish, manifest};
use super::run::{begin, options, overrides, same_run, spread, start, store};
use crate::cluster::{Spread, Started};
use crate::failure::Failure;
use crate::folder::Folder;
use crate::load;
use crate::measure::Stopwatch;
use crate::run::{Ingredients, Manifest, any_checkpoint};

#[derive(Debug, Args)]
pub(super) struct CoordinatorArguments {
    /// The run's name at the broker: letters, digits, - and _. The same command again goes on with the run of that name, also
    /// on another machine if it reaches the checkpoints.
    #[arg(long = "run", value_name = "NAME", env = "ECHOSPHERE_RUN", value_parser = run_name)]
    name: String,
    #[command(flatten)]
    what: RunArguments,
}

/// Where nodes attach if nothing else is said.
const LISTEN: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 7400);
const NAME_LENGTH_MAX: usize = 64;

/// A name that can be part of the names of streams.
fn run_name(text: &str) -> Result<String, String> {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    if text.is_empty() || text.len() > NAME_LENGTH_MAX || !text.chars().all(fits) {
        return Err(format!(
            "it must have 1 to {NAME_LENGTH_MAX} letters, digits, - or _"
        ));
    }
    Ok(text.to_owned())
}

pub(super) fn coordinator(
    arguments: &CoordinatorArguments,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let wall = Stopwatch::start();
    let what = &arguments.what;
    let named = load::scenario(&what.scenario, &overrides(what)?)?;
    for warning in &named.warnings {
        tracing::warn!("{warning}");
    }
    let own = || PathBuf::from("runs").join(&arguments.name);
    let folder = Folder::at(what.out.clone().unwrap_or_else(own));
    let mut options = options(&what.how, what.keep_documents);
    if folder.has_run() {
        same_run(&folder, &Manifest::running(&named.scenario, &options))?;
        let manifest = manifest(&folder)?;
        if manifest.status == "finished" {
            return tell_digest(&manifest.digest, out);
        }
        options.checkpoints = options.checkpoints.or(manifest.checkpoints);
    }
    let corpora = load::data(&named.scenario, &named.base)?;
    options.data_hash = corpora.hash;
    let store = store(&folder, options.checkpoints.as_deref())?;
    let place = (&folder, named.base.as_path());
    let spread = Spread {
        run: Some(arguments.name.clone()),
        listen: Some(what.how.spread.listen.unwrap_or(LISTEN)),
        start_nodes: false,
        ..spread(&options, &what.how, &store)?.ok_or_else(incomplete)?
    };
    if spread.nats.is_none() {
        return Err(incomplete());
    }
    let cluster = match start(place, &named.scenario, &spread)? {
        Started::Cluster(cluster) => cluster,
        Started::Finished(digest) => return tell_digest(&digest, out),
    };
    let resume = any_checkpoint(&**store.storage())?;
    let ingredients = Ingredients::new(named.scenario, corpora.data, store, what.keep_documents);
    let outcome = begin(Some(cluster), place, ingredients.clone(), &options, resume)?;
    finish(&folder, &ingredients, outcome, (wall, what.how.quiet), out)
}

fn incomplete() -> Failure {
    Failure::input(
        "a coordinator needs --nodes N, the number of nodes to begin with, and --nats URL, a NATS server with JetStream",
    )
}

fn tell_digest(digest: &str, out: &mut impl Write) -> Result<(), Failure> {
    writeln!(out, "the run is finished\ndigest  {digest}").map_err(Failure::output)
}
