//! Pages as Prometheus reads them, strictly.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;

/// Samples by their name with labels.
pub(crate) type Samples = BTreeMap<String, f64>;

/// What a server on loopback answers: its code and its page.
#[track_caller]
pub(crate) fn get(port: u16, path: &str) -> (u16, String) {
    try_get(port, path).unwrap()
}

/// The same, where the server may be gone.
pub(crate) fn try_get(port: u16, path: &str) -> std::io::Result<(u16, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let malformed = || std::io::Error::other("no answer of HTTP");
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(malformed)?;
    let code = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    Ok((code.ok_or_else(malformed)?, body.to_owned()))
}

/// The samples of a page.
#[track_caller]
pub(crate) fn scrape(port: u16) -> Samples {
    let (code, page) = get(port, "/metrics");
    assert_eq!(code, 200, "{page}");
    parse(&page)
}

/// Reads a page line by line; every sample must belong to a family that was announced with help and type.
#[track_caller]
pub(crate) fn parse(page: &str) -> Samples {
    let mut samples = Samples::new();
    let (mut helped, mut family) = (String::new(), (String::new(), String::new()));
    let body = page.strip_suffix("# EOF\n");
    for line in body.expect("a page ends with # EOF").lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, text) = help.split_once(' ').expect("help has words");
            let unit = text.contains(", in ") || text.contains("from 0 to 1");
            assert!(unit && text.ends_with('.'), "no unit: {line}");
            name.clone_into(&mut helped);
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').expect("a type has a name");
            assert_eq!(name, helped, "a type without help");
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
            family = (name.to_owned(), kind.to_owned());
        } else {
            let (sample, value) = line.rsplit_once(' ').expect("a sample has a value");
            let name = sample.split('{').next().unwrap_or(sample);
            assert!(belongs(name, &family), "{line} is not of {family:?}");
            let letters = |c: char| c.is_ascii_lowercase() || c == '_';
            assert!(name.chars().all(letters), "{line}");
            let value: f64 = value.parse().expect("a value is a number");
            let before = samples.insert(sample.to_owned(), value);
            assert_eq!(before, None, "twice: {line}");
        }
    }
    samples
}

fn belongs(name: &str, (family, kind): &(String, String)) -> bool {
    let Some(rest) = name.strip_prefix(family.as_str()) else {
        return false;
    };
    match kind.as_str() {
        "counter" => rest == "_total",
        "histogram" => ["_sum", "_count", "_bucket"].contains(&rest),
        _ => rest.is_empty(),
    }
}

/// Fails if anything that only grows has shrunk.
#[track_caller]
pub(crate) fn assert_grown(before: &Samples, after: &Samples) {
    let grows = |name: &str| {
        ["_total", "_sum", "_count"]
            .iter()
            .any(|end| name.ends_with(end))
            || name.contains("_bucket{")
    };
    let counters = before.iter().filter(|(name, _)| grows(name));
    let mut count = 0;
    for (name, value) in counters {
        count += 1;
        let now = after.get(name).copied();
        assert!(now >= Some(*value), "{name}: {value}, then {now:?}");
    }
    assert!(count > 40, "few counters: {count}");
}
