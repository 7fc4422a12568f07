//! Lines of a CDXJ index: key, time, and the rest in JSON, letter for letter as `cdxj-indexer` writes them.

use std::fmt;

use super::Written;
use super::uri::Uri;
use crate::date::Date;

/// What stands for the media type of a revisit.
pub(super) const REVISIT: &str = "warc/revisit";

/// A line of an index, which finds a record by the address and the time of its capture.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CdxjLine {
    /// The address in an order that sorts by domain, such as `example,site)/a`.
    pub key: String,
    /// Year, month, day, hour, minute and second in fourteen digits.
    pub timestamp: u64,
    /// An object of texts: `url`, `mime`, `status`, `digest`, `length`, `offset`, `filename`; no `mime` if none was stated.
    pub json: String,
}

/// What a line says beside address and time.
pub(super) struct Entry<'a> {
    pub(super) mime: Option<&'a str>,
    pub(super) status: u16,
    pub(super) written: Written,
    pub(super) name: &'a str,
}

impl CdxjLine {
    pub(super) fn new(uri: &Uri<'_>, date: Date, entry: &Entry<'_>) -> Self {
        let mut json = String::from("{");
        let mut add = |name: &str, value: &str| {
            let comma = if json.len() > 1 { ", " } else { "" };
            json.extend([comma, "\"", name, "\": \"", &escaped(value), "\""]);
        };
        add("url", uri.text);
        if let Some(mime) = entry.mime {
            add("mime", mime);
        }
        add("status", &entry.status.to_string());
        add("digest", &entry.written.payload.to_string());
        add("length", &entry.written.length.to_string());
        add("offset", &entry.written.offset.to_string());
        add("filename", entry.name);
        json.push('}');
        Self {
            key: uri.key(),
            timestamp: date.digits(),
            json,
        }
    }
}

/// A text as it stands in JSON; all texts here are printable ASCII.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

impl fmt::Display for CdxjLine {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            key,
            timestamp,
            json,
        } = self;
        write!(out, "{key} {timestamp} {json}")
    }
}
