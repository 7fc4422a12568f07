//! `gateway`.

use std::fs::File;
use std::io::{LineWriter, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::mpsc::channel;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use clap::Args;
use net::{GatewayOptions, GatewayServer, Shown, Visit, Visited};
use serde::Serialize;
use types::document::SiteId;
use types::time::{VirtualDuration, VirtualTime};
use web::date::Epoch;
use web::gateway::Gateway;

use super::finish::manifest;
use crate::failure::Failure;
use crate::folder::Folder;
use crate::measure::Stopwatch;
use crate::run::Stop;
use crate::standing::{self, Standing};

#[derive(Debug, Args)]
pub(super) struct GatewayArguments {
    /// The run folder: of a run that is finished and kept its documents, or of one on its way.
    folder: PathBuf,
    /// Where to serve: an address of this machine alone; port 0 takes any that is free.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080", value_parser = loopback)]
    listen: SocketAddr,
    #[command(flatten)]
    when: WhenArguments,
    /// Virtual days that pass in a second, from --at (else from the beginning) to the end; without it time stands still.
    #[arg(long, value_name = "DAYS", default_value_t = 0.0, value_parser = speed)]
    speed: f64,
    /// Fetches that a host takes at once from one address, before it insists on its crawl delay with status 429.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    burst: u32,
    /// Writes every request with its answer to a file, a JSON object a line.
    #[arg(long, value_name = "FILE")]
    access_log: Option<PathBuf>,
    /// Ends by itself after so many seconds.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    seconds: Option<u64>,
}

/// Which web of a run, and as of when.
#[derive(Debug, Args)]
pub(super) struct WhenArguments {
    /// Number of the replicate.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) replicate: u32,
    /// The web as it is then, in virtual days; by default at the end.
    #[arg(long, value_name = "DAYS", value_parser = days)]
    pub(super) at: Option<f64>,
    /// The day in the calendar on which the run begins.
    #[arg(long, value_name = "DATE", default_value = "2025-01-01", value_parser = epoch)]
    pub(super) epoch: Epoch,
}

impl WhenArguments {
    /// The instant that is shown, of a web that is known until then.
    pub(super) fn instant(&self, until: VirtualTime) -> VirtualTime {
        let asked = self
            .at
            .map(|days| VirtualTime::START + VirtualDuration::from_days(days));
        asked.map_or(until, |at| at.min(until))
    }
}

fn days(text: &str) -> Result<f64, String> {
    let days = text
        .parse()
        .ok()
        .filter(|days: &f64| (0.0..=1e8).contains(days));
    days.ok_or_else(|| "allowed are days from 0 to 1e8".to_owned())
}

fn speed(text: &str) -> Result<f64, String> {
    let days = text
        .parse()
        .ok()
        .filter(|days: &f64| (0.0..=1e6).contains(days));
    days.ok_or_else(|| "allowed are days a second from 0 to 1e6".to_owned())
}

fn epoch(text: &str) -> Result<Epoch, String> {
    Epoch::at_day(text)
        .ok_or_else(|| "it must be a day of the years 1000 to 9999, such as 2025-01-01".to_owned())
}

fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text
        .parse()
        .map_err(|_| "it must be an address and a port, such as 127.0.0.1:8080")?;
    if address.ip().is_loopback() {
        return Ok(address);
    }
    Err("only an address of this machine alone is allowed, such as 127.0.0.1:8080".to_owned())
}

pub(super) fn gateway(arguments: &GatewayArguments, out: &mut impl Write) -> Result<(), Failure> {
    let folder = Folder::at(&arguments.folder);
    let standing = standing::open(&folder, &manifest(&folder)?, arguments.when.replicate)?;
    let mut checkpoint = standing.checkpoint;
    let shown = shown(standing, arguments)?;
    let summary = summary(&shown, arguments);
    let options = GatewayOptions {
        listen: arguments.listen,
        days_per_second: arguments.speed,
        burst: arguments.burst,
    };
    let (end, ends) = channel();
    // Nobody listens any more if it is ending by itself.
    Stop::on_ctrl_c(move || end.send(()).unwrap_or_default());
    let server = GatewayServer::start(shown, options, access_log(arguments)?);
    let server = server.map_err(Failure::run)?;
    let address = server.address();
    let text = format!(
        "{summary}\n\
         http://{address}/  lists the hosts; HOST.localhost:{} is one of them\n\
         http_proxy=http://{address}  for programs that do not know that *.localhost is this machine\n\
         Ctrl-C ends it.\n",
        address.port()
    );
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(Failure::output)?;
    let clock = Stopwatch::start();
    let most = arguments.seconds.map_or(Duration::MAX, Duration::from_secs);
    while let Some(left) = most
        .checked_sub(clock.elapsed())
        .filter(|left| !left.is_zero())
    {
        if ends.recv_timeout(left.min(LOOK)).is_ok() {
            break;
        }
        if checkpoint.is_some() {
            checkpoint = look_again(&folder, arguments, checkpoint, &server);
        }
    }
    Ok(())
}

