//! The commands.

mod catalogue;
mod compare;
mod coordinator;
mod drain;
mod export;
mod finish;
mod fork;
mod gateway;
mod leash;
mod load;
mod node;
mod operations;
mod reproduce;
mod resume;
mod run;
mod scenario;
mod security;
mod status;
mod sweep;
mod theory;

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use self::operations::OperationsArguments;
use self::security::SecurityArguments;
use crate::failure::Failure;
use crate::logging::LogFormat;

/// Simulates generative models that learn from one another through the internet they all write to.
#[derive(Debug, Parser)]
#[command(version, about, arg_required_else_help = true, max_term_width = 100)]
#[command(
    after_help = "Example:\n  echosphere run specialists\n\nExit codes: 0 ok, 1 the run failed, 2 bad input."
)]
pub struct Arguments {
    /// How messages on standard error look: a line for people, or a JSON object a line.
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "FORMAT",
        default_value = "text",
        env = "ECHOSPHERE_LOG_FORMAT"
    )]
    pub log_format: LogFormat,
    /// Widest vector instructions that networks are computed with; `exact` ones give the same bits with all
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "SET",
        env = "ECHOSPHERE_SIMD"
    )]
    pub simd: Option<Simd>,
    #[command(subcommand)]
    command: Command,
}

/// Sets of vector instructions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Simd {
    /// What every processor of the architecture has
    Baseline,
    /// Vectors of 8 numbers
    Avx2,
    /// Vectors of 16 numbers
    Avx512,
}

