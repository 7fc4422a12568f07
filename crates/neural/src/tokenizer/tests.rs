use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;

use super::*;

/// Made by `crates/xtask/peers/tokenizer.py`.
const GOLDEN: &str = include_str!("golden.json");

fn encoded(tokenizer: &Tokenizer, text: &[u8]) -> Vec<u32> {
    let mut tokens = Vec::new();
    tokenizer.encode(text, &mut tokens);
    tokens
}

fn decoded(tokenizer: &Tokenizer, tokens: &[u32]) -> Vec<u8> {
    let mut text = Vec::new();
    tokenizer.decode(tokens, &mut text);
    text
}

fn trained(vocabulary: usize, text: &str) -> Tokenizer {
    Tokenizer::train(vocabulary, [text.as_bytes()]).unwrap()
}

/// What was learnt, in the order in which it was.
fn learnt(tokenizer: &Tokenizer) -> Vec<&str> {
    let tokens = (258..tokenizer.vocabulary()).map(|token| tokenizer.token_bytes(token as u32));
    tokens
        .map(|bytes| std::str::from_utf8(bytes).unwrap())
        .collect()
}

fn golden() -> Value {
    serde_json::from_str(GOLDEN).unwrap()
}

fn golden_tokenizer() -> Tokenizer {
    Tokenizer::from_json(&golden()["tokenizer"].to_string()).unwrap()
}

#[test]
fn bytes_are_their_own_tokens() {
    let bytes: Vec<u8> = (0..=u8::MAX).collect();
    let tokens: Vec<u32> = (0..256).collect();
    let tokenizer = Tokenizer::bytes();
    assert_eq!(encoded(&tokenizer, &bytes), tokens);
    assert_eq!(decoded(&tokenizer, &tokens), bytes);
    assert_eq!(tokenizer.vocabulary(), 258);
    assert_eq!((tokenizer.beginning(), tokenizer.end()), (256, 257));
}

#[test]
fn marks_and_strangers_decode_to_nothing() {
    let tokenizer = Tokenizer::bytes();
    let tokens = [256, 65, 257, 258, u32::MAX];
    assert_eq!(decoded(&tokenizer, &tokens), b"A");
}

#[test]
fn the_most_frequent_pair_is_merged_first() {
    let tokenizer = trained(261, "low low low lower lower newest");
    assert_eq!(learnt(&tokenizer), ["lo", "low", " low"]);
    assert_eq!(
        encoded(&tokenizer, b"low lower"),
        [259, 260, b'e'.into(), b'r'.into()]
    );
}

#[test]
fn among_equals_the_oldest_pair_is_merged_first() {
    // Every pair is there once; the space is no letter that prints, so it is younger than they are.
    assert_eq!(learnt(&trained(259, "zb ax")), ["ax"]);
    assert_eq!(learnt(&trained(259, "ac ab")), ["ab"]);
    // `ab` is older than `c`, whatever the bytes say.
    assert_eq!(learnt(&trained(260, "zab zab bc ab")), ["ab", "zab"]);
}

#[test]
fn overlapping_pairs_are_counted_as_the_merge_leaves_them() {
    // aa aa a: each pair is there once, and a is older than aa.
    let tokenizer = trained(262, "aaaaa");
    assert_eq!(learnt(&tokenizer), ["aa", "aaa", "aaaaa"]);
    assert_eq!(encoded(&tokenizer, b"aaaaaaa"), [258, 260]);
}

#[test]
fn a_vocabulary_is_as_large_as_asked_or_as_the_text_allows() {
    let golden = golden();
    let text = golden["text"].as_str().unwrap();
    for vocabulary in [258, 259, 300, 400] {
        assert_eq!(trained(vocabulary, text).vocabulary(), vocabulary);
    }
    assert_eq!(trained(1000, "abc").vocabulary(), 260);
    assert_eq!(trained(1000, "").vocabulary(), 258);
    assert_eq!(Tokenizer::train(258, []).unwrap(), Tokenizer::bytes());
    let few = TokenizerError::Vocabulary { asked: 257 };
    assert_eq!(Tokenizer::train(257, []), Err(few));
}

#[test]
fn texts_are_read_as_one_whatever_their_order() {
    let texts = ["the theatre there", "other weather", "the the"];
    let text = |number: usize| texts[number].as_bytes();
    let one = Tokenizer::train(280, [0, 1, 2].map(text)).unwrap();
    assert_eq!(one, Tokenizer::train(280, [2, 0, 1].map(text)).unwrap());
    assert_ne!(one, Tokenizer::train(280, [0, 1].map(text)).unwrap());
}

#[test]
fn tokens_are_those_of_the_reference() {
    let tokenizer = golden_tokenizer();
    let golden = golden();
    for case in golden["cases"].as_array().unwrap() {
        let text = case["text"].as_str().unwrap();
        let ids: Vec<u32> = serde_json::from_value(case["ids"].clone()).unwrap();
        assert_eq!(encoded(&tokenizer, text.as_bytes()), ids, "{text}");
        assert_eq!(decoded(&tokenizer, &ids), text.as_bytes());
    }
}

#[test]
fn training_gives_the_merges_of_the_reference() {
    let reference = golden_tokenizer();
    let golden = golden();
    let tokenizer = trained(reference.vocabulary(), golden["text"].as_str().unwrap());
    let merges = |tokenizer: &Tokenizer| {
        let merges = tokenizer.tables.merges.iter();
        let bytes = |token: u32| tokenizer.token_bytes(token).to_vec();
        let merges = merges.map(|(left, right)| (bytes(*left), bytes(*right)));
        merges.collect::<Vec<_>>()
    };
    assert!(merges(&tokenizer).len() > 100);
    assert_eq!(merges(&tokenizer), merges(&reference));
}

