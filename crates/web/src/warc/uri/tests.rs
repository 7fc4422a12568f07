use super::*;

/// Addresses and their keys according to `surt` 0.3.1.
const KEYS: [(&str, &str); 25] = [
    ("http://site.example", "example,site)/"),
    ("https://WWW.Site.Example:443/A/B/", "example,site)/a/b"),
    ("http://www2.site.example:80/?", "example,site)/"),
    (
        "http://www.site.example:8080/x?b=2&a=1",
        "example,site:8080)/x?a=1&b=2",
    ),
    ("https://site.example:80/", "example,site:80)/"),
    ("http://wwwx.site.example/", "example,site,wwwx)/"),
    ("http://www.example/", "example)/"),
    (
        "http://a.b.c.site.example/a//b///c",
        "example,site,c,b,a)/a/b/c",
    ),
    ("http://site.example/a/./b/../c/.", "example,site)/a/c"),
    ("http://site.example/../../a", "example,site)/a"),
    ("http://site.example/../a", "example,site)/../a"),
    ("http://site.example/a/..", "example,site)/"),
    ("http://site.example/a//../b", "example,site)/a/b"),
    ("http://site.example//", "example,site)/"),
    (
        "http://site.example/%7Euser/%41%2f%2E%2e/b",
        "example,site)/~user/b",
    ),
    (
        "http://site.example/%2525%20%23%C3%a9?q=%2520x",
        "example,site)/%25%20%23%c3%a9?q=%20x",
    ),
    (
        "http://site.example/a?B&b=&b&A=2&a=1=0",
        "example,site)/a?a=1=0&a=2&b&b&b=",
    ),
    ("http://site.example/a?&&", "example,site)/a?&&"),
    ("http://site.example/a?x", "example,site)/a?x"),
    ("http://site.example?q=a/b", "example,site)/?q=a/b"),
    (
        "http://site.example/a?q=%26%3d%23",
        "example,site)/a?=%23&q=",
    ),
    (
        "http://site.example/a;v=1,2(3)'*!$&@:",
        "example,site)/a;v=1,2(3)'*!$&@:",
    ),
    ("http://10.0.0.1/x", "1,0,0,10)/x"),
    ("http://127.0.0.1:8000/", "1,0,0,127:8000)/"),
    (
        "http://model-17.population_a.example/2025/01/page-3.html?lang=en",
        "example,population_a,model-17)/2025/01/page-3.html?lang=en",
    ),
];

#[test]
fn keys_are_those_of_other_tools() {
    for (text, key) in KEYS {
        assert_eq!(Uri::parse(text).unwrap().key(), key, "{text}");
    }
}

#[test]
fn a_request_asks_for_path_and_query_as_they_are() {
    let check = |text, target| assert_eq!(Uri::parse(text).unwrap().target(), target);
    check("http://site.example", "/");
    check("http://site.example?Q=1", "/?Q=1");
    check("http://site.example/A//b/?", "/A//b/?");
}

#[test]
fn what_is_no_address_of_a_capture_is_refused() {
    let check = |text: &str, expected: &str| {
        let message = Uri::parse(text).unwrap_err().to_string();
        assert_eq!(message, format!("address {text:?} {expected}"));
    };
    check(
        "ftp://site.example/",
        "does not begin with http:// or https://",
    );
    check(
        "HTTP://site.example/",
        "does not begin with http:// or https://",
    );
    check("", "does not begin with http:// or https://");
    check(
        "http://site.example/#a",
        "has a fragment, which no server is asked for",
    );
    check(
        "http://site.example/%4",
        "has a percent sign without two hexadecimal digits",
    );
    check(
        "http://site.example/%zz",
        "has a percent sign without two hexadecimal digits",
    );
    for letter in [
        ' ', '\r', '\n', '\0', '\t', '"', '<', '>', '\\', '^', '`', '{', '|', '[', '\u{7f}', 'é',
    ] {
        let text = format!("http://site.example/a{letter}b");
        check(&text, "has letters that have to be percent-encoded");
    }
    for port in ["", "0", "65536", "+80", "8o", "1:2"] {
        let text = format!("http://site.example:{port}/");
        check(&text, "has a port that is not a number from 1 to 65535");
    }
    for host in ["", ".", "a..b", "a.", "user@site.example", "a%2eb"] {
        let problem = "has a host that is not made of letters, digits, hyphens and single dots";
        check(&format!("http://{host}/"), problem);
    }
    for host in ["1", "10.1", "010.0.0.1", "1.2.3.256", "1.2.3.4.5"] {
        let text = format!("http://{host}/");
        check(&text, "has a number for a host that is not an IPv4 address");
    }
}
