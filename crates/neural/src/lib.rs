//! Text models with gradients: decoder-only transformers behind [`learn::Family`].
//!
//! From the bottom up: [`Shape`] says how large a network is and [`Parameters`] holds its numbers; all the rest
//! (products of matrices, passes forward and backward, training, writing) is done by hand, so that the same seed gives
//! the same bits (D20).

mod checkpoint;
mod gguf;
mod half;
mod parameters;
mod shape;
mod tokenizer;

pub use self::checkpoint::CheckpointError;
pub use self::gguf::read_gguf;
pub use self::parameters::{Parameters, Tensor};
pub use self::shape::Shape;
pub use self::tokenizer::{Tokenizer, TokenizerError};
