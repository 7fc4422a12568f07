//! From a scenario to the actors and the world of one replicate.

mod curation;
mod families;
mod founding;
mod observation;
mod parts;
mod place;
mod publication;
mod reading;
mod targets;
mod transformer;
mod watermarks;

use std::ops::Range;
use std::sync::Arc;

use learn::{
    BestOf, Categorical, Discriminant, Family, Gaussian, GaussianVector, GreenList, Ngram,
    NgramError, Order, Vocabulary,
};
use types::content::{Content, ContentKind};
use types::document::ModelId;
use types::time::VirtualDuration;
use web::{ArchiveReading, Retention, ViewSpec};

pub(crate) use self::founding::Founder;
use self::founding::Shards;
use self::publication::{labels, prompt_tokens, prompting, shift};
use crate::data::{Data, Source};
use crate::group::{self, Budget, Group};
use crate::keys::Keys;
use crate::pools::Pools;
use crate::scenario::schema::{self, Population, Regime, Scenario, Span};
use crate::scenario::stages::{Stage, stages};
use crate::shard::ShardActor;

/// One shard of any family.
pub(crate) type AnyShard = Box<dyn ShardActor>;

/// What building one replicate needs.
#[derive(Debug)]
pub(crate) struct Blueprint<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) data: &'a Data,
    pub(crate) keys: Keys,
    /// All models, in order.
    pub(crate) models: Vec<ModelId>,
    /// The distinct views that populations read, at any stage.
    pub(crate) views: Vec<ViewSpec>,
    /// What changes on the way.
    pub(crate) stages: Vec<Stage>,
    /// Of each population, the green list that it has at first or first gets.
    pub(crate) green_lists: Vec<Option<GreenList>>,
    /// Whether lineages are followed from what models read to what they write.
    pub(crate) traced: bool,
}

impl<'a> Blueprint<'a> {
    pub(crate) fn new(scenario: &'a Scenario, data: &'a Data, replicate: u32) -> Self {
        let total: u32 = scenario
            .population
            .iter()
            .map(|population| population.count)
            .sum();
        let needs_models = !scenario.intervention.is_empty()
            || scenario
                .population
                .iter()
                .any(|population| population.read.from != schema::From::Everyone);
        let models = (0..if needs_models { total } else { 0 })
            .map(ModelId)
            .collect();
        let keys = Keys::new(scenario.seed, replicate);
        let mut blueprint = Self {
            scenario,
            data,
            keys,
            models,
            views: Vec::new(),
            stages: stages(scenario),
            green_lists: Vec::new(),
            traced: true,
        };
        blueprint.green_lists = blueprint.all_green_lists();
        let later = blueprint.stages.clone();
        let later = later.iter().flat_map(|stage| &stage.scenario.population);
        for population in scenario.population.iter().chain(later) {
            for spec in blueprint.view_specs(population) {
                if !blueprint.views.contains(&spec) {
                    blueprint.views.push(spec);
                }
            }
        }
        blueprint
    }

    /// The blueprint of a later stage: of the same run, with the same views.
    pub(crate) fn at_stage<'b>(&'b self, stage: &'b Stage) -> Blueprint<'b>
    where
        'a: 'b,
    {
        Blueprint {
            scenario: &stage.scenario,
            data: self.data,
            keys: self.keys,
            models: self.models.clone(),
            views: self.views.clone(),
            stages: self.stages.clone(),
            green_lists: self.green_lists.clone(),
            traced: self.traced,
        }
    }

    /// Authors are known to all views or to none, so that populations with one regime share a view.
    fn view_spec(&self, population: &Population) -> ViewSpec {
        let by_author = |population: &Population| {
            population.read.from != schema::From::Everyone
                || !population.read.include_own
                || population.read.scrape == schema::Scrape::Independent
                || population.read.payoff.is_some()
        };
        let later = self.stages.iter();
        let later = later.flat_map(|stage| &stage.scenario.population);
        let with_authors = self.scenario.population.iter().chain(later).any(by_author)
            || self.wants(crate::metrics::EFFECTIVE_MODELS);
        ViewSpec {
            regime: retention(population.training.regime),
            with_authors,
            archive: self.archive(population),
        }
    }