impl From<Simd> for ecosystem::Simd {
    fn from(set: Simd) -> Self {
        match set {
            Simd::Baseline => Self::Baseline,
            Simd::Avx2 => Self::Avx2,
            Simd::Avx512 => Self::Avx512,
        }
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a scenario and write its run folder.
    #[command(
        after_help = "Example:\n  echosphere run specialists --set population.*.mixture.synthetic_fraction=1"
    )]
    Run(RunArguments),
    /// Go on with an interrupted run or sweep, to the bit as if nothing had happened.
    #[command(after_help = "Example:\n  echosphere resume runs/specialists")]
    Resume(ResumeArguments),
    /// Give a run another future: the same past, other values from an instant on.
    #[command(
        after_help = "Example:\n  echosphere fork runs/common-crawl-2026 --at 365 --set crawler.common-crawl.compliance=0"
    )]
    Fork(fork::ForkArguments),
    /// Serve the web of a run over HTTP on this machine.
    #[command(
        after_help = "Example:\n  echosphere gateway runs/closed-gardens\n\nThe run has to keep its documents (--keep-documents) or be on its way. Then, elsewhere:\n  http_proxy=http://127.0.0.1:8080 wget --mirror --span-hosts --domains=localhost http://gateway.localhost/"
    )]
    Gateway(gateway::GatewayArguments),
    /// Write the web of a run as a web archive or as JSON lines.
    #[command(
        after_help = "Example:\n  echosphere export runs/closed-gardens --crawler compliant --warc crawl.warc.gz\n  echosphere export runs/closed-gardens --jsonl documents.jsonl.gz"
    )]
    Export(export::ExportArguments),
    /// Draw the same metrics of several runs into one page, and print where they ended.
    #[command(
        after_help = "Example:\n  echosphere compare runs/closed-gardens runs/closed-gardens-fork --metric real_share"
    )]
    Compare(compare::CompareArguments),
    /// Run a scenario at many points: a grid or a list of values for any of its keys.
    #[command(
        after_help = "Example:\n  echosphere sweep collapse-by-sample-size --replicates 50\n\nA sweep file:\n  scenario = \"specialists\"\n  replicates = 8\n  [labels]\n  \"population.*.mixture.synthetic_fraction\" = \"alpha\"\n  [grid]\n  \"population.*.mixture.synthetic_fraction\" = [0.0, 0.5, 1.0]\n  \"horizon.generations\" = [4, 8, 16]"
    )]
    Sweep(sweep::SweepArguments),
    /// Put a live population under load, and measure what it bears.
    #[command(
        after_help = "Example:\n  echosphere load mine.toml\n\nA load file:\n  scenario = \"collapse\"\n  stages = [{ seconds = 10, rate = 5000 }, { seconds = 60, rate = 5000 }]\n  thresholds = [\"p99(publish) < 20ms\", \"error_rate < 0.1%\"]\n\nExit codes: 0 ok, 1 a threshold does not hold, 2 bad input."
    )]
    Load(load::LoadArguments),
    /// Check the program against published results.
    #[command(
        after_help = "Example:\n  echosphere reproduce --only P01,P04\n  echosphere reproduce --quick --html"
    )]
    Reproduce(reproduce::ReproduceArguments),
    /// What theory expects of a scenario, or of a linear-Gaussian system in JSON.
    #[command(
        after_help = "Example:\n  echosphere theory system.json\n  echosphere theory paper-regression-transfer --out theory.parquet"
    )]
    Theory(theory::TheoryArguments),
    /// List, show and check scenarios; what can be measured; the JSON Schema for editors.
    #[command(after_help = "Example:\n  echosphere scenario show specialists > mine.toml")]
    Scenario(ScenarioArguments),
    /// Make report.html of a finished run or sweep again.
    #[command(after_help = "Example:\n  echosphere report runs/specialists")]
    Report(FolderArguments),
    /// Lead a run on nodes that are started elsewhere, or go on with it.
    #[command(
        after_help = "Example:\n  echosphere coordinator mine.toml --run mine --nodes 2 --listen 10.0.0.1:7400 --nats nats://10.0.0.2:4222"
    )]
    Coordinator(coordinator::CoordinatorArguments),
    /// Host shards of a run that a coordinator leads, until it is over.
    #[command(after_help = "Example:\n  echosphere node http://10.0.0.1:7400 --threads 8")]
    Node(NodeArguments),
    /// How a run on nodes stands.
    #[command(after_help = "Example:\n  echosphere status http://10.0.0.1:7400 --watch")]
    Status(StatusArguments),
    /// Give a node's shards to others, let it go, and wait for it.
    #[command(after_help = "Example:\n  echosphere drain http://10.0.0.1:7400 node-2")]
    Drain(DrainArguments),
    /// Run a program, and end it when standard input is closed.
    #[command(hide = true)]
    Leash(LeashArguments),
    /// Print the digest of a finished run or sweep.
    #[command(
        after_help = "Example:\n  echosphere digest runs/specialists\n  echosphere digest runs/common-crawl-2026 --until 365"
    )]
    Digest(DigestArguments),
}

#[derive(Debug, Args)]
struct RunArguments {
    /// A scenario file, or the name of a built-in scenario (see `scenario list`).
    scenario: String,
    /// The run folder; by default runs/NAME, with a number if that is taken.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Root of all randomness, instead of the scenario's.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Number of replicates, instead of the scenario's.
    #[arg(long, value_name = "R")]
    replicates: Option<u32>,
    /// Changes a value of the scenario; may be given again.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    overrides: Vec<String>,
    /// Goes on with the run in --out if there is one.
    #[arg(long)]
    resume: bool,
    /// Writes every document with its provenance to documents.parquet.
    #[arg(long)]
    keep_documents: bool,
    #[command(flatten)]
    how: HowArguments,
}

#[derive(Debug, Args)]
struct HowArguments {
    /// Worker threads; by default one a core. The result does not depend on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Writes a checkpoint after every N windows instead of every 20 seconds.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    checkpoint_every: Option<u64>,
    /// No progress bar and no table.
    #[arg(long, short)]
    quiet: bool,
    /// Where checkpoints are, instead of the run folder: a directory or s3://BUCKET/PREFIX. Nodes on other machines have to
    /// reach it too. Credentials and endpoint of S3 come from the usual AWS_* variables.
    #[arg(long, value_name = "STORE", env = "ECHOSPHERE_CHECKPOINTS")]
    checkpoints: Option<String>,
    #[command(flatten)]
    spread: SpreadArguments,
    #[command(flatten)]
    security: SecurityArguments,
    #[command(flatten)]
    operations: OperationsArguments,
}

