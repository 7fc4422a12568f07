//! Keys in Sort-friendly URI Reordering Transform: hosts from the top-level domain down, everything in lower case.
//!
//! An index is looked up by tools that make the key themselves, so it has to be the one that they make: that of the Internet
//! Archive's canonicalisation, as in the Python package `surt`. It drops `www.`, default ports and a slash at the end, resolves
//! dots in paths, decodes percent signs as long as it can and encodes once, and sorts the parameters of a query. Session
//! identifiers of web servers, such as `jsessionid`, stay here, where that package drops them.

/// The labels of a host in reverse, without a leading `www`, which may have a number.
pub(super) fn host(host: &str) -> String {
    let host = host.to_ascii_lowercase();
    let without_www = host
        .strip_prefix("www")
        .map(|rest| rest.trim_start_matches(|letter: char| letter.is_ascii_digit()))
        .and_then(|rest| rest.strip_prefix('.'));
    let labels = without_www.unwrap_or(&host).rsplit('.');
    labels.collect::<Vec<_>>().join(",")
}

/// The path, which begins with a slash and ends with one only if it is nothing else.
pub(super) fn path(path: &str) -> String {
    let path = encode(&resolve(&decode(path.as_bytes()))).to_ascii_lowercase();
    match path.strip_suffix('/') {
        Some(shorter) if !shorter.is_empty() => shorter.to_owned(),
        _ => path,
    }
}

/// The parameters of a query, sorted.
pub(super) fn query(query: &str) -> String {
    let query = encode(&decode(query.as_bytes())).to_ascii_lowercase();
    if query.len() <= 1 {
        return query;
    }
    let parameters = query
        .split('&')
        .map(|parameter| match parameter.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (parameter, None),
        });
    let mut parameters: Vec<_> = parameters.collect();
    parameters.sort_unstable();
    let texts = parameters.iter().map(|(name, value)| match value {
        Some(value) => format!("{name}={value}"),
        None => (*name).to_owned(),
    });
    texts.collect::<Vec<_>>().join("&")
}

/// Resolves dots and drops empty segments except the last.
fn resolve(path: &[u8]) -> Vec<u8> {
    let mut kept: Vec<&[u8]> = Vec::new();
    for segment in path.split(|&byte| byte == b'/').skip(1) {
        match segment {
            b"." => {}
            // Above the root it stays, as any other segment, and the next one resolves it.
            b".." if !kept.is_empty() => {
                kept.pop();
            }
            _ => kept.push(segment),
        }
    }
    let last = kept.pop().unwrap_or_default();
    let mut resolved = vec![b'/'];
    for segment in kept.iter().filter(|segment| !segment.is_empty()) {
        resolved.extend_from_slice(segment);
        resolved.push(b'/');
    }
    resolved.extend_from_slice(last);
    resolved
}

/// Decodes percent signs until none is left that two hexadecimal digits follow.
fn decode(text: &[u8]) -> Vec<u8> {
    let mut text = text.to_vec();
    loop {
        let decoded = decode_once(&text);
        if decoded.len() == text.len() {
            return text;
        }
        text = decoded;
    }
}

fn decode_once(text: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, after)) = rest.split_first() {
        let byte = (first == b'%').then(|| hexadecimal(after)).flatten();
        decoded.push(byte.unwrap_or(first));
        rest = byte.map_or(after, |_| &after[2..]);
    }
    decoded
}

fn hexadecimal(text: &[u8]) -> Option<u8> {
    let digit = |index: usize| char::from(*text.get(index)?).to_digit(16);
    Some((digit(0)? * 16 + digit(1)?) as u8)
}

/// Percent-encodes what is not printable, and the two signs that would be read as something else.
fn encode(text: &[u8]) -> String {
    let mut encoded = String::with_capacity(text.len());
    for &byte in text {
        if byte.is_ascii_graphic() && byte != b'#' && byte != b'%' {
            encoded.push(char::from(byte));
        } else {
            encoded.extend(["%", &format!("{byte:02X}")]);
        }
    }
    encoded
}