    /// All views that a population reads: one, or one for each of its models in turn.
    fn view_specs(&self, population: &Population) -> Vec<ViewSpec> {
        let spec = self.view_spec(population);
        let Some(read) = spec.archive.filter(|_| self.reads_privately(population)) else {
            return vec![spec];
        };
        let own = (read.crawler..).take(population.count as usize);
        let own = own.map(|crawler| ViewSpec {
            archive: Some(ArchiveReading { crawler, ..read }),
            ..spec
        });
        own.collect()
    }

    /// Which views a population reads: one, or one for each of its models in turn.
    pub(crate) fn views_of(&self, population: &Population) -> Range<usize> {
        let wanted = self.view_specs(population);
        let first = self.views.iter().position(|spec| *spec == wanted[0]);
        let first = first.unwrap_or(0);
        first..first + wanted.len()
    }

    pub(crate) fn wants(&self, metric: &str) -> bool {
        let wanted = &self.scenario.observe.metrics;
        wanted.is_empty() || wanted.iter().any(|name| name == metric)
    }

    /// True if the scenario names a metric that is not measured unless it is named.
    pub(crate) fn names(&self, metric: &str) -> bool {
        let named = &self.scenario.observe.metrics;
        named.iter().any(|name| name == metric)
    }

    pub(crate) fn duration(&self, span: Span) -> VirtualDuration {
        match span {
            Span::Generations(count) => {
                VirtualDuration::from_days(count * self.scenario.generation_days)
            }
            Span::Days(days) => VirtualDuration::from_days(days),
        }
    }

