//! Text to tokens and back.

mod alphabet;
mod file;
mod merge;
mod spelling;
mod split;
mod train;

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use rustc_hash::FxHashMap;

pub(crate) use self::spelling::Spelling;
pub(crate) use self::split::Digits;

/// Tokens that no text gives: the beginning and the end.
const MARKS: usize = 2;
/// The smallest vocabulary: every byte and the marks.
const LEAST: usize = 256 + MARKS;

/// Byte pair encoding (Sennrich et al. 2016) on bytes (Radford et al. 2019).
///
/// A text is first split into words (a letter run with the space before it, a run of digits, of punctuation, of white
/// space); within a word, neighbours are merged, the earliest learnt merge first. Any bytes can be encoded, and decoding
/// gives them back. Marks stand for no bytes, and no text gives them. A pretrained vocabulary may lack bytes that are
/// rare in text: these become its unknown token, which is a mark. Copies share their tables.
#[derive(Clone, PartialEq)]
pub struct Tokenizer {
    tables: Arc<Tables>,
}

/// What all copies share.
#[derive(PartialEq)]
struct Tables {
    /// The bytes of every token; none for marks.
    tokens: Vec<Box<[u8]>>,
    /// Tokens that no text gives, with their names, by number.
    marks: Vec<(u32, String)>,
    /// The token of every byte.
    bytes: Vec<u32>,
    /// Pairs of tokens in the order in which they were learnt.
    merges: Vec<(u32, u32)>,
    /// For a pair its place in `merges`, and the token that it becomes.
    ranks: FxHashMap<(u32, u32), (u32, u32)>,
    beginning: u32,
    end: u32,
    /// What a byte without a token became.
    unknown: Option<u32>,
    digits: Digits,
}

/// What a tokenizer is made of.
pub(crate) struct Parts {
    pub(crate) tokens: Vec<Box<[u8]>>,
    pub(crate) marks: Vec<(u32, String)>,
    pub(crate) merges: Vec<(u32, u32)>,
    pub(crate) beginning: u32,
    pub(crate) end: u32,
    /// What a byte without a token becomes.
    pub(crate) unknown: Option<u32>,
    pub(crate) digits: Digits,
}

/// Why there is no tokenizer.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenizerError {
    /// Fewer tokens than bytes and marks, or more than there are numbers.
    #[error(
        "a vocabulary of {asked} tokens is outside of {LEAST} (bytes and marks) to {}",
        u32::MAX
    )]
    Vocabulary {
        /// Tokens that were asked for.
        asked: usize,
    },
    /// The text is no `tokenizer.json` of the kind that can be read.
    #[error("not a byte-level `tokenizer.json`: {reason}")]
    File {
        /// What is wrong, and where.
        reason: String,
    },
    /// A token that has no place in the vocabulary.
    #[error(
        "token {token:?} has number {number}, of {tokens} tokens, or another has its number or name"
    )]
    Number {
        /// How the token is spelled.
        token: String,
        /// Its number.
        number: usize,
        /// Size of the vocabulary.
        tokens: usize,
    },
    /// A token that is not spelled in the letters of bytes.
    #[error("token {token:?} has letters that stand for no byte")]
    Letters {
        /// How the token is spelled.
        token: String,
    },
    /// A byte without a token, in a vocabulary without a token for what is unknown.
    #[error("byte {byte} has no token, and there is no unknown token")]
    Byte {
        /// The byte.
        byte: u8,
    },
    /// A merge of or to something that is no token.
    #[error("merge {merge:?} needs {missing:?}, which is no token")]
    Merge {
        /// The merge.
        merge: String,
        /// What it needs.
        missing: String,
    },
    /// The beginning or the end is missing.
    #[error("the mark for the {which} of a text is missing or no special token")]
    Mark {
        /// "beginning" or "end".
        which: &'static str,
    },
}

impl Tokenizer {
    /// A token for each byte, which is its number; then the beginning (256) and the end (257).
    pub fn bytes() -> Self {
        let tokens = (0..=u8::MAX).map(|byte| Box::from([byte]));
        Self::from_learnt(tokens.collect(), Vec::new())
    }

    /// Learns merges from texts until there are `vocabulary` tokens, or nothing is left to merge.
    ///
    /// The most frequent pair is merged first; among equals the pair whose first token is the older one, then whose
    /// second is. The oldest are the bytes in the order of GPT-2's alphabet: those that print, then the others. The
    /// result is the one of the trainer of Hugging Face's `tokenizers`.
    ///
    /// # Errors
    ///
    /// A vocabulary below 258: bytes and marks are always there.
    pub fn train<'a>(
        vocabulary: usize,
        texts: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Self, TokenizerError> {
        if vocabulary < LEAST || u32::try_from(vocabulary).is_err() {
            return Err(TokenizerError::Vocabulary { asked: vocabulary });
        }
        let (tokens, merges) = train::learn(vocabulary - MARKS, texts);
        Ok(Self::from_learnt(tokens, merges))
    }

