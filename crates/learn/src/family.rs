//! What a model family is: how documents become a fitted model, and how that model writes documents.
//!
//! Learning is split in two, because that is where the speed and the theory are: documents are folded into a
//! *statistic* ([`Family::absorb`]), and a statistic is fitted ([`Family::fit`]). Where a statistic is sufficient
//! (Fisher 1922), a pool that a million models read is folded once.

use std::fmt::Debug;
use std::ops::Range;

use serde::Serialize;
use serde::de::DeserializeOwned;
use types::content::{Content, ContentKind};
use types::random::Stream;

use crate::knowledge::{Continuation, Likelihood};
use crate::measure::Measured;
use crate::truth::Truth;
use crate::watermark::GreenList;

/// A family of models. One value of it holds what all models of a population share: its hyperparameters.
///
/// # Adding a family
///
/// A whole family that learns the rate of an exponential distribution:
///
/// ```
/// use std::ops::Range;
///
/// use echosphere_learn::{Family, FitError, Order, Truth};
/// use echosphere_learn::{Measure, Measured};
/// use types::content::{Content, ContentKind};
/// use types::random::{Purpose, Seed, Stream};
///
/// #[derive(Debug)]
/// struct Exponential;
///
/// impl Family for Exponential {
///     type Statistic = (f64, f64); // total weight, weighted sum
///     type Fitted = f64; // the mean
///     type Reference = ();
///
///     fn kind(&self) -> ContentKind {
///         ContentKind::F64 { dimension: 1 }
///     }
///     fn statistic(&self) -> (f64, f64) {
///         (0.0, 0.0)
///     }
///     fn absorb(&self, sum: &mut (f64, f64), content: &Content, range: Range<usize>, weight: f64) {
///         let Content::F64(numbers) = content else { return };
///         for x in &numbers.values[range] {
///             *sum = (sum.0 + weight, sum.1 + weight * x);
///         }
///     }
///     fn merge(&self, sum: &mut (f64, f64), other: &(f64, f64), weight: f64) {
///         *sum = (sum.0 + weight * other.0, sum.1 + weight * other.1);
///     }
///     fn fit(&self, sum: &(f64, f64), previous: Option<(&f64, f64)>) -> Result<f64, FitError> {
///         if sum.0 <= 0.0 {
///             return Err(FitError::TooFewDocuments { actual: 0, required: 1 });
///         }
///         let (old, rate) = previous.map_or((0.0, 1.0), |(mean, rate)| (*mean, rate));
///         Ok((1.0 - rate) * old + rate * sum.1 / sum.0)
///     }
///     fn sample(&self, mean: &f64, order: &Order, rng: &mut Stream, out: &mut Content) {
///         let Content::F64(numbers) = out else { return };
///         numbers.values.extend((0..order.documents).map(|_| rng.exponential(mean * order.temperature)));
///     }
///     fn reference(&self, _truth: &Truth) {}
///     fn evaluate(&self, mean: &f64, _: &(), _: &mut Stream, out: &mut Measured) {
///         out.measure(Measure::Mean, || *mean);
///     }
/// }
///
/// let (family, mut rng) = (Exponential, Seed(1).key(0, Purpose::Sample).stream(0, 0));
/// let mut content = Content::empty(family.kind());
/// family.sample(&2.0, &Order { documents: 10_000, ..Order::default() }, &mut rng, &mut content);
/// let mut statistic = family.statistic();
/// family.absorb(&mut statistic, &content, 0..content.len(), 1.0);
/// assert!((family.fit(&statistic, None)? - 2.0).abs() < 0.1); // five standard errors
/// # Ok::<(), FitError>(())
/// ```
pub trait Family: Debug + Send + Sync + 'static {
    /// What fitting needs to know of a set of documents.
    type Statistic: Clone + Debug + Send + Sync;
    /// A fitted model.
    type Fitted: Clone + Debug + Send + Sync + Serialize + DeserializeOwned;
    /// What models are compared with, prepared once.
    type Reference: Debug + Send + Sync;

    /// The content that models of this family read and write.
    fn kind(&self) -> ContentKind;

    /// The statistic of no documents.
    fn statistic(&self) -> Self::Statistic;

    /// Adds documents `range` of `content`, each with `weight` (times its own weight, where content has weights).
    fn absorb(
        &self,
        statistic: &mut Self::Statistic,
        content: &Content,
        range: Range<usize>,
        weight: f64,
    );

    /// Adds the documents behind another statistic, each weight multiplied by `weight`.
    fn merge(&self, statistic: &mut Self::Statistic, other: &Self::Statistic, weight: f64);

    /// Fits a model. Given a previous fit and a rate in (0, 1], the result is (1 - rate) of the previous model and rate of
    /// the new one, mixed in mean parameters: one step of online expectation maximisation (Cappé and Moulines 2009).
    ///
    /// # Errors
    /// If the documents do not determine a model.
    fn fit(
        &self,
        statistic: &Self::Statistic,
        previous: Option<(&Self::Fitted, f64)>,
    ) -> Result<Self::Fitted, FitError>;

    /// [`Family::fit`], for families that search for a model rather than work it out: where they start and in which order
    /// they read is drawn from `rng`. The others draw nothing.
    ///
    /// # Errors
    /// Those of [`Family::fit`].
    fn search(
        &self,
        statistic: &Self::Statistic,
        previous: Option<(&Self::Fitted, f64)>,
        _rng: &mut Stream,
    ) -> Result<Self::Fitted, FitError> {
        self.fit(statistic, previous)
    }

    /// Appends sampled documents to `out`.
    fn sample(&self, fitted: &Self::Fitted, order: &Order, rng: &mut Stream, out: &mut Content);

    /// Appends one document for each of `prompts`: the first [`Order::prompt_tokens`] tokens of it, marked as given, and what
    /// the model writes after them. Families that take no prompts write as if there were none.
    fn answer(
        &self,
        fitted: &Self::Fitted,
        (prompts, order): (&Content, &Order),
        rng: &mut Stream,
        out: &mut Content,
    ) {
        let documents = prompts.len();
        self.sample(
            fitted,
            &Order {
                documents,
                ..*order
            },
            rng,
            out,
        );
    }

    /// Prepares what models of this family are compared with.
    fn reference(&self, truth: &Truth) -> Self::Reference;

    /// Measures a fitted model; only what `out` wants is computed.
    fn evaluate(
        &self,
        fitted: &Self::Fitted,
        reference: &Self::Reference,
        rng: &mut Stream,
        out: &mut Measured,
    );

    /// The model that equals the truth, where the family has one.
    fn truth(&self, _truth: &Truth) -> Option<Self::Fitted> {
        None
    }

    /// A vector that stands for the model's output when asked to continue `prompts`; the cosine of two such vectors is
    /// the similarity of two models' outputs. `None` if the family has no such vector.
    fn embed(
        &self,
        _fitted: &Self::Fitted,
        _prompts: &Content,
        _rng: &mut Stream,
    ) -> Option<Vec<f32>> {
        None
    }

    /// What a model thinks of one document: its mean log-probability a byte, for text. Zero if the family cannot judge.
    fn judge(&self, _judge: &Self::Fitted, _content: &Content, _index: usize) -> f64 {
        0.0
    }

    /// How likely the model finds each text after its context, one for each in their order; the end of a document is not
    /// counted. `None` if the family has no likelihoods of text.
    fn likelihoods(
        &self,
        _fitted: &Self::Fitted,
        _continuations: &[Continuation<'_>],
    ) -> Option<Vec<Likelihood>> {
        None
    }

    /// Appends the tokens that the author of a document wrote, each after the one before it: what green lists are about. A token
    /// that stands for the beginning or the end of a document is before the first one, but not among those that count. Nothing,
    /// if the family knows no tokens.
    fn pairs(&self, _content: &Content, _index: usize, _out: &mut Vec<[u32; 2]>) {}

    /// Where the model's output lies: its mean, dimension by dimension. `None` if the family writes no numbers.
    fn centre(&self, _fitted: &Self::Fitted) -> Option<Vec<f64>> {
        None
    }
}

