use std::io::Read;

use flate2::read::GzDecoder;
use proptest::prelude::*;

use super::*;

const ADDRESS: &str = "http://www.site.example/a?b=1";

fn options(compression: Compression) -> Options {
    Options {
        name: "pages.warc.gz".to_owned(),
        epoch_s: 1_735_689_600,
        seed: 7,
        compression,
        info: vec![("software".to_owned(), "echosphere".to_owned())],
    }
}

fn archive(compression: Compression) -> Archive<Vec<u8>> {
    Archive::new(Vec::new(), options(compression)).unwrap()
}

fn capture<'a>(headers: &'a [Header<'a>], body: &'a [u8]) -> Capture<'a> {
    Capture {
        uri: ADDRESS,
        time: VirtualTime(61_000_000),
        status: 200,
        headers,
        body,
        identified: None,
    }
}

fn revisit<'a>(profile: Profile, status: u16, of: &Written) -> Revisit<'a> {
    Revisit {
        uri: "http://mirror.example/",
        time: VirtualTime(122_000_000),
        status,
        headers: &[("ETag", "\"x\"")],
        profile,
        original: Original {
            uri: ADDRESS,
            time: VirtualTime(61_000_000),
            id: of.id,
            payload: of.payload,
        },
    }
}

/// Every kind of record once.
fn all_kinds(compression: Compression) -> (Vec<u8>, Vec<CdxjLine>, [Written; 4]) {
    let mut archive = archive(compression);
    let headers = [("Content-Type", "text/plain; charset=utf-8")];
    let response = archive.response(&capture(&headers, b"night")).unwrap();
    let request = Request {
        uri: ADDRESS,
        time: VirtualTime(61_000_000),
        headers: &[("User-Agent", "echosphere")],
        concurrent_to: response.id,
    };
    let request = archive.request(&request).unwrap();
    let same = revisit(Profile::IdenticalPayload, 200, &response);
    let same = archive.revisit(&same).unwrap();
    let unmodified = revisit(Profile::NotModified, 304, &response);
    let unmodified = archive.revisit(&unmodified).unwrap();
    let (bytes, lines) = archive.finish().unwrap();
    (bytes, lines, [response, request, same, unmodified])
}

/// The text of a member, which ends where it should.
fn unpack(bytes: &[u8], written: &Written) -> Vec<u8> {
    let member = &bytes[written.offset as usize..][..written.length as usize];
    let mut decoder = GzDecoder::new(member);
    let mut record = Vec::new();
    decoder.read_to_end(&mut record).unwrap();
    let rest = decoder.into_inner();
    assert_eq!(rest.len(), 0, "a member ends where the next one begins");
    record
}

/// The fields of a record and its block, read as ISO 28500 says.
fn take_apart(record: &[u8]) -> (Vec<(String, String)>, Vec<u8>) {
    let end = record.windows(4).position(|four| four == b"\r\n\r\n");
    let (fields, block) = record.split_at(end.unwrap() + 4);
    let text = std::str::from_utf8(fields).unwrap().trim_end();
    let mut lines = text.split("\r\n");
    assert_eq!(lines.next(), Some("WARC/1.1"));
    let fields = lines.map(|line| line.split_once(": ").unwrap());
    let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let block = block.strip_suffix(b"\r\n\r\n").unwrap();
    (fields.collect(), block.to_vec())
}

fn field<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
    let mut found = fields.iter().filter(|(own, _)| own == name);
    let (_, value) = found.next().unwrap();
    assert!(found.next().is_none(), "{name} is there once");
    value
}

#[test]
fn records_are_written_letter_for_letter() {
    let (bytes, ..) = all_kinds(Compression::None);
    let text = String::from_utf8(bytes).unwrap();
    // Lines end with CRLF in the archive, and as any other text in the repository.
    let expected = include_str!("tests/all_kinds.warc").replace('\n', "\r\n");
    assert_eq!(text, expected);
}

#[test]
fn the_index_is_written_letter_for_letter() {
    let (_, lines, _) = all_kinds(Compression::None);
    let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        include_str!("tests/all_kinds.cdxj")
            .lines()
            .collect::<Vec<_>>()
    );
}

/// Changes with the library that compresses: another version of it, or another backend, which some crate may switch on.
#[test]
fn compressed_bytes_are_the_same_everywhere() {
    let mut archive = archive(Compression::Gzip);
    let letters = (0_u32..50_000)
        .map(|number| b'a' + (number.wrapping_mul(number).wrapping_mul(2_654_435_761) >> 29) as u8);
    archive
        .response(&capture(&[], &letters.collect::<Vec<_>>()))
        .unwrap();
    let (bytes, _) = archive.finish().unwrap();
    let digest = Digest::of(&[&bytes]).to_string();
    assert_eq!(digest, "sha1:POGAQ2VLZWGDWWURK3CKXC5SRETWNLMN");
}

