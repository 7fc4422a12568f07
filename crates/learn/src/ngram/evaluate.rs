//! Measuring n-gram models.

use std::sync::Arc;

use types::content::{Content, ContentKind};
use types::random::Stream;

use super::fitted::{Level, NONE, NgramFitted};
use super::statistic::Table;
use super::{Ngram, Unit};
use crate::{Continuation, Family, Likelihood, Measure, Measured, Order, Question, Truth, text};

/// What n-gram models are compared with.
#[derive(Debug, Clone, Default)]
pub struct NgramReference {
    tasks: Vec<HeldOut>,
    /// Of each task.
    pub(super) questions: Vec<Arc<[Question]>>,
    chain: Vec<Transition>,
}

/// Held-out text of one task: its n-grams, so that each is looked up once.
#[derive(Debug, Clone)]
struct HeldOut {
    grams: Table,
    bytes: usize,
}

/// A step of the true Markov chain.
#[derive(Debug, Clone, Copy)]
pub(super) struct Transition {
    pub(super) from: u32,
    pub(super) to: u32,
    /// Of this letter and then that one.
    pub(super) probability: f64,
}

impl NgramReference {
    pub(super) fn new(family: &Ngram, truth: &Truth) -> Self {
        match truth {
            Truth::Tasks { tasks, questions } => {
                let tasks = tasks
                    .iter()
                    .map(|(_, content)| HeldOut::new(family, content));
                Self {
                    tasks: tasks.collect(),
                    questions: questions.clone(),
                    chain: Vec::new(),
                }
            }
            Truth::Markov {
                rows, stationary, ..
            } if matches!(family.unit(), Unit::Byte) => Self {
                chain: transitions(rows, stationary),
                ..Self::default()
            },
            _ => Self::default(),
        }
    }
}

impl HeldOut {
    fn new(family: &Ngram, content: &Content) -> Self {
        let (mut count, mut bytes) = (0, 0);
        let documents = if content.kind() == ContentKind::Text {
            content.len()
        } else {
            0
        };
        while count < documents {
            let more = bytes + content.text(count).len();
            if count > 0 && more > family.evaluation_bytes_max {
                break;
            }
            (count, bytes) = (count + 1, more);
        }
        Self {
            grams: Table::count(family.keys(content, 0..count), 1.0),
            bytes,
        }
    }

    /// - sum ln p(token | context).
    fn nats(&self, fitted: &NgramFitted) -> f64 {
        let split = |key: &u64| fitted.packing.split(*key);
        let (mut sum, mut from) = (0.0, 0);
        for group in self.grams.keys.chunk_by(|a, b| split(a).0 == split(b).0) {
            let path = fitted.path(split(&group[0]).0);
            for (key, count) in group.iter().zip(&self.grams.counts[from..]) {
                sum -= count * libm::log(fitted.probability(&path, split(key).1));
            }
            from += group.len();
        }
        sum
    }

    /// Per byte and per token.
    fn measure(&self, fitted: &NgramFitted, number: u16, out: &mut Measured) {
        let nats = self.nats(fitted);
        if out.wants(Measure::CrossEntropy) {
            let per_byte = nats / self.bytes.max(1) as f64;
            out.push(Measure::CrossEntropy, Some(number), per_byte);
        }
        let tokens: f64 = self.grams.counts.iter().sum();
        if out.wants(Measure::Perplexity) && tokens > 0.0 {
            let perplexity = libm::exp(nats / tokens);
            out.push(Measure::Perplexity, Some(number), perplexity);
        }
    }
}

/// The sum of ln p(token | context) over n-grams.
pub(super) fn log_probability(fitted: &NgramFitted, keys: &[u64]) -> f64 {
    let one = |key: &u64| {
        let (context, token) = fitted.packing.split(*key);
        libm::log(fitted.probability(&fitted.path(context), token))
    };
    keys.iter().map(one).sum()
}

/// How likely a text is after its context.
pub(super) fn likelihood(
    family: &Ngram,
    fitted: &NgramFitted,
    Continuation { context, text }: Continuation<'_>,
) -> Likelihood {
    let (mut tokens, mut history) = (Vec::new(), family.history(context));
    family.unit().cut(text, &mut tokens);
    let keys: Vec<u64> = tokens
        .iter()
        .map(|&token| {
            let key = family.packing.key(history, token);
            history = family.packing.push(history, token);
            key
        })
        .collect();
    Likelihood {
        log_probability: log_probability(fitted, &keys),
        tokens: keys.len(),
    }
}

