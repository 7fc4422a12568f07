//! Exact theory of linear-Gaussian ecosystems: what a simulation should give on average, without simulating.
//!
//! Everything follows from one recursion. Stack the coefficients of all models; then
//!
//! ```text
//! theta_t = R u + B theta_{t-1} + A eta_t
//! ```
//!
//! where u holds the statistics X'y / n of the real data, which stay the same, and eta the noise of what was published
//! (Vu, Reeves and Wenger 2025; [`System`] says what enters). Because real data are reused, theta and u are correlated: moments
//! are taken given u first, where everything is linear in u, and over u in the end. Real data that are drawn anew for every
//! training are noise of that training instead.
//!
//! ```
//! use echosphere_learn::theory::{Design, Prediction, Published, RealData, Retention, Scrape, Start, System, Update};
//!
//! // One model, fed on its own output alone: an error of 1 / 10 a coefficient more with every generation.
//! let design = Design::isotropic(1, 1.0, 10.0);
//! let real = RealData { design: design.clone(), truth: vec![2.0], noise: 1.0, fresh: false };
//! let system = System {
//!     dimension: 1,
//!     real: vec![real],
//!     private: vec![0],
//!     public: vec![0],
//!     published: vec![Published { design, noise: 1.0 }],
//!     alpha: vec![vec![1.0]],
//!     beta: vec![1.0],
//!     first_beta: vec![],
//!     weights: vec![vec![1.0]],
//!     reference: vec![vec![2.0]],
//!     tasks: vec![],
//!     scrape: Scrape::Shared,
//!     retention: Retention::Replace,
//!     update: Update::Synchronous,
//!     start: Start::Scratch,
//!     ridge: vec![0.0],
//! };
//! let prediction = Prediction::of(&system, 5)?;
//! assert!((prediction.generations[5].mean_squared_error[0] - 0.6).abs() < 1e-12);
//! assert!(prediction.limit.unwrap().mean.is_none(), "nothing holds it");
//! # Ok::<(), echosphere_learn::theory::TheoryError>(())
//! ```

mod course;
mod design;
mod directions;
mod isotropic;
mod joint;
mod limit;
mod matrix;
mod memory;
mod oracle;
mod pace;
mod pooled;
mod pooling;
mod prediction;
mod resampling;
mod snapshot;
mod spectrum;
mod stability;
mod system;
#[cfg(test)]
mod tests;

pub use design::{Design, Published, RealData};
pub use isotropic::Isotropic;
pub use oracle::oracle_mean_squared_error;
pub use prediction::{Covariances, Limit, Prediction, STATE_MAX, Structure, WHOLE_MAX};
pub use resampling::{Fit, Quota, Resampling, Spread};
pub use snapshot::{Disagreement, Moments};
pub use stability::StableFamily;
pub use system::{Retention, Scrape, Start, System, Task, Update};

/// Why a system has no prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TheoryError {
    /// The state is too large to compute with.
    #[error(
        "the state has {size} numbers, at most {STATE_MAX} are computed with: let more models read alike, or give all designs the same eigenvectors"
    )]
    TooLarge {
        /// Numbers in it.
        size: usize,
    },
    /// Eigenvalues of the update could not be found.
    #[error("the eigenvalues of the update could not be found: it holds numbers beyond all bounds")]
    Eigenvalues,
}
