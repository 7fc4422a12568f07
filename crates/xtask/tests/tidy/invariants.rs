//! The architecture page states the invariants that this crate and the compiler check.

use crate::tree::{File, Violation, assert_none, files};

const PAGE: &str = "ARCHITECTURE.md";

/// The sentences, word for word; each is in bold on the page.
const INVARIANTS: [&str; 8] = [
    // Checked by `purity`.
    "Only `net` and `cli` open sockets, files, clocks or the environment.",
    // These three, and the next, are checked by `dependencies`.
    "`sim` does not know what a document is.",
    "`learn` does not know where documents come from.",
    "`web` does not know what documents are for.",
    "`ndarray` and `faer` stay inside `learn`.",
    // The last three are checked by tests of the crates that they are about.
    "The log is ground state; index, training sets, metrics and reports are folds of it.",
    "Provenance is ground truth for the observer; learners and filters never see it.",
    "A feature flag adds a way in or out, never a different answer.",
];

/// The page has every sentence in bold, wherever its lines break.
fn the_page_states_the_invariants(files: &[File]) -> Vec<Violation> {
    let Some(page) = files.iter().find(|file| file.path == PAGE) else {
        return vec![Violation::new(PAGE, 1, "the page is missing")];
    };
    let text = page.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let missing = INVARIANTS
        .iter()
        .filter(|sentence| !text.contains(&format!("**{sentence}**")));
    let message = |sentence| format!("does not state in bold: {sentence}");
    missing
        .map(|sentence| Violation::new(PAGE, 1, message(sentence)))
        .collect()
}

#[test]
fn the_architecture_page_states_the_invariants() {
    assert_none(&the_page_states_the_invariants(&files()));
}

#[test]
fn a_complete_page_is_fine() {
    let text = INVARIANTS
        .map(|sentence| format!("- **{sentence}**"))
        .join("\n");
    let wrapped = text.replace("never a different", "never a\n  different");
    assert_none(&the_page_states_the_invariants(&[File::new(
        PAGE, &wrapped,
    )]));
}

#[test]
fn a_lost_page_or_sentence_is_noticed() {
    assert_eq!(the_page_states_the_invariants(&[]).len(), 1);
    let plain = INVARIANTS.join("\n");
    let violations = the_page_states_the_invariants(&[File::new(PAGE, &plain)]);
    assert_eq!(
        violations.len(),
        INVARIANTS.len(),
        "a sentence that is not bold does not count"
    );
}
