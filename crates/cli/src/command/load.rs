//! `load`.

mod find;

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use ecosystem::scenario::Scenario;
use ecosystem::scenario::load::{Load, Threshold, builtin};
use net::live::{Audience, Operation, Showing, Standing, State};

use self::find::{Size, find};
use super::SpreadArguments;
use super::operations::OperationsArguments;
use super::run::{changes, choose, json, threads};
use super::security::SecurityArguments;
use crate::cluster::{BROKER, Cluster, Spread, Started};
use crate::failure::{Context, Failure};
use crate::folder::Folder;
use crate::live::capacity::capacity;
use crate::live::{
    Header, Outcome, Place, Screen, Trial, Verdict, check, closing, hostable, models, page, reach,
    rows, run, verdicts,
};
use crate::load;
use crate::run::Stop;

#[derive(Debug, Args)]
pub(super) struct LoadArguments {
    /// A load file, or the name of a built-in load (see --list).
    #[arg(required_unless_present = "list")]
    file: Option<String>,
    /// Lists the built-in loads.
    #[arg(long)]
    list: bool,
    /// Prints the load file instead of running it, to start your own from.
    #[arg(long)]
    show: bool,
    /// The folder for what was measured; by default runs/NAME, with a number if that is taken.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Root of all randomness, instead of the scenario's.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Changes a value of the scenario; may be given again.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    overrides: Vec<String>,
    /// Searches for the largest rate, or the largest population, that keeps to the thresholds.
    #[arg(long, value_name = "WHAT", value_enum)]
    find_capacity: Option<Size>,
    /// With --find-capacity: how long every trial lasts.
    #[arg(long, value_name = "SECONDS", default_value_t = 8.0, value_parser = probe_seconds)]
    probe_seconds: f64,
    /// Threads that models live on; by default one a core.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// A host other than this machine that may be put under load; may be given again.
    #[arg(long = "allow", value_name = "HOST")]
    allowed: Vec<String>,
    #[command(flatten)]
    spread: SpreadArguments,
    #[command(flatten)]
    operations: OperationsArguments,
    /// Pushes metrics every ten seconds and at the end to a Prometheus Pushgateway: http://HOST:9091/metrics/job/NAME.
    #[arg(long, value_name = "URL", env = "ECHOSPHERE_PUSH")]
    push: Option<String>,
    #[command(flatten)]
    security: SecurityArguments,
    /// Nothing while it runs and no table.
    #[arg(long, short)]
    quiet: bool,
}

/// Sub-folder of models that rest, while there is a load.
const RESTING: &str = "resting";

/// Seconds that a trial may last.
fn probe_seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| "it is not a number".to_owned())?;
    if (0.5..=86_400.0).contains(&seconds) {
        return Ok(seconds);
    }
    Err("it must be from 0.5 to 86400".to_owned())
}

/// A load file that was read, with the folder its paths start from.
#[derive(Debug, Clone)]
struct Opened {
    file: Load,
    base: PathBuf,
}

impl Opened {
    fn with(&self, file: Load) -> Self {
        Self {
            file,
            base: self.base.clone(),
        }
    }

    /// The scenario: built in, or a file that lies where the load file says.
    fn scenario(&self) -> Result<load::Named, Failure> {
        let beside = self.base.join(&self.file.scenario);
        let argument = if load::is_path(&self.file.scenario) || beside.is_file() {
            beside.to_string_lossy().into_owned()
        } else {
            self.file.scenario.clone()
        };
        load::scenario(&argument, &self.file.changes)
    }

    fn models(&self) -> Result<u32, Failure> {
        Ok(models(&self.scenario()?.scenario))
    }
}

