//! From documents to a fitted, measured model.

mod categorical;
mod cholesky;
mod curate;
mod family;
mod gaussian;
mod measure;
mod mixture;
mod ngram;
mod similarity;
mod truth;

pub use categorical::{Categorical, Counts, Probabilities};
pub use curate::Detector;
pub use family::{Family, FitError, Order};
pub use gaussian::{
    Estimator, Gaussian, GaussianVector, Moments, Normal, VectorFit, VectorReference,
    VectorStatistic,
};
pub use measure::{MEASURES, Measure, MeasureSet, Measured};
pub use mixture::{DataMixture, Parts, SyntheticShare};
pub use ngram::{
    Ngram, NgramError, NgramFitted, NgramReference, NgramStatistic, Smoothing, Unit, Vocabulary,
};
pub use similarity::{EMBEDDING_DIMENSION, cosine, embedding};
pub use truth::{Truth, normalised, random_markov, zipf};
