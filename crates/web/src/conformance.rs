//! What a durable log of batches must do, as a suite that every such log is run through: once, in order, bounded.
//!
//! [`MemoryLog`] shows what is meant. A log that other machines see is driven by the same functions, with a disturbance in the
//! middle: its server is killed and comes back, for instance.

mod memory;

use std::collections::BTreeMap;
use std::time::Duration;

use types::content::Content;
use types::document::{Lineage, ModelId, Publication};
use types::time::VirtualTime;

pub use self::memory::{MemoryLog, MemoryReader};
use crate::batch::Batch;

/// A log of batches that outlives who writes to it.
pub trait BatchLog: Sync {
    /// Reads it from a position on.
    type Reader<'a>: BatchReader
    where
        Self: 'a;

    /// Appends a batch; returns its position once it is stored. What bears an id that is there already is not stored again.
    ///
    /// # Errors
    /// If there is no room for it.
    fn append(&self, id: &str, batch: &Batch) -> Result<u64, Full>;

    /// Appends a batch, and is not told whether it was stored.
    fn append_unheard(&self, id: &str, batch: &Batch);

    /// Reads everything from `position` on; the first position is 1.
    fn read(&self, position: u64) -> Self::Reader<'_>;

    /// The position of the newest message.
    fn end(&self) -> u64;

    /// Makes room: nobody wants what is before `position` any more.
    fn forget_before(&self, position: u64);
}

/// Reads a log.
pub trait BatchReader {
    /// What comes next, if it comes in time.
    fn next(&mut self, patience: Duration) -> Option<Arrived>;

    /// Bytes that it has read ahead.
    fn held(&self) -> usize;
}

/// What a reader meets.
#[derive(Debug, Clone, PartialEq)]
pub enum Arrived {
    /// A batch, and its position.
    Batch(u64, Batch),
    /// What was to come next is forgotten: the next position is this one.
    Forgotten(u64),
}

/// There is no room: something has to be forgotten first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the log is full")]
pub struct Full;

/// How long something may take that must come.
const SOON: Duration = Duration::from_secs(30);
/// How long it is watched that nothing comes.
const AWHILE: Duration = Duration::from_millis(300);

/// Every batch arrives once, whatever was published again.
///
/// # Panics
/// If the log does something else.
pub fn once(log: &impl BatchLog) {
    let mut reader = log.read(1);
    for number in 0..5 {
        let batch = labelled(&format!("once {number}"), 100);
        log.append_unheard(&format!("once-{number}"), &batch);
        let first = append(log, &format!("once-{number}"), &batch);
        let again = append(log, &format!("once-{number}"), &batch);
        assert_eq!(first, again, "what was published again is somewhere else");
        assert_eq!(take(&mut reader), (first, batch));
    }
    // The same under another id is another batch.
    let batch = labelled("once 0", 100);
    let position = append(log, "another", &batch);
    assert_eq!(take(&mut reader), (position, batch));
    assert_eq!(reader.next(AWHILE), None, "something came twice");
}

/// Several publish at once while the log is disturbed: everything arrives, once, in the order of who published it, and all
/// readers see one order, whenever they come.
///
/// # Panics
/// If the log does something else.
pub fn in_order(log: &impl BatchLog, disturb: &(dyn Fn() + Sync)) {
    const PUBLISHERS: usize = 4;
    const EACH: usize = 40;
    let from = log.end() + 1;
    let early = std::thread::scope(|scope| {
        for publisher in 0..PUBLISHERS {
            scope.spawn(move || {
                for number in 0..EACH {
                    let label = format!("{publisher} {number}");
                    append(log, &format!("order-{label}"), &labelled(&label, 2000));
                }
            });
        }
        scope.spawn(disturb);
        drain(&mut log.read(from), PUBLISHERS * EACH)
    });
    let mut next = BTreeMap::new();
    for (_, batch) in &early {
        let label = label_of(batch);
        let (publisher, number) = label.split_once(' ').expect("labels have two words");
        let expected = next.entry(publisher.to_owned()).or_insert(0);
        assert_eq!(
            number,
            expected.to_string(),
            "publisher {publisher} is out of order"
        );
        *expected += 1;
    }
    assert!(early.is_sorted_by_key(|(position, _)| *position));
    let late = drain(&mut log.read(from), PUBLISHERS * EACH);
    assert!(early == late, "two readers see different logs");
    let middle = early[early.len() / 2].0;
    let rest = drain(&mut log.read(middle), early.len() - early.len() / 2);
    assert!(
        rest == early[early.len() / 2..],
        "from the middle on, the log is another"
    );
}

/// A batch of many messages comes whole, also when the log is disturbed meanwhile.
///
/// # Panics
/// If the log does something else.
pub fn large(log: &impl BatchLog, disturb: &(dyn Fn() + Sync)) {
    let mut reader = log.read(log.end() + 1);
    let batches =
        [5_000_000, 10, 3_000_000].map(|bytes| labelled(&format!("large {bytes}"), bytes));
    let positions = std::thread::scope(|scope| {
        scope.spawn(disturb);
        let numbered = batches.iter().enumerate();
        let positions =
            numbered.map(|(number, batch)| append(log, &format!("large-{number}"), batch));
        positions.collect::<Vec<_>>()
    });
    for (position, batch) in positions.into_iter().zip(batches) {
        assert!(
            take(&mut reader) == (position, batch),
            "a large batch is another one"
        );
    }
}

