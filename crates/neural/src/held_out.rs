//! Held-out text that networks are measured on.

use std::sync::Arc;

use learn::{Measure, Measured, Question, Truth};
use types::content::{Content, ContentKind};

use crate::examples::Examples;
use crate::{Parameters, Transformer};

/// Held-out text, task by task.
#[derive(Debug, Clone, Default)]
pub struct HeldOut {
    tasks: Vec<Task>,
    /// Of each task.
    pub(crate) questions: Vec<Arc<[Question]>>,
}

/// Held-out text of one task.
#[derive(Debug, Clone)]
struct Task {
    examples: Examples,
    bytes: usize,
}

impl HeldOut {
    pub(crate) fn new(family: &Transformer, truth: &Truth) -> Self {
        let Truth::Tasks { tasks, questions } = truth else {
            return Self::default();
        };
        let tasks = tasks.iter().map(|(_, content)| Task::new(family, content));
        Self {
            tasks: tasks.collect(),
            questions: questions.clone(),
        }
    }

    /// Measures the losses of a model on every task.
    pub(crate) fn measure(
        &self,
        (family, fitted): (&Transformer, &Parameters),
        out: &mut Measured,
    ) {
        if !out.wants_any(&[Measure::CrossEntropy, Measure::Perplexity]) {
            return;
        }
        let mut network = family.network();
        for (number, task) in (0..).zip(&self.tasks) {
            let found = task.examples.log_probabilities(&mut network, fitted);
            let sum: f64 = found.iter().map(|(sum, _)| sum).sum();
            let count: usize = found.iter().map(|(_, count)| count).sum();
            if out.wants(Measure::CrossEntropy) {
                let nats = -sum / task.bytes.max(1) as f64;
                out.push(Measure::CrossEntropy, Some(number), nats);
            }
            if out.wants(Measure::Perplexity) {
                let nats = -sum / count.max(1) as f64;
                out.push(Measure::Perplexity, Some(number), libm::exp(nats));
            }
        }
    }
}

impl Task {
    /// The first whole documents that fit, but at least one.
    fn new(family: &Transformer, content: &Content) -> Self {
        let (mut examples, mut bytes) = (Examples::default(), 0);
        let documents = match content.kind() {
            ContentKind::Text => content.len(),
            _ => 0,
        };
        for index in 0..documents {
            let more = bytes + content.text(index).len();
            if index > 0 && more > family.evaluation_bytes_max {
                break;
            }
            examples.push(&family.tokenizer, (content, index), 1.0);
            bytes = more;
        }
        Self { examples, bytes }
    }
}
