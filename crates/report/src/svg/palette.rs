//! Colours of heat maps.

/// Nine stops of viridis, from low to high (van der Walt and Smith 2015): even steps in lightness,
/// also without colour vision and on paper.
const STOPS: [[u8; 3]; 9] = [
    [68, 1, 84],
    [71, 45, 123],
    [59, 82, 139],
    [44, 114, 142],
    [33, 145, 140],
    [40, 174, 128],
    [94, 201, 98],
    [173, 220, 48],
    [253, 231, 37],
];

/// A colour of the screen, red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Colour([u8; 3]);

impl Colour {
    /// The colour at a share from 0 to 1 of the palette.
    pub(super) fn at(share: f64) -> Self {
        let position = share.clamp(0.0, 1.0) * (STOPS.len() - 1) as f64;
        let below = (position.floor() as usize).min(STOPS.len() - 2);
        let weight = position - below as f64;
        let mix = |channel: usize| {
            let (a, b) = (STOPS[below][channel], STOPS[below + 1][channel]);
            (f64::from(a) + weight * (f64::from(b) - f64::from(a))).round() as u8
        };
        Self([mix(0), mix(1), mix(2)])
    }

    pub(super) fn hex(self) -> String {
        let [red, green, blue] = self.0;
        format!("#{red:02x}{green:02x}{blue:02x}")
    }

    /// Black or white, whichever stands out more; the contrast is at least 4.5 : 1.
    pub(super) fn ink(self) -> &'static str {
        // Both inks have the same contrast at this luminance: (l + 0.05)^2 = 1.05 * 0.05.
        if self.luminance() > 0.179 {
            "#000"
        } else {
            "#fff"
        }
    }

    /// Relative luminance as defined by the Web Content Accessibility Guidelines 2.
    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let c = f64::from(channel) / 255.0;
            if c <= 0.040_45 {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).powf(2.4)
            }
        };
        let [red, green, blue] = self.0.map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ink_is_readable_on_every_colour() {
        for step in 0..=100 {
            let colour = Colour::at(f64::from(step) / 100.0);
            let paper = colour.luminance() + 0.05;
            let contrast = if colour.ink() == "#000" {
                paper / 0.05
            } else {
                1.05 / paper
            };
            assert!(contrast >= 4.5, "{} at {step}", colour.hex());
        }
    }

    #[test]
    fn ends_are_the_ends_of_the_palette() {
        assert_eq!(
            (Colour::at(-1.0).hex(), Colour::at(2.0).hex()),
            ("#440154".to_owned(), "#fde725".to_owned())
        );
    }
}
