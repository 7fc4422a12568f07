//! What a document says, in 128 bits.

use types::content::Content;

use super::minhash::mix;

/// Equal for documents that say the same, to the bit; for two others with probability about 2^-128.
///
/// # Panics
/// If there is no such document.
pub(super) fn fingerprint(content: &Content, at: usize) -> u128 {
    let mut halves = Halves([0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344]);
    match content {
        Content::F32(numbers) => {
            let d = numbers.dimension as usize;
            for x in &numbers.values[at * d..(at + 1) * d] {
                halves.take(u64::from(x.to_bits()));
            }
        }
        Content::F64(numbers) => {
            let d = numbers.dimension as usize;
            for x in &numbers.values[at * d..(at + 1) * d] {
                halves.take(x.to_bits());
            }
        }
        Content::Symbols { symbols, weights } => {
            halves.take(u64::from(symbols[at]));
            halves.take(weights.get(at).copied().unwrap_or(1.0).to_bits());
        }
        Content::Text { .. } => halves.take_bytes(content.text(at)),
    }
    halves.joined()
}

/// Two hashes side by side.
struct Halves([u64; 2]);

impl Halves {
    fn take(&mut self, word: u64) {
        let [a, b] = self.0;
        self.0 = [mix(a ^ word), mix(b.rotate_left(32) ^ word)];
    }

    fn take_bytes(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.take(u64::from_le_bytes(word));
        }
        // A text with zeros behind it is another text.
        self.take(bytes.len() as u64);
    }

    fn joined(&self) -> u128 {
        u128::from(self.0[0]) << 64 | u128::from(self.0[1])
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use types::content::Numbers;

    use super::*;

    fn distinct(content: &Content) -> usize {
        let all = (0..content.len()).map(|at| fingerprint(content, at));
        all.collect::<BTreeSet<_>>().len()
    }

    #[test]
    fn only_what_says_the_same_is_the_same() {
        let texts = ["", "\0", "a", "a\0", "a ", "12345678", "123456789", "a"];
        assert_eq!(distinct(&Content::from_texts(texts)), 7);
        let symbols = Content::Symbols {
            symbols: vec![0, 1, 1, 0],
            weights: vec![1.0, 1.0, 0.5, 1.0],
        };
        assert_eq!(distinct(&symbols), 3);
        let numbers = Content::F64(Numbers {
            dimension: 2,
            values: vec![0.0, 1.0, 1.0, 0.0, 0.0, 1.0],
        });
        assert_eq!(distinct(&numbers), 2);
    }
}
