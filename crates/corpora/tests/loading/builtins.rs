//! The data inside the binary is what the pages beside it say.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use echosphere_corpora::{
    CorpusError, KnowledgeItem, TextCorpus, TextDocument, builtin, builtin_column, builtin_names,
    builtin_symbols, builtin_tables, builtins,
};
use sha2::{Digest as _, Sha256};

const README: &str = include_str!("../../data/README.md");

/// The rows of the README's last table: file, rows, bytes unpacked, bytes, sha256.
fn readme_rows() -> Vec<Vec<&'static str>> {
    let rows = README
        .lines()
        .map(|line| line.split('|').map(str::trim).collect::<Vec<_>>());
    rows.filter(|cells| cells.len() == 7 && cells[5].len() == 64)
        .map(|cells| cells[1..6].to_vec())
        .collect()
}

fn hex_digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        })
}

#[test]
fn every_file_has_the_digest_that_the_readme_gives() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/data");
    let rows = readme_rows();
    assert_eq!(rows.len(), 4 * builtins().len() + builtin_tables().len());
    for row in rows {
        let bytes = std::fs::read(format!("{folder}/{}", row[0])).unwrap();
        assert_eq!(bytes.len().to_string(), row[3], "{}", row[0]);
        assert_eq!(hex_digest(&bytes), row[4], "{}", row[0]);
    }
}

#[test]
fn every_corpus_has_the_documents_that_the_readme_and_its_info_give() {
    for info in builtins() {
        let corpus = builtin(info.name).unwrap();
        assert_eq!(corpus.name, info.name);
        assert_eq!(corpus.documents(), info.documents, "{}", info.name);
        for (split, documents) in ["train", "valid", "test"].into_iter().zip(info.documents) {
            let file = format!("{}/{split}.jsonl.gz", info.name);
            let row = readme_rows()
                .into_iter()
                .find(|row| row[0] == file)
                .unwrap();
            assert_eq!(row[1], documents.to_string(), "{file}");
        }
    }
}

#[test]
fn every_corpus_has_the_items_that_the_readme_and_its_info_give() {
    for info in builtins() {
        let knowledge = builtin(info.name).unwrap().knowledge;
        let seen = knowledge.iter().filter(|item| item.seen).count();
        let counts = [seen, knowledge.len() - seen];
        assert_eq!(counts, info.knowledge, "{}", info.name);
        let file = format!("{}/eval.jsonl.gz", info.name);
        let rows = readme_rows();
        let row = rows.iter().find(|row| row[0] == file).unwrap();
        if info.name != "politics" {
            assert_eq!(row[1], knowledge.len().to_string(), "{file}");
        }
        assert!(knowledge.is_sorted_by_key(|item| hex_digest(item.id.as_bytes())));
        assert!(knowledge.iter().all(|item| item.choices.len() == 4));
    }
}

/// The answer of a seen item stands in a document that holds it, and that of an unseen one in none of the train split.
#[test]
fn the_support_of_an_item_holds_its_answer() {
    let corpus = builtin("geography").unwrap();
    let text = |id: &String| corpus.train.iter().find(|document| document.id == *id);
    let capitals = corpus
        .knowledge
        .iter()
        .filter(|item| item.relation == "capital");
    for item in capitals {
        let documents: Vec<_> = item.support.iter().filter_map(text).collect();
        assert_eq!(!documents.is_empty(), item.seen, "{}", item.id);
        let answer = &item.choices[item.label];
        let mut texts = documents.iter().map(|document| &document.text);
        assert_eq!(
            texts.any(|text| text.contains(answer)),
            item.seen,
            "{}",
            item.id
        );
    }
}

#[test]
fn items_go_with_the_documents_that_hold_their_answers() {
    let whole = builtin("jargon").unwrap();
    let few = whole.clone().limited(100);
    let seen = |corpus: &TextCorpus| corpus.knowledge.iter().filter(|item| item.seen).count();
    let held = |item: &&KnowledgeItem| {
        item.seen
            && few
                .train
                .iter()
                .any(|document| item.support.contains(&document.id))
    };
    assert_eq!(seen(&few), whole.knowledge.iter().filter(held).count());
    assert!((20..100).contains(&seen(&few)), "{}", seen(&few));
    assert_eq!(few.knowledge.len() - seen(&few), 213);
}

#[test]
fn names_are_those_of_the_infos_in_alphabetical_order() {
    let of_infos: Vec<&str> = builtins().iter().map(|info| info.name).collect();
    assert_eq!(builtin_names(), of_infos);
    assert!(builtin_names().is_sorted());
}

#[test]
fn splits_share_no_id_and_no_text() {
    for name in builtin_names() {
        let corpus = builtin(name).unwrap();
        let held_out: Vec<&TextDocument> = corpus.valid.iter().chain(&corpus.test).collect();
        let ids: BTreeSet<&str> = corpus.train.iter().map(|document| &*document.id).collect();
        let texts: BTreeSet<&str> = corpus
            .train
            .iter()
            .map(|document| &*document.text)
            .collect();
        assert!(
            held_out.iter().all(|document| !ids.contains(&*document.id)),
            "{name}"
        );
        assert!(
            held_out
                .iter()
                .all(|document| !texts.contains(&*document.text)),
            "{name}"
        );
    }
}

#[test]
fn documents_stand_in_the_order_of_their_ids_digest() {
    for name in ["fiction", "politics"] {
        let corpus = builtin(name).unwrap();
        for split in [&corpus.train, &corpus.valid, &corpus.test] {
            assert!(split.is_sorted_by_key(|document| hex_digest(document.id.as_bytes())));
        }
    }
}

#[test]
fn the_first_documents_are_a_sample_of_many_groups() {
    let corpus = builtin("fiction").unwrap().limited(100);
    let book = |document: &TextDocument| document.id.split('/').nth(1).unwrap().to_owned();
    let books: BTreeSet<String> = corpus.train.iter().map(book).collect();
    assert_eq!(books.len(), 10);
}

#[test]
fn an_unknown_name_lists_the_known_ones() {
    let error = builtin("geografy").unwrap_err();
    assert_eq!(
        error.to_string(),
        "no built-in corpus `geografy`, did you mean `geography`?; \
         available: biology, fiction, geography, jargon, mathematics, politics"
    );
    assert!(matches!(
        builtin(""),
        Err(CorpusError::UnknownCorpus { nearest: None, .. })
    ));
}

#[test]
fn every_table_has_the_rows_and_columns_that_its_info_gives() {
    for info in builtin_tables() {
        for column in info.numeric_columns {
            assert_eq!(builtin_column(info.name, column).unwrap().len(), info.rows);
        }
        for column in info.symbol_columns {
            let (levels, codes) = builtin_symbols(info.name, column).unwrap();
            assert_eq!(codes.len(), info.rows);
            assert!(codes.iter().all(|code| (*code as usize) < levels.len()));
        }
    }
}

#[test]
fn iris_is_the_table_that_fisher_printed() {
    let lengths = builtin_column("iris", "petal_length_cm").unwrap();
    let mean = lengths.iter().sum::<f64>() / lengths.len() as f64;
    assert!((mean - 3.758).abs() < 1e-9, "{mean}");
    let (levels, codes) = builtin_symbols("iris", "species").unwrap();
    assert_eq!(levels, ["setosa", "versicolor", "virginica"]);
    for level in 0..3 {
        assert_eq!(codes.iter().filter(|code| **code == level).count(), 50);
    }
    let error = builtin_column("irs", "species").unwrap_err();
    assert_eq!(
        error.to_string(),
        "no built-in table `irs`, did you mean `iris`?; available: iris"
    );
}
