//! Model families and their hyperparameters.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Transformer, defaults};

/// A model family with its hyperparameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Family {
    /// A normal distribution fitted to numbers.
    Gaussian {
        /// Number of dimensions.
        #[serde(default = "defaults::one")]
        #[schemars(range(min = 1, max = 64))]
        dimension: u32,
        /// Estimator of the variance.
        #[serde(default)]
        estimator: Estimator,
        /// Precision of published numbers; fits are always in double precision.
        #[serde(default)]
        precision: Precision,
    },
    /// A kernel density estimate: a normal kernel on every number of the training set. A model holds
    /// its training set.
    Kde {
        /// Number of dimensions.
        #[serde(default = "defaults::one")]
        #[schemars(range(min = 1, max = 64))]
        dimension: u32,
        /// Standard deviation of the kernel in each dimension: a number, or `"silverman"`.
        #[serde(default)]
        bandwidth: Bandwidth,
        /// Precision of published numbers; fits are always in double precision.
        #[serde(default)]
        precision: Precision,
    },
    /// A mixture of normal distributions, fitted by expectation maximisation.
    Gmm {
        /// Number of dimensions.
        #[serde(default = "defaults::one")]
        #[schemars(range(min = 1, max = 64))]
        dimension: u32,
        /// Components, at most.
        #[schemars(range(min = 1, max = 1_000))]
        components: u32,
        /// What shape components may have.
        #[serde(default)]
        covariance: Covariance,
        /// Least variance of a component in any direction, as a share of the variance of the training
        /// set: it stops components that close in on one document.
        #[serde(default = "defaults::variance_floor")]
        #[schemars(range(min = 1e-12, max = 1.0))]
        variance_floor: f64,
        /// Rounds of a fit, at most; it ends before when one gains less than 1e-9 nats a document.
        #[serde(default = "defaults::iterations_max")]
        #[schemars(range(min = 1, max = 100_000))]
        iterations_max: u32,
        /// Precision of published numbers; fits are always in double precision.
        #[serde(default)]
        precision: Precision,
    },
    /// Student's t distribution with given degrees of freedom, whose location and scale are fitted to
    /// numbers: documents far out count less.
    StudentT {
        /// Degrees of freedom.
        #[schemars(range(min = 2.1, max = 1e6))]
        dof: f64,
        /// Precision of published numbers; fits are always in double precision.
        #[serde(default)]
        precision: Precision,
    },
    /// Linear regression by least squares: documents are records of inputs and a label. Models publish the
    /// labels that they predict, with noise; temperature multiplies the variance of that noise.
    Linear {
        /// Inputs a record.
        #[schemars(range(min = 1, max = 256))]
        dimension: u32,
        /// Weight of the penalty |theta|^2 beside the mean squared residual.
        #[serde(default)]
        #[schemars(range(min = 0.0, max = 1e12))]
        ridge: f64,
        /// Standard deviation of the noise on labels that models publish.
        #[serde(default = "defaults::unit")]
        #[schemars(range(min = 0.0, max = 1e12))]
        noise: f64,
        /// Inputs of what models publish.
        #[serde(default)]
        design: Design,
    },
    /// Captioned images: a multinomial text model and a conditional normal image model in the plane, which
    /// learn from what they publish together.
    Captioned {
        /// Captions.
        #[schemars(range(min = 1, max = 1_000))]
        captions: u32,
        /// The half that never learns and stays as the population's public (else private) corpus is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        frozen: Option<Half>,
    },
    /// Two classes, told apart by linear discriminant analysis: normal features around a mean of each class,
    /// with one variance.
    Discriminant {
        /// Features a document.
        #[schemars(range(min = 1, max = 256))]
        dimension: u32,
    },
    /// Free probabilities for every symbol, fitted by maximum likelihood.
    Categorical {},
    /// A neural network that writes text token by token.
    Transformer(Transformer),
    /// Counts of token sequences.
    Ngram {
        /// Length of the longest sequence counted.
        #[serde(default = "defaults::order")]
        #[schemars(range(min = 1, max = 7))]
        order: u32,
        /// What a token is.
        #[serde(default)]
        unit: Unit,
        /// What happens to sequences that were not seen.
        #[serde(default)]
        smoothing: Smoothing,
        /// Largest number of words, for `unit = "word"`.
        #[serde(default = "defaults::vocabulary")]
        #[schemars(range(min = 2, max = 1_000_000))]
        vocabulary_max: u32,
    },
}

