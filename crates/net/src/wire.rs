//! What travels: generated message types, and their conversion from and to our own.
//!
//! The messages are those of `proto/`; generated types do not leave this module except as messages to be sent.

#[rustfmt::skip]
#[expect(
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::pedantic,
    clippy::clone_on_ref_ptr,
    unnameable_types,
    unreachable_pub,
    unused_qualifications,
    reason = "generated"
)]
mod generated;
mod batch;
mod envelope;
mod report;

pub(crate) use self::batch::decode_batch;
pub(crate) use self::envelope::{Hash, Packer, Parcel};
pub(crate) use self::generated::*;
pub(crate) use self::report::{outbox_of, report_of, surroundings_of_wire, surroundings_to_wire};

/// What was received is not what a peer of this version would send.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a message is malformed: {0}")]
pub struct WireError(pub(crate) &'static str);