#[test]
fn members_lie_one_behind_another_and_hold_one_record_each() {
    let (bytes, _, records) = all_kinds(Compression::Gzip);
    let (plain, ..) = all_kinds(Compression::None);
    let first = Written {
        offset: 0,
        length: records[0].offset,
        ..records[0]
    };
    let mut joined = Vec::new();
    let mut end = 0;
    for written in [&[first], &records[..]].concat() {
        assert_eq!(written.offset, end);
        end += written.length;
        joined.extend(unpack(&bytes, &written));
    }
    assert_eq!(end, bytes.len() as u64);
    assert_eq!(joined, plain);
}

#[test]
fn plain_records_lie_where_it_says() {
    let (bytes, _, records) = all_kinds(Compression::None);
    for written in records {
        let record = &bytes[written.offset as usize..][..written.length as usize];
        let (fields, _) = take_apart(&[record, b"\r\n\r\n"].concat());
        assert_eq!(
            field(&fields, "WARC-Record-ID"),
            format!("<{}>", written.id)
        );
    }
}

#[test]
fn identifiers_follow_from_seed_and_name() {
    let first = |seed, name: &str| {
        let options = Options {
            seed,
            name: name.to_owned(),
            ..options(Compression::Gzip)
        };
        let mut archive = Archive::new(Vec::new(), options).unwrap();
        archive.response(&capture(&[], b"")).unwrap().id
    };
    assert_eq!(first(1, "a"), first(1, "a"));
    assert_ne!(first(1, "a"), first(2, "a"));
    assert_ne!(first(1, "a"), first(1, "b"));
}

#[test]
fn captures_of_one_second_have_different_identifiers() {
    let mut archive = archive(Compression::Gzip);
    let first = archive.response(&capture(&[], b"")).unwrap();
    let second = archive.response(&capture(&[], b"")).unwrap();
    assert_ne!(first.id, second.id);
}

#[test]
fn the_index_is_sorted_as_lines_are() {
    let mut archive = archive(Compression::Gzip);
    let (slash, dash) = ("http://a.example/b/c", "http://a.example/b-c");
    for (uri, second) in [
        (slash, 3),
        (dash, 1),
        (slash, 2),
        (slash, 1),
        ("http://a.example/b", 9),
    ] {
        let time = VirtualTime(second * 1_000_000);
        let capture = Capture {
            uri,
            time,
            ..capture(&[], b"")
        };
        archive.response(&capture).unwrap();
    }
    let (_, lines) = archive.finish().unwrap();
    let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    assert!(lines.is_sorted());
    assert_eq!(lines.len(), 5);
}

