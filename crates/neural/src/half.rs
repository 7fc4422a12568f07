//! Numbers of 16 bits.

/// A number with 5 bits of exponent and 10 of fraction (IEEE 754 binary16); nothing is lost.
pub(crate) fn from_f16(bytes: [u8; 2]) -> f32 {
    const SMALLEST: f32 = 1.0 / (1 << 24) as f32;
    let bits = u32::from(u16::from_le_bytes(bytes));
    let (exponent, fraction) = ((bits >> 10) & 31, bits & 1023);
    let magnitude = match exponent {
        0 => (fraction as f32 * SMALLEST).to_bits(),
        31 => 0x7F80_0000 | (fraction << 13),
        _ => ((exponent + 112) << 23) | (fraction << 13),
    };
    f32::from_bits((bits >> 15 << 31) | magnitude)
}

/// The upper half of an f32.
pub(crate) fn from_bf16(bytes: [u8; 2]) -> f32 {
    f32::from_bits(u32::from(u16::from_le_bytes(bytes)) << 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_numbers() {
        let f16 = |bits: u16| from_f16(bits.to_le_bytes());
        assert_eq!(f16(0x3C00), 1.0);
        assert_eq!(f16(0xC000), -2.0);
        assert_eq!(f16(0x7BFF), 65504.0);
        assert_eq!(f16(0x0001), 2_f32.powi(-24));
        assert_eq!(f16(0x0400), 2_f32.powi(-14));
        assert_eq!(f16(0x3555), 0.333_251_95);
        assert_eq!(f16(0xFC00), f32::NEG_INFINITY);
        assert!(f16(0x7E00).is_nan());
        assert_eq!(f16(0x8000).to_bits(), (-0.0_f32).to_bits());
        assert_eq!(from_bf16([0x40, 0xC0]), -3.0);
    }
}
