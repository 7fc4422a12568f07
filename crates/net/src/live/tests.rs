use std::thread::{sleep, spawn};
use std::time::Duration;

use ecosystem::live::populate;
use ecosystem::scenario::{builtin, read};
use ecosystem::{Data, Keeping, metrics};
use tokio::sync::mpsc;
use web::MemoryStorage;

use super::*;

/// Four models that publish again and again, on one thread.
fn population() -> LivePopulation {
    let changes = [("population.*.count".to_owned(), "4".to_owned())];
    let text = builtin::find("g1").unwrap().text;
    let scenario = read(text, &changes, &metrics::names()).unwrap();
    let data = Data::load(&scenario, |source, _| Err(source.to_owned())).unwrap();
    let keeping = Keeping {
        storage: Arc::new(MemoryStorage::default()),
        all_documents: false,
    };
    populate((&scenario, &data), &keeping, 1, &(0..u32::MAX)).unwrap()
}

fn settings() -> Settings {
    Settings {
        threads: 1,
        models_per_actor: 1,
        mailbox: 16,
        in_flight: 1000,
        seconds_per_day: 1.0,
        patience: u64::MAX,
        refresh: 10_000_000,
        training: Training::Inline,
        resting: None,
        load: Load::Closed,
        target: None,
        common: None,
        share: 1.0,
        window: 1,
        batch_documents: 10,
        seed: 1,
    }
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "live populations keep the time of the wall"
)]
fn a_broker_that_breaks_down_ends_the_load() {
    let LivePopulation { web, members } = population();
    let shared = Arc::new(Shared::new(settings(), web.snapshot()));
    let living = Arc::new(AtomicUsize::new(1));
    let alive = Alive {
        living: Arc::clone(&living),
        shared: Arc::clone(&shared),
    };
    let (sender, mut parcels) = mpsc::channel(1);
    let broker = spawn(move || {
        let _alive = alive;
        drop(parcels.blocking_recv());
        panic!("the broker's thread breaks down on purpose");
    });
    let start = Arc::new(Barrier::new(2));
    let arbiter = {
        let (shared, start) = (Arc::clone(&shared), Arc::clone(&start));
        let share = Share {
            members,
            workers: None,
            store: None,
        };
        spawn(move || arbiter::host(0, shared, share, Some(sender), &start))
    };
    start.wait();
    shared.clock.begin();
    start.wait();
    assert!(broker.join().is_err());
    assert!(shared.is_abandoned());
    assert_eq!(living.load(Ordering::Acquire), 0);
    for _ in 0..500 {
        if arbiter.is_finished() {
            return;
        }
        sleep(Duration::from_millis(20));
    }
    panic!("the models wait for a broker that is gone");
}
