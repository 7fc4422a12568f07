//! `tokenizer.json`, the file of Hugging Face's `tokenizers`.

mod schema;

use self::schema::{
    BYTE_LEVEL, ByteLevel, Decoder, File, Mark, Merge, Model, Piece, PostProcessor, PreTokenizer,
    Special, Vocabulary,
};
use super::split::Digits;
use super::{Spelling, Tables, Tokenizer, TokenizerError, alphabet};

pub(super) fn write(tables: &Tables) -> String {
    let decoder = Decoder::ByteLevel(BYTE_LEVEL);
    let file = File {
        version: "1.0".to_owned(),
        truncation: (),
        padding: (),
        added_tokens: tables.marks.iter().map(mark).collect(),
        normalizer: (),
        pre_tokenizer: pre_tokenizer(tables.digits),
        post_processor: template(tables),
        decoder,
        model: model(tables),
    };
    match serde_json::to_string(&file) {
        Ok(text) => text,
        Err(error) => unreachable!("texts and numbers can be written: {error}"),
    }
}

fn mark((id, content): &(u32, String)) -> Mark {
    Mark {
        id: *id,
        content: content.clone(),
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
    }
}

fn pre_tokenizer(digits: Digits) -> PreTokenizer {
    let words = PreTokenizer::ByteLevel(BYTE_LEVEL);
    match digits {
        Digits::Runs => words,
        Digits::Single => PreTokenizer::Sequence {
            pretokenizers: vec![
                PreTokenizer::Digits {
                    individual_digits: true,
                },
                words,
            ],
        },
    }
}

/// How a token is spelled.
fn name(tables: &Tables, token: u32) -> String {
    match tables.marks.binary_search_by_key(&token, |(mark, _)| *mark) {
        Ok(place) => tables.marks[place].1.clone(),
        Err(_) => alphabet::spell(&tables.tokens[token as usize]),
    }
}

/// The beginning, the text, the end.
fn template(tables: &Tables) -> PostProcessor {
    let names = [tables.beginning, tables.end].map(|mark| (mark, name(tables, mark)));
    let around = |text: &str, type_id: u32| {
        let mark = |id: &String| Piece::SpecialToken {
            id: id.clone(),
            type_id,
        };
        let text = Piece::Sequence {
            id: text.to_owned(),
            type_id,
        };
        [mark(&names[0].1), text, mark(&names[1].1)]
    };
    let (single, pair) = (
        around("A", 0),
        around("A", 0).into_iter().chain(around("B", 1)),
    );
    let special = |(mark, name): &(u32, String)| {
        let special = Special {
            id: name.clone(),
            ids: vec![*mark],
            tokens: vec![name.clone()],
        };
        (name.clone(), special)
    };
    PostProcessor::TemplateProcessing {
        single: single.into(),
        pair: pair.collect(),
        special_tokens: names.iter().map(special).collect(),
    }
}

fn model(tables: &Tables) -> Model {
    let numbers = 0..tables.tokens.len() as u32;
    let merge = |(left, right): &(u32, u32)| {
        Merge::Spaced([name(tables, *left), name(tables, *right)].join(" "))
    };
    Model::Bpe {
        dropout: (),
        unk_token: tables.unknown.map(|token| name(tables, token)),
        continuing_subword_prefix: (),
        end_of_word_suffix: (),
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: false,
        vocab: Vocabulary(
            numbers
                .map(|number| (name(tables, number), number))
                .collect(),
        ),
        merges: tables.merges.iter().map(merge).collect(),
    }
}

pub(super) fn read(text: &str) -> Result<Tokenizer, TokenizerError> {
    let file: File = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
    let Model::Bpe {
        unk_token,
        fuse_unk,
        byte_fallback,
        ignore_merges,
        vocab,
        merges,
        ..
    } = file.model;
    if fuse_unk || byte_fallback || ignore_merges {
        return Err(wrong(
            "fuse_unk, byte_fallback and ignore_merges have to be false",
        ));
    }
    let digits = digits(&file.pre_tokenizer)?;
    let tokens = tokens(vocab, &file.added_tokens)?;
    let number = |name: &String| {
        tokens
            .iter()
            .position(|token| token == name)
            .map(|at| at as u32)
    };
    let [beginning, end] = surrounding(&file.post_processor)?;
    let mut marks: Vec<u32> = file.added_tokens.iter().map(|mark| mark.id).collect();
    marks.sort_unstable();
    Spelling {
        beginning: number(beginning),
        end: number(end),
        unknown: unk_token.as_ref().and_then(number),
        marks,
        merges: merges.into_iter().map(Merge::spaced).collect(),
        digits,
        tokens,
    }
    .read()
}

fn wrong(reason: impl Into<String>) -> TokenizerError {
    TokenizerError::File {
        reason: reason.into(),
    }
}

fn digits(words: &PreTokenizer) -> Result<Digits, TokenizerError> {
    use PreTokenizer::{ByteLevel as Level, Digits as Cut, Sequence};
    let usual = |level: &ByteLevel| level.use_regex && !level.add_prefix_space;
    match words {
        Level(level) if usual(level) => Ok(Digits::Runs),
        Sequence { pretokenizers } => match &pretokenizers[..] {
            [words @ Level(_)] => digits(words),
            [
                Cut {
                    individual_digits: true,
                },
                Level(level),
            ] if usual(level) => Ok(Digits::Single),
            _ => Err(wrong("a sequence of words other than digits and bytes")),
        },
        _ => Err(wrong(
            "words that are not GPT-2's, or with a space before the text",
        )),
    }
}

/// Names by number, from the vocabulary and the marks, which may be in both.
fn tokens(vocabulary: Vocabulary, marks: &[Mark]) -> Result<Vec<String>, TokenizerError> {
    let marks = marks.iter().map(|mark| (mark.content.clone(), mark.id));
    let mut pairs: Vec<_> = vocabulary.0.into_iter().chain(marks).collect();
    pairs.sort_unstable_by(|a, b| a.1.cmp(&b.1).then_with(|| a.0.cmp(&b.0)));
    pairs.dedup();
    let misplaced = pairs
        .iter()
        .enumerate()
        .find(|(place, pair)| *place != pair.1 as usize);
    if let Some((_, (token, number))) = misplaced {
        let (token, number) = (token.clone(), *number as usize);
        return Err(TokenizerError::Number {
            token,
            number,
            tokens: pairs.len(),
        });
    }
    Ok(pairs.into_iter().map(|(token, _)| token).collect())
}

/// The names of the marks around a text.
fn surrounding(post: &PostProcessor) -> Result<[&String; 2], TokenizerError> {
    let PostProcessor::TemplateProcessing { single, .. } = post;
    match &single[..] {
        [
            Piece::SpecialToken { id: beginning, .. },
            Piece::Sequence { .. },
            Piece::SpecialToken { id: end, .. },
        ] => Ok([beginning, end]),
        _ => Err(wrong(
            "the template of a text is not a mark, the text, a mark",
        )),
    }
}
