//! Live populations whose models are slow, panic, or rest on disk.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "live populations keep the time of the wall"
)]

use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use echosphere_net as net;
use ecosystem::live::{
    AnyMembers, Deed, Hands, LivePopulation, LiveWeb, Members, Performed, StateError, populate,
};
use ecosystem::scenario::{builtin, read};
use ecosystem::{Data, Keeping, metrics};
use net::Security;
use net::live::{Load, Meter, Operation, Prepared, Process, Resting, Settings, Stage, Training};
use tempfile::tempdir;
use types::time::{VirtualDuration, VirtualTime};
use web::{Batch, LogError, MemoryStorage};

/// A model whose every deed takes so long, or ends in a panic.
struct Slow {
    number: u32,
    takes: Duration,
    /// Virtual time from one deed to the next.
    every: VirtualDuration,
    panics: bool,
    /// It cannot be brought back.
    forgets: bool,
}

impl Members for Slow {
    fn count(&self) -> u32 {
        1
    }

    fn first(&self) -> u32 {
        self.number
    }

    fn first_deeds(&self, _local: u32) -> Vec<(VirtualDuration, Deed)> {
        vec![(self.every, Deed::Tick)]
    }

    fn wait(&self, _local: u32, _deed: Deed) -> Option<VirtualDuration> {
        Some(self.every)
    }

    fn put_away(&mut self) -> Result<Vec<u8>, StateError> {
        Ok(vec![self.number as u8])
    }

    fn bring_back(&mut self, bytes: &[u8]) -> Result<(), StateError> {
        assert_eq!(bytes, [self.number as u8]);
        if self.forgets {
            return Err(StateError("forgotten".to_owned()));
        }
        Ok(())
    }

    fn act(
        &mut self,
        (whose, _deed): (&[(u32, VirtualTime)], Deed),
        (_web, has_read): (&LiveWeb, &dyn Fn()),
        _tools: (&mut Hands, &mut Batch),
        performed: &mut Vec<Performed>,
    ) -> Result<(), LogError> {
        assert!(!self.panics, "this model panics on purpose");
        has_read();
        sleep(self.takes);
        performed.extend(whose.iter().map(|_| Performed::default()));
        Ok(())
    }
}

/// A day takes a second.
fn settings(training: Training) -> Settings {
    Settings {
        threads: 1,
        models_per_actor: 1,
        mailbox: 16,
        in_flight: 1000,
        seconds_per_day: 1.0,
        patience: u64::MAX,
        refresh: 10_000_000,
        training,
        resting: None,
        load: Load::Clocks,
        target: None,
        common: None,
        share: 1.0,
        window: 1,
        batch_documents: 100,
        seed: 1,
    }
}

/// The models of a built-in scenario with changes, so many to an actor.
fn population(name: &str, changes: &[(&str, &str)], each: u32) -> LivePopulation {
    let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    let changes: Vec<_> = changes.iter().map(owned).collect();
    let text = builtin::find(name).unwrap().text;
    let scenario = read(text, &changes, &metrics::names()).unwrap();
    let data = Data::load(&scenario, |source, _| Err(source.to_owned())).unwrap();
    let keeping = Keeping {
        storage: Arc::new(MemoryStorage::default()),
        all_documents: false,
    };
    populate((&scenario, &data), &keeping, each, &(0..u32::MAX)).unwrap()
}

/// What a population does in so many seconds.
fn lived(settings: Settings, population: LivePopulation, seconds: f64) -> Meter {
    let prepared = Prepared::new(settings, population, &Security::default());
    let live = prepared.unwrap().begin().unwrap();
    sleep(Duration::from_secs_f64(seconds));
    let mut meter = Meter::default();
    live.finish(&mut meter).unwrap();
    meter
}

/// What these models do in so many seconds, in a web of which they take no notice.
fn measured(models: Vec<Slow>, settings: Settings, seconds: f64) -> Meter {
    let members = models
        .into_iter()
        .map(|model| Box::new(model) as AnyMembers);
    let population = LivePopulation {
        members: members.collect(),
        ..population("collapse", &[], 1)
    };
    lived(settings, population, seconds)
}

fn model(number: u32, takes: f64, every: f64, panics: bool) -> Slow {
    Slow {
        number,
        takes: Duration::from_secs_f64(takes),
        every: VirtualDuration::from_days(every),
        panics,
        forgets: false,
    }
}

/// One model in ten trains for 400 ms, the others at once, fifty times a second. On one thread everybody waits for the slow; with
/// workers for the slow nobody else does.
#[test]
fn nobody_waits_behind_a_model_that_trains_for_long() {
    let models = || {
        let slow = (0..2).map(|number| model(number, 0.4, 0.5, false));
        slow.chain((2..20).map(|number| model(number, 0.0, 0.02, false)))
            .collect()
    };
    let p90 = |meter: &Meter| meter.quantile(Operation::Fit, 0.9).unwrap();
    let together = measured(models(), settings(Training::Inline), 3.0);
    assert!(p90(&together) > 0.1, "{}", p90(&together));
    let apart = measured(models(), settings(Training::Workers(4)), 3.0);
    assert!(p90(&apart) < 0.1, "{}", p90(&apart));
    assert!(
        apart.counts.done > 2 * together.counts.done,
        "{:?}",
        apart.counts
    );
    // The slow ones go on as well: twice a second each, and no more than one deed of a model at a time.
    assert!(apart.quantile(Operation::Service, 1.0).unwrap() > 0.39);
}