/// A run on its way is looked at so often.
const LOOK: Duration = Duration::from_secs(2);

/// Shows what has been published since, if a run on its way has come further. What cannot be read now, because a newer checkpoint is
/// just being written, is read the next time.
fn look_again(
    folder: &Folder,
    arguments: &GatewayArguments,
    known: Option<u64>,
    server: &GatewayServer,
) -> Option<u64> {
    let manifest = manifest(folder).ok()?;
    let finished = manifest.status == "finished";
    if !finished && standing::newest(folder, &manifest) == known {
        return known;
    }
    let newer = standing::open(folder, &manifest, arguments.when.replicate);
    let newer = newer.and_then(|standing| Ok((standing.checkpoint, shown(standing, arguments)?)));
    match newer {
        Ok((checkpoint, shown)) => {
            server.show(shown);
            checkpoint
        }
        // A finished run that kept no documents stays as it was seen last.
        Err(_) if finished => None,
        Err(_) => known,
    }
}

/// The web of a run, from the instant that is asked for.
fn shown(standing: Standing, arguments: &GatewayArguments) -> Result<Shown, Failure> {
    let when = &arguments.when;
    let until = standing.until;
    let from = match when.at {
        None if arguments.speed > 0.0 => VirtualTime::START,
        _ => when.instant(until),
    };
    Ok(Shown {
        web: web_of(standing, when.epoch)?,
        from,
        until,
    })
}

/// The web of a run, to be asked for pages.
pub(super) fn web_of(standing: Standing, epoch: Epoch) -> Result<Gateway, Failure> {
    let Standing {
        atlas, log, until, ..
    } = standing;
    let Some(geography) = atlas.geography() else {
        return Err(Failure::input(
            "documents of this run live on no sites, so that they have no addresses: add [[site]] to its scenario",
        ));
    };
    if epoch.unix(until).is_none() {
        return Err(Failure::input(format_args!(
            "--epoch: day {} of the run is after the year 9999",
            until.days()
        )));
    }
    Ok(Gateway::new(geography, atlas.sites(), log, epoch))
}

/// What is served.
fn summary(shown: &Shown, arguments: &GatewayArguments) -> String {
    let web = &shown.web;
    let hosts = web.names().hosts();
    let alive = web.alive_at(shown.from).count();
    let first = web.names().of(SiteId(0));
    let passes = if arguments.speed > 0.0 {
        format!(
            ", {} a second until day {}",
            arguments.speed,
            shown.until.days()
        )
    } else {
        String::new()
    };
    format!(
        "{alive} pages on {hosts} hosts ({first} ...), day {}{passes}",
        shown.from.days()
    )
}

/// One line of the access log.
#[derive(Serialize)]
struct Line<'a> {
    seconds: f64,
    client: String,
    agent: &'a str,
    method: &'a str,
    host: &'a str,
    path: &'a str,
    status: u16,
    bytes: usize,
}

/// Writes visits to the access log, if there is one.
fn access_log(arguments: &GatewayArguments) -> Result<Visited, Failure> {
    let Some(path) = &arguments.access_log else {
        return Ok(Box::new(|_| ()));
    };
    let file = File::create(path).map_err(|error| {
        Failure::input(format_args!(
            "--access-log: cannot write {}: {error}",
            path.display()
        ))
    })?;
    let lines = Mutex::new(LineWriter::new(file));
    Ok(Box::new(move |visit: &Visit| {
        let line = Line {
            seconds: visit.seconds,
            client: visit.client.to_string(),
            agent: &visit.agent,
            method: &visit.method,
            host: &visit.host,
            path: &visit.path,
            status: visit.status,
            bytes: visit.bytes,
        };
        let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
        let written = serde_json::to_string(&line).map_err(std::io::Error::from);
        if let Err(error) = written.and_then(|line| writeln!(lines, "{line}")) {
            tracing::warn!("the access log cannot be written: {error}");
        }
    }))
}
