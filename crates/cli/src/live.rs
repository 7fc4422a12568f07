//! Live populations under load: watching one, and what it comes to.

pub mod capacity;
mod closing;
mod course;
mod page;
mod population;
mod screen;
mod steps;
mod target;
mod verdict;

use std::path::Path;

use ecosystem::Data;
use ecosystem::scenario::Scenario;
use ecosystem::scenario::load::{Arrivals, Hosting, Load};
use ecosystem::scenario::schema::Family;
use net::live::{self, Ended, Meter, Process, Resting, Settings, Standing, Training};

use self::capacity::Probe;
pub use self::closing::closing;
pub use self::course::{Course, Moment};
pub use self::page::{capacity_page, page, rows, trials};
use self::population::{Finished, Population};
pub use self::population::{Place, hostable};
pub use self::screen::{Header, Screen};
use self::steps::Staircase;
pub use self::target::{Reached, check, reach};
pub use self::verdict::{Verdict, verdicts};
use crate::failure::Failure;
use crate::measure::Stopwatch;
use crate::run::Stop;

/// A load and what it is put on.
#[derive(Debug)]
pub struct Trial<'a> {
    /// The load file.
    pub load: &'a Load,
    /// The scenario with the file's changes.
    pub scenario: &'a Scenario,
    /// Its corpora.
    pub data: &'a Data,
    /// Threads that actors live on.
    pub threads: usize,
    /// Where documents are published.
    pub reached: &'a Reached,
    /// Where nodes attach, if models live on nodes.
    pub place: Option<&'a Place>,
    /// A folder for models that rest, if the file says that some do.
    pub resting: &'a Path,
}

/// What a trial came to.
#[derive(Debug)]
pub struct Outcome {
    /// Models that lived.
    pub models: u32,
    /// Seconds that it took to start them.
    pub start_seconds: f64,
    /// Seconds that they lived.
    pub seconds: f64,
    /// Memory that they took when all had started, in bytes; none where the system does not say.
    pub bytes_of_models: Option<u64>,
    /// Everything that was measured.
    pub meter: Meter,
    /// The same in time.
    pub course: Course,
    /// How the web ended.
    pub ended: Ended,
    /// The nodes that it lived on, if it did not live here.
    pub nodes: Vec<Standing>,
    /// The steps that were taken, if it rises in steps: all but the last hold.
    pub steps: Vec<Probe>,
    /// Processor time of the load, in seconds.
    pub cpu_seconds: f64,
    /// True if the user ended it.
    pub interrupted: bool,
}

/// Models of all populations.
pub fn models(scenario: &Scenario) -> u32 {
    let counts = scenario.population.iter().map(|each| each.count);
    counts.sum()
}

/// How a load stands.
#[derive(Debug)]
pub struct Seen<'a> {
    /// What it did, second by second.
    pub course: &'a Course,
    /// What was measured since the last time.
    pub measured: &'a Meter,
    /// What was measured in all.
    pub total: &'a Meter,
    /// Models that live.
    pub models: u32,
    /// The nodes that they live on, if they do not live here.
    pub nodes: Vec<Standing>,
}

/// Puts a population under load. `watch` is shown every second, and the end.
///
/// # Errors
/// If the scenario cannot be hosted live, or a thread or a node breaks down.
pub fn run(
    trial: &Trial<'_>,
    stop: &Stop,
    mut watch: impl FnMut(&Seen<'_>),
) -> Result<Outcome, Failure> {
    let clock = Stopwatch::start();
    let (mut population, birth) = Population::start(trial, settings(trial))?;
    let start_seconds = clock.elapsed().as_secs_f64();
    let (mut meter, mut course) = (Meter::default(), Course::default());
    let ends = timed(trial.load);
    let lasts = |population: &Population| ends.is_none_or(|end| population.seconds() < end);
    let mut stairs = Staircase::new(trial.load);
    while !population.is_over() && !stop.asked() && lasts(&population) && !stairs.is_broken() {
        population::pause();
        population.look()?;
        if course.is_due(population.seconds()) {
            let measured = course.look(&mut population, &mut meter);
            stairs.look(&measured, population.seconds());
            watch(&Seen {
                course: &course,
                measured: &measured,
                total: &meter,
                models: birth.models,
                nodes: population.nodes(),
            });
        }
    }
    let seconds = population.seconds();
    if stop.asked() {
        population.abandon();
    }
    let cpu_seconds = population.cost().cpu_seconds;
    let (Finished { ended, nodes }, measured) = course.close((population, stop), &mut meter)?;
    watch(&Seen {
        course: &course,
        measured: &measured,
        total: &meter,
        models: birth.models,
        nodes: nodes.clone(),
    });
    Ok(Outcome {
        models: birth.models,
        start_seconds,
        seconds,
        bytes_of_models: birth.bytes,
        meter,
        course,
        ended,
        nodes,
        steps: stairs.steps,
        cpu_seconds,
        interrupted: stop.asked(),
    })
}

/// When it ends, if arrivals do not say so.
fn timed(load: &Load) -> Option<f64> {
    load.stages.is_empty().then(|| load.seconds())
}

fn settings(trial: &Trial<'_>) -> Settings {
    let (load, hosting) = (trial.load, &trial.load.hosting);
    Settings {
        threads: trial.threads,
        models_per_actor: hosting.models_per_actor,
        mailbox: hosting.mailbox as usize,
        in_flight: hosting.in_flight as usize,
        seconds_per_day: hosting.seconds_per_generation / trial.scenario.generation_days,
        patience: nanos(hosting.patience_seconds),
        refresh: nanos(hosting.refresh_seconds),
        training: training(trial, hosting),
        resting: hosting.resident_models.map(|models| Resting {
            resident_models: models as usize,
            folder: trial.resting.to_owned(),
        }),
        load: origin(load),
        target: trial.reached.target.clone(),
        common: None,
        share: 1.0,
        window: hosting.window as usize,
        batch_documents: hosting.batch_documents as usize,
        seed: trial.scenario.seed,
    }
}

fn nanos(seconds: f64) -> u64 {
    (seconds * 1e9) as u64
}

fn origin(load: &Load) -> live::Load {
    let stages = load.stages.iter().map(|stage| live::Stage {
        seconds: stage.seconds,
        rate: stage.rate,
    });
    match load.arrivals {
        Arrivals::Poisson => live::Load::Open(Process::Poisson, stages.collect()),
        Arrivals::Constant => live::Load::Open(Process::Constant, stages.collect()),
        Arrivals::Clocks => live::Load::Clocks,
        Arrivals::Closed => live::Load::Closed,
    }
}

/// Costly families are trained by workers unless the file says otherwise, so that no idle model waits behind a busy one.
fn training(trial: &Trial<'_>, hosting: &Hosting) -> Training {
    let is_cheap =
        |family: &Family| matches!(family, Family::Gaussian { .. } | Family::Categorical {});
    let mut families = trial.scenario.population.iter().map(|each| &each.family);
    match hosting.workers {
        Some(0) => Training::Inline,
        Some(count) => Training::Workers(count as usize),
        None if families.all(is_cheap) => Training::Inline,
        None => Training::Workers(trial.threads),
    }
}