/// A model that panics rests 100, 200, 400 and 800 ms; the others of its thread take no notice.
#[test]
fn a_panic_is_counted_and_followed_by_a_rest() {
    for training in [Training::Inline, Training::Workers(2)] {
        let mut models: Vec<Slow> = (1..10)
            .map(|number| model(number, 0.0, 0.01, false))
            .collect();
        models.push(model(0, 0.0, 0.01, true));
        let counts = measured(models, settings(training), 1.2).counts;
        assert!((3..=5).contains(&counts.failed), "{counts:?}");
        assert!(counts.rejected > 50, "{counts:?}");
        assert!(counts.done > 800, "{counts:?}");
        assert_eq!(
            counts.due,
            counts.done + counts.failed + counts.rejected,
            "{counts:?}"
        );
    }
}

/// 300 models of which 16 are in memory, on two threads: each opens, and then ticks ten times a second.
#[test]
fn models_that_rest_on_disk_do_all_their_deeds() {
    let changes = [
        ("population.*.count", "300"),
        ("population.*.clock", "{ poisson = 1 }"),
        ("web.index_lag", "{ generations = 0.01 }"),
        ("web.retention", "{ window = 1 }"),
    ];
    for (training, each) in [
        (Training::Inline, 1),
        (Training::Inline, 4),
        (Training::Workers(2), 1),
    ] {
        let root = tempdir().unwrap();
        let folder = root.path().join("resting");
        let settings = Settings {
            threads: 2,
            models_per_actor: each,
            seconds_per_day: 0.1,
            resting: Some(Resting {
                resident_models: 16,
                folder: folder.clone(),
            }),
            ..settings(training)
        };
        let counts = lived(settings, population("g1", &changes, each), 1.5).counts;
        assert!(counts.due > 600, "{counts:?}");
        assert_eq!(counts.due, counts.done, "{counts:?}");
        assert_eq!(counts.written, 10 * counts.done, "{counts:?}");
        assert_eq!(counts.written, counts.accepted, "{counts:?}");
        assert_eq!(counts.accepted, counts.visible, "{counts:?}");
        assert!(counts.brought_back > 300, "{counts:?}");
        // All but 16 rest in the end at the latest, and those that are on their way.
        let resting = counts.put_away - counts.brought_back;
        assert!((100..=300).contains(&resting), "{counts:?}");
        assert!(!folder.exists());
    }
}

/// Of ten models one can be in memory, and one cannot be brought back: its first deed is done, and every later one has failed.
#[test]
fn a_model_that_cannot_be_brought_back_has_failed() {
    for training in [Training::Inline, Training::Workers(2)] {
        let root = tempdir().unwrap();
        let settings = Settings {
            resting: Some(Resting {
                resident_models: 1,
                folder: root.path().join("resting"),
            }),
            ..settings(training)
        };
        let models = (0..10).map(|number| Slow {
            forgets: number == 0,
            ..model(number, 0.0, 0.01, false)
        });
        let counts = measured(models.collect(), settings, 1.2).counts;
        assert!((2..=5).contains(&counts.failed), "{counts:?}");
        assert!(counts.rejected > 50, "{counts:?}");
        assert!(counts.done > 800, "{counts:?}");
        assert_eq!(
            counts.due,
            counts.done + counts.failed + counts.rejected,
            "{counts:?}"
        );
        assert!(counts.brought_back > 500, "{counts:?}");
    }
}

/// Arrivals make models train; those with a clock for publishing publish after it, as often.
#[test]
fn models_that_publish_by_a_clock_publish_when_they_are_made_to_train() {
    let changes = [
        ("population.*.count", "50"),
        ("population.*.publish.clock", "{ poisson = 1 }"),
        ("population.*.training.initial", "\"untrained\""),
    ];
    let stage = |seconds| Stage {
        seconds,
        rate: 200.0,
    };
    let settings = Settings {
        load: Load::Open(Process::Constant, vec![stage(0.001), stage(1.0)]),
        ..settings(Training::Inline)
    };
    let meter = lived(settings, population("asynchronous", &changes, 1), 1.5);
    let counts = meter.counts;
    assert_eq!(counts.due, counts.done, "{counts:?}");
    let trained = meter.durations(Operation::Fit).len();
    assert!((195..=200).contains(&trained), "{trained}");
    assert_eq!(counts.done, 2 * trained, "{counts:?}");
    assert!(counts.written > trained, "{counts:?}");
    assert_eq!(counts.written, counts.visible, "{counts:?}");
}
