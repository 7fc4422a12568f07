//! Theory beside simulation: systems from files and from scenarios, and what is exactly true of them.

mod answer;
mod fields;
mod file;
mod json;

pub use answer::answer;
pub use file::{Question, Questions, read};
