//! Where words begin and end: merges never cross these borders.
//!
//! The same borders as GPT-2's expression (Radford et al. 2019),
//!
//! ```text
//! 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
//! ```
//!
//! but for letters being what [`char::is_alphabetic`] says, which has the vowel signs of Indian scripts in it. A byte
//! that is no UTF-8 counts as punctuation.

/// How digits are split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Digits {
    /// A run of digits, with the space before it, is a word: GPT-2.
    Runs,
    /// First, each digit is cut out as a word of its own; then the rest is split: SmolLM.
    Single,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Letter,
    Number,
    Space,
    Other,
}

const ASCII: [Class; 128] = ascii();

const fn ascii() -> [Class; 128] {
    let mut classes = [Class::Other; 128];
    let mut byte = 0;
    while byte < 128 {
        classes[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' => Class::Letter,
            b'0'..=b'9' => Class::Number,
            b' ' | b'\t'..=b'\r' => Class::Space,
            _ => Class::Other,
        };
        byte += 1;
    }
    classes
}

/// The words of a text; together they are the text.
pub(super) fn words(text: &[u8], digits: Digits) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let word;
        (word, rest) = rest.split_at(first_word(rest, digits)?);
        Some(word)
    })
}

/// Length of the first word; `None` if there is no text.
fn first_word(text: &[u8], digits: Digits) -> Option<usize> {
    let (class, length) = class_at(text, 0)?;
    if digits == Digits::Single && class == Class::Number {
        return Some(length);
    }
    let piece = Piece { text, digits };
    Some(match class {
        Class::Space => piece.after_space(),
        Class::Other if text[0] == b'\'' => match contraction(text) {
            Some(length) => length,
            None => piece.run(class, length),
        },
        _ => piece.run(class, length),
    })
}

/// A text that ends, if digits are single, before the first of them.
struct Piece<'a> {
    text: &'a [u8],
    digits: Digits,
}

impl Piece<'_> {
    fn class_at(&self, position: usize) -> Option<(Class, usize)> {
        let single = self.digits == Digits::Single;
        class_at(self.text, position).filter(|(class, _)| !(single && *class == Class::Number))
    }

    /// The end of a run of one class that goes on at `position`.
    fn run(&self, class: Class, mut position: usize) -> usize {
        while let Some((next, length)) = self.class_at(position) {
            if next != class {
                break;
            }
            position += length;
        }
        position
    }

    /// The first word of a text that begins with white space: one space goes with the word behind it; of a longer run
    /// the last character is left, unless nothing follows.
    fn after_space(&self) -> usize {
        if self.text[0] == b' '
            && let Some((class, length)) = self.class_at(1)
            && class != Class::Space
        {
            return self.run(class, 1 + length);
        }
        let (mut last, mut end) = (0, 0);
        while let Some((Class::Space, length)) = self.class_at(end) {
            (last, end) = (end, end + length);
        }
        let followed = self.class_at(end).is_some();
        if followed && last > 0 { last } else { end }
    }
}

fn contraction(text: &[u8]) -> Option<usize> {
    match text {
        [b'\'', b's' | b't' | b'm' | b'd', ..] => Some(2),
        [b'\'', b'r' | b'v', b'e', ..] | [b'\'', b'l', b'l', ..] => Some(3),
        _ => None,
    }
}

/// What begins at a position, and its length; `None` at the end.
#[inline]
fn class_at(text: &[u8], position: usize) -> Option<(Class, usize)> {
    let first = *text.get(position)?;
    match ASCII.get(usize::from(first)) {
        Some(class) => Some((*class, 1)),
        None => Some(class_of_character(&text[position..])),
    }
}

fn class_of_character(text: &[u8]) -> (Class, usize) {
    let longest = &text[..text.len().min(4)];
    let valid = longest
        .utf8_chunks()
        .next()
        .map_or("", |chunk| chunk.valid());
    match valid.chars().next() {
        None => (Class::Other, 1),
        Some(character) => (class_of(character), character.len_utf8()),
    }
}

fn class_of(character: char) -> Class {
    // Numbers first: Roman numerals are alphabetic too.
    if character.is_numeric() {
        Class::Number
    } else if character.is_alphabetic() {
        Class::Letter
    } else if character.is_whitespace() {
        Class::Space
    } else {
        Class::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, digits: Digits, expected: &str) {
        let words = words(text.as_bytes(), digits);
        let words: Vec<_> = words
            .map(|word| std::str::from_utf8(word).unwrap())
            .collect();
        assert_eq!(words.join("|"), expected);
    }

    #[test]
    fn words_take_the_space_before_them() {
        check(
            "It's 1962, in  Algiers.",
            Digits::Runs,
            "It|'s| 1962|,| in| | Algiers|.",
        );
        check("a\n\n b \t", Digits::Runs, "a|\n\n| b| \t");
        check(
            "we'll 'tis ''s x=1'",
            Digits::Runs,
            "we|'ll| '|tis| ''|s| x|=|1|'",
        );
        check(
            "été – Ⅷ½ 北京。 \u{a0}x",
            Digits::Runs,
            "été| –| Ⅷ½| 北京|。| |\u{a0}|x",
        );
    }

    #[test]
    fn digits_one_by_one_are_cut_out_first() {
        check("in 1962  7x 8", Digits::Single, "in| |1|9|6|2|  |7|x| |8");
    }

    #[test]
    fn bytes_that_are_no_text_are_punctuation() {
        let words: Vec<_> = words(b"a \xff\xc3!\xc3\xa9", Digits::Runs).collect();
        assert_eq!(words, [&b"a"[..], b" \xff\xc3!", b"\xc3\xa9"]);
    }
}
