//! How an n-gram becomes one number.

use serde::{Deserialize, Serialize};

/// Packs an n-gram into 64 bits, context first and its most recent token foremost.
///
/// In that order, sorted keys are the depth-first walk of a tree of contexts in which a longer
/// context lies below the shorter one that it extends into the past.
///
/// Tokens are numbered: `0..symbols` can be written, `symbols` ends a document, and the number
/// after that fills the context before a document begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Packing {
    /// Bits a token.
    bits: u32,
    /// Tokens in a context: the order less one.
    context: u32,
    /// Number of tokens that can be written.
    symbols: u32,
}

impl Packing {
    /// Bits that `symbols` tokens, the end and the start need.
    pub(super) fn bits(symbols: u32) -> u32 {
        u32::BITS - (symbols + 1).leading_zeros()
    }

    /// For n-grams of `order` tokens; `order` times the bits of a token must not exceed 64.
    pub(super) fn new(order: usize, symbols: u32) -> Self {
        Self {
            bits: Self::bits(symbols),
            context: order as u32 - 1,
            symbols,
        }
    }

    /// Tokens in a context.
    pub(super) fn context(self) -> usize {
        self.context as usize
    }

    /// Number of tokens that can be written.
    pub(super) fn symbols(self) -> u32 {
        self.symbols
    }

    /// The token that ends a document.
    pub(super) fn end(self) -> u32 {
        self.symbols
    }

    /// The token that stands before a document.
    pub(super) fn start(self) -> u32 {
        self.symbols + 1
    }

    /// The context in which a document begins.
    pub(super) fn beginning(self) -> u64 {
        (0..self.context()).fold(0, |history, k| self.place(history, k, self.start()))
    }

    /// The context after `token` was written in the context `history`.
    #[inline]
    pub(super) fn push(self, history: u64, token: u32) -> u64 {
        if self.context == 0 {
            0
        } else {
            self.place(history >> self.bits, 0, token)
        }
    }

    /// Sets the token that is `k` tokens back, where there was none.
    #[inline]
    pub(super) fn place(self, history: u64, k: usize, token: u32) -> u64 {
        history | u64::from(token) << (self.bits * (self.context - 1 - k as u32))
    }

    /// The token that is `k` tokens back in a context, 0 being the most recent.
    #[inline]
    pub(super) fn back(self, history: u64, k: usize) -> u32 {
        (history >> (self.bits * (self.context - 1 - k as u32))) as u32 & ((1 << self.bits) - 1)
    }

    /// The key of `token` in the context `history`.
    #[inline]
    pub(super) fn key(self, history: u64, token: u32) -> u64 {
        history << self.bits | u64::from(token)
    }

    /// The context and the token of a key.
    #[inline]
    pub(super) fn split(self, key: u64) -> (u64, u32) {
        (key >> self.bits, key as u32 & ((1 << self.bits) - 1))
    }

    /// Appends the keys of one document, closed by the end token if it `ends`.
    pub(super) fn document(self, tokens: &[u32], ends: bool, keys: &mut Vec<u64>) {
        let mut history = self.beginning();
        for &token in tokens {
            keys.push(self.key(history, token));
            history = self.push(history, token);
        }
        if ends {
            keys.push(self.key(history, self.end()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_recent_token_leads() {
        let packing = Packing::new(4, 256);
        let history = [5, 6, 7, 8]
            .iter()
            .fold(packing.beginning(), |h, &t| packing.push(h, t));
        assert_eq!([0, 1, 2].map(|k| packing.back(history, k)), [8, 7, 6]);
        assert_eq!(packing.split(packing.key(history, 256)), (history, 256));
        assert_eq!(packing.back(packing.beginning(), 2), packing.start());
    }

    #[test]
    fn order_one_has_no_context() {
        let packing = Packing::new(1, 2);
        assert_eq!(
            (packing.beginning(), packing.push(0, 1), packing.key(0, 2)),
            (0, 0, 2)
        );
    }

    #[test]
    fn bytes_take_nine_bits() {
        assert_eq!(
            [Packing::bits(256), Packing::bits(2), Packing::bits(1)],
            [9, 2, 2]
        );
    }
}
