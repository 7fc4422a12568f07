//! Files turned into a corpus.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::items::{LocatedItem, items, retain_supported, told};
use super::order::{hold_out, sort_by_id_hash};
use super::parse::{Located, blocks, json_lines};
use super::split::{Format, Role, SPLITS, TEST, TRAIN, role};
use super::{TextCorpus, TextDocument};
use crate::error::CorpusError;
use crate::gzip::{InflateFault, inflate};
use crate::problem::{Place, Problem, Problems};

/// A split as read from its file, before its documents are put in order.
struct Split {
    file: String,
    located: Vec<Located>,
}

/// What a load has seen so far.
struct Loader<'a> {
    name: &'a str,
    unpacked_bytes_left: u64,
    splits: [Option<Split>; 3],
    /// Knowledge items, and the file they stand in.
    items: Option<(String, Vec<LocatedItem>)>,
    problems: Problems,
}

/// Reads a corpus from files, which may unpack to at most `unpacked_bytes_max` together.
pub(crate) fn load(
    name: &str,
    mut files: Vec<(String, impl AsRef<[u8]>)>,
    unpacked_bytes_max: u64,
) -> Result<TextCorpus, CorpusError> {
    // A folder lists its files in any order; the messages must not depend on it.
    files.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut loader = Loader {
        name,
        unpacked_bytes_left: unpacked_bytes_max,
        splits: [None, None, None],
        items: None,
        problems: Problems::default(),
    };
    for (file, bytes) in &files {
        loader.read(file, bytes.as_ref());
    }
    if loader.splits[TRAIN].is_none() {
        let found = files.into_iter().map(|(file, _)| file).collect();
        loader.problems.push(Problem::MissingTrain { found });
    }
    loader.find_duplicate_ids();
    loader.finish()
}

impl Loader<'_> {
    fn read(&mut self, file: &str, bytes: &[u8]) {
        match role(file) {
            Role::Other => {}
            Role::Misspelt { nearest } => {
                let (file, nearest) = (file.to_owned(), nearest.to_owned());
                self.problems.push(Problem::MisspeltSplit { file, nearest });
            }
            Role::Items { is_gzip } => self.read_items(file, bytes, is_gzip),
            Role::Split {
                index,
                format,
                is_gzip,
            } => {
                if let Some(first) = &self.splits[index] {
                    let first = first.file.clone();
                    return self.repeated(SPLITS[index], first, file);
                }
                let plain = self.plain(file, bytes, is_gzip);
                let located =
                    plain.map_or_else(Vec::new, |bytes| self.parse(file, &bytes, index, format));
                self.splits[index] = Some(Split {
                    file: file.to_owned(),
                    located,
                });
            }
        }
    }

    fn read_items(&mut self, file: &str, bytes: &[u8], is_gzip: bool) {
        if let Some((first, _)) = &self.items {
            let first = first.clone();
            return self.repeated("eval", first, file);
        }
        let plain = self.plain(file, bytes, is_gzip);
        let located = plain.map_or_else(Vec::new, |bytes| items(file, &bytes, &mut self.problems));
        self.items = Some((file.to_owned(), located));
    }

    fn repeated(&mut self, split: &str, first: String, second: &str) {
        self.problems.push(Problem::RepeatedSplit {
            split: split.to_owned(),
            first,
            second: second.to_owned(),
        });
    }

    /// What a file holds, unpacked if it is packed, or `None` after the problem was noted.
    fn plain<'a>(&mut self, file: &str, bytes: &'a [u8], is_gzip: bool) -> Option<Cow<'a, [u8]>> {
        if is_gzip {
            self.unpack(file, bytes).map(Cow::Owned)
        } else {
            Some(Cow::Borrowed(bytes))
        }
    }

    /// The unpacked bytes, or `None` after the problem was noted.
    fn unpack(&mut self, file: &str, bytes: &[u8]) -> Option<Vec<u8>> {
        let bytes_max = self.unpacked_bytes_left;
        let file = file.to_owned();
        match inflate(bytes, bytes_max) {
            Ok(unpacked) => {
                self.unpacked_bytes_left -= unpacked.len() as u64;
                return Some(unpacked);
            }
            Err(InflateFault::Broken(reason)) => {
                self.problems.push(Problem::BrokenGzip { file, reason });
            }
            Err(InflateFault::TooLarge) => {
                self.problems.push(Problem::TooLarge { file, bytes_max });
            }
        }
        None
    }

    fn parse(&mut self, file: &str, bytes: &[u8], index: usize, format: Format) -> Vec<Located> {
        let problems_before = self.problems.count();
        let located = match format {
            Format::JsonLines => json_lines(file, bytes, &mut self.problems),
            Format::Blocks => {
                let id_prefix = format!("{}/{}", self.name, SPLITS[index]);
                blocks(file, bytes, &id_prefix, &mut self.problems)
            }
        };
        // When every line is broken, that has been said already.
        if located.is_empty() && self.problems.count() == problems_before {
            self.problems.push(Problem::NoDocuments {
                file: file.to_owned(),
            });
        }
        located
    }

    /// Ids must differ over all splits: the same document in train and test would be a leak.
    fn find_duplicate_ids(&mut self) {
        let mut first_uses: BTreeMap<&str, (&str, usize)> = BTreeMap::new();
        for Split { file, located } in self.splits.iter().flatten() {
            for Located { line, document } in located {
                let Some(&(first_file, first_line)) = first_uses.get(&*document.id) else {
                    first_uses.insert(&document.id, (file, *line));
                    continue;
                };
                self.problems.push(Problem::DuplicateId {
                    place: Place::new(file, *line),
                    id: document.id.clone(),
                    first: Place::new(first_file, first_line),
                });
            }
        }
    }

    fn finish(self) -> Result<TextCorpus, CorpusError> {
        let has_test = self.splits[TEST].is_some();
        let [mut train, valid, mut test] = self.splits.map(in_order);
        if !has_test {
            test = hold_out(&mut train);
        }
        let located = self.items.map_or_else(Vec::new, |(_, located)| located);
        let mut knowledge = told(located, &train);
        sort_by_id_hash(&mut knowledge, |item| &item.id);
        retain_supported(&mut knowledge, &train);
        let corpus = TextCorpus {
            name: self.name.to_owned(),
            train,
            valid,
            test,
            knowledge,
        };
        self.problems.none_or_error(self.name, corpus)
    }
}

fn in_order(split: Option<Split>) -> Vec<TextDocument> {
    let located = split.map_or_else(Vec::new, |split| split.located);
    let mut documents = located
        .into_iter()
        .map(|found| found.document)
        .collect::<Vec<_>>();
    sort_by_id_hash(&mut documents, |document| &document.id);
    documents
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn packed(text: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn the_bound_holds_for_all_files_together() {
        let files = || {
            let train = ("train.txt.gz".to_owned(), packed("0123456789"));
            vec![("test.txt.gz".to_owned(), packed("012345")), train]
        };
        assert!(load("c", files(), 16).is_ok());
        let error = load("c", files(), 15).unwrap_err();
        let file = "train.txt.gz".to_owned();
        assert_eq!(error.problems(), [Problem::TooLarge { file, bytes_max: 9 }]);
    }
}
