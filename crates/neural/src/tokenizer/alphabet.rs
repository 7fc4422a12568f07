//! How bytes are spelled where a token has to be readable text: GPT-2's alphabet (Radford et al. 2019).

/// The letter of a byte: those of Latin-1 that print stand for themselves, the others for U+0100 and on.
pub(super) const LETTERS: [char; 256] = letters();
/// One more than the last letter.
const END: usize = 0x144;
const BYTES: [Option<u8>; END] = bytes();

const fn prints(byte: u8) -> bool {
    matches!(byte, b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF)
}

const fn letters() -> [char; 256] {
    let mut letters = ['\0'; 256];
    let (mut byte, mut others) = (0, 0_u8);
    while byte < 256 {
        letters[byte] = byte as u8 as char;
        if !prints(byte as u8) {
            // U+0100 to U+0143 are two bytes in UTF-16 and no surrogates.
            letters[byte] = match char::from_u32(0x100 + others as u32) {
                Some(letter) => letter,
                None => '\0',
            };
            others += 1;
        }
        byte += 1;
    }
    letters
}

const fn bytes() -> [Option<u8>; END] {
    let mut bytes = [None; END];
    let mut byte = 0;
    while byte < 256 {
        bytes[LETTERS[byte] as usize] = Some(byte as u8);
        byte += 1;
    }
    bytes
}

/// Bytes in letters.
pub(super) fn spell(bytes: &[u8]) -> String {
    bytes
        .iter()
        .map(|byte| LETTERS[usize::from(*byte)])
        .collect()
}

/// The bytes that letters stand for; `None` if one stands for none.
pub(super) fn unspell(letters: &str) -> Option<Box<[u8]>> {
    let byte = |letter: char| BYTES.get(letter as usize).copied().flatten();
    letters.chars().map(byte).collect()
}

/// All bytes in the order of their letters.
pub(super) fn ordered() -> [u8; 256] {
    let mut ordered = [0; 256];
    for (place, byte) in ordered.iter_mut().zip(BYTES.iter().flatten()) {
        *place = *byte;
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_its_own_letter() {
        for byte in 0..=u8::MAX {
            assert_eq!(unspell(&spell(&[byte])).as_deref(), Some(&[byte][..]));
        }
        assert_eq!(spell(b" a\n\0\xff"), "ĠaĊĀÿ");
        assert_eq!(LETTERS[0xAD], 'Ń');
        assert_eq!(unspell("a b"), None);
    }

    #[test]
    fn bytes_that_print_come_first() {
        let ordered = ordered();
        assert_eq!((ordered[0], ordered[187], ordered[188]), (b'!', 0xFF, 0));
        assert_eq!(ordered[255], 0xAD);
    }
}
