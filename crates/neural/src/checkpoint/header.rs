//! The head of a `safetensors` file, written here because its library orders `__metadata__` by chance.

use safetensors::tensor::{Dtype, TensorInfo};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::names;
use crate::{Shape, Tensor};

/// Where `__metadata__` has the `config.json`.
pub(super) const CONFIG: &str = "config";

/// What Hugging Face's loader asks for, the version of our own entries, and the shape.
#[derive(Serialize)]
struct Metadata {
    format: &'static str,
    echosphere: &'static str,
    config: String,
}

struct Header<'a>(&'a Shape);

impl Serialize for Header<'_> {
    fn serialize<S: Serializer>(&self, file: S) -> Result<S::Ok, S::Error> {
        let Self(shape) = self;
        let mut map = file.serialize_map(None)?;
        let (format, echosphere, config) = ("pt", "1", shape.to_config());
        map.serialize_entry(
            "__metadata__",
            &Metadata {
                format,
                echosphere,
                config,
            },
        )?;
        for tensor in Tensor::all(shape) {
            map.serialize_entry(&names::of(tensor), &info(shape, tensor))?;
        }
        map.end()
    }
}

fn info(shape: &Shape, tensor: Tensor) -> TensorInfo {
    let (size, range) = (tensor.size(shape), tensor.range(shape));
    let skip = usize::from(tensor.is_norm());
    TensorInfo {
        dtype: Dtype::F32,
        shape: size[skip..].to_vec(),
        data_offsets: (4 * range.start, 4 * range.end),
    }
}

/// All that stands before the numbers, filled up to a multiple of eight bytes.
pub(super) fn write(shape: &Shape) -> Vec<u8> {
    let mut text = match serde_json::to_vec(&Header(shape)) {
        Ok(text) => text,
        Err(error) => unreachable!("texts and numbers can be written: {error}"),
    };
    text.resize(text.len().next_multiple_of(8), b' ');
    [&(text.len() as u64).to_le_bytes(), &*text].concat()
}
