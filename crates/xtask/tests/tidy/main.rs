//! The rules that no compiler knows, checked on the sources of the whole workspace.
//!
//! Each rule is a function from sources to a list of violations. It has tests on small good and
//! bad samples, so that a rule that went blind is noticed, and one test on the real tree. Rules
//! look at tokens, not at text, wherever comments and strings could mislead them.

mod code;
mod dependencies;
mod functions;
mod invariants;
mod layout;
mod machine;
mod manifest;
mod paths;
mod purity;
mod sizes;
mod tree;
mod words;
