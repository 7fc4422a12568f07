//! From documents to a fitted, measured model: mix, curate, fit, sample, measure.
//!
//! This crate knows nothing about where documents come from: it has no web, no actors, no time and no scenario. It opens no
//! file and starts no thread. What it draws, it draws from a stream that it is handed.
//!
//! ```text
//!  DataMixture ──shares, weights──┐
//!                                 ▼
//!  Content ──Family::absorb──► Statistic ──Family::fit──► Fitted ──Family::sample──► Content
//!            Statistic ──Family::merge──▲   (+ previous)    │
//!                                                           └─Family::evaluate──► Measured
//!  Truth ──Family::reference──► Reference ─────────────────────────▲
//! ```
//!
//! The families are [`Gaussian`] and [`GaussianVector`], [`Categorical`], [`Kde`],
//! [`Gmm`], [`StudentTs`], [`Captioned`] for images under captions, [`Discriminant`] for labels, and [`Ngram`] for text.
//!
//! # Example
//!
//! A model is fitted to the numbers that another one wrote, and to real ones, half and half.
//!
//! ```
//! use echosphere_learn::{DataMixture, Estimator, Family, Gaussian, Normal, Order, Parts, SyntheticShare};
//! use types::content::{Content, Numbers};
//! use types::random::{Purpose, Seed};
//!
//! let family = Gaussian { estimator: Estimator::Mle, single: false };
//! let real = Content::F64(Numbers { dimension: 1, values: vec![-1.0, 1.0] });
//! let author = Normal { mean: 3.0, variance: 0.0 };
//! let mut rng = Seed(7).key(0, Purpose::Sample).stream(0, 1);
//! let mut written = Content::empty(family.kind());
//! family.sample(&author, &Order { documents: 6, ..Order::default() }, &mut rng, &mut written);
//!
//! let mixture = DataMixture { synthetic: SyntheticShare::Schedule(vec![0.5]), private_weights: vec![0.0] };
//! let documents = Parts { private: 0.0, public: 2.0, synthetic: 6.0 };
//! let weights = mixture.shares(2, documents).weights(documents);
//! assert_eq!((weights.public, weights.synthetic), (2.0, 4.0 / 6.0));
//!
//! let mut statistic = family.statistic();
//! family.absorb(&mut statistic, &real, 0..2, weights.public);
//! family.absorb(&mut statistic, &written, 0..6, weights.synthetic);
//! let fitted = family.fit(&statistic, None)?;
//! assert!((fitted.mean - 1.5).abs() < 1e-12, "half way between 0 and 3");
//! # Ok::<(), echosphere_learn::FitError>(())
//! ```
//!
//! # Invariants
//!
//! - The shares of a training set sum to 1, and the weights of its documents to their number.
//! - Fitting does not draw: the same statistic and the same previous model give the same bits.
//! - Sums are taken in an order that the source fixes, whatever the width of the processor's vectors; functions such as the
//!   logarithm come from `libm`; hash tables are never iterated.
//! - A fitted model survives being written and read without losing a bit.
//! - Measuring computes only what is wanted ([`Measured::wants`]).
//! - Whether a document is real reaches this crate in one place, curation: the callers of [`Detector::keeps`] and
//!   [`Pipeline::curate`] say so, because detectors and filters are models of errors at stated rates. [`Recogniser`] is told
//!   nothing but its examples.
//!
//! # Where to read next
//!
//! [`Family`], with a whole family as its example; [`Ngram`] for how text with fractional weights is smoothed; [`MEASURES`] for
//! everything that can be measured of one model.

mod best_of;
mod captioned;
mod categorical;
mod cholesky;
mod curate;
mod density;
mod discriminant;
mod eigen;
mod family;
mod gaussian;
mod gmm;
mod kde;
pub mod knowledge;
mod linear;
mod measure;
mod mixture;
mod ngram;
mod points;
mod similarity;
mod student_t;
pub mod text;
pub mod theory;
mod truth;
mod watermark;

pub use best_of::BestOf;
pub use captioned::{Captioned, Captions, Half, Image, Pile};
pub use categorical::{Categorical, Counts, Probabilities};
pub use curate::{
    Curated, Detector, Haul, KeepShares, Lesson, Memory, MinHash, NoisyRank, PageFacts, Pipeline,
    Recogniser, Scope, Stage, StageTally,
};
pub use density::{Bell, Density, StudentT, normal_cdf};
pub use discriminant::{Classes, Discriminant, Group};
pub use family::{Family, FitError, Order};
pub use gaussian::{
    Estimator, Gaussian, GaussianVector, Moments, Normal, NormalReference, VectorFit,
    VectorReference, VectorStatistic,
};
pub use gmm::{Component, Components, Covariance, Gmm};
pub use kde::{Bandwidth, Kde, Kernels};
pub use knowledge::{Continuation, Likelihood, Question};
pub use linear::{
    Coefficients, Linear, LinearDesign, LinearReference, LinearStatistic, LinearTask, LinearTruth,
};
pub use measure::{MEASURES, Measure, MeasureSet, Measured};
pub use mixture::{DataMixture, Parts, SyntheticShare};
pub use ngram::{
    Ngram, NgramError, NgramFitted, NgramReference, NgramStatistic, Smoothing, Unit, Vocabulary,
};
pub use points::Points;
pub use similarity::{EMBEDDING_DIMENSION, cosine, embedding};
pub use student_t::StudentTs;
pub use truth::{Truth, normalised, random_markov, zipf};
pub use watermark::{GreenList, Greens};
