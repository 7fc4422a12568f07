//! Philox on vectors whose 64-bit slots hold one counter word each: one instruction multiplies the low halves of all
//! slots to 64-bit products. The high halves hold rubbish that no result depends on.

use super::{MULTIPLIER, Place, ROUNDS, round_key};

/// Vectors of 64-bit slots. All methods are a few instructions, to be inlined where they are used.
pub(super) trait Slots: Copy {
    /// [`Slots::BLOCKS`] slots.
    type Vector: Copy;
    /// Blocks computed side by side: one slot each.
    const BLOCKS: usize;

    /// The word in every slot.
    fn splat(self, word: u32) -> Self::Vector;
    /// `first`, `first + 1`, ... in the slots.
    fn count(self, first: u32) -> Self::Vector;
    /// Products of the low halves.
    fn multiply(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// High halves, moved to the low ones.
    fn high(self, a: Self::Vector) -> Self::Vector;
    /// Exclusive or of three.
    fn xor(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;
    /// The lesser of each pair of halves.
    fn lesser(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// The high halves of four vectors, slot after slot: blocks one after the other.
    fn zip_high(self, words: &Block<Self>) -> [Self::Vector; 2];
    /// Writes as many of the words as there is room for.
    fn store(self, words: [Self::Vector; 2], out: &mut [u32]);
    /// The least of the low halves.
    fn least_low(self, a: Self::Vector) -> u32;
}

/// Four counter words of each block.
pub(super) type Block<S> = [<S as Slots>::Vector; 4];

/// The task of [`Place::products`]. `N` vectors of blocks are computed side by side: as many chains of rounds as the
/// registers hold, to keep the multiplier busy.
pub(super) struct Products<'a, S, const N: usize> {
    pub(super) slots: S,
    pub(super) place: Place,
    pub(super) first: u32,
    pub(super) n: u32,
    pub(super) out: &'a mut [u32],
}

/// A vector of blocks pays from so many words on.
const WORDS_MIN: usize = 9;

impl<S: Slots, const N: usize> pulp::NullaryFnOnce for Products<'_, S, N> {
    type Output = u32;

    #[inline(always)]
    fn call(self) -> u32 {
        let (engine, width) = (
            Engine {
                slots: self.slots,
                place: self.place,
            },
            4 * S::BLOCKS,
        );
        let mut first = self.first;
        let mut least = self.slots.splat(u32::MAX);
        let mut chunks = self.out.chunks_exact_mut(N * width);
        for chunk in &mut chunks {
            let blocks = engine.blocks::<N>(first);
            for (block, out) in blocks.iter().zip(chunk.chunks_exact_mut(width)) {
                least = engine.scale(block, (self.n, least), out);
            }
            first = first.wrapping_add((N * S::BLOCKS) as u32);
        }
        let rest = chunks.into_remainder();
        if rest.len() < WORDS_MIN {
            let plain = self.place.products_portable(first, self.n, rest);
            return plain.min(self.slots.least_low(least));
        }
        let blocks = engine.blocks::<N>(first);
        for (block, out) in blocks.iter().zip(rest.chunks_mut(width)) {
            least = engine.scale(block, (self.n, least), out);
        }
        self.slots.least_low(least)
    }
}

/// Computes blocks.
pub(super) struct Engine<S> {
    pub(super) slots: S,
    pub(super) place: Place,
}

impl<S: Slots> Engine<S> {
    /// `N` times [`Slots::BLOCKS`] blocks from block `first` on.
    #[inline(always)]
    pub(super) fn blocks<const N: usize>(&self, first: u32) -> [Block<S>; N] {
        let multiplier = [
            self.slots.splat(MULTIPLIER[0]),
            self.slots.splat(MULTIPLIER[1]),
        ];
        let mut blocks = [self.open(first); N];
        let mut number = 0;
        while number < N {
            blocks[number] = self.open(first.wrapping_add((number * S::BLOCKS) as u32));
            number += 1;
        }
        for round in 0..ROUNDS {
            let key = round_key(self.place.key, round);
            let key = [self.slots.splat(key[0]), self.slots.splat(key[1])];
            for block in &mut blocks {
                *block = self.round(block, multiplier, key);
            }
        }
        blocks
    }

    #[inline(always)]
    fn open(&self, first: u32) -> Block<S> {
        let [a, b, c] = self.place.rest;
        let slots = self.slots;
        [
            slots.count(first),
            slots.splat(a),
            slots.splat(b),
            slots.splat(c),
        ]
    }

    #[inline(always)]
    fn round(&self, c: &Block<S>, multiplier: [S::Vector; 2], key: [S::Vector; 2]) -> Block<S> {
        let slots = self.slots;
        let even = slots.multiply(c[0], multiplier[0]);
        let odd = slots.multiply(c[2], multiplier[1]);
        [
            slots.xor(slots.high(odd), c[1], key[0]),
            odd,
            slots.xor(slots.high(even), c[3], key[1]),
            even,
        ]
    }

    /// Writes the high halves of the products of the words and `n`, and gives the least of their low halves and
    /// `least`, also of words that there was no room for.
    #[inline(always)]
    fn scale(&self, words: &Block<S>, (n, least): (u32, S::Vector), out: &mut [u32]) -> S::Vector {
        let (slots, n) = (self.slots, self.slots.splat(n));
        let products = [
            slots.multiply(words[0], n),
            slots.multiply(words[1], n),
            slots.multiply(words[2], n),
            slots.multiply(words[3], n),
        ];
        slots.store(slots.zip_high(&products), out);
        let front = slots.lesser(products[0], products[1]);
        let back = slots.lesser(products[2], products[3]);
        slots.lesser(least, slots.lesser(front, back))
    }
}
