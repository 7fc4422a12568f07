//! What a reader of the crate can rely on, through its public interface.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first broken promise"
)]

mod builtins;
mod columns;
mod folders;
