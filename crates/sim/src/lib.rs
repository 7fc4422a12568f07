//! The virtual-time engine: actors, windows, one total order, parallel shards.
//!
//! It knows nothing about documents, models or learning; it has no wall clock and no randomness.
//!
//! ```text
//!            ┌────────── window [w, w + lookahead) ──────────┐
//!  agenda ──►│ actor 0: event, event, ...   ──► outbox 0     │
//!  agenda ──►│ actor 1: event, ...          ──► outbox 1     │──► World::collect ──► World::commit ──► next window
//!  agenda ──►│ ...      all read one frozen &World           │
//!            └───────────────────────────────────────────────┘
//! ```
//!
//! # Ordering guarantees
//!
//! 1. Events of one actor are handled in the order of (time, own sequence number).
//! 2. What an actor does in a window reaches the world at the end of that window, never earlier, and the outboxes arrive
//!    in the order of the actors. No result depends on the number of threads or on which of them finished first.
//! 3. Windows in which nobody has an event are skipped.
//!
//! # Example
//!
//! ```
//! use echosphere_sim::{Actor, Agenda, Engine, Event, Window, World};
//! use types::time::{VirtualDuration, VirtualTime};
//!
//! /// Counts everybody's ticks.
//! #[derive(Default)]
//! struct Board(u64);
//! impl World for Board {
//!     type Outbox = u64;
//!     type Error = std::convert::Infallible;
//!     fn collect(&mut self, outboxes: Vec<u64>) -> Result<(), Self::Error> {
//!         self.0 += outboxes.iter().sum::<u64>();
//!         Ok(())
//!     }
//!     fn commit(&mut self, _: Window) -> Result<(), Self::Error> {
//!         Ok(())
//!     }
//! }
//! struct Ticker;
//! impl Actor<Board> for Ticker {
//!     type Signal = ();
//!     fn handle(
//!         &mut self,
//!         event: Event<()>,
//!         _board: &Board,
//!         outbox: &mut u64,
//!         agenda: &mut Agenda<()>,
//!     ) -> Result<(), std::convert::Infallible> {
//!         *outbox += 1;
//!         agenda.push(event.time + VirtualDuration(10), ());
//!         Ok(())
//!     }
//! }
//! let mut engine = Engine::new(VirtualDuration(10), VirtualTime(95))?;
//! engine.spawn(Ticker, [(VirtualTime(5), ())]);
//! let mut board = Board::default();
//! while engine.step(&mut board).unwrap().is_some() {}
//! assert_eq!(board.0, 10); // at 5, 15, ..., 95
//! # Ok::<(), echosphere_sim::ZeroLookahead>(())
//! ```
//!
//! Read next: [`Engine`], then [`Agenda`].

mod agenda;
mod engine;

pub use agenda::{Agenda, AgendaState, Event};
pub use engine::{Actor, Engine, Window, World, ZeroLookahead};
