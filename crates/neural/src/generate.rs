//! Writing: token after token, many sequences side by side.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::fmt;

use types::random::{Purpose, Seed, Stream};

use crate::network::{Cache, Fed};
use crate::{Network, Parameters, Sampling};

/// Changes the logits of the token that follows a given one, for instance to favour a green list (Kirchenbauer et al.
/// 2023).
pub type Bias<'a> = &'a dyn Fn(u32, &mut [f32]);

/// What is written, and how.
#[derive(Clone, Copy)]
pub struct Writing<'a> {
    /// How tokens are drawn.
    pub sampling: Sampling,
    /// New tokens of a sequence, at most.
    pub tokens: usize,
    /// The token that ends a sequence.
    pub end: u32,
    /// Sequences that are written side by side; no result depends on it.
    pub batch: usize,
    /// Changes logits before tokens are drawn.
    pub bias: Option<Bias<'a>>,
}

impl fmt::Debug for Writing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writing")
            .field("sampling", &self.sampling)
            .field("tokens", &self.tokens)
            .field("end", &self.end)
            .field("batch", &self.batch)
            .field("bias", &self.bias.is_some())
            .finish()
    }
}

/// One sequence that is being written.
#[derive(Debug)]
struct Sequence<'a> {
    number: usize,
    slot: usize,
    /// What is read of the prompt.
    prompt: &'a [u32],
    position: usize,
    last: u32,
    rng: Stream,
}

/// Continues each prompt until the end is drawn, `writing.tokens` new tokens are written or the context is full: the
/// last token may be drawn when the whole context has been read, and is not read itself. Gives the new tokens, without
/// the end. Of a prompt longer than the context only the end is read; an empty prompt is not continued.
///
/// Every sequence has a stream of its own, whose seed is the next 64 bits of `rng`, prompt by prompt, and takes one
/// uniform number a token. So the same tokens come whatever the batch size, and whether the prompts come in one call or
/// in several.
///
/// # Panics
/// If prompts have tokens past the vocabulary.
pub fn generate(
    network: &mut Network,
    parameters: &Parameters,
    prompts: &[Vec<u32>],
    writing: &Writing<'_>,
    rng: &mut Stream,
) -> Vec<Vec<u32>> {
    network.prepare(parameters);
    let context = network.shape().context;
    let mut desk = Desk {
        waiting: sequences(prompts, context, rng),
        active: Vec::new(),
        written: vec![Vec::new(); prompts.len()],
        context,
        writing,
    };
    let slots = writing.batch.clamp(1, prompts.len().max(1));
    desk.fill(slots);
    let mut cache = Cache::new(network.shape(), slots);
    while !desk.active.is_empty() {
        let (fed, asked) = (desk.fed(), desk.asked());
        let logits = network.step(parameters, &mut cache, &fed, &asked);
        desk.draw(&asked, logits);
        desk.advance();
    }
    desk.finish()
}

/// The sequences of a call, each with its stream.
fn sequences<'a>(
    prompts: &'a [Vec<u32>],
    context: usize,
    rng: &mut Stream,
) -> VecDeque<Sequence<'a>> {
    let sequence = |(number, prompt): (usize, &'a Vec<u32>)| Sequence {
        number,
        slot: 0,
        prompt: &prompt[prompt.len().saturating_sub(context)..],
        position: 0,
        last: 0,
        rng: Seed(rng.long()).key(0, Purpose::Sample).stream(0, 0),
    };
    prompts.iter().enumerate().map(sequence).collect()
}

/// All sequences of a call: those that wait, those that are written, and what was written.
#[derive(Debug)]
struct Desk<'a> {
    waiting: VecDeque<Sequence<'a>>,
    active: Vec<Sequence<'a>>,
    written: Vec<Vec<u32>>,
    context: usize,
    writing: &'a Writing<'a>,
}

impl<'a> Desk<'a> {
    /// The next sequence that has something to read and something to write.
    fn next(&mut self) -> Option<Sequence<'a>> {
        loop {
            let next = self.waiting.pop_front()?;
            if !next.prompt.is_empty() && self.writing.tokens > 0 {
                return Some(next);
            }
        }
    }

    fn fill(&mut self, slots: usize) {
        for slot in 0..slots {
            if let Some(next) = self.next() {
                self.active.push(Sequence { slot, ..next });
            }
        }
    }

    fn fed(&self) -> Vec<Fed> {
        self.active.iter().map(Sequence::fed).collect()
    }

    /// Which sequences are past their prompts.
    fn asked(&self) -> Vec<usize> {
        let writes = |&n: &usize| self.active[n].writes();
        (0..self.active.len()).filter(writes).collect()
    }

    /// Draws a token for each sequence that is past its prompt.
    fn draw(&mut self, asked: &[usize], logits: &mut [f32]) {
        let vocabulary = (logits.len() / asked.len().max(1)).max(1);
        for (&n, logits) in asked.iter().zip(logits.chunks_exact_mut(vocabulary)) {
            let sequence = &mut self.active[n];
            let token = sequence.draw(self.writing, logits);
            self.written[sequence.number].push(token);
        }
    }

    /// Goes on by one position; those that wait take the places of those that are done.
    fn advance(&mut self) {
        for sequence in &mut self.active {
            sequence.position += 1;
        }
        for n in (0..self.active.len()).rev() {
            if !self.is_done(&self.active[n]) {
                continue;
            }
            let slot = self.active[n].slot;
            match self.next() {
                Some(next) => self.active[n] = Sequence { slot, ..next },
                None => drop(self.active.swap_remove(n)),
            }
        }
    }

    fn is_done(&self, sequence: &Sequence<'_>) -> bool {
        let written = &self.written[sequence.number];
        written.last() == Some(&self.writing.end)
            || written.len() >= self.writing.tokens
            || sequence.position >= self.context
    }

    /// What was written, without the ends.
    fn finish(mut self) -> Vec<Vec<u32>> {
        for tokens in &mut self.written {
            tokens.pop_if(|token| *token == self.writing.end);
        }
        self.written
    }
}

impl Sequence<'_> {
    /// What it reads next.
    fn fed(&self) -> Fed {
        Fed {
            slot: self.slot,
            token: self.prompt.get(self.position).copied().unwrap_or(self.last),
            position: self.position,
        }
    }

    /// True if a token follows the one that it reads next.
    fn writes(&self) -> bool {
        self.position + 1 >= self.prompt.len()
    }

    fn draw(&mut self, writing: &Writing<'_>, logits: &mut [f32]) -> u32 {
        if let Some(bias) = writing.bias {
            bias(self.fed().token, logits);
        }
        self.last = writing.sampling.draw(logits, &mut self.rng);
        self.last
    }
}
