//! The durable log, run through the suite that every log of batches is run through, against real nats-servers.

#[path = "../../../cli/tests/common/broker.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod broker;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use futures_util::FutureExt;
use prost::bytes::{Bytes, BytesMut};
use tempfile::{TempDir, tempdir};
use tokio::runtime::Runtime;
use web::Batch;
use web::conformance::{self, Arrived, BatchLog, BatchReader, Full};

use self::broker::{Broker, Brokers};
use super::*;
use crate::inbox::Inbox;
use crate::log::follower::AHEAD_BYTES;
use crate::wire::{Hash, Packer, Parcel, Published, Segment, decode_batch};

/// Where the suite's batches belong.
const PLACE: Place = Place {
    epoch: 1,
    window: 0,
};

/// The durable log, for the suite.
struct Conforming {
    runtime: Runtime,
    log: DurableLog,
}

impl Conforming {
    fn new(urls: &str, limits: &LogLimits) -> Self {
        let runtime = Runtime::new().unwrap();
        let log = runtime.block_on(async {
            let log = DurableLog::connect(urls, "conformance", &Security::default()).await?;
            log.make(limits).await.map(|()| log)
        });
        Self {
            log: log.unwrap(),
            runtime,
        }
    }
}

impl BatchLog for Conforming {
    type Reader<'a> = ConformingReader<'a>;

    fn append(&self, id: &str, batch: &Batch) -> Result<u64, Full> {
        let published = self.log.publish(PLACE, id, messages(batch));
        match self.runtime.block_on(published) {
            Ok(position) => Ok(position),
            Err(NetError::LogFull) => Err(Full),
            Err(other) => panic!("{other}"),
        }
    }

    /// Gives up at once, most often before the answer is there.
    fn append_unheard(&self, id: &str, batch: &Batch) {
        let published = self.log.publish(PLACE, id, messages(batch));
        let given_up = async { published.now_or_never() };
        drop(self.runtime.block_on(given_up));
    }

    fn read(&self, position: u64) -> ConformingReader<'_> {
        let arrivals = self.runtime.block_on(async { self.log.follow(position) });
        ConformingReader {
            runtime: &self.runtime,
            arrivals,
            open: BTreeMap::new(),
        }
    }

    fn end(&self) -> u64 {
        self.runtime.block_on(self.log.end()).unwrap()
    }

    fn forget_before(&self, position: u64) {
        self.runtime.block_on(self.log.forget_before(position));
    }
}

/// One batch, packed.
fn packed(batch: &Batch) -> Parcel {
    let mut packer = Packer::default();
    let large = packer.pack(0, batch);
    large.or_else(|| packer.close()).unwrap()
}

fn messages(batch: &Batch) -> Vec<Bytes> {
    packed(batch).messages
}

/// Puts parts together.
struct ConformingReader<'a> {
    runtime: &'a Runtime,
    arrivals: Arrivals,
    /// What has come of batches that are not whole: position, parts, bytes.
    open: BTreeMap<Hash, (u64, u32, BytesMut)>,
}

impl ConformingReader<'_> {
    fn accept(&mut self, delivery: &Delivery) -> Option<Arrived> {
        let [part] = &delivery.parts[..] else {
            panic!("batches were published one by one");
        };
        if part.number == 0 {
            let begun = (delivery.position, 0, BytesMut::new());
            self.open.insert(part.hash, begun);
        }
        // The rest of what began before the first position is not wanted.
        let (_, parts, bytes) = self.open.get_mut(&part.hash)?;
        assert_eq!(part.number, *parts, "a part is missing");
        *parts += 1;
        bytes.extend_from_slice(&part.bytes);
        if *parts < part.count {
            return None;
        }
        let (position, _, bytes) = self.open.remove(&part.hash)?;
        Some(Arrived::Batch(
            position,
            decode_batch(
                bytes.freeze(),
                Batch::empty(types::content::ContentKind::Text),
            )
            .unwrap(),
        ))
    }
}

impl BatchReader for ConformingReader<'_> {
    fn next(&mut self, patience: Duration) -> Option<Arrived> {
        loop {
            let next = async { tokio::time::timeout(patience, self.arrivals.next()).await };
            let arrived = match self.runtime.block_on(next).ok()?.unwrap() {
                Arrival::Forgotten(next) => Some(Arrived::Forgotten(next)),
                Arrival::Delivery(delivery) => self.accept(&delivery),
            };
            if arrived.is_some() {
                return arrived;
            }
        }
    }

    fn held(&self) -> usize {
        self.arrivals.held()
    }
}

const THREE: LogLimits = LogLimits {
    replicas: 3,
    bytes_max: None,
};

fn one_server() -> (TempDir, Broker, Conforming) {
    let folder = tempdir().unwrap();
    let broker = Broker::start(folder.path());
    let log = Conforming::new(&broker.url(), &LogLimits::default());
    (folder, broker, log)
}

