//! Networks as llama.cpp keeps them: GGUF, with quantised weights and the tokenizer in one file.

mod blocks;
mod file;
mod metadata;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use self::blocks::Blocks;
use self::file::{Entry, File};
use self::metadata::Metadata;
use crate::checkpoint::{check_finite, check_size};
use crate::{CheckpointError, Parameters, Shape, Tensor, Tokenizer};

/// The output, if it is kept beside the embedding.
const OUTPUT: &str = "output.weight";

/// Reads a GGUF file (versions 2 and 3) of architecture `llama` with a tokenizer of byte pairs.
///
/// Numbers may be F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q8_0 or Q6_K; they become what these stand for, in full precision.
/// Rows of queries and keys have in these files the order that they have here.
///
/// # Errors
///
/// When the file is damaged or about a network of another kind: other tensors, an output that is not the embedding,
/// scaled rotary positions, another tokenizer.
pub fn read_gguf(bytes: &[u8]) -> Result<(Shape, Parameters, Tokenizer), CheckpointError> {
    let file = File::read(bytes)?;
    let metadata = Metadata(&file.values);
    let shape = metadata.shape()?;
    let tokenizer = metadata.tokenizer()?;
    check_names(&file, &shape)?;
    check_overlap(&file)?;
    let mut values = Vec::new();
    for tensor in Tensor::all(&shape) {
        values.extend(read(&file, &shape, tensor)?);
    }
    if file.tensors.contains_key(OUTPUT)
        && decode(&file, OUTPUT)? != values[Tensor::Embedding.range(&shape)]
    {
        return Err(CheckpointError::Untied {
            tensor: OUTPUT.to_owned(),
        });
    }
    Ok((shape, Parameters { values }, tokenizer))
}

/// What tensors are called in these files.
fn name(tensor: Tensor) -> String {
    let layer = |layer: usize, what: &str| format!("blk.{layer}.{what}.weight");
    match tensor {
        Tensor::Embedding => "token_embd.weight".to_owned(),
        Tensor::AttentionNorm(l) => layer(l, "attn_norm"),
        Tensor::Query(l) => layer(l, "attn_q"),
        Tensor::Key(l) => layer(l, "attn_k"),
        Tensor::Value(l) => layer(l, "attn_v"),
        Tensor::Output(l) => layer(l, "attn_output"),
        Tensor::BlockNorm(l) => layer(l, "ffn_norm"),
        Tensor::Gate(l) => layer(l, "ffn_gate"),
        Tensor::Up(l) => layer(l, "ffn_up"),
        Tensor::Down(l) => layer(l, "ffn_down"),
        Tensor::FinalNorm => "output_norm.weight".to_owned(),
    }
}

/// Looks for tensors that would be left out.
fn check_names(file: &File<'_>, shape: &Shape) -> Result<(), CheckpointError> {
    let mut known: BTreeSet<String> = Tensor::all(shape).into_iter().map(name).collect();
    known.insert(OUTPUT.to_owned());
    match file.tensors.keys().find(|name| !known.contains(**name)) {
        Some(name) => Err(CheckpointError::Unexpected {
            tensor: (*name).to_owned(),
        }),
        None => Ok(()),
    }
}

fn read(file: &File<'_>, shape: &Shape, tensor: Tensor) -> Result<Vec<f32>, CheckpointError> {
    let name = name(tensor);
    check_size(&name, &entry(file, &name)?.size, tensor, shape)?;
    decode(file, &name)
}

fn entry<'a>(file: &'a File<'_>, name: &str) -> Result<&'a Entry, CheckpointError> {
    file.tensors
        .get(name)
        .ok_or_else(|| CheckpointError::Missing {
            tensor: name.to_owned(),
        })
}

/// How the numbers of a tensor are kept, and its bytes.
fn span<'a>(file: &File<'a>, name: &str) -> Result<(Blocks, &'a [u8]), CheckpointError> {
    let Entry { size, kind, offset } = entry(file, name)?;
    let blocks = blocks::of(*kind).ok_or_else(|| CheckpointError::Kind {
        tensor: name.to_owned(),
        kind: format!("{kind} (of GGML)"),
        known: blocks::KNOWN,
    })?;
    let columns = size.last().copied().unwrap_or(0);
    let bytes = size
        .iter()
        .try_fold(1_usize, |all, size| all.checked_mul(*size))
        .filter(|_| columns.is_multiple_of(blocks.numbers))
        .and_then(|numbers| (numbers / blocks.numbers).checked_mul(blocks.bytes))
        .and_then(|length| file.data(*offset, length))
        .ok_or_else(|| file::damaged(format!("tensor {name:?} of size {size:?} is cut off")))?;
    Ok((blocks, bytes))
}

/// The numbers of a tensor.
fn decode(file: &File<'_>, name: &str) -> Result<Vec<f32>, CheckpointError> {
    let (blocks, bytes) = span(file, name)?;
    let mut values = Vec::with_capacity(bytes.len() / blocks.bytes * blocks.numbers);
    for block in bytes.chunks_exact(blocks.bytes) {
        (blocks.decode)(block, &mut values);
    }
    check_finite(name, &values)?;
    Ok(values)
}

/// Tensors that share bytes could be more numbers than a file of that length can hold.
fn check_overlap(file: &File<'_>) -> Result<(), CheckpointError> {
    let lengths = file
        .tensors
        .keys()
        .map(|name| Ok(span(file, name)?.1.len()));
    let lengths = lengths.collect::<Result<Vec<_>, CheckpointError>>()?;
    if file.data(0, lengths.iter().sum()).is_some() {
        return Ok(());
    }
    Err(file::damaged("tensors share their bytes"))
}
