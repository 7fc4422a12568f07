//! What the values of a metric refer to, and how that is laid out.

use std::collections::BTreeMap;

use types::metric::Row;

use super::SERIES_MAX;
use super::roster::Roster;

/// The targets of one metric.
#[derive(Debug)]
pub(super) struct Targets<'a> {
    /// Target to its place.
    places: BTreeMap<&'a str, usize>,
    /// Labels by place: models in order of their numbers, others as they appear.
    labels: Vec<String>,
    /// Whether every target is a model.
    peers: bool,
}

impl<'a> Targets<'a> {
    pub(super) fn new(rows: &[&'a Row], roster: &Roster<'_>) -> Self {
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        for target in rows.iter().filter_map(|row| row.target.as_deref()) {
            let next = places.len();
            places.entry(target).or_insert(next);
        }
        let mut order: Vec<&str> = places.keys().copied().collect();
        order.sort_by_key(|target| places[target]);
        let models: Option<Vec<u32>> = order.iter().map(|name| roster.model_named(name)).collect();
        let labels = match &models {
            Some(models) => Self::by_model(&order, models, &mut places, roster),
            None => order.iter().map(|name| (*name).to_owned()).collect(),
        };
        Self {
            peers: models.is_some() && !labels.is_empty(),
            places,
            labels,
        }
    }

    fn by_model(
        order: &[&'a str],
        models: &[u32],
        places: &mut BTreeMap<&'a str, usize>,
        roster: &Roster<'_>,
    ) -> Vec<String> {
        let mut sorted: Vec<(u32, &str)> =
            models.iter().copied().zip(order.iter().copied()).collect();
        sorted.sort_unstable();
        for (place, (_, name)) in sorted.iter().enumerate() {
            places.insert(name, place);
        }
        sorted
            .iter()
            .map(|(model, _)| roster.model_label(*model))
            .collect()
    }

    /// True if the row refers to one of these, or to nothing.
    pub(super) fn know(&self, row: &Row) -> bool {
        row.target
            .as_deref()
            .is_none_or(|target| self.places.contains_key(target))
    }

    /// Place of the row's target; rows without one stand at 0.
    pub(super) fn place(&self, row: &Row) -> usize {
        row.target
            .as_deref()
            .map_or(0, |target| self.places[target])
    }

    pub(super) fn labels(&self) -> &[String] {
        &self.labels
    }

    /// Whether each target gets a panel: not a crowd of targets, and not models, whose relation to
    /// one another is a matrix and not a list.
    pub(super) fn have_panels(&self) -> bool {
        self.labels.len() <= SERIES_MAX && !self.peers
    }

    /// How lines sum up targets that have no panel.
    pub(super) fn note(&self) -> Option<String> {
        if self.have_panels() {
            None
        } else if self.peers {
            Some("Each line is the mean over the other models.".to_owned())
        } else {
            Some(format!(
                "Each line is the mean over {} targets.",
                self.labels.len()
            ))
        }
    }
}
