//! A population as its models see it: everything that they share.

use std::sync::Arc;

use learn::{BestOf, DataMixture, Detector, Family, GreenList, Lesson, MeasureSet, MinHash, Order};
use types::content::Content;
use types::document::ModelId;
use types::random::Stream;
use types::time::{VirtualDuration, VirtualTime};
use web::Reading;

use crate::homes::{Adoption, Homes};
use crate::keys::Keys;
use crate::labels::Labels;
use crate::payoff::Payoff;
use crate::pools::Pools;
use crate::real::RealPart;
use crate::shift::Shift;

/// Everything that the models of one population share in one replicate.
#[derive(Debug)]
pub(crate) struct Group<F: Family> {
    pub(crate) family: F,
    /// Position of the population in the scenario.
    pub(crate) number: u16,
    /// The first model's number; the others follow.
    pub(crate) first: u32,
    pub(crate) private: Option<RealPart<F>>,
    pub(crate) public: Option<RealPart<F>>,
    pub(crate) mixture: DataMixture,
    pub(crate) training: Training,
    pub(crate) order: Order,
    /// What it writes after, if not from nothing.
    pub(crate) prompting: Option<Prompting>,
    /// Which of several candidates is published.
    pub(crate) best_of: Option<BestOf>,
    /// Who chooses among candidates, if the choice is not by their first number.
    pub(crate) judge: Option<Judge<F::Fitted>>,
    /// Bias of what is published.
    pub(crate) shift: Shift,
    /// What becomes of the labels of what is published, where there are any.
    pub(crate) labels: Option<Labels>,
    /// Sets of documents a publication; with more than one, every model reads its own.
    pub(crate) copies: u32,
    pub(crate) publish_first: bool,
    /// When it publishes, if not when it ticks.
    pub(crate) publish_clock: Option<Clock>,
    /// Where its documents live, if anywhere.
    pub(crate) homes: Option<Homes>,
    /// How its share of new documents grows.
    pub(crate) adoption: Option<Adoption>,
    pub(crate) reading: Reading,
    /// Which view of the index it reads; the first of its models, if each has its own.
    pub(crate) view: usize,
    /// True if each model has a view to itself.
    pub(crate) reads_privately: bool,
    pub(crate) detector: Option<Detection>,
    pub(crate) near_duplicates: Option<MinHash>,
    /// The game whose earnings weigh what it reads.
    pub(crate) payoff: Option<Payoff>,
    /// The part of what it may read that it reads, if not everything.
    pub(crate) share: Option<f64>,
    pub(crate) clock: Clock,
    pub(crate) presence: Presence,
    /// What somebody asks about the models' last training sets.
    pub(crate) asked: Asked,
    /// Where the numbers of each population end, if it is asked who wrote training sets.
    pub(crate) ends: Option<Vec<u32>>,
    pub(crate) observation: ObservationPlan<F>,
    pub(crate) pools: Pools<F>,
    pub(crate) keys: Keys,
    /// Whether lineages are followed.
    pub(crate) traced: bool,
}

impl<F: Family> Group<F> {
    /// Which view of the index a model reads.
    pub(crate) fn view_of(&self, id: ModelId) -> usize {
        let local = if self.reads_privately {
            id.0 - self.first
        } else {
            0
        };
        self.view + local as usize
    }
}

/// When the models of a population are there: both instants are part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Presence {
    pub(crate) enters: VirtualTime,
    pub(crate) leaves: VirtualTime,
}

impl Presence {
    pub(crate) fn holds(self, time: VirtualTime) -> bool {
        (self.enters..=self.leaves).contains(&time)
    }
}

/// How synthetic documents are detected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Detection {
    /// At stated rates.
    Rates(Detector),
    /// By what a model has learnt from documents whose origin it knows.
    Learned(Lesson),
}

/// What is asked about training sets; measured only where a scenario names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) freshness: bool,
    pub(crate) kept_share: bool,
    pub(crate) earnings: bool,
    pub(crate) detector: AskedOfDetectors,
    pub(crate) diet: AskedOfDiets,
}

/// What is asked about how detectors did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AskedOfDetectors {
    pub(crate) true_positive_rate: bool,
    pub(crate) false_positive_rate: bool,
}

/// What is asked about who wrote training sets, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AskedOfDiets {
    pub(crate) source_share: bool,
    pub(crate) effective_sources: bool,
    pub(crate) staleness: bool,
}

