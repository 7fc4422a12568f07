//! Series along the points of a sweep.

use std::collections::{BTreeMap, BTreeSet};
use std::iter;

use super::{Expected, SweepPoint, Swept};
use crate::statistics::student_975;
use crate::summary::{Level, SeriesSummary};

/// Targets of one metric and population that are shown one by one; more are averaged.
const TARGETS_MAX: usize = 8;

/// What a series is a series of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name {
    /// Place of the metric among those shown.
    place: usize,
    pub(super) metric: String,
    pub(super) population: String,
    pub(super) target: String,
}

/// One series: a value a point, if there is one.
#[derive(Debug, Clone)]
pub(super) struct Series {
    pub(super) name: Name,
    pub(super) values: Vec<Option<Ended>>,
}

/// Where a series ended at a point.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ended {
    pub(super) mean: f64,
    /// Half of the 95 % t-interval of the mean over replicates (Student 1908); `None` below two.
    pub(super) half_width: Option<f64>,
    /// What theory expects.
    pub(super) expected: Option<Expected>,
}

impl Series {
    /// Points with a finite mean.
    pub(super) fn finite(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
        let values = self.values.iter().enumerate();
        values.filter_map(|(point, ended)| {
            let mean = ended.as_ref()?.mean;
            mean.is_finite().then_some((point, mean))
        })
    }

    /// What theory expects of the points of which it knows.
    pub(super) fn expected(&self) -> impl Iterator<Item = (usize, &Expected)> + '_ {
        let values = self.values.iter().enumerate();
        values.filter_map(|(point, ended)| Some((point, ended.as_ref()?.expected.as_ref()?)))
    }

    /// Points where it is lowest and highest, the first ones of those that are equal.
    pub(super) fn extremes(&self) -> Option<(usize, usize)> {
        extremes(self.finite())
    }

    /// Points where it is lowest and highest in theory, if that is known wherever something was measured.
    pub(super) fn expected_extremes(&self) -> Option<(usize, usize)> {
        let known = self.expected().count();
        let all = self.values.iter().flatten().count();
        extremes(self.expected().map(|(point, known)| (point, known.value)))
            .filter(|_| known == all)
    }
}

/// Where values are lowest and highest, the first ones of those that are equal; nothing if all are.
fn extremes(mut values: impl Iterator<Item = (usize, f64)>) -> Option<(usize, usize)> {
    let first = values.next()?;
    let (mut low, mut high) = (first, first);
    for (point, value) in values {
        if value < low.1 {
            low = (point, value);
        }
        if value > high.1 {
            high = (point, value);
        }
    }
    (low.1 < high.1).then_some((low.0, high.0))
}

/// The series that are shown, and how many are not because they are the same at all points.
pub(super) fn shown(swept: &Swept<'_>, catalogue: &[&str]) -> (Vec<Series>, usize) {
    let all = all(swept, catalogue);
    if !swept.metrics.is_empty() {
        return (all, 0);
    }
    let count = all.len();
    let moving: Vec<Series> = all
        .into_iter()
        .filter(|series| series.extremes().is_some())
        .collect();
    let still = count - moving.len();
    (moving, still)
}

fn all(swept: &Swept<'_>, catalogue: &[&str]) -> Vec<Series> {
    let order: Vec<&str> = if swept.metrics.is_empty() {
        catalogue.to_vec()
    } else {
        swept.metrics.iter().map(String::as_str).collect()
    };
    let crowded = crowded(swept.points);
    let mut series: BTreeMap<Name, Vec<Option<Ended>>> = BTreeMap::new();
    for (number, point) in swept.points.iter().enumerate() {
        for (name, ended) in ended(point, &order, &crowded) {
            let values = series.entry(name).or_default();
            values.resize(number, None);
            values.push(Some(ended));
        }
    }
    let whole = |(name, mut values): (Name, Vec<Option<Ended>>)| {
        values.resize(swept.points.len(), None);
        Series { name, values }
    };
    series.into_iter().map(whole).collect()
}

/// Metrics and populations with too many targets to show each.
fn crowded(points: &[SweepPoint]) -> BTreeSet<(&str, &str)> {
    let mut targets: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for series in points.iter().flat_map(|point| &point.series) {
        let own = targets.entry((&series.metric, population(series)));
        own.or_default()
            .insert(series.target.as_deref().unwrap_or_default());
    }
    targets.retain(|_, names| names.len() > TARGETS_MAX);
    targets.into_keys().collect()
}

fn population(series: &SeriesSummary) -> &str {
    series.population.as_deref().unwrap_or_default()
}

/// Where the series of one point ended; crowds of targets as their mean.
fn ended(
    point: &SweepPoint,
    order: &[&str],
    crowded: &BTreeSet<(&str, &str)>,
) -> BTreeMap<Name, Ended> {
    let mut found: BTreeMap<Name, Vec<Ended>> = BTreeMap::new();
    let expected = point.expected.iter().map(Option::as_ref);
    let known = point.series.iter().zip(expected.chain(iter::repeat(None)));
    for (series, expected) in known.filter(|(one, _)| !is_in_population(one, point)) {
        let Some(place) = order.iter().position(|metric| *metric == &*series.metric) else {
            continue;
        };
        let target = if crowded.contains(&(&*series.metric, population(series))) {
            "mean of all"
        } else {
            series.target.as_deref().unwrap_or_default()
        };
        let name = Name {
            place,
            metric: series.metric.to_string(),
            population: population(series).to_owned(),
            target: target.to_owned(),
        };
        found
            .entry(name)
            .or_default()
            .push(Ended::of(series, expected));
    }
    found
        .into_iter()
        .map(|(name, ended)| (name, Ended::mean_of(&ended)))
        .collect()
}

/// True for the mean over some models where there is one over all models of the population.
fn is_in_population(series: &SeriesSummary, point: &SweepPoint) -> bool {
    let of_all = |other: &SeriesSummary| {
        other.level == Level::Population
            && (&other.metric, &other.population, &other.target)
                == (&series.metric, &series.population, &series.target)
    };
    series.level == Level::Model && point.series.iter().any(of_all)
}

impl Ended {
    fn of(series: &SeriesSummary, expected: Option<&Expected>) -> Self {
        let n = series.last.replicates;
        let half_width = |sd: f64| student_975(n - 1) * sd / (n as f64).sqrt();
        Self {
            mean: series.last.mean,
            half_width: series.last.sd.map(half_width),
            expected: expected.cloned(),
        }
    }

    /// One as it is; of several the mean, whose spread is not known here.
    fn mean_of(all: &[Self]) -> Self {
        if let [only] = all {
            return only.clone();
        }
        let means: Vec<f64> = all.iter().map(|one| one.mean).collect();
        Self {
            mean: crate::statistics::mean(&means),
            half_width: None,
            expected: Expected::mean_of(all.iter().map(|one| one.expected.as_ref())),
        }
    }
}
