//! Measurement beside theory: expected values, and how many standard errors apart they are.

use std::collections::{BTreeMap, BTreeSet};

use types::metric::Row;

use crate::number::significant;
use crate::statistics::{deviation, mean};
use crate::summary::{Key, SeriesSummary, Table};

/// A series of which theory knows what to expect.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison<'a> {
    key: Key<'a>,
    /// At the last instant that both have: mean over replicates and models.
    pub measured: f64,
    /// The same of what is expected.
    pub expected: f64,
    /// What `measured` is the mean of: the mean over models of each replicate.
    pub replicates: Vec<(u32, f64)>,
    /// Standardised difference at the last instant; `None` below two replicates.
    pub z: Option<f64>,
    /// The standardised difference that is largest in size, over all instants and models.
    pub worst: Option<f64>,
    /// Instants and models that were compared.
    pub comparisons: usize,
    /// Models that have values of their own.
    models: usize,
}

/// Values of all replicates at one instant, of one model.
type Samples<'a> = BTreeMap<(u64, Option<u32>), Sample>;

#[derive(Debug, Default)]
struct Sample {
    expected: f64,
    values: Vec<(u32, f64)>,
}

/// Compares what was measured with what is expected, series by series; series that only one of them has are left out.
///
/// The standardised difference is (mean - expectation) / (sd / sqrt R) over R replicates. Values that theory takes for certain
/// have no spread; they may differ by rounding, which counts as one standard error of a billionth.
pub fn compare<'a>(rows: &'a [Row], expected: &'a [Row]) -> Vec<Comparison<'a>> {
    let mut series: BTreeMap<Key<'a>, Samples<'a>> = BTreeMap::new();
    for row in expected {
        let at = (row.time.to_bits(), row.model);
        let sample = series
            .entry(Key::of(row))
            .or_default()
            .entry(at)
            .or_default();
        sample.expected = row.value;
    }
    for row in rows.iter().filter(|row| row.value.is_finite()) {
        let samples = series.get_mut(&Key::of(row));
        let at = (row.time.to_bits(), row.model);
        if let Some(sample) = samples.and_then(|samples| samples.get_mut(&at)) {
            sample.values.push((row.replicate, row.value));
        }
    }
    series
        .into_iter()
        .filter_map(|(key, samples)| comparison(key, samples))
        .collect()
}

fn comparison<'a>(key: Key<'a>, mut samples: Samples<'_>) -> Option<Comparison<'a>> {
    samples.retain(|_, sample| !sample.values.is_empty());
    let scores = samples.values().filter_map(Sample::score);
    let worst = scores.max_by(|a, b| a.abs().total_cmp(&b.abs()));
    let last = samples
        .keys()
        .map(|(time, _)| *time)
        .max_by(|a, b| f64::from_bits(*a).total_cmp(&f64::from_bits(*b)))?;
    let at_last = samples
        .iter()
        .filter(|((time, _), _)| *time == last)
        .map(|(_, sample)| sample);
    let together = Sample::together(at_last);
    let replicates = together.of_replicates();
    Some(Comparison {
        key,
        measured: mean(&values(&replicates)),
        replicates,
        expected: together.expected,
        z: together.score(),
        worst,
        comparisons: samples.len(),
        models: samples
            .keys()
            .filter_map(|(_, model)| *model)
            .collect::<BTreeSet<u32>>()
            .len(),
    })
}

impl Comparison<'_> {
    /// True if it is of the same series.
    pub(crate) fn is_of(&self, series: &SeriesSummary) -> bool {
        self.key.is_of(series)
    }
}

