//! A record: named fields, a block, and how they are stored.

use std::io::{self, Write};

use flate2::write::GzEncoder;

use super::Compression;
use super::digest::Digest;
use super::id::RecordId;
use crate::date::Date;

/// What ends a record.
const END: &[u8] = b"\r\n\r\n";

/// What a record is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Warcinfo,
    Response,
    Request,
    Revisit,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Warcinfo => "warcinfo",
            Self::Response => "response",
            Self::Request => "request",
            Self::Revisit => "revisit",
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Warcinfo => "application/warc-fields",
            Self::Request => "application/http;msgtype=request",
            Self::Response | Self::Revisit => "application/http;msgtype=response",
        }
    }
}

/// A record whose parts were checked.
#[derive(Debug)]
pub(super) struct Record<'a> {
    kind: Kind,
    fields: Vec<(&'static str, String)>,
    head: &'a [u8],
    /// The rest of the block, after its head.
    pub(super) body: &'a [u8],
}

impl<'a> Record<'a> {
    pub(super) fn new(id: RecordId, kind: Kind, date: Date, head: &'a [u8]) -> Self {
        let record = Self {
            kind,
            fields: Vec::new(),
            head,
            body: &[],
        };
        record
            .with("WARC-Type", kind.name())
            .with("WARC-Record-ID", &id.bracketed())
            .with("WARC-Date", &date)
    }

    pub(super) fn with(mut self, name: &'static str, value: &(impl ToString + ?Sized)) -> Self {
        self.fields.push((name, value.to_string()));
        self
    }

    /// Appends the record to `bytes`; gives the length that an index states.
    pub(super) fn pack(&self, compression: Compression, bytes: &mut Vec<u8>) -> io::Result<u64> {
        let start = bytes.len();
        let fields = self.fields_text();
        let parts = [fields.as_bytes(), self.head, self.body, END];
        match compression {
            Compression::Gzip => {
                // No time and no name in its header, so that it depends on the record alone.
                let mut encoder = GzEncoder::new(&mut *bytes, flate2::Compression::default());
                parts.iter().try_for_each(|part| encoder.write_all(part))?;
                encoder.finish()?;
                Ok((bytes.len() - start) as u64)
            }
            Compression::None => {
                for part in parts {
                    bytes.extend_from_slice(part);
                }
                Ok((bytes.len() - start - END.len()) as u64)
            }
        }
    }

    fn fields_text(&self) -> String {
        let mut text = "WARC/1.1\r\n".to_owned();
        let mut add = |name: &str, value: &str| text.extend([name, ": ", value, "\r\n"]);
        for (name, value) in &self.fields {
            add(name, value);
        }
        let block = Digest::of(&[self.head, self.body]);
        add("WARC-Block-Digest", &block.to_string());
        add("Content-Type", self.kind.content_type());
        let length = self.head.len() + self.body.len();
        add("Content-Length", &length.to_string());
        text.push_str("\r\n");
        text
    }
}
