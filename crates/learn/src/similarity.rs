//! How alike two texts are.

/// Length of an embedding.
pub const EMBEDDING_DIMENSION: usize = 512;

/// Embeds texts as one vector: the square roots of the counts of their words and of their
/// character trigrams, hashed into [`EMBEDDING_DIMENSION`] dimensions with a random sign
/// (Weinberger et al. 2009).
///
/// Studies of language models use the sentence vectors of a neural network. This vector needs no
/// weights, is the same on every machine, and is cheap enough for every model at every
/// generation. Words carry the subject, trigrams the style and the spelling, also of words that
/// are nearly right, as a byte-level model writes them. The sign makes the inner product of two
/// hashed vectors an unbiased estimate of that of the unhashed ones; the root keeps the few
/// features that are frequent in any text from drowning all others.
///
/// Words are the longest runs of ASCII letters, digits and bytes beyond ASCII. Capitals count as
/// small letters, and any other run of bytes as one space.
pub fn embedding<'a>(texts: impl IntoIterator<Item = &'a [u8]>) -> Vec<f32> {
    let mut features = Vec::new();
    for text in texts {
        append_features(text, &mut features);
    }
    features.sort_unstable();
    let mut sums = [0.0; EMBEDDING_DIMENSION];
    for run in features.chunk_by(|a, b| a == b) {
        let sign = if run[0] >> 63 == 0 { 1.0 } else { -1.0 };
        sums[run[0] as usize % EMBEDDING_DIMENSION] += sign * (run.len() as f64).sqrt();
    }
    sums.iter().map(|&sum| sum as f32).collect()
}

/// Cosine of the angle between two vectors, a.b / (|a| |b|); 0 if one of them is zero.
pub fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter()
            .zip(b)
            .map(|(x, y)| f64::from(*x) * f64::from(*y))
            .sum()
    };
    let norms = (dot(a, a) * dot(b, b)).sqrt();
    if norms > 0.0 { dot(a, b) / norms } else { 0.0 }
}

/// The hashes of the words and trigrams of one text.
pub(crate) fn hashes(text: &[u8]) -> Vec<u64> {
    let mut features = Vec::new();
    append_features(text, &mut features);
    features
}

/// Appends the hashes of the words and trigrams of one text.
fn append_features(text: &[u8], features: &mut Vec<u64>) {
    let plain = plain(text);
    let words = plain
        .split(|&byte| byte == b' ')
        .filter(|word| !word.is_empty());
    features.extend(words.map(|word| hash(1, word)));
    features.extend(plain.windows(3).map(|trigram| hash(2, trigram)));
}

/// Words in small letters, each between two spaces.
fn plain(text: &[u8]) -> Vec<u8> {
    let mut plain = vec![b' '];
    for &byte in text {
        if byte.is_ascii_alphanumeric() || byte >= 0x80 {
            plain.push(byte.to_ascii_lowercase());
        } else if plain.last() != Some(&b' ') {
            plain.push(b' ');
        }
    }
    if plain.last() != Some(&b' ') {
        plain.push(b' ');
    }
    plain
}

/// FNV-1a of the bytes (Fowler, Noll and Vo 1991), scattered.
fn hash(kind: u8, bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    scatter(bytes.iter().fold(step(0xcbf2_9ce4_8422_2325, &kind), step))
}

/// The finish of `SplitMix64` (Steele, Lea and Flood 2014): every bit of the result depends on every bit of `hash`.
#[inline]
pub(crate) fn scatter(hash: u64) -> u64 {
    let hash = (hash ^ hash >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ hash >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ hash >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEA: [&str; 2] = [
        "The ship sailed out of the harbour at dawn, and the captain watched the waves.",
        "A captain must know the sea: its waves, its harbours and the ships that sail on it.",
    ];
    const PROOF: [&str; 2] = [
        "Let n be a prime number; then every group of order n is cyclic, by the theorem.",
        "By the theorem of Lagrange the order of a group divides n, so n is a prime number.",
    ];

    fn likeness(a: &str, b: &str) -> f64 {
        cosine(&embedding([a.as_bytes()]), &embedding([b.as_bytes()]))
    }

    #[test]
    fn one_domain_is_more_alike_than_two() {
        let within = likeness(SEA[0], SEA[1]).min(likeness(PROOF[0], PROOF[1]));
        for sea in SEA {
            for proof in PROOF {
                assert!(likeness(sea, proof) < within - 0.05);
            }
        }
    }

    #[test]
    fn the_cosine_is_scale_free() {
        assert_eq!(cosine(&[1.0, 2.0], &[2.0, 4.0]), 1.0);
        assert_eq!(cosine(&[1.0, 0.0], &[0.0, 3.0]), 0.0);
        assert_eq!(cosine(&[0.0, 0.0], &[1.0, 1.0]), 0.0);
    }

    #[test]
    fn spelling_of_blanks_and_capitals_is_ignored() {
        assert!((likeness("The Cat sat.", "the  cat -- SAT") - 1.0).abs() < 1e-12);
    }
}
