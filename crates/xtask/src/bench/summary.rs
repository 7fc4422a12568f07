//! From samples to medians, ranges and ratios.

use std::collections::BTreeMap;

use super::measurement::Sample;

pub(crate) const ECHOSPHERE: &str = "echosphere";
pub(crate) const FLAT: &str = "flat";
pub(crate) const KRABMAGA: &str = "krabmaga";
pub(crate) const NUMPY: &str = "numpy";
pub(crate) const MESA: &str = "mesa";

/// The implementations whose second thread is judged: ours, and the ceiling that tells what the machine gives.
pub(crate) const SCALING: [&str; 2] = [ECHOSPHERE, FLAT];

/// The implementations that the others are compared with.
pub(crate) const YARDSTICKS: [&str; 3] = [FLAT, KRABMAGA, MESA];

/// All of one size: a row for each implementation and number of threads.
#[derive(Debug)]
pub(crate) struct Summary {
    pub(crate) rows: Vec<Row>,
    /// Wall time with two threads over that with one, in long trials, of each of [`SCALING`]: the median
    /// over repetitions, because the two runs of one repetition met the same weather.
    pub(crate) two_threads_over_one: [Option<f64>; SCALING.len()],
}

/// One line of the table.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) implementation: &'static str,
    pub(crate) threads: u32,
    /// Updates per processor second.
    pub(crate) rate: Spread,
    /// The median rate over that of each of the yardsticks.
    pub(crate) ratios: [Option<f64>; YARDSTICKS.len()],
    pub(crate) standard_deviation: f64,
    pub(crate) is_valid: Option<bool>,
    pub(crate) peak_memory_bytes: Option<u64>,
}

/// A median with its range.
#[derive(Debug, PartialEq)]
pub(crate) struct Spread {
    pub(crate) min: f64,
    pub(crate) median: f64,
    pub(crate) max: f64,
    pub(crate) count: usize,
}

impl Spread {
    /// `None` when there are no values.
    fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let (min, max) = (*values.first()?, *values.last()?);
        let count = values.len();
        let median = f64::midpoint(values[(count - 1) / 2], values[count / 2]);
        Some(Self {
            min,
            median,
            max,
            count,
        })
    }
}

/// Summarises the samples of one size.
pub(crate) fn summarise<'a>(samples: impl Iterator<Item = &'a Sample>) -> Summary {
    let mut groups: BTreeMap<(&'static str, u32), Vec<&Sample>> = BTreeMap::new();
    let mut seconds: BTreeMap<(&'static str, u64, u32), f64> = BTreeMap::new();
    for sample in samples {
        let Sample {
            implementation,
            threads,
            trial,
            measurement,
        } = sample;
        if trial.is_standard() {
            groups
                .entry((implementation, *threads))
                .or_default()
                .push(sample);
        }
        if trial.is_long() {
            seconds.insert(
                (implementation, trial.seed, *threads),
                measurement.wall_seconds,
            );
        }
    }
    let two_threads_over_one = SCALING.map(|name| two_threads_over_one(name, &seconds));
    let mut rows: Vec<Row> = groups.values().filter_map(|group| row(group)).collect();
    rows.sort_by(|one, other| other.rate.median.total_cmp(&one.rate.median));
    compare(&mut rows);
    Summary {
        rows,
        two_threads_over_one,
    }
}

fn row(group: &[&Sample]) -> Option<Row> {
    let first = group.first()?;
    let deviations = group
        .iter()
        .map(|sample| sample.measurement.standard_deviation);
    Some(Row {
        implementation: first.implementation,
        threads: first.threads,
        rate: Spread::of(group.iter().map(|sample| sample.updates_per_cpu_second()))?,
        ratios: [None; YARDSTICKS.len()],
        standard_deviation: deviations.sum::<f64>() / group.len() as f64,
        is_valid: group.iter().map(|sample| sample.is_valid()).min().flatten(),
        peak_memory_bytes: group
            .iter()
            .filter_map(|s| s.measurement.peak_memory_bytes)
            .max(),
    })
}

/// Fills in the ratios, which need all rows.
fn compare(rows: &mut [Row]) {
    let medians = YARDSTICKS.map(|name| {
        let yardstick = rows.iter().find(|row| row.implementation == name);
        yardstick.map(|row| row.rate.median)
    });
    for row in rows {
        row.ratios = medians.map(|median| median.map(|median| row.rate.median / median));
    }
}

/// From wall times by implementation, seed and number of threads.
fn two_threads_over_one(
    name: &'static str,
    seconds: &BTreeMap<(&'static str, u64, u32), f64>,
) -> Option<f64> {
    let ones = seconds
        .iter()
        .filter(|((one, _, threads), _)| *one == name && *threads == 1);
    let ratios = ones.filter_map(|((_, seed, _), one)| Some(seconds.get(&(name, *seed, 2))? / one));
    Spread::of(ratios).map(|spread| spread.median)
}

#[cfg(test)]
mod tests {
    use super::super::measurement::{Trial, sample};
    use super::*;

    fn ratios_of(summary: &Summary, name: &str, threads: u32) -> [Option<f64>; 3] {
        let rows = &mut summary.rows.iter();
        let row = rows.find(|row| row.implementation == name && row.threads == threads);
        row.expect("the row is there").ratios
    }

    #[test]
    fn the_median_of_an_even_count_lies_between() {
        let spread = Spread {
            min: 1.0,
            median: 2.5,
            max: 9.0,
            count: 4,
        };
        assert_eq!(Spread::of([9.0, 1.0, 2.0, 3.0]), Some(spread));
        assert_eq!(
            Spread::of([3.0, 1.0, 2.0]).map(|spread| spread.median),
            Some(2.0)
        );
        assert_eq!(Spread::of([]), None);
    }

    #[test]
    fn rates_are_compared_by_their_medians() {
        let samples = [
            sample(FLAT, 1, 1.0),
            sample(FLAT, 1, 2.0),
            sample(FLAT, 1, 400.0),
            sample(MESA, 1, 80.0),
            sample(ECHOSPHERE, 1, 4.0),
        ];
        let summary = summarise(samples.iter());
        assert_eq!(
            ratios_of(&summary, ECHOSPHERE, 1),
            [Some(0.5), None, Some(20.0)]
        );
        assert_eq!(ratios_of(&summary, FLAT, 1), [Some(1.0), None, Some(40.0)]);
        assert_eq!(
            summary.rows[0].implementation, FLAT,
            "the fastest comes first"
        );
    }

    #[test]
    fn one_invalid_run_spoils_its_row() {
        let mut samples = [sample(FLAT, 1, 1.0), sample(FLAT, 1, 1.0)];
        samples[1].measurement.standard_deviation = 0.9;
        assert_eq!(summarise(samples.iter()).rows[0].is_valid, Some(false));
    }

    #[test]
    fn a_second_thread_is_judged_by_wall_time() {
        let mut samples = [sample(ECHOSPHERE, 1, 10.0), sample(ECHOSPHERE, 2, 12.0)];
        assert_eq!(
            summarise(samples.iter()).two_threads_over_one[0],
            None,
            "a short trial does not tell"
        );
        for sample in &mut samples {
            sample.trial = Trial::long(sample.trial.models, 1);
        }
        assert_eq!(summarise(samples.iter()).two_threads_over_one[0], Some(0.6));
        assert_eq!(summarise(samples[..1].iter()).two_threads_over_one[0], None);
        assert!(
            summarise(samples.iter()).rows.is_empty(),
            "a long trial is no rate"
        );
    }
}
