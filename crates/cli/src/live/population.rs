//! A live population, wherever it lives.

use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use ecosystem::live::{LivePopulation, populate};
use ecosystem::scenario::Scenario;
use ecosystem::{Data, Keeping};
use net::Leader;
use net::live::{Common, Ended, Live, Meter, Prepared, Settings, Spread, Standing};

use super::course::Cost;
use super::{Trial, models};
use crate::cluster::Cluster;
use crate::failure::{Context, Failure};
use crate::measure::{cpu_time, resident_bytes};
use crate::run::Stop;

/// Where nodes attach and share what models write.
#[derive(Debug)]
pub struct Place {
    /// Leads the nodes.
    pub leader: Arc<Mutex<Leader>>,
    /// The log that they share.
    pub common: Common,
}

impl Place {
    /// That of a cluster whose nodes are there.
    pub fn of(cluster: &Cluster) -> Option<Self> {
        let (run, urls) = cluster.names();
        Some(Self {
            leader: cluster.leader()?,
            common: Common {
                urls: urls.to_owned(),
                run: run.to_owned(),
                node: 0,
            },
        })
    }
}

/// A live population: in this process, or on nodes; with the processor time of this process when it began.
#[derive(Debug)]
pub(super) enum Population {
    Here(Live, Duration),
    OnNodes(Box<Spread>, Duration),
}

/// What models took to start.
#[derive(Debug, Clone, Copy)]
pub(super) struct Birth {
    pub(super) models: u32,
    /// Memory that they take, in bytes; none where the system does not say.
    pub(super) bytes: Option<u64>,
}

/// Between two looks at what happens.
const LOOK: Duration = Duration::from_millis(50);

impl Population {
    /// Starts all models, and their time.
    pub(super) fn start(trial: &Trial<'_>, settings: Settings) -> Result<(Self, Birth), Failure> {
        match trial.place {
            Some(place) => Self::on_nodes(trial, place, &settings),
            None => Self::here(trial, settings),
        }
    }

    fn here(trial: &Trial<'_>, settings: Settings) -> Result<(Self, Birth), Failure> {
        let before = resident_bytes();
        let what = (trial.scenario, trial.data);
        let population = populated(what, settings.models_per_actor, &(0..u32::MAX))?;
        let models = population.members.iter().map(|group| group.count()).sum();
        let prepared = Prepared::new(settings, population, &trial.reached.security);
        let live = prepared.and_then(Prepared::begin);
        let live = live.doing("start the population")?;
        let bytes = resident_bytes().zip(before);
        let bytes = bytes.map(|(now, before)| now.saturating_sub(before));
        Ok((Self::Here(live, cpu_time()), Birth { models, bytes }))
    }

    fn on_nodes(
        trial: &Trial<'_>,
        place: &Place,
        settings: &Settings,
    ) -> Result<(Self, Birth), Failure> {
        let models = models(trial.scenario);
        let what = (models, settings, &place.common);
        let spread = Spread::start(Arc::clone(&place.leader), what);
        let spread = spread.doing("start the population on nodes")?;
        let bytes = spread.nodes().iter().map(|node| node.bytes).sum();
        Ok((
            Self::OnNodes(Box::new(spread), cpu_time()),
            Birth { models, bytes },
        ))
    }

    /// Takes in what was said elsewhere.
    pub(super) fn look(&mut self) -> Result<(), Failure> {
        match self {
            Self::Here(..) => Ok(()),
            Self::OnNodes(spread, _) => spread.look().doing("lead the nodes"),
        }
    }

    pub(super) fn is_over(&self) -> bool {
        match self {
            Self::Here(live, _) => live.is_over(),
            Self::OnNodes(spread, _) => spread.is_over(),
        }
    }

    pub(super) fn seconds(&self) -> f64 {
        match self {
            Self::Here(live, _) => live.seconds(),
            Self::OnNodes(spread, _) => spread.seconds(),
        }
    }

    pub(super) fn collect(&mut self, meter: &mut Meter) {
        match self {
            Self::Here(live, _) => live.collect(meter),
            Self::OnNodes(spread, _) => spread.collect(meter),
        }
    }

    pub(super) fn abandon(&self) {
        match self {
            Self::Here(live, _) => live.abandon(),
            Self::OnNodes(spread, _) => spread.abandon(),
        }
    }

    /// The nodes that it lives on, if it does not live here.
    pub(super) fn nodes(&self) -> Vec<Standing> {
        match self {
            Self::Here(..) => Vec::new(),
            Self::OnNodes(spread, _) => by_name(spread),
        }
    }

    /// What its processes cost.
    pub(super) fn cost(&self) -> Cost {
        let (resident, elsewhere) = match self {
            Self::Here(..) => (resident_bytes(), 0.0),
            Self::OnNodes(spread, _) => {
                let nodes = spread.nodes();
                let resident = nodes.iter().map(|node| node.resident).sum();
                (resident, nodes.iter().map(|node| node.cpu_seconds).sum())
            }
        };
        let (Self::Here(_, before) | Self::OnNodes(_, before)) = self;
        Cost {
            resident,
            cpu_seconds: elsewhere + cpu_time().saturating_sub(*before).as_secs_f64(),
        }
    }

    /// Stops, waits for what is under way, and moves what was measured since into `meter`. Gives up what is not begun as soon as
    /// the user asks for it.
    pub(super) fn finish(self, stop: &Stop, meter: &mut Meter) -> Result<Finished, Failure> {
        match self {
            Self::Here(live, _) => Ok(Finished {
                ended: live.finish(meter).doing("end the population")?,
                nodes: Vec::new(),
            }),
            Self::OnNodes(mut spread, _) => {
                spread.stop();
                let mut abandoned = false;
                while !spread.is_over() {
                    pause();
                    spread.look().doing("lead the nodes")?;
                    if stop.asked() && !abandoned {
                        spread.abandon();
                        abandoned = true;
                    }
                }
                spread.collect(meter);
                Ok(Finished {
                    ended: spread.ended(),
                    nodes: by_name(&spread),
                })
            }
        }
    }
}

/// Looks whether a scenario can be hosted live, wherever that will be.
///
/// # Errors
/// If it has what only runs in virtual time have, with exit code 2.
pub fn hostable(what: (&Scenario, &Data)) -> Result<(), Failure> {
    populated(what, 1, &(0..0)).map(drop)
}

fn populated(
    what: (&Scenario, &Data),
    each: u32,
    hosted: &Range<u32>,
) -> Result<LivePopulation, Failure> {
    let keeping = Keeping {
        storage: Arc::new(web::MemoryStorage::default()),
        all_documents: false,
    };
    populate(what, &keeping, each, hosted).map_err(Failure::input)
}

fn by_name(spread: &Spread) -> Vec<Standing> {
    let mut nodes = spread.nodes();
    nodes.sort_by(|a, b| a.name.cmp(&b.name));
    nodes
}

/// How it has ended.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) ended: Ended,
    pub(super) nodes: Vec<Standing>,
}

#[expect(
    clippy::disallowed_methods,
    reason = "a live population is looked at from time to time"
)]
pub(super) fn pause() {
    thread::sleep(LOOK);
}
