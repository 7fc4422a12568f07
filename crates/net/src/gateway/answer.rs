//! Answers in HTTP.

use std::io::Write as _;
use std::time::{Duration, UNIX_EPOCH};

use axum::body::Body;
use axum::http::header::{self, HeaderName};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use flate2::Compression;
use flate2::write::GzEncoder;
use types::time::VirtualTime;
use web::date::Epoch;
use web::gateway::Answer;

use super::text;

/// Bodies that are shorter are not worth encoding.
const ENCODED_MIN: usize = 256;

/// An answer as it is sent.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    headers: Vec<(HeaderName, String)>,
}

impl Sent {
    /// An answer of the web to somebody who sent these headers.
    pub(super) fn new(answer: Answer, epoch: Epoch, now: VirtualTime, asked: &HeaderMap) -> Self {
        let mut sent = Self {
            status: answer.status,
            body: Vec::new(),
            headers: vec![(header::CONTENT_TYPE, answer.media_type.to_owned())],
        };
        if let Some(date) = epoch.date(now) {
            sent = sent.with(header::DATE, date.http());
        }
        if answer.status != 200 {
            sent.body = answer.body;
            return sent;
        }
        let etag = answer.etag();
        let modified = answer.modified.and_then(|time| epoch.unix(time));
        if let Some(date) = answer.modified.and_then(|time| epoch.date(time)) {
            sent = sent.with(header::LAST_MODIFIED, date.http());
        }
        // A copy may be kept, but not used without asking.
        sent = sent.with(
            header::CACHE_CONTROL,
            "max-age=0, must-revalidate".to_owned(),
        );
        sent = sent.with(header::VARY, "Accept-Encoding".to_owned());
        let known = is_known(asked, &etag, modified);
        sent = sent.with(header::ETAG, etag);
        if known {
            sent.status = 304;
            return sent;
        }
        sent.body = answer.body;
        if takes_gzip(asked) && sent.body.len() >= ENCODED_MIN {
            sent.encode();
        }
        sent
    }

    /// A short answer of the gateway's own.
    pub(super) fn plain(status: u16, body: &str) -> Self {
        Self {
            status,
            body: body.as_bytes().to_vec(),
            headers: vec![(header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned())],
        }
    }

    pub(super) fn with(mut self, name: HeaderName, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The answer to HEAD: the length is that of what GET would give.
    pub(super) fn without_body(mut self) -> Self {
        let length = self.body.len().to_string();
        self.body.clear();
        self.with(header::CONTENT_LENGTH, length)
    }

    fn encode(&mut self) {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        let encoded = encoder
            .write_all(&self.body)
            .and_then(|()| encoder.finish());
        if let Ok(encoded) = encoded {
            self.body = encoded;
            self.headers
                .push((header::CONTENT_ENCODING, "gzip".to_owned()));
        }
    }

    pub(super) fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::try_from(value) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

/// The host and port that a request is for: those of its address if that is absolute, as proxies get them, else of `Host`.
pub(super) fn authority(request: &Request<Body>) -> (String, Option<u16>) {
    let named = || {
        text(request.headers(), &header::HOST)?
            .parse::<Authority>()
            .ok()
    };
    let authority = request.uri().authority().cloned().or_else(named);
    authority.map_or_else(Default::default, |authority| {
        (authority.host().to_owned(), authority.port_u16())
    })
}

/// Whether somebody has this state already (RFC 9110, section 13.2.2: dates count only where there is no tag).
fn is_known(asked: &HeaderMap, etag: &str, modified: Option<i64>) -> bool {
    if let Some(tags) = text(asked, &header::IF_NONE_MATCH) {
        let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        return tags
            .split(',')
            .any(|tag| tag.trim() == "*" || opaque(tag) == opaque(etag));
    }
    let since = text(asked, &header::IF_MODIFIED_SINCE);
    let since = since.and_then(|date| httpdate::parse_http_date(date).ok());
    let known = modified.and_then(|modified| u64::try_from(modified).ok());
    match (since, known) {
        (Some(since), Some(modified)) => since >= UNIX_EPOCH + Duration::from_secs(modified),
        _ => false,
    }
}

/// Whether somebody takes gzip (RFC 9110, section 12.5.3).
fn takes_gzip(asked: &HeaderMap) -> bool {
    let all = text(asked, &header::ACCEPT_ENCODING).unwrap_or_default();
    all.split(',').any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let refused = parts.any(|part| {
            let quality = part.strip_prefix("q=").and_then(|q| q.parse::<f64>().ok());
            quality == Some(0.0)
        });
        name.eq_ignore_ascii_case("gzip") && !refused
    })
}

#[cfg(test)]
mod tests;
