//! Which known name did the writer mean?

/// The known name closest to `name`, or `None` when nothing is close enough to be a slip.
///
/// A slip is at most one edit (insert, delete, replace, swap) and one more for every four
/// letters; case does not count.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    let edits_max = 1 + wanted.chars().count() / 4;
    known
        .into_iter()
        .map(|candidate| {
            (
                strsim::osa_distance(&wanted, &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(edits, _)| *edits <= edits_max)
        // Ties go to the name that comes first in the alphabet, so the advice is reproducible.
        .min()
        .map(|(_, candidate)| candidate)
}

/// The tail of an error message that offers `nearest`, or nothing.
pub(crate) fn hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!(", did you mean `{name}`?"))
}

/// `a, b, c`, cut after `shown_max` names with the number of those left out.
pub(crate) fn list(names: &[String], shown_max: usize) -> String {
    let shown = names
        .iter()
        .take(shown_max)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    match names.len().saturating_sub(shown_max) {
        0 if names.is_empty() => "none".to_owned(),
        0 => shown,
        omitted => format!("{shown} and {omitted} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_a_stranger_is_not() {
        let known = ["biology", "fiction", "geography"];
        assert_eq!(nearest("boilogy", known), Some("biology"));
        assert_eq!(nearest("FICTION", known), Some("fiction"));
        assert_eq!(nearest("weather", known), None);
    }

    #[test]
    fn a_long_list_says_how_many_it_left_out() {
        let names: Vec<String> = ["a", "b", "c"].map(String::from).into();
        assert_eq!(list(&names, 3), "a, b, c");
        assert_eq!(list(&names, 2), "a, b and 1 more");
        assert_eq!(list(&[], 2), "none");
    }
}