#[test]
fn a_file_gives_the_tokenizer_back() {
    let single = Parts {
        digits: Digits::Single,
        ..parts()
    };
    for tokenizer in [
        Tokenizer::bytes(),
        trained(300, GOLDEN),
        golden_tokenizer(),
        Tokenizer::new(single).unwrap(),
    ] {
        let file = tokenizer.to_json();
        assert_eq!(Tokenizer::from_json(&file), Ok(tokenizer));
    }
}

/// Bytes without tokens for 0 and 255, and three marks.
fn parts() -> Parts {
    let bytes = (1..u8::MAX).map(|byte| Box::from([byte]));
    let names = [(254, "<u>"), (255, "<b>"), (256, "<e>")];
    Parts {
        tokens: bytes.chain(vec![Box::default(); 3]).collect(),
        marks: names.map(|(mark, name)| (mark, name.to_owned())).into(),
        merges: Vec::new(),
        beginning: 255,
        end: 256,
        unknown: Some(254),
        digits: Digits::Runs,
    }
}

#[test]
fn bytes_without_tokens_become_the_unknown_one() {
    let tokenizer = Tokenizer::new(parts()).unwrap();
    assert_eq!(encoded(&tokenizer, b"\x01\x00\xff"), [0, 254, 254]);
    assert_eq!(decoded(&tokenizer, &[0, 254]), b"\x01");
    let without = Parts {
        unknown: None,
        ..parts()
    };
    assert_eq!(
        Tokenizer::new(without),
        Err(TokenizerError::Byte { byte: 0 })
    );
}

#[test]
fn what_is_wrong_with_a_file_is_said() {
    let check = |from: &str, to: &str, expected: &str| {
        let file = trained(259, "ab").to_json();
        let changed = file.replacen(from, to, 1);
        assert_ne!(file, changed, "{from}");
        let error = Tokenizer::from_json(&changed).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    check(
        "\"BPE\"",
        "\"Unigram\"",
        "unknown variant `Unigram`, expected `BPE`",
    );
    check(
        "\"use_regex\":true",
        "\"use_regex\":false",
        "words that are not GPT-2's",
    );
    check(
        "\"ab\":258",
        "\"ab\":300",
        "token \"ab\" has number 300, of 259 tokens",
    );
    check("\"ab\":258", "\"ac\":258", "merge \"a b\" needs \"ab\"");
    check("\"ab\":258", "\"€\":258", "token \"€\" has letters");
    check("[\"a b\"]", "[\"a €\"]", "merge \"a €\" needs \"€\"");
    check("[\"a b\"]", "[\"ab\"]", "merge \"ab\" needs \"\"");
    check("\"z\":122", "\"zz\":122", "byte 122 has no token");
    check(
        "{\"id\":\"<|end|>\"",
        "{\"id\":\"<|und|>\"",
        "mark for the end",
    );
    check("\"normalizer\":null", "\"normalizer\":1", "invalid type");
    assert!(Tokenizer::from_json("{}").is_err());
}

proptest! {
    #[test]
    fn every_text_comes_back(text in vec(any::<u8>(), 0..300), sample in "[a-e '0-1é\n]{0,200}") {
        let tokenizer = trained(300, &sample);
        for text in [&text, sample.as_bytes()] {
            prop_assert_eq!(decoded(&tokenizer, &encoded(&tokenizer, text)), text);
        }
    }

    /// The rule of byte pair encoding word for word: the earliest learnt pair, leftmost first, until there is none.
    #[test]
    fn merging_follows_the_rule(sample in "[a-c]{20,200}", word in "[a-c]{1,60}") {
        let tokenizer = trained(290, &sample);
        let mut tokens: Vec<u32> = word.bytes().map(u32::from).collect();
        let rank = |pair: &[u32]| tokenizer.tables.ranks.get(&(pair[0], pair[1])).copied();
        while let Some((rank, place)) = (0..tokens.len() - 1)
            .filter_map(|place| Some((rank(&tokens[place..place + 2])?, place)))
            .min()
        {
            tokens.splice(place..place + 2, [rank.1]);
        }
        prop_assert_eq!(encoded(&tokenizer, word.as_bytes()), tokens);
    }

    /// Counting all pairs anew before each merge.
    #[test]
    fn training_follows_the_rule(sample in "[a-c]{1,12}( [a-c]{1,12}){0,5}") {
        let tokenizer = trained(275, &sample);
        let words = split::words(sample.as_bytes(), Digits::Runs);
        let mut words: Vec<Vec<u32>> = words.map(|word| word.iter().copied().map(u32::from).collect()).collect();
        for &pair in &tokenizer.tables.merges {
            let pairs = words.iter().flat_map(|word| word.windows(2)).map(|pair| (pair[0], pair[1]));
            let mut counts = std::collections::BTreeMap::new();
            pairs.for_each(|pair| *counts.entry(pair).or_insert(0) += 1);
            let age = |token: u32| if token == 32 { 220 } else { token };
            let best = counts.iter().max_by_key(|((left, right), count)| {
                (**count, std::cmp::Reverse((age(*left), age(*right))))
            });
            prop_assert_eq!(best.map(|best| *best.0), Some(pair));
            let merged = tokenizer.tables.ranks[&pair].1;
            for word in &mut words {
                let mut place = 0;
                while place + 1 < word.len() {
                    if (word[place], word[place + 1]) == pair {
                        word.splice(place..place + 2, [merged]);
                    }
                    place += 1;
                }
            }
        }
    }
}
