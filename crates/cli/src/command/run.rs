//! `run`.

use std::io::Write;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ecosystem::scenario::schema::Scenario;
use net::LogLimits;

use super::finish::{finish, manifest};
use super::{HowArguments, RunArguments};
use crate::cluster::{BROKER, Cluster, Spread};
use crate::failure::Failure;
use crate::folder::Folder;
use crate::folder::SEGMENTS;
use crate::load;
use crate::measure::Stopwatch;
use crate::run::{Ingredients, Manifest, Options, Outcome, Stop, run as run_scenario};

pub(super) fn run(arguments: &RunArguments, out: &mut impl Write) -> Result<(), Failure> {
    let wall = Stopwatch::start();
    let named = load::scenario(&arguments.scenario, &overrides(arguments)?)?;
    for warning in &named.warnings {
        tracing::warn!("{warning}");
    }
    let folder = choose_folder(arguments, &named.name)?;
    let mut options = options(&arguments.how, arguments.keep_documents);
    if arguments.resume && folder.has_run() {
        same_run(&folder, &Manifest::running(&named.scenario, &options))?;
        return super::resume::go_on(&folder, &arguments.how, out);
    }
    let corpora = load::data(&named.scenario, &named.base)?;
    options.data_hash = corpora.hash;
    let place = (&folder, named.base.as_path());
    let cluster = start_nodes(place, &named.scenario, (&options, &arguments.how))?;
    folder.claim(&named.base)?;
    folder.write(
        "scenario.toml",
        ecosystem::scenario::resolved(&named.scenario).as_bytes(),
    )?;
    folder.write(
        "manifest.json",
        &json(&Manifest::running(&named.scenario, &options)),
    )?;
    let segments = folder.path(SEGMENTS);
    let ingredients = Ingredients::new(
        named.scenario,
        corpora.data,
        segments,
        arguments.keep_documents,
    );
    let outcome = run_on(cluster, &folder, ingredients.clone(), &options, false)?;
    finish(
        &folder,
        &ingredients.scenario,
        outcome,
        (wall, arguments.how.quiet),
        out,
    )
}

/// Starts nodes, if they are asked for. Leaves no trace if they cannot be had.
pub(super) fn start_nodes(
    (folder, base): (&Folder, &Path),
    scenario: &Scenario,
    (options, how): (&Options, &HowArguments),
) -> Result<Option<Cluster>, Failure> {
    let Some(nodes) = how.nodes else {
        return Ok(None);
    };
    let spread = Spread {
        nodes: usize::from(nodes),
        data_hash: options.data_hash.clone(),
        listen: how.listen,
        nats: how.nats.clone(),
        limits: LogLimits {
            replicas: how.log.nats_replicas,
            bytes_max: how.log.log_mib.map(|mib| u64::from(mib) << 20),
        },
        start_nodes: how.listen.is_none(),
        threads: (options.threads / usize::from(nodes)).max(1),
        lease: Duration::from_secs_f64(how.lease),
    };
    let started = Cluster::start(folder, (scenario, base), &spread);
    if started.is_err() {
        folder.remove_folder(BROKER)?;
        // A folder that holds a run stays.
        drop(std::fs::remove_dir(folder.root()));
    }
    started.map(Some)
}

/// Runs the scenario, on nodes if there are any.
pub(super) fn run_on(
    cluster: Option<Cluster>,
    folder: &Folder,
    mut ingredients: Ingredients,
    options: &Options,
    resume: bool,
) -> Result<Outcome, Failure> {
    let stop = Stop::on_ctrl_c();
    let Some(cluster) = cluster else {
        return run_scenario(folder, &ingredients, options, &stop, resume);
    };
    ingredients.leader = cluster.leader();
    let outcome = run_scenario(folder, &ingredients, options, &stop, resume);
    drop(ingredients);
    cluster.finish();
    folder.remove_folder(BROKER)?;
    outcome
}

pub(super) fn options(how: &HowArguments, keep_documents: bool) -> Options {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    Options {
        threads: how.threads.map_or(cores, usize::from),
        checkpoint_every: how.checkpoint_every,
        quiet: how.quiet,
        keep_documents,
        nodes: how.nodes.map_or(1, u32::from),
        data_hash: String::new(),
    }
}

pub(super) fn json(value: &impl serde::Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

fn overrides(arguments: &RunArguments) -> Result<Vec<(String, String)>, Failure> {
    let mut pairs = Vec::new();
    for text in &arguments.overrides {
        let pair = text
            .split_once('=')
            .filter(|(key, _)| !key.trim().is_empty());
        let Some((key, value)) = pair else {
            return Err(Failure::input(format_args!(
                "--set {text}: write KEY=VALUE, for instance --set seed=7"
            )));
        };
        pairs.push((key.trim().to_owned(), value.trim().to_owned()));
    }
    pairs.extend(
        arguments
            .seed
            .map(|seed| ("seed".to_owned(), seed.to_string())),
    );
    pairs.extend(
        arguments
            .replicates
            .map(|count| ("replicates".to_owned(), count.to_string())),
    );
    Ok(pairs)
}

/// The folder asked for, or the first free one of runs/NAME, runs/NAME-2, ...
fn choose_folder(arguments: &RunArguments, name: &str) -> Result<Folder, Failure> {
    let Some(path) = &arguments.out else {
        return Ok(free_folder(name));
    };
    let folder = Folder::at(path);
    if folder.has_run() && !arguments.resume {
        return Err(Failure::input(format_args!(
            "{} already holds a run: choose another --out, or add --resume to go on with it",
            path.display()
        )));
    }
    // The run removes its own sub-folders at the end: nothing of somebody else's may be among them.
    if !folder.has_run() && !folder.is_free() {
        return Err(Failure::input(format_args!(
            "{} holds other files and no run: choose another --out, or empty it",
            path.display()
        )));
    }
    Ok(folder)
}

/// Going on with a run that is not the one asked for would answer another question.
fn same_run(folder: &Folder, asked: &Manifest) -> Result<(), Failure> {
    let found = manifest(folder)?;
    let root = folder.root().display();
    let what = if found.scenario_hash != asked.scenario_hash {
        "a run of another scenario, or of this one with another --set, --seed or --replicates"
    } else if asked.keep_documents && !found.keep_documents {
        "a run that does not keep its documents"
    } else {
        return Ok(());
    };
    Err(Failure::input(format_args!(
        "{root} holds {what}: choose another --out, or go on with it by `echosphere resume {root}`"
    )))
}

fn free_folder(name: &str) -> Folder {
    let first = Folder::at(PathBuf::from("runs").join(name));
    let numbered =
        (2..).map(|number: u32| Folder::at(PathBuf::from("runs").join(format!("{name}-{number}"))));
    std::iter::once(first)
        .chain(numbered)
        .find(|folder| !folder.root().exists())
        .unwrap_or_else(|| Folder::at(name))
}
