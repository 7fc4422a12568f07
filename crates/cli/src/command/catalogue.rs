//! What can be measured and what can be read, as text.

use std::fmt::Write;

/// Every metric with unit, formula and source.
pub(super) fn metrics() -> String {
    let mut text = String::new();
    for info in ecosystem::metrics::catalogue() {
        // Writing to a string cannot fail.
        drop(writeln!(
            text,
            "{} [{}]\n    {}\n    {}\n",
            info.name, info.unit, info.formula, info.source
        ));
    }
    text
}

/// Every built-in corpus and table with its licence.
pub(super) fn corpora() -> String {
    let mut text = String::new();
    for info in corpora::builtins() {
        let [train, valid, test] = info.documents;
        drop(writeln!(
            text,
            "builtin:{} [{train} train, {valid} valid, {test} test]\n    {}\n    {}; {}\n",
            info.name, info.about, info.licence, info.source
        ));
    }
    for info in corpora::builtin_tables() {
        let columns = [info.numeric_columns, info.symbol_columns]
            .concat()
            .join(", ");
        drop(writeln!(
            text,
            "builtin:{} [{} rows; columns {columns}]\n    {}\n    {}; {}\n",
            info.name, info.rows, info.about, info.licence, info.source
        ));
    }
    text
}
