//! Writing: token after token, many sequences side by side.

#[cfg(test)]
mod tests;

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
    let mut written = vec![Vec::new(); prompts.len()];
    let slots = writing.batch.clamp(1, prompts.len().max(1));
    let mut cache = Cache::new(network.shape(), slots);
    let context = network.shape().context;
    let mut waiting = prompts.iter().enumerate().filter_map(|(number, prompt)| {
        let rng = Seed(rng.long()).key(0, Purpose::Sample).stream(0, 0);
        let prompt = &prompt[prompt.len().saturating_sub(context)..];
        (!prompt.is_empty() && writing.tokens > 0).then(|| Sequence::new(number, prompt, rng))
    });
    let mut active: Vec<Sequence<'_>> = waiting.by_ref().take(slots).collect();
    for (slot, sequence) in active.iter_mut().enumerate() {
        sequence.slot = slot;
    }
    while !active.is_empty() {
        let fed: Vec<Fed> = active.iter().map(Sequence::fed).collect();
        let asked: Vec<usize> = (0..active.len()).filter(|&n| active[n].writes()).collect();
        let logits = network.step(parameters, &mut cache, &fed, &asked);
        let vocabulary = logits.len() / asked.len().max(1);
        for (&n, logits) in asked.iter().zip(logits.chunks_exact_mut(vocabulary.max(1))) {
            let token = active[n].draw(writing, logits);
            written[active[n].number].push(token);
        }
        let is_done = |sequence: &Sequence<'_>| sequence.is_done(writing, context, &written);
        for sequence in &mut active {
            sequence.position += 1;
            if is_done(sequence)
                && let Some(next) = waiting.next()
            {
                let slot = sequence.slot;
                *sequence = Sequence { slot, ..next };
            }
        }
        active.retain(|sequence| !is_done(sequence));
    }
    for tokens in &mut written {
        if tokens.last() == Some(&writing.end) {
            tokens.pop();
        }
    }
    written
}

impl<'a> Sequence<'a> {
    fn new(number: usize, prompt: &'a [u32], rng: Stream) -> Self {
        Self {
            number,
            slot: 0,
            prompt,
            position: 0,
            last: prompt[0],
            rng,
        }
    }

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

    fn is_done(&self, writing: &Writing<'_>, context: usize, written: &[Vec<u32>]) -> bool {
        let written = &written[self.number];
        written.last() == Some(&writing.end)
            || written.len() >= writing.tokens
            || self.position >= context
    }
}
