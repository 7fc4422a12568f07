//! Web archives: what was crawled, as WARC/1.1 (ISO 28500:2017) with a CDXJ index.
//!
//! An [`Archive`] turns captures into records and hands their bytes to whatever [`Write`] it was given; it opens no file.
//! Each record is a gzip member of its own, so that a reader can begin at any of them.
//!
//! ```text
//! Capture ─┐                 ┌─► record ──gzip──► Write
//! Request ─┼─ checked ───────┤
//! Revisit ─┘                 └─► CdxjLine, sorted at the end
//! ```
//!
//! # Example
//!
//! ```
//! use echosphere_web::warc::{Archive, Capture, Compression, Options};
//! use types::time::VirtualTime;
//!
//! let options = Options {
//!     name: "pages.warc.gz".to_owned(), epoch_s: 1_735_689_600, seed: 7,
//!     compression: Compression::Gzip, info: vec![("software".to_owned(), "echosphere".to_owned())],
//! };
//! let mut archive = Archive::new(Vec::new(), options)?;
//! archive.response(&Capture {
//!     uri: "https://www.site.example/a", time: VirtualTime(2_000_000), status: 200,
//!     headers: &[("Content-Type", "text/plain; charset=utf-8")], body: b"it was a dark night", identified: None,
//! })?;
//! let (bytes, lines) = archive.finish()?;
//! assert_eq!(bytes[..2], [0x1f, 0x8b]);
//! assert!(lines[0].to_string().starts_with("example,site)/a 20250101000002 {\"url\": \"https://www.site.example/a\", "));
//! # Ok::<(), echosphere_web::warc::ArchiveError>(())
//! ```
//!
//! # Invariants
//!
//! - **The same captures in the same order with the same options give the same bytes**, as long as the library that
//!   compresses is the same: no clock, no random identifier.
//! - **Nothing is cleaned.** An address or header that would need it, such as one with a line break in it, is refused, and the
//!   archive is as if it had not been offered.

mod capture;
mod cdxj;
mod digest;
mod http;
mod id;
mod record;
mod uri;

use std::io::{self, Write};

use types::time::VirtualTime;

use crate::date::{Date, Epoch};

pub use capture::{Capture, Header, Original, Profile, Request, Revisit};
pub use cdxj::CdxjLine;
pub use digest::Digest;
pub use id::RecordId;
use record::{Kind, Record};
use uri::Uri;

/// Why a record was not written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// The name of the archive cannot stand in its index.
    #[error("archive name {name:?} is not made of letters, digits, `.`, `-` and `_`")]
    Name {
        /// The name.
        name: String,
    },
    /// The address cannot be that of a capture.
    #[error("address {uri:?} {problem}")]
    Uri {
        /// The address.
        uri: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A header, or a field of the archive's description, cannot be written as it is.
    #[error("header {name:?} {problem}")]
    Header {
        /// Name of the header.
        name: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// No HTTP response has this status.
    #[error("status {0} is not between 100 and 599")]
    Status(u16),
    /// Readers would cut the body, or wait for the rest of it.
    #[error("header Content-Length is {given:?} for a body of {actual} bytes")]
    ContentLength {
        /// What the header says.
        given: String,
        /// Length of the body.
        actual: usize,
    },
    /// The time has no date with a year of four digits.
    #[error("{} s after the unix time {epoch_s} is not in the years 1000 to 9999", .time.0 / 1_000_000)]
    Date {
        /// When the run began, as a unix time.
        epoch_s: i64,
        /// Virtual time of the record.
        time: VirtualTime,
    },
    /// The writer failed. What it holds may end in a part of a record; the archive cannot be gone on with.
    #[error("the archive cannot be written: {0}")]
    Write(#[from] io::Error),
}

/// How the records are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// A gzip member for each record; such files are called `.warc.gz`.
    Gzip,
    /// As they are; such files are called `.warc`.
    None,
}

/// What an archive is, beside its captures.
#[derive(Debug, Clone)]
pub struct Options {
    /// Name of the file without its folder: letters, digits, `.`, `-` and `_`. It stands in the first record and in the index.
    pub name: String,
    /// The beginning of the run as a unix time, in seconds.
    pub epoch_s: i64,
    /// Where the identifiers of records derive from, together with the name; archives that are read together differ in one.
    pub seed: u64,
    /// How the records are stored.
    pub compression: Compression,
    /// Fields of the first record, such as `software` and `description`.
    pub info: Vec<(String, String)>,
}

/// A record in the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Its identifier.
    pub id: RecordId,
    /// Digest of the body, or of what stands for it.
    pub payload: Digest,
    /// Where it begins.
    pub offset: u64,
    /// Its bytes: the gzip member, or the record without the blank lines that end it.
    pub length: u64,
}

/// Writes an archive.
#[derive(Debug)]
pub struct Archive<W> {
    options: Options,
    epoch: Epoch,
    ids: id::Series,
    warcinfo: RecordId,
    out: W,
    offset: u64,
    lines: Vec<CdxjLine>,
    /// The record at hand, here so that its memory is used again.
    bytes: Vec<u8>,
}

impl<W: Write> Archive<W> {
    /// Begins an archive with its `warcinfo` record, dated to the beginning of the run.
    ///
    /// # Errors
    /// If something in the options cannot be written as it is, or the writer fails.
    pub fn new(out: W, options: Options) -> Result<Self, ArchiveError> {
        http::check_name(&options.name)?;
        let info = http::info(&options.info)?;
        let epoch = Epoch(options.epoch_s);
        let date = dated(epoch, VirtualTime::START)?;
        let mut ids = id::Series::new(options.seed, &options.name);
        let mut archive = Self {
            warcinfo: ids.next(Kind::Warcinfo.name(), date, ""),
            epoch,
            ids,
            out,
            offset: 0,
            lines: Vec::new(),
            bytes: Vec::new(),
            options,
        };
        let record = Record::new(archive.warcinfo, Kind::Warcinfo, date, info.as_bytes());
        let record = record.with("WARC-Filename", &archive.options.name);
        archive.write(&record)?;
        Ok(archive)
    }

