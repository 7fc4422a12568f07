//! Live populations whose models are slow or panic.

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
    AnyMembers, Deed, Hands, LivePopulation, LiveWeb, Members, Performed, populate,
};
use ecosystem::scenario::{builtin, read};
use ecosystem::{Data, Keeping, metrics};
use net::Security;
use net::live::{Load, Meter, Operation, Prepared, Settings, Training};
use types::time::{VirtualDuration, VirtualTime};
use web::{Batch, LogError, MemoryStorage};

/// A model whose every deed takes so long, or ends in a panic.
struct Slow {
    number: u32,
    takes: Duration,
    /// Virtual time from one deed to the next.
    every: VirtualDuration,
    panics: bool,
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

    fn act(
        &mut self,
        _whose: (u32, Deed),
        _at: (&LiveWeb, VirtualTime),
        _tools: (&mut Hands, &mut Batch),
        has_read: &dyn Fn(),
    ) -> Result<Performed, LogError> {
        assert!(!self.panics, "this model panics on purpose");
        has_read();
        sleep(self.takes);
        Ok(Performed::default())
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
        load: Load::Clocks,
        target: None,
        common: None,
        share: 1.0,
        window: 1,
        batch_documents: 100,
        seed: 1,
    }
}

/// What these models do in so many seconds, in a web of which they take no notice.
fn measured(models: Vec<Slow>, training: Training, seconds: f64) -> Meter {
    let collapse = builtin::find("collapse").unwrap();
    let scenario = read(collapse.text, &[], &metrics::names()).unwrap();
    let data = Data::load(&scenario, |source, _| Err(source.to_owned())).unwrap();
    let keeping = Keeping {
        storage: Arc::new(MemoryStorage::default()),
        all_documents: false,
    };
    let population = populate((&scenario, &data), &keeping, 1, &(0..1)).unwrap();
    let members = models
        .into_iter()
        .map(|model| Box::new(model) as AnyMembers);
    let population = LivePopulation {
        members: members.collect(),
        ..population
    };
    let prepared = Prepared::new(settings(training), population, &Security::default()).unwrap();
    let live = prepared.begin().unwrap();
    sleep(Duration::from_secs_f64(seconds));
    let mut meter = Meter::default();
    live.finish(&mut meter).unwrap();
    meter
}

fn model(number: u32, takes: f64, every: f64, panics: bool) -> Slow {
    Slow {
        number,
        takes: Duration::from_secs_f64(takes),
        every: VirtualDuration::from_days(every),
        panics,
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
    let together = measured(models(), Training::Inline, 3.0);
    assert!(p90(&together) > 0.1, "{}", p90(&together));
    let apart = measured(models(), Training::Workers(4), 3.0);
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
        let counts = measured(models, training, 1.2).counts;
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
