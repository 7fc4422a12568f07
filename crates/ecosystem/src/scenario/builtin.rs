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

const BUILTINS: [Builtin; 8] = builtins![
    "specialists",
    "collapse",
    "accumulate",
    "zipf-tails",
    "hundred-voices",
    "asynchronous",
    "g1",
    "million",
];

/// All of them, the ones to begin with first.
pub fn builtins() -> &'static [Builtin] {
    &BUILTINS
}

/// The scenario of this name.
///
/// # Errors
///
/// Says which name may have been meant.
pub fn find(name: &str) -> Result<&'static Builtin, UnknownBuiltin> {
    let found = BUILTINS.iter().find(|builtin| builtin.name == name);
    found.ok_or_else(|| UnknownBuiltin {
        name: name.to_owned(),
        hint: hint(name, BUILTINS.iter().map(|builtin| builtin.name)),
    })
}
