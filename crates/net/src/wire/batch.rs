//! Batches of documents as bytes.

use bytemuck::Pod;
use prost::Message;
use prost::bytes::Bytes;
use types::content as own;
use types::document::{self, Lineage, ModelId, SiteId};
use types::time::VirtualTime;

use super::WireError;
use super::generated as wire;

/// An encoded batch: what comes first, and then the numbers, which are copied once, to where they are sent from.
#[derive(Debug)]
pub(super) struct Encoding<'a> {
    head: Vec<u8>,
    values: &'a [u8],
}

impl<'a> Encoding<'a> {
    pub(super) fn new(batch: &'a web::Batch) -> Self {
        let mut message = wire::Batch {
            publications: batch.publications.iter().map(publication_to_wire).collect(),
            content: None,
        };
        let Some((field, dimension, values)) = numbers(&batch.content) else {
            message.content = Some(content_to_wire(&batch.content));
            return Self {
                head: message.encode_to_vec(),
                values: &[],
            };
        };
        let mut numbers = wire::Numbers {
            dimension,
            values: Bytes::new(),
        }
        .encode_to_vec();
        if !values.is_empty() {
            begin_field(2, values.len(), &mut numbers);
        }
        let mut content = Vec::new();
        begin_field(field, numbers.len() + values.len(), &mut content);
        content.append(&mut numbers);
        let mut head = message.encode_to_vec();
        begin_field(2, content.len() + values.len(), &mut head);
        head.append(&mut content);
        Self { head, values }
    }

    /// Bytes.
    pub(super) fn len(&self) -> usize {
        self.head.len() + self.values.len()
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.head);
        out.extend_from_slice(self.values);
    }
}

/// Numbers that lie in memory as they travel, with their field in the message and their dimension.
fn numbers(content: &own::Content) -> Option<(u8, u32, &[u8])> {
    let (field, dimension, values) = match content {
        own::Content::F32(numbers) => (1, numbers.dimension, bytemuck::cast_slice(&numbers.values)),
        own::Content::F64(numbers) => (2, numbers.dimension, bytemuck::cast_slice(&numbers.values)),
        own::Content::Symbols { .. } | own::Content::Text { .. } => return None,
    };
    cfg!(target_endian = "little").then_some((field, dimension, values))
}

