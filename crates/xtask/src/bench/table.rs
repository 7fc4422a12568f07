//! The summary as a table that can be pasted into a page.

use super::measurement::Trial;
use super::summary::{Row, SCALING, Summary, YARDSTICKS};

const MEBIBYTE: f64 = 1_048_576.0;

/// The table of one size.
pub(crate) fn render(models: u64, summary: &Summary) -> String {
    let mut lines = vec![format!(
        "\nK = {models}; thousands of updates per processor second\n"
    )];
    lines.push(line(&headings()));
    lines.push(line(
        &headings()
            .iter()
            .map(|_| "---".to_owned())
            .collect::<Vec<_>>(),
    ));
    lines.extend(summary.rows.iter().map(|row| line(&cells(row, models))));
    for (name, ratio) in SCALING.iter().zip(summary.two_threads_over_one) {
        let steps = Trial::long(models, 1).steps;
        lines.extend(ratio.map(|ratio| {
            format!("\n{name}: two threads take {ratio:.2} of one thread's wall time, in runs of {steps} steps")
        }));
    }
    lines.join("\n") + "\n"
}

fn headings() -> Vec<String> {
    let first = ["implementation", "threads", "median", "range", "runs"].map(str::to_owned);
    let ratios = YARDSTICKS.map(|name| format!("x {name}"));
    let last = ["deviation", "valid", "peak MiB", "bytes/model"].map(str::to_owned);
    first.into_iter().chain(ratios).chain(last).collect()
}

fn cells(row: &Row, models: u64) -> Vec<String> {
    let thousands = |rate: f64| format!("{:.0}", rate / 1000.0);
    let rate = &row.rate;
    let mut cells = vec![
        row.implementation.to_owned(),
        row.threads.to_string(),
        thousands(rate.median),
        format!("{}-{}", thousands(rate.min), thousands(rate.max)),
        rate.count.to_string(),
    ];
    cells.extend(
        row.ratios
            .map(|ratio| or_dash(ratio, |ratio| format!("{ratio:.2}"))),
    );
    cells.push(format!("{:.4}", row.standard_deviation));
    cells.push(or_dash(row.is_valid, |valid| {
        if valid { "yes" } else { "NO" }.to_owned()
    }));
    let peak = row.peak_memory_bytes.map(|bytes| bytes as f64);
    cells.push(or_dash(peak, |bytes| format!("{:.0}", bytes / MEBIBYTE)));
    cells.push(or_dash(peak, |bytes| {
        format!("{:.0}", bytes / models as f64)
    }));
    cells
}

fn or_dash<T>(value: Option<T>, show: impl Fn(T) -> String) -> String {
    value.map_or_else(|| "-".to_owned(), show)
}

fn line(cells: &[String]) -> String {
    format!("| {} |", cells.join(" | "))
}

#[cfg(test)]
mod tests {
    use super::super::measurement::sample;
    use super::super::summary::{ECHOSPHERE, FLAT, summarise};
    use super::*;

    #[test]
    fn a_row_reads_from_left_to_right() {
        let mut samples = [sample(FLAT, 1, 0.1), sample(ECHOSPHERE, 1, 0.2)];
        samples[1].measurement.peak_memory_bytes = Some(20_971_520);
        let table = render(10_000, &summarise(samples.iter()));
        let expected =
            "| echosphere | 1 | 1000 | 1000-1000 | 1 | 0.50 | - | - | 1.0400 | yes | 20 | 2097 |";
        assert!(table.contains(expected), "{table}");
        assert!(!table.contains("two threads"), "{table}");
    }

    #[test]
    fn two_threads_have_their_sentence() {
        let mut samples = [sample(ECHOSPHERE, 1, 10.0), sample(ECHOSPHERE, 2, 12.0)];
        for sample in &mut samples {
            sample.trial = Trial::long(10_000, 1);
        }
        let table = render(10_000, &summarise(samples.iter()));
        assert!(
            table.contains("two threads take 0.60 of one thread's wall time, in runs of 200 steps"),
            "{table}"
        );
    }
}
