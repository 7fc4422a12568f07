//! Who reads whom, from a file: a weighted graph, an edge a row.

use std::collections::BTreeMap;

use types::document::ModelId;

use super::Loaded;
use crate::scenario::schema::{From, Population, Scenario};
use crate::scenario::stages;

/// Of each reader, whom it reads, in shares that sum to 1; authors ascend.
pub(crate) type Edges = BTreeMap<ModelId, Vec<(ModelId, f64)>>;

/// Columns of the file.
const COLUMNS: [&str; 3] = ["reader", "author", "weight"];

/// Problems that are told of one file.
const TOLD_MAX: usize = 5;

/// The files that populations name, at any stage, each with the numbers of the models that read by it.
pub(super) fn files(scenario: &Scenario) -> BTreeMap<String, Vec<std::ops::Range<u32>>> {
    let mut files: BTreeMap<String, Vec<std::ops::Range<u32>>> = BTreeMap::new();
    let later = stages::stages(scenario)
        .into_iter()
        .map(|stage| stage.scenario);
    for scenario in std::iter::once(scenario.clone()).chain(later) {
        let mut first = 0;
        for Population { read, count, .. } in &scenario.population {
            if let From::Edges(file) = &read.from {
                files
                    .entry(file.clone())
                    .or_default()
                    .push(first..first + count);
            }
            first += count;
        }
    }
    files
}

/// Reads a file; everybody in `readers` must read somebody.
pub(super) fn read(
    file: &str,
    (readers, models): (&[std::ops::Range<u32>], u32),
    open: impl Fn(&str, Option<&str>) -> Result<Loaded, String>,
) -> Result<Edges, String> {
    let column = |name| match open(file, Some(name))? {
        Loaded::Numbers(values) => Ok(values),
        Loaded::Text(_) | Loaded::Symbols { .. } | Loaded::Bytes(_) => {
            Err(format!("column {name} of {file} holds no numbers"))
        }
    };
    let [from, to, weights] = COLUMNS.map(column);
    let (from, to, weights) = (from?, to?, weights?);
    let mut problems = Vec::new();
    let mut edges = Edges::new();
    for (row, ((from, to), weight)) in from.into_iter().zip(to).zip(weights).enumerate() {
        let model = |number: f64| {
            let known = (0.0..f64::from(models)).contains(&number) && number.fract() == 0.0;
            known.then_some(ModelId(number as u32))
        };
        match (model(from), model(to), weight >= 0.0) {
            (Some(from), Some(to), true) => edges.entry(from).or_default().push((to, weight)),
            (None, _, _) => problems.push(wrong(row, "reader", from, models)),
            (_, None, _) => problems.push(wrong(row, "author", to, models)),
            _ => problems.push(format!(
                "row {} has the weight {weight}: allowed is at least 0",
                row + 1
            )),
        }
    }
    edges.retain(|_, row| normalise(row));
    let missing = readers.iter().cloned().flatten();
    let missing = missing.filter(|&reader| !edges.contains_key(&ModelId(reader)));
    problems.extend(missing.map(|reader| format!("model {reader} reads nobody")));
    if problems.is_empty() {
        return Ok(edges);
    }
    let more = problems.len().saturating_sub(TOLD_MAX);
    problems.truncate(TOLD_MAX);
    if more > 0 {
        problems.push(format!("and {more} more problems"));
    }
    Err(format!("{file}: {}", problems.join("; ")))
}

fn wrong(row: usize, column: &str, number: f64, models: u32) -> String {
    let (row, last) = (row + 1, models - 1);
    format!("row {row} has the {column} {number}: allowed are numbers of models, 0 to {last}")
}

/// Makes the weights of a reader shares, one for each author; false if it reads nobody.
fn normalise(row: &mut Vec<(ModelId, f64)>) -> bool {
    row.sort_by_key(|edge| edge.0);
    row.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    row.retain(|edge| edge.1 > 0.0);
    let total: f64 = row.iter().map(|edge| edge.1).sum();
    for edge in row.iter_mut() {
        edge.1 /= total;
    }
    !row.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_rows(rows: &[[f64; 3]]) -> Result<Edges, String> {
        let open = |_: &str, column: Option<&str>| {
            let at = COLUMNS
                .iter()
                .position(|name| Some(*name) == column)
                .unwrap();
            Ok(Loaded::Numbers(rows.iter().map(|row| row[at]).collect()))
        };
        let readers = 0..2;
        read("edges.csv", (std::slice::from_ref(&readers), 3), open)
    }

    #[test]
    fn weights_become_shares() {
        let rows = [
            [0.0, 2.0, 1.0],
            [1.0, 0.0, 5.0],
            [0.0, 1.0, 2.0],
            [0.0, 2.0, 1.0],
        ];
        let edges = read_rows(&rows).unwrap();
        assert_eq!(edges[&ModelId(0)], [(ModelId(1), 0.5), (ModelId(2), 0.5)]);
        assert_eq!(edges[&ModelId(1)], [(ModelId(0), 1.0)]);
    }

    #[test]
    fn what_is_wrong_is_told_together() {
        let rows = [
            [0.0, 3.0, 1.0],
            [-1.0, 0.0, 1.0],
            [0.5, 0.0, 1.0],
            [0.0, 1.0, -2.0],
            [1.0, 0.0, 0.0],
        ];
        let told = read_rows(&rows).unwrap_err();
        assert_eq!(
            told,
            "edges.csv: row 1 has the author 3: allowed are numbers of models, 0 to 2; \
             row 2 has the reader -1: allowed are numbers of models, 0 to 2; \
             row 3 has the reader 0.5: allowed are numbers of models, 0 to 2; \
             row 4 has the weight -2: allowed is at least 0; model 0 reads nobody; and 1 more problems"
        );
    }
}
