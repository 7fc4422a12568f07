//! Text models with gradients: decoder-only transformers behind [`learn::Family`].
//!
//! From the bottom up: [`Shape`] says how large a network is and [`Parameters`] holds its numbers; all the rest
//! (products of matrices, passes forward and backward, training, writing) is done by hand, so that the same seed gives
//! the same bits (D20).

mod aligned;
mod checkpoint;
mod course;
mod examples;
mod family;
mod generate;
mod gguf;
mod half;
mod held_out;
mod maths;
mod network;
mod optimiser;
mod parameters;
mod product;
mod rows;
mod sampling;
mod shape;
mod simd;
mod tokenizer;
mod train;

pub use self::checkpoint::CheckpointError;
pub use self::course::{Course, Decay, Length};
pub use self::examples::Examples;
pub use self::family::Transformer;
pub use self::generate::{Bias, Writing, generate};
pub use self::gguf::read_gguf;
pub use self::held_out::HeldOut;
pub use self::network::{Batch, Network};
pub use self::optimiser::AdamW;
pub use self::parameters::{Parameters, Tensor};
pub use self::product::Compute;
pub use self::rows::Example;
pub use self::sampling::Sampling;
pub use self::shape::Shape;
pub use self::simd::{Simd, limit_simd, simd};
pub use self::tokenizer::{Tokenizer, TokenizerError};
pub use self::train::{TrainError, train};
