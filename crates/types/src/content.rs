//! Content: the payload of documents, in columns.
//!
//! A batch of documents is one [`Content`]; no document has an allocation of its own.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// The kind of content that a web carries. All models of one ecosystem publish the same kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ContentKind {
    /// Vectors of `dimension` single-precision numbers.
    F32 {
        /// Numbers a document.
        dimension: u32,
    },
    /// Vectors of `dimension` double-precision numbers.
    F64 {
        /// Numbers a document.
        dimension: u32,
    },
    /// One symbol of a finite alphabet a document.
    Symbols,
    /// A string of bytes, UTF-8 unless a byte-level model wrote something else.
    Text,
}

/// Row-major numbers, `dimension` a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Numbers<T> {
    /// Numbers a document.
    pub dimension: u32,
    /// All numbers; the length is a multiple of `dimension`.
    pub values: Vec<T>,
}

/// A batch of documents' payloads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Content {
    /// Single-precision vectors.
    F32(Numbers<f32>),
    /// Double-precision vectors.
    F64(Numbers<f64>),
    /// Symbols, each with a weight: 1, or a share of a whole distribution where a model publishes its expectation.
    Symbols {
        /// One symbol a document.
        symbols: Vec<u32>,
        /// One weight a document, or empty if all weights are 1.
        weights: Vec<f64>,
    },
    /// Strings, one after the other.
    Text {
        /// All bytes.
        bytes: Vec<u8>,
        /// Where each document ends in `bytes`.
        ends: Vec<u64>,
        /// Of each document, how many of its first bytes were given to its author; empty if none were.
        given: Vec<u32>,
    },
}

impl Content {
    /// An empty batch.
    pub fn empty(kind: ContentKind) -> Self {
        match kind {
            ContentKind::F32 { dimension } => Self::F32(Numbers {
                dimension,
                values: Vec::new(),
            }),
            ContentKind::F64 { dimension } => Self::F64(Numbers {
                dimension,
                values: Vec::new(),
            }),
            ContentKind::Symbols => Self::Symbols {
                symbols: Vec::new(),
                weights: Vec::new(),
            },
            ContentKind::Text => Self::Text {
                bytes: Vec::new(),
                ends: Vec::new(),
                given: Vec::new(),
            },
        }
    }

    /// What kind this batch is of.
    pub fn kind(&self) -> ContentKind {
        match self {
            Self::F32(numbers) => ContentKind::F32 {
                dimension: numbers.dimension,
            },
            Self::F64(numbers) => ContentKind::F64 {
                dimension: numbers.dimension,
            },
            Self::Symbols { .. } => ContentKind::Symbols,
            Self::Text { .. } => ContentKind::Text,
        }
    }

    /// A batch of strings.
    pub fn from_texts<T: AsRef<[u8]>>(texts: impl IntoIterator<Item = T>) -> Self {
        let mut content = Self::empty(ContentKind::Text);
        for text in texts {
            content.push_text(text.as_ref());
        }
        content
    }

    /// Appends one string.
    ///
    /// # Panics
    /// If the batch is not of text.
    pub fn push_text(&mut self, text: &[u8]) {
        self.push_answer(text, 0);
    }

    /// Appends one string, the first `prompt` bytes of which were given to its author.
    ///
    /// # Panics
    /// If the batch is not of text.
    pub fn push_answer(&mut self, text: &[u8], prompt: usize) {
        let Self::Text { bytes, ends, given } = self else {
            panic!("text goes to a batch of text")
        };
        if prompt > 0 || !given.is_empty() {
            given.resize(ends.len(), 0);
            given.push(prompt as u32);
        }
        bytes.extend_from_slice(text);
        ends.push(bytes.len() as u64);
    }

    /// Number of documents.
    #[inline]
    pub fn len(&self) -> usize {
        match self {
            Self::F32(numbers) => numbers.values.len() / numbers.dimension as usize,
            Self::F64(numbers) => numbers.values.len() / numbers.dimension as usize,
            Self::Symbols { symbols, .. } => symbols.len(),
            Self::Text { ends, .. } => ends.len(),
        }
    }

