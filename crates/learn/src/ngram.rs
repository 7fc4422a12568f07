//! N-gram models of text.

mod build;
mod draw;
mod evaluate;
mod family;
mod fitted;
mod packing;
mod statistic;
mod temper;
#[cfg(test)]
mod tests;
mod vocabulary;

use std::ops::Range;
use std::sync::Arc;

use types::content::Content;

pub use self::evaluate::NgramReference;
pub use self::fitted::NgramFitted;
use self::fitted::ORDER_MAX;
use self::packing::Packing;
pub use self::statistic::NgramStatistic;
use self::statistic::Table;
pub use self::vocabulary::Vocabulary;

/// N-gram models of text: p(token | the order - 1 tokens before it).
///
/// Documents are independent. Each is preceded by start tokens and, if [`Ngram::ends`], closed by
/// an end token that the model learns.
///
/// # Fractional counts
///
/// Documents may have weights, so counts may be fractions. A count c is then read as a random
/// whole count with mean c that lies next to c, and everything that smoothing needs is the
/// expectation over it, in the way of Zhang and Chiang (2014): P(count > 0) = min(1, c), so the
/// discount taken from c is D min(1, c), a context that precedes a token c times is min(1, c)
/// distinct contexts, and P(count = 1) and P(count = 2), which give D, fall linearly from 1 at
/// c = 1 and c = 2 to 0 one away from there. For whole counts this is plain Kneser-Ney. Weights
/// should sum to the number of documents that the training set amounts to; a weight above 1 is a
/// document that the model takes for several, and overfits.
#[derive(Debug, Clone)]
pub struct Ngram {
    packing: Packing,
    unit: Unit,
    /// How counts become probabilities.
    pub smoothing: Smoothing,
    /// If documents end: their end is learned, measured and sampled. Without, a document is a
    /// piece of an endless chain. True unless set.
    pub ends: bool,
    /// Length, in tokens, at which a document that does not end is cut. 16,384 unless set:
    /// a limit near the usual length would make documents shorter from generation to generation.
    pub document_tokens_max: usize,
    /// Held-out text of a task that is measured on: its first whole documents that fit in so many
    /// bytes, but at least one. 100,000 unless set.
    pub evaluation_bytes_max: usize,
    /// Documents that diversity is measured on. 20 unless set.
    pub probe_documents: usize,
    /// Length of these documents in tokens; 0, as unless set, leaves it to the model.
    pub probe_tokens: usize,
    /// Tokens by which a prompt is continued to find out how alike two models write. 200 unless
    /// set.
    pub continuation_tokens: usize,
}

/// What a model takes for one token.
#[derive(Debug, Clone)]
pub enum Unit {
    /// A byte.
    Byte,
    /// A word of a vocabulary that all models share.
    Word(Arc<Vocabulary>),
}

/// How counts become probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Smoothing {
    /// Interpolated Kneser-Ney (Kneser and Ney 1995; Chen and Goodman 1999), which approximates
    /// the hierarchical Pitman-Yor process (Teh 2006): a discount D of every count goes to the
    /// context that is one token shorter, where a token counts by the number of distinct tokens
    /// before it. One discount an order, D = n1 / (n1 + 2 n2) (Ney, Essen and Kneser 1994), kept
    /// within [0.5, 0.95]. The empty context is interpolated with the uniform distribution, so that
    /// every token has positive probability.
    KneserNey,
    /// Maximum likelihood: counts over totals, of the longest context that was seen at all.
    None,
}

/// Why there is no n-gram family of that shape.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NgramError {
    /// The n-grams do not fit in 64 bits.
    #[error("order is {order}; with {bits} bits a token it must lie in 1..={order_max}")]
    Order {
        /// Tokens in an n-gram.
        order: usize,
        /// Bits that one token takes.
        bits: u32,
        /// The highest order that fits.
        order_max: usize,
    },
}

impl Ngram {
    /// A family of models of n-grams of `order` tokens.
    ///
    /// # Errors
    /// If an n-gram does not fit in 64 bits: a byte takes 9 bits, so bytes allow up to order 7; a
    /// vocabulary of 20,000 words takes 15 bits and allows up to order 4.
    pub fn new(order: usize, unit: Unit, smoothing: Smoothing) -> Result<Self, NgramError> {
        let symbols = unit.symbols();
        let bits = Packing::bits(symbols);
        let order_max = ORDER_MAX.min((64 / bits) as usize);
        if !(1..=order_max).contains(&order) {
            return Err(NgramError::Order {
                order,
                bits,
                order_max,
            });
        }
        Ok(Self {
            packing: Packing::new(order, symbols),
            unit,
            smoothing,
            ends: true,
            document_tokens_max: 16_384,
            evaluation_bytes_max: 100_000,
            probe_documents: 20,
            probe_tokens: 0,
            continuation_tokens: 200,
        })
    }

    /// Tokens in an n-gram.
    pub fn order(&self) -> usize {
        self.packing.context() + 1
    }

    /// What a token is.
    pub fn unit(&self) -> &Unit {
        &self.unit
    }

    /// Probability of each token after `text`, at the beginning of a document: all that can be
    /// written, and the end of the document last, if documents end.
    pub fn probabilities(&self, fitted: &NgramFitted, text: &[u8]) -> Vec<f64> {
        let path = fitted.path(self.history(text));
        (0..fitted.outcomes)
            .map(|token| fitted.probability(&path, token))
            .collect()
    }

    /// The context after `text`.
    fn history(&self, text: &[u8]) -> u64 {
        let mut tokens = Vec::new();
        self.unit.cut(text, &mut tokens);
        tokens.iter().fold(self.packing.beginning(), |h, &token| {
            self.packing.push(h, token)
        })
    }

    /// The n-grams of documents `range`, but for those that end within what was given to an author.
    fn keys(&self, content: &Content, range: Range<usize>) -> Vec<u64> {
        let (mut keys, mut tokens) = (Vec::new(), Vec::new());
        for index in range {
            let text = content.text(index);
            tokens.clear();
            self.unit.cut(&text[..content.given(index)], &mut tokens);
            let (given, before) = (tokens.len(), keys.len());
            tokens.clear();
            self.unit.cut(text, &mut tokens);
            self.packing.document(&tokens, self.ends, &mut keys);
            keys.drain(before..before + given.min(keys.len() - before));
        }
        keys
    }

    fn build(&self, table: &Table, documents: f64) -> NgramFitted {
        let outcomes = self.packing.symbols() + u32::from(self.ends);
        let fitted = build::build(table, self.packing, self.smoothing, outcomes);
        NgramFitted {
            documents,
            ..fitted
        }
    }
}

impl Unit {
    /// Number of tokens that can be written.
    fn symbols(&self) -> u32 {
        match self {
            Self::Byte => 256,
            Self::Word(vocabulary) => vocabulary.len() as u32 + 1,
        }
    }

    /// Appends the tokens of a text.
    fn cut(&self, text: &[u8], tokens: &mut Vec<u32>) {
        match self {
            Self::Byte => tokens.extend(text.iter().map(|&byte| u32::from(byte))),
            Self::Word(vocabulary) => {
                tokens.extend(vocabulary::words(text).map(|word| vocabulary.number(word)));
            }
        }
    }

    /// Appends what a token looks like.
    #[inline]
    fn write(&self, token: u32, text: &mut Vec<u8>) {
        match self {
            Self::Byte => text.push(token as u8),
            Self::Word(vocabulary) => text.extend_from_slice(vocabulary.word(token)),
        }
    }
}
