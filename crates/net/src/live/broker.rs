//! Who takes documents out of the process: a thread with so many deliveries under way at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use async_nats::Client;
use async_nats::connection::State;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Semaphore, mpsc, watch};
use web::Batch;

use super::Alive;
use super::clock::Nanos;
use super::common::CommonLog;
use super::lines::messages;
use super::meter::Operation;
use super::outage::Outage;
use super::settings::Settings;
use super::shared::Shared;
use super::target::{Transport, connected, disconnected};
use crate::error::NetError;
use crate::security::Security;

/// Batches that may wait for a delivery, however large they are.
const WAITING: usize = 16;
/// Documents that may wait, if that is more.
const WAITING_DOCUMENTS: usize = 65_536;
/// Between two looks at whether a load was given up.
const LOOK: Duration = Duration::from_millis(100);
/// After a delivery that failed its place stays empty for so long, so that a target that refuses at once is not asked in a loop.
const REST: Duration = Duration::from_millis(100);

/// A batch on its way out.
#[derive(Debug)]
pub(crate) struct Parcel {
    pub(crate) batch: Batch,
    /// When each publication was meant to begin, and its documents.
    pub(crate) intended: Vec<(Nanos, u32)>,
}

/// Where documents go, connected.
#[derive(Debug)]
pub(crate) struct Connected {
    runtime: Runtime,
    routes: Routes,
}

#[derive(Debug)]
struct Routes {
    /// A pipeline of others.
    target: Option<Transport>,
    /// What the webs of all nodes are made from; without it, what is accepted goes into the web of this process.
    common: Option<Arc<CommonLog>>,
    /// The connection to a broker, if there is one.
    client: Option<Client>,
    outage: Outage,
    /// For messages to the target that are under way.
    room: Semaphore,
    /// Tells deliveries that are under way that there is no use in waiting, and why.
    alarm: watch::Sender<&'static str>,
}

/// Connects to where documents go; nothing if they stay in the process.
///
/// # Errors
/// If it cannot be reached.
pub(crate) fn connect(
    settings: &Settings,
    security: &Security,
) -> Result<Option<Connected>, NetError> {
    if settings.target.is_none() && settings.common.is_none() {
        return Ok(None);
    }
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| NetError::Start {
        program: "the thread of the broker".to_owned(),
        message: error.to_string(),
    })?;
    let routes = runtime.block_on(Routes::open(settings, security))?;
    Ok(Some(Connected { runtime, routes }))
}

impl Connected {
    /// The log that all nodes share, if there is one.
    pub(crate) fn common(&self) -> Option<Arc<CommonLog>> {
        self.routes.common.clone()
    }

    /// Starts delivering, until nobody sends any more, on a thread that is `alive` until then.
    ///
    /// # Errors
    /// If no thread can be started.
    pub(crate) fn start(
        self,
        shared: Arc<Shared>,
        alive: Alive,
    ) -> std::io::Result<(mpsc::Sender<Parcel>, JoinHandle<()>)> {
        let (sender, parcels) = mpsc::channel(waiting(&shared.settings));
        let thread = std::thread::Builder::new().name("broker".to_owned());
        let thread = thread.spawn(move || {
            let Self { runtime, routes } = self;
            runtime.block_on(async {
                let done = AtomicBool::new(false);
                let delivering = async {
                    deliver_all(&shared, &routes, parcels).await;
                    done.store(true, Ordering::Release);
                };
                let following = async {
                    if let Some(common) = &routes.common {
                        let is_last = || done.load(Ordering::Acquire) || shared.is_abandoned();
                        common.follow(&shared, is_last).await;
                    }
                };
                tokio::select! {
                    _ = async { tokio::join!(delivering, following) } => {}
                    () = routes.watch(&shared) => {}
                    () = routes.heed(&shared) => {}
                }
            });
            if let Some(lasted) = routes.outage.over(shared.clock.now()) {
                note_outage(&shared, lasted);
            }
            drop(alive);
        })?;
        Ok((sender, thread))
    }
}

/// Batches that wait for a delivery at most; then nothing more is begun. As many as are under way, if they are small.
fn waiting(settings: &Settings) -> usize {
    let most = settings.window.max(WAITING);
    (WAITING_DOCUMENTS / settings.batch_documents).clamp(WAITING, most)
}

