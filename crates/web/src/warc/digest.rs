//! Digests as web archives write them: SHA-1 in base 32.
//!
//! SHA-1 no longer protects against somebody who makes two contents of one digest; here it names contents, in the form that
//! tools such as warcio write and check.

use std::fmt;

use sha1::{Digest as _, Sha1};

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A SHA-1 digest; displays as `sha1:` and 32 letters and digits (RFC 4648).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 20]);

impl Digest {
    /// Digest of the parts, one after another.
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut hasher = Sha1::new();
        for part in parts {
            hasher.update(part);
        }
        Self(hasher.finalize().into())
    }

    pub(super) fn bytes(self) -> [u8; 20] {
        self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("sha1:")?;
        // Five bytes are eight letters of five bits, so nothing is left over.
        for group in self.0.chunks_exact(5) {
            let bits = group
                .iter()
                .fold(0, |bits, &byte| bits << 8 | u64::from(byte));
            for shift in (0..40).step_by(5).rev() {
                let letter = ALPHABET[(bits >> shift & 31) as usize];
                write!(out, "{}", char::from(letter))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(content: &[u8], expected: &str) {
        assert_eq!(Digest::of(&[content]).to_string(), expected);
        let (start, end) = content.split_at(content.len() / 3);
        assert_eq!(Digest::of(&[start, end]), Digest::of(&[content]));
    }

    /// Digests of FIPS 180-4's examples, in base 32 as Python's `base64.b32encode` writes them.
    #[test]
    fn known_contents_have_their_digests() {
        check(b"", "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ");
        check(b"abc", "sha1:VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5");
        check(
            b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "sha1:QSMD4RA4HPJG5OVOJKQ7SUJJ4XSUM4HR",
        );
    }
}
