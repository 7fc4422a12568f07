//! Decompression with a bound on what comes out.

use std::io::Read as _;

use flate2::read::MultiGzDecoder;

/// Why a gzip file gave no bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum InflateFault {
    /// The file is cut short, corrupt or no gzip file at all.
    Broken(String),
    /// More came out than was allowed.
    TooLarge,
}

/// Decompresses all members of a gzip file, giving up once more than `bytes_max` came out.
///
/// The bound is checked on what is really written, since the size in a gzip trailer can lie.
pub(crate) fn inflate(bytes: &[u8], bytes_max: u64) -> Result<Vec<u8>, InflateFault> {
    let mut inflated = Vec::new();
    MultiGzDecoder::new(bytes)
        .take(bytes_max.saturating_add(1))
        .read_to_end(&mut inflated)
        .map_err(|error| InflateFault::Broken(error.to_string()))?;
    if inflated.len() as u64 > bytes_max {
        return Err(InflateFault::TooLarge);
    }
    Ok(inflated)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn deflate(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn what_went_in_comes_out_up_to_the_bound() {
        let packed = deflate(&[7; 1000]);
        assert_eq!(inflate(&packed, 1000), Ok(vec![7; 1000]));
        assert_eq!(inflate(&packed, 999), Err(InflateFault::TooLarge));
    }

    #[test]
    fn members_are_joined() {
        let packed = [deflate(b"one "), deflate(b"two")].concat();
        assert_eq!(inflate(&packed, 100), Ok(b"one two".to_vec()));
    }

    #[test]
    fn a_cut_file_is_broken() {
        let packed = deflate(&[7; 1000]);
        for end in 0..packed.len() {
            let cut = inflate(&packed[..end], 1000);
            assert!(
                matches!(cut, Err(InflateFault::Broken(_))),
                "cut at {end}: {cut:?}"
            );
        }
    }
}