async fn deliver_all(shared: &Shared, routes: &Routes, mut parcels: mpsc::Receiver<Parcel>) {
    let mut under_way = FuturesUnordered::new();
    loop {
        let room = under_way.len() < shared.settings.window;
        tokio::select! {
            Some(()) = under_way.next(), if !under_way.is_empty() => {}
            parcel = parcels.recv(), if room => match parcel {
                Some(parcel) => under_way.push(routes.deliver(shared, parcel)),
                None => break,
            },
        }
    }
    while under_way.next().await.is_some() {}
}

impl Routes {
    async fn open(settings: &Settings, security: &Security) -> Result<Self, NetError> {
        let target = match &settings.target {
            Some(target) => Some(Transport::connect(target, security).await?),
            None => None,
        };
        let common = match &settings.common {
            Some(common) => Some(Arc::new(CommonLog::open(common, security).await?)),
            None => None,
        };
        let client = target.as_ref().and_then(Transport::client);
        let client = client.or_else(|| common.as_ref().map(|common| common.client()));
        Ok(Self {
            target,
            common,
            client,
            outage: Outage::default(),
            room: Semaphore::new(settings.window),
            alarm: watch::Sender::new(""),
        })
    }

    /// Notes when the connection is lost, also if nothing was on its way; does not end.
    async fn watch(&self, shared: &Shared) {
        let Some(client) = &self.client else {
            return std::future::pending().await;
        };
        loop {
            connected(client).await;
            disconnected(client).await;
            self.outage.failed(shared.clock.now());
            self.alarm.send_replace("the connection was lost");
        }
    }

    /// Heeds the wish that nobody wait any more; does not end.
    async fn heed(&self, shared: &Shared) {
        loop {
            tokio::time::sleep(LOOK).await;
            if shared.is_abandoned() {
                self.alarm.send_replace("the load was given up");
            }
        }
    }

    async fn deliver(&self, shared: &Shared, parcel: Parcel) {
        let began = shared.clock.now();
        let delivered = self.carry(shared, &parcel.batch).await;
        let now = shared.clock.now();
        let Parcel { batch, intended } = parcel;
        shared.measure(shared.brokers_meter(), |meter| match &delivered {
            Err(_) => meter.counts.refused += intended.len() as u64,
            Ok(()) => {
                for (intended, documents) in &intended {
                    meter.note(Operation::Publish, now.saturating_sub(*intended), 1);
                    meter.counts.accepted += u64::from(*documents);
                }
            }
        });
        match delivered {
            Ok(()) => {
                if let Some(lasted) = self.outage.accepted(now) {
                    note_outage(shared, lasted);
                }
                // From a common log it comes back.
                if self.common.is_none() {
                    shared.accept(batch);
                }
            }
            Err(error) => {
                tracing::debug!(%error, "a batch was not accepted");
                self.outage.failed(began);
                if !shared.is_abandoned() {
                    tokio::time::sleep(REST).await;
                }
            }
        }
    }

    async fn carry(&self, shared: &Shared, batch: &Batch) -> Result<(), String> {
        // Futures of what is rare are not part of this one, which is moved for every batch.
        if let Some(client) = &self.client
            && client.connection_state() != State::Connected
        {
            Box::pin(self.unless_given_up(shared, connected(client))).await?;
        }
        if let Some(target) = &self.target {
            let bytes = self.client.as_ref().map_or(usize::MAX, Client::max_payload);
            let most = (bytes, shared.settings.batch_documents);
            let delivered = target.deliver(messages(batch, most), &self.room);
            let mut alarm = self.alarm.subscribe();
            tokio::select! {
                delivered = delivered => delivered?,
                _ = alarm.changed() => return Err((*alarm.borrow()).to_owned()),
            }
        }
        if let Some(common) = &self.common {
            let published = common.publish(batch, shared, &self.outage);
            Box::pin(self.unless_given_up(shared, published)).await?;
        }
        Ok(())
    }

    /// Waits, unless nobody wants to wait for deliveries any more.
    async fn unless_given_up(
        &self,
        shared: &Shared,
        waited: impl Future<Output = ()>,
    ) -> Result<(), String> {
        let mut alarm = self.alarm.subscribe();
        let given_up = alarm.wait_for(|_| shared.is_abandoned());
        tokio::select! {
            () = waited => Ok(()),
            _ = given_up => Err("the load was given up".to_owned()),
        }
    }
}

fn note_outage(shared: &Shared, lasted: Nanos) {
    shared.measure(shared.brokers_meter(), |meter| {
        meter.note(Operation::Outage, lasted, 1);
    });
}
