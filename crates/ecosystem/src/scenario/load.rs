//! Load files: a scenario, where its deeds come from, and what must hold.
//!
//! ```
//! use echosphere_ecosystem::scenario::load::{Arrivals, Load};
//!
//! let load = Load::read(
//!     r#"
//!     scenario = "collapse"
//!     stages = [{ seconds = 10, rate = 1000 }, { seconds = 60, rate = 1000 }]
//!     thresholds = ["p99(publish) < 20ms", "error_rate < 0.1%"]
//!     [set]
//!     "population.*.count" = 5000
//!     "#,
//!     &["publish", "crawl"],
//! )?;
//! assert_eq!(load.arrivals, Arrivals::Poisson);
//! assert_eq!(load.seconds(), 70.0);
//! assert_eq!(load.changes, [("population.*.count".to_owned(), "5000".to_owned())]);
//! assert!((load.thresholds[0].limit - 0.02).abs() < 1e-12);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod builtin;
mod threshold;

use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::threshold::{Subject, Threshold};
use super::problem::{Finding, Problem, Problems, none_or_problems};
use super::shape::Shape;
use super::sweep::settings;
use super::tree::{Node, Value};
use super::{parse, validate};

/// A load file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Load {
    /// One line.
    pub title: String,
    /// What it is about; may be empty.
    pub about: String,
    /// Name or path of the scenario.
    pub scenario: String,
    /// Changes to the scenario.
    pub changes: Vec<(String, String)>,
    /// Where deeds come from.
    pub arrivals: Arrivals,
    /// How many arrive.
    pub stages: Vec<Stage>,
    /// The steps that the stages are made of, if the load rises until a threshold breaks.
    pub steps: Option<Steps>,
    /// How long models keep their own clocks, in seconds.
    seconds: f64,
    /// How models are hosted.
    pub hosting: Hosting,
    /// Where documents are published, besides the population's own web.
    pub target: Option<Target>,
    /// What must hold.
    pub thresholds: Vec<Threshold>,
}

/// Where deeds come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Arrivals {
    /// From outside, as a Poisson process; nobody waits for anybody.
    Poisson,
    /// From outside, evenly; nobody waits for anybody.
    Constant,
    /// From the models' own clocks, as the scenario has them.
    Clocks,
    /// From each model itself, which begins again as soon as it has ended: how much can be done at most.
    Closed,
}

/// A stretch of time in which the rate of arrivals goes in a straight line from where the last one ended.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// How long it lasts.
    #[schemars(range(min = 0.001, max = 2_592_000.0))]
    pub seconds: f64,
    /// Arrivals a second at its end.
    #[schemars(range(min = 0.0, max = 1e9))]
    pub rate: f64,
}

/// A rate that rises in steps until a threshold does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Steps {
    /// Arrivals a second in the first step.
    #[schemars(range(min = 0.001, max = 1e9))]
    pub from: f64,
    /// From one step to the next the rate is multiplied by this.
    #[schemars(range(min = 1.01, max = 100.0))]
    #[serde(default = "factor")]
    pub factor: f64,
    /// How long every step lasts.
    #[schemars(range(min = 1.0, max = 86_400.0))]
    pub seconds: f64,
}

fn factor() -> f64 {
    1.5
}

/// So many steps are taken at most.
const STEPS_MAX: usize = 200;
/// From the rate of one step to that of the next in so many seconds.
const EDGE: f64 = 0.001;

impl Steps {
    /// The rates, step by step.
    pub fn rates(&self) -> impl Iterator<Item = f64> {
        let rates = std::iter::successors(Some(self.from), |rate| Some(rate * self.factor));
        rates.take(STEPS_MAX).take_while(|rate| *rate <= 1e9)
    }

    /// Each step as an edge and a hold.
    fn stages(&self) -> Vec<Stage> {
        let stages = |rate| [EDGE, self.seconds - EDGE].map(|seconds| Stage { seconds, rate });
        self.rates().flat_map(stages).collect()
    }
}

