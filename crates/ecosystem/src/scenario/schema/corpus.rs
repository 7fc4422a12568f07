//! Where real documents come from.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Design, defaults};

/// A source of real documents: give either `source` or `distribution`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Corpus {
    /// `builtin:NAME` (see `scenario corpora`), a folder of train, valid and test files, or a CSV
    /// or Parquet file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Column of a table: numbers for gaussian models, anything else for categorical ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// A distribution in closed form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distribution: Option<Distribution>,
    /// Reads no more documents than this of each split.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub documents_max: Option<u32>,
    /// Cuts the documents of a text into pieces of at most so many bytes, at white space: as much as a small context holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 16, max = 1_000_000_000))]
    pub piece_bytes: Option<u32>,
    /// What of a text is read.
    #[serde(default, skip_serializing_if = "TextContent::is_documents")]
    pub content: TextContent,
    /// Whether everybody or only its owners may train on it.
    #[serde(default)]
    pub access: Access,
}

/// What of a text corpus is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TextContent {
    /// Its documents.
    #[default]
    Documents,
    /// The right answers to its knowledge items, a sentence each, in place of documents: those that a document of the train
    /// split holds to train on, the others held out.
    Answers,
}

impl TextContent {
    /// True for what is usual.
    pub fn is_documents(&self) -> bool {
        *self == Self::Documents
    }
}

/// Who may train on a corpus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// Everybody.
    #[default]
    Public,
    /// The populations that name it.
    Private,
}

/// A distribution that real documents are drawn from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Distribution {
    /// Normal, with independent dimensions.
    Gaussian {
        /// Mean of every dimension.
        #[serde(default)]
        mean: f64,
        /// Variance of every dimension.
        #[serde(default = "defaults::unit")]
        #[schemars(range(min = 1e-300))]
        variance: f64,
        /// Number of dimensions.
        #[serde(default = "defaults::one")]
        #[schemars(range(min = 1, max = 64))]
        dimension: u32,
    },
    /// Student's t, with heavier tails than the normal distribution.
    StudentT {
        /// Degrees of freedom; above 2, so that there is a variance.
        #[schemars(range(min = 2.1, max = 1e6))]
        dof: f64,
        /// Where the density is largest.
        #[serde(default)]
        location: f64,
        /// Spread: the variance is scale^2 dof / (dof - 2).
        #[serde(default = "defaults::unit")]
        #[schemars(range(min = 1e-150, max = 1e150))]
        scale: f64,
    },
    /// A mixture of normal distributions in one dimension: three lists of one length.
    Mixture {
        /// Weight of each component (scaled to sum to 1).
        #[schemars(length(min = 1, max = 1_000))]
        weights: Vec<f64>,
        /// Mean of each component.
        #[schemars(length(min = 1, max = 1_000))]
        means: Vec<f64>,
        /// Variance of each component.
        #[schemars(length(min = 1, max = 1_000), inner(range(min = 1e-300)))]
        variances: Vec<f64>,
    },
    /// Symbols with given probabilities (scaled to sum to 1).
    Categorical {
        /// One weight a symbol.
        #[schemars(length(min = 1, max = 1_000_000))]
        probabilities: Vec<f64>,
    },
    /// Symbols with equal probabilities.
    Uniform {
        /// Number of symbols.
        #[schemars(range(min = 1, max = 10_000_000))]
        symbols: u32,
    },
    /// Symbols by Zipf's law: probability proportional to rank^-exponent.
    Zipf {
        /// Number of symbols.
        #[schemars(range(min = 1, max = 10_000_000))]
        symbols: u32,
        /// Exponent.
        #[serde(default = "defaults::unit")]
        #[schemars(range(min = 0.0, max = 10.0))]
        exponent: f64,
    },
    /// Captions, each with images in the plane: normal ones around a corner of a regular polygon.
    Captioned {
        /// One weight a caption (scaled to sum to 1).
        #[schemars(length(min = 1, max = 1_000))]
        probabilities: Vec<f64>,
        /// Distance of the corners from the centre.
        #[serde(default = "defaults::unit")]
        #[schemars(range(min = 0.0, max = 1e12))]
        radius: f64,
        /// Variance of the images under one caption, in both dimensions.
        #[serde(default = "defaults::unit")]
        #[schemars(range(min = 1e-300, max = 1e12))]
        variance: f64,
    },
    /// Labelled documents: two classes of equal size, their features normal with variance 1 around two
    /// points.
    TwoClasses {
        /// Features a document.
        #[schemars(range(min = 1, max = 256))]
        dimension: u32,
        /// Distance of either point from the origin between them.
        #[serde(default = "defaults::unit")]
        #[schemars(range(min = 0.0, max = 1e6))]
        separation: f64,
    },
    /// Records of inputs and a label that is linear in them, but for normal noise.
    Linear {
        /// Inputs a record.
        #[schemars(range(min = 1, max = 256))]
        dimension: u32,
        /// The true coefficients: a list, or a word. Coefficients of a word are standard normal numbers
        /// drawn from the seed; corpora with the same word have the same ones.
        coefficients: TrueCoefficients,
        /// Standard deviation of the noise of a label.
        #[serde(default = "defaults::unit")]
        #[schemars(range(min = 0.0, max = 1e12))]
        noise: f64,
        /// Inputs of its records.
        #[serde(default)]
        design: Design,
        /// Records that a model holds.
        #[schemars(range(min = 1, max = 10_000_000))]
        records: u32,
    },
    /// Text of random words, in which so many consecutive documents begin with the same ones, as pages of one site
    /// do: near-duplicates.
    Templates {
        /// Documents a template.
        #[schemars(range(min = 1, max = 1_000_000))]
        documents: u32,
        /// Words that the documents of a template have in common.
        #[schemars(range(min = 0, max = 100_000))]
        shared: u32,
        /// Words of a document's own.
        #[schemars(range(min = 0, max = 100_000))]
        own: u32,
    },
    /// Text: paths of a random Markov chain over letters, its rows drawn from a symmetric Dirichlet
    /// distribution.
    Markov {
        /// Number of letters.
        #[schemars(range(min = 2, max = 26))]
        letters: u32,
        /// Concentration of the Dirichlet distribution: small values give sparse rows.
        #[serde(default = "defaults::unit")]
        #[schemars(range(min = 1e-3, max = 1e3))]
        concentration: f64,
        /// Letters a document.
        #[schemars(range(min = 2, max = 10_000_000))]
        length: u32,
    },
}

/// Coefficients of a linear truth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum TrueCoefficients {
    /// One number an input.
    Given(#[schemars(length(min = 1, max = 256))] Vec<f64>),
    /// Drawn from the seed and this word.
    Word(#[schemars(length(min = 1, max = 100))] String),
}
