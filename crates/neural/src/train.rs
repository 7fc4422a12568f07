//! Training.

#[cfg(test)]
mod tests;

use types::random::Stream;

use crate::course::{Course, Length};
use crate::optimiser::Moments;
use crate::rows::{Example, Row, batch, lay_out};
use crate::{Network, Parameters};

/// Why a network could not be trained.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// The loss left all bounds, mostly because the rate is too high.
    #[error("the loss was {loss} nats a token at step {step}")]
    Diverged {
        /// Steps taken before.
        step: usize,
        /// The loss, in nats a token.
        loss: f64,
    },
    /// No example has a token that could be learnt.
    #[error("the examples have no token to learn")]
    NoTokens,
}

/// A loss is out of bounds if it is not a number or this many times that of a guess among all tokens.
const BOUND: f64 = 4.0;

/// Trains a network from `start` on `examples`.
///
/// Examples are laid out in rows of at most the context, whole ones one after the other in a random order, long ones
/// cut; every epoch has its own order. Batches are that many rows; they cross the ends of epochs, so that only the last
/// may be smaller.
///
/// # Errors
/// If the loss leaves all bounds, or if there is nothing to learn.
///
/// # Panics
/// If examples have tokens past the vocabulary.
pub fn train(
    network: &mut Network,
    start: Parameters,
    examples: &[Example],
    course: &Course,
    rng: &mut Stream,
) -> Result<Parameters, TrainError> {
    if !examples.iter().any(Example::teaches) {
        return Err(TrainError::NoTokens);
    }
    let shape = *network.shape();
    let rows = rows(examples, shape.context, course, rng);
    let (mut parameters, mut gradients) = (start, Parameters::zero(&shape));
    let mut moments = Moments::new(parameters.values.len());
    let bound = BOUND * libm::log(shape.vocabulary as f64);
    let batches = rows.chunks(course.batch.max(1));
    let steps = batches.len();
    for (step, rows) in batches.enumerate() {
        let loss = network.gradients(&parameters, &batch(examples, rows), &mut gradients);
        if loss.is_nan() || loss > bound {
            return Err(TrainError::Diverged { step, loss });
        }
        let rate = (&course.optimiser, course.rate_at(step, steps));
        moments.step(rate, &shape, &mut parameters, &gradients);
    }
    if !parameters.values.iter().all(|value| value.is_finite()) {
        let (step, loss) = (steps, f64::NAN);
        return Err(TrainError::Diverged { step, loss });
    }
    Ok(parameters)
}

/// The rows of a whole course.
fn rows(examples: &[Example], context: usize, course: &Course, rng: &mut Stream) -> Vec<Row> {
    let mut rows = Vec::new();
    match course.length {
        Length::Epochs(epochs) => {
            for _ in 0..epochs {
                rows.extend(lay_out(examples, context, rng));
            }
        }
        Length::Steps(steps) => {
            let count = steps as usize * course.batch.max(1);
            while rows.len() < count {
                rows.extend(lay_out(examples, context, rng));
            }
            rows.truncate(count);
        }
    }
    rows
}
