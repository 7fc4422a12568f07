//! What an archive is made of: answers, requests, and contents that were seen again.

use types::time::VirtualTime;

use super::digest::Digest;
use super::id::RecordId;

/// A header: name and value, in printable ASCII.
pub type Header<'a> = (&'a str, &'a str);

/// What a server answered to a request.
#[derive(Debug, Clone, Copy)]
pub struct Capture<'a> {
    /// Absolute address: `http` or `https`, ASCII, no user, no fragment.
    pub uri: &'a str,
    /// When it was fetched. The record is dated to the second.
    pub time: VirtualTime,
    /// HTTP status.
    pub status: u16,
    /// HTTP headers in the order of the answer. `Content-Length`, if there is one, must be that of the body; there is no
    /// `Transfer-Encoding`.
    pub headers: &'a [Header<'a>],
    /// The body as sent, encoded if the headers say so.
    pub body: &'a [u8],
    /// Media type of the body, such as `text/plain`, if it is known from something else than the headers.
    pub identified: Option<&'a str>,
}

/// What a crawler asked a server: a GET without a body.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Address of the capture that it led to.
    pub uri: &'a str,
    /// Time of that capture.
    pub time: VirtualTime,
    /// HTTP headers after `Host`, which is written first if it is not among them.
    pub headers: &'a [Header<'a>],
    /// The record of the answer.
    pub concurrent_to: RecordId,
}

/// How it is known that a content was seen before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// The body that was sent has the digest of the original.
    IdenticalPayload,
    /// The server said so, usually with status 304.
    NotModified,
}

impl Profile {
    pub(super) fn uri(self) -> &'static str {
        match self {
            Self::IdenticalPayload => {
                "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
            }
            Self::NotModified => "http://netpreserve.org/warc/1.1/revisit/server-not-modified",
        }
    }
}

/// The capture that holds a content which was seen again.
#[derive(Debug, Clone, Copy)]
pub struct Original<'a> {
    /// Its address.
    pub uri: &'a str,
    /// When it was fetched.
    pub time: VirtualTime,
    /// Its record, in this archive or another.
    pub id: RecordId,
    /// Digest of its body.
    pub payload: Digest,
}

/// A content seen again: a capture without its body.
#[derive(Debug, Clone, Copy)]
pub struct Revisit<'a> {
    /// Address, which need not be that of the original.
    pub uri: &'a str,
    /// When it was fetched.
    pub time: VirtualTime,
    /// HTTP status.
    pub status: u16,
    /// HTTP headers in the order of the answer.
    pub headers: &'a [Header<'a>],
    /// How it is known that the content is the same.
    pub profile: Profile,
    /// Where the content is.
    pub original: Original<'a>,
}
