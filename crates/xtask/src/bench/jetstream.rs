//! A load on JetStream beside a raw client of it: how much of what the broker bears a population reaches that crawls, learns and
//! writes, and what it adds to the time until a message is acknowledged.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::Value;

use super::peers::build_step;
use super::web::median;
use crate::shell::{Step, cargo, output_of, run_all, say, target_folder};

/// What `bench jetstream` measures.
#[derive(Debug, Args)]
pub(crate) struct JetstreamOptions {
    /// Repetitions of both sides in turn; medians are printed
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    reps: u32,
    /// Seconds of every run
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(2..))]
    seconds: u32,
    /// Documents a message, in place of the usual numbers
    #[arg(long, num_args = 1.., value_name = "N", value_parser = clap::value_parser!(u32).range(1..=4096))]
    documents: Vec<u32>,
}

/// Messages without an acknowledgement at once, on both sides.
const WINDOW: u32 = 256;
/// Documents a publication, each of which is a message.
const SIZES: [u32; 3] = [10, 100, 1000];
const STREAM: &str = "BENCH";

/// One run of either side.
#[derive(Debug, Clone, Copy)]
struct Sample {
    /// Messages a second that were acknowledged.
    rate: f64,
    p50: f64,
    p99: f64,
}

/// Builds both sides, and prints a line for each size of messages.
///
/// # Errors
/// When a build fails, a run does, or there is no `nats-server`.
pub(crate) fn run(options: &JetstreamOptions) -> Result<()> {
    let folder = target_folder()?.join("bench");
    let target = folder.join("peers");
    let build = cargo("build --release --package echosphere");
    run_all(vec![
        Step::new("build of echosphere", build),
        build_step("build of a raw client", "raw_jetstream", &target),
    ])?;
    let bench = Bench {
        raw: target.join("release/raw-jetstream"),
        folder: folder.join("jetstream"),
        seconds: options.seconds,
    };
    say(&format!(
        "messages a second that JetStream has acknowledged, {WINDOW} on their way at most; in brackets until the acknowledgement at \
         half of the raw client's rate\n\
         documents  bytes/message     raw client (p50, p99)          echosphere (p50, p99)     ratio, of p50"
    ));
    let sizes = if options.documents.is_empty() {
        SIZES.to_vec()
    } else {
        options.documents.clone()
    };
    for documents in sizes {
        bench.compare(documents, options.reps)?;
    }
    Ok(())
}

struct Bench {
    raw: PathBuf,
    folder: PathBuf,
    seconds: u32,
}

impl Bench {
    fn compare(&self, documents: u32, reps: u32) -> Result<()> {
        let (mut raw, mut ours, mut raw_half, mut ours_half) = (vec![], vec![], vec![], vec![]);
        let mut bytes = 0;
        for _ in 0..reps {
            let most;
            (most, bytes) = self.ours(documents, None)?;
            ours.push(most);
            let most = self.raw(bytes, 0.0)?;
            let half = most.rate / 2.0;
            raw.push(most);
            raw_half.push(self.raw(bytes, half)?);
            ours_half.push(self.ours(documents, Some(half))?.0);
        }
        let of = |samples: &[Sample], value: fn(&Sample) -> f64| {
            median(samples.iter().map(value).collect())
        };
        let ms = |samples: &[Sample]| {
            let (p50, p99) = (of(samples, |s| s.p50), of(samples, |s| s.p99));
            format!("({:.2} ms, {:.2} ms)", 1e3 * p50, 1e3 * p99)
        };
        let (most, reached) = (of(&raw, |s| s.rate), of(&ours, |s| s.rate));
        say(&format!(
            "{documents:9} {bytes:14} {most:10.0} {:<22} {reached:10.0} {:<22} {:5.2} {:5.2}",
            ms(&raw_half),
            ms(&ours_half),
            reached / most,
            of(&ours_half, |s| s.p50) / of(&raw_half, |s| s.p50),
        ));
        Ok(())
    }

    fn raw(&self, bytes: u64, rate: f64) -> Result<Sample> {
        let server = Server::start(&self.folder)?;
        let mut command = Command::new(&self.raw);
        command.args([&server.url(), STREAM]);
        command.args([
            bytes.to_string(),
            WINDOW.to_string(),
            self.seconds.to_string(),
            rate.to_string(),
        ]);
        let output = output_of(&mut command)?;
        let numbers: Vec<f64> = output
            .split_whitespace()
            .filter_map(|word| word.parse().ok())
            .collect();
        let [rate, p50, p99] = numbers[..] else {
            bail!("no numbers: {output}");
        };
        Ok(Sample { rate, p50, p99 })
    }

