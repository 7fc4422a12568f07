//! Statistics of what can be read, folded once a refresh of the index and shared by all readers of a population.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use learn::Family;
use types::document::ModelId;
use web::{Ancestry, Log, LogError, View};

use crate::diet::{Origins, Tally};

/// A statistic of published documents.
#[derive(Debug)]
pub(crate) struct Pool<F: Family> {
    pub(crate) statistic: F::Statistic,
    /// Sum of the documents' weights.
    pub(crate) weight: f64,
    pub(crate) ancestry: Ancestry,
    /// What its documents earned on average, if they compete.
    pub(crate) earned: Option<f64>,
    /// Who wrote it, if that is asked.
    pub(crate) origins: Option<Origins>,
}

/// What pools are folded from.
#[derive(Debug)]
pub(crate) struct Material<'a, F: Family> {
    pub(crate) family: &'a F,
    pub(crate) log: &'a Log,
    pub(crate) view: &'a View,
    /// Where the numbers of each population end, if it is asked who wrote what.
    pub(crate) ends: Option<&'a [u32]>,
}

/// Whose documents.
type Whose = Option<ModelId>;

/// The pools of one population, as long as the index stays the same.
#[derive(Debug)]
pub(crate) struct Pools<F: Family> {
    current: Mutex<Current<F>>,
}

/// The pools folded so far, and the version of the index they were folded from.
#[derive(Debug)]
struct Current<F: Family> {
    version: u64,
    pools: BTreeMap<Whose, Arc<Pool<F>>>,
}

impl<F: Family> Default for Pools<F> {
    fn default() -> Self {
        let current = Current {
            version: 0,
            pools: BTreeMap::new(),
        };
        Self {
            current: Mutex::new(current),
        }
    }
}

impl<F: Family> Pools<F> {
    /// Everything in the view, or everything in it by one author. `version` is that of the index.
    pub(crate) fn get(
        &self,
        material: &Material<'_, F>,
        version: u64,
        author: Whose,
    ) -> Result<Arc<Pool<F>>, LogError> {
        self.once(version, author, || fold(material, author))
    }

    /// What `fold` gives, which is asked once a version of the index.
    pub(crate) fn once(
        &self,
        version: u64,
        author: Whose,
        fold: impl FnOnce() -> Result<Pool<F>, LogError>,
    ) -> Result<Arc<Pool<F>>, LogError> {
        // The first reader folds while the others wait: they would all do the same work.
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.version != version {
            *current = Current {
                version,
                pools: BTreeMap::new(),
            };
        }
        if let Some(pool) = current.pools.get(&author) {
            return Ok(Arc::clone(pool));
        }
        let pool = Arc::new(fold()?);
        current.pools.insert(author, Arc::clone(&pool));
        Ok(pool)
    }
}

/// Everything in the view, or everything in it by one author.
pub(crate) fn fold<F: Family>(
    material: &Material<'_, F>,
    author: Whose,
) -> Result<Pool<F>, LogError> {
    let view = material.view;
    match author {
        None => Pool::of(material, std::iter::once(0..view.len())),
        Some(_) => Pool::of(material, view.authors().stretches(author)),
    }
}

impl<F: Family> Pool<F> {
    /// Folds the documents at the given stretches of positions.
    pub(crate) fn of(
        material: &Material<'_, F>,
        stretches: impl Iterator<Item = std::ops::Range<u32>>,
    ) -> Result<Self, LogError> {
        let Material {
            family,
            log,
            view,
            ends,
        } = *material;
        let mut pool = Self {
            statistic: family.statistic(),
            weight: 0.0,
            ancestry: Ancestry::default(),
            earned: None,
            origins: None,
        };
        let mut tally = ends.map(Tally::new);
        for stretch in stretches {
            view.visit(log, stretch.clone(), |content, range, weight| {
                family.absorb(&mut pool.statistic, content, range, weight);
            })?;
            let (ancestry, weight) = view.ancestry_of_range(log, stretch.clone());
            pool.weigh(ancestry, weight);
            if let Some(tally) = &mut tally {
                tally.read((log, view), stretch);
            }
        }
        pool.origins = tally.map(|tally| tally.origins());
        Ok(pool)
    }

    /// Adds a pool of other authors, its weights multiplied by `factor`.
    pub(crate) fn add(&mut self, family: &F, other: &Self, factor: f64) {
        if let (Some(origins), Some(others)) = (&mut self.origins, &other.origins) {
            origins.add(others, factor);
        }
        family.merge(&mut self.statistic, &other.statistic, factor);
        self.weigh(other.ancestry, other.weight * factor);
    }

    pub(crate) fn weigh(&mut self, ancestry: Ancestry, weight: f64) {
        let total = self.weight + weight;
        if weight > 0.0 {
            let share = weight / total;
            self.ancestry.depth += share * (ancestry.depth - self.ancestry.depth);
            self.ancestry.real_share += share * (ancestry.real_share - self.ancestry.real_share);
        }
        self.weight = total;
    }
}
