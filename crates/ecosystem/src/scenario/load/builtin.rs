//! The loads that ship inside the binary.

use super::super::builtin::Builtin;
use super::super::suggest::hint;

/// A name that no built-in load has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no built-in load is called `{name}`: {hint}")]
pub struct UnknownLoad {
    /// The name asked for.
    pub name: String,
    /// Which name may have been meant, or else which there are.
    pub hint: String,
}

const BUILTINS: [Builtin; 2] = [
    Builtin {
        name: "voices",
        text: include_str!("../../../loads/voices.toml"),
    },
    Builtin {
        name: "million",
        text: include_str!("../../../loads/million.toml"),
    },
];

/// All built-in loads.
pub fn all() -> &'static [Builtin] {
    &BUILTINS
}

/// The built-in load of that name.
///
/// # Errors
/// If there is none.
pub fn find(name: &str) -> Result<&'static Builtin, UnknownLoad> {
    let found = BUILTINS.iter().find(|load| load.name == name);
    found.ok_or_else(|| UnknownLoad {
        name: name.to_owned(),
        hint: hint(name, BUILTINS.iter().map(|load| load.name)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::load::Load;
    use crate::scenario::{builtin, read};

    #[test]
    fn every_load_can_be_put_on_its_scenario() {
        for Builtin { name, text } in all() {
            let operations = ["publish", "freshness"];
            let load =
                Load::read(text, &operations).unwrap_or_else(|error| panic!("{name}: {error}"));
            let scenario = builtin::find(&load.scenario).unwrap();
            read(scenario.text, &load.changes, &crate::metrics::names())
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(
                !load.thresholds.is_empty() && !load.about.is_empty(),
                "{name}"
            );
            assert_eq!(find(name).unwrap().text, *text);
        }
        let unknown = find("voice").unwrap_err();
        assert!(
            unknown.to_string().contains("did you mean `voices`?"),
            "{unknown}"
        );
    }
}