#[test]
fn texts_in_the_index_are_escaped() {
    let mut archive = archive(Compression::Gzip);
    let headers = [("content-type", "a\"b\\c;d")];
    archive.response(&capture(&headers, b"")).unwrap();
    let (_, lines) = archive.finish().unwrap();
    assert!(lines[0].json.contains(r#""mime": "a\"b\\c", "status""#));
}

/// The error of a capture, after which the archive is as it was.
fn refused(change: impl FnOnce(&mut Capture<'_>)) -> ArchiveError {
    let mut archive = archive(Compression::Gzip);
    let fine = capture(&[], b"night");
    let mut bad = fine;
    change(&mut bad);
    let error = archive.response(&bad).unwrap_err();
    archive.response(&fine).unwrap();
    let mut untouched = self::archive(Compression::Gzip);
    untouched.response(&fine).unwrap();
    assert_eq!(archive.finish().unwrap(), untouched.finish().unwrap());
    error
}

#[test]
fn headers_that_would_become_others_are_refused() {
    for header in [
        ("X", "a\r\nSet-Cookie: b"),
        ("X", "a\nb"),
        ("X", "a\rb"),
        ("X", "a\0"),
        ("X", "é"),
        ("X", " a"),
        ("X", "a\t"),
        ("X: a\r\nY", "b"),
        ("", "a"),
        ("X Y", "a"),
        ("transfer-encoding", "chunked"),
    ] {
        let headers = [header];
        let mut archive = archive(Compression::Gzip);
        let error = archive.response(&capture(&headers, b"")).unwrap_err();
        assert!(matches!(error, ArchiveError::Header { .. }), "{error}");
    }
}

#[test]
fn what_was_refused_leaves_no_trace() {
    let error = refused(|capture| capture.headers = &[("content-length", "6")]);
    assert_eq!(
        error.to_string(),
        "header Content-Length is \"6\" for a body of 5 bytes"
    );
    let error = refused(|capture| capture.headers = &[("X", "a\r\nSet-Cookie: b")]);
    assert!(matches!(error, ArchiveError::Header { .. }));
    for status in [0, 99, 600] {
        let error = refused(|capture| capture.status = status);
        assert!(matches!(error, ArchiveError::Status(_)));
    }
    for uri in ["http://a.example/\r\nWARC-Type: x", "about:blank"] {
        let error = refused(|capture| capture.uri = uri);
        assert!(matches!(error, ArchiveError::Uri { .. }));
    }
    let error = refused(|capture| capture.identified = Some("text/plain\r\nX: y"));
    assert!(matches!(error, ArchiveError::Header { .. }));
    let error = refused(|capture| capture.time = VirtualTime(u64::MAX));
    assert!(matches!(error, ArchiveError::Date { .. }));
}

#[test]
fn options_that_cannot_be_written_are_refused() {
    let refused = |change: fn(&mut Options)| {
        let mut options = options(Compression::Gzip);
        change(&mut options);
        Archive::new(Vec::new(), options).unwrap_err()
    };
    let error = refused(|options| options.name = "a/b".to_owned());
    assert!(matches!(error, ArchiveError::Name { .. }));
    let error = refused(|options| options.info[0].1 = "a\r\n\r\nWARC/1.1".to_owned());
    assert!(matches!(error, ArchiveError::Header { .. }));
    let error = refused(|options| options.epoch_s = i64::MAX);
    assert!(matches!(error, ArchiveError::Date { .. }));
}

#[test]
fn a_writer_that_fails_is_reported() {
    let mut small = [0; 600];
    let mut archive = Archive::new(&mut small[..], options(Compression::Gzip)).unwrap();
    let body: Vec<u8> = (0..=255).collect();
    let error = archive.response(&capture(&[], &body)).unwrap_err();
    assert!(matches!(error, ArchiveError::Write(_)));
}

proptest! {
    /// Any body comes back, and headers do or are refused: none of them becomes another header, field or record.
    #[test]
    fn captures_come_back(
        body in proptest::collection::vec(any::<u8>(), 0..2_000),
        headers in proptest::collection::vec(("[A-Za-z-]{1,8}|.{0,3}", "[ -~]{0,20}|(?s:.{0,6})"), 0..5),
        status in 90_u16..610,
    ) {
        let headers: Vec<Header<'_>> = headers.iter().map(|(name, value)| (&**name, &**value)).collect();
        let mut archive = archive(Compression::Gzip);
        let result = archive.response(&Capture { status, ..capture(&headers, &body) });
        let (bytes, lines) = archive.finish().unwrap();
        let Ok(written) = result else {
            prop_assert!(lines.is_empty());
            return Ok(());
        };
        let (fields, block) = take_apart(&unpack(&bytes, &written));
        let end = block.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let head = std::str::from_utf8(&block[..end]).unwrap();
        let read: Vec<_> = head.split("\r\n").skip(1).map(|line| line.split_once(": ").unwrap()).collect();
        prop_assert_eq!(read, headers);
        prop_assert_eq!(&block[end + 4..], &*body);
        prop_assert_eq!(field(&fields, "WARC-Payload-Digest"), Digest::of(&[&body]).to_string());
        prop_assert_eq!(field(&fields, "WARC-Block-Digest"), Digest::of(&[&block]).to_string());
        prop_assert_eq!(field(&fields, "Content-Length"), block.len().to_string());
        prop_assert_eq!(fields.len(), 9);
    }

    /// Nothing panics, and what is no address is refused, whatever it is.
    #[test]
    fn addresses_come_back(tail in "[ -~]{0,30}|(?s:.{0,10})") {
        let uri = format!("http://a{tail}");
        let mut archive = archive(Compression::Gzip);
        if let Ok(written) = archive.response(&Capture { uri: &uri, ..capture(&[], b"") }) {
            let (bytes, lines) = archive.finish().unwrap();
            let (fields, _) = take_apart(&unpack(&bytes, &written));
            prop_assert_eq!(field(&fields, "WARC-Target-URI"), &uri);
            prop_assert!(lines[0].key.bytes().all(|byte| byte.is_ascii_graphic()));
        }
    }
}