    /// What our side reaches, and the bytes of its messages.
    fn ours(&self, documents: u32, rate: Option<f64>) -> Result<(Sample, u64)> {
        let server = Server::start(&self.folder)?;
        let record = self.load(&server, documents, rate)?;
        let number = |value: &Value| value.as_f64().context("load.json lacks a number");
        let publish = record["durations"]
            .as_array()
            .and_then(|all| all.iter().find(|one| one["operation"] == "publish"))
            .context("load.json has no publications")?;
        let (messages, bytes) = self.stored(&server)?;
        let sample = Sample {
            rate: messages / number(&record["seconds"])?,
            p50: number(&publish["p50"])?,
            p99: number(&publish["p99"])?,
        };
        // A stream's bytes count its subject and some thirty bytes a message besides.
        Ok((sample, (bytes / messages) as u64))
    }

    /// Messages and bytes that the server's stream holds.
    fn stored(&self, server: &Server) -> Result<(f64, f64)> {
        let stream = [server.url().as_str(), STREAM, "0", "1", "1", "0"].map(str::to_owned);
        let held = output_of(Command::new(&self.raw).args(stream))?;
        let numbers: Vec<f64> = held
            .split_whitespace()
            .filter_map(|word| word.parse().ok())
            .collect();
        let [messages, bytes] = numbers[..] else {
            bail!("no size: {held}");
        };
        Ok((messages, bytes))
    }

    /// A population of workload G1 that publishes on the server: as much as it can, or so many messages a second.
    fn load(&self, server: &Server, documents: u32, rate: Option<f64>) -> Result<Value> {
        let seconds = self.seconds;
        let arrivals = match rate {
            None => format!("arrivals = \"closed\"\nseconds = {seconds}\n"),
            Some(rate) => {
                let stage = |seconds: f64| format!("{{ seconds = {seconds}, rate = {rate} }}");
                let stages = [stage(0.001), stage(f64::from(seconds))].join(", ");
                format!("arrivals = \"constant\"\nstages = [{stages}]\n")
            }
        };
        let text = format!(
            "scenario = \"g1\"\n{arrivals}\n[set]\n\"population.*.count\" = 10000\n\"web.retention\" = {{ window = 1 }}\n\"web.index_lag\" \
             = {{ generations = 0.01 }}\n\"population.*.training.initial\" = \"untrained\"\n\"population.*.publish.documents\" = {documents}\n\n\
             [hosting]\nmodels_per_actor = 100\nbatch_documents = {documents}\nwindow = {WINDOW}\n\n\
             [target]\nkind = \"jetstream\"\nurl = \"{}\"\nsubject = \"{STREAM}.load\"\nstream = \"{STREAM}\"\n",
            server.url()
        );
        let file = self.folder.join("load.toml");
        std::fs::write(&file, text).with_context(|| file.display().to_string())?;
        let out = self.folder.join("out");
        if out.exists() {
            std::fs::remove_dir_all(&out)?;
        }
        let mut command = Command::new(target_folder()?.join("release/echosphere"));
        command.arg("load").arg(&file).arg("--out").arg(&out);
        output_of(command.args(["--threads=1", "--quiet"]))?;
        Ok(serde_json::from_slice(&std::fs::read(
            out.join("load.json"),
        )?)?)
    }
}

/// A fresh `nats-server` on loopback; ends with this value.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(folder: &Path) -> Result<Self> {
        let store = folder.join("store");
        if store.exists() {
            std::fs::remove_dir_all(&store)?;
        }
        std::fs::create_dir_all(&store)?;
        // Free a moment ago, and hardly taken since.
        let port = std::net::TcpListener::bind("127.0.0.1:0")?
            .local_addr()?
            .port();
        let child = Command::new("nats-server")
            .args([
                "--addr",
                "127.0.0.1",
                "--port",
                &port.to_string(),
                "--jetstream",
                "--store_dir",
            ])
            .arg(&store)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context(
                "cannot start nats-server: install it (Debian: apt-get install nats-server)",
            )?;
        let server = Self { child, port };
        for _ in 0..200 {
            if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
                // JetStream follows the listener.
                pause(Duration::from_millis(300));
                return Ok(server);
            }
            pause(Duration::from_millis(20));
        }
        bail!("nats-server does not answer")
    }

    fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "waiting for another process takes wall time"
)]
fn pause(duration: Duration) {
    std::thread::sleep(duration);
}
