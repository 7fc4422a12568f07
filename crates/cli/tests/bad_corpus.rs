//! Real data that cannot be used are told with file, line and column, and nothing is run.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/program.rs"]
mod program;
#[path = "common/refusal.rs"]
mod refusal;

use program::{echosphere, manifest};
use refusal::{check, refused};
use tempfile::{TempDir, tempdir};

/// A scenario over a corpus of one's own: `population` is what the model is.
fn scenario(corpus: &str, family: &str) -> String {
    format!(
        "title = \"Mine\"\nhorizon = {{ generations = 2 }}\n\n[corpora]\nown = {{ {corpus} }}\n\n\
         [[population]]\nname = \"reader\"\nfamily = {{ {family} }}\nreal = {{ public = \"own\" }}\n"
    )
}

/// A folder with `mine.toml` and, in the folder `data`, a file.
fn with_corpus(name: &str, bytes: &[u8], corpus: &str, family: &str) -> TempDir {
    let folder = tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    if !name.is_empty() {
        std::fs::write(data.join(name), bytes).unwrap();
    }
    std::fs::write(folder.path().join("mine.toml"), scenario(corpus, family)).unwrap();
    folder
}

/// `run` and `scenario check` refuse a folder of text with this file, in the same words.
#[track_caller]
fn text(name: &str, bytes: &[u8], said: &[&str]) {
    let family = "kind = \"ngram\", order = 2, unit = \"byte\"";
    let folder = with_corpus(name, bytes, "source = \"data\"", family);
    refused(folder.path(), "run mine.toml --out out", said);
    check(
        &echosphere(folder.path(), ["scenario", "check", "mine.toml"]),
        said,
    );
}

#[test]
fn a_corpus_that_is_no_text_is_told_with_file_and_line() {
    text(
        "",
        b"",
        &["corpora.own", "data", "no train split", "train.jsonl"],
    );
    text("notes.md", b"x", &["corpora.own", "no train split"]);
    text(
        "train.jsonl",
        b"",
        &["corpora.own", "train.jsonl", "no documents"],
    );
    let invalid = b"{\"id\":\"a\",\"text\":\"x\"}\n{\"id\":\"b\",\"text\":\"\xff\"}\n";
    text(
        "train.jsonl",
        invalid,
        &["corpora.own", "train.jsonl:2", "UTF-8"],
    );
    text(
        "train.jsonl",
        b"{\"id\":\"a\"}\n",
        &["train.jsonl:1", "text"],
    );
    text(
        "train.jsonl.gz",
        b"no gzip at all",
        &["train.jsonl.gz", "broken gzip"],
    );
    // The beginning of a real gzip file, cut off.
    let cut = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x4b];
    text("train.jsonl.gz", &cut, &["train.jsonl.gz", "broken gzip"]);
}

/// `run` refuses a table in this column.
#[track_caller]
fn table(name: &str, bytes: &[u8], column: &str, said: &[&str]) {
    let corpus = format!("source = \"data/{name}\", column = \"{column}\"");
    let folder = with_corpus(name, bytes, &corpus, "kind = \"gaussian\"");
    refused(folder.path(), "run mine.toml --out out", said);
}

#[test]
fn a_table_that_is_no_numbers_is_told_with_line_and_column() {
    let csv = b"height,weight\n1,2\ntall,3\n4,5\n";
    table(
        "t.csv",
        csv,
        "height",
        &["corpora.own", "t.csv:3", "`height`", "`tall`"],
    );
    let said = ["corpora.own", "t.csv", "`heigth`", "did you mean `height`?"];
    table("t.csv", csv, "heigth", &said);
    table("t.csv", b"", "height", &["corpora.own", "t.csv"]);
    table("t.csv", b"height\n", "height", &["corpora.own", "t.csv"]);
    table(
        "t.parquet",
        b"PAR1 and nothing more",
        "height",
        &["corpora.own", "t.parquet"],
    );
}

#[test]
fn a_source_is_told_once_with_its_path() {
    let folder = with_corpus(
        "t.csv",
        b"a\n1\n",
        "source = \"data/t.csv\", column = \"b\"",
        "kind = \"gaussian\"",
    );
    let answer = echosphere(folder.path(), ["run", "mine.toml"]);
    check(&answer, &["data/t.csv"]);
    assert_eq!(
        answer.err.matches("data/t.csv").count(),
        1,
        "{}",
        answer.err
    );
}

/// What the refused ones were made from is fine, so it is the mistake that was refused.
#[test]
fn the_same_inputs_without_mistakes_are_run() {
    let train = b"{\"id\":\"a\",\"text\":\"A cat.\"}\n{\"id\":\"b\",\"text\":\"A dog.\"}\n";
    let text = with_corpus(
        "train.jsonl",
        train,
        "source = \"data\"",
        "kind = \"ngram\"",
    );
    // One document: nothing is held out, so there is no task.
    let one = with_corpus(
        "train.txt",
        b"A cat.\n",
        "source = \"data\"",
        "kind = \"ngram\"",
    );
    let column = "source = \"data/t.csv\", column = \"height\"";
    let csv = b"height,weight\n1,2\n3,3\n4,5\n";
    let table = with_corpus("t.csv", csv, column, "kind = \"gaussian\"");
    for folder in [text, one, table] {
        echosphere(folder.path(), ["run", "mine.toml", "-q", "--out", "out"]).ok();
        assert_eq!(manifest(&folder.path().join("out"))["title"], "Mine");
    }
}

#[test]
fn a_source_that_does_not_exist_is_named() {
    let folder = with_corpus("", b"", "source = \"nowhere\"", "kind = \"ngram\"");
    let said = ["corpora.own", "nowhere", "No such file"];
    refused(folder.path(), "run mine.toml --out out", &said);
}

#[test]
fn a_network_that_is_no_network_is_told_with_key_and_file() {
    let folder = with_corpus(
        "net.gguf",
        b"GGUF\x03\0\0\0",
        "source = \"builtin:fiction\"",
        "kind = \"transformer\", pretrained = \"data/net.gguf\"",
    );
    let key = "population.reader.family.pretrained";
    refused(
        folder.path(),
        "run mine.toml --out out",
        &[key, "data/net.gguf: not a GGUF file"],
    );
    std::fs::remove_file(folder.path().join("data/net.gguf")).unwrap();
    refused(
        folder.path(),
        "run mine.toml --out out",
        &[key, "cannot read", "net.gguf"],
    );
}

/// The smallest network whose context is longer than everything there is to read; a shorter one is trained on the same text.
#[test]
fn a_corpus_shorter_than_the_context_is_told_with_its_length() {
    let family = "kind = \"transformer\", width = 8, layers = 1, heads = 2, tokenizer = \"byte\", \
                  context = 20, first = { length = { steps = 1 }, rate = 1e-3 }";
    let train = b"A cat sat here.\n";
    let folder = with_corpus("train.txt", train, "source = \"data\"", family);
    let said = [
        "population.reader.family.context: 20 is longer than the whole of corpora.own",
        "which has 16 tokens: allowed is at most 16",
    ];
    refused(folder.path(), "run mine.toml --out out", &said);
    let shorter = "run mine.toml -q --out out --set population.reader.family.context=16 \
                   --set population.reader.publish.prompt=none";
    echosphere(folder.path(), shorter.split_whitespace()).ok();
}