/// What a model is asked to write.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Order {
    /// How many documents.
    pub documents: usize,
    /// Density is raised to 1 / temperature and renormalised: below 1 the model keeps to its mode, above 1 it strays.
    pub temperature: f64,
    /// Length of a document in tokens, for families that write sequences and are told when to stop; 0 leaves it to them.
    pub tokens: usize,
    /// How many tokens of a prompt a model is given, for families that take prompts.
    pub prompt_tokens: usize,
    /// Draws only among so many likeliest tokens, for families that can; 0: among all.
    pub top_k: usize,
    /// Draws only among the likeliest tokens that make up this probability, for families that can.
    pub top_p: f64,
    /// Who writes, for families whose inputs are an author's own.
    pub author: Option<u32>,
    /// The watermark that it leaves, for families with tokens.
    pub watermark: Option<GreenList>,
    /// Writes the model's expectation instead of a sample: one weighted document for each outcome.
    pub expected: bool,
}

impl Default for Order {
    fn default() -> Self {
        Self {
            documents: 1,
            temperature: 1.0,
            tokens: 0,
            prompt_tokens: 0,
            top_k: 0,
            top_p: 1.0,
            author: None,
            watermark: None,
            expected: false,
        }
    }
}

/// Why a model could not be fitted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FitError {
    /// The training set is too small.
    #[error("the training set has {actual} documents, the family needs {required}")]
    TooFewDocuments {
        /// How many there are.
        actual: usize,
        /// How many are needed.
        required: usize,
    },
    /// A warm start was asked of a family that always starts from nothing.
    #[error("the family has no warm start")]
    ColdOnly,
    /// Training did not converge.
    #[error("the loss is {loss} at step {step}")]
    Diverged {
        /// The step.
        step: usize,
        /// The loss there, or the largest that is taken.
        loss: f64,
    },
    /// The covariance of the training set is singular.
    #[error("the covariance of the training set is not positive definite in dimension {dimension}")]
    Singular {
        /// Number of dimensions.
        dimension: usize,
    },
}