    /// Writes a `response` record.
    ///
    /// # Errors
    /// If the capture cannot be written as it is, or the writer fails.
    pub fn response(&mut self, capture: &Capture<'_>) -> Result<Written, ArchiveError> {
        let uri = Uri::parse(capture.uri)?;
        let head = http::response_head(capture.status, capture.headers)?;
        http::check_length(capture.headers, capture.body.len())?;
        capture.identified.map_or(Ok(()), http::check_media_type)?;
        let payload = Digest::of(&[capture.body]);
        let (id, date) = self.identify(Kind::Response, capture.uri, capture.time)?;
        let mut record = Record::new(id, Kind::Response, date, head.as_bytes())
            .with("WARC-Warcinfo-ID", &self.warcinfo.bracketed())
            .with("WARC-Target-URI", capture.uri)
            .with("WARC-Payload-Digest", &payload);
        if let Some(media_type) = capture.identified {
            record = record.with("WARC-Identified-Payload-Type", media_type);
        }
        record.body = capture.body;
        let (offset, length) = self.write(&record)?;
        let written = Written {
            id,
            payload,
            offset,
            length,
        };
        let mime = http::mime(capture.headers);
        self.index(&uri, date, (mime, capture.status), written);
        Ok(written)
    }

    /// Writes a `request` record, which no index mentions.
    ///
    /// # Errors
    /// If the request cannot be written as it is, or the writer fails.
    pub fn request(&mut self, request: &Request<'_>) -> Result<Written, ArchiveError> {
        let head = http::request_head(&Uri::parse(request.uri)?, request.headers)?;
        let (id, date) = self.identify(Kind::Request, request.uri, request.time)?;
        let payload = Digest::of(&[]);
        let record = Record::new(id, Kind::Request, date, head.as_bytes())
            .with("WARC-Warcinfo-ID", &self.warcinfo.bracketed())
            .with("WARC-Target-URI", request.uri)
            .with("WARC-Concurrent-To", &request.concurrent_to.bracketed())
            .with("WARC-Payload-Digest", &payload);
        let (offset, length) = self.write(&record)?;
        Ok(Written {
            id,
            payload,
            offset,
            length,
        })
    }

    /// Writes a `revisit` record: the headers of the answer, and where its body is.
    ///
    /// # Errors
    /// If the revisit cannot be written as it is, or the writer fails.
    pub fn revisit(&mut self, revisit: &Revisit<'_>) -> Result<Written, ArchiveError> {
        let (uri, original) = (Uri::parse(revisit.uri)?, &revisit.original);
        Uri::parse(original.uri)?;
        let head = http::response_head(revisit.status, revisit.headers)?;
        let original_date = dated(self.epoch, original.time)?;
        let (id, date) = self.identify(Kind::Revisit, revisit.uri, revisit.time)?;
        let mut record = Record::new(id, Kind::Revisit, date, head.as_bytes())
            .with("WARC-Warcinfo-ID", &self.warcinfo.bracketed())
            .with("WARC-Target-URI", revisit.uri)
            .with("WARC-Profile", revisit.profile.uri())
            .with("WARC-Refers-To", &original.id.bracketed())
            .with("WARC-Refers-To-Target-URI", original.uri)
            .with("WARC-Refers-To-Date", &original_date)
            .with("WARC-Payload-Digest", &original.payload);
        if revisit.profile == Profile::IdenticalPayload {
            // The standard asks for it: a body was sent and is not here.
            record = record.with("WARC-Truncated", "length");
        }
        let (offset, length) = self.write(&record)?;
        let written = Written {
            id,
            payload: original.payload,
            offset,
            length,
        };
        let what = (Some(cdxj::REVISIT), revisit.status);
        self.index(&uri, date, what, written);
        Ok(written)
    }

    /// Ends the archive: flushes the writer, and gives it back with the index, sorted as `LC_ALL=C sort` would.
    ///
    /// # Errors
    /// If the writer fails.
    pub fn finish(mut self) -> Result<(W, Vec<CdxjLine>), ArchiveError> {
        self.out.flush()?;
        self.lines.sort_unstable();
        Ok((self.out, self.lines))
    }

    fn identify(
        &mut self,
        kind: Kind,
        uri: &str,
        time: VirtualTime,
    ) -> Result<(RecordId, Date), ArchiveError> {
        let date = dated(self.epoch, time)?;
        Ok((self.ids.next(kind.name(), date, uri), date))
    }

    /// Writes a record whole; gives its offset and length.
    fn write(&mut self, record: &Record<'_>) -> Result<(u64, u64), ArchiveError> {
        self.bytes.clear();
        let length = record.pack(self.options.compression, &mut self.bytes)?;
        self.out.write_all(&self.bytes)?;
        let offset = self.offset;
        self.offset += self.bytes.len() as u64;
        Ok((offset, length))
    }

    fn index(
        &mut self,
        uri: &Uri<'_>,
        date: Date,
        (mime, status): (Option<&str>, u16),
        written: Written,
    ) {
        let entry = cdxj::Entry {
            mime,
            status,
            written,
            name: &self.options.name,
        };
        self.lines.push(CdxjLine::new(uri, date, &entry));
    }
}

fn dated(epoch: Epoch, time: VirtualTime) -> Result<Date, ArchiveError> {
    epoch.date(time).ok_or(ArchiveError::Date {
        epoch_s: epoch.0,
        time,
    })
}

#[cfg(test)]
mod tests;
