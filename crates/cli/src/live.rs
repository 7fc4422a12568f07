//! Live populations under load: watching one, and what it comes to.

pub mod capacity;
mod closing;
mod course;
mod page;
mod screen;
mod target;
mod verdict;

use std::path::Path;
use std::thread;
use std::time::Duration;

use ecosystem::live::{LivePopulation, populate};
use ecosystem::scenario::Scenario;
use ecosystem::scenario::load::{Arrivals, Hosting, Load};
use ecosystem::scenario::schema::Family;
use ecosystem::{Data, Keeping};
use net::live::{self, Ended, Live, Meter, Process, Resting, Settings, Training};

pub use self::closing::closing;
pub use self::course::{Course, Moment};
pub use self::page::{capacity_page, page, rows, trials};
pub use self::screen::{Header, Screen};
pub use self::target::{Reached, reach};
pub use self::verdict::{Verdict, verdicts};
use crate::failure::{Context, Failure};
use crate::measure::{Stopwatch, resident_bytes};
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
    /// Processor time of the load, in seconds.
    pub cpu_seconds: f64,
    /// True if the user ended it.
    pub interrupted: bool,
}

/// Between two looks at what happens.
const LOOK: Duration = Duration::from_millis(50);

/// Puts a population under load. `watch` is shown every second.
///
/// # Errors
/// If the scenario cannot be hosted live, or a thread breaks down.
pub fn run(
    trial: &Trial<'_>,
    stop: &Stop,
    mut watch: impl FnMut(&Course, &Meter),
) -> Result<Outcome, Failure> {
    let (before, clock) = (resident_bytes(), Stopwatch::start());
    let population = population(trial)?;
    let models = population.members.iter().map(|group| group.count()).sum();
    let settings = settings(trial);
    let live =
        Live::start(settings, population, &trial.reached.security).doing("start the population")?;
    let start_seconds = clock.elapsed().as_secs_f64();
    let bytes_of_models = resident_bytes()
        .zip(before)
        .map(|(now, before)| now.saturating_sub(before));
    let (mut meter, mut course) = (Meter::default(), Course::default());
    let cpu = crate::measure::cpu_time();
    let ends = timed(trial.load);
    while !live.is_over() && !stop.asked() && ends.is_none_or(|end| live.seconds() < end) {
        pause();
        if course.is_due(live.seconds()) {
            course.look(&live, &mut meter);
            watch(&course, &meter);
        }
    }
    let seconds = live.seconds();
    if stop.asked() {
        live.abandon();
    }
    let ended = course.close(live, &mut meter)?;
    Ok(Outcome {
        models,
        start_seconds,
        seconds,
        bytes_of_models,
        meter,
        course,
        ended,
        cpu_seconds: crate::measure::cpu_time().saturating_sub(cpu).as_secs_f64(),
        interrupted: stop.asked(),
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "a live population is looked at from time to time"
)]
fn pause() {
    thread::sleep(LOOK);
}

/// When it ends, if arrivals do not say so.
fn timed(load: &Load) -> Option<f64> {
    load.stages.is_empty().then(|| load.seconds())
}

fn population(trial: &Trial<'_>) -> Result<LivePopulation, Failure> {
    let keeping = Keeping {
        storage: std::sync::Arc::new(web::MemoryStorage::default()),
        all_documents: false,
    };
    let each = trial.load.hosting.models_per_actor;
    let what = (trial.scenario, trial.data);
    populate(what, &keeping, each, &(0..u32::MAX)).map_err(Failure::input)
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
