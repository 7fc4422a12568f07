//! `run`.

use std::io::Write;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ecosystem::scenario::schema::Scenario;
use net::{LogLimits, Operations, Security, Store};

use super::finish::{finish, manifest};
use super::{HowArguments, RunArguments, SpreadArguments};
use crate::cluster::{BROKER, Cluster, Spread, Started};
use crate::failure::Failure;
use crate::folder::{CHECKPOINTS, Folder};
use crate::load::{self, Named};
use crate::measure::Stopwatch;
use crate::run::{Ingredients, Manifest, Options, Outcome, Stop, run as run_scenario};

/// Where a run goes, and what stays of it.
pub(super) struct Where<'a> {
    /// The run folder, if it was said.
    pub(super) out: Option<&'a PathBuf>,
    /// Whether it may hold the run already.
    pub(super) resume: bool,
    pub(super) keep_documents: bool,
}

pub(super) fn run(arguments: &RunArguments, out: &mut impl Write) -> Result<(), Failure> {
    let named = load::scenario(&arguments.scenario, &overrides(arguments)?)?;
    let place = Where {
        out: arguments.out.as_ref(),
        resume: arguments.resume,
        keep_documents: arguments.keep_documents,
    };
    run_named(named, &place, &arguments.how, out)
}

/// Runs a scenario to its end.
pub(super) fn run_named(
    named: Named,
    place: &Where<'_>,
    how: &HowArguments,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let wall = Stopwatch::start();
    for warning in &named.warnings {
        tracing::warn!("{warning}");
    }
    let folder = choose((place.out, place.resume), &named.name)?;
    let keep_documents = place.keep_documents;
    let mut options = options(how, keep_documents);
    if place.resume && folder.has_run() {
        same_run(&folder, &Manifest::running(&named.scenario, &options))?;
        return super::resume::go_on(&folder, how, out);
    }
    let corpora = load::data(&named.scenario, &named.base)?;
    options.data_hash = corpora.hash;
    if let Some(warning) = unstable(&named.scenario, &corpora.data) {
        tracing::warn!("{warning}");
    }
    let store = store(&folder, options.checkpoints.as_deref())?;
    let place = (&folder, named.base.as_path());
    let cluster = match spread(&options, how, &store)? {
        Some(spread) => start_nodes(place, &named.scenario, &spread)?,
        None => None,
    };
    let ingredients = Ingredients::new(named.scenario, corpora.data, store, keep_documents);
    let outcome = begin(cluster, place, ingredients.clone(), &options, false)?;
    finish(&folder, &ingredients, outcome, (wall, how.quiet), out)
}

/// What theory warns of before a run: that nothing holds deviations.
fn unstable(scenario: &Scenario, data: &ecosystem::Data) -> Option<String> {
    let limit = ecosystem::theory::expectation(scenario, data, true)
        .ok()?
        .limit?;
    if limit.mean.is_some() {
        return None;
    }
    let radius = limit.spectral_radius;
    let what = if radius > 1.0 + 1e-9 {
        "every run drifts away from any truth, though the average over runs may not show it"
    } else {
        "errors add up for ever"
    };
    Some(format!(
        "the spectral radius of the update is {radius:.4}, which is not below 1: {what}"
    ))
}

/// Makes the folder the run's, and runs it: from the beginning, or from the newest checkpoint if `resume`.
pub(super) fn begin(
    cluster: Option<Cluster>,
    (folder, base): (&Folder, &Path),
    ingredients: Ingredients,
    options: &Options,
    resume: bool,
) -> Result<Outcome, Failure> {
    let scenario = &ingredients.scenario;
    folder.claim(base)?;
    let resolved = ecosystem::scenario::resolved(scenario);
    folder.write("scenario.toml", resolved.as_bytes())?;
    let manifest = Manifest::running(scenario, options);
    folder.write("manifest.json", &json(&manifest))?;
    for (vocabulary, tokenizer) in ingredients.data.tokenizer_files() {
        folder.write(
            &format!("tokenizer-{vocabulary}.json"),
            tokenizer.as_bytes(),
        )?;
    }
    run_on(cluster, folder, ingredients, options, resume)
}

/// The checkpoint store: in the run folder, if nothing else was said.
pub(super) fn store(folder: &Folder, place: Option<&str>) -> Result<Store, Failure> {
    let own = folder.root().to_string_lossy();
    Store::open(place.unwrap_or(&own)).map_err(Failure::input)
}

/// How a run is spread over nodes, if they are asked for.
///
/// # Errors
/// If something is asked of nodes that are not.
pub(super) fn spread(
    options: &Options,
    how: &HowArguments,
    store: &Store,
) -> Result<Option<Spread>, Failure> {
    let operations = how.operations.chosen();
    let Some(nodes) = how.spread.nodes.map(usize::from) else {
        if operations.metrics.or(operations.health).is_some() {
            return Err(Failure::input(
                "--metrics and --health show a run on nodes: add --nodes N",
            ));
        }
        return Ok(None);
    };
    Ok(Some(Spread {
        data_hash: options.data_hash.clone(),
        store: store.clone(),
        keep_documents: options.keep_documents,
        threads: (options.threads / nodes).max(1),
        security: how.security.chosen(),
        operations,
        ..how.spread.chosen(nodes)
    }))
}

