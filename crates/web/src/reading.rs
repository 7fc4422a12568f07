//! Who reads whom.

use std::collections::BTreeMap;

use types::document::ModelId;

/// From whom a group of models reads.
#[derive(Debug, Clone, PartialEq)]
pub enum Sources {
    /// From the common pool: every visible document is as likely as its weight says, whoever wrote it.
    Everyone,
    /// From authors with these weights, the same for every reader: market shares.
    Shares(Vec<(ModelId, f64)>),
    /// From authors with weights of the reader's own: one row of a who-reads-whom matrix a reader.
    Rows(BTreeMap<ModelId, Vec<(ModelId, f64)>>),
}

/// How a group of models reads.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// From whom.
    pub sources: Sources,
    /// Whether a model may read its own documents.
    pub include_own: bool,
    /// Whether one crawl may hit a document twice.
    pub with_replacement: bool,
}

impl Reading {
    /// True if a crawl needs to know who wrote what.
    pub fn needs_authors(&self) -> bool {
        !self.include_own || self.sources != Sources::Everyone
    }

    /// The authors that `reader` reads and their weights, unnormalised; `None` if it reads the common pool.
    pub fn row(&self, reader: ModelId) -> Option<Vec<(ModelId, f64)>> {
        let row: &[(ModelId, f64)] = match &self.sources {
            Sources::Everyone => return None,
            Sources::Shares(shares) => shares,
            Sources::Rows(rows) => rows.get(&reader).map_or(&[], Vec::as_slice),
        };
        let wanted = |&&(author, weight): &&(ModelId, f64)| {
            weight > 0.0 && (self.include_own || author != reader)
        };
        Some(row.iter().filter(wanted).copied().collect())
    }
}

/// A ring: everybody reads the `neighbours` nearest on either side and itself, with equal weights.
pub fn ring(models: &[ModelId], neighbours: usize) -> Sources {
    let n = models.len();
    let reach = neighbours.min(n.saturating_sub(1) / 2);
    let row = |k: usize| {
        (0..=2 * reach)
            .map(|step| (models[(k + n + step - reach) % n], 1.0))
            .collect()
    };
    Sources::Rows(
        models
            .iter()
            .enumerate()
            .map(|(k, &model)| (model, row(k)))
            .collect(),
    )
}

/// Islands of `size` models in the order of their numbers: everybody reads its own island, with equal weights.
pub fn islands(models: &[ModelId], size: usize) -> Sources {
    let mut rows = BTreeMap::new();
    for island in models.chunks(size.max(1)) {
        let row: Vec<(ModelId, f64)> = island.iter().map(|&model| (model, 1.0)).collect();
        rows.extend(island.iter().map(|&model| (model, row.clone())));
    }
    Sources::Rows(rows)
}

/// Market shares that follow Zipf's law: the r-th model has weight r^-exponent.
pub fn zipf(models: &[ModelId], power: impl Fn(f64) -> f64) -> Sources {
    Sources::Shares(
        models
            .iter()
            .enumerate()
            .map(|(rank, &model)| (model, power((rank + 1) as f64)))
            .collect(),
    )
}

/// A matrix: row k holds the weights with which `models[k]` reads `models[0]`, `models[1]`, ...
pub fn matrix(models: &[ModelId], rows: &[Vec<f64>]) -> Sources {
    let row = |weights: &Vec<f64>| {
        models
            .iter()
            .copied()
            .zip(weights.iter().copied())
            .collect()
    };
    Sources::Rows(models.iter().copied().zip(rows.iter().map(row)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn models(n: u32) -> Vec<ModelId> {
        (0..n).map(ModelId).collect()
    }

    fn check(sources: Sources, include_own: bool, reader: u32, expected: &[u32]) {
        let reading = Reading {
            sources,
            include_own,
            with_replacement: true,
        };
        let row = reading.row(ModelId(reader)).unwrap();
        assert_eq!(
            row.iter().map(|(author, _)| author.0).collect::<Vec<_>>(),
            expected
        );
    }

    #[test]
    fn rows_name_the_right_authors() {
        check(ring(&models(5), 1), true, 0, &[4, 0, 1]);
        check(ring(&models(5), 1), false, 4, &[3, 0]);
        check(ring(&models(2), 3), true, 1, &[1]);
        check(islands(&models(5), 2), true, 3, &[2, 3]);
        check(islands(&models(5), 2), true, 4, &[4]);
        check(
            matrix(&models(2), &[vec![0.0, 1.0], vec![0.5, 0.5]]),
            true,
            0,
            &[1],
        );
        check(zipf(&models(3), |rank| 1.0 / rank), true, 2, &[0, 1, 2]);
    }
}
