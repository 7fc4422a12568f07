//! Writing documents.

use types::random::Stream;

use super::Ngram;
use super::fitted::{Level, NgramFitted, Path};
use super::temper::Tempered;
use crate::{GreenList, Order};

/// Draws tokens, and leaves a watermark if it has one.
#[derive(Debug)]
pub(super) struct Pen<'a> {
    source: Source<'a>,
    watermark: Option<GreenList>,
}

/// Where tokens come from.
#[derive(Debug)]
enum Source<'a> {
    /// From the model.
    Plain(&'a NgramFitted),
    /// At another temperature than 1.
    Tempered(Tempered<'a>),
}

impl<'a> Pen<'a> {
    pub(super) fn new(fitted: &'a NgramFitted, order: &Order) -> Self {
        let source = match order.temperature {
            1.0 => Source::Plain(fitted),
            temperature => Source::Tempered(Tempered::new(fitted, temperature)),
        };
        Self {
            source,
            watermark: order.watermark,
        }
    }

    /// A token after `history`, of which `previous` is the last one.
    #[inline]
    fn next(&mut self, (history, previous): (u64, u32), rng: &mut Stream) -> u32 {
        let source = &mut self.source;
        match self.watermark {
            None => source.next(history, rng),
            Some(list) => list.redraw(previous, rng, |rng| source.next(history, rng)),
        }
    }
}

impl Source<'_> {
    #[inline]
    fn next(&mut self, history: u64, rng: &mut Stream) -> u32 {
        match self {
            Self::Plain(fitted) => fitted.draw(&fitted.path(history), rng),
            Self::Tempered(tempered) => tempered.draw(history, rng),
        }
    }
}

impl NgramFitted {
    /// One token after the contexts of `path`: the longest context draws by its counts, and what
    /// it took as discount it leaves to the shorter one. This is the model's distribution exactly.
    #[inline]
    fn draw(&self, path: &Path, rng: &mut Stream) -> u32 {
        let longest_first = self.levels[..=path.depth].iter().zip(&path.nodes).rev();
        for (level, &node) in longest_first {
            if let Some(token) = level.draw(node, rng) {
                return token;
            }
        }
        rng.below(self.outcomes)
    }
}

impl Level {
    /// One token after a context, or none if the draw falls into the discount.
    #[inline]
    fn draw(&self, node: u32, rng: &mut Stream) -> Option<u32> {
        let range = self.followers(node);
        let sums = &self.sums[range.clone()];
        let point = rng.uniform() * sums[sums.len() - 1];
        let place = sums
            .partition_point(|&sum| sum <= point)
            .min(sums.len() - 1);
        let below = if place == 0 { 0.0 } else { sums[place - 1] };
        let discount = self.discount * (sums[place] - below).min(1.0);
        (point - below >= discount).then(|| self.next[range.start + place])
    }
}

impl Ngram {
    /// Appends one document of at most `tokens_max` tokens to `text`.
    pub(super) fn document(
        &self,
        pen: &mut Pen<'_>,
        tokens_max: usize,
        rng: &mut Stream,
        text: &mut Vec<u8>,
    ) {
        self.go_on(pen, (&[], tokens_max), rng, text);
    }

    /// Appends what the pen writes after the tokens `given` of a document, until it ends the document or has written `tokens_max` tokens.
    fn go_on(
        &self,
        pen: &mut Pen<'_>,
        (given, tokens_max): (&[u32], usize),
        rng: &mut Stream,
        text: &mut Vec<u8>,
    ) {
        let push = |history, &token: &u32| self.packing.push(history, token);
        let mut history = given.iter().fold(self.packing.beginning(), push);
        let mut previous = given.last().copied().unwrap_or(self.packing.start());
        for _ in 0..tokens_max {
            let token = pen.next((history, previous), rng);
            if token == self.packing.end() {
                return;
            }
            self.unit.write(token, text);
            (history, previous) = (self.packing.push(history, token), token);
        }
    }

    /// Appends the beginning of `prompt` to `text`, of so many tokens as asked for, and what the pen writes after it, at most
    /// `tokens_max` tokens. Gives the length of the beginning in bytes.
    pub(super) fn answer(
        &self,
        pen: &mut Pen<'_>,
        (prompt, tokens): (&[u8], usize),
        tokens_max: usize,
        rng: &mut Stream,
    ) -> (Vec<u8>, usize) {
        let (mut given, mut text) = (Vec::new(), Vec::new());
        self.unit.cut(prompt, &mut given);
        given.truncate(tokens);
        for &token in &given {
            self.unit.write(token, &mut text);
        }
        let prompt = text.len();
        self.go_on(pen, (&given, tokens_max), rng, &mut text);
        (text, prompt)
    }

    /// What a model writes after `prompt`.
    pub(super) fn continuation(
        &self,
        fitted: &NgramFitted,
        prompt: &[u8],
        rng: &mut Stream,
    ) -> Vec<u8> {
        let (mut pen, mut text) = (Pen::new(fitted, &Order::default()), Vec::new());
        let mut history = self.history(prompt);
        for _ in 0..self.continuation_tokens {
            let token = pen.source.next(history, rng);
            if token == self.packing.end() {
                text.push(b'\n');
                history = self.packing.beginning();
            } else {
                self.unit.write(token, &mut text);
                history = self.packing.push(history, token);
            }
        }
        text
    }
}
