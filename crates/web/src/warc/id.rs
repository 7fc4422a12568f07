//! Identifiers of records: UUIDs of version 5 (RFC 9562), which are hashes of names and so the same in every run.

use std::fmt;

use super::digest::Digest;
use crate::date::Date;

/// The namespace of addresses, from RFC 9562.
const URL: [u8; 16] = [
    0x6b, 0xa7, 0xb8, 0x11, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8,
];

/// The identifier of a record; displays as `urn:uuid:` and a UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId([u8; 16]);

impl RecordId {
    fn derive(namespace: [u8; 16], name: &str) -> Self {
        let digest = Digest::of(&[&namespace, name.as_bytes()]).bytes();
        let mut bytes: [u8; 16] = std::array::from_fn(|index| digest[index]);
        bytes[6] = bytes[6] & 0x0f | 0x50;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        Self(bytes)
    }

    pub(super) fn bracketed(self) -> String {
        format!("<{self}>")
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = u128::from_be_bytes(self.0);
        let part = |shift: u32, bits: u32| number >> shift & ((1 << bits) - 1);
        write!(out, "urn:uuid:{:08x}-{:04x}-", part(96, 32), part(80, 16))?;
        write!(
            out,
            "{:04x}-{:04x}-{:012x}",
            part(64, 16),
            part(48, 16),
            part(0, 48)
        )
    }
}

/// The identifiers of an archive: no two are alike, because a counter is in each name.
#[derive(Debug)]
pub(super) struct Series {
    namespace: [u8; 16],
    count: u64,
}

impl Series {
    pub(super) fn new(seed: u64, archive: &str) -> Self {
        let RecordId(namespace) = RecordId::derive(URL, &format!("echosphere {seed} {archive}"));
        Self {
            namespace,
            count: 0,
        }
    }

    pub(super) fn next(&mut self, kind: &str, date: Date, uri: &str) -> RecordId {
        let name = format!("{} {kind} {date} {uri}", self.count);
        self.count += 1;
        RecordId::derive(self.namespace, &name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From RFC 9562, appendix A.4, whose namespace is that of domain names, and from Python's `uuid.uuid5`.
    #[test]
    fn known_names_have_their_identifiers() {
        let mut dns = URL;
        dns[3] = 0x10;
        let check = |namespace, name, expected: &str| {
            assert_eq!(RecordId::derive(namespace, name).to_string(), expected);
        };
        check(
            dns,
            "www.example.com",
            "urn:uuid:2ed6657d-e927-568b-95e1-2665a8aea6a2",
        );
        check(
            URL,
            "http://a.example/",
            "urn:uuid:0f03ea1d-3d1a-5f9d-be9d-a24e6c523403",
        );
    }
}
