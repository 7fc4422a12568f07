//! How a live population is hosted.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::arrivals::{Process, Stage};
use super::clock::Nanos;
use super::common::Common;
use super::target::Target;

/// Where the deeds of models come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Load {
    /// From the models' own clocks, as the scenario has them.
    Clocks,
    /// From outside, at a stated rate, each for a model at random; nobody waits for anybody.
    Open(Process, Vec<Stage>),
    /// From each model itself: it begins again as soon as it has ended.
    Closed,
}

/// Where heavy trainings take place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Training {
    /// On the thread of the model's actor.
    Inline,
    /// On so many threads of their own.
    Workers(usize),
}

/// Models rest on disk while they have nothing to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resting {
    /// Models that are kept in memory at most, of all threads together, from 1 on. Those of one actor a thread are in any case, and besides them
    /// those that are at work.
    pub resident_models: usize,
    /// Where the others are: a folder that is made when the population starts, and removed when it has ended.
    pub folder: PathBuf,
}

/// How a live population is hosted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Threads that actors live on, from 1 on.
    pub threads: usize,
    /// Models an actor, from 1 on.
    pub models_per_actor: u32,
    /// Messages that wait at an actor at most.
    pub mailbox: usize,
    /// Deeds that wait at all actors of a thread at most.
    pub in_flight: usize,
    /// Wall time of a virtual day, in seconds.
    pub seconds_per_day: f64,
    /// What has waited longer is given up, in nanoseconds.
    pub patience: Nanos,
    /// Between two refreshes of what can be read, in nanoseconds.
    pub refresh: Nanos,
    /// Where trainings take place.
    pub training: Training,
    /// Where models are that have nothing to do, if not in memory.
    pub resting: Option<Resting>,
    /// Where deeds come from.
    pub load: Load,
    /// Where documents are published, besides the population's own web.
    pub target: Option<Target>,
    /// The log that the webs of all nodes are made from, if the population lives on several.
    pub common: Option<Common>,
    /// Share of the arrivals that falls to this process.
    pub share: f64,
    /// Deliveries that are under way at most.
    pub window: usize,
    /// Documents that are published at once.
    pub batch_documents: usize,
    /// Seeds the arrivals.
    pub seed: u64,
}
