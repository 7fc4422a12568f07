//! The closing table: the summary in one screen.

use std::collections::BTreeSet;
use std::iter;

use super::{Level, SeriesSummary, Summary};
use crate::comparison::Comparison;
use crate::number::significant;
use crate::statistics::mean;

/// Widest table that [`render_table`] makes, in columns of a terminal.
const WIDTH_MAX: usize = 100;
/// Targets of one metric and population that get a row each, enough for eight stages of curation and two origins; more share one.
const TARGETS_MAX: usize = 16;
/// Text columns are not cut below this width.
const TEXT_WIDTH_MIN: usize = 8;

/// Head and rows of a small table; all rows are as long as the head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Titles of the columns.
    pub head: Vec<String>,
    /// Cells, row by row.
    pub rows: Vec<Vec<String>>,
    /// Number of leading columns that hold text; the others hold numbers and align right.
    pub text_columns: usize,
    /// Number of metrics of the summary that the table leaves out.
    pub metrics_left_out: usize,
}

/// Makes the table that closes a run: at most `metrics_max` metrics, first and last values; and where theory knows what to
/// expect in the end, that, and how many standard errors the mean over replicates is from it.
///
/// A metric with more than eight targets in a population, such as a similarity to every other
/// model, gets one row with the mean over targets. Columns that would be empty are left out.
pub fn closing_table(
    summary: &Summary,
    comparisons: &[Comparison<'_>],
    metrics_max: usize,
) -> Table {
    let metrics: BTreeSet<&str> = summary
        .series
        .iter()
        .map(|series| &*series.metric)
        .collect();
    let shown: BTreeSet<&str> = metrics.iter().take(metrics_max).copied().collect();
    let kept: Vec<&SeriesSummary> = summary
        .series
        .iter()
        .filter(|series| shown.contains(&*series.metric) && !is_in_population(series, summary))
        .collect();
    let rows = kept
        .chunk_by(|a, b| (&a.metric, a.level, &a.population) == (&b.metric, b.level, &b.population))
        .flat_map(|group| group_rows(group, comparisons))
        .collect();
    let head = [
        "metric",
        "population",
        "target",
        "first",
        "last",
        "± sd",
        "theory",
        "z",
        "replicates",
    ];
    let table = Table {
        head: head.map(str::to_owned).to_vec(),
        rows,
        text_columns: 3,
        metrics_left_out: metrics.len() - shown.len(),
    };
    table.without_empty_columns()
}

/// True for the mean over some models where there is one over all models of the population.
fn is_in_population(series: &SeriesSummary, summary: &Summary) -> bool {
    let of_all = |other: &SeriesSummary| {
        other.level == Level::Population
            && (&other.metric, &other.population, &other.target)
                == (&series.metric, &series.population, &series.target)
    };
    series.level == Level::Model && summary.series.iter().any(of_all)
}

fn group_rows(group: &[&SeriesSummary], comparisons: &[Comparison<'_>]) -> Vec<Vec<String>> {
    if group.len() > TARGETS_MAX {
        return vec![folded_row(group)];
    }
    let of = |series| comparisons.iter().find(|known| known.is_of(series));
    group
        .iter()
        .map(|series| series_row(series, of(series)))
        .collect()
}

fn series_row(series: &SeriesSummary, theory: Option<&Comparison<'_>>) -> Vec<String> {
    let score = theory.and_then(|theory| theory.z);
    vec![
        series.metric.to_string(),
        series.population.as_deref().unwrap_or_default().to_owned(),
        series.target.as_deref().unwrap_or_default().to_owned(),
        significant(series.first.mean),
        significant(series.last.mean),
        series.last.sd.map(significant).unwrap_or_default(),
        theory
            .map(|theory| significant(theory.expected))
            .unwrap_or_default(),
        score.map(|z| format!("{z:.2}")).unwrap_or_default(),
        series.last.replicates.to_string(),
    ]
}

/// One row for many targets. The spread over replicates of their mean is not known here.
fn folded_row(group: &[&SeriesSummary]) -> Vec<String> {
    let over = |value: fn(&SeriesSummary) -> f64| {
        let known: Vec<f64> = group
            .iter()
            .map(|series| value(series))
            .filter(|value| !value.is_nan())
            .collect();
        significant(mean(&known))
    };
    let mut row = series_row(group[0], None);
    row[2] = format!("mean of {}", group.len());
    row[3] = over(|series| series.first.mean);
    row[4] = over(|series| series.last.mean);
    row[5] = String::new();
    row
}

impl Table {
    /// The same without the column of that title.
    #[must_use]
    pub fn without(mut self, title: &str) -> Self {
        if let Some(at) = self.head.iter().position(|head| head == title) {
            self.head.remove(at);
            self.rows.iter_mut().for_each(|row| drop(row.remove(at)));
            self.text_columns -= usize::from(at < self.text_columns);
        }
        self
    }

    /// The same without columns that have nothing in any row.
    pub(crate) fn without_empty_columns(self) -> Self {
        let used: Vec<bool> = (0..self.head.len())
            .map(|idx| self.rows.is_empty() || self.rows.iter().any(|row| !row[idx].is_empty()))
            .collect();
        let keep = |row: Vec<String>| -> Vec<String> {
            row.into_iter()
                .zip(&used)
                .filter(|(_, used)| **used)
                .map(|(cell, _)| cell)
                .collect()
        };
        let text = &used[..self.text_columns];
        Self {
            text_columns: text.iter().filter(|used| **used).count(),
            head: keep(self.head),
            rows: self.rows.into_iter().map(keep).collect(),
            metrics_left_out: self.metrics_left_out,
        }
    }
}

/// Writes a table as plain text with aligned columns, at most 100 columns wide.
///
/// Text that does not fit is cut with `…`. With `colour` the head is bold by an ANSI sequence, and
/// there is no other sequence. Every line ends in a line feed.
pub fn render_table(table: &Table, colour: bool) -> String {
    let widths = widths(table);
    let (bold, plain) = if colour {
        ("\u{1b}[1m", "\u{1b}[0m")
    } else {
        ("", "")
    };
    let mut text = format!(
        "{bold}{}{plain}\n",
        line(&table.head, &widths, table.text_columns)
    );
    for row in &table.rows {
        text.push_str(&line(row, &widths, table.text_columns));
        text.push('\n');
    }
    if table.metrics_left_out > 0 {
        let more = format!("and {} more metrics\n", table.metrics_left_out);
        text.push_str(&more);
    }
    text
}

fn widths(table: &Table) -> Vec<usize> {
    let mut widths: Vec<usize> = (0..table.head.len())
        .map(|idx| {
            let cells = iter::once(&table.head).chain(&table.rows);
            cells.map(|row| row[idx].chars().count()).max().unwrap_or(0)
        })
        .collect();
    let gaps = 2 * widths.len().saturating_sub(1);
    while widths.iter().sum::<usize>() + gaps > WIDTH_MAX {
        let text = &mut widths[..table.text_columns];
        match text.iter_mut().max() {
            Some(widest) if *widest > TEXT_WIDTH_MIN => *widest -= 1,
            _ => break,
        }
    }
    widths
}

fn line(cells: &[String], widths: &[usize], text_columns: usize) -> String {
    let padded = cells
        .iter()
        .zip(widths)
        .enumerate()
        .map(|(idx, (cell, &width))| {
            let cell = cut(cell, width);
            if idx < text_columns {
                format!("{cell:<width$}")
            } else {
                format!("{cell:>width$}")
            }
        });
    padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
}

fn cut(cell: &str, width: usize) -> String {
    if cell.chars().count() <= width {
        return cell.to_owned();
    }
    cell.chars()
        .take(width.saturating_sub(1))
        .chain(iter::once('…'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample_rows::{row, specialists};
    use crate::summary::summarise;
    use types::metric::Row;

    #[test]
    fn columns_align() {
        let rows = [
            Row {
                value: 0.25,
                ..row()
            },
            Row {
                population: Some("all".into()),
                value: 10.0,
                ..row()
            },
        ];
        let table = closing_table(&summarise(&rows), &[], 10);
        let expected = "metric      population   first    last  replicates\n\
                        distinct_2  all          10.00   10.00           1\n\
                        distinct_2  geographer  0.2500  0.2500           1\n";
        assert_eq!(render_table(&table, false), expected);
    }

    #[test]
    fn long_names_fit_a_hundred_columns() {
        let rows = [Row {
            population: Some("p".repeat(90).into()),
            target: Some("t".repeat(90).into()),
            ..row()
        }];
        let text = render_table(&closing_table(&summarise(&rows), &[], 10), false);
        assert!(
            text.lines().all(|line| line.chars().count() <= WIDTH_MAX),
            "{text}"
        );
        assert!(text.contains('…'));
    }

    #[test]
    fn only_the_head_is_coloured_and_only_when_asked() {
        let table = closing_table(&summarise(&specialists(2, 2)), &[], 2);
        assert!(!render_table(&table, false).contains('\u{1b}'));
        let coloured = render_table(&table, true);
        assert_eq!(coloured.matches('\u{1b}').count(), 2);
        assert!(coloured.starts_with("\u{1b}[1mmetric"));
    }

    #[test]
    fn left_out_metrics_are_counted() {
        let table = closing_table(&summarise(&specialists(2, 2)), &[], 2);
        assert_eq!(table.metrics_left_out, 3);
        assert!(render_table(&table, false).ends_with("and 3 more metrics\n"));
    }

    #[test]
    fn many_targets_share_a_row() {
        let rows: Vec<Row> = (0..20_u32)
            .map(|idx| Row {
                target: Some(idx.to_string().into()),
                value: f64::from(idx),
                ..row()
            })
            .collect();
        let table = closing_table(&summarise(&rows), &[], 10);
        assert_eq!(table.rows.len(), 1);
        assert_eq!(table.rows[0][2..4], ["mean of 20", "9.500"]);
    }

    #[test]
    fn no_rows_are_a_bare_head() {
        let table = closing_table(&summarise(&[]), &[], 10);
        assert_eq!(render_table(&table, false).lines().count(), 1);
    }
}
