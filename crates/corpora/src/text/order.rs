//! The order of documents, and which of them are held out.

use sha2::{Digest as _, Sha256};

use super::TextDocument;

/// One document in this many is held out when a corpus has no test split.
const HELD_OUT_ONE_IN: usize = 10;

/// Sorts by the SHA-256 of the id, so that every prefix is an even sample over groups.
pub(super) fn sort_by_id_hash<T>(all: &mut [T], id: impl Fn(&T) -> &str) {
    all.sort_by_cached_key(|one| <[u8; 32]>::from(Sha256::digest(id(one))));
}

/// Splits off the last tenth, rounded up, but never the only document.
pub(super) fn hold_out(train: &mut Vec<TextDocument>) -> Vec<TextDocument> {
    if train.len() < 2 {
        return Vec::new();
    }
    train.split_off(train.len() - train.len().div_ceil(HELD_OUT_ONE_IN))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documents(count: usize) -> Vec<TextDocument> {
        let document = |n| TextDocument {
            id: format!("d{n}"),
            text: "t".to_owned(),
        };
        (0..count).map(document).collect()
    }

    #[test]
    fn order_is_that_of_the_published_hash() {
        // SHA-256 of the ids: d 18ac…, c 2e7d…, b 3e23…, e 3f79…, a ca97…
        let document = |id: &str| TextDocument {
            id: id.to_owned(),
            text: "t".to_owned(),
        };
        let mut sorted = ["a", "b", "c", "d", "e"].map(document);
        sort_by_id_hash(&mut sorted, |document| &document.id);
        assert_eq!(
            sorted.map(|document| document.id),
            ["d", "c", "b", "e", "a"]
        );
    }

    #[test]
    fn a_tenth_is_held_out_and_something_is_left() {
        for (count, held_out) in [(0, 0), (1, 0), (2, 1), (10, 1), (11, 2), (100, 10)] {
            let mut train = documents(count);
            assert_eq!(hold_out(&mut train).len(), held_out);
            assert_eq!(train.len(), count - held_out);
        }
    }
}
