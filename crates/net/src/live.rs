//! Live populations: the same models as in a simulation, against the clock on the wall (D21).
//!
//! ```text
//!   clocks of models, or arrivals ──► agenda ──► mailbox ──► actor: crawl, fit, publish
//!                                                              │ reads       │ documents
//!                                            snapshot of the web ◄── keeper ◄┘
//! ```
//!
//! A live population is observed, and never claimed to be reproducible.

mod agenda;
mod arbiter;
mod arrivals;
mod broker;
mod clock;
mod common;
mod desk;
mod host;
mod hosted;
mod keeper;
mod lines;
mod lodgers;
mod meter;
mod outage;
mod residents;
mod resting;
mod round;
mod settings;
mod shared;
mod shown;
mod spread;
mod target;
mod trouble;

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread::JoinHandle;

use ecosystem::live::{AnyMembers, LivePopulation, LiveWeb};
use web::LogError;

use self::arbiter::Share;
pub use self::arrivals::{Process, Stage};
use self::broker::Connected;
pub use self::common::Common;
use self::common::CommonLog;
use self::host::Workers;
pub(crate) use self::hosted::Hosted;
use self::keeper::Keeper;
pub use self::meter::{Counts, Meter, Operation};
use self::resting::Store;
pub use self::settings::{Load, Resting, Settings, Training};
use self::shared::Shared;
pub use self::shown::{Audience, Showing};
pub use self::spread::{Spread, Standing, State};
pub use self::target::Target;
use crate::error::NetError;
use crate::security::Security;

/// A population that lives.
#[derive(Debug)]
pub struct Live {
    shared: Arc<Shared>,
    arbiters: Vec<JoinHandle<()>>,
    living: Arc<AtomicUsize>,
    keeper: JoinHandle<Result<LiveWeb, LogError>>,
    common: Option<Arc<CommonLog>>,
}

/// How a population ended.
#[derive(Debug)]
pub struct Ended {
    /// Documents that its web took in, and those it began with.
    pub published: u64,
    /// Of these, documents that could be read in the end.
    pub visible: u64,
}

