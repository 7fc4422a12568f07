//! What training sets are made of, by ground-truth provenance: for the observer, never for models.

use std::collections::BTreeMap;
use std::ops::Range;

use learn::Family;
use serde::{Deserialize, Serialize};
use types::document::ModelId;
use web::{Log, Origin, View};

use crate::cycle::Tick;

/// What a model's last training set was made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Diet {
    /// Share of the weight that came from each source: populations in the order of the scenario, then those of [`REAL`].
    pub(crate) shares: Vec<f64>,
    /// Effective number of sources.
    pub(crate) effective: f64,
    /// Mean publication time of the synthetic documents in days, if there were any.
    pub(crate) published: Option<f64>,
}

/// Sources that are no population: private and public real data, and real documents that were read on the web.
pub(crate) const REAL: [&str; 3] = ["real: private", "real: public", "people"];

/// Who wrote what was read, in weights.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Origins {
    /// Weight of what each population wrote.
    populations: Vec<f64>,
    /// Weight of real documents.
    people: f64,
    /// Sum of the squares of the authors' weights.
    squares: f64,
    /// Publication times in days, added up by weight, of synthetic documents.
    days: f64,
}

impl Origins {
    /// Takes in what other authors wrote, its weights multiplied by `factor`.
    pub(crate) fn add(&mut self, others: &Self, factor: f64) {
        let pairs = self.populations.iter_mut().zip(&others.populations);
        pairs.for_each(|(own, more)| *own += factor * more);
        self.people += factor * others.people;
        self.squares += factor * factor * others.squares;
        self.days += factor * others.days;
    }

    fn synthetic(&self) -> f64 {
        self.populations.iter().sum()
    }
}

/// Adds up who wrote what, author by author.
#[derive(Debug)]
pub(crate) struct Tally<'a> {
    /// Where the numbers of each population end.
    ends: &'a [u32],
    authors: BTreeMap<ModelId, f64>,
    people: f64,
    days: f64,
}

impl<'a> Tally<'a> {
    /// Nothing yet, among populations whose numbers end there.
    pub(crate) fn new(ends: &'a [u32]) -> Self {
        Self {
            ends,
            authors: BTreeMap::new(),
            people: 0.0,
            days: 0.0,
        }
    }

    /// Adds documents that weigh so much together.
    pub(crate) fn add(&mut self, origin: &Origin, weight: f64) {
        match origin.author {
            Some(author) => {
                *self.authors.entry(author).or_insert(0.0) += weight;
                self.days += weight * origin.time.days();
            }
            None => self.people += weight,
        }
    }

    /// Adds a stretch of a view by its weights.
    pub(crate) fn read(&mut self, (log, view): (&Log, &View), stretch: Range<u32>) {
        view.visit_origins(log, stretch, |origin| {
            self.add(&origin, origin.weight * f64::from(origin.documents));
        });
    }

    pub(crate) fn origins(&self) -> Origins {
        let mut populations = vec![0.0; self.ends.len()];
        for (author, weight) in &self.authors {
            let population = self.ends.partition_point(|end| *end <= author.0);
            populations[population] += weight;
        }
        Origins {
            populations,
            people: self.people,
            squares: self.authors.values().map(|weight| weight * weight).sum(),
            days: self.days,
        }
    }
}

impl Diet {
    /// Of private and public real data that weigh so much, and of what was read, its weights multiplied by `factor`; none of
    /// nothing.
    pub(crate) fn of(
        [private, public]: [f64; 2],
        read: Option<&Origins>,
        factor: f64,
    ) -> Option<Self> {
        let read = read?;
        let (synthetic, people) = (factor * read.synthetic(), factor * read.people);
        let real = [private, public, people];
        let total = synthetic + real.iter().sum::<f64>();
        if total <= 0.0 {
            return None;
        }
        let squares = real.iter().map(|weight| weight * weight).sum::<f64>();
        let squares = squares + factor * factor * read.squares;
        let written = read.populations.iter().map(|weight| factor * weight);
        Some(Self {
            shares: written.chain(real).map(|weight| weight / total).collect(),
            effective: total * total / squares,
            published: (synthetic > 0.0).then(|| read.days / read.synthetic()),
        })
    }
}

impl<F: Family> Tick<'_, F> {
    /// Who wrote the documents at these positions of the view, one like the other, if that is asked.
    pub(crate) fn wrote(&self, positions: &[u32]) -> Option<Origins> {
        let mut tally = Tally::new(self.group.ends.as_deref()?);
        for &position in positions {
            let range = position..position + 1;
            let visit = |origin: Origin| tally.add(&origin, 1.0);
            self.view().visit_origins(self.world.log(), range, visit);
        }
        Some(tally.origins())
    }
}

#[cfg(test)]
mod tests {
    use types::random::{Purpose, Seed};
    use types::time::{VirtualDuration, VirtualTime};

    use super::*;

    fn origin(author: Option<u32>, day: f64) -> Origin {
        Origin {
            author: author.map(ModelId),
            time: VirtualTime::START + VirtualDuration::from_days(day),
            documents: 1,
            weight: 1.0,
        }
    }

    /// Models 0 and 1 are one population, model 2 is another.
    const ENDS: [u32; 2] = [2, 3];

    #[test]
    fn shares_number_and_time_are_as_by_hand() {
        let mut tally = Tally::new(&ENDS);
        tally.add(&origin(Some(0), 1.0), 2.0);
        tally.add(&origin(Some(1), 2.0), 1.0);
        tally.add(&origin(Some(2), 4.0), 3.0);
        tally.add(&origin(None, 9.0), 1.0);
        let read = tally.origins();
        // Twice as heavy: 4 + 2 of the first population, 6 of the second, 2 of people, 5 private, 1 public; 20 in all.
        let diet = Diet::of([5.0, 1.0], Some(&read), 2.0).unwrap();
        assert_eq!(diet.shares, [0.3, 0.3, 0.25, 0.05, 0.1]);
        assert_eq!(
            diet.effective,
            400.0 / (16.0 + 4.0 + 36.0 + 25.0 + 1.0 + 4.0)
        );
        assert_eq!(diet.published, Some((2.0 + 2.0 + 12.0) / 6.0));
    }

    #[test]
    fn nothing_has_no_sources_and_real_data_alone_have_one() {
        let nothing = Tally::new(&ENDS).origins();
        assert_eq!(Diet::of([0.0, 0.0], Some(&nothing), 1.0), None);
        assert_eq!(Diet::of([1.0, 0.0], None, 1.0), None);
        let diet = Diet::of([0.0, 7.0], Some(&nothing), 1.0).unwrap();
        assert_eq!(diet.shares, [0.0, 0.0, 0.0, 1.0, 0.0]);
        assert_eq!((diet.effective, diet.published), (1.0, None));
    }

    #[test]
    fn shares_sum_to_one_and_sources_are_no_more_than_there_are() {
        let mut rng = Seed(7).key(0, Purpose::Distribution).stream(0, 0);
        for documents in 1..200 {
            let mut tally = Tally::new(&ENDS);
            for _ in 0..documents {
                let author = Some(rng.below(4)).filter(|author| *author < 3);
                tally.add(&origin(author, 1.0), rng.uniform() + 0.01);
            }
            let held = [rng.uniform(), rng.uniform()];
            let diet = Diet::of(held, Some(&tally.origins()), 9.0 * rng.uniform()).unwrap();
            assert!((diet.shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            assert!((1.0 - 1e-12..=6.0 + 1e-12).contains(&diet.effective));
        }
    }
}