/// Writes the key and the length of a length-delimited field with a number below 16.
pub(super) fn begin_field(number: u8, length: usize, out: &mut Vec<u8>) {
    out.push(number << 3 | 2);
    let mut rest = length;
    while rest > 0x7f {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

/// The batch that bytes stand for, in the memory of `blank`.
pub(crate) fn decode_batch(bytes: Bytes, blank: web::Batch) -> Result<web::Batch, WireError> {
    let message = wire::Batch::decode(bytes).map_err(|_| WireError("a batch cannot be decoded"))?;
    let content = message.content.and_then(|content| content.kind);
    let content = content.ok_or(WireError("a batch has no content"))?;
    let mut batch = blank;
    batch.publications.clear();
    let publications = message.publications.iter().map(publication_of_wire);
    batch.publications.extend(publications);
    match (&mut batch.content, content) {
        (own::Content::F32(own), wire::content::Kind::F32(numbers)) => {
            own.dimension = dimension(numbers.dimension)?;
            fill(&mut own.values, &numbers.values, f32::from_le_bytes)?;
        }
        (own, content) => *own = content_of_wire(content)?,
    }
    let documents = batch
        .publications
        .iter()
        .map(|item| u64::from(item.models) * u64::from(item.documents))
        .fold(0, u64::saturating_add);
    if documents != batch.content.len() as u64 {
        return Err(WireError(
            "the provenance of a batch does not cover its content",
        ));
    }
    Ok(batch)
}

fn publication_to_wire(item: &document::Publication) -> wire::Publication {
    wire::Publication {
        author: item.author.map(|author| author.0),
        models: item.models,
        generation: item.generation,
        time: item.time.0,
        depth: item.lineage.depth,
        real_share: item.lineage.real_share,
        documents: item.documents,
        site: item.site.map(|site| site.0),
    }
}

fn publication_of_wire(item: &wire::Publication) -> document::Publication {
    document::Publication {
        author: item.author.map(ModelId),
        models: item.models,
        generation: item.generation,
        time: VirtualTime(item.time),
        lineage: Lineage {
            depth: item.depth,
            real_share: item.real_share,
        },
        documents: item.documents,
        site: item.site.map(SiteId),
    }
}

fn content_to_wire(content: &own::Content) -> wire::Content {
    let kind = match content {
        own::Content::F32(numbers) => wire::content::Kind::F32(wire::Numbers {
            dimension: numbers.dimension,
            values: flat(&numbers.values, f32::to_le_bytes),
        }),
        own::Content::F64(numbers) => wire::content::Kind::F64(wire::Numbers {
            dimension: numbers.dimension,
            values: flat(&numbers.values, f64::to_le_bytes),
        }),
        own::Content::Symbols { symbols, weights } => wire::content::Kind::Symbols(wire::Symbols {
            symbols: flat(symbols, u32::to_le_bytes),
            weights: flat(weights, f64::to_le_bytes),
        }),
        own::Content::Text { bytes, ends, given } => wire::content::Kind::Text(wire::Text {
            bytes: Bytes::copy_from_slice(bytes),
            ends: ends.clone(),
            given: given.clone(),
        }),
    };
    wire::Content { kind: Some(kind) }
}

fn content_of_wire(kind: wire::content::Kind) -> Result<own::Content, WireError> {
    Ok(match kind {
        wire::content::Kind::F32(numbers) => own::Content::F32(own::Numbers {
            dimension: dimension(numbers.dimension)?,
            values: columns(&numbers.values, f32::from_le_bytes)?,
        }),
        wire::content::Kind::F64(numbers) => own::Content::F64(own::Numbers {
            dimension: dimension(numbers.dimension)?,
            values: columns(&numbers.values, f64::from_le_bytes)?,
        }),
        wire::content::Kind::Symbols(content) => {
            let symbols: Vec<u32> = columns(&content.symbols, u32::from_le_bytes)?;
            let weights: Vec<f64> = columns(&content.weights, f64::from_le_bytes)?;
            if !weights.is_empty() && weights.len() != symbols.len() {
                return Err(WireError("symbols and weights are not as many"));
            }
            own::Content::Symbols { symbols, weights }
        }
        wire::content::Kind::Text(text) => {
            let whole = text.ends.last().copied().unwrap_or(0) == text.bytes.len() as u64;
            if !whole || !text.ends.is_sorted() {
                return Err(WireError("texts do not cover their bytes"));
            }
            if !text.given.is_empty() && text.given.len() != text.ends.len() {
                return Err(WireError("texts and their prompts are not as many"));
            }
            let content = own::Content::Text {
                bytes: text.bytes.into(),
                ends: text.ends,
                given: text.given,
            };
            let within = |at: usize| content.given(at) <= content.text(at).len();
            if !(0..content.len()).all(within) {
                return Err(WireError("a prompt is longer than its text"));
            }
            content
        }
    })
}

fn dimension(dimension: u32) -> Result<u32, WireError> {
    if dimension == 0 {
        return Err(WireError("vectors of no dimension"));
    }
    Ok(dimension)
}

/// Numbers as flat little-endian bytes.
pub(super) fn flat<T: Pod, const N: usize>(values: &[T], bytes: impl Fn(T) -> [u8; N]) -> Bytes {
    if cfg!(target_endian = "little") {
        return Bytes::copy_from_slice(bytemuck::cast_slice(values));
    }
    let mut out = Vec::with_capacity(N * values.len());
    for &value in values {
        out.extend_from_slice(&bytes(value));
    }
    out.into()
}

/// The numbers that flat bytes stand for.
pub(super) fn columns<T, const N: usize>(
    bytes: &[u8],
    number: impl Fn([u8; N]) -> T,
) -> Result<Vec<T>, WireError> {
    let mut values = Vec::new();
    fill(&mut values, bytes, number)?;
    Ok(values)
}

/// The same, in place of what `values` held.
fn fill<T, const N: usize>(
    values: &mut Vec<T>,
    bytes: &[u8],
    number: impl Fn([u8; N]) -> T,
) -> Result<(), WireError> {
    let (numbers, rest) = bytes.as_chunks::<N>();
    if !rest.is_empty() {
        return Err(WireError("a column ends within a number"));
    }
    values.clear();
    values.extend(numbers.iter().map(|&bytes| number(bytes)));
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn contents() -> impl Strategy<Value = own::Content> {
        let numbers = (
            1..4_u32,
            proptest::collection::vec(any::<[f32; 4]>(), 0..20),
        );
        let doubles = proptest::collection::vec(any::<f64>(), 0..50);
        let symbols = (
            proptest::collection::vec(any::<u32>(), 0..50),
            any::<bool>(),
        );
        let texts = proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..9), 0..20);
        prop_oneof![
            numbers.prop_map(|(dimension, rows)| own::Content::F32(own::Numbers {
                dimension,
                values: rows
                    .iter()
                    .flat_map(|row| row[..dimension as usize].to_vec())
                    .collect(),
            })),
            doubles.prop_map(|values| own::Content::F64(own::Numbers {
                dimension: 1,
                values
            })),
            symbols.prop_map(|(symbols, weighted)| own::Content::Symbols {
                weights: if weighted {
                    symbols.iter().map(|&x| f64::from(x)).collect()
                } else {
                    vec![]
                },
                symbols,
            }),
            texts.prop_map(own::Content::from_texts),
        ]
    }

    /// Memory that held something else before.
    fn blank() -> web::Batch {
        web::Batch {
            publications: Vec::new(),
            content: own::Content::F32(own::Numbers {
                dimension: 2,
                values: vec![7.0; 4],
            }),
        }
    }

    fn bits(batch: &web::Batch) -> Vec<u8> {
        let mut bytes = Vec::new();
        Encoding::new(batch).write(&mut bytes);
        bytes
    }

    /// What prost makes of it.
    fn encoded(batch: &web::Batch) -> Vec<u8> {
        let message = wire::Batch {
            publications: batch.publications.iter().map(publication_to_wire).collect(),
            content: Some(content_to_wire(&batch.content)),
        };
        message.encode_to_vec()
    }

    proptest! {
        #[test]
        fn batches_survive_the_round_trip(
            content in contents(),
            author in proptest::option::of(any::<u32>()),
            site in proptest::option::of(any::<u32>()),
            (generation, time) in any::<(u32, u64)>(),
            lineage in (0.0..1e6_f32, 0.0..1.0_f32),
        ) {
            let publication = document::Publication {
                author: author.map(ModelId),
                models: 1,
                generation,
                time: VirtualTime(time),
                lineage: Lineage { depth: lineage.0, real_share: lineage.1 },
                documents: content.len() as u32,
                site: site.map(SiteId),
            };
            let batch = web::Batch { publications: vec![publication], content };
            let bytes = bits(&batch);
            prop_assert_eq!(&bytes, &encoded(&batch));
            prop_assert_eq!(bytes.len(), Encoding::new(&batch).len());
            let again = decode_batch(bytes.clone().into(), blank()).unwrap();
            prop_assert_eq!(&again.publications, &batch.publications);
            // NaN differs from itself; bytes do not.
            prop_assert_eq!(bits(&again), bytes);
        }

        #[test]
        fn rubbish_is_refused_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            drop(decode_batch(bytes.into(), blank()));
        }
    }
}