/// How work is spread over nodes.
#[derive(Debug, Args)]
struct SpreadArguments {
    /// Spreads the models over N node processes on this machine. The result of a run does not depend on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    nodes: Option<u16>,
    /// With --nodes: a running NATS server with JetStream, instead of a private one; several servers of one cluster
    /// separated by commas.
    #[arg(long, value_name = "URL", requires = "nodes", env = "ECHOSPHERE_NATS")]
    nats: Option<String>,
    #[command(flatten)]
    log: LogArguments,
    /// With --nodes: where nodes attach. The nodes are then started by you, with `echosphere node`.
    #[arg(
        long,
        value_name = "ADDRESS",
        requires = "nodes",
        env = "ECHOSPHERE_LISTEN"
    )]
    listen: Option<std::net::SocketAddr>,
    /// With --nodes: a node that is silent for so many seconds is given up.
    #[arg(long, value_name = "SECONDS", requires = "nodes", default_value_t = 10.0, value_parser = lease_seconds)]
    lease: f64,
}

/// How the broker keeps the durable log.
#[derive(Debug, Args)]
struct LogArguments {
    /// With --nats: copies of the durable log at a broker of several servers.
    #[arg(long, value_name = "N", env = "ECHOSPHERE_NATS_REPLICAS", default_value_t = 1, value_parser = replicas)]
    nats_replicas: u8,
    /// With --nats: room for the durable log, in MiB; a full log is waited for. By default what the broker has.
    #[arg(long, value_name = "MIB", env = "ECHOSPHERE_LOG_MIB", value_parser = clap::value_parser!(u32).range(1..))]
    log_mib: Option<u32>,
}

/// Copies that a broker can agree on.
fn replicas(text: &str) -> Result<u8, String> {
    match text {
        "1" => Ok(1),
        "3" => Ok(3),
        "5" => Ok(5),
        _ => Err("it must be one of 1, 3, 5".to_owned()),
    }
}

/// Seconds that a lease may last.
fn lease_seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| "it is not a number".to_owned())?;
    if (0.5..=3600.0).contains(&seconds) {
        return Ok(seconds);
    }
    Err("it must be from 0.5 to 3600".to_owned())
}

#[derive(Debug, Args)]
struct StatusArguments {
    /// Address of the coordinator.
    coordinator: String,
    /// Shows it again every second, until the run is over.
    #[arg(long)]
    watch: bool,
    /// Prints one JSON object; with --watch, one a line.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    security: SecurityArguments,
}

#[derive(Debug, Args)]
struct DrainArguments {
    /// Address of the coordinator.
    coordinator: String,
    /// Name or number of the node, as `status` shows it.
    #[arg(env = "ECHOSPHERE_NAME")]
    node: String,
    #[command(flatten)]
    security: SecurityArguments,
}

