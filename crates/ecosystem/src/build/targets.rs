//! What values can refer to, from a scenario.

use std::sync::Arc;

use learn::{Family as _, LinearTask, Measure, Measured, Ngram, Question, Smoothing, Truth, Unit};
use types::content::Content;
use types::random::{Purpose, Seed};

use super::Blueprint;
use crate::data::Source;
use crate::linear;
use crate::scenario::schema::Family;

impl Blueprint<'_> {
    /// Names and held-out documents of the tasks that models are tested on.
    pub(crate) fn tasks(&self) -> Vec<(String, Arc<Content>)> {
        let held_out =
            |(name, source): (&String, &Source)| Some((name.clone(), source.held_out.clone()?));
        self.task_sources().filter_map(held_out).collect()
    }

    /// The corpora whose held-out documents are tasks.
    fn task_sources(&self) -> impl Iterator<Item = (&String, &Source)> {
        let chosen = &self.scenario.observe.tasks;
        let sources = self.data.sources.iter();
        let named = sources.filter(|(name, _)| chosen.is_empty() || chosen.contains(name));
        named.filter(|(_, source)| source.held_out.is_some())
    }

    /// Questions of each task, the first of each kind; none if knowledge is not measured.
    pub(super) fn questions(&self) -> Vec<Arc<[Question]>> {
        let kinds = [Measure::KnowledgeSeen, Measure::KnowledgeUnseen];
        if !kinds.iter().any(|kind| self.names(kind.info().name)) {
            return Vec::new();
        }
        let limit = self.scenario.observe.items_max as usize;
        let first = |questions: &[Question]| {
            let of = |seen| {
                questions
                    .iter()
                    .filter(move |question| question.is_seen() == seen)
            };
            let (seen, unseen) = (of(true).take(limit), of(false).take(limit));
            seen.chain(unseen).cloned().collect()
        };
        self.task_sources()
            .map(|(_, source)| first(&source.questions))
            .collect()
    }

    /// What an n-gram model makes of each task: its cross-entropy on the held-out documents, in nats per byte. It counts 6 bytes
    /// with the smoothing of Kneser and Ney, and is fitted once to the task's train split.
    pub(crate) fn ngram_baselines(&self) -> Vec<(Arc<str>, f64)> {
        let Ok(mut family) = Ngram::new(BASELINE_ORDER, Unit::Byte, Smoothing::KneserNey) else {
            return Vec::new();
        };
        family.evaluation_bytes_max = self.scenario.observe.evaluation_bytes_max as usize;
        // As in what models write: where documents have a length, their ends are not learnt.
        family.ends = self.scenario.population[0].publish.tokens == 0;
        let baseline = |(name, source): (&String, &Source)| {
            Some((Arc::from(name.as_str()), baseline(&family, name, source)?))
        };
        self.task_sources().filter_map(baseline).collect()
    }

    /// What values can refer to, in the order of their numbers: held-out tasks; of linear models
    /// their tasks, then coefficients; of captioned ones their captions.
    pub(crate) fn targets(&self) -> Vec<String> {
        match self.scenario.population[0].family {
            Family::Linear { dimension, .. } => {
                let tasks = self.linear_tasks().into_iter().map(|task| task.name);
                tasks
                    .chain((1..=dimension).map(|i| format!("theta_{i}")))
                    .collect()
            }
            Family::Captioned { captions, .. } => {
                (1..=captions).map(|i| format!("caption_{i}")).collect()
            }
            _ => self.tasks().into_iter().map(|(name, _)| name).collect(),
        }
    }

    /// The tasks of linear models.
    pub(crate) fn linear_tasks(&self) -> Vec<LinearTask> {
        let chosen = &self.scenario.observe.tasks;
        let mut tasks = Vec::new();
        for (name, source) in &self.data.sources {
            let Truth::Linear { own, .. } = &*source.truth else {
                continue;
            };
            if !chosen.is_empty() && !chosen.contains(name) {
                continue;
            }
            let grams = linear::grams(own);
            let several = grams.len() > 1;
            for (i, gram) in grams.into_iter().enumerate() {
                let name = if several {
                    format!("{name}_{}", i + 1)
                } else {
                    name.clone()
                };
                tasks.push(LinearTask {
                    name,
                    gram,
                    truth: own.coefficients.clone(),
                });
            }
        }
        tasks
    }
}

/// Bytes in an n-gram of the baseline.
const BASELINE_ORDER: usize = 6;

/// The cross-entropy of a model of the train split on the held-out documents.
fn baseline(family: &Ngram, name: &str, source: &Source) -> Option<f64> {
    let (given, held_out) = (source.given.as_ref()?, source.held_out.as_ref()?);
    let mut statistic = family.statistic();
    family.absorb(&mut statistic, given, 0..given.len(), 1.0);
    let fitted = family.fit(&statistic, None).ok()?;
    let truth = Truth::Tasks {
        tasks: vec![(name.to_owned(), (**held_out).clone())],
        questions: Vec::new(),
    };
    let mut out = Measured::new([Measure::CrossEntropy].into_iter().collect());
    // Nothing is drawn for it.
    let mut rng = Seed(0).key(0, Purpose::Observe).stream(0, 0);
    family.evaluate(&fitted, &family.reference(&truth), &mut rng, &mut out);
    out.values.first().map(|value| value.2)
}
