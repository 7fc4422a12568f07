//! Numbers as people read them.

/// Four significant figures, in powers of ten outside 0.001 to 100 000.
///
/// NaN is a dash, because it means that nothing was there to be measured.
pub(crate) fn significant(value: f64) -> String {
    if value.is_nan() {
        return "–".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 {
            "∞".to_owned()
        } else {
            "-∞".to_owned()
        };
    }
    let magnitude = value.abs();
    if magnitude == 0.0 {
        return "0".to_owned();
    }
    if !(1e-3..1e5).contains(&magnitude) {
        return format!("{value:.2e}");
    }
    let decimals = (3 - magnitude.log10().floor() as i32).max(0) as usize;
    format!("{value:.decimals$}")
}

/// Fixed decimals for a value of an axis whose ticks are `step` apart.
pub(crate) fn tick(value: f64, step: f64) -> String {
    let magnitude = value.abs().max(step);
    if !(1e-4..1e6).contains(&magnitude) {
        return if value == 0.0 {
            "0".to_owned()
        } else {
            format!("{value:.1e}")
        };
    }
    let decimals = (-(step.log10() + 1e-9).floor()).clamp(0.0, 9.0) as usize;
    let text = format!("{value:.decimals$}");
    // A rounded negative zero would read `-0.0`.
    if text
        .trim_start_matches('-')
        .chars()
        .all(|c| c == '0' || c == '.')
    {
        return text.trim_start_matches('-').to_owned();
    }
    text
}

/// A power of ten, `10⁻³`; plain for 1 and 10.
pub(crate) fn decade(exponent: i32) -> String {
    match exponent {
        0 => "1".to_owned(),
        1 => "10".to_owned(),
        _ => format!("10{}", superscript(exponent)),
    }
}

fn superscript(exponent: i32) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let digits = exponent.to_string();
    digits
        .chars()
        .map(|c| c.to_digit(10).map_or('⁻', |digit| DIGITS[digit as usize]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_significant() {
        let shown = [1.5, 0.012_345, 1234.56, 99_999.0, 1.0e-7, 0.0, -2.0].map(significant);
        assert_eq!(
            shown,
            [
                "1.500", "0.01235", "1235", "99999", "1.00e-7", "0", "-2.000"
            ]
        );
        let shown = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY].map(significant);
        assert_eq!(shown, ["–", "∞", "-∞"]);
    }

    #[test]
    fn ticks_have_the_decimals_of_their_step() {
        assert_eq!(tick(0.1 + 0.2, 0.1), "0.3");
        assert_eq!(tick(5.0, 1.0), "5");
        assert_eq!(tick(-1e-17, 0.5), "0.0");
        assert_eq!(tick(2e-6, 1e-6), "2.0e-6");
    }

    #[test]
    fn decades_are_powers() {
        assert_eq!(
            [-12, -3, 0, 1, 4].map(decade),
            ["10⁻¹²", "10⁻³", "1", "10", "10⁴"]
        );
    }
}
