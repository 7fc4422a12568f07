//! What the name of a file says about its content.

use crate::suggest::nearest;

/// The splits of a corpus, in the order in which they are read.
pub(super) const SPLITS: [&str; 3] = ["train", "valid", "test"];

/// Knowledge items lie beside the splits in a file of this stem, as JSON lines.
const ITEMS: &str = "eval";

/// Position of the train split in [`SPLITS`].
pub(super) const TRAIN: usize = 0;

/// Position of the test split in [`SPLITS`].
pub(super) const TEST: usize = 2;

/// How documents are written in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// One JSON object a line.
    JsonLines,
    /// One block of lines, up to the next blank line.
    Blocks,
}

/// What a file is, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A split of the corpus.
    Split {
        index: usize,
        format: Format,
        is_gzip: bool,
    },
    /// Knowledge items.
    Items { is_gzip: bool },
    /// Almost the name of a split, which is probably a slip of the hand.
    Misspelt { nearest: &'static str },
    /// Something else that lies in the folder.
    Other,
}

/// Reads the role off the last part of a file name.
pub(super) fn role(file: &str) -> Role {
    let base = file.rsplit('/').next().unwrap_or(file);
    let (plain, is_gzip) = base
        .strip_suffix(".gz")
        .map_or((base, false), |plain| (plain, true));
    let Some((stem, format)) = plain
        .strip_suffix(".jsonl")
        .map(|stem| (stem, Format::JsonLines))
        .or_else(|| {
            plain
                .strip_suffix(".txt")
                .map(|stem| (stem, Format::Blocks))
        })
    else {
        return Role::Other;
    };
    if stem == ITEMS && format == Format::JsonLines {
        return Role::Items { is_gzip };
    }
    match SPLITS.iter().position(|split| *split == stem) {
        Some(index) => Role::Split {
            index,
            format,
            is_gzip,
        },
        None => nearest(stem, SPLITS).map_or(Role::Other, |nearest| Role::Misspelt { nearest }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_endings_are_splits() {
        let split = |index, format, is_gzip| Role::Split {
            index,
            format,
            is_gzip,
        };
        assert_eq!(role("train.jsonl.gz"), split(0, Format::JsonLines, true));
        assert_eq!(role("a/b/valid.jsonl"), split(1, Format::JsonLines, false));
        assert_eq!(role("test.txt"), split(2, Format::Blocks, false));
        assert_eq!(role("test.txt.gz"), split(2, Format::Blocks, true));
    }

    #[test]
    fn items_are_json_lines() {
        assert_eq!(role("a/eval.jsonl.gz"), Role::Items { is_gzip: true });
        assert_eq!(role("eval.jsonl"), Role::Items { is_gzip: false });
    }

    #[test]
    fn slips_are_told_from_strangers() {
        assert_eq!(role("trian.jsonl"), Role::Misspelt { nearest: "train" });
        assert_eq!(role("Test.txt"), Role::Misspelt { nearest: "test" });
        for stranger in [
            "LICENSES.md",
            "README.txt",
            "manifest.json",
            "eval.txt",
            "train",
        ] {
            assert_eq!(role(stranger), Role::Other, "{stranger}");
        }
    }
}
