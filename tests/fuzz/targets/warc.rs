//! Web archives of captures that say anything, read back by a reader that believes nothing.
//!
//! An input is parts with a zero byte between them: name of the archive, name and value of a field that describes it, the
//! beginning of the run; then for each capture address, time, status, media type, name and value of a header, body.

use std::io::Write;

use echosphere_web::warc::{
    Archive, Capture, CdxjLine, Compression, Digest, Options, Original, Profile, Request, Revisit,
    Written,
};
use types::time::VirtualTime;

/// A record as it was read: its fields, its block, and where it begins and ends.
struct Record<'a> {
    fields: Vec<(&'a str, &'a str)>,
    block: &'a [u8],
    start: usize,
    end: usize,
}

/// Whatever is offered is refused, or written as records that say what they hold.
pub fn check(bytes: &[u8]) {
    let mut parts = bytes.split(|&byte| byte == 0);
    let mut text = || String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
    let (name, info, epoch_s) = (text(), (text(), text()), text());
    let options = Options {
        name,
        epoch_s: epoch_s.parse().unwrap_or(1_735_689_600),
        seed: 7,
        compression: Compression::None,
        info: vec![info],
    };
    let Ok(mut archive) = Archive::new(Vec::new(), options) else {
        return;
    };
    let rest: Vec<&[u8]> = parts.collect();
    let mut bodies: Vec<&[u8]> = Vec::new();
    for capture in rest.chunks_exact(7).take(8) {
        bodies.extend(offer(&mut archive, capture));
    }
    let (file, lines) = archive.finish().expect("memory takes everything");
    compare(&file, &bodies, &lines);
}

/// Offers a capture with what belongs to it; gives its body if it was taken.
fn offer<'a>(archive: &mut Archive<Vec<u8>>, parts: &[&'a [u8]]) -> Option<&'a [u8]> {
    let texts: Vec<_> = parts[..6]
        .iter()
        .map(|part| String::from_utf8_lossy(part))
        .collect();
    let [uri, time, status, media_type, header, value] = &texts[..] else {
        return None;
    };
    let time = VirtualTime(time.parse().unwrap_or(0));
    let headers = [(&**header, &**value)];
    let headers = if header.is_empty() {
        &[][..]
    } else {
        &headers[..]
    };
    let identified = Some(&**media_type).filter(|media_type| !media_type.is_empty());
    let status = status.parse().unwrap_or(200);
    let body = parts[6];
    let capture = Capture {
        uri,
        time,
        status,
        headers,
        body,
        identified,
    };
    let written = archive.response(&capture).ok()?;
    assert_eq!(written.payload, Digest::of(&[body]));
    follow(archive, &capture, written);
    Some(body)
}

/// The request that led to a capture, and the same content seen again.
fn follow<W: Write>(archive: &mut Archive<W>, capture: &Capture<'_>, written: Written) {
    let Capture {
        uri,
        time,
        status,
        headers,
        ..
    } = *capture;
    let request = Request {
        uri,
        time,
        headers,
        concurrent_to: written.id,
    };
    let original = Original {
        uri,
        time,
        id: written.id,
        payload: written.payload,
    };
    let profile = Profile::IdenticalPayload;
    let revisit = Revisit {
        uri,
        time,
        status,
        headers,
        profile,
        original,
    };
    // What was taken once is taken again.
    archive
        .request(&request)
        .expect("its address and headers were taken");
    archive
        .revisit(&revisit)
        .expect("its address and headers were taken");
}

/// The file is the records that were written, each of which is what it says; the index finds those that it should.
fn compare(file: &[u8], bodies: &[&[u8]], lines: &[CdxjLine]) {
    let mut records = Vec::new();
    let mut start = 0;
    while start < file.len() {
        let record = read(file, start);
        start = record.end;
        records.push(record);
    }
    let kinds: Vec<&str> = records
        .iter()
        .map(|record| record.field("WARC-Type"))
        .collect();
    let (first, rest) = kinds.split_first().expect("there is a first record");
    assert_eq!(*first, "warcinfo");
    assert_eq!(
        rest,
        ["response", "request", "revisit"].repeat(bodies.len())
    );
    let responses = records
        .iter()
        .filter(|record| record.field("WARC-Type") == "response");
    for (record, body) in responses.zip(bodies) {
        let end = position(record.block, b"\r\n\r\n").expect("a head ends");
        assert_eq!(&record.block[end + 4..], *body);
        assert_eq!(
            record.field("WARC-Payload-Digest"),
            Digest::of(&[body]).to_string()
        );
    }
    assert_eq!(lines.len(), 2 * bodies.len());
    for line in lines.iter().map(ToString::to_string) {
        let number = |key: &str| {
            let (_, rest) = line
                .split_once(&format!("\"{key}\": \""))
                .expect("the key is there");
            let digits = rest
                .split('"')
                .next()
                .and_then(|digits| digits.parse().ok());
            digits.unwrap_or_else(|| panic!("{key} is no number: {line}"))
        };
        let (start, length): (usize, usize) = (number("offset"), number("length"));
        let is_found =
            |record: &&Record<'_>| record.start == start && record.end - 4 == start + length;
        assert!(records.iter().any(|record| is_found(&record)), "{line}");
    }
}

/// Reads the record that begins at a place.
fn read(file: &[u8], start: usize) -> Record<'_> {
    let rest = &file[start..];
    let head = position(rest, b"\r\n\r\n").expect("the fields of a record end");
    let text = str::from_utf8(&rest[..head]).expect("the fields of a record are text");
    let mut lines = text.split("\r\n");
    assert_eq!(lines.next(), Some("WARC/1.1"));
    let field = |line| str::split_once(line, ": ").expect("a field has a name and a value");
    let fields: Vec<_> = lines.map(field).collect();
    let mut record = Record {
        fields,
        block: &[],
        start,
        end: 0,
    };
    let length: usize = record
        .field("Content-Length")
        .parse()
        .expect("a length is a number");
    let block = start + head + 4;
    record.block = &file[block..block + length];
    record.end = block + length + 4;
    assert_eq!(&file[block + length..record.end], b"\r\n\r\n");
    let digest = Digest::of(&[record.block]).to_string();
    assert_eq!(record.field("WARC-Block-Digest"), digest);
    record
}

impl<'a> Record<'a> {
    /// The value of a field that a record has once.
    fn field(&self, name: &str) -> &'a str {
        let mut found = self.fields.iter().filter(|(own, _)| *own == name);
        let (_, value) = found.next().unwrap_or_else(|| panic!("there is no {name}"));
        assert!(found.next().is_none(), "{name} is there twice");
        value
    }
}

fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}
