//! Sweep files: one scenario, the keys that vary, and the points that this makes.
//!
//! ```
//! use echosphere_ecosystem::scenario::{builtin, sweep::Sweep};
//!
//! let mut sweep = Sweep::read(
//!     r#"
//!     scenario = "collapse"
//!     [grid]
//!     "population.copyist.mixture.synthetic_fraction" = [0.0, 0.5, 1.0]
//!     "horizon.generations" = [10, 20]
//!     "#,
//!     &["variance"],
//! )?;
//! sweep.set("replicates", "3")?;
//! let collapse = builtin::find(&sweep.scenario)?;
//! let scenarios = sweep.scenarios(collapse.text, &["variance"])?;
//! assert_eq!(scenarios.len(), 6);
//! assert!(scenarios.iter().all(|scenario| scenario.replicates == 3));
//! assert_eq!(sweep.point_name(1), "synthetic_fraction = 0, generations = 20");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod builtin;
mod check;
mod file;
mod setting;
#[cfg(test)]
mod tests;
mod write;

pub(super) use file::settings;
pub use setting::{Setting, Value};

/// A scenario with the keys that vary.
#[derive(Debug, Clone, PartialEq)]
pub struct Sweep {
    /// One line.
    pub title: String,
    /// What it is about; may be empty.
    pub about: String,
    /// Name or path of the scenario.
    pub scenario: String,
    /// The scenario itself, if the file brings it along.
    pub text: Option<String>,
    /// Which rows are kept.
    pub keep: Keep,
    /// Metrics that the report draws; all of them if empty.
    pub metrics: Vec<String>,
    /// Label of the axis that the report draws lines over, where two numbers vary and it would draw a map.
    pub lines_over: Option<String>,
    /// What is the same at every point, in the order in which it is set.
    pub fixed: Vec<Setting>,
    /// What varies.
    pub axes: Vec<Axis>,
    /// The points, in order: for each axis its setting, or nothing where the scenario's own value stays.
    pub points: Vec<Vec<Option<Setting>>>,
}

/// Something that varies.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// The keys that take the value, as `--set` writes them.
    pub keys: Vec<String>,
    /// Short name, for columns and figures.
    pub label: String,
    /// The values of a grid; empty if the points are a list.
    pub values: Vec<Setting>,
}

/// Which rows of a point are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keep {
    /// The last observation of every series.
    #[default]
    Last,
    /// All of them.
    All,
}

/// Most points of a sweep.
const POINTS_MAX: usize = 100_000;

/// Most characters of a title that is given, and of a label. What the keys make by themselves may be longer.
const TITLE_MAX: usize = 200;
const LABEL_MAX: usize = 40;

/// Columns of the table that no axis may be called after.
const COLUMNS: [&str; 9] = [
    "point",
    "replicate",
    "time",
    "generation",
    "model",
    "population",
    "metric",
    "target",
    "value",
];

impl Sweep {
    /// Sets a key at every point, for instance because the command line says so.
    ///
    /// # Errors
    /// If the key is one of those that vary.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        if self.axes.iter().any(|axis| axis.has(key)) {
            return Err(format!("{key} was set, but it is a key that varies"));
        }
        self.fixed.retain(|setting| setting.key() != key);
        self.fixed.push(Setting::argument(key, value));
        Ok(())
    }

    /// The settings of a point in words: `alpha = 0.5, beta = 1`.
    pub fn point_name(&self, point: usize) -> String {
        let pairs = self.axes.iter().zip(&self.points[point]);
        let named = pairs.filter_map(|(axis, setting)| {
            let value = &setting.as_ref()?.value;
            Some(format!("{} = {value}", axis.label))
        });
        named.collect::<Vec<_>>().join(", ")
    }

    /// The changes to the scenario that make a point, as [`read`](super::read) takes them.
    pub fn changes(&self, point: usize) -> Vec<(String, String)> {
        let varying = self.points[point].iter().flatten();
        let settings = self.fixed.iter().chain(varying);
        settings.flat_map(Setting::changes).collect()
    }

    /// True if the points are a grid and not a list.
    pub fn is_grid(&self) -> bool {
        self.axes.iter().all(|axis| !axis.values.is_empty())
    }
}

impl Axis {
    fn has(&self, key: &str) -> bool {
        self.keys.iter().any(|own| own == key)
    }
}
