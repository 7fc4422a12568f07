//! Seeds, stream keys and streams.

use std::convert::Infallible;

use rand_core::TryRng;
use serde::{Deserialize, Serialize};

use super::philox::{self, Place, WORDS};

/// The root of all randomness of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seed(pub u64);

/// What a draw is for. Two purposes never share a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Purpose {
    /// Choosing the real documents a model holds.
    RealData = 1,
    /// Choosing what to read.
    Crawl = 2,
    /// Deciding what a detector or filter rejects.
    Curate = 3,
    /// Producing content.
    Sample = 5,
    /// The next tick of a clock.
    Clock = 6,
    /// What only an observer draws.
    Observe = 7,
    /// Real documents that the web starts with.
    WebSeed = 8,
    /// A distribution that the scenario asks to be drawn, for instance a random Markov chain.
    Distribution = 9,
    /// Inputs of records that are the same in every generation.
    Design = 11,
    /// Which documents a fixed-size training sample takes from a real part.
    Mix = 10,
    /// What a site is like.
    Site = 12,
    /// When a page changes and dies.
    Page = 13,
    /// What human writers write, where and when.
    Write = 14,
    /// What a crawler fetches.
    Fetch = 15,
    /// What filters of archives make of a page.
    Verdict = 16,
    /// Where a training starts and in which order it reads.
    Fit = 17,
}

impl Seed {
    /// The key of all streams for one `purpose` in one replicate.
    pub fn key(self, replicate: u32, purpose: Purpose) -> StreamKey {
        let mut out = [0; WORDS];
        let key = [self.0 as u32, (self.0 >> 32) as u32];
        Place {
            key,
            rest: [replicate, purpose as u32, 0x6563_686f],
        }
        .blocks(0, &mut out);
        StreamKey([out[0], out[1]])
    }
}

/// Addresses the streams of one seed, replicate and purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamKey([u32; 2]);

impl StreamKey {
    /// The stream of participant `id` at its own event number `event`.
    pub fn stream(self, id: u32, event: u32) -> Stream {
        let place = Place {
            key: self.0,
            rest: [event, id, 0],
        };
        Stream {
            place,
            block: 0,
            buffer: [0; WORDS],
            used: WORDS,
            skip: 0,
        }
    }
}

/// A sequence of up to 2^34 random words, the same on every machine.
#[derive(Debug, Clone)]
pub struct Stream {
    place: Place,
    /// The first block that is not in the buffer.
    block: u32,
    buffer: [u32; WORDS],
    /// Words of the buffer that are gone; all of them where it is yet to be filled.
    used: usize,
    /// Words to leave out when the buffer is filled next.
    skip: usize,
}

impl Stream {
    #[inline]
    fn refill(&mut self) {
        self.place.blocks(self.block, &mut self.buffer);
        self.block = self.block.wrapping_add(philox::LANES as u32);
        self.used = std::mem::take(&mut self.skip);
    }

    /// Stands at word number `word` of the blocks from `block` on.
    fn stand(&mut self, block: u32, word: usize) {
        self.block = block.wrapping_add((word / WORDS * philox::LANES) as u32);
        (self.used, self.skip) = (WORDS, word % WORDS);
    }

    /// The next 32 random bits.
    #[inline]
    pub fn word(&mut self) -> u32 {
        if self.used == WORDS {
            self.refill();
        }
        let word = self.buffer[self.used];
        self.used += 1;
        word
    }

    /// The next 64 random bits, low word first.
    #[inline]
    pub fn long(&mut self) -> u64 {
        let low = u64::from(self.word());
        low | u64::from(self.word()) << 32
    }

    /// Fills `out` with the high halves of the products of the next words, in the order of
    /// [`Stream::word`], and `n`. Gives the least of the low halves.
    #[inline]
    pub(super) fn fill_scaled(&mut self, n: u32, out: &mut [u32]) -> u32 {
        if self.skip > 0 {
            self.refill();
        }
        let (head, tail) = out.split_at_mut(out.len().min(WORDS - self.used));
        let mut least = philox::scale(n, &self.buffer[self.used..], head);
        self.used += head.len();
        if !tail.is_empty() {
            least = least.min(self.place.products(self.block, n, tail));
            self.stand(self.block, tail.len());
        }
        least
    }

    /// Where the stream stands.
    pub(super) fn position(&self) -> (u32, usize) {
        if self.used == WORDS {
            return (self.block, self.skip);
        }
        (self.block.wrapping_sub(philox::LANES as u32), self.used)
    }

    /// Goes back to where the stream once stood.
    pub(super) fn rewind(&mut self, (block, word): (u32, usize)) {
        self.stand(block, word);
    }
}

impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.word())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.long())
    }

    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Infallible> {
        for chunk in dst.chunks_mut(4) {
            let bytes = self.word().to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With a bound of three quarters of the range every fourth word is rejected, so the slow path is taken.
    #[test]
    fn filling_equals_drawing_one_by_one() {
        let key = Seed(7).key(0, Purpose::Crawl);
        for (bound, skipped) in [(10, 0), (10, 5), (3 << 30, 0), (3 << 30, 31)] {
            let (mut one, mut many) = (key.stream(3, 9), key.stream(3, 9));
            for _ in 0..skipped {
                assert_eq!(one.word(), many.word());
            }
            let mut filled = [0; 100];
            many.fill_below(bound, &mut filled);
            assert!(filled.iter().all(|&draw| draw == one.below(bound)));
            assert_eq!(one.word(), many.word());
        }
    }

    #[test]
    fn every_part_of_the_address_matters() {
        let first = |seed, replicate, purpose, id, event| {
            Seed(seed).key(replicate, purpose).stream(id, event).long()
        };
        let base = first(1, 0, Purpose::Crawl, 0, 0);
        for other in [
            first(2, 0, Purpose::Crawl, 0, 0),
            first(1, 1, Purpose::Crawl, 0, 0),
            first(1, 0, Purpose::Sample, 0, 0),
            first(1, 0, Purpose::Crawl, 1, 0),
            first(1, 0, Purpose::Crawl, 0, 1),
        ] {
            assert_ne!(base, other);
        }
    }
}
