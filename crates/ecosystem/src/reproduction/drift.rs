//! How fast what is read loses diversity when it is rewritten block by block.
//!
//! A block is what is replaced at once: the documents of a model, or those of a round in a sliding window. A new block is
//! drawn from what is read, in which each block has its share.

/// Blocks, as two documents see them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Drift {
    /// The part of what is read that comes from each block; together 1.
    shares: Vec<f64>,
    /// What a block keeps of the Gini-Simpson index of what it is drawn from, on average.
    kept: f64,
    /// Of each pair of blocks, the mean over runs of the probability that a symbol of the one differs from a symbol of the
    /// other, both drawn with replacement: 1 - x_k.x_l for frequencies x.
    differ: Vec<Vec<f64>>,
}

impl Drift {
    /// Blocks of `documents` each, all drawn from one distribution with this Gini-Simpson index.
    pub(super) fn new(shares: Vec<f64>, kept: f64, (diversity, documents): (f64, f64)) -> Self {
        let mut differ = vec![vec![diversity; shares.len()]; shares.len()];
        for (block, row) in differ.iter_mut().enumerate() {
            row[block] *= 1.0 - 1.0 / documents;
        }
        Self {
            shares,
            kept,
            differ,
        }
    }

    /// The mean Gini-Simpson index of what is read.
    pub(super) fn diversity(&self) -> f64 {
        dot(&self.shares, &self.read())
    }

    /// Of each block, how a symbol of it differs from one that is read.
    fn read(&self) -> Vec<f64> {
        self.differ
            .iter()
            .map(|row| dot(&self.shares, row))
            .collect()
    }

    /// A block is drawn anew.
    fn replace(&mut self, block: usize) {
        let (read, own) = (self.read(), self.kept * self.diversity());
        for (other, &differs) in read.iter().enumerate() {
            self.differ[block][other] = differs;
            self.differ[other][block] = differs;
        }
        self.differ[block][block] = own;
    }

    /// All blocks are drawn anew from what was read before, so many times.
    pub(super) fn together(mut self, rounds: u32) -> Self {
        for _ in 0..rounds {
            let all = self.diversity();
            for (block, row) in self.differ.iter_mut().enumerate() {
                row.fill(all);
                row[block] = self.kept * all;
            }
        }
        self
    }

    /// Every block is drawn anew in its turn, so many times.
    pub(super) fn in_turn(mut self, rounds: u32) -> Self {
        for _ in 0..rounds {
            (0..self.shares.len()).for_each(|block| self.replace(block));
        }
        self
    }

    /// Each block is drawn anew at random times, once a round on average: the number of times is a Poisson variable, and each
    /// time it is any block.
    pub(super) fn at_random(mut self, rounds: u32) -> Self {
        let blocks = self.shares.len() as f64;
        for _ in 0..rounds {
            let mut probability = libm::exp(-blocks);
            let mut mean = self.scaled(probability);
            // Beyond eight times as many and forty there is less than 1e-16.
            for times in 1..=8 * self.shares.len() + 40 {
                self = self.anyone();
                probability *= blocks / times as f64;
                mean.add(&self.scaled(probability));
            }
            self = mean;
        }
        self
    }

    /// One block is drawn anew, each as likely as any other.
    fn anyone(&self) -> Self {
        let part = 1.0 / self.shares.len() as f64;
        let mut mean = self.scaled(0.0);
        for block in 0..self.shares.len() {
            let mut next = self.clone();
            next.replace(block);
            mean.add(&next.scaled(part));
        }
        mean
    }

    fn scaled(&self, factor: f64) -> Self {
        let mut scaled = self.clone();
        scaled
            .differ
            .iter_mut()
            .flatten()
            .for_each(|differs| *differs *= factor);
        scaled
    }

    fn add(&mut self, other: &Self) {
        let pairs = self.differ.iter_mut().zip(&other.differ);
        let pairs = pairs.flat_map(|(row, other)| row.iter_mut().zip(other));
        pairs.for_each(|(sum, differs)| *sum += differs);
    }
}

