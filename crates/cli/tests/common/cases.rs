//! Scenarios of different kinds, and what they come to.

use std::path::Path;

use crate::program::{echosphere, manifest};

/// A built-in scenario with changes.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) scenario: String,
    pub(crate) changes: Vec<String>,
}

/// What must be the same whenever two runs are the same.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Result {
    pub(crate) digest: String,
    pub(crate) metrics: Vec<u8>,
}

impl Case {
    /// The same with one more change.
    pub(crate) fn with(mut self, change: &str) -> Self {
        self.changes.push(change.to_owned());
        self
    }

    /// The arguments that run it in the folder `out`.
    pub(crate) fn arguments<'a>(&'a self, out: &'a str, more: &[&'a str]) -> Vec<&'a str> {
        let mut arguments = vec!["run", &self.scenario, "--quiet", "--out", out];
        arguments.extend(self.changes.iter().flat_map(|change| ["--set", change]));
        arguments.extend(more);
        arguments
    }

    /// Runs it to its end in the folder `out` below `folder`.
    #[track_caller]
    pub(crate) fn run(&self, folder: &Path, out: &str, more: &[&str]) -> Result {
        echosphere(folder, self.arguments(out, more)).ok();
        result(&folder.join(out))
    }
}

/// What a finished run has come to.
#[track_caller]
pub(crate) fn result(run: &Path) -> Result {
    let manifest = manifest(run);
    assert_eq!(manifest["status"], "finished");
    Result {
        digest: manifest["digest"].as_str().unwrap().to_owned(),
        metrics: std::fs::read(run.join("metrics.parquet")).unwrap(),
    }
}

/// Networks small enough for a second of training.
const NETWORKS: &[&str] = &[
    "replicates=1",
    "horizon.generations=4",
    "population.*.family={ kind = \"transformer\", width = 16, layers = 1, heads = 2, context = 48, \
     tokenizer = { bpe = 400 }, batch = 4, first = { length = { steps = 30 }, rate = 0.01 } }",
    "population.*.family.later={ length = { steps = 10 }, rate = 0.003 }",
    "population.*.training.budget={ documents = 40, first = 120 }",
    "population.*.publish.documents=20",
    "population.*.publish.top_k=50",
    "observe.metrics=[\"cross_entropy\", \"perplexity\", \"prompt_similarity\", \"distinct_2\", \"knowledge_seen\"]",
    "observe.evaluation_bytes_max=2000",
    "observe.items_max=20",
    "corpora.fiction.documents_max=60",
    "corpora.geography.documents_max=60",
    "corpora.biology.documents_max=200",
    "observe.prompts=5",
];

/// Sites, people, a crawler whose archive is curated.
const CRAWLED: &[&str] = &[
    "replicates=2",
    "horizon.days=365",
    "population.models.count=80",
    "population.models.clock.poisson=60",
    "population.models.read.archive.cutoff.days=30",
    "site.people.hosts=60",
    "site.people.writers.per_day=20",
    "site.forums.hosts=5",
    "crawler.common-crawl.fetches=900",
    "crawler.common-crawl.curate=[{ kind = \"url-dedup\", scope = \"global\" }, { kind = \"language\", real = 0.8, synthetic = 0.9 }, \
             { kind = \"quality\", keep = 0.7, noise = 0.25 }, \
             { kind = \"detector\", true_positive_rate = 0.5, false_positive_rate = 0.1 }]",
];

/// Crawlers that models have to themselves, that follow links, and that hosts do not answer; models that come and go; who feeds whom.
const GARDENS: &[&str] = &[
    "replicates=2",
    "horizon.days=300",
    "population.obedient.count=12",
    "population.greedy.count=30",
    "population.*.clock.log-normal.median_days=40",
    "population.greedy.enters.days=60",
    "population.greedy.leaves.days=250",
    "population.*.read.archive.cutoff.days=10",
    "site.people.hosts=40",
    "site.people.writers.per_day=15",
    "crawler.*.fetches=200",
    "crawler.compliant.private_to=obedient",
    "crawler.compliant.clock=poisson",
    "crawler.compliant.robots_failed=0.1",
    "crawler.defiant.discovery={ links = { hops = 3, listed = 10 } }",
    "web.links.copied=0.5",
];

/// A built-in scenario, made small enough for tests.
#[track_caller]
pub(crate) fn small(scenario: &str) -> Case {
    let changes: &[&str] = match scenario {
        // Text, private corpora, training sets drawn.
        "specialists" => &[
            "replicates=2",
            "horizon.generations=5",
            "population.*.training.budget.documents=40",
            "population.*.publish.documents=40",
            "observe.evaluation_bytes_max=5000",
        ],
        // Networks that are prompted with what they hold.
        "specialists-neural" => NETWORKS,
        // Numbers, one model, many replicates.
        "collapse" => &["replicates=20"],
        // Symbols, everything read with weights.
        "zipf-tails" => &["replicates=5"],
        // Text on a ring: every model sees something else.
        "hundred-voices" => &[
            "population.voice.count=10",
            "observe.every.generations=1",
            "population.voice.publish.tokens=100",
        ],
        // Poisson clocks, a discount, an index that is refreshed more often than its lag.
        "asynchronous" => &["replicates=2", "horizon.days=60"],
        // Four families in one pool; distances by quadrature.
        "heavy-tails" => &["replicates=2", "horizon.generations=6"],
        // Mixtures that start warm, on a ring, from drawn samples.
        "two-towns" => &["replicates=2", "horizon.generations=8"],
        // Records, one pool for all models, private directions that differ.
        "paper-regression-four" => &["replicates=3", "horizon.generations=6"],
        // Records, answers to each reader alone, trainings that are missed.
        "paper-regression-homogenisation" => &[
            "replicates=3",
            "horizon.generations=8",
            "population.*.read.scrape=independent",
            "population.*.clock={ bernoulli = 0.5 }",
            "population.*.training.regime=accumulate",
            "web.retention=accumulate",
        ],
        "common-crawl-2026" => CRAWLED,
        "closed-gardens" => GARDENS,
        // Many models in one pool, many to a shard.
        "g1" => &["population.voice.count=1000", "observe.models_max=100"],
        other => panic!("no small {other} was chosen yet"),
    };
    Case {
        scenario: scenario.to_owned(),
        changes: changes.iter().map(ToString::to_string).collect(),
    }
}
