//! Who takes documents to a target: a thread with so many deliveries under way at once.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use prost::bytes::Bytes;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use web::Batch;

use super::clock::Nanos;
use super::lines::lines;
use super::meter::Operation;
use super::shared::Shared;
use super::target::{Target, Transport};
use crate::error::NetError;
use crate::security::Security;

/// Batches that wait for a delivery at most; then nothing more is begun.
const WAITING: usize = 16;

/// Between two looks at whether a load was given up.
const LOOK: Duration = Duration::from_millis(100);

/// A batch on its way to the target.
#[derive(Debug)]
pub(crate) struct Parcel {
    pub(crate) batch: Batch,
    /// When each publication was meant to begin, and its documents.
    pub(crate) intended: Vec<(Nanos, u32)>,
}

/// A connection to a target.
#[derive(Debug)]
pub(crate) struct Connected {
    runtime: Runtime,
    transport: Transport,
}

/// Connects to a target.
///
/// # Errors
/// If it cannot be reached.
pub(crate) fn connect(target: &Target, security: &Security) -> Result<Connected, NetError> {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| NetError::Unreachable {
        what: "the target",
        address: String::new(),
        message: error.to_string(),
    })?;
    let transport = runtime.block_on(Transport::connect(target, security))?;
    Ok(Connected { runtime, transport })
}

impl Connected {
    /// Starts delivering, until nobody sends any more. Calls `over` then.
    ///
    /// # Errors
    /// If no thread can be started.
    pub(crate) fn start(
        self,
        shared: Arc<Shared>,
        over: impl FnOnce() + Send + 'static,
    ) -> std::io::Result<(mpsc::Sender<Parcel>, JoinHandle<()>)> {
        let (sender, parcels) = mpsc::channel(WAITING);
        let thread = std::thread::Builder::new().name("broker".to_owned());
        let thread = thread.spawn(move || {
            self.runtime
                .block_on(deliver_all(&shared, &self.transport, parcels));
            over();
        })?;
        Ok((sender, thread))
    }
}

async fn deliver_all(
    shared: &Arc<Shared>,
    transport: &Transport,
    mut parcels: mpsc::Receiver<Parcel>,
) {
    let mut under_way = JoinSet::new();
    while let Some(parcel) = parcels.recv().await {
        while under_way.len() >= shared.settings.window {
            under_way.join_next().await;
        }
        while under_way.try_join_next().is_some() {}
        under_way.spawn(deliver(Arc::clone(shared), transport.clone(), parcel));
    }
    while under_way.join_next().await.is_some() {}
}

async fn deliver(shared: Arc<Shared>, transport: Transport, parcel: Parcel) {
    let body = Bytes::from(lines(&parcel.batch));
    let delivered = tokio::select! {
        delivered = transport.deliver(body) => delivered,
        () = given_up(&shared) => Err("the load was given up".to_owned()),
    };
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
        Ok(()) => shared.accept(batch),
        Err(error) => tracing::debug!(%error, "a batch was not accepted"),
    }
}

/// Until nobody wants to wait for deliveries any more.
async fn given_up(shared: &Shared) {
    while !shared.is_abandoned() {
        tokio::time::sleep(LOOK).await;
    }
}