impl Sample {
    /// The mean over several models of one series.
    fn together<'s>(samples: impl Iterator<Item = &'s Self>) -> Self {
        let (mut expected, mut values) = (Vec::new(), Vec::new());
        for sample in samples {
            expected.push(sample.expected);
            values.extend_from_slice(&sample.values);
        }
        Self {
            expected: mean(&expected),
            values,
        }
    }

    /// One value a replicate: its mean over models.
    fn of_replicates(&self) -> Vec<(u32, f64)> {
        let mut sorted = self.values.clone();
        sorted.sort_by_key(|(replicate, _)| *replicate);
        let of_one = |group: &[(u32, f64)]| (group[0].0, mean(&values(group)));
        sorted.chunk_by(|a, b| a.0 == b.0).map(of_one).collect()
    }

    fn score(&self) -> Option<f64> {
        standardised(&values(&self.of_replicates()), self.expected)
    }
}

fn values(replicates: &[(u32, f64)]) -> Vec<f64> {
    replicates.iter().map(|(_, value)| *value).collect()
}

/// (mean - expectation) / (sd / sqrt R); `None` below two values.
pub(crate) fn standardised(values: &[f64], expected: f64) -> Option<f64> {
    let rounding = 1e-9 * (1.0 + expected.abs());
    let error = (deviation(values)? / (values.len() as f64).sqrt()).max(rounding);
    Some((mean(values) - expected) / error)
}

/// What is shown of comparisons: measured, expected, z at the end, and the worst z anywhere.
pub fn comparison_table(comparisons: &[Comparison<'_>]) -> Table {
    let head = [
        "metric",
        "population",
        "target",
        "last",
        "theory",
        "z",
        "largest |z|",
        "of",
    ];
    let score = |z: Option<f64>| z.map(|z| format!("{z:.2}")).unwrap_or_default();
    let row = |comparison: &Comparison<'_>| {
        let [metric, mut population, target] = comparison.key.names();
        if comparison.models > 1 {
            population += ", each";
        }
        vec![
            metric,
            population,
            target,
            significant(comparison.measured),
            significant(comparison.expected),
            score(comparison.z),
            score(comparison.worst.map(f64::abs)),
            comparison.comparisons.to_string(),
        ]
    };
    Table {
        head: head.map(str::to_owned).to_vec(),
        rows: comparisons.iter().map(row).collect(),
        text_columns: 3,
        metrics_left_out: 0,
    }
    .without_empty_columns()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample_rows::row;

    fn at(replicate: u32, generation: u32, value: f64) -> Row {
        Row {
            replicate,
            generation,
            time: f64::from(generation),
            value,
            ..row()
        }
    }

    /// Mean 2, sd 1, so the standard error of four replicates is a half.
    #[test]
    fn scores_by_hand() {
        let rows = [1.0, 1.0, 3.0, 3.0].map(|x| 2.0 + (x - 2.0) * 0.75_f64.sqrt());
        let rows: Vec<Row> = (0..4).map(|r| at(r, 1, rows[r as usize])).collect();
        let expected = [at(0, 1, 3.0)];
        let found = compare(&rows, &expected);
        assert_eq!((found.len(), found[0].comparisons), (1, 1));
        assert!((found[0].z.unwrap() + 2.0).abs() < 1e-12);
        let text = crate::summary::render_table(&comparison_table(&found), false);
        assert!(
            text.contains("distinct_2  geographer  2.000   3.000  -2.00         2.00   1"),
            "{text}"
        );
    }

    #[test]
    fn what_is_certain_must_be_met() {
        let rows: Vec<Row> = (0..3)
            .flat_map(|r| [at(r, 1, 0.5), at(r, 2, 0.5)])
            .collect();
        let right = [at(0, 1, 0.5), at(0, 2, 0.5 + 1e-12)];
        assert!(compare(&rows, &right)[0].worst.unwrap().abs() < 0.01);
        let wrong = [at(0, 1, 0.6), at(0, 2, 0.5)];
        let found = compare(&rows, &wrong);
        assert!(found[0].worst.unwrap().abs() > 1e6 && found[0].z == Some(0.0));
    }

    #[test]
    fn one_replicate_has_no_score() {
        let rows = [at(0, 1, 0.5)];
        let expected = [at(0, 1, 0.6)];
        let found = compare(&rows, &expected);
        assert_eq!((found[0].z, found[0].worst), (None, None));
        assert!(compare(&rows, &[]).is_empty());
    }
}