    fn source(&self, name: &str) -> &'a Source {
        self.data
            .sources
            .get(name)
            .expect("the scenario was checked: corpora it names exist and are loaded")
    }

    /// The kind of content on this web, which is that of the first population.
    pub(crate) fn kind(&self) -> ContentKind {
        let family = &self.scenario.population[0].family;
        if let Some((dimension, precision)) = family.numbers() {
            return families::kind(dimension, precision);
        }
        match family {
            schema::Family::Ngram { .. } | schema::Family::Transformer(_) => ContentKind::Text,
            schema::Family::Linear { dimension, .. }
            | schema::Family::Discriminant { dimension } => ContentKind::F64 {
                dimension: dimension + 1,
            },
            schema::Family::Captioned { .. } => ContentKind::F64 { dimension: 3 },
            schema::Family::Categorical {} => ContentKind::Symbols,
            schema::Family::Gaussian { .. }
            | schema::Family::Kde { .. }
            | schema::Family::Gmm { .. }
            | schema::Family::StudentT { .. } => unreachable!("numbers have a dimension"),
        }
    }

    /// Those shards of one population that are wanted; they are numbered over all populations.
    pub(crate) fn shards(
        &self,
        number: usize,
        wanted: &dyn Fn(u32) -> bool,
    ) -> Result<Vec<AnyShard>, NgramError> {
        self.found(number, &mut Shards::new(wanted))
    }

    /// Founds a population once its family is known.
    pub(crate) fn found<T: Founder>(
        &self,
        number: usize,
        founder: &mut T,
    ) -> Result<T::Founded, NgramError> {
        let population = &self.scenario.population[number];
        Ok(match &population.family {
            schema::Family::Gaussian {
                dimension: 1,
                estimator,
                precision,
            } => {
                let single = *precision == schema::Precision::F32;
                let estimator = estimator_of(*estimator);
                self.settle(Gaussian { estimator, single }, number, founder)
            }
            schema::Family::Gaussian {
                dimension,
                estimator,
                precision,
            } => {
                let family = GaussianVector {
                    dimension: *dimension as usize,
                    estimator: estimator_of(*estimator),
                    single: *precision == schema::Precision::F32,
                };
                self.settle(family, number, founder)
            }
            schema::Family::Kde { .. } => {
                self.settle(families::kde(&population.family), number, founder)
            }
            schema::Family::Gmm { .. } => {
                self.settle(families::gmm(&population.family), number, founder)
            }
            schema::Family::StudentT { .. } => {
                self.settle(families::student_t(&population.family), number, founder)
            }
            schema::Family::Captioned { frozen, .. } => {
                let source = self.own_source(population);
                let truth = source.map(|source| &*source.truth);
                self.settle(families::captioned(*frozen, truth), number, founder)
            }
            schema::Family::Discriminant { dimension } => {
                let dimension = *dimension as usize;
                self.settle(Discriminant { dimension }, number, founder)
            }
            schema::Family::Linear { .. } => self.settle(self.linear(population), number, founder),
            schema::Family::Categorical {} => {
                let sizes = self.data.sources.values().map(Source::symbols);
                let symbols = sizes.max().unwrap_or(0);
                self.settle(Categorical { symbols }, number, founder)
            }
            schema::Family::Transformer(shape) => self.transformers(shape, number, founder),
            schema::Family::Ngram { .. } => self.settle(self.ngram(population)?, number, founder),
        })
    }

    fn transformers<T: Founder>(
        &self,
        shape: &schema::Transformer,
        number: usize,
        founder: &mut T,
    ) -> T::Founded {
        let population = &self.scenario.population[number];
        let family = self.transformer(shape, population);
        let begins = population.training.initial == schema::Initial::Pretrained;
        let file = family.pretrained.clone().filter(|_| begins);
        self.settle_from(family, file.as_deref(), number, founder)
    }

    fn ngram(&self, population: &Population) -> Result<Ngram, NgramError> {
        let schema::Family::Ngram {
            order,
            unit,
            smoothing,
            vocabulary_max,
        } = &population.family
        else {
            unreachable!("only n-gram populations ask for an n-gram family")
        };
        let unit = match unit {
            schema::Unit::Byte => learn::Unit::Byte,
            schema::Unit::Word => {
                let texts: Vec<&Content> = self
                    .data
                    .sources
                    .values()
                    .filter_map(|s| s.given.as_deref())
                    .collect();
                learn::Unit::Word(Arc::new(Vocabulary::of(&texts, *vocabulary_max as usize)))
            }
        };
        let smoothing = match smoothing {
            schema::Smoothing::KneserNey => learn::Smoothing::KneserNey,
            schema::Smoothing::None => learn::Smoothing::None,
        };
        let mut family = Ngram::new(*order as usize, unit, smoothing)?;
        family.ends = population.publish.tokens == 0;
        family.probe_tokens = population.publish.tokens as usize;
        family.evaluation_bytes_max = self.scenario.observe.evaluation_bytes_max as usize;
        family.probe_documents = self.scenario.observe.probe_documents as usize;
        Ok(family)
    }

    /// Models that begin untrained or as the truth.
    fn settle<F: Family, T: Founder>(
        &self,
        family: F,
        number: usize,
        founder: &mut T,
    ) -> T::Founded {
        let population = &self.scenario.population[number];
        let truth = (population.training.initial == schema::Initial::Truth)
            .then(|| self.own_source(population))
            .flatten()
            .and_then(|source| family.truth(&source.in_kind(family.kind()).truth));
        self.settle_from(family, truth.as_ref(), number, founder)
    }

    /// Models that begin as `initial`, or untrained.
    fn settle_from<F: Family, T: Founder>(
        &self,
        family: F,
        initial: Option<&F::Fitted>,
        number: usize,
        founder: &mut T,
    ) -> T::Founded {
        let group = Arc::new(self.group(family, number));
        founder.found((self.scenario, number), &group, initial)
    }

    /// The corpus whose truth a population is compared with: its public one, else its private one.
    fn own_source(&self, population: &Population) -> Option<&'a Source> {
        let name = population
            .real
            .public
            .as_ref()
            .or(population.real.private.as_ref())?;
        Some(self.source(name))
    }

    fn group<F: Family>(&self, family: F, number: usize) -> Group<F> {
        let population = &self.scenario.population[number];
        let private = population.real.private.as_deref();
        let public = population.real.public.as_deref();
        let (private, public) = (
            private.map(|name| self.real_part(&family, name, (number, 0))),
            public.map(|name| self.real_part(&family, name, (number, 1))),
        );
        Group {
            number: number as u16,
            first: self.scenario.population[..number]
                .iter()
                .map(|population| population.count)
                .sum(),
            private,
            public,
            mixture: self.mixture(number),
            training: self.training(population),
            order: Order {
                documents: population.publish.documents as usize,
                temperature: population.publish.temperature,
                tokens: population.publish.tokens as usize,
                expected: population.publish.expected,
                prompt_tokens: prompt_tokens(population),
                top_k: population.publish.top_k as usize,
                top_p: population.publish.top_p,
                author: None,
                watermark: watermarks::green_list(population),
            },
            prompting: prompting(population),
            copies: self.copies(),
            homes: self.homes(number),
            adoption: self.adoption(number),
            publish_clock: population.publish.clock.map(|clock| self.clock(clock)),
            best_of: population.publish.best_of.as_ref().map(|choice| BestOf {
                candidates: choice.candidates as usize,
                reward: choice.reward,
            }),
            judge: self.judge(&family, population),
            asked: self.asked(),
            ends: self.ends(),
            shift: shift(population),
            labels: labels(population),
            publish_first: population.publish.when == schema::When::BeforeTraining,
            reading: self.reading(number),
            view: self.views_of(population).start,
            reads_privately: self.reads_privately(population),
            detector: population.read.detector.map(reading::detection),
            near_duplicates: self.near_duplicates(population),
            payoff: self.payoff(population),
            share: population.read.share,
            clock: self.clock(population.clock),
            presence: self.presence(population),
            observation: self.observation(&family, number),
            pools: Pools::default(),
            keys: self.keys,
            traced: self.traced,
            family,
        }
    }

    /// How a population mixes its data.
    pub(crate) fn mixture(&self, number: usize) -> learn::DataMixture {
        reading::mixture(&self.scenario.population[number].mixture)
    }

    pub(crate) fn training(&self, population: &Population) -> group::Training {
        let models: u64 = self
            .scenario
            .population
            .iter()
            .map(|population| u64::from(population.count))
            .sum();
        let drawn = population.training.mixing == schema::Mixing::Drawn;
        let budget = population.training.budget.filter(|_| drawn);
        let of = |documents: u32, per| match per {
            schema::Per::Model => Budget::PerModel(documents as usize),
            schema::Per::Ecosystem => Budget::PerEcosystem(documents as usize, models as usize),
        };
        group::Training {
            budget: budget.map(|budget| of(budget.documents, budget.per)),
            first_budget: budget
                .map(|budget| of(budget.first.unwrap_or(budget.documents), budget.per)),
            with_replacement: population.training.draw == schema::Draw::WithReplacement,
            warm_rate: match population.training.start {
                schema::Start::Scratch => None,
                schema::Start::Warm(rate) => Some(rate),
            },
        }
    }
}

fn estimator_of(estimator: schema::Estimator) -> learn::Estimator {
    match estimator {
        schema::Estimator::Mle => learn::Estimator::Mle,
        schema::Estimator::Unbiased => learn::Estimator::Unbiased,
    }
}

pub(crate) fn retention(regime: Regime) -> Retention {
    match regime {
        Regime::Replace => Retention::Replace,
        Regime::Accumulate => Retention::Accumulate,
        Regime::Window(generations) => Retention::Window { generations },
        Regime::Discount(factor) => Retention::Discount { factor },
    }
}
