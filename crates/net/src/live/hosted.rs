//! A node's part of a live population: it starts, lives, reports and ends as the coordinator says.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use ecosystem::Keeping;
use ecosystem::live::populate;
use tokio::sync::mpsc;
use web::MemoryStorage;

use super::{Live, LiveFailure, Meter, Prepared, Resting, Settings, Target};
use crate::error::NetError;
use crate::node::Opened;
use crate::process::{cpu_time, resident_bytes};
use crate::security::Security;
use crate::wire::node_message::Kind as Word;
use crate::wire::{Failed, Host, Measured, NodeMessage, Standing};

/// Between two looks at what happens.
const LOOK: Duration = Duration::from_millis(50);
/// Between two reports, in seconds: several fall into every second that people are shown.
const REPORT: f64 = 0.25;

/// Below a node's own folder, where models rest.
const RESTING: &str = "resting";

/// A node's part of a live population; without this value it ends.
#[derive(Debug)]
pub(crate) struct Hosted(State);

#[derive(Debug)]
enum State {
    /// All models have started.
    Prepared(Box<Prepared>),
    /// Their time has begun; where they are told to stop, and whether to give up what is not begun.
    Living(Sender<bool>),
    Ended,
}

impl Hosted {
    /// Starts the models that the coordinator names, on so many threads. `nats` is the broker's address if it has another one from here.
    ///
    /// # Errors
    /// If they cannot be hosted.
    pub(crate) fn prepare(
        host: &Host,
        opened: &Opened,
        threads: usize,
        (security, nats): (&Security, Option<&str>),
    ) -> Result<(Self, Standing), NetError> {
        let failed = |error: &dyn std::fmt::Display| NetError::State(error.to_string());
        let before = resident_bytes();
        let mut settings: Settings =
            serde_json::from_slice(&host.settings).map_err(|error| failed(&error))?;
        if let Some(nats) = nats {
            call_broker(&mut settings, nats);
        }
        let keeping = Keeping {
            storage: Arc::new(MemoryStorage::default()),
            all_documents: false,
        };
        let what = (&*opened.scenario, &*opened.data);
        let each = settings.models_per_actor;
        let population = populate(what, &keeping, each, &(host.first..host.end));
        let population = population.map_err(|error| failed(&error))?;
        let settings = Settings {
            threads,
            resting: settings.resting.map(|resting| Resting {
                folder: opened.folder.join(RESTING),
                ..resting
            }),
            ..settings
        };
        let prepared = Prepared::new(settings, population, security);
        let prepared = prepared.map_err(|error| failed(&error))?;
        let standing = Standing {
            models: host.end - host.first,
            bytes: resident_bytes()
                .zip(before)
                .map(|(now, before)| now.saturating_sub(before)),
        };
        Ok((Self(State::Prepared(Box::new(prepared))), standing))
    }

    /// Begins the models' time; what is measured goes to `words`.
    ///
    /// # Errors
    /// If a thread cannot be started.
    pub(crate) fn begin(&mut self, words: mpsc::WeakSender<NodeMessage>) -> Result<(), NetError> {
        let prepared = match std::mem::replace(&mut self.0, State::Ended) {
            State::Prepared(prepared) => prepared,
            other => {
                self.0 = other;
                return Ok(());
            }
        };
        let failed = |error: &dyn std::fmt::Display| NetError::State(error.to_string());
        let live = prepared.begin().map_err(|error| failed(&error))?;
        let (sender, stops) = channel();
        let reporter = std::thread::Builder::new().name("reporter".to_owned());
        let report = move || {
            if let Err(error) = report(live, &stops, &words) {
                let message = error.to_string();
                say(&words, Word::Failed(Failed { message }));
            }
        };
        reporter.spawn(report).map_err(|error| failed(&error))?;
        self.0 = State::Living(sender);
        Ok(())
    }

    /// Begins nothing more; gives up what is not begun if `abandon`.
    pub(crate) fn stop(&self, abandon: bool) {
        if let State::Living(stops) = &self.0
            && stops.send(abandon).is_err()
        {
            tracing::debug!("the models have ended already");
        }
    }
}

/// Has the broker called at another address, also where it is the target.
fn call_broker(settings: &mut Settings, nats: &str) {
    let Some(common) = &mut settings.common else {
        return;
    };
    let named = std::mem::replace(&mut common.urls, nats.to_owned());
    if let Some(Target::Nats { urls, .. } | Target::JetStream { urls, .. }) = &mut settings.target
        && *urls == named
    {
        nats.clone_into(urls);
    }
}

impl Drop for Hosted {
    fn drop(&mut self) {
        let state = std::mem::replace(&mut self.0, State::Ended);
        if let State::Prepared(prepared) = state {
            drop(prepared.discard());
        }
    }
}

/// Reports until everything is over. Ends everything if nobody listens any more.
fn report(
    live: Live,
    stops: &Receiver<bool>,
    words: &mpsc::WeakSender<NodeMessage>,
) -> Result<(), LiveFailure> {
    let (began, mut said) = (cpu_time(), 0.0);
    let cpu_seconds = || cpu_time().saturating_sub(began).as_secs_f64();
    let say = |measured: Measured| say(words, Word::Measured(measured));
    while !live.is_over() {
        match stops.recv_timeout(LOOK) {
            Ok(false) => live.stop(),
            Ok(true) | Err(RecvTimeoutError::Disconnected) => live.abandon(),
            Err(RecvTimeoutError::Timeout) => {}
        }
        if live.seconds() >= said + REPORT {
            said = live.seconds();
            let mut meter = Meter::default();
            live.collect(&mut meter);
            let measured = Measured {
                log_taken: live.log_taken(),
                ..measured(&meter, said, cpu_seconds())
            };
            if !say(measured) {
                live.abandon();
            }
        }
    }
    let (mut meter, seconds) = (Meter::default(), live.seconds());
    live.finish(&mut meter)?;
    say(Measured {
        ended: true,
        ..measured(&meter, seconds, cpu_seconds())
    });
    Ok(())
}

/// Tells the coordinator; false if nobody listens any more.
fn say(words: &mpsc::WeakSender<NodeMessage>, kind: Word) -> bool {
    let message = NodeMessage { kind: Some(kind) };
    let words = words.upgrade();
    words.is_some_and(|words| words.blocking_send(message).is_ok())
}

fn measured(meter: &Meter, seconds: f64, cpu_seconds: f64) -> Measured {
    let (counts, durations) = meter.to_wire();
    Measured {
        seconds,
        counts,
        durations,
        resident_bytes: resident_bytes(),
        cpu_seconds,
        ..Measured::default()
    }
}
