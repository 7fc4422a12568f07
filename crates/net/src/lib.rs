//! Many machines: one population over several nodes, with the same bits as on one.
//!
//! A *coordinator* leads a run: it leases shards to *nodes*, grants one window after the other, and keeps the books. What
//! shards publish goes to a *durable log* on NATS JetStream, one message a shard and window, named by its hash. Every
//! node, and the coordinator itself, folds that log into its own copy of the web, so a crawl never crosses the network.
//!
//! ```text
//!            grants, leases                         reports, states
//!  coordinator ─────────────► node: shards 0..k  ─────────────► coordinator
//!       ▲                       │      ▲
//!       │ batches               ▼      │ batches of all nodes
//!       └────────────── durable log (JetStream) ◄──── node: shards k..n
//! ```
//!
//! # Invariants
//!
//! - **No result depends on who hosts what**, on how many nodes there are, or on what failed on the way: batches are named
//!   by their hash, committed in the order of shards, and computed again to the same bits where they were lost.
//! - A window is granted when everything that was published in the window before is in the durable log.
//! - Messages of an epoch that is over change nothing.
//! - Generated message types stay inside `wire` and the messages that are sent.

mod error;
mod inbox;
mod leader;
mod led;
mod log;
mod node;
mod server;
mod service;
mod status;
mod wire;

pub use error::NetError;
pub use leader::{Leader, RunCard};
pub use led::{Led, Recipe};
pub use log::{DurableLog, LogLimits};
pub use node::{NodeOptions, Opened, run_node};
pub use server::NatsServer;
pub use status::{NodeStanding, Standing, status};
pub use wire::WireError;
