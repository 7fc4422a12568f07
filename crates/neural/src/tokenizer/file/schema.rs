//! What is in a `tokenizer.json`, field by field.

use std::collections::BTreeMap;

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde::{Deserialize as Read, Serialize as Write};

/// `()` stands for null: another value would change what the tokens of a text are.
#[derive(Write, Read)]
pub(super) struct File {
    pub(super) version: String,
    pub(super) truncation: (),
    pub(super) padding: (),
    pub(super) added_tokens: Vec<Mark>,
    pub(super) normalizer: (),
    pub(super) pre_tokenizer: PreTokenizer,
    pub(super) post_processor: PostProcessor,
    pub(super) decoder: Decoder,
    pub(super) model: Model,
}

#[expect(
    clippy::struct_excessive_bools,
    reason = "the format has one field for each"
)]
#[derive(Write, Read)]
pub(super) struct Mark {
    pub(super) id: u32,
    pub(super) content: String,
    pub(super) single_word: bool,
    pub(super) lstrip: bool,
    pub(super) rstrip: bool,
    pub(super) normalized: bool,
    pub(super) special: bool,
}

#[derive(Write, Read)]
#[serde(tag = "type")]
pub(super) enum PreTokenizer {
    ByteLevel(ByteLevel),
    Digits { individual_digits: bool },
    Sequence { pretokenizers: Vec<Self> },
}

#[derive(Write, Read)]
pub(super) struct ByteLevel {
    pub(super) add_prefix_space: bool,
    pub(super) trim_offsets: bool,
    pub(super) use_regex: bool,
}

#[derive(Write, Read)]
#[serde(tag = "type")]
pub(super) enum Decoder {
    ByteLevel(ByteLevel),
}

#[derive(Write, Read)]
#[serde(tag = "type")]
pub(super) enum PostProcessor {
    TemplateProcessing {
        single: Vec<Piece>,
        pair: Vec<Piece>,
        special_tokens: BTreeMap<String, Special>,
    },
}

#[derive(Write, Read)]
pub(super) enum Piece {
    SpecialToken { id: String, type_id: u32 },
    Sequence { id: String, type_id: u32 },
}

#[derive(Write, Read)]
pub(super) struct Special {
    pub(super) id: String,
    pub(super) ids: Vec<u32>,
    pub(super) tokens: Vec<String>,
}

#[derive(Write, Read)]
#[serde(tag = "type")]
pub(super) enum Model {
    #[serde(rename = "BPE")]
    Bpe {
        dropout: (),
        unk_token: Option<String>,
        #[serde(deserialize_with = "empty")]
        continuing_subword_prefix: (),
        #[serde(deserialize_with = "empty")]
        end_of_word_suffix: (),
        fuse_unk: bool,
        #[serde(default)]
        byte_fallback: bool,
        #[serde(default)]
        ignore_merges: bool,
        vocab: Vocabulary,
        merges: Vec<Merge>,
    },
}

/// Null or "": files have both.
fn empty<'de, D: Deserializer<'de>>(file: D) -> Result<(), D::Error> {
    match Option::<String>::deserialize(file)? {
        Some(text) if !text.is_empty() => Err(serde::de::Error::custom("affixes cannot be read")),
        _ => Ok(()),
    }
}

/// Names of tokens with their numbers, written by number.
pub(super) struct Vocabulary(pub(super) Vec<(String, u32)>);

impl Serialize for Vocabulary {
    fn serialize<S: Serializer>(&self, file: S) -> Result<S::Ok, S::Error> {
        let mut map = file.serialize_map(Some(self.0.len()))?;
        for (token, number) in &self.0 {
            map.serialize_entry(token, number)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Vocabulary {
    fn deserialize<D: Deserializer<'de>>(file: D) -> Result<Self, D::Error> {
        let map = BTreeMap::<String, u32>::deserialize(file)?;
        Ok(Self(map.into_iter().collect()))
    }
}

/// Written as in all versions of the format: two tokens with a space between them.
#[derive(Write, Read)]
#[serde(untagged)]
pub(super) enum Merge {
    Spaced(String),
    Pair([String; 2]),
}

impl Merge {
    pub(super) fn spaced(self) -> String {
        match self {
            Self::Spaced(text) => text,
            Self::Pair(parts) => parts.join(" "),
        }
    }
}

pub(super) const BYTE_LEVEL: ByteLevel = ByteLevel {
    add_prefix_space: false,
    trim_offsets: true,
    use_regex: true,
};
