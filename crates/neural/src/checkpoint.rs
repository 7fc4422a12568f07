//! Networks as files: `safetensors` and `config.json`, as Hugging Face's Llama has them.

pub(crate) mod config;
mod header;
mod names;

#[cfg(test)]
mod tests;

use safetensors::tensor::{Dtype, TensorView};
use safetensors::{SafeTensorError, SafeTensors};

use crate::half::{from_bf16, from_f16};
use crate::{Parameters, Shape, Tensor, TokenizerError};

/// Why a file gives no network.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The file is cut off, or of another format.
    #[error("not a {format} file: {reason}")]
    Format {
        /// What it should be.
        format: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// What the file says about the network cannot be read, or is about one of another kind.
    #[error("configuration: {reason}")]
    Config {
        /// What is wrong.
        reason: String,
    },
    /// A `safetensors` file that does not say the shape, without the `config.json` that does.
    #[error("the file does not say the shape of the network, and no config.json is given")]
    NoConfig,
    /// A size that no network can have, or none that fits here.
    #[error("{what} is {value}, {needed}")]
    Dimension {
        /// Which one.
        what: &'static str,
        /// Its value.
        value: String,
        /// What it has to be.
        needed: &'static str,
    },
    /// A tensor is not there.
    #[error("tensor {tensor:?} is missing")]
    Missing {
        /// Its name.
        tensor: String,
    },
    /// A tensor that these networks do not have.
    #[error("tensor {tensor:?} has no place in a network of this kind")]
    Unexpected {
        /// Its name.
        tensor: String,
    },
    /// A tensor that does not fit to the rest.
    #[error("tensor {tensor:?} has size {actual:?}, the network needs {expected:?}")]
    Size {
        /// Its name.
        tensor: String,
        /// Its size: rows, columns.
        actual: Vec<usize>,
        /// The size that follows from the configuration.
        expected: Vec<usize>,
    },
    /// Numbers of a type that cannot be read.
    #[error("tensor {tensor:?} has numbers of type {kind}; {known} can be read")]
    Kind {
        /// Its name.
        tensor: String,
        /// Their type.
        kind: String,
        /// Types that can be read.
        known: &'static str,
    },
    /// A number that is infinite or none.
    #[error("tensor {tensor:?} has a number that is not finite")]
    NotFinite {
        /// Its name.
        tensor: String,
    },
    /// Embedding and output are two matrices.
    #[error("tensor {tensor:?} differs from the embedding; here they are one matrix")]
    Untied {
        /// Name of the output.
        tensor: String,
    },
    /// The tokenizer within the file.
    #[error("tokenizer: {0}")]
    Tokenizer(#[from] TokenizerError),
}

impl Shape {
    /// The `config.json` of a network of this shape, for Hugging Face's `transformers`.
    pub fn to_config(&self) -> String {
        config::write(self)
    }

    /// Reads a `config.json` of a Llama.
    ///
    /// # Errors
    ///
    /// When it is no such file, or when it asks for what networks here do not have.
    pub fn from_config(text: &str) -> Result<Self, CheckpointError> {
        config::read(text)
    }
}

impl Parameters {
    /// The numbers as a `safetensors` file, in full precision. It says the shape too, in its `__metadata__`.
    ///
    /// Names are those of Hugging Face's Llama. There, rotary positions turn number i of a head with number i + half;
    /// here they turn numbers 2i and 2i + 1. So rows of queries and keys change places on the way out and in.
    pub fn to_safetensors(&self, shape: &Shape) -> Vec<u8> {
        let mut file = header::write(shape);
        for tensor in Tensor::all(shape) {
            let values = from_pairs(shape, tensor, self.tensor(shape, tensor));
            file.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        }
        file
    }

    /// Reads a `safetensors` file of 32 or 16 bit numbers. `config` is the `config.json` that came with it; a file from
    /// [`Self::to_safetensors`] needs none.
    ///
    /// # Errors
    ///
    /// When the file is damaged, or does not have the tensors that its configuration asks for and no others.
    pub fn from_safetensors(
        file: &[u8],
        config: Option<&str>,
    ) -> Result<(Shape, Self), CheckpointError> {
        let (_, metadata) = SafeTensors::read_metadata(file).map_err(|error| damaged(&error))?;
        let own = metadata
            .metadata()
            .as_ref()
            .and_then(|own| own.get(header::CONFIG));
        let config = config
            .or(own.map(String::as_str))
            .ok_or(CheckpointError::NoConfig)?;
        let shape = Shape::from_config(config)?;
        let file = SafeTensors::deserialize(file).map_err(|error| damaged(&error))?;
        names::check(&shape, file.names())?;
        let mut values = Vec::new();
        for tensor in Tensor::all(&shape) {
            values.extend(read(&file, &shape, tensor)?);
        }
        check_output(&file, &values[Tensor::Embedding.range(&shape)])?;
        Ok((shape, Self { values }))
    }
}

fn damaged(error: &SafeTensorError) -> CheckpointError {
    let reason = error.to_string();
    CheckpointError::Format {
        format: "safetensors",
        reason,
    }
}

/// One tensor, its rows in the order that they have here.
fn read(
    file: &SafeTensors<'_>,
    shape: &Shape,
    tensor: Tensor,
) -> Result<Vec<f32>, CheckpointError> {
    let name = names::of(tensor);
    let Ok(view) = file.tensor(&name) else {
        return Err(CheckpointError::Missing { tensor: name });
    };
    check_size(&name, view.shape(), tensor, shape)?;
    Ok(to_pairs(shape, tensor, &decode(&name, &view)?))
}

/// Compares a size with the one that the network needs; vectors have no rows in files.
///
/// # Errors
///
/// When they are not equal.
pub(crate) fn check_size(
    name: &str,
    actual: &[usize],
    tensor: Tensor,
    shape: &Shape,
) -> Result<(), CheckpointError> {
    let size = tensor.size(shape);
    let expected = if tensor.is_norm() {
        &size[1..]
    } else {
        &size[..]
    };
    if actual == expected {
        return Ok(());
    }
    let (tensor, actual, expected) = (name.to_owned(), actual.to_vec(), expected.to_vec());
    Err(CheckpointError::Size {
        tensor,
        actual,
        expected,
    })
}

fn decode(name: &str, view: &TensorView<'_>) -> Result<Vec<f32>, CheckpointError> {
    let pairs = |number: fn([u8; 2]) -> f32| {
        let (pairs, _) = view.data().as_chunks();
        pairs.iter().copied().map(number).collect()
    };
    let values: Vec<f32> = match view.dtype() {
        Dtype::F32 => {
            let (numbers, _) = view.data().as_chunks();
            numbers.iter().copied().map(f32::from_le_bytes).collect()
        }
        Dtype::F16 => pairs(from_f16),
        Dtype::BF16 => pairs(from_bf16),
        kind => {
            return Err(CheckpointError::Kind {
                tensor: name.to_owned(),
                kind: kind.to_string(),
                known: "F32, F16 and BF16",
            });
        }
    };
    check_finite(name, &values)?;
    Ok(values)
}

/// Looks for infinities.
///
/// # Errors
///
/// When a number is not finite.
pub(crate) fn check_finite(name: &str, values: &[f32]) -> Result<(), CheckpointError> {
    if values.iter().all(|value| value.is_finite()) {
        return Ok(());
    }
    Err(CheckpointError::NotFinite {
        tensor: name.to_owned(),
    })
}

/// An output of its own has to be the embedding again.
fn check_output(file: &SafeTensors<'_>, embedding: &[f32]) -> Result<(), CheckpointError> {
    let Ok(view) = file.tensor(names::OUTPUT) else {
        return Ok(());
    };
    if decode(names::OUTPUT, &view)? == embedding {
        return Ok(());
    }
    Err(CheckpointError::Untied {
        tensor: names::OUTPUT.to_owned(),
    })
}

/// For row `2i + k` of a head, the row `i + k * half` of the file.
fn to_pairs(shape: &Shape, tensor: Tensor, values: &[f32]) -> Vec<f32> {
    permuted(shape, tensor, values, |row, half| row / 2 + row % 2 * half)
}

/// The other way round.
fn from_pairs(shape: &Shape, tensor: Tensor, values: &[f32]) -> Vec<f32> {
    permuted(shape, tensor, values, |row, half| {
        row % half * 2 + row / half
    })
}

/// Queries and keys with the rows of each head in another order.
fn permuted(
    shape: &Shape,
    tensor: Tensor,
    values: &[f32],
    source: impl Fn(usize, usize) -> usize,
) -> Vec<f32> {
    if !matches!(tensor, Tensor::Query(_) | Tensor::Key(_)) {
        return values.to_vec();
    }
    let (width, rows) = (shape.width, shape.head_width());
    let heads = values.chunks_exact(rows * width);
    let row = |head: &[f32], row: usize| head[source(row, rows / 2) * width..][..width].to_vec();
    heads
        .flat_map(|head| (0..rows).flat_map(|r| row(head, r)).collect::<Vec<_>>())
        .collect()
}
