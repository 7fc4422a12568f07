//! Values to colours and printed figures, the same for all matrices of a metric.

use super::palette::Colour;
use super::scale::is_drawable;
use crate::figure::HeatMap;

/// Range of values that the colours cover, common to the maps that are compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Shading {
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Shading {
    /// The range of all drawable values of some maps.
    pub(crate) fn of(maps: &[HeatMap]) -> Self {
        let values = maps
            .iter()
            .flat_map(|map| &map.values)
            .filter(|value| is_drawable(**value));
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), value| {
            (a.min(*value), b.max(*value))
        });
        if low > high {
            Self {
                low: 0.0,
                high: 1.0,
            }
        } else {
            Self { low, high }
        }
    }

    pub(super) fn colour(self, value: f64) -> Colour {
        // A constant matrix is neither low nor high.
        let span = self.high - self.low;
        Colour::at(if span > 0.0 {
            (value - self.low) / span
        } else {
            0.5
        })
    }

    /// A value in decimals that tell apart what the colours do, the same for all cells.
    pub(super) fn print(self, value: f64) -> String {
        let size = self.low.abs().max(self.high.abs());
        if !(1e-2..1e4).contains(&size) && size != 0.0 {
            return format!("{value:.1e}");
        }
        let span = (self.high - self.low).max(0.01 * size).max(1e-9);
        let least = (2.0 - size.max(1.0).log10().floor()).max(0.0);
        let decimals = (1.0 - span.log10().floor()).max(least).min(4.0) as usize;
        format!("{value:.decimals$}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[f64]) -> Shading {
        let names = |count: usize| vec![String::new(); count];
        Shading::of(&[HeatMap {
            title: String::new(),
            rows: names(1),
            columns: names(values.len()),
            values: values.to_vec(),
            ..HeatMap::default()
        }])
    }

    #[test]
    fn nothing_drawable_has_a_range() {
        assert_eq!(
            of(&[f64::NAN, f64::INFINITY]),
            Shading {
                low: 0.0,
                high: 1.0
            }
        );
    }

    #[test]
    fn figures_tell_cells_apart() {
        assert_eq!(of(&[1.2, 2.4]).print(1.25), "1.25");
        assert_eq!(of(&[0.31, 0.35]).print(0.3333), "0.333");
        assert_eq!(of(&[12.0, 96.0]).print(12.34), "12.3");
        assert_eq!(of(&[1e-6, 2e-6]).print(1.5e-6), "1.5e-6");
    }
}
