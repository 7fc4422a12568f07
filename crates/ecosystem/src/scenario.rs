//! Scenario files: reading them, checking them, writing them out.
//!
//! ```text
//! text ──parse──► tree ──like──► tree ──--set──► tree ──schema──► Scenario ──rules──► Scenario
//!                                                   └─ Problems, all at once ─┘
//! ```
//!
//! The structs of [`schema`] are the one place that says which keys there are, of which type and
//! in which range; the JSON Schema for editors and the checks here are derived from them. What a
//! schema cannot say, because it concerns several keys, is a rule.
//!
//! ```
//! use echosphere_ecosystem::scenario::{builtin, read, resolved};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let collapse = builtin::find("collapse")?;
//! let change = [("replicates".to_owned(), "3".to_owned())];
//! let scenario = read(collapse.text, &change, &["variance"])?;
//! assert_eq!(scenario.replicates, 3);
//! assert_eq!(read(&resolved(&scenario), &[], &["variance"])?, scenario);
//!
//! let slip = read("titel = 'x'", &[], &[]).unwrap_err();
//! assert_eq!(
//!     slip.list[0].to_string(),
//!     "line 1: titel is not a known key: did you mean `title`?",
//! );
//! # Ok(())
//! # }
//! ```

pub mod builtin;
mod checks;
mod inherit;
pub mod load;
mod overrides;
mod parse;
mod problem;
mod published;
pub mod schema;
mod shape;
pub(crate) mod stages;
pub(crate) mod suggest;
pub mod sweep;
#[cfg(test)]
mod tests;
mod tree;
mod validate;
mod write;

use std::sync::LazyLock;

pub use problem::{Problem, Problems};
pub use published::json_schema;
pub use schema::Scenario;
pub use stages::pair;
pub use write::resolved;

use problem::{Finding, none_or_problems};
use shape::Shape;
use tree::{Node, places};

/// Reads a scenario file and applies `overrides`, pairs of a key and a value.
///
/// A key is the path of a value, with populations by name, by number or all at once:
/// `seed`, `horizon.generations`, `population.geographer.mixture.synthetic_fraction`,
/// `population.0.publish.documents`, `population.*.count`. A value is written as in a file; a
/// text may go without quotes. Setting one of several alternatives drops the others.
///
/// `known_metrics` are the names that `observe.metrics` may list.
///
/// # Errors
///
/// Everything that is wrong, at once: what the syntax, the schema and `overrides` break, or, once
/// these are right, what breaks a rule about several keys.
pub fn read(
    text: &str,
    overrides: &[(String, String)],
    known_metrics: &[&str],
) -> Result<Scenario, Problems> {
    Reader::new().read(text, overrides, known_metrics)
}

/// What is derived from the schema takes longer than most files, and is the same for all of them.
static SHAPE: LazyLock<Shape> = LazyLock::new(|| Shape::of(&published::derived()));

/// The compiled schema, for those who read more than one file.
struct Reader {
    shape: &'static Shape,
}

impl Reader {
    fn new() -> Self {
        Self { shape: &SHAPE }
    }

    fn read(
        &self,
        text: &str,
        overrides: &[(String, String)],
        known_metrics: &[&str],
    ) -> Result<Scenario, Problems> {
        let shape = self.shape;
        let mut root = parse::file(text).map_err(|problem| Problems {
            list: vec![problem],
        })?;
        let mut findings = inherit::inherit(&mut root, shape);
        findings.extend(overrides::apply(&mut root, shape, overrides));
        findings.extend(validate::validate(&root, shape));
        none_or_problems(text, findings)?;
        let mut scenario = deserialise(&root)?;
        settle_transformers(&mut scenario);
        none_or_problems(text, rule_findings(&scenario, &root, known_metrics))?;
        Ok(scenario)
    }
}

/// The scenario with other values from `days` on, each change written `KEY=VALUE`: until then it is the same to the bit.
///
/// # Errors
///
/// If that cannot be changed on the way, or the changed scenario breaks a rule.
pub fn forked(scenario: &Scenario, days: f64, changes: &[String]) -> Result<Scenario, Problems> {
    let mut future = scenario.clone();
    future.intervention.push(schema::Intervention {
        at: schema::Span::Days(days),
        set: changes.to_vec(),
    });
    read(&resolved(&future), &[], &crate::metrics::names())
}

/// What is allowed and probably not meant, one sentence each.
pub fn warnings(scenario: &Scenario) -> Vec<String> {
    checks::warnings(scenario)
}

/// Where a population does not say whether it is prompted, transformers are and others are not. Sizes follow from a file or
/// are the usual ones.
fn settle_transformers(scenario: &mut Scenario) {
    for population in &mut scenario.population {
        if let schema::Family::Transformer(shape) = &mut population.family {
            shape.settle();
            let usual = schema::Prompting::Real(schema::Prompt::default());
            population.publish.prompt.get_or_insert(usual);
        }
    }
}

/// A tree of the right shape deserialises; should it not, serde says why.
fn deserialise(root: &Node) -> Result<Scenario, Problems> {
    serde_json::from_value(root.json()).map_err(|error| {
        let problem = Problem {
            line: None,
            key: String::new(),
            message: error.to_string(),
        };
        Problems {
            list: vec![problem],
        }
    })
}

fn rule_findings(scenario: &Scenario, root: &Node, known_metrics: &[&str]) -> Vec<Finding> {
    let places = places(root);
    let notes = checks::problems(scenario, known_metrics).0.into_iter();
    let place = |key: &str| {
        let mut ancestors = std::iter::successors(Some(key), |key| Some(key.rsplit_once('.')?.0));
        // What is not in the file is told where it would stand.
        ancestors.find_map(|key| places.get(key).copied()).flatten()
    };
    notes
        .map(|(key, message)| Finding {
            offset: place(&key),
            key,
            message,
        })
        .collect()
}
