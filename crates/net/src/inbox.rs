//! The inbox: batches of other nodes as they arrive, until they are committed.
//!
//! What others publish is heard as soon as they do; what was missed, because the connection broke or too much came at once,
//! is read from the durable log, where everything is that a grant names.

use std::collections::BTreeMap;

use async_nats::{Message, Subscriber};
use futures_util::StreamExt;
use prost::bytes::{Bytes, BytesMut};
use tokio::time::{Duration, timeout};

use crate::error::NetError;
use crate::log::{Arrival, Arrivals, Delivery, DurableLog, PATIENCE, Part};
use crate::telemetry;
use crate::wire::{Hash, Published, Segment, decode_batch};

/// Batches by their hash.
#[derive(Debug)]
pub(crate) struct Inbox {
    log: DurableLog,
    epoch: u64,
    heard: Subscriber,
    /// Reads what was not heard.
    arrivals: Option<Arrivals>,
    /// What was published from here, and need not come back over the network.
    own: BTreeMap<Hash, web::Batch>,
    arrived: BTreeMap<Hash, Arriving>,
    /// Everything up to this window is committed, or was never wanted.
    done: Option<u64>,
    /// The newest position that was read from the log, or will never be.
    read: u64,
}

/// A batch of which some parts are there.
#[derive(Debug)]
struct Arriving {
    window: u64,
    count: u32,
    parts: Vec<Bytes>,
}

/// What a grant names is stored, so it was sent before: whatever is not heard for so long is missing.
const MISSING: Duration = Duration::from_millis(250);

impl Inbox {
    /// Hears what is published in an epoch from now on.
    pub(crate) async fn new(log: &DurableLog, epoch: u64) -> Result<Self, NetError> {
        Ok(Self {
            heard: log.listen(epoch).await?,
            log: log.clone(),
            epoch,
            arrivals: None,
            own: BTreeMap::new(),
            arrived: BTreeMap::new(),
            done: None,
            read: 0,
        })
    }

    /// Keeps a batch that was published from here.
    pub(crate) fn keep(&mut self, published: &Published, batch: web::Batch) {
        if let Ok(hash) = Hash::try_from(published.hash.as_ref()) {
            self.own.insert(hash, batch);
        }
    }

    /// The batches of a window, in order, those of others in the memory that `blank` gives; waits for those that are yet to
    /// arrive. Forgets everything of this window and of those before it.
    pub(crate) async fn take(
        &mut self,
        (window, segment): (u64, &Segment),
        mut blank: impl FnMut() -> web::Batch,
    ) -> Result<Vec<web::Batch>, NetError> {
        let mut wanted = Vec::with_capacity(segment.batches.len());
        for published in &segment.batches {
            let hash = Hash::try_from(published.hash.as_ref());
            let hash = hash.map_err(|_| NetError::log("read", "a batch is named by no hash"))?;
            wanted.push((hash, published.position));
        }
        for at in 0..wanted.len() {
            self.wait_for(&wanted[at..]).await?;
        }
        let batches = tokio::task::block_in_place(|| {
            let batches = wanted.iter().map(|(hash, _)| self.batch(hash, &mut blank));
            batches.collect::<Result<_, _>>()
        });
        if let Some(arrivals) = self.arrivals.take() {
            tracing::trace!(ahead = arrivals.held(), "what was missing is read");
        }
        telemetry::taken(
            wanted
                .iter()
                .map(|(_, position)| *position)
                .max()
                .unwrap_or(0),
        );
        self.done = Some(window);
        self.arrived.retain(|_, arriving| arriving.window > window);
        self.own.clear();
        batches
    }

    fn has(&self, hash: &Hash) -> bool {
        let whole = self.arrived.get(hash).is_some_and(Arriving::is_whole);
        whole || self.own.contains_key(hash)
    }

    /// Waits until the first of the wanted batches is there.
    async fn wait_for(&mut self, wanted: &[(Hash, u64)]) -> Result<(), NetError> {
        let Some((hash, position)) = wanted.first() else {
            return Ok(());
        };
        while !self.has(hash) {
            let Some(arrivals) = &mut self.arrivals else {
                match timeout(MISSING, self.heard.next()).await {
                    Ok(Some(message)) => self.hear(message),
                    Ok(None) | Err(_) => self.read_missing(wanted),
                }
                continue;
            };
            // It is read in order, so what is passed by without being there is not there.
            if self.read >= *position && !self.arrived.contains_key(hash) {
                let forgotten = "a batch that is needed was forgotten";
                return Err(NetError::log("read", forgotten));
            }
            let next = timeout(PATIENCE, arrivals.next()).await;
            let silent = |_| NetError::log("read", "a batch that is needed does not come");
            match next.map_err(silent)?? {
                Arrival::Delivery(delivery) => {
                    self.read = self.read.max(delivery.position);
                    self.accept(delivery);
                }
                Arrival::Forgotten(first) => self.read = self.read.max(first - 1),
            }
        }
        Ok(())
    }

    /// Reads the log from the first wanted batch on that is not there.
    fn read_missing(&mut self, wanted: &[(Hash, u64)]) {
        let missing = wanted.iter().filter(|(hash, _)| !self.has(hash));
        let from = missing.map(|(_, position)| *position).min().unwrap_or(1);
        tracing::debug!(from, "reading what was not heard");
        self.read = from.saturating_sub(1);
        self.arrivals = Some(self.log.follow(from));
    }

    fn hear(&mut self, message: Message) {
        telemetry::heard(message.payload.len());
        match Delivery::new((0, &message.subject), message.payload, None) {
            Ok(delivery) => self.accept(delivery),
            // If it is needed, the durable log is asked for it.
            Err(error) => tracing::debug!(%error, "what was heard is passed over"),
        }
    }

    fn batch(
        &mut self,
        hash: &Hash,
        blank: &mut impl FnMut() -> web::Batch,
    ) -> Result<web::Batch, NetError> {
        if let Some(batch) = self.own.remove(hash) {
            return Ok(batch);
        }
        let arriving = self.arrived.remove(hash);
        let whole = arriving.map(Arriving::whole).unwrap_or_default();
        if *blake3::hash(&whole).as_bytes() != *hash {
            return Err(NetError::log("read", "a batch is not what its hash says"));
        }
        Ok(decode_batch(whole, blank())?)
    }

    fn accept(&mut self, delivery: Delivery) {
        let (window, epoch) = (delivery.place.window, delivery.place.epoch);
        if epoch == self.epoch && self.done < Some(window) {
            for part in delivery.parts {
                self.accept_part(window, part);
            }
        }
    }

    fn accept_part(&mut self, window: u64, part: Part) {
        if part.number > 0 && !self.arrived.contains_key(&part.hash) {
            return;
        }
        let arriving = self.arrived.entry(part.hash).or_insert_with(|| Arriving {
            window,
            count: part.count,
            parts: Vec::new(),
        });
        // A part that comes again was published again, or heard before it was read.
        if part.number as usize == arriving.parts.len() {
            arriving.parts.push(part.bytes);
        }
    }
}

impl Arriving {
    fn is_whole(&self) -> bool {
        self.parts.len() == self.count as usize
    }

    fn whole(mut self) -> Bytes {
        if let [_] = &self.parts[..] {
            return self.parts.remove(0);
        }
        let mut whole = BytesMut::new();
        for part in &self.parts {
            whole.extend_from_slice(part);
        }
        whole.freeze()
    }
}
