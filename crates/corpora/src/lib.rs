//! Real data for an ecosystem to start from: text in several domains and a small table of numbers
//! inside the binary, and the same shapes read from any bytes.
//!
//! This crate knows nothing about models, simulation or where bytes come from. It opens no file,
//! looks at no clock and no environment: it takes bytes and names and gives values, the same
//! ones on every machine.
//!
//! ```text
//!   builtin("jargon") ──────────┐
//!                               ├──► TextCorpus { train, valid, test, knowledge }
//!   TextCorpus::from_files(…) ──┘
//!
//!   builtin_column("iris", …) ──┐
//!                               ├──► Vec<f64>, or levels and codes
//!   numeric_column(…) ──────────┘
//! ```
//!
//! # Example
//!
//! ```
//! use echosphere_corpora::{TextCorpus, builtin, builtin_column, builtin_names};
//!
//! # fn main() -> Result<(), echosphere_corpora::CorpusError> {
//! assert!(builtin_names().contains(&"jargon"));
//! let jargon = builtin("jargon")?.limited(100);
//! assert_eq!(jargon.documents(), [100, 100, 100]);
//!
//! // A folder of one's own; whoever opens it hands in the names and the bytes.
//! let text = "The first document.\n\nThe second,\non two lines.\n";
//! let own = TextCorpus::from_files("own", [("train.txt".to_owned(), text.into())])?;
//! assert_eq!(own.documents(), [1, 0, 1]);
//!
//! let lengths = builtin_column("iris", "petal_length_cm")?;
//! assert_eq!(lengths.len(), 150);
//!
//! let slip = builtin("jargn").unwrap_err();
//! assert!(slip.to_string().contains("did you mean `jargon`?"));
//! # Ok(())
//! # }
//! ```
//!
//! # Invariants
//!
//! 1. A corpus depends on the content of its files, not on the order in which they are given nor
//!    on whether they are compressed.
//! 2. Documents are ordered by the SHA-256 of their id, so the first N are an even sample over
//!    groups, and the same sample everywhere.
//! 3. No id stands in two splits.
//! 4. A load reports all of its problems, up to twenty, and never returns half a corpus.
//! 5. A built-in corpus is unpacked when it is asked for, not before.
//!
//! # Where to read next
//!
//! [`TextCorpus::from_files`] gives the rules for folders; [`builtins`] and [`builtin_tables`]
//! say what ships; `data/README.md` and `data/LICENSES.md` of this crate say where it came from.

mod builtin;
mod column;
mod error;
mod gzip;
mod lines;
mod problem;
mod suggest;
mod table;
mod text;

pub use builtin::{BuiltinInfo, builtin, builtin_names, builtins};
pub use column::{numeric_column, symbol_column};
pub use error::CorpusError;
pub use problem::{Place, Problem};
pub use table::{TableInfo, builtin_column, builtin_symbols, builtin_tables};
pub use text::{KnowledgeItem, TextCorpus, TextDocument, UNPACKED_BYTES_MAX};
