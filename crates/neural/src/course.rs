//! How long and how fast a network learns.

use crate::AdamW;

/// How long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// So many steps, over the examples as often as it takes.
    Steps(u32),
    /// So many times over all examples.
    Epochs(u32),
}

/// What becomes of the rate after the warm-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decay {
    /// It stays.
    Constant,
    /// It falls to zero along half a cosine (Loshchilov and Hutter 2017).
    Cosine,
}

/// A course of training.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Course {
    /// How long it is.
    pub length: Length,
    /// Rows of a batch, each as long as the context at most.
    pub batch: usize,
    /// The highest rate.
    pub rate: f64,
    /// The share of all steps in which the rate rises, in a straight line from nothing.
    pub warmup: f64,
    /// What becomes of the rate then.
    pub decay: Decay,
    /// How gradients move the parameters.
    pub optimiser: AdamW,
}

impl Course {
    /// The rate of step number `step` of `steps`, from 0 on.
    pub fn rate_at(&self, step: usize, steps: usize) -> f64 {
        let (warm, step) = (self.warmup * steps as f64, step as f64);
        if step < warm {
            return self.rate * ((step + 1.0) / warm).min(1.0);
        }
        match self.decay {
            Decay::Constant => self.rate,
            Decay::Cosine => {
                let gone = (step - warm) / (steps as f64 - warm);
                self.rate * 0.5 * (1.0 + libm::cos(std::f64::consts::PI * gone))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_rises_and_falls() {
        let mut course = Course {
            length: Length::Steps(10),
            batch: 1,
            rate: 2.0,
            warmup: 0.2,
            decay: Decay::Cosine,
            optimiser: AdamW::default(),
        };
        let rates = |course: &Course| -> Vec<f64> {
            (0..10).map(|step| course.rate_at(step, 10)).collect()
        };
        let falling = rates(&course);
        assert_eq!(falling[..3], [1.0, 2.0, 2.0]);
        assert!((falling[6] - 1.0).abs() < 1e-12);
        assert!(falling[2..].is_sorted_by(|a, b| a > b) && falling[9] > 0.0);
        course.decay = Decay::Constant;
        assert_eq!(rates(&course)[1..], [2.0; 9]);
        course.warmup = 0.0;
        assert_eq!(rates(&course), [2.0; 10]);
    }
}
