//! What a node may say that has shards, and should not.

use crate::session::register;
use crate::wire::node_message::Kind as Word;
use crate::wire::{
    Blob, Failed, Lease, ModelValue, Observation, Published, Ready, Saved, ShardReport, Sum,
    WindowDone,
};

/// A lie, and what it is about.
pub(crate) type Lie = (&'static str, Word);

/// All of them, for a window that was granted.
pub(crate) fn lies(lease: &Lease, window: u64) -> Vec<Lie> {
    let teller = Teller {
        epoch: lease.epoch,
        window,
        shard: lease.shards.first().copied().unwrap_or(0),
    };
    let all = [
        teller.of_shards(),
        teller.of_observations(),
        teller.of_numbers(),
        teller.of_order(),
    ];
    all.concat()
}

struct Teller {
    epoch: u64,
    window: u64,
    shard: u32,
}

impl Teller {
    fn done(&self, reports: Vec<ShardReport>, next_window: Option<u64>) -> Word {
        Word::WindowDone(WindowDone {
            epoch: self.epoch,
            window: self.window,
            reports,
            next_window,
            ..WindowDone::default()
        })
    }

    fn report(&self) -> ShardReport {
        ShardReport {
            shard: self.shard,
            ..ShardReport::default()
        }
    }

    fn seen(&self, observation: Observation) -> Word {
        let observations = vec![observation];
        let report = ShardReport {
            observations,
            ..self.report()
        };
        self.done(vec![report], None)
    }

    fn of_shards(&self) -> Vec<Lie> {
        let elsewhere = ShardReport {
            shard: u32::MAX,
            ..ShardReport::default()
        };
        let published = |hash: usize, position: u64| {
            let hash = vec![7; hash].into();
            let published = Some(Published { hash, position });
            let report = ShardReport {
                published,
                ..self.report()
            };
            self.done(vec![report], None)
        };
        let many = vec![self.report(); 100_000];
        vec![
            ("a shard of another", self.done(vec![elsewhere], None)),
            ("one shard twice", self.done(vec![self.report(); 2], None)),
            ("a hundred thousand reports", self.done(many, None)),
            ("half a hash", published(16, 1)),
            ("no position", published(32, 0)),
        ]
    }

    fn of_observations(&self) -> Vec<Lie> {
        let population = |population: u32| {
            self.seen(Observation {
                population,
                ..Observation::default()
            })
        };
        let sum = |metric: &str, task: Option<u32>, count: u64| {
            let sum = Sum {
                metric: metric.to_owned(),
                task,
                count,
                total: f64::NAN,
            };
            self.seen(Observation {
                sums: vec![sum],
                ..Observation::default()
            })
        };
        vec![
            ("an unknown population", population(60_000)),
            ("a population out of range", population(u32::MAX)),
            ("an unknown metric", sum("nonsense", None, 1)),
            ("an unknown task", sum("variance", Some(60_000), 1)),
            ("a count out of range", sum("variance", None, u64::MAX)),
        ]
    }

    fn of_numbers(&self) -> Vec<Lie> {
        let value = ModelValue {
            model: u32::MAX,
            metric: "variance".to_owned(),
            task: Some(u32::MAX),
            value: f64::NEG_INFINITY,
            ..ModelValue::default()
        };
        let values = Observation {
            values: vec![value],
            ..Observation::default()
        };
        let ticks = ShardReport {
            ticks: u64::MAX,
            fits_failed: u64::MAX,
            ..self.report()
        };
        vec![
            ("a task out of range", self.seen(values)),
            ("ticks out of range", self.done(vec![ticks], None)),
        ]
    }

    fn of_order(&self) -> Vec<Lie> {
        let never = self.done(Vec::new(), Some(u64::MAX));
        let blob = Blob {
            name: "checkpoints/shards/made-up".to_owned(),
            hash: vec![1; 32].into(),
        };
        let states = Saved {
            epoch: self.epoch,
            states: vec![blob; 5],
            ..Saved::default()
        };
        let ready = Ready {
            epoch: 0,
            next_window: None,
        };
        let message = "\u{1b}[2J".repeat(1000);
        vec![
            ("a window before", self.done(Vec::new(), Some(0))),
            (
                "this window again",
                self.done(vec![self.report()], Some(self.window)),
            ),
            ("a window that never comes", never),
            ("states that nobody asked for", Word::Saved(states)),
            ("an older epoch", Word::Ready(ready)),
            ("a second registration", Word::Register(register())),
            ("that it cannot go on", Word::Failed(Failed { message })),
        ]
    }
}
