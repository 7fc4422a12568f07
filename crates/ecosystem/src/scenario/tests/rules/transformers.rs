//! Transformers and prompts.

use crate::scenario::schema::{Prompt, Prompting};
use crate::scenario::tests::{NUMBERS, TEXT, good, problems};

const NETWORK: (&str, &str) = ("population.a.family.kind", "transformer");

#[track_caller]
fn check_refused(text: &str, changes: &[(&str, &str)], expected: &[&str]) {
    let found = problems(text, changes);
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.contains(expected), "{found}\n{expected}");
    }
}

#[test]
fn transformers_are_prompted_unless_they_say_no() {
    let prompt = |changes: &[(&str, &str)]| good(TEXT, changes).population[0].publish.prompt;
    assert_eq!(prompt(&[]), None);
    assert_eq!(prompt(&[NETWORK]), Some(Prompting::Real(Prompt::default())));
    let none = ("population.a.publish.prompt", "none");
    assert!(matches!(
        prompt(&[NETWORK, none]),
        Some(Prompting::Nothing(_))
    ));
    let four = ("population.a.publish.prompt.tokens", "4");
    let asked = prompt(&[NETWORK, four]);
    assert!(matches!(
        asked,
        Some(Prompting::Real(Prompt { tokens: 4, .. }))
    ));
}

#[test]
fn shapes_have_to_divide() {
    check_refused(
        TEXT,
        &[
            NETWORK,
            ("population.a.family.width", "20"),
            ("population.a.family.heads", "4"),
            ("population.a.family.kv_heads", "3"),
        ],
        &[
            "population.a.family.width = 20 is not allowed with 4 heads",
            "population.a.family.kv_heads = 3 is not allowed: allowed are divisors of heads = 4",
        ],
    );
    let vocabulary = ("population.a.family.tokenizer", "{ bpe = 1 }");
    check_refused(
        TEXT,
        &[NETWORK, vocabulary],
        &["population.a.family.tokenizer.bpe = 1"],
    );
}

#[test]
fn a_file_decides_on_sizes() {
    let file = |name: &'static str| {
        let family = format!("{{ kind = \"transformer\", pretrained = \"{name}\" }}");
        ("population.a.family", family)
    };
    let refused = |(key, family): (&str, String), changes: &[(&str, &str)], expected: &[&str]| {
        let all = [&[(key, &*family)], changes].concat();
        check_refused(TEXT, &all, expected);
    };
    let begins = ("population.a.training.initial", "pretrained");
    refused(file("nets/a.GGUF"), &[begins], &[]);
    refused(
        file("a.safetensors"),
        &[("population.a.family.context", "2048")],
        &[],
    );
    refused(
        file("a.bin"),
        &[],
        &["population.a.family.pretrained = \"a.bin\" is no file of a network: allowed are .gguf"],
    );
    refused(
        file("a.gguf"),
        &[
            ("population.a.family.heads", "4"),
            ("population.a.family.tokenizer", "byte"),
        ],
        &[
            "population.a.family.heads is not allowed beside family.pretrained: the file decides",
            "population.a.family.tokenizer is not allowed beside family.pretrained",
        ],
    );
    check_refused(
        TEXT,
        &[NETWORK, begins],
        &["population.a.training.initial = \"pretrained\" is not allowed: it needs the file"],
    );
    check_refused(
        NUMBERS,
        &[begins],
        &["population.a.training.initial = \"pretrained\" is not allowed: it needs the file"],
    );
    let (key, family) = file("a.gguf");
    check_refused(
        TEXT,
        &[(key, &family), begins, ("population.a.real", "{}")],
        &["population.a.real names no corpus: give `private`, `public` or both, for training"],
    );
}

#[test]
fn prompts_leave_room() {
    check_refused(
        TEXT,
        &[NETWORK, ("population.a.family.context", "16")],
        &[
            "population.a.publish.prompt.tokens = 16 leaves no room in a context of 16: allowed is at most 14",
        ],
    );
    check_refused(
        NUMBERS,
        &[("population.a.publish.prompt", "{}")],
        &["population.a.publish.prompt is not allowed: only text"],
    );
}

#[test]
fn only_transformers_cut_off_what_is_unlikely() {
    check_refused(
        TEXT,
        &[
            ("population.a.publish.top_k", "5"),
            ("population.a.publish.top_p", "0.5"),
        ],
        &[
            "publish.top_k = 5 is not allowed",
            "publish.top_p = 0.5 is not allowed",
        ],
    );
    let scenario = good(TEXT, &[NETWORK, ("population.a.publish.top_p", "0.9")]);
    assert_eq!(scenario.population[0].publish.top_p, 0.9);
}