/// How models are hosted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Hosting {
    /// Models that share an actor.
    #[schemars(range(min = 1, max = 100_000_000))]
    pub models_per_actor: u32,
    /// Messages that wait at an actor at most.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub mailbox: u32,
    /// Deeds that wait at all actors of a thread at most.
    #[schemars(range(min = 1, max = 10_000_000))]
    pub in_flight: u32,
    /// What has waited longer is given up.
    #[schemars(range(min = 0.001, max = 86_400.0))]
    pub patience_seconds: f64,
    /// Between two refreshes of what can be read.
    #[schemars(range(min = 0.001, max = 3_600.0))]
    pub refresh_seconds: f64,
    /// Wall time of a generation.
    #[schemars(range(min = 0.000_001, max = 31_557_600.0))]
    pub seconds_per_generation: f64,
    /// Documents that are published at once.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub batch_documents: u32,
    /// Deliveries to a target that are under way at once.
    #[schemars(range(min = 1, max = 100_000))]
    pub window: u32,
    /// Threads that train models of costly families; 0 trains them on the threads of their actors.
    #[schemars(range(min = 0, max = 1_024))]
    pub workers: Option<u32>,
    /// Models that are kept in memory between deeds, of all threads together; the others rest on disk. Without it all are.
    #[schemars(range(min = 1, max = 100_000_000))]
    pub resident_models: Option<u32>,
}

impl Default for Hosting {
    fn default() -> Self {
        Self {
            models_per_actor: 1,
            mailbox: 16,
            in_flight: 16_384,
            patience_seconds: 1.0,
            refresh_seconds: 0.1,
            seconds_per_generation: 1.0,
            batch_documents: 4096,
            window: 64,
            workers: None,
            resident_models: None,
        }
    }
}

/// Where documents are published, besides the population's own web.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "kebab-case")]
pub enum Target {
    /// A subject of a NATS server.
    Nats {
        /// Addresses, separated by commas.
        #[schemars(length(min = 1))]
        url: String,
        /// The subject.
        #[serde(default = "subject")]
        subject: String,
    },
    /// A stream of JetStream.
    Jetstream {
        /// Addresses, separated by commas; without them a private server is started.
        url: Option<String>,
        /// The subject.
        #[serde(default = "subject")]
        subject: String,
        /// The stream, which is made if there is none.
        #[serde(default = "stream")]
        stream: String,
    },
    /// An address that takes JSON lines by POST.
    Http {
        /// The address.
        #[schemars(length(min = 1))]
        url: String,
    },
}

fn subject() -> String {
    "echosphere.load".to_owned()
}

fn stream() -> String {
    "ECHOSPHERE_LOAD".to_owned()
}

/// The file, but for the changes to the scenario.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct File {
    #[schemars(length(min = 1, max = 200))]
    title: Option<String>,
    about: Option<String>,
    #[schemars(length(min = 1))]
    scenario: String,
    arrivals: Option<Arrivals>,
    #[serde(default)]
    #[schemars(length(min = 1, max = 10_000))]
    stages: Vec<Stage>,
    steps: Option<Steps>,
    #[schemars(range(min = 0.001, max = 2_592_000.0))]
    seconds: Option<f64>,
    #[serde(default)]
    hosting: Hosting,
    target: Option<Target>,
    #[serde(default)]
    #[expect(dead_code, reason = "they are read with what they mean")]
    thresholds: Vec<String>,
}

/// How long models keep their own clocks, unless the file says so.
const SECONDS: f64 = 30.0;

static SHAPE: LazyLock<Shape> =
    LazyLock::new(|| Shape::of(&schemars::schema_for!(File).to_value()));

impl Load {
    /// Arrivals at these stages, instead of what the file says.
    pub fn set_stages(&mut self, stages: Vec<Stage>) {
        (self.stages, self.steps) = (stages, None);
    }

    /// Reads a load file. `operations` are the names of what takes time.
    ///
    /// # Errors
    /// Everything that is wrong with the file; what a scenario says to its changes is for whoever reads that.
    pub fn read(text: &str, operations: &[&str]) -> Result<Self, Problems> {
        let mut root = parse::file(text).map_err(one)?;
        let changes = match root.get("set").map(|set| (set, set.table())) {
            Some((set, Some(_))) => settings(set),
            _ => Vec::new(),
        };
        if let Value::Table(table) = &mut root.value {
            table.remove("set");
        }
        let mut findings = validate::validate(&root, &SHAPE);
        let thresholds = thresholds(&root, operations, &mut findings);
        findings.extend(misnamed(&root));
        if findings.is_empty() {
            findings.extend(contradictions(&root));
        }
        none_or_problems(text, findings)?;
        let file: File = serde_json::from_value(root.json()).map_err(|error| {
            one(Problem {
                line: None,
                key: String::new(),
                message: error.to_string(),
            })
        })?;
        Ok(Self::of(file, changes, thresholds))
    }

