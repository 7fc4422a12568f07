//! Labels that are wrong, and a verifier that looks for them.

use types::content::{Content, Numbers};
use types::random::Stream;

/// What becomes of the labels of what is published: some are changed to the other class, and a verifier keeps what looks
/// right to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Labels {
    /// Probability that a label is wrong.
    pub(crate) mislabelled: f64,
    /// Probability that a document with a wrong label, and that one with a right label, is published.
    pub(crate) kept: [f64; 2],
}

impl Labels {
    /// Decides about all documents from number `first` on, each a label, 0 or 1, and its features.
    pub(crate) fn apply(self, content: &mut Content, first: usize, rng: &mut Stream) {
        let Content::F64(Numbers { dimension, values }) = content else {
            return;
        };
        let width = *dimension as usize;
        let mut end = width * first;
        for start in (end..values.len()).step_by(width) {
            let is_wrong = rng.bernoulli(self.mislabelled);
            if is_wrong {
                values[start] = 1.0 - values[start];
            }
            if rng.bernoulli(self.kept[usize::from(!is_wrong)]) {
                values.copy_within(start..start + width, end);
                end += width;
            }
        }
        values.truncate(end);
    }
}

#[cfg(test)]
mod tests {
    use types::random::{Purpose, Seed};

    use super::*;

    /// How many of 10,000 documents of class 1 are left under either label, behind one that must not be touched.
    fn left(labels: Labels) -> [usize; 2] {
        let mut content = Content::F64(Numbers {
            dimension: 2,
            values: [1.0, 7.0].repeat(10_001),
        });
        let mut rng = Seed(3).key(0, Purpose::Curate).stream(0, 0);
        labels.apply(&mut content, 1, &mut rng);
        let Content::F64(numbers) = content else {
            panic!("numbers")
        };
        assert!(
            numbers
                .values
                .chunks_exact(2)
                .all(|document| document[1] == 7.0)
        );
        assert_eq!(numbers.values[0], 1.0);
        let ones = numbers.values.chunks_exact(2).skip(1);
        let right = ones.clone().filter(|document| document[0] == 1.0).count();
        [ones.len() - right, right]
    }

    #[test]
    fn a_verifier_keeps_right_and_wrong_labels_at_its_rates() {
        let [wrong, right] = left(Labels {
            mislabelled: 0.75,
            kept: [0.2, 0.8],
        });
        // Means 1500 and 2000, standard deviations 36 and 40.
        assert!(wrong.abs_diff(1_500) < 180 && right.abs_diff(2_000) < 200);
    }

    #[test]
    fn without_a_verifier_nothing_is_lost() {
        let [wrong, right] = left(Labels {
            mislabelled: 1.0,
            kept: [1.0; 2],
        });
        assert_eq!([wrong, right], [10_000, 0]);
    }
}
