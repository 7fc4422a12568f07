//! What may stand in a record: HTTP heads, and the checks that nothing in them begins a line that was not asked for.

use super::uri::Uri;
use super::{ArchiveError, Header};

/// Of the standard, for the first record.
const FORMAT: [(&str, &str); 2] = [
    ("format", "WARC File Format 1.1"),
    (
        "conformsTo",
        "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
    ),
];

/// The head of a response, with the blank line that ends it.
pub(super) fn response_head(status: u16, headers: &[Header<'_>]) -> Result<String, ArchiveError> {
    if !(100..=599).contains(&status) {
        return Err(ArchiveError::Status(status));
    }
    let mut head = format!("HTTP/1.1 {status} {}\r\n", reason(status));
    add_headers(&mut head, headers)?;
    Ok(head)
}

/// The head of a request, with the blank line that ends it.
pub(super) fn request_head(uri: &Uri<'_>, headers: &[Header<'_>]) -> Result<String, ArchiveError> {
    let mut head = format!("GET {} HTTP/1.1\r\n", uri.target());
    if value_of("Host", headers).is_none() {
        head.extend(["Host: ", uri.authority, "\r\n"]);
    }
    add_headers(&mut head, headers)?;
    Ok(head)
}

fn add_headers(head: &mut String, headers: &[Header<'_>]) -> Result<(), ArchiveError> {
    for (name, value) in headers {
        check_header(name, value)?;
        head.extend([name, ": ", value, "\r\n"]);
    }
    head.push_str("\r\n");
    Ok(())
}

/// The block of the first record.
pub(super) fn info(fields: &[(String, String)]) -> Result<String, ArchiveError> {
    let mut block = String::new();
    let given = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    for (name, value) in given.chain(FORMAT) {
        // This block is UTF-8, unlike HTTP's headers.
        check_field(name, value, |letter| !letter.is_control())?;
        block.extend([name, ": ", value, "\r\n"]);
    }
    Ok(block)
}

fn check_header(name: &str, value: &str) -> Result<(), ArchiveError> {
    check_field(name, value, |letter| matches!(letter, '\t' | ' '..='~'))?;
    if name.eq_ignore_ascii_case("Transfer-Encoding") {
        let problem = "does not fit: bodies are stored in one piece";
        return Err(refused(name, problem));
    }
    Ok(())
}

fn check_field(
    name: &str,
    value: &str,
    is_allowed: impl Fn(char) -> bool,
) -> Result<(), ArchiveError> {
    if !is_token(name) {
        return Err(refused(name, "is not a name"));
    }
    if !value.chars().all(is_allowed) {
        let problem = "has a value with letters that cannot stand there, such as a line break";
        return Err(refused(name, problem));
    }
    if value.trim() != value {
        return Err(refused(
            name,
            "has a value that begins or ends with a space",
        ));
    }
    Ok(())
}

fn refused(name: &str, problem: &'static str) -> ArchiveError {
    ArchiveError::Header {
        name: name.to_owned(),
        problem,
    }
}

/// A `Content-Length`, if there is one, is that of the body.
pub(super) fn check_length(headers: &[Header<'_>], actual: usize) -> Result<(), ArchiveError> {
    let mut stated = headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("Content-Length"));
    let wrong = stated.find(|(_, given)| *given != actual.to_string());
    wrong.map_or(Ok(()), |(_, given)| {
        Err(ArchiveError::ContentLength {
            given: (*given).to_owned(),
            actual,
        })
    })
}

pub(super) fn check_media_type(text: &str) -> Result<(), ArchiveError> {
    let parts = text.split_once('/');
    if parts.is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype)) {
        return Ok(());
    }
    Err(refused(
        "WARC-Identified-Payload-Type",
        "has a value that is not a media type without parameters",
    ))
}

pub(super) fn check_name(name: &str) -> Result<(), ArchiveError> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    if !name.is_empty() && name.bytes().all(is_allowed) {
        return Ok(());
    }
    Err(ArchiveError::Name {
        name: name.to_owned(),
    })
}

/// The media type that the headers state, without its parameters.
pub(super) fn mime<'a>(headers: &[Header<'a>]) -> Option<&'a str> {
    let stated = value_of("Content-Type", headers)?;
    stated.split([';', ' ', '\t']).next()
}

fn value_of<'a>(wanted: &str, headers: &[Header<'a>]) -> Option<&'a str> {
    let mut found = headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
    found.next().map(|(_, value)| *value)
}

/// A token of RFC 9110, section 5.6.2.
fn is_token(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_allowed)
}

/// What RFC 9110, section 15, calls a status; empty for what is seldom met.
fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        206 => "Partial Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        410 => "Gone",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "",
    }
}