    /// True if there is no document.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Removes all documents and keeps the memory.
    pub fn clear(&mut self) {
        match self {
            Self::F32(numbers) => numbers.values.clear(),
            Self::F64(numbers) => numbers.values.clear(),
            Self::Symbols { symbols, weights } => {
                symbols.clear();
                weights.clear();
            }
            Self::Text { bytes, ends, given } => {
                bytes.clear();
                ends.clear();
                given.clear();
            }
        }
    }

    /// Bytes of memory that the payload takes.
    pub fn byte_len(&self) -> usize {
        match self {
            Self::F32(numbers) => 4 * numbers.values.len(),
            Self::F64(numbers) => 8 * numbers.values.len(),
            Self::Symbols { symbols, weights } => 4 * symbols.len() + 8 * weights.len(),
            Self::Text { bytes, ends, given } => bytes.len() + 8 * ends.len() + 4 * given.len(),
        }
    }

    /// The bytes of document `index`.
    ///
    /// # Panics
    /// If the batch is not of text or has no such document.
    pub fn text(&self, index: usize) -> &[u8] {
        let Self::Text { bytes, ends, .. } = self else {
            panic!("only a batch of text has texts")
        };
        let start = if index == 0 { 0 } else { ends[index - 1] };
        &bytes[start as usize..ends[index] as usize]
    }

    /// How many of the first bytes of document `index` were given to its author; none of what is no text.
    pub fn given(&self, index: usize) -> usize {
        match self {
            Self::Text { given, .. } => given.get(index).map_or(0, |&bytes| bytes as usize),
            _ => 0,
        }
    }

    /// Bytes of all texts.
    fn text_len(&self) -> usize {
        match self {
            Self::Text { bytes, .. } => bytes.len(),
            _ => 0,
        }
    }

    /// Makes room for the documents of `others`, no more.
    pub fn reserve(&mut self, others: &[&Self]) {
        let total = |part: fn(&Self) -> usize| others.iter().map(|other| part(other)).sum();
        match self {
            Self::F32(numbers) => numbers
                .values
                .reserve_exact(total(|other| other.byte_len() / 4)),
            Self::F64(numbers) => numbers
                .values
                .reserve_exact(total(|other| other.byte_len() / 8)),
            Self::Symbols { symbols, .. } => symbols.reserve_exact(total(Self::len)),
            Self::Text { bytes, ends, .. } => {
                ends.reserve_exact(total(Self::len));
                bytes.reserve_exact(total(Self::text_len));
            }
        }
    }

    /// All single-precision numbers; none if it holds something else.
    pub fn singles(&self) -> &[f32] {
        match self {
            Self::F32(numbers) => &numbers.values,
            _ => &[],
        }
    }

    /// All double-precision numbers; none if it holds something else.
    pub fn doubles(&self) -> &[f64] {
        match self {
            Self::F64(numbers) => &numbers.values,
            _ => &[],
        }
    }

    /// Appends documents `range` of `other`.
    ///
    /// # Panics
    /// If the kinds differ or the range is out of bounds.
    pub fn extend(&mut self, other: &Self, range: Range<usize>) {
        match (self, other) {
            (Self::F32(mine), Self::F32(theirs)) => mine.extend(theirs, range),
            (Self::F64(mine), Self::F64(theirs)) => mine.extend(theirs, range),
            (
                Self::Symbols { symbols, weights },
                Self::Symbols {
                    symbols: s,
                    weights: w,
                },
            ) => {
                extend_column(symbols.len(), (weights, 1.0), w, range.clone());
                symbols.extend_from_slice(&s[range]);
            }
            (
                Self::Text { bytes, ends, given },
                Self::Text {
                    bytes: b,
                    ends: e,
                    given: g,
                },
            ) => {
                extend_column(ends.len(), (given, 0), g, range.clone());
                let start = if range.start == 0 {
                    0
                } else {
                    e[range.start - 1]
                };
                let end = if range.end == 0 { 0 } else { e[range.end - 1] };
                let base = bytes.len() as u64;
                ends.extend(e[range].iter().map(|&end| base + end - start));
                bytes.extend_from_slice(&b[start as usize..end as usize]);
            }
            (mine, theirs) => panic!("a batch of {:?} takes no {:?}", mine.kind(), theirs.kind()),
        }
    }

