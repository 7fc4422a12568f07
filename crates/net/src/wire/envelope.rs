//! Envelopes: the messages of the durable log, and what is packed into them.

use prost::Message;
use prost::bytes::Bytes;

use super::batch::{Encoding, begin_field};
use super::generated::{BatchPart, Envelope};

/// Identifies a batch among all that could have been published in its place: BLAKE3 of its encoding.
pub(crate) type Hash = [u8; 32];

/// Bytes of a batch in one message: safely below the largest message that a broker takes by default (1 MiB).
const PART_BYTES: usize = 768 << 10;
/// An envelope of so many bytes is sent: beside them, what a message costs whatever it carries is little.
const FULL_BYTES: usize = 256 << 10;
/// A larger batch has envelopes of its own.
const LARGE_BYTES: usize = PART_BYTES - FULL_BYTES;

/// Batches with the messages that carry them.
#[derive(Debug)]
pub(crate) struct Parcel {
    /// The batches' hashes, with the shards that wrote them.
    pub(crate) batches: Vec<(u32, Hash)>,
    /// Encoded envelopes.
    pub(crate) messages: Vec<Bytes>,
}

impl Parcel {
    /// Bytes of its messages.
    pub(crate) fn len(&self) -> usize {
        self.messages.iter().map(Bytes::len).sum()
    }
}

/// Packs batches into parcels.
#[derive(Debug, Default)]
pub(crate) struct Packer {
    batches: Vec<(u32, Hash)>,
    envelope: Vec<u8>,
}

impl Packer {
    /// Packs what a shard has written; a parcel, if one is ready to go.
    pub(crate) fn pack(&mut self, shard: u32, batch: &web::Batch) -> Option<Parcel> {
        let encoding = Encoding::new(batch);
        if encoding.len() > LARGE_BYTES {
            return Some(cut(shard, &encoding));
        }
        if self.envelope.is_empty() {
            // Batches of one host are about as long as each other: it is full before it has to be moved.
            self.envelope.reserve(FULL_BYTES + 2 * encoding.len());
        }
        let hash = append(&encoding, &mut self.envelope);
        self.batches.push((shard, hash));
        if self.envelope.len() < FULL_BYTES {
            return None;
        }
        self.close()
    }

    /// The parcel of what is packed, if anything is.
    pub(crate) fn close(&mut self) -> Option<Parcel> {
        let batches = std::mem::take(&mut self.batches);
        (!batches.is_empty()).then(|| Parcel {
            batches,
            messages: vec![std::mem::take(&mut self.envelope).into()],
        })
    }
}

/// Bytes of the fields of a part that follow on the batch's.
const HASH_FIELD: usize = 2 + size_of::<Hash>();
const COUNT_FIELD: usize = 2;

/// Adds a whole batch to an encoded envelope, without copying it once more; its hash.
fn append(encoding: &Encoding<'_>, envelope: &mut Vec<u8>) -> Hash {
    let length = prost::length_delimiter_len(encoding.len());
    let part = 1 + length + encoding.len() + HASH_FIELD + COUNT_FIELD;
    begin_field(1, part, envelope);
    begin_field(4, encoding.len(), envelope);
    let start = envelope.len();
    encoding.write(envelope);
    let hash = *blake3::hash(&envelope[start..]).as_bytes();
    begin_field(1, hash.len(), envelope);
    envelope.extend_from_slice(&hash);
    // One part.
    envelope.extend_from_slice(&[3 << 3, 1]);
    hash
}

/// A large batch, cut into parts.
fn cut(shard: u32, encoding: &Encoding<'_>) -> Parcel {
    let mut bytes = Vec::with_capacity(encoding.len());
    encoding.write(&mut bytes);
    let bytes = Bytes::from(bytes);
    let hash = *blake3::hash(&bytes).as_bytes();
    let count = bytes.len().div_ceil(PART_BYTES);
    let envelope = |number: usize| {
        let end = bytes.len().min((number + 1) * PART_BYTES);
        let part = BatchPart {
            hash: Bytes::copy_from_slice(&hash),
            part: number as u32,
            parts: count as u32,
            bytes: bytes.slice(number * PART_BYTES..end),
        };
        Envelope { parts: vec![part] }.encode_to_vec().into()
    };
    Parcel {
        batches: vec![(shard, hash)],
        messages: (0..count).map(envelope).collect(),
    }
}

