//! Who is who: names and colours of models and populations.

use std::collections::BTreeMap;

use types::metric::Row;

use super::SERIES_MAX;
use crate::summary::Level;

/// Whom a line stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Who {
    /// The ecosystem, measured as a whole.
    Ecosystem,
    /// All populations or models, too many to show one by one.
    Everyone,
    /// One population, by its place in the roster.
    Population(usize),
    /// One model, by its number.
    Model(u32),
}

/// All models and populations that the rows speak of.
#[derive(Debug)]
pub(super) struct Roster<'a> {
    /// Model number to place of its population.
    models: BTreeMap<u32, Option<usize>>,
    /// In order of first appearance, which is the order of the scenario.
    populations: Vec<&'a str>,
    /// Number of models of each population.
    sizes: Vec<usize>,
}

impl<'a> Roster<'a> {
    pub(super) fn new(rows: &'a [Row]) -> Self {
        let mut roster = Self {
            models: BTreeMap::new(),
            populations: vec![],
            sizes: vec![],
        };
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        for row in rows {
            let place = row.population.as_deref().map(|name| {
                *places.entry(name).or_insert_with(|| {
                    roster.populations.push(name);
                    roster.populations.len() - 1
                })
            });
            if let Some(model) = row.model {
                roster.models.insert(model, place);
            }
        }
        roster.sizes = vec![0; roster.populations.len()];
        for place in roster.models.values().flatten() {
            roster.sizes[*place] += 1;
        }
        roster
    }

    /// Whom the line of this row stands for.
    pub(super) fn who(&self, row: &Row) -> Who {
        let few = self.populations.len() <= SERIES_MAX;
        match (Level::of(row), row.model, &row.population) {
            (Level::Ecosystem, ..) => Who::Ecosystem,
            (Level::Model, Some(model), _) if self.models.len() <= SERIES_MAX => Who::Model(model),
            (_, _, Some(name)) if few => {
                self.population(name).map_or(Who::Everyone, Who::Population)
            }
            _ => Who::Everyone,
        }
    }

    /// Whether lines of models stand for many models, so that their spread is worth a band.
    pub(super) fn is_crowd(&self) -> bool {
        self.models.len() > SERIES_MAX
    }

    pub(super) fn label(&self, who: Who) -> String {
        match who {
            Who::Ecosystem => "ecosystem".to_owned(),
            Who::Everyone => "mean of all".to_owned(),
            Who::Population(place) => self.populations[place].to_owned(),
            Who::Model(model) => self.model_label(model),
        }
    }

    /// A population of one lends its name to its model.
    pub(super) fn model_label(&self, model: u32) -> String {
        match self.models.get(&model) {
            Some(Some(place)) if self.sizes[*place] == 1 => self.populations[*place].to_owned(),
            Some(Some(place)) => format!("{} {model}", self.populations[*place]),
            _ => format!("model {model}"),
        }
    }

    pub(super) fn colour(&self, who: Who) -> usize {
        match who {
            Who::Ecosystem | Who::Everyone => 0,
            Who::Population(place) => place % SERIES_MAX,
            Who::Model(model) => self.models.range(..model).count() % SERIES_MAX,
        }
    }

    /// The model that a target names by its number, its population of one, or its label.
    pub(super) fn model_named(&self, target: &str) -> Option<u32> {
        if let Ok(number) = target.parse() {
            return self.models.contains_key(&number).then_some(number);
        }
        let place = self
            .population(target)
            .filter(|place| self.sizes[*place] == 1)?;
        self.models
            .iter()
            .find(|(_, home)| **home == Some(place))
            .map(|(model, _)| *model)
    }

    /// All models in order of their numbers.
    pub(super) fn models(&self) -> impl Iterator<Item = u32> + '_ {
        self.models.keys().copied()
    }

    fn population(&self, name: &str) -> Option<usize> {
        self.populations.iter().position(|known| *known == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample_rows::{row, specialists};

    #[test]
    fn populations_of_one_name_their_model() {
        let rows = specialists(1, 1);
        let roster = Roster::new(&rows);
        assert_eq!(roster.model_label(1), "biologist");
        assert_eq!(roster.model_named("biologist"), Some(1));
        assert_eq!(roster.model_named("0"), Some(0));
        assert_eq!(roster.model_named("fiction"), None);
        assert_eq!(roster.colour(Who::Model(1)), 1);
    }

    #[test]
    fn many_models_stand_together() {
        let rows: Vec<Row> = (0..20)
            .map(|model| Row {
                model: Some(model),
                ..row()
            })
            .collect();
        let roster = Roster::new(&rows);
        assert!(roster.is_crowd());
        assert_eq!(roster.who(&rows[3]), Who::Population(0));
        assert_eq!(roster.model_label(3), "geographer 3");
    }
}