/// The mean Gini-Simpson index of the last `window` rounds after so many, `documents` a round, the first of them drawn from a
/// distribution with index `diversity` and each other one from the last rounds before it.
pub(super) fn windowed(diversity: f64, documents: f64, (window, rounds): (u32, u32)) -> f64 {
    let (window, blocks) = (window as usize, f64::from(window));
    let mut start = vec![0.0; window];
    start[0] = 1.0;
    let mut drift = Drift::new(start, 1.0 - 1.0 / documents, (diversity, documents));
    for round in 1..rounds {
        let block = round as usize % window;
        drift.replace(block);
        let filled = f64::from(round + 1).min(blocks);
        let share = |block| {
            if (block as f64) < filled {
                1.0 / filled
            } else {
                0.0
            }
        };
        drift.shares = (0..window).map(share).collect();
    }
    drift.diversity()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::super::formula::replaced;
    use super::*;

    fn equal(blocks: usize) -> Vec<f64> {
        vec![1.0 / blocks as f64; blocks]
    }

    /// The pool of blocks whose documents are so many that little is lost a round, after so long that only the slowest mode
    /// is left.
    fn pace(shares: &[f64], after: fn(Drift, u32) -> Drift) -> f64 {
        let start = Drift::new(shares.to_vec(), 1.0 - 1e-6, (1.0, 1e6));
        let (early, late) = (after(start.clone(), 100), after(start, 200));
        1e6 * libm::log(early.diversity() / late.diversity()) / 100.0
    }

    #[track_caller]
    fn near(value: f64, expected: f64) {
        assert!((value / expected - 1.0).abs() < 1e-4, "{value} {expected}");
    }

    #[test]
    fn together_it_is_one_pool() {
        let drift = Drift::new(equal(4), 0.99, (0.995, 100.0)).together(100);
        near(drift.diversity(), 0.995 * replaced(400.0, 101));
        let shares = [0.5, 0.25, 0.1, 0.1, 0.05];
        let sum: f64 = shares.iter().map(|w| w * w).sum();
        near(pace(&shares, Drift::together), sum);
    }

    #[test]
    fn one_block_does_not_care_when() {
        let start = || Drift::new(equal(1), 0.9, (0.5, 10.0));
        near(start().in_turn(7).diversity(), 0.5 * replaced(10.0, 8));
        // The mean of 0.9^N over a Poisson N of mean 7.
        near(
            start().at_random(7).diversity(),
            0.45 * libm::exp(-7.0 * 0.1),
        );
    }

    /// Moran 1958: of single documents of K, a share 2 / K^2 of what differs is lost each time.
    #[test]
    fn single_documents_are_morans() {
        let k = 6.0;
        let start = Drift::new(equal(6), 0.0, (0.5, 1.0));
        let pool = 0.5 * (1.0 - 1.0 / k);
        near(start.anyone().diversity(), pool * (1.0 - 2.0 / (k * k)));
        near(
            start.at_random(9).diversity(),
            pool * libm::exp(-9.0 * 2.0 / k),
        );
    }

    #[test]
    fn the_pace_depends_on_the_clock() {
        let k = 8.0;
        near(pace(&equal(8), Drift::together), 1.0 / k);
        near(pace(&equal(8), Drift::at_random), 2.0 / (k + 1.0));
        near(
            pace(&equal(8), Drift::in_turn),
            4.0 * k / ((k + 1.0) * (k + 1.0)),
        );
    }

    #[test]
    fn unequal_shares_at_random() {
        let shares = [0.5, 0.25, 0.1, 0.05, 0.05, 0.05];
        let q: f64 = shares.iter().map(|w| w * w / (1.0 + 2.0 * w)).sum();
        near(pace(&shares, Drift::at_random), 2.0 * q / (1.0 - q));
    }

    #[test]
    fn a_window_is_read_at_half_its_length() {
        near(windowed(0.8, 40.0, (1, 30)), 0.8 * replaced(40.0, 30));
        // Two rounds, the second drawn from the first, by hand.
        let (one, two) = (0.8 * 0.975, 0.8 * 0.975 * 0.975);
        near(
            windowed(0.8, 40.0, (3, 2)),
            0.25 * one + 0.25 * two + 0.5 * one,
        );
        for (window, w) in [(2, 2.0), (3, 3.0), (10, 10.0)] {
            let at = |rounds| windowed(1.0, 1e6, (window, rounds));
            let lost = 1e6 * libm::log(at(200) / at(400)) / 200.0;
            near(lost, 4.0 / ((w + 1.0) * (w + 1.0)));
        }
    }
}
