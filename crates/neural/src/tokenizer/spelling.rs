//! A vocabulary as files have it: tokens spelled in letters.

use rustc_hash::FxHashMap;

use super::split::Digits;
use super::{Parts, Tokenizer, TokenizerError, alphabet};

/// Tokens by number, and all else that a file says.
pub(crate) struct Spelling {
    /// Tokens in letters of bytes; marks in plain text.
    pub(crate) tokens: Vec<String>,
    /// Tokens that no text gives, in ascending order.
    pub(crate) marks: Vec<u32>,
    /// Two tokens with a space between them, in the order in which they were learnt.
    pub(crate) merges: Vec<String>,
    pub(crate) beginning: Option<u32>,
    pub(crate) end: Option<u32>,
    /// What a byte without a token becomes.
    pub(crate) unknown: Option<u32>,
    pub(crate) digits: Digits,
}

impl Spelling {
    /// The tokenizer that is spelled so.
    ///
    /// # Errors
    ///
    /// When two tokens have one name, or tokens, merges or marks do not fit together.
    pub(crate) fn read(&self) -> Result<Tokenizer, TokenizerError> {
        let merges = self.merges()?;
        let tokens = (0..)
            .zip(&self.tokens)
            .map(|(number, token)| self.bytes(number, token));
        let name = |mark: u32| (mark, self.tokens[mark as usize].clone());
        Tokenizer::new(Parts {
            tokens: tokens.collect::<Result<_, _>>()?,
            marks: self.marks.iter().copied().map(name).collect(),
            merges,
            beginning: self.mark(self.beginning, "beginning")?,
            end: self.mark(self.end, "end")?,
            unknown: self.unknown,
            digits: self.digits,
        })
    }

    fn mark(&self, mark: Option<u32>, which: &'static str) -> Result<u32, TokenizerError> {
        mark.filter(|mark| self.is_mark(*mark))
            .ok_or(TokenizerError::Mark { which })
    }

    fn is_mark(&self, token: u32) -> bool {
        self.marks.binary_search(&token).is_ok()
    }

    fn bytes(&self, number: u32, token: &str) -> Result<Box<[u8]>, TokenizerError> {
        if self.is_mark(number) {
            return Ok(Box::default());
        }
        let bytes = alphabet::unspell(token).filter(|bytes| !bytes.is_empty());
        bytes.ok_or_else(|| TokenizerError::Letters {
            token: token.to_owned(),
        })
    }

    fn merges(&self) -> Result<Vec<(u32, u32)>, TokenizerError> {
        let mut numbers = FxHashMap::default();
        for (number, token) in (0..).zip(&self.tokens) {
            if numbers.insert(&**token, number).is_some() {
                return Err(self.number_error(token, number as usize));
            }
        }
        let text = |token: &&u32| !self.is_mark(**token);
        let merge = |merge: &String| {
            let (left, right) = merge.split_once(' ').unwrap_or((merge, ""));
            let number = |part: &str| {
                numbers
                    .get(part)
                    .filter(text)
                    .copied()
                    .ok_or_else(|| TokenizerError::Merge {
                        merge: merge.clone(),
                        missing: part.to_owned(),
                    })
            };
            Ok((number(left)?, number(right)?))
        };
        self.merges.iter().map(merge).collect()
    }

    fn number_error(&self, token: &str, number: usize) -> TokenizerError {
        TokenizerError::Number {
            token: token.to_owned(),
            number,
            tokens: self.tokens.len(),
        }
    }
}