#[derive(Debug, Args)]
struct LeashArguments {
    /// The program waits for its turn instead of interrupting others when it has something to do.
    #[arg(long)]
    batch: bool,
    program: String,
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

#[derive(Debug, Args)]
struct NodeArguments {
    /// Address of the coordinator.
    coordinator: String,
    /// Worker threads; by default one a core.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// A name for messages to people: up to 64 letters, digits and `.`, `_`, `-`.
    #[arg(long, env = "ECHOSPHERE_NAME")]
    name: Option<String>,
    /// Works for a run of this scenario only; the hash is that of the manifest (scenario_hash).
    #[arg(long, value_name = "HASH", env = "ECHOSPHERE_SCENARIO_HASH")]
    scenario_hash: Option<String>,
    /// The broker, if it has another address from here than the coordinator says.
    #[arg(long, value_name = "URL", env = "ECHOSPHERE_NATS")]
    nats: Option<String>,
    /// Waits so many seconds for a coordinator that does not answer.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    wait: u16,
    /// Attaches again when a run is over, and waits for ever.
    #[arg(long)]
    stay: bool,
    /// Folder for what does not fit into memory; by default the system's temporary folder.
    #[arg(long, value_name = "DIR", env = "ECHOSPHERE_STORE")]
    store: Option<PathBuf>,
    #[command(flatten)]
    security: SecurityArguments,
    #[command(flatten)]
    operations: OperationsArguments,
}

#[derive(Debug, Args)]
struct ResumeArguments {
    /// The folder of the run or sweep.
    folder: PathBuf,
    /// Of a sweep: runs the points that failed again.
    #[arg(long)]
    retry_failed: bool,
    #[command(flatten)]
    how: HowArguments,
}

#[derive(Debug, Args)]
struct FolderArguments {
    /// The run folder.
    folder: PathBuf,
}

#[derive(Debug, Args)]
struct DigestArguments {
    /// The run folder.
    folder: PathBuf,
    /// The hash of all metrics of a run until then, in virtual days, instead of its digest.
    #[arg(long, value_name = "DAYS")]
    until: Option<f64>,
}

#[derive(Debug, Args)]
struct ScenarioArguments {
    #[command(subcommand)]
    command: ScenarioCommand,
}

#[derive(Debug, Subcommand)]
enum ScenarioCommand {
    /// Names and titles of the built-in scenarios.
    #[command(after_help = "Example:\n  echosphere scenario list")]
    List,
    /// Print a scenario.
    #[command(after_help = "Example:\n  echosphere scenario show specialists > mine.toml")]
    Show {
        /// A file or the name of a built-in scenario.
        scenario: String,
        /// Print it complete, with every default.
        #[arg(long)]
        resolved: bool,
    },
    /// Check a scenario and print what is wrong with it, all at once.
    #[command(after_help = "Example:\n  echosphere scenario check mine.toml")]
    Check {
        /// A file or the name of a built-in scenario.
        scenario: String,
    },
    /// Print the JSON Schema of scenario files.
    #[command(after_help = "Example:\n  echosphere scenario schema > scenario.schema.json")]
    Schema,
    /// Everything that can be measured, with unit, formula and source.
    #[command(after_help = "Example:\n  echosphere scenario metrics")]
    Metrics,
    /// The text and tables inside the binary, with their licences.
    #[command(after_help = "Example:\n  echosphere scenario corpora")]
    Corpora,
}

/// Columns for the names of a list of what is built in.
fn name_width(all: &[ecosystem::scenario::builtin::Builtin]) -> usize {
    let widest = all.iter().map(|builtin| builtin.name.len()).max();
    widest.unwrap_or(0) + 2
}

/// Carries out a command.
///
/// # Errors
/// With the exit code of the contract: 1 the run failed, 2 bad input.
pub fn dispatch(arguments: Arguments, out: &mut impl Write) -> Result<(), Failure> {
    match arguments.command {
        Command::Run(arguments) => run::run(&arguments, out),
        Command::Sweep(arguments) => sweep::sweep(&arguments, out),
        Command::Load(arguments) => load::load(&arguments, out),
        Command::Fork(arguments) => fork::fork(&arguments, out),
        Command::Gateway(arguments) => gateway::gateway(&arguments, out),
        Command::Export(arguments) => export::export(&arguments, out),
        Command::Compare(arguments) => compare::compare(&arguments, out),
        Command::Resume(arguments) => resume::resume(&arguments, out),
        Command::Status(arguments) => status::status(&arguments, out),
        Command::Drain(arguments) => drain::drain(&arguments, out),
        Command::Leash(arguments) => leash::leash(&arguments),
        Command::Coordinator(arguments) => coordinator::coordinator(&arguments, out),
        Command::Node(arguments) => node::node(&arguments),
        Command::Reproduce(arguments) => reproduce::reproduce(&arguments, out),
        Command::Theory(arguments) => theory::theory(&arguments, out),
        Command::Scenario(arguments) => scenario::scenario(arguments.command, out),
        Command::Report(arguments) => finish::report_again(&arguments.folder, out),
        Command::Digest(arguments) => finish::digest(&arguments.folder, arguments.until, out),
    }
}
