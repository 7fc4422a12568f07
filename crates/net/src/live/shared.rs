//! What all threads of a live population share.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use ecosystem::live::LiveWeb;
use web::Batch;

use super::clock::{Clock, Nanos};
use super::meter::Meter;
use super::settings::Settings;

/// What arbiters, the keeper of the web and whoever watches have in common.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) settings: Settings,
    pub(crate) clock: Clock,
    /// The web as it can be read.
    web: RwLock<Arc<LiveWeb>>,
    /// Counts the webs; who has an older one takes the newest.
    version: AtomicU64,
    /// What was accepted and is not in the web yet.
    inbox: Mutex<Vec<Batch>>,
    /// One for each arbiter, one for the keeper, and one for the broker.
    meters: Vec<Mutex<Meter>>,
    /// No more deeds are handed out.
    stopping: AtomicBool,
    /// What was handed out and is not begun is given up too.
    abandoned: AtomicBool,
}

impl Shared {
    pub(crate) fn new(settings: Settings, web: LiveWeb) -> Self {
        Self {
            web: RwLock::new(Arc::new(web)),
            version: AtomicU64::new(0),
            inbox: Mutex::default(),
            meters: (0..settings.threads + 2)
                .map(|_| Mutex::default())
                .collect(),
            stopping: AtomicBool::new(false),
            abandoned: AtomicBool::new(false),
            clock: Clock::new(settings.seconds_per_day),
            settings,
        }
    }

    /// Lets everybody read another web.
    pub(crate) fn renew(&self, web: LiveWeb) {
        *self.web.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(web);
        self.version.fetch_add(1, Ordering::Release);
    }

    /// The newest web and its number, if that is not `known`.
    pub(crate) fn newer(&self, known: u64) -> Option<(u64, Arc<LiveWeb>)> {
        let version = self.version.load(Ordering::Acquire);
        (version != known).then(|| (version, self.web()))
    }

    /// The newest web.
    pub(crate) fn web(&self) -> Arc<LiveWeb> {
        Arc::clone(&self.web.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes what was accepted.
    pub(crate) fn accept(&self, batch: Batch) {
        let mut inbox = self.inbox.lock().unwrap_or_else(PoisonError::into_inner);
        inbox.push(batch);
    }

    /// Everything that was accepted since the last call.
    pub(crate) fn accepted(&self) -> Vec<Batch> {
        std::mem::take(&mut self.inbox.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Number of the keeper's meter; arbiters have the first.
    pub(crate) fn keepers_meter(&self) -> usize {
        self.settings.threads
    }

    /// Number of the broker's meter.
    pub(crate) fn brokers_meter(&self) -> usize {
        self.settings.threads + 1
    }

    /// Notes something in a meter.
    pub(crate) fn measure(&self, number: usize, note: impl FnOnce(&mut Meter)) {
        let meter = self.meters[number].lock();
        note(&mut meter.unwrap_or_else(PoisonError::into_inner));
    }

    /// Moves everything that was measured since the last call into `meter`.
    pub(crate) fn collect(&self, meter: &mut Meter) {
        for number in 0..self.meters.len() {
            self.measure(number, |own| {
                meter.add(own);
                own.clear();
            });
        }
    }

    /// Begins nothing any more.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    /// Gives up whatever is not begun, and whatever is on its way to a target.
    pub(crate) fn abandon(&self) {
        self.abandoned.store(true, Ordering::Release);
        self.stop();
    }

    pub(crate) fn is_abandoned(&self) -> bool {
        self.abandoned.load(Ordering::Acquire)
    }

    /// True if something that was meant to begin at `intended` has waited too long.
    pub(crate) fn is_too_late(&self, intended: Nanos, now: Nanos) -> bool {
        now.saturating_sub(intended) > self.settings.patience
    }
}
