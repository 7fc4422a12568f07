//! Folders of one's own: what is read, and what is refused with which words.

use std::io::Write as _;

use echosphere_corpora::{CorpusError, TextCorpus};
use flate2::{Compression, write::GzEncoder};

fn gz(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn load(files: &[(&str, &[u8])]) -> Result<TextCorpus, CorpusError> {
    let owned = files
        .iter()
        .map(|(file, bytes)| ((*file).to_owned(), bytes.to_vec()));
    TextCorpus::from_files("own", owned)
}

/// Loads the files and compares the problems, one sentence each.
fn check(files: &[(&str, &[u8])], expected: &[&str]) {
    let error = load(files).unwrap_err();
    let found: Vec<String> = error.problems().iter().map(ToString::to_string).collect();
    assert_eq!(found, expected);
}

const TRAIN: &[u8] = b"{\"id\":\"a\",\"text\":\"A\"}\n{\"id\":\"b\",\"text\":\"B\"}\n";
const TEST: &[u8] = b"{\"id\":\"c\",\"text\":\"C\"}\n";

#[test]
fn plain_and_packed_files_give_the_same_corpus() {
    let plain = load(&[("train.jsonl", TRAIN), ("test.jsonl", TEST)]).unwrap();
    let packed = load(&[("test.jsonl.gz", &gz(TEST)), ("train.jsonl.gz", &gz(TRAIN))]).unwrap();
    assert_eq!(plain, packed);
    assert_eq!(plain.documents(), [2, 0, 1]);
}

#[test]
fn order_does_not_depend_on_the_order_in_the_file() {
    let backwards: Vec<u8> = TRAIN
        .split_inclusive(|b| *b == b'\n')
        .rev()
        .flatten()
        .copied()
        .collect();
    let corpus = load(&[("train.jsonl", TRAIN), ("test.jsonl", TEST)]).unwrap();
    assert_eq!(
        corpus,
        load(&[("train.jsonl", &backwards), ("test.jsonl", TEST)]).unwrap()
    );
    let ids: Vec<&str> = corpus.train.iter().map(|document| &*document.id).collect();
    // SHA-256 of the ids: b 3e23…, a ca97…
    assert_eq!(ids, ["b", "a"]);
}

#[test]
fn without_a_test_split_a_tenth_is_held_out_from_the_end() {
    let lines: Vec<String> = (0..50)
        .map(|n| format!("{{\"id\":\"{n}\",\"text\":\"t\"}}"))
        .collect();
    let train = lines.join("\n");
    let held = load(&[("train.jsonl", train.as_bytes())]).unwrap();
    assert_eq!(held.documents(), [45, 0, 5]);
    let whole = load(&[("train.jsonl", train.as_bytes()), ("test.jsonl", TEST)]).unwrap();
    assert_eq!([&*held.train, &*held.test].concat(), whole.train);
    assert_eq!(
        load(&[("train.txt", b"only one")]).unwrap().documents(),
        [1, 0, 0]
    );
}

#[test]
fn blocks_of_plain_text_are_documents() {
    let corpus = load(&[
        ("x/train.txt", b"One.\nTwo.\n\nThree."),
        ("test.txt", b"Four."),
    ])
    .unwrap();
    let mut train: Vec<_> = corpus.train.iter().map(|d| (&*d.id, &*d.text)).collect();
    train.sort_unstable();
    assert_eq!(
        train,
        [("own/train#1", "One.\nTwo."), ("own/train#2", "Three.")]
    );
    assert_eq!(corpus.test[0].id, "own/test#1");
}

#[test]
fn other_files_are_ignored_and_misspelt_splits_are_not() {
    assert!(load(&[("train.jsonl", TRAIN), ("LICENSES.md", b"\xff")]).is_ok());
    check(
        &[("train.jsonl", TRAIN), ("vaild.jsonl", TEST)],
        &["vaild.jsonl: not a split, did you mean `valid`?"],
    );
}

#[test]
fn the_train_split_is_required_and_each_split_comes_once() {
    let expected = "expected one of train.jsonl.gz, train.jsonl, train.txt.gz, train.txt";
    check(&[], &[&format!("no train split: {expected}, found none")]);
    check(
        &[("test.jsonl", TEST), ("notes.md", b"")],
        &[&format!(
            "no train split: {expected}, found notes.md, test.jsonl"
        )],
    );
    check(
        &[("train.jsonl", TRAIN), ("train.txt", b"t")],
        &["split `train` comes twice: in train.jsonl and in train.txt"],
    );
}

#[test]
fn a_file_of_a_split_must_hold_documents() {
    check(&[("train.jsonl", b"\n \n")], &["train.jsonl: no documents"]);
    check(&[("train.txt", b"")], &["train.txt: no documents"]);
    check(
        &[("train.jsonl", TRAIN), ("test.txt.gz", &gz(b""))],
        &["test.txt.gz: no documents"],
    );
}

#[test]
fn broken_gzip_data_is_named() {
    let cut = &gz(TRAIN)[..20];
    for bytes in [cut, b"", TRAIN] {
        let error = load(&[("train.jsonl.gz", bytes)]).unwrap_err();
        assert_eq!(error.problems().len(), 1);
        let message = error.to_string();
        assert!(
            message.contains("train.jsonl.gz: broken gzip data: "),
            "{message}"
        );
    }
}

#[test]
fn ids_must_differ_over_all_splits() {
    check(
        &[("train.jsonl", TRAIN), ("test.jsonl", TRAIN)],
        &[
            "test.jsonl:1: id `a` was already used at train.jsonl:1",
            "test.jsonl:2: id `b` was already used at train.jsonl:2",
        ],
    );
}

#[test]
fn all_problems_are_reported_together() {
    check(
        &[
            ("train.jsonl", b"{\n{\"id\":\"a\"}\n\"\xff\"\n"),
            ("test.txt", b"a\n\nb\xc3("),
        ],
        &[
            "test.txt:3: invalid UTF-8 at byte 4 of the file",
            "train.jsonl:1: broken JSON at column 1: EOF while parsing an object",
            "train.jsonl:2: missing key `text`",
            "train.jsonl:3: invalid UTF-8 at byte 14 of the file",
        ],
    );
}

#[test]
fn the_report_is_bounded_and_says_how_much_it_left_out() {
    let error = load(&[("train.jsonl", "{}\n".repeat(15).as_bytes())]).unwrap_err();
    assert_eq!(error.problems().len(), 20);
    let message = error.to_string();
    assert!(message.starts_with("`own` has 30 problems: train.jsonl:1: missing key `id`; "));
    assert!(message.ends_with("; and 10 more"), "{message}");
    assert!(!message.contains('\n'));
}

const ITEM: &str = r#""relation":"letter","prompt":"After A comes","choices":["C","B"],"label":1"#;

#[test]
fn items_are_seen_if_a_document_holds_their_answer() {
    let lines = [
        format!(r#"{{"id":"1",{ITEM},"support":["a"]}}"#),
        format!(r#"{{"id":"2",{ITEM},"support":["c"]}}"#),
        format!(r#"{{"id":"3",{ITEM},"support":["gone"],"support_split":"train"}}"#),
        format!(r#"{{"id":"4",{ITEM},"support":["c"],"support_split":"test"}}"#),
    ];
    let files = [
        ("train.jsonl", TRAIN),
        ("test.jsonl", TEST),
        ("eval.jsonl", lines.join("\n").as_bytes()),
    ]
    .map(|(file, bytes)| (file, bytes.to_vec()));
    let files: Vec<(&str, &[u8])> = files.iter().map(|(f, b)| (*f, b.as_slice())).collect();
    let corpus = load(&files).unwrap();
    let found = corpus.knowledge.iter().map(|item| (&*item.id, item.seen));
    // SHA-256 of the ids: 4 4b22…, 1 6b86…, 2 d473…
    let expected = [("4", false), ("1", true), ("2", false)];
    assert_eq!(found.collect::<Vec<_>>(), expected);
    // Of the documents b and a, in that order, only b is left.
    let found: Vec<String> = corpus
        .limited(1)
        .knowledge
        .into_iter()
        .map(|i| i.id)
        .collect();
    assert_eq!(found, ["4", "2"]);
}

#[test]
fn each_broken_item_is_one_sentence() {
    let lines = [
        r#"{"id":"1","relation":" ","choices":["A",""],"label":0,"support":[]}"#.to_owned(),
        format!(r#"{{"id":"2",{ITEM},"support":["a"]}}"#).replace("1,", "2,"),
        r#"{"id":"3","relation":"r","prompt":"p","choices":["A"],"label":0,"support":["a"]}"#
            .to_owned(),
        r#"{"id":"4","relation":"r","prompt":"p","choices":"A","label":0}"#.to_owned(),
    ];
    let eval = lines.join("\n");
    let expected = [
        "eval.jsonl:1: key `relation` is empty",
        "eval.jsonl:1: missing key `prompt`",
        "eval.jsonl:1: key `choices` is empty",
        "eval.jsonl:1: key `support` is empty",
        "eval.jsonl:2: label is 2, with 2 choices; there must be two, and one of them right",
        "eval.jsonl:3: label is 0, with 1 choices; there must be two, and one of them right",
        "eval.jsonl:4: broken JSON at column 51: invalid type: string \"A\", expected a sequence",
    ];
    check(
        &[("eval.jsonl", eval.as_bytes()), ("train.jsonl", TRAIN)],
        &expected,
    );
    let twice = format!(r#"{{"id":"1",{ITEM},"support":["a"]}}"#);
    let twice = format!("{twice}\n{twice}");
    check(
        &[
            ("eval.jsonl", twice.as_bytes()),
            ("eval.jsonl.gz", &gz(twice.as_bytes())),
            ("train.jsonl", TRAIN),
        ],
        &[
            "eval.jsonl:2: id `1` was already used at eval.jsonl:1",
            "split `eval` comes twice: in eval.jsonl and in eval.jsonl.gz",
        ],
    );
}