fn three_servers() -> (TempDir, Brokers, Conforming) {
    let folder = tempdir().unwrap();
    let brokers = Brokers::start(folder.path());
    let log = Conforming::new(&brokers.urls(), &THREE);
    (folder, brokers, log)
}

#[test]
fn one_server_keeps_everything_once() {
    conformance::once(&one_server().2);
}

#[test]
fn one_server_that_is_killed_keeps_the_order() {
    let (_folder, broker, log) = one_server();
    let broker = Mutex::new(broker);
    let disturb = || broker.lock().unwrap().restart();
    conformance::in_order(&log, &disturb);
    conformance::large(&log, &disturb);
}

#[test]
fn one_server_serves_slow_readers_and_forgets() {
    let (_folder, _broker, log) = one_server();
    conformance::slow(&log, AHEAD_BYTES);
    conformance::forgetful(&log);
}

#[test]
fn one_server_is_bounded() {
    let folder = tempdir().unwrap();
    let broker = Broker::start(folder.path());
    conformance::bounded(&bounded(&broker.url(), 1));
}

fn bounded(urls: &str, replicas: u8) -> Conforming {
    let bytes_max = Some(3_000_000);
    let limits = LogLimits {
        replicas,
        bytes_max,
    };
    let mut log = Conforming::new(urls, &limits);
    log.log.patience = Duration::from_millis(100);
    log
}

#[test]
fn three_servers_keep_everything_once() {
    let (_folder, brokers, log) = three_servers();
    conformance::once(&log);
    conformance::bounded(&{
        log.runtime.block_on(log.log.delete()).unwrap();
        bounded(&brokers.urls(), 3)
    });
}

#[test]
fn three_servers_of_which_the_leader_is_killed_keep_the_order() {
    let (_folder, brokers, log) = three_servers();
    let brokers = Mutex::new(brokers);
    let disturb = || {
        let mut brokers = brokers.lock().unwrap();
        let leader = brokers.leader();
        brokers.kill(leader);
        brokers.restart(leader);
    };
    conformance::in_order(&log, &disturb);
    conformance::large(&log, &disturb);
}

#[test]
fn three_servers_serve_slow_readers_and_forget() {
    let (_folder, _brokers, log) = three_servers();
    conformance::slow(&log, AHEAD_BYTES);
    conformance::forgetful(&log);
}

/// The one who waits for it would wait for ever.
#[test]
fn a_batch_that_was_forgotten_is_not_waited_for() {
    let (_folder, _broker, log) = one_server();
    let batch = Batch::empty(types::content::ContentKind::Text);
    let parcel = packed(&batch);
    let hash = Bytes::copy_from_slice(&parcel.batches[0].1);
    let published = log.log.publish(PLACE, "first", parcel.messages);
    let position = log.runtime.block_on(published).unwrap();
    let batches = vec![Published { hash, position }];
    log.forget_before(position + 1);
    let taken = log.runtime.block_on(async {
        let mut inbox = Inbox::new(&log.log, PLACE.epoch).await?;
        let blank = || Batch::empty(types::content::ContentKind::Text);
        inbox
            .take((PLACE.window, &Segment { batches }), blank)
            .await
    });
    assert!(taken.unwrap_err().to_string().contains("forgotten"));
}

/// Whoever may write to the broker must not be able to stop a node by writing rubbish.
#[test]
fn rubbish_that_is_heard_is_passed_over() {
    let (_folder, broker, log) = one_server();
    let other = Conforming::new(&broker.url(), &LogLimits::default());
    let batch = Batch::empty(types::content::ContentKind::Text);
    let parcel = packed(&batch);
    let hash = Bytes::copy_from_slice(&parcel.batches[0].1);
    let taken = log.runtime.block_on(async {
        let mut inbox = Inbox::new(&log.log, PLACE.epoch).await?;
        let rubbish = vec![Bytes::from_static(b"rubbish")];
        other.log.publish(PLACE, "rubbish", rubbish).await?;
        let position = other.log.publish(PLACE, "batch", parcel.messages).await?;
        let batches = vec![Published { hash, position }];
        let blank = || Batch::empty(types::content::ContentKind::Text);
        inbox
            .take((PLACE.window, &Segment { batches }), blank)
            .await
    });
    assert_eq!(taken.unwrap(), [batch]);
}

#[test]
fn a_log_that_nobody_made_is_not_opened() {
    let (_folder, broker, log) = one_server();
    let url = broker.url();
    let security = Security::default();
    let other = DurableLog::connect(&url, "other", &security);
    let other = log.runtime.block_on(other).unwrap();
    assert!(log.runtime.block_on(other.stream()).is_err());
    let same = log
        .runtime
        .block_on(DurableLog::open(&url, "conformance", &security));
    assert!(same.is_ok());
}

/// As many copies as are asked for last.
#[test]
fn copies_can_be_added() {
    let (_folder, brokers, log) = three_servers();
    let again = Conforming::new(&brokers.urls(), &LogLimits::default());
    let stream = log.runtime.block_on(again.log.stream()).unwrap();
    assert_eq!(stream.cached_info().config.num_replicas, 1);
}
