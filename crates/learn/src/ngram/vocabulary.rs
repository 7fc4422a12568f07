//! Words as tokens.

use rustc_hash::FxHashMap;
use types::content::{Content, ContentKind};

/// What an unknown word is written as: no vocabulary holds it, so that it is read back as unknown.
pub(super) const UNKNOWN: &[u8] = " \u{fffd}".as_bytes();

/// The words that a word-level model knows; every other word is one and the same unknown word.
///
/// A word is a run of letters, digits, apostrophes and bytes beyond ASCII; a punctuation mark is a
/// word of its own, and so is a run of one white-space byte. A space before a word belongs to it.
/// Cutting loses nothing: known words one after the other are the text.
#[derive(Debug, Clone)]
pub struct Vocabulary {
    words: Vec<Box<[u8]>>,
    numbers: FxHashMap<Box<[u8]>, u32>,
}

impl Vocabulary {
    /// The `words_max` most frequent words of `texts`; where two are equally frequent, the first
    /// in the order of bytes. Words are numbered in the order of bytes.
    ///
    /// Batches that are not of text have no words.
    pub fn of(texts: &[&Content], words_max: usize) -> Self {
        let mut counted = counts(texts);
        counted.retain(|(word, _)| !is_unknown(word));
        counted.sort_by(|(a, n), (b, m)| m.cmp(n).then(a.cmp(b)));
        let mut words: Vec<Box<[u8]>> = counted
            .into_iter()
            .take(words_max)
            .map(|(word, _)| word.into())
            .collect();
        words.sort_unstable();
        let numbers = (0..)
            .zip(&words)
            .map(|(number, word)| (word.clone(), number))
            .collect();
        Self { words, numbers }
    }

    /// Number of words, without the unknown word.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// True if every word is unknown.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The number of a word; the number of unknown words is [`Vocabulary::len`].
    pub fn number(&self, word: &[u8]) -> u32 {
        self.numbers
            .get(word)
            .copied()
            .unwrap_or(self.words.len() as u32)
    }

    /// How a word is written, its leading space included.
    pub fn word(&self, number: u32) -> &[u8] {
        self.words.get(number as usize).map_or(UNKNOWN, |word| word)
    }
}

fn is_unknown(word: &[u8]) -> bool {
    word.trim_ascii_start() == UNKNOWN.trim_ascii_start()
}

/// Every word of `texts` with its count, in the order of first occurrence.
fn counts<'a>(texts: &[&'a Content]) -> Vec<(&'a [u8], usize)> {
    let (mut places, mut counts) = (FxHashMap::default(), Vec::new());
    for text in texts.iter().filter(|text| text.kind() == ContentKind::Text) {
        for word in (0..text.len()).flat_map(|index| words(text.text(index))) {
            let place = *places.entry(word).or_insert(counts.len());
            if place == counts.len() {
                counts.push((word, 0));
            }
            counts[place].1 += 1;
        }
    }
    counts
}

/// Cuts a text into words.
pub(super) fn words(mut text: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (word, rest) = text
            .split_at_checked(first_len(text))
            .filter(|(w, _)| !w.is_empty())?;
        text = rest;
        Some(word)
    })
}

/// Length of the first word of a text, 0 if the text is empty.
fn first_len(text: &[u8]) -> usize {
    let lead = usize::from(text.len() > 1 && text[0] == b' ' && !text[1].is_ascii_whitespace());
    let body = &text[lead..];
    match body.first() {
        None => 0,
        Some(&byte) if in_word(byte) => lead + run(body, in_word),
        Some(&byte) if byte.is_ascii_whitespace() => blank_len(body, byte),
        Some(_) => lead + 1,
    }
}

/// Length of a run of one white-space byte, less the space that belongs to the word after it.
fn blank_len(text: &[u8], blank: u8) -> usize {
    let len = run(text, |byte| byte == blank);
    let before_word = text
        .get(len)
        .is_some_and(|byte| !byte.is_ascii_whitespace());
    len - usize::from(blank == b' ' && len > 1 && before_word)
}

fn run(text: &[u8], belongs: impl Fn(u8) -> bool) -> usize {
    text.iter()
        .position(|&byte| !belongs(byte))
        .unwrap_or(text.len())
}

fn in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'\'' || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let cut: Vec<&str> = words(text.as_bytes())
            .map(|w| str::from_utf8(w).unwrap())
            .collect();
        assert_eq!(cut, expected);
        assert_eq!(cut.concat(), text);
    }

    #[test]
    fn text_is_cut_into_words() {
        check("", &[]);
        check(
            "The cat's hat, (red).",
            &["The", " cat's", " hat", ",", " (", "red", ")", "."],
        );
        check("a\n\n  b c  ", &["a", "\n\n", " ", " b", " c", "  "]);
        check(
            " \u{e9}t\u{e9} \"x\" ",
            &[" \u{e9}t\u{e9}", " \"", "x", "\"", " "],
        );
    }

    #[test]
    fn the_most_frequent_words_are_known() {
        let text = Content::from_texts(["b a b c", "a \u{fffd} \u{fffd} \u{fffd} \u{fffd}"]);
        let vocabulary = Vocabulary::of(&[&text], 2);
        // " a", " b", " c" and "a", "b" occur once each.
        assert_eq!(
            (vocabulary.word(0), vocabulary.word(1)),
            (&b" a"[..], &b" b"[..])
        );
        assert_eq!(vocabulary.number(b" b"), 1);
        assert_eq!(vocabulary.number(b" c"), 2);
        assert_eq!(vocabulary.number(vocabulary.word(2)), 2);
    }
}