/// The steps of the chain over the letters `a`, `b`, ..., as bytes, in the order of letters.
pub(super) fn transitions(rows: &[Vec<f64>], stationary: &[f64]) -> Vec<Transition> {
    let token = |letter: usize| u32::from(b'a') + letter as u32;
    let row = |i: usize| {
        let step = move |(j, p): (usize, &f64)| Transition {
            from: token(i),
            to: token(j),
            probability: stationary[i] * p,
        };
        rows[i].iter().enumerate().map(step)
    };
    (0..rows.len()).flat_map(row).collect()
}

/// Measures what follows from the model itself.
pub(super) fn counts(fitted: &NgramFitted, reference: &NgramReference, out: &mut Measured) {
    if out.wants_any(&[Measure::CrossEntropy, Measure::Perplexity]) {
        for (number, task) in (0..).zip(&reference.tasks) {
            task.measure(fitted, number, out);
        }
    }
    out.measure(Measure::DistinctGrams, || distinct_grams(fitted) as f64);
    out.measure(Measure::GiniSimpsonRows, || gini_simpson_rows(fitted));
    if !reference.chain.is_empty() {
        out.measure(Measure::MissingMass, || {
            missing_mass(fitted, &reference.chain)
        });
    }
}

/// Contexts of the highest order that lie within a document, with their counts.
fn full_contexts(fitted: &NgramFitted) -> impl Iterator<Item = (&Level, u32)> {
    let k = fitted.packing.context();
    let level = &fitted.levels[k];
    let nodes = 0..level.tokens.len() as u32;
    nodes
        .filter(move |&node| !fitted.at_start(k, node))
        .map(move |node| (level, node))
}

/// Number of n-grams of the highest order, those that reach back to the start of a document not
/// counted.
fn distinct_grams(fitted: &NgramFitted) -> usize {
    full_contexts(fitted)
        .map(|(level, node)| level.followers(node).len())
        .sum()
}

/// Mean over contexts of 1 - sum p^2, p being the counts over their total.
fn gini_simpson_rows(fitted: &NgramFitted) -> f64 {
    let (mut sum, mut rows) = (0.0, 0_u32);
    for (level, node) in full_contexts(fitted) {
        let total = level.total(node);
        let squares: f64 = level
            .counts(node)
            .map(|(_, c)| (c / total) * (c / total))
            .sum();
        (sum, rows) = (sum + 1.0 - squares, rows + 1);
    }
    sum / f64::from(rows.max(1))
}

/// Mass of the true transitions that the model has not seen; with a model of order 1, of the
/// letters that it has not seen.
fn missing_mass(fitted: &NgramFitted, chain: &[Transition]) -> f64 {
    let k = fitted.packing.context().min(1);
    let seen = |step: &&Transition| {
        let node = if k == 0 {
            0
        } else {
            fitted.first[step.from as usize]
        };
        node != NONE && fitted.levels[k].find(node, step.to).is_some()
    };
    let missing = chain.iter().filter(|step| !seen(step));
    missing.map(|step| step.probability).sum()
}

/// Measures what shows in a sample of [`Ngram::probe_documents`] documents.
pub(super) fn probe(family: &Ngram, fitted: &NgramFitted, rng: &mut Stream, out: &mut Measured) {
    if !out.wants_any(&text::PROBED) && !out.wants(Measure::UniqueTokens) {
        return;
    }
    let mut sample = Content::empty(ContentKind::Text);
    let order = Order {
        documents: family.probe_documents,
        tokens: family.probe_tokens,
        ..Order::default()
    };
    family.sample(fitted, &order, rng, &mut sample);
    text::probe(&sample, out);
    out.measure(Measure::UniqueTokens, || {
        unique_tokens(family, &sample) as f64
    });
}

fn unique_tokens(family: &Ngram, sample: &Content) -> usize {
    let mut tokens = Vec::new();
    for index in 0..sample.len() {
        family.unit().cut(sample.text(index), &mut tokens);
    }
    tokens.sort_unstable();
    tokens.dedup();
    tokens.len()
}
