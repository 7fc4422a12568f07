//! The frame of the report: head, text, tables.

use serde_json::Value;

use crate::escape::escape;
use crate::summary::Table;

/// Style of the page, inline so that the file stands alone.
const STYLE: &str = include_str!("style.css");

/// Longer tables are folded away.
const ROWS_OPEN_MAX: usize = 30;

/// The page so far.
#[derive(Debug)]
pub(super) struct Page {
    html: String,
}

impl Page {
    pub(super) fn new(title: &str) -> Self {
        let title = escape(title);
        let html = format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <title>{title} – Echosphere</title>\n<style>\n{STYLE}</style>\n</head>\n\
             <body>\n<header>\n<h1>{title}</h1>\n"
        );
        Self { html }
    }

    pub(super) fn about(&mut self, about: &str) {
        let about = about.replace("\r\n", "\n");
        for paragraph in about
            .split("\n\n")
            .map(str::trim)
            .filter(|text| !text.is_empty())
        {
            self.push(&["<p>", &escape(paragraph), "</p>\n"]);
        }
        self.push(&["</header>\n"]);
    }

    pub(super) fn table(&mut self, table: &Table) {
        self.push(&["<section>\n<h2>Where it ended</h2>\n"]);
        self.bare_table(table);
        let more = match table.metrics_left_out {
            0 => String::new(),
            count => format!(" {count} more metrics are in the figures."),
        };
        self.push(&[
            "<p class=\"note\">Means over models and replicates at each model's first and last \
             observation; sd: over replicates.",
            &more,
            "</p>\n</section>\n",
        ]);
    }

    fn bare_table(&mut self, table: &Table) {
        self.push(&["<div class=\"wide\"><table>\n<thead>"]);
        self.row(&table.head, table.text_columns, "th");
        self.push(&["</thead>\n<tbody>\n"]);
        for row in &table.rows {
            self.row(row, table.text_columns, "td");
        }
        self.push(&["</tbody>\n</table></div>\n"]);
    }

    /// A table with a heading and a sentence, folded away if it is long.
    pub(super) fn titled_table(&mut self, title: &str, table: &Table, note: &str) {
        let folded = table.rows.len() > ROWS_OPEN_MAX;
        self.push(&["<section>\n<h2>", &escape(title), "</h2>\n"]);
        if folded {
            let count = table.rows.len().to_string();
            self.push(&["<details><summary>", &count, " rows</summary>\n"]);
        }
        self.bare_table(table);
        if folded {
            self.push(&["</details>\n"]);
        }
        self.push(&["<p class=\"note\">", &escape(note), "</p>\n</section>\n"]);
    }

    /// What went wrong, a paragraph each.
    pub(super) fn failures(&mut self, failures: &[(String, String)]) {
        if failures.is_empty() {
            return;
        }
        self.push(&["<section>\n<h2>Points that failed</h2>\n"]);
        for (point, error) in failures {
            self.push(&["<p><strong>", &escape(point), "</strong>: "]);
            self.push(&[&escape(error), "</p>\n"]);
        }
        self.push(&["</section>\n"]);
    }

    fn row(&mut self, cells: &[String], text_columns: usize, tag: &str) {
        self.push(&["<tr>"]);
        for (idx, cell) in cells.iter().enumerate() {
            let class = if idx < text_columns {
                ""
            } else {
                " class=\"n\""
            };
            self.push(&["<", tag, class, ">", &escape(cell), "</", tag, ">"]);
        }
        self.push(&["</tr>\n"]);
    }

    pub(super) fn figures(&mut self, sections: impl Iterator<Item = String>) {
        self.push(&["<section>\n<h2>Metrics</h2>\n<div class=\"grid\">\n"]);
        for section in sections {
            self.push(&[&section]);
        }
        self.push(&["</div>\n</section>\n"]);
    }

    pub(super) fn scenario(&mut self, toml: &str) {
        self.source(("Scenario", "The resolved scenario"), toml);
    }

    pub(super) fn source(&mut self, (title, summary): (&str, &str), toml: &str) {
        self.push(&[
            "<section>\n<h2>",
            title,
            "</h2>\n<details><summary>",
            summary,
            "</summary>\n<pre>",
            &escape(toml),
            "</pre></details>\n</section>\n",
        ]);
    }

    /// Shows an object key by key; what is nested is shown as JSON.
    pub(super) fn manifest(&mut self, manifest: &Value) {
        self.push(&["<section>\n<h2>Manifest</h2>\n<div class=\"wide\"><table class=\"keys\">\n"]);
        match manifest.as_object() {
            Some(object) => {
                for (key, value) in object {
                    self.pair(key, value);
                }
            }
            None => self.pair("manifest", manifest),
        }
        self.push(&["</table></div>\n</section>\n"]);
    }

    fn pair(&mut self, key: &str, value: &Value) {
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        self.push(&[
            "<tr><th>",
            &escape(key),
            "</th><td>",
            &escape(&value),
            "</td></tr>\n",
        ]);
    }

    /// A piece that is already HTML.
    pub(super) fn raw(&mut self, html: &str) {
        self.push(&[html]);
    }

    pub(super) fn finish(mut self) -> String {
        self.push(&["</body>\n</html>\n"]);
        self.html
    }

    fn push(&mut self, pieces: &[&str]) {
        self.html.extend(pieces.iter().copied());
    }
}
