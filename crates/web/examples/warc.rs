//! Writes a web archive of assorted records and its index, plain and compressed, into the folder given.
//!
//!     cargo run -p echosphere-web --example warc -- FOLDER
//!     python3 crates/xtask/peers/warc.py FOLDER/assorted.warc.gz FOLDER/assorted.warc.gz.cdxj

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use echosphere_web::warc::{Archive, Capture, Compression, Header, Options};
use echosphere_web::warc::{Original, Profile, Request, Revisit, Written};
use flate2::write::GzEncoder;
use types::time::VirtualTime;

/// Addresses that an index has to sort, some of which it takes for the same.
const ADDRESSES: [&str; 20] = [
    "http://site.example",
    "http://www.site.example/",
    "https://WWW2.Site.Example:443/A/B/",
    "http://site.example:8080/x?b=2&a=1",
    "https://site.example:80/",
    "http://a.b.c.site.example/a//b///c",
    "http://site.example/a/./b/../c/.",
    "http://site.example/../a",
    "http://site.example/%7Euser/%41%2f%2E%2e/b",
    "http://site.example/%2525%20%23%C3%a9?q=%2520x",
    "http://site.example/a?B&b=&b&A=2&a=1=0",
    "http://site.example?q=a/b",
    "http://site.example/a?q=%26%3d%23",
    "http://site.example/a;v=1,2(3)'*!$&@:",
    "http://site.example/a-b",
    "http://site.example/a/b",
    "http://site.example/a",
    "http://10.0.0.1/x",
    "http://xn--bcher-kva.example/",
    "http://model-17.population_a.example/2025/01/page-3.html?lang=en",
];

/// Headers, body, status, and what the body is known to be.
type Case<'a> = (&'a [Header<'a>], &'a [u8], u16, Option<&'a str>);

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("which folder?")?;
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;
    write(folder, "assorted.warc.gz", Compression::Gzip)?;
    write(folder, "assorted.warc", Compression::None)
}

fn write(folder: &Path, name: &str, compression: Compression) -> Result<(), Box<dyn Error>> {
    let options = Options {
        name: name.to_owned(),
        epoch_s: 1_735_689_600,
        seed: 7,
        compression,
        info: vec![
            ("software".to_owned(), "echosphere".to_owned()),
            (
                "description".to_owned(),
                "Assorted records – 20 × 4".to_owned(),
            ),
        ],
    };
    let out = BufWriter::new(File::create(folder.join(name))?);
    let mut archive = Archive::new(out, options)?;
    bodies(&mut archive)?;
    for (number, uri) in (0..).zip(ADDRESSES) {
        visits(&mut archive, uri, VirtualTime(number * 3_600_000_000))?;
    }
    let (_, lines) = archive.finish()?;
    let mut index = BufWriter::new(File::create(folder.join(format!("{name}.cdxj")))?);
    for line in lines {
        writeln!(index, "{line}")?;
    }
    Ok(index.flush()?)
}

/// Bodies of several kinds: none, encoded, large, full of what could be taken for the end of a record.
fn bodies(archive: &mut Archive<impl Write>) -> Result<(), Box<dyn Error>> {
    let mut packed = GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(b"it was a dark night")?;
    let packed = packed.finish()?;
    let large: Vec<u8> = (0_u32..300_000)
        .flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes())
        .collect();
    let encoded = [("Content-Type", "text/plain"), ("Content-Encoding", "gzip")];
    let cases: [Case<'_>; 7] = [
        (&[], b"", 200, None),
        (
            &[("Location", "/elsewhere"), ("Content-Length", "0")],
            b"",
            301,
            None,
        ),
        (&encoded, &packed, 200, None),
        (
            &[("content-type", "application/octet-stream")],
            &large,
            200,
            Some("application/octet-stream"),
        ),
        (
            &[("Content-Type", "a\"b\\c ; d")],
            b"\r\n\r\nWARC/1.1\r\nWARC-Type: response\r\n\r\n",
            404,
            None,
        ),
        (
            &[("Content-Type", ""), ("X-Empty", "")],
            &[0, 255, 13, 10],
            599,
            None,
        ),
        (
            &[
                ("Content-Type", "text/html;charset=utf-8"),
                ("Content-Type", "b/c"),
            ],
            "ä".as_bytes(),
            200,
            Some("text/html"),
        ),
    ];
    for (number, (headers, body, status, identified)) in (0..).zip(cases) {
        let uri = format!("http://bodies.example/{number}");
        let time = VirtualTime(number * 999_999);
        archive.response(&Capture {
            uri: &uri,
            time,
            status,
            headers,
            body,
            identified,
        })?;
    }
    Ok(())
}

/// A response with its request, and two visits at which nothing was new.
fn visits(
    archive: &mut Archive<impl Write>,
    uri: &str,
    time: VirtualTime,
) -> Result<(), Box<dyn Error>> {
    let body = format!("<p>This is {uri}");
    let length = body.len().to_string();
    let headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", &*length),
        ("ETag", "\"1\""),
    ];
    let capture = Capture {
        uri,
        time,
        status: 200,
        headers: &headers,
        body: body.as_bytes(),
        identified: Some("text/html"),
    };
    let Written { id, payload, .. } = archive.response(&capture)?;
    let agent = [("User-Agent", "echosphere")];
    archive.request(&Request {
        uri,
        time,
        headers: &agent,
        concurrent_to: id,
    })?;
    let original = Original {
        uri,
        time,
        id,
        payload,
    };
    let later = VirtualTime(time.0 + 31_536_000_000_000);
    let same = Revisit {
        uri,
        time: later,
        status: 200,
        headers: &headers,
        profile: Profile::IdenticalPayload,
        original,
    };
    archive.revisit(&same)?;
    let headers = [("ETag", "\"1\"")];
    let latest = VirtualTime(later.0 + 1_000_000);
    archive.revisit(&Revisit {
        time: latest,
        status: 304,
        headers: &headers,
        profile: Profile::NotModified,
        ..same
    })?;
    Ok(())
}