impl Asked {
    /// True if notes of trainings are asked for.
    pub(crate) fn notes(self) -> bool {
        self.freshness || self.kept_share || self.earnings || self.detector.anything()
    }
}

impl AskedOfDetectors {
    fn anything(self) -> bool {
        self.true_positive_rate || self.false_positive_rate
    }
}

impl AskedOfDiets {
    pub(crate) fn anything(self) -> bool {
        self.source_share || self.effective_sources || self.staleness
    }
}

/// Prompts that models write after.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Prompting {
    /// Share of them that comes from the private corpus, if there are two.
    pub(crate) private_share: f64,
}

/// How models are trained.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Training {
    /// `None`: every document with a weight; else a sample of so many documents.
    pub(crate) budget: Option<Budget>,
    /// The same of a first training.
    pub(crate) first_budget: Option<Budget>,
    /// Whether a sample may hold a document twice.
    pub(crate) with_replacement: bool,
    /// How far to move from the previous model, if training starts there.
    pub(crate) warm_rate: Option<f64>,
}

/// Size of a training sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Budget {
    PerModel(usize),
    /// Documents for all, models to share them.
    PerEcosystem(usize, usize),
}

impl Budget {
    /// What model number `model` may take; the remainder of an uneven division goes to the first models.
    pub(crate) fn of(self, model: ModelId) -> usize {
        match self {
            Self::PerModel(documents) => documents,
            Self::PerEcosystem(documents, models) => {
                documents / models + usize::from((model.0 as usize) < documents % models)
            }
        }
    }
}

/// When models tick.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Clock {
    LockStep(VirtualDuration),
    /// The same, but a model trains only with this probability.
    Bernoulli(VirtualDuration, f64),
    Periodic(VirtualDuration),
    /// Mean waiting time in days.
    Poisson(f64),
    /// Median waiting time in days, and the standard deviation of its logarithm.
    LogNormal(f64, f64),
}

impl Clock {
    /// Until the next event.
    pub(crate) fn waiting_time(self, rng: &mut Stream) -> VirtualDuration {
        let random = |days: f64| VirtualDuration(VirtualDuration::from_days(days).0.max(1));
        match self {
            Self::LockStep(period) | Self::Bernoulli(period, _) | Self::Periodic(period) => period,
            Self::Poisson(mean_days) => random(rng.exponential(mean_days)),
            Self::LogNormal(median_days, sigma) => {
                random(median_days * libm::exp(sigma * rng.normal()))
            }
        }
    }

    /// Until the first event: regular clocks begin on a random day, and so do those of which an interval is under way.
    pub(crate) fn first_wait(self, rng: &mut Stream) -> VirtualDuration {
        match self {
            Self::Periodic(period) => VirtualDuration::from_days(rng.uniform() * period.days()),
            Self::LogNormal(..) => {
                let interval = self.waiting_time(rng);
                VirtualDuration::from_days(rng.uniform() * interval.days())
            }
            Self::LockStep(_) | Self::Bernoulli(..) | Self::Poisson(_) => self.waiting_time(rng),
        }
    }
}

/// What is measured, and when.
#[derive(Debug)]
pub(crate) struct ObservationPlan<F: Family> {
    pub(crate) every: VirtualDuration,
    pub(crate) wanted: MeasureSet,
    pub(crate) reference: F::Reference,
    /// So many first models have rows of their own.
    pub(crate) models: u32,
    pub(crate) real_share: bool,
    pub(crate) lineage_depth: bool,
    /// Prompts, task by task; empty if outputs are not compared.
    pub(crate) prompts: Arc<Vec<Content>>,
    /// Whether models of numbers are compared too, by where they lie.
    pub(crate) centres: bool,
    /// Green lists that models are tested for, with the numbers of the populations that write by them.
    pub(crate) green_lists: Vec<(u16, GreenList)>,
    /// Tokens of a document that is written for these tests; 0 leaves it to the family.
    pub(crate) probe_tokens: usize,
}

/// Who chooses among candidates.
#[derive(Debug)]
pub(crate) struct Judge<T> {
    pub(crate) model: T,
    /// Whether what the writer thinks itself is subtracted.
    pub(crate) advantage: bool,
}

impl<T> Judge<T> {
    /// What the reward of a document is linear in.
    pub(crate) fn opinion<F: Family<Fitted = T>>(
        &self,
        (family, writer): (&F, &T),
        content: &Content,
        index: usize,
    ) -> f64 {
        let value = family.judge(&self.model, content, index);
        if self.advantage {
            value - family.judge(writer, content, index)
        } else {
            value
        }
    }
}
