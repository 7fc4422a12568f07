//! Everything that a model may read, folded into one pool.

use std::borrow::Borrow;
use std::sync::Arc;

use learn::Family;
use types::document::ModelId;
use web::LogError;

use crate::cycle::Tick;
use crate::payoff::Payoff;
use crate::pools::{Material, Pool, fold};

impl<F: Family> Tick<'_, F> {
    /// Everything that the model may read, weighing together as many documents as it is.
    pub(crate) fn readable_pool(&self) -> Result<Arc<Pool<F>>, LogError> {
        let (material, view) = (&self.material(), self.view());
        let (pools, version) = (&self.group.pools, self.world.version());
        if let Some(payoff) = &self.group.payoff {
            return pools.once(version, None, || Payoff::pool(payoff, material));
        }
        if self.group.copies > 1 {
            return self.own_copies().map(Arc::new);
        }
        // What nobody else reads is folded for this reader alone.
        let pool = |author| {
            if self.group.reads_privately {
                return fold(material, author).map(Arc::new);
            }
            pools.get(material, version, author)
        };
        let Some(row) = self.group.reading.row(self.id) else {
            if self.group.reading.include_own {
                return pool(None);
            }
            let others = view.authors().others(self.id, view.len());
            return Pool::of(material, others).map(Arc::new);
        };
        let mut read = Vec::with_capacity(row.len());
        for (author, share) in row {
            let pool = pool(Some(author))?;
            if pool.weight > 0.0 {
                read.push((pool, share));
            }
        }
        self.mixed(&read).map(Arc::new)
    }

    /// What the model's pools are folded from.
    fn material(&self) -> Material<'_, F> {
        Material {
            family: &self.group.family,
            log: self.world.log(),
            view: self.view(),
            ends: self.group.ends.as_deref(),
        }
    }

    /// What was published for this reader.
    fn own_copies(&self) -> Result<Pool<F>, LogError> {
        let (material, view) = (self.material(), self.view());
        let own = |author: Option<ModelId>| {
            let stretches = view.authors().stretches(author);
            stretches.map(|stretch| {
                let documents = (stretch.end - stretch.start) / self.group.copies;
                let start = stretch.start + self.id.0 * documents;
                start..start + documents
            })
        };
        let reading = &self.group.reading;
        let sources: Vec<(Option<ModelId>, Option<f64>)> = match reading.row(self.id) {
            Some(row) => row
                .into_iter()
                .map(|(author, share)| (Some(author), Some(share)))
                .collect(),
            None => view
                .authors()
                .counts()
                .map(|(author, _)| (author, None))
                .collect(),
        };
        let mut pools = Vec::with_capacity(sources.len());
        for (author, share) in sources {
            let pool = Pool::of(&material, own(author))?;
            if pool.weight > 0.0 && (reading.include_own || author != Some(self.id)) {
                let share = share.unwrap_or(pool.weight);
                pools.push((pool, share));
            }
        }
        self.mixed(&pools)
    }

    /// Pools in stated proportions, weighing together as many documents as they are.
    fn mixed<P: Borrow<Pool<F>>>(&self, pools: &[(P, f64)]) -> Result<Pool<F>, LogError> {
        let family = &self.group.family;
        let shares: f64 = pools.iter().map(|(_, share)| share).sum();
        let total: f64 = pools.iter().map(|(pool, _)| pool.borrow().weight).sum();
        let mut mixed = Pool::of(&self.material(), std::iter::empty())?;
        for (pool, share) in pools {
            let pool = pool.borrow();
            mixed.add(family, pool, share / shares * total / pool.weight);
        }
        Ok(mixed)
    }
}
