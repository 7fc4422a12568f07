//! The book of Echosphere: what its words mean, how to read what it writes, and why it is built as it is.
//!
//! There is no code here. Every page is a Markdown file that the documentation tool reads, so the links between pages are
//! checked and every Rust snippet is compiled and run with the tests.
//!
//! ```text
//! concepts ─► reading_a_report ─► what_it_cannot_tell_you      for those who run scenarios
//! reading_a_report ─► theory                                   for those who want to know what to expect
//! reading_a_report ─► sweeping                                 for those who compare many
//! concepts ─► the_web                                         for those who care where documents live and who fetches them
//! operating ─► scaling                                         for those who run them on several machines
//! concepts ─► load_testing                                     for those who ask what a machine or a broker bears
//! concepts ─► language_models_from_files                       for those who have networks already
//! concepts ─► adding_a_family                                  for those who write a learner
//! ARCHITECTURE.md ─► decisions                                 for those who change the program
//! ```
//!
//! Read next: [`concepts`], then the page for what you are about to do. [`decisions`] says why, and what would make us
//! change our mind.

#[doc = include_str!("concepts.md")]
pub mod concepts {}

#[doc = include_str!("reading_a_report.md")]
pub mod reading_a_report {}

#[doc = include_str!("theory.md")]
pub mod theory {}

#[doc = include_str!("sweeping.md")]
pub mod sweeping {}

#[doc = include_str!("the_web.md")]
pub mod the_web {}

#[doc = include_str!("adding_a_family.md")]
pub mod adding_a_family {}

#[doc = include_str!("load_testing.md")]
pub mod load_testing {}

#[doc = include_str!("language_models.md")]
#[doc = include_str!("figures/specialists-neural-grid.svg")]
pub mod language_models {}

#[doc = include_str!("language_models_from_files.md")]
pub mod language_models_from_files {}

#[doc = include_str!("operating.md")]
pub mod operating {}
#[doc = include_str!("scaling.md")]
pub mod scaling {}

#[doc = include_str!("what_it_cannot_tell_you.md")]
pub mod what_it_cannot_tell_you {}

pub mod decisions;
