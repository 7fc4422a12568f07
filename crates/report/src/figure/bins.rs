//! Instants drawn together, so that a point is a mean over replicates and a line stays readable.

/// Most points of a line.
const POINTS_MAX: usize = 240;
/// Bounds for the number of bins.
const BINS: (u32, u32) = (8, 60);

/// Equal bins on the horizontal axis, or none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bins {
    start: f64,
    /// Zero without bins.
    width: f64,
}

impl Bins {
    /// Every instant for itself.
    pub(super) const NONE: Self = Self {
        start: 0.0,
        width: 0.0,
    };

    /// Chooses bins for sorted distinct instants.
    ///
    /// `filling` is the share of the series under a line that have a value at an average instant
    /// of the line. If it is low, because replicates were observed at different instants, points
    /// would jump from replicate to replicate; then a bin is about one generation wide.
    pub(super) fn choose(instants: &[f64], filling: f64, generations: u32) -> Self {
        let (Some(&start), Some(&end)) = (instants.first(), instants.last()) else {
            return Self::NONE;
        };
        let scattered = filling < 0.5;
        if (!scattered && instants.len() <= POINTS_MAX) || end <= start {
            return Self::NONE;
        }
        let count = if scattered {
            generations.clamp(BINS.0, BINS.1)
        } else {
            BINS.1 * 2
        };
        // A little more than the span, so that the last instant lies in the last bin.
        Self {
            start,
            width: (end - start) * (1.0 + 1e-9) / f64::from(count),
        }
    }

    /// The instant at which `x` is drawn: the middle of its bin.
    pub(super) fn place(self, x: f64) -> f64 {
        if self.width == 0.0 {
            return x;
        }
        let bin = ((x - self.start) / self.width).floor();
        self.start + (bin + 0.5) * self.width
    }

    pub(super) fn note(self, unit: &str) -> Option<String> {
        (self.width > 0.0).then(|| {
            let width = crate::number::significant(self.width);
            format!("Points are means over {width} {unit}.")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_instants_are_kept() {
        assert_eq!(Bins::choose(&[1.0, 2.0, 3.0], 1.0, 3), Bins::NONE);
    }

    #[test]
    fn scattered_instants_meet_in_a_bin() {
        let instants: Vec<f64> = (0..100).map(|idx| f64::from(idx) / 10.0).collect();
        let bins = Bins::choose(&instants, 0.1, 10);
        assert_eq!(bins.place(0.0), bins.place(0.9));
        assert!(bins.place(0.0) < bins.place(1.1));
        assert!(bins.place(9.9) < 9.9);
        assert!(
            bins.note("virtual days")
                .unwrap()
                .starts_with("Points are means over 0.99")
        );
    }

    #[test]
    fn long_runs_are_thinned() {
        let instants: Vec<f64> = (0..1000).map(f64::from).collect();
        assert_ne!(Bins::choose(&instants, 1.0, 1000), Bins::NONE);
    }
}
