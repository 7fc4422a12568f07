//! Long texts in pieces.

use corpora::TextDocument;

/// The documents, each cut into pieces of at most `bytes`: at the last white space that there is room for, which goes, or
/// between two characters if there is none.
pub(super) fn pieces(documents: &[TextDocument], bytes: usize) -> impl Iterator<Item = &str> {
    documents
        .iter()
        .flat_map(move |document| Pieces(&document.text, bytes))
}

/// What is left of a text, and how long its pieces may be.
struct Pieces<'a>(&'a str, usize);

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let rest = self.0.trim_ascii_start();
        if rest.is_empty() {
            return None;
        }
        let end = piece_end(rest, self.1);
        self.0 = &rest[end..];
        Some(rest[..end].trim_ascii_end())
    }
}

/// Where the first piece of `text` ends.
fn piece_end(text: &str, bytes: usize) -> usize {
    if text.len() <= bytes {
        return text.len();
    }
    let limit = text.floor_char_boundary(bytes);
    let blank = text.as_bytes()[..=limit]
        .iter()
        .rposition(u8::is_ascii_whitespace);
    match blank {
        Some(at) if at > 0 => at,
        _ => limit.max(text.chars().next().map_or(1, char::len_utf8)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, bytes: usize, expected: &[&str]) {
        let found: Vec<&str> = Pieces(text, bytes).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn pieces_end_between_words() {
        check("one two three", 7, &["one two", "three"]);
        check("one two three", 8, &["one two", "three"]);
        check("one  two\n\nthree ", 100, &["one  two\n\nthree"]);
        check("", 10, &[]);
        check("  ", 10, &[]);
    }

    #[test]
    fn long_words_are_cut_between_characters() {
        check("abcdefgh", 3, &["abc", "def", "gh"]);
        check("äöüß", 3, &["ä", "ö", "ü", "ß"]);
        check("\u{1F600}\u{1F601}", 2, &["\u{1F600}", "\u{1F601}"]);
    }
}
