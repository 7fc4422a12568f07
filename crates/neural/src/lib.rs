//! Text models with gradients: decoder-only transformers behind [`learn::Family`].
//!
//! From the bottom up: [`Shape`] says how large a network is and [`Parameters`] holds its numbers; all the rest
//! (products of matrices, passes forward and backward, training, writing) is done by hand, so that the same seed gives
//! the same bits (D20).

mod aligned;
mod maths;
mod network;
mod parameters;
mod product;
mod shape;
mod simd;

pub use self::network::{Batch, Network};
pub use self::parameters::{Parameters, Tensor};
pub use self::product::Compute;
pub use self::shape::Shape;
pub use self::simd::{Simd, limit_simd, simd};
