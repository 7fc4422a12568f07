//! The sweeps that ship inside the binary.

use super::super::builtin::Builtin;
use super::super::suggest::hint;

/// A name that no built-in sweep has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no built-in sweep is called `{name}`: {hint}")]
pub struct UnknownSweep {
    /// The name asked for.
    pub name: String,
    /// Which name may have been meant, or else which there are.
    pub hint: String,
}

const BUILTINS: [Builtin; 6] = [
    Builtin {
        name: "collapse-by-sample-size",
        text: include_str!("../../../sweeps/collapse-by-sample-size.toml"),
    },
    Builtin {
        name: "paper-regression-efficiency",
        text: include_str!("../../../sweeps/paper-regression-efficiency.toml"),
    },
    Builtin {
        name: "paper-regression-grid",
        text: include_str!("../../../sweeps/paper-regression-grid.toml"),
    },
    Builtin {
        name: "population-size-shared",
        text: include_str!("../../../sweeps/population-size-shared.toml"),
    },
    Builtin {
        name: "population-size-each",
        text: include_str!("../../../sweeps/population-size-each.toml"),
    },
    Builtin {
        name: "specialists-neural-grid",
        text: include_str!("../../../sweeps/specialists-neural-grid.toml"),
    },
];

/// All of them.
pub fn builtins() -> &'static [Builtin] {
    &BUILTINS
}

/// The sweep of this name.
///
/// # Errors
/// Says which name may have been meant.
pub fn find(name: &str) -> Result<&'static Builtin, UnknownSweep> {
    let found = BUILTINS.iter().find(|builtin| builtin.name == name);
    found.ok_or_else(|| UnknownSweep {
        name: name.to_owned(),
        hint: hint(name, BUILTINS.iter().map(|builtin| builtin.name)),
    })
}