/// Who reads slowly gets everything, and does not hold more than `held_max` meanwhile.
///
/// # Panics
/// If the log does something else.
pub fn slow(log: &impl BatchLog, held_max: usize) {
    const BATCHES: usize = 60;
    let mut reader = log.read(log.end() + 1);
    for number in 0..BATCHES {
        append(
            log,
            &format!("slow-{number}"),
            &labelled(&format!("slow {number}"), 1_000_000),
        );
        let held = reader.held();
        assert!(held <= held_max, "it holds {held} bytes ahead of who reads");
    }
    for (number, (_, batch)) in drain(&mut reader, BATCHES).iter().enumerate() {
        assert_eq!(label_of(batch), format!("slow {number}"));
        assert!(reader.held() <= held_max);
    }
}

/// What is forgotten is gone, what is not is there, and a reader that wanted it is told.
///
/// # Panics
/// If the log does something else.
pub fn forgetful(log: &impl BatchLog) {
    let mut behind = log.read(log.end() + 1);
    let publish = |number: usize| {
        append(
            log,
            &format!("forget-{number}"),
            &labelled(&format!("forget {number}"), 1_000_000),
        )
    };
    let positions: Vec<u64> = (0..60).map(publish).collect();
    log.forget_before(positions[50]);
    let mut late = log.read(positions[0]);
    assert_eq!(late.next(SOON), Some(Arrived::Forgotten(positions[50])));
    assert_eq!(
        drain(&mut late, 10).first().map(|(at, _)| *at),
        Some(positions[50])
    );
    // Who is behind has some of it already, and meets the gap where that ends.
    let mut seen = Vec::new();
    loop {
        match behind.next(SOON).expect("nothing comes any more") {
            Arrived::Batch(position, _) => seen.push(position),
            Arrived::Forgotten(next) => {
                assert_eq!(next, positions[50], "the gap ends somewhere else");
                break;
            }
        }
    }
    assert_eq!(
        seen,
        positions[..seen.len()],
        "something is missing before the gap"
    );
    let rest = drain(&mut behind, 10);
    assert!(rest.iter().map(|(at, _)| at).eq(&positions[50..]));
    log.forget_before(log.end() + 1);
    assert_eq!(
        log.read(positions[59]).next(AWHILE),
        Some(Arrived::Forgotten(log.end() + 1))
    );
}

/// A log that takes three million bytes refuses what does not fit, loses nothing, and goes on once something is forgotten.
///
/// # Panics
/// If the log does something else.
pub fn bounded(log: &impl BatchLog) {
    let publish = |number: usize| {
        log.append(
            &format!("bound-{number}"),
            &labelled(&format!("bound {number}"), 500_000),
        )
    };
    let mut stored = Vec::new();
    let refused = (0..100).find(|&number| match publish(number) {
        Ok(position) => {
            stored.push(position);
            false
        }
        Err(Full) => true,
    });
    let refused = refused.expect("it takes more than it has room for");
    assert!(refused >= 3, "it refuses what it has room for");
    let kept = drain(&mut log.read(1), refused);
    assert!(
        kept.iter().map(|(at, _)| at).eq(&stored),
        "something was dropped to make room"
    );
    assert_eq!(
        publish(0),
        Ok(stored[0]),
        "what is stored already is refused"
    );
    log.forget_before(stored[refused - 1]);
    let position = publish(refused).expect("there is room again");
    let rest = drain(&mut log.read(stored[refused - 1]), 2);
    assert_eq!((rest[0].0, rest[1].0), (stored[refused - 1], position));
}

fn append(log: &impl BatchLog, id: &str, batch: &Batch) -> u64 {
    log.append(id, batch).expect("there is room")
}

fn take(reader: &mut impl BatchReader) -> (u64, Batch) {
    match reader.next(SOON) {
        Some(Arrived::Batch(position, batch)) => (position, batch),
        other => panic!("no batch came, but {other:?}"),
    }
}

/// So many batches, and then no more.
fn drain(reader: &mut impl BatchReader, count: usize) -> Vec<(u64, Batch)> {
    let batches = (0..count).map(|_| take(reader)).collect();
    assert_eq!(reader.next(AWHILE), None, "more came than was published");
    batches
}

/// A batch of one text of that length, which begins with a label.
fn labelled(label: &str, bytes: usize) -> Batch {
    let text = format!("{label}\n{}", "x".repeat(bytes));
    let publication = Publication {
        author: Some(ModelId(1)),
        models: 1,
        generation: 1,
        time: VirtualTime(1),
        lineage: Lineage::REAL,
        documents: 1,
        site: None,
    };
    Batch {
        publications: vec![publication],
        content: Content::from_texts([text]),
    }
}

fn label_of(batch: &Batch) -> String {
    let text = String::from_utf8_lossy(batch.content.text(0)).into_owned();
    text.lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_keeps_everything_once() {
        once(&MemoryLog::default());
    }

    #[test]
    fn memory_keeps_the_order() {
        in_order(&MemoryLog::default(), &|| {});
        large(&MemoryLog::default(), &|| {});
    }

    #[test]
    fn memory_serves_slow_readers_and_forgets() {
        slow(&MemoryLog::default(), 0);
        forgetful(&MemoryLog::default());
    }

    #[test]
    fn memory_is_bounded() {
        bounded(&MemoryLog::bounded(3_000_000));
    }

    #[test]
    #[should_panic(expected = "takes more than it has room for")]
    fn a_log_without_bound_is_noticed() {
        bounded(&MemoryLog::default());
    }
}
