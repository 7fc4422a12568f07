//! A sweep with everything that its points need.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use ecosystem::Data;
use ecosystem::scenario::schema::Scenario;
use ecosystem::scenario::sweep::Sweep;

use crate::failure::Failure;
use crate::load;

/// A sweep, checked, with its data.
#[derive(Debug)]
pub struct Plan {
    /// The sweep with the changes of the command line.
    pub sweep: Sweep,
    /// The sweep file that needs nothing else.
    pub resolved: String,
    /// The points, in order.
    pub points: Vec<Point>,
    /// BLAKE3 over the files that were read; see [`load::data`].
    pub data_hash: String,
}

/// One point.
#[derive(Debug)]
pub struct Point {
    /// Its scenario.
    pub scenario: Scenario,
    /// Its corpora, shared with the points that have the same.
    pub data: Arc<Data>,
}

impl Plan {
    /// Checks every point of a sweep over the scenario in `text`, whose relative paths start at `base`, and loads the
    /// corpora. `shown` is what the user calls the sweep.
    ///
    /// # Errors
    /// All problems at once, with exit code 2.
    pub fn new(sweep: Sweep, (shown, text): (&str, &str), base: &Path) -> Result<Self, Failure> {
        let scenarios = sweep
            .scenarios(text, &ecosystem::metrics::names())
            .map_err(|problems| load::refused(shown, &problems))?;
        for warning in Sweep::warnings(&scenarios) {
            tracing::warn!("{warning}");
        }
        let (mut shelf, mut refused) = (Shelf::default(), Vec::<String>::new());
        let mut points = Vec::with_capacity(scenarios.len());
        for scenario in scenarios {
            match shelf.data(&scenario, base) {
                Ok(data) => points.push(Point { scenario, data }),
                Err(failure) if refused.contains(&failure.message) => {}
                Err(failure) => refused.push(failure.message),
            }
        }
        if !refused.is_empty() {
            return Err(Failure::input(refused.join("\n")));
        }
        Ok(Self {
            resolved: sweep.resolved(text),
            sweep,
            points,
            data_hash: shelf.hash(),
        })
    }

    /// Replicates of a point.
    pub(super) fn replicates(&self, point: u32) -> u32 {
        self.points[point as usize].scenario.replicates
    }

    /// Names of the axes.
    pub(crate) fn axes(&self) -> Vec<String> {
        let labels = self.sweep.axes.iter().map(|axis| axis.label.clone());
        labels.collect()
    }
}

/// Corpora that are loaded, by what the scenario says of them.
#[derive(Debug, Default)]
struct Shelf {
    loaded: BTreeMap<String, (Arc<Data>, String)>,
}

impl Shelf {
    fn data(&mut self, scenario: &Scenario, base: &Path) -> Result<Arc<Data>, Failure> {
        // Only distributions are drawn, and depend on the seed.
        let drawn = scenario
            .corpora
            .values()
            .any(|corpus| corpus.distribution.is_some());
        let seed = drawn.then_some(scenario.seed);
        let key = serde_json::to_string(&(&scenario.corpora, seed)).map_err(Failure::run)?;
        if let Some((data, _)) = self.loaded.get(&key) {
            return Ok(Arc::clone(data));
        }
        let corpora = load::data(scenario, base)?;
        let data = Arc::new(corpora.data);
        let kept = (Arc::clone(&data), corpora.hash);
        self.loaded.insert(key, kept);
        Ok(data)
    }

    /// One hash over all that was read.
    fn hash(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for (_, hash) in self.loaded.values() {
            hasher.update(hash.as_bytes());
        }
        hasher.finalize().to_string()
    }
}
