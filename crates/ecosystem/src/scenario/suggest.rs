//! Which known word did the writer mean?

/// The known word closest to `word`, or `None` when nothing is close enough to be a slip.
///
/// A slip is at most one edit and one more for every four letters; case does not count.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = word.to_lowercase();
    let edits_max = 1 + wanted.chars().count() / 4;
    let edits = |candidate: &str| strsim::osa_distance(&wanted, &candidate.to_lowercase());
    let candidates = known
        .into_iter()
        .map(|candidate| (edits(candidate), candidate));
    // Ties go to the word that comes first in the alphabet, so the advice is reproducible.
    let closest = candidates.filter(|(edits, _)| *edits <= edits_max).min();
    closest.map(|(_, candidate)| candidate)
}

/// The tail of a message about an unknown word: the one that was meant, or else all there are.
pub(crate) fn hint<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<_> = known.into_iter().collect();
    match nearest(word, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("known are {}", list(&known)),
    }
}

const LISTED_MAX: usize = 40;

/// Words in backticks; of very many only the first.
fn list(known: &[&str]) -> String {
    let mut shown: Vec<_> = known
        .iter()
        .take(LISTED_MAX)
        .map(|word| format!("`{word}`"))
        .collect();
    match known.len().saturating_sub(LISTED_MAX) {
        0 if known.is_empty() => shown.push("none".to_owned()),
        0 => {}
        omitted => shown.push(format!("and {omitted} more")),
    }
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_a_stranger_is_not() {
        let known = ["biology", "fiction"];
        assert_eq!(hint("boilogy", known), "did you mean `biology`?");
        assert_eq!(hint("weather", known), "known are `biology`, `fiction`");
        assert_eq!(hint("weather", []), "known are none");
    }
}