    /// From tokens without marks, bytes first: the marks get the numbers behind the bytes.
    fn from_learnt(mut tokens: Vec<Box<[u8]>>, mut merges: Vec<(u32, u32)>) -> Self {
        let shift = |token: &mut u32| *token += if *token < 256 { 0 } else { MARKS as u32 };
        for (left, right) in &mut merges {
            shift(left);
            shift(right);
        }
        tokens.splice(256..256, [Box::default(), Box::default()]);
        let marks = [(256, "<|beginning|>"), (257, "<|end|>")];
        let parts = Parts {
            tokens,
            marks: marks.map(|(mark, name)| (mark, name.to_owned())).into(),
            merges,
            beginning: 256,
            end: 257,
            unknown: None,
            digits: Digits::Runs,
        };
        match Self::new(parts) {
            Ok(tokenizer) => tokenizer,
            Err(error) => unreachable!("learnt tokens are complete: {error}"),
        }
    }

    /// Makes the tables.
    ///
    /// # Errors
    ///
    /// A byte without a token, or a merge to something that is none.
    pub(crate) fn new(parts: Parts) -> Result<Self, TokenizerError> {
        let numbers = (0..).zip(&parts.tokens);
        let numbers: FxHashMap<&[u8], u32> =
            numbers.map(|(number, token)| (&**token, number)).collect();
        let of_byte = |byte: u8| {
            numbers
                .get(&[byte][..])
                .copied()
                .or(parts.unknown)
                .ok_or(TokenizerError::Byte { byte })
        };
        let bytes = (0..=u8::MAX).map(of_byte).collect::<Result<_, _>>()?;
        let mut ranks = FxHashMap::default();
        for (rank, &(left, right)) in (0..).zip(&parts.merges) {
            let [first, second] = [left, right].map(|token| &*parts.tokens[token as usize]);
            let whole = [first, second].concat();
            let missing = || TokenizerError::Merge {
                merge: format!("{} {}", alphabet::spell(first), alphabet::spell(second)),
                missing: alphabet::spell(&whole),
            };
            let merged = *numbers.get(&*whole).ok_or_else(missing)?;
            ranks.entry((left, right)).or_insert((rank, merged));
        }
        let Parts {
            tokens,
            marks,
            merges,
            beginning,
            end,
            unknown,
            digits,
        } = parts;
        let tables = Tables {
            tokens,
            marks,
            bytes,
            merges,
            ranks,
            beginning,
            end,
            unknown,
            digits,
        };
        Ok(Self {
            tables: Arc::new(tables),
        })
    }

    /// How many tokens there are.
    pub fn vocabulary(&self) -> usize {
        self.tables.tokens.len()
    }

    /// What comes before a text.
    pub fn beginning(&self) -> u32 {
        self.tables.beginning
    }

    /// What comes after a text; pretrained tokenizers may have one mark for both.
    pub fn end(&self) -> u32 {
        self.tables.end
    }

    /// Appends the tokens of a text, without marks.
    pub fn encode(&self, text: &[u8], out: &mut Vec<u32>) {
        let mut merger = merge::Merger::new(&self.tables.ranks);
        for word in split::words(text, self.tables.digits) {
            merger.merge(
                word.iter()
                    .map(|byte| self.tables.bytes[usize::from(*byte)]),
                out,
            );
        }
    }

    /// Appends the bytes of tokens; marks and numbers outside of the vocabulary give nothing.
    pub fn decode(&self, tokens: &[u32], out: &mut Vec<u8>) {
        for token in tokens {
            out.extend_from_slice(self.token_bytes(*token));
        }
    }

    /// The bytes of a token; none for a mark or a number outside of the vocabulary.
    pub fn token_bytes(&self, token: u32) -> &[u8] {
        self.tables
            .tokens
            .get(token as usize)
            .map_or(&[], |bytes| bytes)
    }

    /// A `tokenizer.json` as Hugging Face's `tokenizers` reads it.
    ///
    /// There, the name of a mark within a text becomes the mark; here it stays text.
    pub fn to_json(&self) -> String {
        file::write(&self.tables)
    }

    /// Reads what [`Self::to_json`] wrote, or another file of the same kind: byte pairs on bytes, GPT-2's words (digits
    /// in runs or one by one), and a template that says which marks surround a text.
    ///
    /// # Errors
    ///
    /// When it is of another kind, or when tokens, merges or marks do not fit together.
    pub fn from_json(text: &str) -> Result<Self, TokenizerError> {
        file::read(text)
    }
}

impl fmt::Debug for Tokenizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokenizer")
            .field("vocabulary", &self.vocabulary())
            .field("beginning", &self.beginning())
            .field("end", &self.end())
            .finish_non_exhaustive()
    }
}