impl SpreadArguments {
    /// What was asked for, for so many nodes; nothing is kept or secured.
    pub(super) fn chosen(&self, nodes: usize) -> Spread {
        Spread {
            nodes,
            data_hash: String::new(),
            run: None,
            store: Store::nowhere(),
            keep_documents: false,
            listen: self.listen,
            nats: self.nats.clone(),
            limits: LogLimits {
                replicas: self.log.nats_replicas,
                bytes_max: self.log.log_mib.map(|mib| u64::from(mib) << 20),
            },
            start_nodes: self.listen.is_none(),
            threads: 1,
            lease: Duration::from_secs_f64(self.lease),
            security: Security::default(),
            operations: Operations::default(),
        }
    }
}

/// Starts nodes for a run that is not finished.
pub(super) fn start_nodes(
    (folder, base): (&Folder, &Path),
    scenario: &Scenario,
    spread: &Spread,
) -> Result<Option<Cluster>, Failure> {
    match start((folder, base), scenario, spread)? {
        Started::Cluster(cluster) => Ok(Some(cluster)),
        Started::Finished(_) => Ok(None),
    }
}

/// Starts nodes, or waits for them; leaves no trace if they cannot be had.
pub(super) fn start(
    (folder, base): (&Folder, &Path),
    scenario: &Scenario,
    spread: &Spread,
) -> Result<Started, Failure> {
    let started = Cluster::start(folder, (scenario, base), spread);
    if started.is_err() {
        folder.remove_folder(BROKER)?;
        if !folder.has_run() {
            folder.remove_folder(CHECKPOINTS)?;
        }
        // A folder that holds a run stays.
        drop(std::fs::remove_dir(folder.root()));
    }
    started
}

/// Runs the scenario, on nodes if there are any.
pub(super) fn run_on(
    cluster: Option<Cluster>,
    folder: &Folder,
    mut ingredients: Ingredients,
    options: &Options,
    resume: bool,
) -> Result<Outcome, Failure> {
    let closing = cluster.as_ref().and_then(Cluster::closing);
    let stop = Stop::on_ctrl_c(move || {
        if let Some(closing) = &closing {
            closing.begin();
        }
    });
    let Some(cluster) = cluster else {
        return run_scenario(folder, &ingredients, options, &stop, resume);
    };
    ingredients.leader = cluster.leader();
    let outcome = run_scenario(folder, &ingredients, options, &stop, resume);
    drop(ingredients);
    let digest = outcome.as_ref().ok();
    cluster.finish(digest.map(|outcome| outcome.manifest.digest.clone()));
    folder.remove_folder(BROKER)?;
    outcome
}

pub(super) fn options(how: &HowArguments, keep_documents: bool) -> Options {
    Options {
        threads: threads(how.threads),
        checkpoint_every: how.checkpoint_every,
        quiet: how.quiet,
        keep_documents,
        nodes: how.spread.nodes.map_or(1, u32::from),
        data_hash: String::new(),
        checkpoints: how.checkpoints.clone(),
    }
}

/// As many as asked for, or one a core.
pub(super) fn threads(asked: Option<u16>) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    asked.map_or(cores, usize::from)
}

pub(super) fn json(value: &impl serde::Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

pub(super) fn overrides(arguments: &RunArguments) -> Result<Vec<(String, String)>, Failure> {
    let short = (arguments.seed, arguments.replicates);
    changes(&arguments.overrides, short)
}

/// What `--set`, `--seed` and `--replicates` change.
pub(super) fn changes(
    overrides: &[String],
    (seed, replicates): (Option<u64>, Option<u32>),
) -> Result<Vec<(String, String)>, Failure> {
    let mut pairs = Vec::new();
    for text in overrides {
        let pair = ecosystem::scenario::pair(text);
        pairs.push(pair.ok_or_else(|| {
            Failure::input(format_args!(
                "--set {text}: write KEY=VALUE, for instance --set seed=7"
            ))
        })?);
    }
    pairs.extend(seed.map(|seed| ("seed".to_owned(), seed.to_string())));
    pairs.extend(replicates.map(|count| ("replicates".to_owned(), count.to_string())));
    Ok(pairs)
}

/// The folder asked for, or the first free one of runs/NAME, runs/NAME-2, ...
pub(super) fn choose(
    (asked, goes_on): (Option<&PathBuf>, bool),
    name: &str,
) -> Result<Folder, Failure> {
    let Some(path) = asked else {
        return Ok(free_folder(name));
    };
    let folder = Folder::at(path);
    if folder.has_run() && !goes_on {
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
pub(super) fn same_run(folder: &Folder, asked: &Manifest) -> Result<(), Failure> {
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