/// `load`.
pub(super) fn load(arguments: &LoadArguments, out: &mut impl Write) -> Result<(), Failure> {
    if arguments.list {
        return list(out);
    }
    let argument = arguments.file.as_deref().unwrap_or_default();
    let (name, base, text) = text(argument)?;
    if arguments.show {
        return out.write_all(text.as_bytes()).map_err(Failure::output);
    }
    let operations: Vec<&str> = Operation::ALL.iter().map(|known| known.name()).collect();
    let mut file =
        Load::read(&text, &operations).map_err(|problems| load::refused(argument, &problems))?;
    let own = changes(&arguments.overrides, (arguments.seed, None))?;
    file.changes.extend(own);
    let opened = Opened { file, base };
    for warning in opened.scenario()?.warnings {
        tracing::warn!("{warning}");
    }
    let folder = choose((arguments.out.as_ref(), false), &name)?;
    if let Some(size) = arguments.find_capacity {
        return find((&opened, arguments), size, &folder, out);
    }
    let outcome = put(&opened, arguments, &folder, &Stop::on_ctrl_c(|| ()))?;
    conclude(&opened.file, &outcome, (&folder, arguments.quiet), out)
}

fn list(out: &mut impl Write) -> Result<(), Failure> {
    for known in builtin::all() {
        let file = Load::read(known.text, &["publish", "freshness"]);
        let title = file.map_or_else(|_| String::new(), |file| file.title);
        writeln!(out, "{:<12}{title}", known.name).map_err(Failure::output)?;
    }
    Ok(())
}

/// Short name, folder and text of a load file or a built-in load.
fn text(argument: &str) -> Result<(String, PathBuf, String), Failure> {
    if load::is_path(argument) {
        let (name, base) = load::place(argument);
        return Ok((name, base, load::read_text(Path::new(argument))?));
    }
    let found = builtin::find(argument).map_err(Failure::input)?;
    Ok((argument.to_owned(), PathBuf::new(), found.text.to_owned()))
}

/// Puts a population under load, and shows how it fares.
fn put(
    opened: &Opened,
    arguments: &LoadArguments,
    folder: &Folder,
    stop: &Stop,
) -> Result<Outcome, Failure> {
    let named = opened.scenario()?;
    let corpora = load::data(&named.scenario, &named.base)?;
    let target = opened.file.target.as_ref();
    check(target, &arguments.allowed)?;
    hostable((&named.scenario, &corpora.data))?;
    let showing = Showing::open(&arguments.audience()).map_err(Failure::input)?;
    let cluster = arguments
        .spread(&corpora.hash)
        .map(|spread| start((folder, named.base.as_path()), &named.scenario, &spread));
    let cluster = cluster.transpose()?;
    let own = arguments.security.chosen();
    let reached = reach(target, (cluster.as_ref(), own), &folder.path(BROKER))?;
    folder.claim(&opened.base)?;
    let place = cluster.as_ref().and_then(Place::of);
    let trial = Trial {
        load: &opened.file,
        scenario: &named.scenario,
        data: &corpora.data,
        threads: threads(arguments.threads),
        reached: &reached,
        place: place.as_ref(),
        resting: &folder.path(RESTING),
    };
    let mut screen = Screen::new(header(&trial), arguments.quiet);
    let outcome = run(&trial, stop, |moment| {
        if let Some(showing) = &showing {
            showing.show(moment.measured, (moment.models, moment.nodes.len()));
        }
        screen.show((moment.course, &moment.nodes), moment.total);
    });
    screen.clear();
    if let Some(showing) = showing {
        showing.finish();
    }
    drop((reached, place));
    if let Some(cluster) = cluster {
        cluster.finish(None);
    }
    folder.remove_folder(BROKER)?;
    folder.remove_folder(RESTING)?;
    outcome
}

/// Starts nodes, or waits for them; leaves no trace if they cannot be had.
fn start(
    place: (&Folder, &Path),
    scenario: &Scenario,
    spread: &Spread,
) -> Result<Cluster, Failure> {
    match super::run::start(place, scenario, spread)? {
        Started::Cluster(cluster) => Ok(cluster),
        Started::Finished(_) => Err(Failure::run("a run of the same name is over")),
    }
}

impl LoadArguments {
    fn audience(&self) -> Audience {
        Audience {
            operations: self.operations.chosen(),
            push: self.push.clone(),
        }
    }

    /// How models are spread over nodes, if they are to be; `data_hash` is that of the files that the scenario names.
    fn spread(&self, data_hash: &str) -> Option<Spread> {
        let nodes = usize::from(self.spread.nodes?);
        Some(Spread {
            data_hash: data_hash.to_owned(),
            threads: (threads(self.threads) / nodes).max(1),
            security: self.security.chosen(),
            ..self.spread.chosen(nodes)
        })
    }
}

