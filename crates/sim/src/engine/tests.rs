use std::convert::Infallible;

use proptest::prelude::*;

use super::*;

/// A world that remembers, window by window, who did what.
#[derive(Debug, Default, PartialEq, Clone)]
struct Diary {
    sum: u64,
    pending: Vec<Entry>,
    entries: Vec<(u64, Vec<Entry>)>,
}

type Entry = (u64, u64, u64);

impl World for Diary {
    type Outbox = Vec<Entry>;
    type Error = Infallible;

    fn collect(&mut self, outboxes: Vec<Vec<Entry>>) -> Result<(), Infallible> {
        self.pending.extend(outboxes.into_iter().flatten());
        Ok(())
    }

    fn commit(&mut self, window: Window) -> Result<(), Infallible> {
        let entries = std::mem::take(&mut self.pending);
        self.sum = entries.iter().fold(self.sum, |sum, entry| {
            sum.wrapping_mul(31).wrapping_add(entry.2)
        });
        self.entries.push((window.index, entries));
        Ok(())
    }
}

/// Reacts to what it sees and to its own past, so that any change of order shows.
#[derive(Debug)]
struct Walker {
    id: u64,
    state: u64,
    pause: u64,
}

impl Actor<Diary> for Walker {
    type Signal = ();

    fn handle(
        &mut self,
        event: Event<()>,
        world: &Diary,
        outbox: &mut Vec<Entry>,
        agenda: &mut Agenda<()>,
    ) -> Result<(), Infallible> {
        self.state = self
            .state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(world.sum ^ event.time.0);
        outbox.push((event.time.0, self.id, self.state));
        agenda.push(
            event.time + VirtualDuration(1 + self.state % self.pause),
            (),
        );
        Ok(())
    }
}

fn engine(walkers: u64, lookahead: u64, pause: u64) -> Engine<Diary, Walker> {
    let mut engine = Engine::new(VirtualDuration(lookahead), VirtualTime(500)).unwrap();
    for id in 0..walkers {
        engine.spawn(
            Walker {
                id,
                state: id,
                pause,
            },
            [(VirtualTime(id % 7), ())],
        );
    }
    engine
}

fn run(mut engine: Engine<Diary, Walker>) -> Diary {
    let mut diary = Diary::default();
    while engine.step(&mut diary).unwrap().is_some() {}
    diary
}

proptest! {
    #[test]
    fn threads_change_nothing(walkers in 1_u64..40, lookahead in 1_u64..60, pause in 1_u64..90) {
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| run(engine(walkers, lookahead, pause)))
        };
        let one = on(1);
        prop_assert_eq!(&one, &on(2));
        prop_assert_eq!(&one, &on(4));
    }
}

#[test]
fn empty_windows_are_skipped() {
    let diary = run(engine(1, 3, 90));
    let windows: Vec<u64> = diary.entries.iter().map(|(index, _)| *index).collect();
    assert!(
        windows.len() < 40,
        "one walker that rests 45 ticks on average has few windows of 3 ticks"
    );
    assert!(windows.is_sorted() && diary.entries.iter().all(|(_, entries)| !entries.is_empty()));
}

#[test]
fn nothing_happens_after_the_horizon() {
    let diary = run(engine(9, 7, 20));
    let last = diary
        .entries
        .iter()
        .flat_map(|(_, entries)| entries)
        .map(|entry| entry.0)
        .max();
    assert!(last <= Some(500));
}

#[test]
fn zero_lookahead_is_refused_with_a_reason() {
    let error = Engine::<Diary, Walker>::new(VirtualDuration(0), VirtualTime(1)).unwrap_err();
    assert!(error.to_string().contains("must be longer than nothing"));
}

#[test]
fn a_saved_engine_goes_on_as_if_nothing_had_happened() {
    let whole = run(engine(5, 10, 30));
    let (mut first, mut diary) = (engine(5, 10, 30), Diary::default());
    for _ in 0..12 {
        first.step(&mut diary).unwrap();
    }
    let mut second = engine(5, 10, 30);
    assert!(second.restore(first.save().collect()));
    for (old, new) in first.actors().zip(second.actors_mut()) {
        new.state = old.state;
    }
    while second.step(&mut diary).unwrap().is_some() {}
    assert_eq!(whole, diary);
    assert!(!engine(4, 10, 30).restore(first.save().collect()));
}