    fn of(file: File, changes: Vec<(String, String)>, thresholds: Vec<Threshold>) -> Self {
        let stages = match &file.steps {
            Some(steps) => steps.stages(),
            None => file.stages,
        };
        let own = if stages.is_empty() {
            Arrivals::Clocks
        } else {
            Arrivals::Poisson
        };
        Self {
            title: file
                .title
                .unwrap_or_else(|| format!("{} under load", file.scenario)),
            about: file.about.unwrap_or_default(),
            scenario: file.scenario,
            changes,
            arrivals: file.arrivals.unwrap_or(own),
            stages,
            steps: file.steps,
            seconds: file.seconds.unwrap_or(SECONDS),
            hosting: file.hosting,
            target: file.target,
            thresholds,
        }
    }

    /// Changes how long models keep their own clocks.
    pub fn set_seconds(&mut self, seconds: f64) {
        self.seconds = seconds;
    }

    /// How long the load lasts, in seconds.
    pub fn seconds(&self) -> f64 {
        if self.stages.is_empty() {
            self.seconds
        } else {
            self.stages.iter().map(|stage| stage.seconds).sum()
        }
    }
}

fn one(problem: Problem) -> Problems {
    Problems {
        list: vec![problem],
    }
}

/// What each threshold says, and what is wrong with those that say nothing.
fn thresholds(root: &Node, operations: &[&str], findings: &mut Vec<Finding>) -> Vec<Threshold> {
    let Some(Value::List(list)) = root.get("thresholds").map(|node| &node.value) else {
        return Vec::new();
    };
    let mut read = Vec::new();
    for (index, node) in list.iter().enumerate() {
        let Some(text) = node.text() else { continue };
        match Threshold::read(text, operations) {
            Ok(threshold) => read.push(threshold),
            Err(message) => {
                findings.push(node.finding(&format!("thresholds.{index}"), message));
            }
        }
    }
    read
}

/// A subject that nothing can be published on, or a stream that cannot be called so: both are names of NATS, where some characters stand
/// for others.
fn misnamed(root: &Node) -> Vec<Finding> {
    let Some(target) = root.get("target") else {
        return Vec::new();
    };
    let find = |key: &str, allowed: fn(&str) -> bool, message: &str| {
        let node = target.get(key)?;
        let wrong = !node.text().is_none_or(allowed);
        wrong.then(|| node.finding(&format!("target.{key}"), message))
    };
    let subject = "must be words between single dots, without spaces, * and >";
    let stream = "must be one word, without dots, slashes, spaces, * and >";
    let findings = [
        find("subject", |name| name.split('.').all(is_word), subject),
        find(
            "stream",
            |name| is_word(name) && !name.contains(['.', '/', '\\']),
            stream,
        ),
    ];
    findings.into_iter().flatten().collect()
}

fn is_word(name: &str) -> bool {
    let stands_apart = |letter: char| letter.is_whitespace() || "*>".contains(letter);
    !name.is_empty() && !name.contains(stands_apart)
}

/// Keys that contradict each other.
fn contradictions(root: &Node) -> Vec<Finding> {
    let arrivals = root.get("arrivals");
    let said = arrivals.and_then(Node::text);
    let own = matches!(said, Some("clocks" | "closed"));
    let (stages, steps) = (root.get("stages"), root.get("steps"));
    let seconds = root.get("seconds");
    let mut findings = Vec::new();
    if let (Some(steps), Some(_)) = (steps, stages) {
        let message = "stands beside stages: a load rises in steps, or as stages say";
        findings.push(steps.finding("steps", message));
    }
    if let (Some(steps), true) = (steps, root.get("thresholds").is_none()) {
        let message = "rises until a threshold does not hold, and there are no thresholds";
        findings.push(steps.finding("steps", message));
    }
    let outside = [("stages", stages), ("steps", steps)];
    let outside = outside
        .into_iter()
        .filter_map(|(key, node)| Some((key, node?)));
    for (key, node) in outside.clone().filter(|_| own) {
        let message = "says how many arrive, but arrivals come from the models themselves";
        findings.push(node.finding(key, message));
    }
    if let (Some(arrivals), true, Some("poisson" | "constant")) =
        (arrivals, outside.clone().next().is_none(), said)
    {
        let message = "needs stages: write for instance stages = [{ seconds = 30, rate = 1000 }]";
        findings.push(arrivals.finding("arrivals", message));
    }
    if let (Some(seconds), Some((key, _))) = (seconds, outside.clone().next()) {
        let message = format!("stands beside {key}, which say themselves how long they last");
        findings.push(seconds.finding("seconds", message));
    }
    findings
}
