//! What is looked at, from a scenario.

use std::sync::Arc;

use learn::{Family, Measure, MeasureSet, Truth};
use types::content::{Content, ContentKind};

use super::Blueprint;
use crate::group::{Asked, AskedOfDetectors, AskedOfDiets, ObservationPlan};
use crate::metrics::{
    DETECTOR_FALSE_POSITIVE_RATE, DETECTOR_TRUE_POSITIVE_RATE, DISAGREEMENT, EARNINGS,
    ECOSYSTEM_VENDI, EFFECTIVE_SOURCES, FRESHNESS, KEPT_SHARE, LINEAGE_DEPTH, OUTPUT_DISTANCE,
    OUTPUT_SIMILARITY, PROMPT_SIMILARITY, REAL_SHARE, SOURCE_SHARE, STALENESS,
};
use crate::scenario::schema::Population;

impl Blueprint<'_> {
    pub(super) fn observation<F: Family>(&self, family: &F, number: usize) -> ObservationPlan<F> {
        let population = &self.scenario.population[number];
        let wanted: MeasureSet = Measure::all()
            .iter()
            .copied()
            .filter(|measure| self.measures(*measure) || self.needs(*measure))
            .collect();
        ObservationPlan {
            every: self.duration(self.scenario.observe.every),
            wanted,
            reference: family.reference(&self.truth(population, family.kind())),
            models: self.observed_models()[number],
            real_share: self.wants(REAL_SHARE),
            lineage_depth: self.wants(LINEAGE_DEPTH),
            prompts: Arc::new(self.prompts()),
            centres: self.names(OUTPUT_DISTANCE),
            green_lists: self.tested(population),
            probe_tokens: population.publish.tokens as usize,
        }
    }

    /// What is asked about training sets.
    pub(super) fn asked(&self) -> Asked {
        Asked {
            freshness: self.names(FRESHNESS),
            kept_share: self.names(KEPT_SHARE),
            earnings: self.names(EARNINGS),
            detector: AskedOfDetectors {
                true_positive_rate: self.names(DETECTOR_TRUE_POSITIVE_RATE),
                false_positive_rate: self.names(DETECTOR_FALSE_POSITIVE_RATE),
            },
            diet: AskedOfDiets {
                source_share: self.names(SOURCE_SHARE),
                effective_sources: self.names(EFFECTIVE_SOURCES),
                staleness: self.names(STALENESS),
            },
        }
    }

    /// Where the numbers of each population end, if it is asked who wrote training sets.
    pub(super) fn ends(&self) -> Option<Vec<u32>> {
        let counts = self.scenario.population.iter().map(|one| one.count);
        let end = |end: &mut u32, count| {
            *end += count;
            Some(*end)
        };
        let ends = counts.scan(0, end).collect();
        self.asked().diet.anything().then_some(ends)
    }

    /// What least squares on all real data of all models would give, if that is wanted and can be told.
    fn linear_oracle(&self) -> Option<f64> {
        let wanted = self.wants(Measure::InverseEfficiency.info().name);
        wanted.then(|| crate::theory::oracle(self)).flatten()
    }

    /// True if a measure is wanted: some are only if they are named.
    fn measures(&self, measure: Measure) -> bool {
        let name = measure.info().name;
        self.wants(name) && (!measure.only_by_name() || self.names(name))
    }

    /// True if a metric of the ecosystem is made from what is measured of every model.
    fn needs(&self, measure: Measure) -> bool {
        matches!(measure, Measure::Coefficient | Measure::SquaredNorm) && self.wants(DISAGREEMENT)
    }

    /// What models of a population are compared with: held-out tasks for text, else the truth of their own corpus.
    fn truth(&self, population: &Population, kind: ContentKind) -> Truth {
        let tasks = self.tasks();
        if !tasks.is_empty() {
            let tasks = tasks
                .into_iter()
                .map(|(name, content)| (name, (*content).clone()))
                .collect();
            let questions = self.questions();
            return Truth::Tasks { tasks, questions };
        }
        match self
            .own_source(population)
            .map(|source| (source, &*source.truth))
        {
            Some((_, Truth::Linear { own, .. })) => Truth::Linear {
                own: own.clone(),
                tasks: self.linear_tasks(),
                oracle: self.linear_oracle(),
            },
            // Text of which nothing is held out is no task: it would have a number and no name.
            Some((source, truth)) if !matches!(truth, Truth::Tasks { .. }) => {
                (*source.in_kind(kind).truth).clone()
            }
            Some(_) | None => Truth::Tasks {
                tasks: Vec::new(),
                questions: Vec::new(),
            },
        }
    }

    /// The beginnings of held-out documents of every task; models without text have one empty prompt.
    fn prompts(&self) -> Vec<Content> {
        let similarity = self.wants(OUTPUT_SIMILARITY) || self.wants(PROMPT_SIMILARITY);
        if !similarity && !self.names(OUTPUT_DISTANCE) && !self.names(ECOSYSTEM_VENDI) {
            return Vec::new();
        }
        let count = self.scenario.observe.prompts as usize;
        let beginnings = |content: &Content| {
            let texts = (0..content.len().min(count)).map(|i| {
                let text = content.text(i);
                text[..text.len().min(PROMPT_BYTES)].to_vec()
            });
            Content::from_texts(texts)
        };
        let prompts: Vec<Content> = self
            .tasks()
            .iter()
            .map(|(_, content)| beginnings(content))
            .collect();
        if prompts.is_empty() {
            vec![Content::from_texts([""])]
        } else {
            prompts
        }
    }

    /// How many models of each population have rows of their own: one more for each in turn until the limit.
    pub(crate) fn observed_models(&self) -> Vec<u32> {
        let mut observed = vec![0; self.scenario.population.len()];
        let mut left = self.scenario.observe.models_max;
        while left > 0 {
            let before = left;
            for (count, population) in observed.iter_mut().zip(&self.scenario.population) {
                if *count < population.count && left > 0 {
                    *count += 1;
                    left -= 1;
                }
            }
            if left == before {
                break;
            }
        }
        observed
    }
}

/// Length of a prompt.
const PROMPT_BYTES: usize = 64;
