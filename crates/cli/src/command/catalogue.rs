//! What can be measured and what can be read, as text.

/// Every metric with unit, formula and source.
pub(super) fn metrics() -> String {
    let mut entries = Vec::new();
    for info in ecosystem::metrics::catalogue() {
        entries.push(format!(
            "{} [{}]\n    {}\n    {}\n\n",
            info.name, info.unit, info.formula, info.source
        ));
    }
    entries.concat()
}

/// Every built-in corpus and table with its licence.
pub(super) fn corpora() -> String {
    let mut entries = Vec::new();
    for info in corpora::builtins() {
        let [train, valid, test] = info.documents;
        entries.push(format!(
            "builtin:{} [{train} train, {valid} valid, {test} test]\n    {}\n    {}; {}\n\n",
            info.name, info.about, info.licence, info.source
        ));
    }
    for info in corpora::builtin_tables() {
        let columns = [info.numeric_columns, info.symbol_columns]
            .concat()
            .join(", ");
        entries.push(format!(
            "builtin:{} [{} rows; columns {columns}]\n    {}\n    {}; {}\n\n",
            info.name, info.rows, info.about, info.licence, info.source
        ));
    }
    entries.concat()
}
