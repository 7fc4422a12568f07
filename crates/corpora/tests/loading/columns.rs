//! Columns of tables: what is read, and what is refused with which words.

use echosphere_corpora::{CorpusError, numeric_column, symbol_column};

const TABLE: &str = "day, rain ,place\n1,0.5,\"Ulm, west\"\n\n2,1e3,Bonn\n3, -2 ,Bonn\n";

fn check_problems(text: &str, expected: &[&str]) {
    let error = numeric_column("a.csv", text.as_bytes(), "x").unwrap_err();
    let found: Vec<String> = error.problems().iter().map(ToString::to_string).collect();
    assert_eq!(found, expected);
}

#[test]
fn numbers_are_read_in_the_order_of_the_rows() {
    let rain = [0.5, 1000.0, -2.0];
    assert_eq!(
        numeric_column("a.csv", TABLE.as_bytes(), "rain").unwrap(),
        rain
    );
    let other_ends = format!("\u{feff}{}", TABLE.replace('\n', "\r\n"));
    assert_eq!(
        numeric_column("a.csv", other_ends.as_bytes(), "rain").unwrap(),
        rain
    );
    assert_eq!(
        numeric_column("a.csv", other_ends.as_bytes(), "day").unwrap(),
        [1.0, 2.0, 3.0]
    );
}

#[test]
fn symbols_become_ranks_in_the_alphabet() {
    let (levels, codes) = symbol_column("a.csv", TABLE.as_bytes(), "place").unwrap();
    assert_eq!(levels, ["Bonn", "Ulm, west"]);
    assert_eq!(codes, [1, 0, 0]);
}

#[test]
fn an_unknown_column_lists_the_known_ones() {
    let error = numeric_column("a.csv", TABLE.as_bytes(), "rian").unwrap_err();
    assert_eq!(
        error.to_string(),
        "a.csv: no column `rian`, did you mean `rain`?; available: day, rain, place"
    );
    let error = symbol_column("a.csv", b"", "x").unwrap_err();
    assert_eq!(error.to_string(), "a.csv: no column `x`; available: none");
    assert!(matches!(
        error,
        CorpusError::UnknownColumn { nearest: None, .. }
    ));
}

#[test]
fn every_bad_cell_is_named() {
    check_problems(
        "x,y\n1,a\n,b\nNA,c\r\ninf,d\n\n1e999,e\nnan,f\n7\n7,g,h\n",
        &[
            "a.csv:3: column `x` is empty",
            "a.csv:4: column `x` has `NA`, which is not a number",
            "a.csv:5: column `x` has `inf`, which is not finite",
            "a.csv:7: column `x` has `1e999`, which is not finite",
            "a.csv:8: column `x` has `nan`, which is not finite",
            "a.csv:9: row has 1 cells, the header has 2",
            "a.csv:10: row has 3 cells, the header has 2",
        ],
    );
}

#[test]
fn a_long_value_is_shortened() {
    let long = "é".repeat(50);
    let kept = "é".repeat(40);
    check_problems(
        &format!("x\n{long}\n"),
        &[&format!(
            "a.csv:2: column `x` has `{kept}…`, which is not a number"
        )],
    );
}

#[test]
fn a_table_must_have_rows_and_one_column_of_the_name() {
    check_problems("x,y\n", &["a.csv: no rows below the header"]);
    check_problems(
        "x,y,x\n1,2,3\n",
        &["a.csv: column `x` comes 2 times in the header"],
    );
}

#[test]
fn a_table_must_be_text() {
    let error = symbol_column("a.csv", b"x\na\n\xff\xfe\n", "x").unwrap_err();
    let expected = "`a.csv` has 1 problem: a.csv:3: invalid UTF-8 at byte 4 of the file";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn empty_symbols_are_refused() {
    let error = symbol_column("a.csv", b"x,y\n,1\n", "x").unwrap_err();
    assert_eq!(
        error.to_string(),
        "`a.csv` has 1 problem: a.csv:2: column `x` is empty"
    );
}
