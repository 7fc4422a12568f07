//! Randomness that belongs to the one who decides.
//!
//! Every decision draws from a [`Stream`] of its own, addressed by (seed, replicate, purpose, own id, event).
//! Streams are counter based, so they cost no state, can be opened in any order, and adding a model changes no
//! other model's draws.

mod normal;
mod philox;
mod sampler;
mod stream;

pub use sampler::{Cumulative, Distinct};
pub use stream::{Purpose, Seed, Stream, StreamKey};
