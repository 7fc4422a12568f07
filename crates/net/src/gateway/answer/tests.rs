use super::*;

const EPOCH: Epoch = Epoch(1_735_689_600);

fn headers(all: &[(HeaderName, &str)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in all {
        map.insert(name.clone(), HeaderValue::from_str(value).unwrap());
    }
    map
}

fn page() -> Answer {
    Answer {
        status: 200,
        media_type: "text/html; charset=utf-8",
        body: b"<p>page</p>".repeat(100),
        modified: Some(VirtualTime(86_400_000_000)),
    }
}

fn sent(asked: &[(HeaderName, &str)]) -> Sent {
    Sent::new(
        page(),
        EPOCH,
        VirtualTime(2 * 86_400_000_000),
        &headers(asked),
    )
}

fn header(sent: &Sent, name: &HeaderName) -> Option<String> {
    let found = sent.headers.iter().find(|header| header.0 == name);
    found.map(|header| header.1.clone())
}

#[test]
fn pages_have_validators() {
    let sent = Sent::new(page(), EPOCH, VirtualTime(0), &HeaderMap::new());
    assert_eq!((sent.status, &sent.body), (200, &page().body));
    assert_eq!(
        header(&sent, &header::LAST_MODIFIED).unwrap(),
        "Thu, 02 Jan 2025 00:00:00 GMT"
    );
    assert_eq!(
        header(&sent, &header::DATE).unwrap(),
        "Wed, 01 Jan 2025 00:00:00 GMT"
    );
    assert_eq!(header(&sent, &header::ETAG).unwrap(), page().etag());
}

#[test]
fn what_is_known_is_not_sent_again() {
    let etag = page().etag();
    let strong = etag.trim_start_matches("W/").to_owned();
    let both = format!("\"other\", {etag}");
    let since = |date| (header::IF_MODIFIED_SINCE, date);
    for (asked, status) in [
        (vec![(header::IF_NONE_MATCH, &*etag)], 304),
        (vec![(header::IF_NONE_MATCH, &*strong)], 304),
        (vec![(header::IF_NONE_MATCH, &*both)], 304),
        (vec![(header::IF_NONE_MATCH, "*")], 304),
        (vec![(header::IF_NONE_MATCH, "\"other\"")], 200),
        (vec![since("Thu, 02 Jan 2025 00:00:00 GMT")], 304),
        (vec![since("Thursday, 02-Jan-25 00:00:00 GMT")], 304),
        (vec![since("Wed, 01 Jan 2025 23:59:59 GMT")], 200),
        (vec![since("yesterday")], 200),
        (
            vec![
                (header::IF_NONE_MATCH, "\"other\""),
                since("Thu, 02 Jan 2025 00:00:00 GMT"),
            ],
            200,
        ),
    ] {
        let sent = sent(&asked);
        assert_eq!(sent.status, status, "{asked:?}");
        assert_eq!(sent.body.is_empty(), status == 304);
    }
}

#[test]
fn gzip_is_for_those_who_take_it() {
    for (accepts, encoded) in [
        ("gzip, deflate", true),
        ("br;q=1.0, GZIP;q=0.5", true),
        ("gzip;q=0", false),
        ("identity", false),
        ("", false),
    ] {
        let sent = sent(&[(header::ACCEPT_ENCODING, accepts)]);
        assert_eq!(
            header(&sent, &header::CONTENT_ENCODING).is_some(),
            encoded,
            "{accepts}"
        );
        assert_eq!(sent.body.len() < page().body.len(), encoded);
    }
}

#[test]
fn hosts_are_named_by_address_or_header() {
    let named = |uri: &str, host: &str| {
        let request = Request::get(uri).header(header::HOST, host);
        authority(&request.body(Body::empty()).unwrap())
    };
    assert_eq!(
        named("/page/1", "a.localhost:80"),
        ("a.localhost".to_owned(), Some(80))
    );
    assert_eq!(
        named("http://b.localhost/", "a.localhost"),
        ("b.localhost".to_owned(), None)
    );
    assert_eq!(named("/", "not a host"), (String::new(), None));
}
