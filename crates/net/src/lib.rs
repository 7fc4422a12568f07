//! Many machines: one population over several nodes, with the same bits as on one.
//!
//! A *coordinator* leads a run: it leases shards to *nodes*, grants one window after the other, and keeps the books; it
//! never sees a document. What shards publish goes to a *durable log* on NATS JetStream, one message a shard and window,
//! named by its hash. Every node folds that log into its own copy of the web, so a crawl never crosses the network.
//! Checkpoints go from nodes to a *checkpoint store*, a directory or S3-compatible storage. Who leads is a *claim* that the
//! broker remembers.
//!
//! ```text
//!            grants, leases                                 reports
//!  coordinator ─────────────► node: shards 0..k  ─────────────► coordinator
//!                               │      ▲
//!                               ▼      │ batches of all nodes
//!       ┌────────────── durable log (JetStream) ◄──── node: shards k..n
//!       └ claim                                             │ states, segments
//!                         checkpoint store ◄────────────────┘
//! ```
//!
//! # Invariants
//!
//! - **No result depends on who hosts what**, on how many nodes there are, or on what failed on the way: batches are named
//!   by their hash, committed in the order of shards, and computed again to the same bits where they were lost.
//! - A window is granted when everything that was published in the window before is in the durable log.
//! - Messages of an epoch that is over change nothing.
//! - No secret is held longer than it is needed, shown, or handed to another process other than by the name of its file.
//! - Generated message types stay inside `wire` and the messages that are sent.

mod admission;
mod board;
mod check;
mod claim;
mod error;
mod gateway;
mod health;
mod hosting;
mod inbox;
mod leader;
mod leave;
mod led;
pub mod live;
mod log;
mod node;
mod operations;
mod process;
mod publishing;
mod saved;
mod security;
mod server;
mod service;
mod status;
mod store;
mod telemetry;
mod wire;

pub use admission::{check_node_name, check_run_name};
pub use claim::Found;
pub use error::NetError;
pub use gateway::{GatewayOptions, GatewayServer, Shown, Visit, Visited};
pub use health::Closing;
pub use leader::{Leader, Opening, RunCard};
pub use leave::{Leave, drain};
pub use led::{Led, Recipe};
pub use log::LogLimits;
pub use node::{NodeOptions, Opened, run_node};
pub use operations::Operations;
pub use process::{cpu_time, peak_memory_bytes, resident_bytes};
pub use saved::{Blob, LedState, SEGMENTS, SHARDS};
pub use security::{Connection, Security, install_provider};
pub use server::NatsServer;
pub use status::{NodeStanding, Standing, status, watch};
pub use store::{FolderStorage, Store, temporary, write_whole};
pub use wire::WireError;