/// Writes what was measured, tells it, and says whether thresholds hold.
fn conclude(
    file: &Load,
    outcome: &Outcome,
    (folder, quiet): (&Folder, bool),
    out: &mut impl Write,
) -> Result<(), Failure> {
    // A load that rises until something breaks is judged step by step.
    let whole: &[Threshold] = if file.steps.is_none() {
        &file.thresholds
    } else {
        &[]
    };
    let verdicts = verdicts(whole, &outcome.meter, outcome.seconds);
    write(folder, file, outcome, &verdicts)?;
    if !quiet {
        let report = folder.path("report.html");
        let text = closing(&file.title, outcome, &verdicts);
        let steps = find::held(&outcome.steps);
        writeln!(out, "{text}{steps}\nreport  {}", report.display()).map_err(Failure::output)?;
    }
    if outcome.interrupted {
        return Err(Failure::run(
            "interrupted: what was measured until then was written",
        ));
    }
    missed(&outcome.nodes)?;
    if file.steps.is_some() && capacity(&outcome.steps).is_none() {
        return Err(Failure::run("thresholds do not hold in the first step"));
    }
    judge(&verdicts)
}

/// A load on nodes of which one was lost has failed.
fn missed(nodes: &[Standing]) -> Result<(), Failure> {
    let lost = nodes.iter().filter(|node| node.state == State::Lost);
    let lost: Vec<&str> = lost.map(|node| node.name.as_str()).collect();
    if lost.is_empty() {
        return Ok(());
    }
    let lost = lost.join(", ");
    Err(Failure::run(format_args!(
        "nodes were lost, and what they did in their last second is not counted: {lost}"
    )))
}

/// What was measured, for programs, for tables and for people.
fn write(
    folder: &Folder,
    file: &Load,
    outcome: &Outcome,
    verdicts: &[Verdict],
) -> Result<(), Failure> {
    let record = record(file, outcome, verdicts);
    let head = (file.title.as_str(), file.about.as_str());
    let table =
        report::parquet::metrics_part(&rows(&outcome.course)).doing("write load.parquet")?;
    folder.write("load.parquet", &table)?;
    let html = page(head, outcome, verdicts, &record);
    folder.write("report.html", html.as_bytes())?;
    folder.write("load.json", &json(&record))
}

fn header(trial: &Trial<'_>) -> Header {
    Header {
        title: trial.load.title.clone(),
        models: models(trial.scenario),
        threads: trial.threads,
        seconds: trial.load.seconds(),
    }
}

fn record(file: &Load, outcome: &Outcome, verdicts: &[Verdict]) -> serde_json::Value {
    let durations = Operation::ALL.map(|operation| {
        let of = |share| outcome.meter.quantile(operation, share);
        serde_json::json!({
            "operation": operation.name(),
            "count": outcome.meter.durations(operation).len(),
            "p50": of(0.5), "p90": of(0.9), "p99": of(0.99), "p99_9": of(0.999), "max": of(1.0),
        })
    });
    serde_json::json!({
        "load": file,
        "models": outcome.models,
        "start_seconds": outcome.start_seconds,
        "seconds": outcome.seconds,
        "cpu_seconds": outcome.cpu_seconds,
        "bytes_of_models": outcome.bytes_of_models,
        "growth_bytes_per_hour": outcome.course.growth(),
        "counts": outcome.meter.counts,
        "durations": durations,
        "thresholds": verdicts,
        "published": outcome.ended.published,
        "visible": outcome.ended.visible,
        "interrupted": outcome.interrupted,
        "nodes": outcome.nodes,
        "steps": outcome.steps,
        "held": capacity(&outcome.steps),
    })
}

/// A load whose thresholds do not hold has failed.
fn judge(verdicts: &[Verdict]) -> Result<(), Failure> {
    let broken = verdicts.iter().filter(|verdict| !verdict.holds);
    let broken: Vec<&str> = broken.map(|verdict| verdict.threshold.as_str()).collect();
    if broken.is_empty() {
        return Ok(());
    }
    let broken = broken.join(", ");
    Err(Failure::run(format_args!(
        "thresholds do not hold: {broken}"
    )))
}