/// Why a live population broke down.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LiveFailure {
    /// A thread could not be started.
    #[error("a thread cannot be started: {0}")]
    Thread(#[from] std::io::Error),
    /// Models that have nothing to do cannot be written.
    #[error("models cannot rest in {folder}: {source}")]
    Resting {
        /// Where they were to be.
        folder: String,
        /// What is wrong with it.
        source: std::io::Error,
    },
    /// The target cannot be reached.
    #[error(transparent)]
    Target(#[from] NetError),
    /// The web failed.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A thread of the population ended in a panic.
    #[error("a thread of the live population broke down")]
    Panic,
}

/// A population whose actors have started and whose time has not begun.
#[derive(Debug)]
pub struct Prepared {
    shared: Arc<Shared>,
    arbiters: Vec<JoinHandle<()>>,
    living: Arc<AtomicUsize>,
    keeper: Keeper,
    common: Option<Arc<CommonLog>>,
    start: Arc<Barrier>,
}

impl Prepared {
    /// Starts all actors, and connects to where documents go.
    ///
    /// # Errors
    /// If that cannot be reached, or a thread cannot be started.
    pub fn new(
        settings: Settings,
        population: LivePopulation,
        security: &Security,
    ) -> Result<Self, LiveFailure> {
        let LivePopulation { web, members } = population;
        let threads = settings.threads;
        let connected = broker::connect(&settings, security)?;
        let common = connected.as_ref().and_then(Connected::common);
        let workers = Workers::new(settings.training);
        let stores = stores(&settings)?;
        let shared = Arc::new(Shared::new(settings, web.snapshot()));
        let living = Arc::new(AtomicUsize::new(threads + usize::from(connected.is_some())));
        let alive = || Alive {
            living: Arc::clone(&living),
            shared: Arc::clone(&shared),
        };
        let broker = connected.map(|connected| connected.start(Arc::clone(&shared), alive()));
        let (broker, mut threads_of_broker) = match broker.transpose()? {
            Some((sender, thread)) => (Some(sender), vec![thread]),
            None => (None, Vec::new()),
        };
        let keeper = Keeper::new(web, numbers(&members));
        // Actors of all threads begin together, when all have started.
        let start = Arc::new(Barrier::new(threads + 1));
        let mut arbiters = Vec::new();
        let shares = divided(members, threads).into_iter().zip(stores);
        for (number, (members, store)) in shares.enumerate() {
            let (alive, start, broker) = (alive(), Arc::clone(&start), broker.clone());
            let (shared, workers) = (Arc::clone(&shared), workers.clone());
            let share = Share {
                members,
                workers,
                store,
            };
            let host = move || {
                arbiter::host(number, shared, share, broker, &start);
                drop(alive);
            };
            arbiters.push(named(&format!("arbiter-{number}")).spawn(host)?);
        }
        drop(broker);
        arbiters.append(&mut threads_of_broker);
        start.wait();
        Ok(Self {
            shared,
            arbiters,
            living,
            keeper,
            common,
            start,
        })
    }

    /// Time begins now.
    ///
    /// # Errors
    /// If a thread cannot be started.
    pub fn begin(self) -> Result<Live, LiveFailure> {
        let Self {
            shared,
            arbiters,
            living,
            keeper,
            common,
            start,
        } = self;
        shared.clock.begin();
        start.wait();
        let keeper = {
            let (shared, living) = (Arc::clone(&shared), Arc::clone(&living));
            let keep = move || keeper.keep(&shared, || living.load(Ordering::Acquire) == 0);
            named("keeper").spawn(keep)?
        };
        Ok(Live {
            shared,
            arbiters,
            living,
            keeper,
            common,
        })
    }

    /// Ends a population that nobody wants any more before its time has begun.
    ///
    /// # Errors
    /// If a thread broke down.
    pub fn discard(self) -> Result<Ended, LiveFailure> {
        self.shared.abandon();
        self.begin()?.finish(&mut Meter::default())
    }
}

impl Live {
    /// Begins nothing any more; what is under way goes on.
    pub fn stop(&self) {
        self.shared.stop();
    }

    /// Gives up whatever is not begun yet, because nobody wants to wait for it.
    pub fn abandon(&self) {
        self.shared.abandon();
    }

    /// True if nothing is under way and nothing will ever be due again.
    pub fn is_over(&self) -> bool {
        self.living.load(Ordering::Acquire) == 0
    }

    /// Since the start, in seconds.
    pub fn seconds(&self) -> f64 {
        self.shared.clock.now() as f64 / 1e9
    }

    /// Position of the common log up to which everything was read; 0 without one.
    pub(crate) fn log_taken(&self) -> u64 {
        self.common.as_ref().map_or(0, |common| common.taken())
    }

    /// Moves what was measured since the last call into `meter`.
    pub fn collect(&self, meter: &mut Meter) {
        self.shared.collect(meter);
    }

    /// Stops, waits for what is under way, and moves what was measured since into `meter`.
    ///
    /// # Errors
    /// If a thread broke down.
    pub fn finish(self, meter: &mut Meter) -> Result<Ended, LiveFailure> {
        self.stop();
        for arbiter in self.arbiters {
            arbiter.join().map_err(|_| LiveFailure::Panic)?;
        }
        let web = self.keeper.join().map_err(|_| LiveFailure::Panic)??;
        self.shared.collect(meter);
        Ok(Ended {
            published: web.published(),
            visible: web.visible(),
        })
    }
}

/// A thread that is at work. That it has ended is noted also if that was in a panic, which ends the load.
#[derive(Debug)]
pub(crate) struct Alive {
    living: Arc<AtomicUsize>,
    shared: Arc<Shared>,
}

impl Drop for Alive {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.shared.abandon();
        }
        self.living.fetch_sub(1, Ordering::Release);
    }
}

fn named(name: &str) -> std::thread::Builder {
    std::thread::Builder::new().name(name.to_owned())
}

/// The numbers of the members.
fn numbers(members: &[AnyMembers]) -> Range<u32> {
    let first = members.first().map_or(0, |group| group.first());
    let end = members
        .last()
        .map_or(0, |group| group.first() + group.count());
    first..end
}

/// For each thread where its models rest, if they do.
fn stores(settings: &Settings) -> Result<Vec<Option<Arc<Store>>>, LiveFailure> {
    let Some(resting) = &settings.resting else {
        return Ok(vec![None; settings.threads]);
    };
    let stores = Store::open(&resting.folder, settings.threads);
    let stores = stores.map_err(|source| LiveFailure::Resting {
        folder: resting.folder.display().to_string(),
        source,
    })?;
    Ok(stores.into_iter().map(Some).collect())
}

/// Members in so many shares of about the same number, in order.
fn divided(members: Vec<AnyMembers>, shares: usize) -> Vec<Vec<AnyMembers>> {
    let total = members.len();
    let mut members = members.into_iter();
    let bound = |share: usize| total * share / shares;
    let size = |share| bound(share + 1) - bound(share);
    (0..shares)
        .map(|share| members.by_ref().take(size(share)).collect())
        .collect()
}

#[cfg(test)]
mod tests;