    /// Appends the documents of `other` at `positions`, in that order.
    ///
    /// # Panics
    /// If the kinds differ or a position is out of bounds.
    pub fn gather(&mut self, other: &Self, positions: &[u32]) {
        match (self, other) {
            (Self::F32(mine), Self::F32(theirs)) => mine.gather(theirs, positions),
            (Self::F64(mine), Self::F64(theirs)) => mine.gather(theirs, positions),
            (
                Self::Symbols { symbols, .. },
                Self::Symbols {
                    symbols: s,
                    weights: w,
                },
            ) if w.is_empty() => {
                symbols.extend(positions.iter().map(|&position| s[position as usize]));
            }
            (mine, theirs) => {
                for &position in positions {
                    mine.extend(theirs, position as usize..position as usize + 1);
                }
            }
        }
    }
}

/// Appends values `range` of a column, where an empty one stands for `default` in all its `len` rows.
fn extend_column<T: Copy>(
    len: usize,
    (mine, default): (&mut Vec<T>, T),
    theirs: &[T],
    range: Range<usize>,
) {
    if mine.is_empty() && theirs.is_empty() {
        return;
    }
    mine.resize(len, default);
    match theirs.get(range.clone()) {
        Some(values) if !theirs.is_empty() => mine.extend_from_slice(values),
        _ => mine.resize(len + range.len(), default),
    }
}

impl<T: Copy> Numbers<T> {
    fn extend(&mut self, other: &Self, range: Range<usize>) {
        let d = self.dimension as usize;
        self.values
            .extend_from_slice(&other.values[range.start * d..range.end * d]);
    }

    #[inline]
    fn gather(&mut self, other: &Self, positions: &[u32]) {
        let d = self.dimension as usize;
        if d == 1 {
            self.values.extend(
                positions
                    .iter()
                    .map(|&position| other.values[position as usize]),
            );
            return;
        }
        for &position in positions {
            let start = position as usize * d;
            self.values
                .extend_from_slice(&other.values[start..start + d]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_and_joined() {
        let source = Content::from_texts(["one", "", "three", "4"]);
        let mut target = Content::from_texts(["zero"]);
        target.extend(&source, 1..4);
        target.gather(&source, &[3, 0]);
        let texts: Vec<&[u8]> = (0..target.len()).map(|i| target.text(i)).collect();
        assert_eq!(texts, [&b"zero"[..], b"", b"three", b"4", b"4", b"one"]);
    }

    #[test]
    fn vectors_keep_their_rows() {
        let row = |values: &[f64]| {
            Content::F64(Numbers {
                dimension: 2,
                values: values.to_vec(),
            })
        };
        let source = row(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        let mut target = Content::empty(source.kind());
        target.gather(&source, &[2, 0]);
        target.extend(&source, 1..2);
        assert_eq!(target, row(&[5.0, 6.0, 1.0, 2.0, 3.0, 4.0]));
    }

    #[test]
    fn what_was_given_travels_with_the_text() {
        let plain = Content::from_texts(["one", "two"]);
        let mut answers = Content::empty(ContentKind::Text);
        answers.push_answer(b"To be or not", 5);
        answers.push_text(b"unasked");
        let mut target = Content::empty(ContentKind::Text);
        target.extend(&plain, 0..1);
        target.extend(&answers, 0..2);
        target.gather(&plain, &[1]);
        let given: Vec<usize> = (0..target.len()).map(|index| target.given(index)).collect();
        assert_eq!(given, [0, 5, 0, 0]);
        assert_eq!((plain.given(1), target.text(1)), (0, &b"To be or not"[..]));
        let mut late = Content::from_texts(["first"]);
        late.push_answer(b"second", 3);
        assert_eq!((late.given(0), late.given(1)), (0, 3));
    }

    #[test]
    fn missing_weights_are_ones() {
        let plain = Content::Symbols {
            symbols: vec![1, 2],
            weights: vec![],
        };
        let weighted = Content::Symbols {
            symbols: vec![3, 4],
            weights: vec![0.25, 0.75],
        };
        let mut target = Content::empty(ContentKind::Symbols);
        target.extend(&plain, 0..2);
        target.extend(&weighted, 1..2);
        target.extend(&plain, 0..1);
        let expected = Content::Symbols {
            symbols: vec![1, 2, 4, 1],
            weights: vec![1.0, 1.0, 0.75, 1.0],
        };
        assert_eq!(target, expected);
    }
}
