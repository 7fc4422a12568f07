//! Who reads whom as a product of two thin matrices, so that the state of theory is what is read and not who reads.

use std::collections::BTreeMap;

use super::system::System;

/// W = U V: reader k's pool is a mix, by row k of U, of a few common pools, each a mix of sources by a row of V.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pooling {
    /// Row k of U: which common pools reader k reads, with weights.
    pub(super) loads: Vec<Vec<(usize, f64)>>,
    /// Rows of V: which sources a common pool holds, with weights.
    pub(super) pools: Vec<Vec<(usize, f64)>>,
    pub(super) kind: PoolingKind,
}

/// What made the factors thin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PoolingKind {
    /// One pool for all readers with the same row of W.
    AlikeReaders,
    /// One pool for every source that somebody reads.
    Sources,
}

impl Pooling {
    /// The thinner of the two factorisations. Readers whose alpha stays 0 read nothing.
    pub(super) fn of(system: &System) -> Self {
        let reads = |k: usize| system.alpha.iter().any(|row| row[k] != 0.0);
        let (readers, sources) = (by_readers(system, reads), by_sources(system, reads));
        if readers.pools.len() < sources.pools.len() {
            readers
        } else {
            sources
        }
    }

    /// Number of common pools.
    pub(super) fn rank(&self) -> usize {
        self.pools.len()
    }
}

fn sparse(row: &[f64]) -> Vec<(usize, f64)> {
    let entries = row.iter().copied().enumerate();
    entries.filter(|(_, weight)| *weight != 0.0).collect()
}

fn by_readers(system: &System, reads: impl Fn(usize) -> bool) -> Pooling {
    let mut classes: BTreeMap<Vec<u64>, usize> = BTreeMap::new();
    let mut pooling = Pooling {
        loads: vec![Vec::new(); system.models()],
        pools: Vec::new(),
        kind: PoolingKind::AlikeReaders,
    };
    for k in (0..system.models()).filter(|&k| reads(k)) {
        let row = &system.weights[k];
        let bits = row.iter().map(|weight| weight.to_bits()).collect();
        let next = pooling.pools.len();
        let class = *classes.entry(bits).or_insert(next);
        if class == next {
            pooling.pools.push(sparse(row));
        }
        pooling.loads[k].push((class, 1.0));
    }
    pooling
}

fn by_sources(system: &System, reads: impl Fn(usize) -> bool) -> Pooling {
    let k = system.models();
    let is_read = |j: usize| (0..k).any(|k| reads(k) && system.weights[k][j] != 0.0);
    let sources: Vec<usize> = (0..k).filter(|&j| is_read(j)).collect();
    let load = |k: usize| {
        let row = sources.iter().map(|&j| system.weights[k][j]).enumerate();
        row.filter(|(_, weight)| *weight != 0.0).collect()
    };
    let nothing = |_| Vec::new();
    Pooling {
        loads: (0..k)
            .map(|k| if reads(k) { load(k) } else { nothing(k) })
            .collect(),
        pools: sources.iter().map(|&j| vec![(j, 1.0)]).collect(),
        kind: PoolingKind::Sources,
    }
}
