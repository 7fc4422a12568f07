//! The closing table.

use ecosystem::reproduction::Outcome;

/// Columns that hold text; the others hold numbers and stand to the right.
const TEXT: [usize; 5] = [0, 1, 2, 8, 10];
const HEADINGS: [&str; 11] = [
    "id",
    "what",
    "formula",
    "R",
    "expected",
    "measured",
    "SE",
    "z",
    "tolerance",
    "s",
    "verdict",
];

/// The outcomes, a line each below a heading, in columns.
pub(super) fn table(outcomes: &[Outcome], colour: bool) -> Vec<String> {
    let mut rows = vec![HEADINGS.map(str::to_owned)];
    rows.extend(outcomes.iter().map(cells));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..HEADINGS.len()).filter_map(width).collect();
    rows.iter().map(|row| line(row, &widths, colour)).collect()
}

fn cells(outcome: &Outcome) -> [String; 11] {
    [
        outcome.id.to_owned(),
        outcome.what.to_owned(),
        outcome.formula.to_owned(),
        replicates(&outcome.replicates),
        digits(outcome.expected),
        digits(outcome.measured),
        outcome.z.map_or("-".to_owned(), |_| {
            format!("{:.1e}", outcome.standard_error)
        }),
        outcome.z.map_or("-".to_owned(), |z| format!("{z:+.2}")),
        outcome.tolerance.to_string(),
        format!("{:.1}", outcome.seconds),
        if outcome.ok { "ok" } else { "MISS" }.to_owned(),
    ]
}

fn line(row: &[String; 11], widths: &[usize], colour: bool) -> String {
    let cells = row.iter().zip(widths).enumerate();
    let padded = cells.map(|(column, (cell, &width))| match cell.as_str() {
        // Padding would count the codes, and the last column needs none.
        "ok" if colour => "\x1b[32mok\x1b[0m".to_owned(),
        "MISS" if colour => "\x1b[1;31mMISS\x1b[0m".to_owned(),
        _ if TEXT.contains(&column) => format!("{cell:<width$}"),
        _ => format!("{cell:>width$}"),
    });
    padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
}

/// How many replicates of each case; all cases of the table that are compared have as many.
pub(super) fn replicates(counts: &[u32]) -> String {
    match counts {
        [count] => count.to_string(),
        [count, ..] => format!("{} x {count}", counts.len()),
        [] => String::new(),
    }
}

/// A number with five digits.
fn digits(value: f64) -> String {
    let size = value.abs();
    if size >= 0.1 || size == 0.0 {
        format!("{value:.5}")
    } else if size >= 0.001 {
        format!("{value:.6}")
    } else {
        format!("{value:.4e}")
    }
}

/// What was done, in a line.
pub(super) fn closing(outcomes: &[Outcome], seconds: f64) -> String {
    let mut ids: Vec<&str> = outcomes.iter().map(|outcome| outcome.id).collect();
    ids.dedup();
    let missed = outcomes.iter().filter(|outcome| !outcome.ok).count();
    let verdict = match missed {
        0 => "all within tolerance".to_owned(),
        count => format!("{count} missed"),
    };
    format!(
        "{} checks of {} results in {seconds:.1} s: {verdict}",
        outcomes.len(),
        ids.len()
    )
}
