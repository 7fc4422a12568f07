//! The scenarios that ship inside the binary.

use super::suggest::hint;

/// A scenario inside the binary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Builtin {
    /// The name that [`find`] takes.
    pub name: &'static str,
    /// The scenario file.
    pub text: &'static str,
}

/// A name that no built-in scenario has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no built-in scenario is called `{name}`: {hint}")]
pub struct UnknownBuiltin {
    /// The name asked for.
    pub name: String,
    /// Which name may have been meant, or else which there are.
    pub hint: String,
}

macro_rules! builtins {
    ($($name:literal),* $(,)?) => {
        [$(Builtin {
            name: $name,
            text: include_str!(concat!("../../scenarios/", $name, ".toml")),
        }),*]
    };
}

const BUILTINS: [Builtin; 29] = builtins![
    "specialists",
    "specialists-neural",
    "three-specialists",
    "knowledge-exchange",
    "population-size",
    "real-data-anchor",
    "families-mixed",
    "detector",
    "collapse",
    "accumulate",
    "zipf-tails",
    "hundred-voices",
    "asynchronous",
    "heavy-tails",
    "two-towns",
    "lock-step",
    "common-crawl-2026",
    "closed-gardens",
    "dying-web",
    "moderated-forum",
    "curated-web",
    "paper-regression-transfer",
    "paper-regression-two",
    "paper-regression-four",
    "paper-regression-sixteen",
    "paper-regression-homogenisation",
    "paper-regression-unstable",
    "g1",
    "million",
];

/// All of them, the ones to begin with first.
pub fn builtins() -> &'static [Builtin] {
    &BUILTINS
}

/// The scenario of this name, among the built-in ones and those of the reproductions.
///
/// # Errors
///
/// Says which name may have been meant.
pub fn find(name: &str) -> Result<&'static Builtin, UnknownBuiltin> {
    let mut all = BUILTINS.iter().chain(crate::reproduction::scenarios());
    let found = all.find(|builtin| builtin.name == name);
    // Reproductions are told only to those who know their numbers.
    let numbered = |builtin: &&Builtin| builtin.name.get(..3) == name.get(..3);
    let others = crate::reproduction::scenarios().iter().filter(numbered);
    let nearby = BUILTINS.iter().chain(others);
    found.ok_or_else(|| UnknownBuiltin {
        name: name.to_owned(),
        hint: hint(name, nearby.map(|builtin| builtin.name)),
    })
}