#[cfg(test)]
mod tests {
    use types::content::{Content, Numbers};

    use super::*;
    use crate::wire::decode_batch;

    fn batch(numbers: usize) -> web::Batch {
        let values = (0..numbers).map(|number| number as f32).collect();
        web::Batch {
            publications: vec![types::document::Publication {
                author: None,
                models: 1,
                generation: 0,
                time: types::time::VirtualTime(7),
                lineage: types::document::Lineage::REAL,
                documents: numbers as u32,
                site: None,
            }],
            content: Content::F32(Numbers {
                dimension: 1,
                values,
            }),
        }
    }

    /// What whole parts hold, with what they say they are.
    fn opened(parcel: &Parcel) -> Vec<(Hash, web::Batch)> {
        let envelopes = parcel.messages.iter().cloned().map(Envelope::decode);
        let parts: Vec<_> = envelopes
            .flat_map(|envelope| envelope.unwrap().parts)
            .collect();
        let mut batches = Vec::new();
        let mut open = Vec::new();
        for part in parts {
            open.extend_from_slice(&part.bytes);
            if part.part + 1 == part.parts {
                let bytes = Bytes::from(std::mem::take(&mut open));
                assert_eq!(blake3::hash(&bytes), part.hash[..]);
                let blank = web::Batch::empty(types::content::ContentKind::Text);
                let hash = part.hash[..].try_into().unwrap();
                batches.push((hash, decode_batch(bytes, blank).unwrap()));
            }
        }
        batches
    }

    #[test]
    fn small_batches_travel_together() {
        let mut packer = Packer::default();
        let batches: Vec<_> = (0..4).map(|shard| batch(20_000 + shard)).collect();
        let mut parcels = Vec::new();
        for (shard, batch) in batches.iter().enumerate() {
            parcels.extend(packer.pack(shard as u32, batch));
        }
        assert!(parcels[0].len() >= FULL_BYTES && parcels.len() == 1);
        assert!(packer.close().is_none());
        let [parcel] = &parcels[..] else {
            panic!("one parcel")
        };
        assert_eq!(parcel.messages.len(), 1);
        for ((shard, hash), (number, (said, arrived))) in parcel
            .batches
            .iter()
            .zip(opened(parcel).into_iter().enumerate())
        {
            assert_eq!((*shard as usize, *hash), (number, said));
            assert_eq!(arrived, batches[number]);
        }
    }

    #[test]
    fn what_is_left_travels_too() {
        let mut packer = Packer::default();
        assert!(packer.pack(3, &batch(5)).is_none());
        let parcel = packer.close().unwrap();
        assert_eq!(opened(&parcel), [(parcel.batches[0].1, batch(5))]);
    }

    #[test]
    fn a_large_batch_is_cut_into_parts() {
        let mut packer = Packer::default();
        assert!(packer.pack(3, &batch(5)).is_none());
        let parcel = packer.pack(4, &batch(500_000)).unwrap();
        assert_eq!(parcel.messages.len(), 3);
        assert_eq!(opened(&parcel), [(parcel.batches[0].1, batch(500_000))]);
        assert_eq!(packer.close().unwrap().batches[0].0, 3);
    }

    #[test]
    fn no_message_is_too_large_for_a_broker() {
        let mut packer = Packer::default();
        let sizes = [65_000, 131_000, 65_000, 200_000, 60_000, 131_000, 300_000];
        for (shard, size) in sizes.into_iter().enumerate() {
            for message in packer
                .pack(shard as u32, &batch(size))
                .iter()
                .flat_map(|parcel| &parcel.messages)
            {
                assert!(message.len() < 1 << 20, "{}", message.len());
            }
        }
    }
}