impl Family {
    /// True if it reads and writes text.
    pub fn is_text(&self) -> bool {
        matches!(self, Self::Ngram { .. } | Self::Transformer(_))
    }

    /// Dimension and precision of what it publishes, if that is numbers.
    pub fn numbers(&self) -> Option<(u32, Precision)> {
        match *self {
            Self::Gaussian {
                dimension,
                precision,
                ..
            }
            | Self::Kde {
                dimension,
                precision,
                ..
            }
            | Self::Gmm {
                dimension,
                precision,
                ..
            } => Some((dimension, precision)),
            Self::StudentT { precision, .. } => Some((1, precision)),
            Self::Linear { .. }
            | Self::Captioned { .. }
            | Self::Discriminant { .. }
            | Self::Categorical {}
            | Self::Transformer(_)
            | Self::Ngram { .. } => None,
        }
    }
}

/// One of the two models behind captioned images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Half {
    /// The shares of the captions.
    Text,
    /// The images under each caption.
    Image,
}

/// Standard deviation of a kernel.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Bandwidth {
    /// The same for every training.
    Fixed(#[schemars(range(min = 1e-9, max = 1e9))] f64),
    /// By a rule, from the training set.
    Rule(BandwidthRule),
}

/// A rule for the bandwidth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BandwidthRule {
    /// s (4 / ((d + 2) n))^(1 / (d + 4)), s the standard deviation and n the effective number of
    /// documents (Silverman 1986).
    Silverman,
}

impl Default for Bandwidth {
    fn default() -> Self {
        Self::Rule(BandwidthRule::Silverman)
    }
}

/// Shape of a mixture's components.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Covariance {
    /// Any.
    #[default]
    Full,
    /// Independent dimensions.
    Diagonal,
}

/// Inputs of a set of records.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Design {
    /// Standard normal numbers, drawn once for each holder from the seed: the same in every generation
    /// and replicate.
    #[default]
    Gaussian,
    /// Standard normal numbers, drawn anew for every set.
    GaussianFresh,
    /// Standard normal numbers, drawn once for each holder and replicate: the same in every generation.
    /// Corpora and populations with the same word have the same ones.
    GaussianPerReplicate(#[schemars(length(min = 1, max = 100))] String),
    /// Multiples of unit vectors in turn: the Gram matrix of full turns is the identity.
    Orthogonal,
    /// Multiples of this many unit vectors in turn, which differ between holders: model k sees the k-th
    /// block of directions, and after the last comes the first again.
    Block(#[schemars(range(min = 1, max = 256))] u32),
    /// These rows of inputs in turn.
    Rows(#[schemars(length(min = 1, max = 1_000_000))] Vec<Vec<f64>>),
}

/// How a variance is estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Estimator {
    /// Maximum likelihood: divide by n.
    #[default]
    Mle,
    /// Divide by n - 1 (by W - sum w^2 / W where documents have weights).
    Unbiased,
}

/// Precision of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    /// Double.
    #[default]
    F64,
    /// Single: half the memory, and a collapsing variance reaches zero sooner.
    F32,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// A byte.
    #[default]
    Byte,
    /// A word or punctuation mark.
    Word,
}

/// How probability reaches sequences that were not seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Smoothing {
    /// Interpolated Kneser-Ney (Kneser and Ney 1995).
    #[default]
    KneserNey,
    /// Not at all: maximum likelihood.
    None,
}
