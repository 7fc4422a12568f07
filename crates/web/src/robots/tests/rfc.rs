//! Every example of RFC 9309, by section.

use super::{check, matches};

#[test]
fn product_tokens_are_found_in_identification_strings_in_any_case() {
    let file = "user-agent: ExampleBot\ndisallow: /foo\ndisallow: /bar\n";
    let agent = "Mozilla/5.0 (compatible; ExampleBot/0.1; https://www.example.com/bot.html)";
    check(
        file,
        &[
            "ExampleBot /foo !",
            "EXAMPLEBOT /bar !",
            "examplebot /baz",
            "OtherBot /foo",
        ],
    );
    let robots = super::Robots::parse(file.as_bytes());
    assert!(!robots.allows(agent, "/foo"));
    assert!(robots.allows(agent, "/baz"));
}

#[test]
fn groups_of_one_agent_are_one_group() {
    let file = "user-agent: ExampleBot\ndisallow: /foo\ndisallow: /bar\n\n\
                user-agent: ExampleBot\ndisallow: /baz\n";
    check(
        file,
        &[
            "ExampleBot /foo !",
            "ExampleBot /bar !",
            "ExampleBot /baz !",
            "ExampleBot /qux",
        ],
    );
}

#[test]
fn without_a_matching_group_the_one_for_everyone_counts_and_without_that_none() {
    let file = "user-agent: *\ndisallow: /foo\ndisallow: /bar\n\n\
                user-agent: ExampleBot\ndisallow: /baz\n\nuser-agent: BazBot\ndisallow: /\n";
    let others = ["ExampleBot /foo", "ExampleBot /baz !", "BazBot /foo !"];
    check(
        file,
        &["OtherBot /foo !", "OtherBot /bar !", "OtherBot /baz"],
    );
    check(file, &others);
    let (_, specific) = file.split_once("\n\n").unwrap();
    check(specific, &["OtherBot /foo", "OtherBot /baz"]);
    check(specific, &others);
    check("", &["OtherBot /foo"]);
}

/// The table of section 2.2.2. Its second row is the value of a query.
#[test]
fn percent_encoding_is_made_uniform() {
    let same = [
        ("/foo/bar?baz=quz", "/foo/bar?baz=quz"),
        (
            "/foo/bar?baz=https://foo.bar",
            "/foo/bar?baz=https%3A%2F%2Ffoo.bar",
        ),
        (
            "/foo/bar?baz=https://foo.bar",
            "/foo/bar?baz=https://foo.bar",
        ),
        (
            "/foo/bar?baz=https%3A%2F%2Ffoo.bar",
            "/foo/bar?baz=https://foo.bar",
        ),
        ("/foo/bar/\u{30c4}", "/foo/bar/%E3%83%84"),
        ("/foo/bar/%E3%83%84", "/foo/bar/%E3%83%84"),
        ("/foo/bar/%e3%83%84", "/foo/bar/\u{30c4}"),
        ("/foo/bar/%62%61%7A", "/foo/bar/baz"),
        ("/foo/bar/baz", "/foo/bar/%62%61%7A"),
    ];
    for (pattern, path) in same {
        assert!(matches(pattern, path), "{pattern} {path}");
    }
    // Reserved octets outside a query differ from their encoding.
    for (pattern, path) in [("/a/b", "/a%2Fb"), ("/a%2Fb", "/a/b"), ("/a?b", "/a%3Fb")] {
        assert!(!matches(pattern, path), "{pattern} {path}");
    }
}

#[test]
fn the_longest_match_counts_and_of_equals_the_one_that_allows() {
    check(
        "user-agent: a\nallow: /example/page/\ndisallow: /example/page/disallowed.gif\n",
        &[
            "a /example/page/",
            "a /example/page/disallowed.gif !",
            "a /example/page/x.gif",
        ],
    );
    for file in [
        "user-agent: a\nallow: /x\ndisallow: /x",
        "user-agent: a\ndisallow: /x\nallow: /x",
    ] {
        check(file, &["a /x", "a /xy"]);
    }
    check("user-agent: a\ndisallow: /X\n", &["a /x", "a /X !"]);
}

#[test]
fn robots_txt_itself_is_always_allowed() {
    let file = "user-agent: *\ndisallow: /\ndisallow: /robots.txt\n";
    check(
        file,
        &[
            "a /robots.txt",
            "a /%72obots.txt",
            "a /robots.txt.bak !",
            "a / !",
        ],
    );
}

#[test]
fn rules_before_the_first_agent_are_for_nobody() {
    check(
        "disallow: /\nuser-agent: a\ndisallow: /x\n",
        &["a /", "b /", "a /x !"],
    );
}

#[test]
fn special_characters_have_their_meaning() {
    assert!(matches("/ # comment in line", "/"));
    assert!(matches("# comment at the end", "/") == matches("", "/"));
    assert!(matches("/this/path/exactly$", "/this/path/exactly"));
    assert!(!matches("/this/path/exactly$", "/this/path/exactly/not"));
    assert!(matches("/this/*/exactly", "/this/path/exactly"));
    assert!(matches("/this/*/exactly", "/this//exactly"));
    assert!(!matches("/this/*/exactly", "/this/exactly"));
}

#[test]
fn special_characters_are_verbatim_when_they_are_encoded() {
    for path in [
        "/path/file-with-a-*.html",
        "/path/file-with-a-%2A.html",
        "/path/file-with-a-%2a.html",
    ] {
        assert!(matches("/path/file-with-a-%2A.html", path), "{path}");
    }
    assert!(!matches(
        "/path/file-with-a-%2A.html",
        "/path/file-with-a-b.html"
    ));
    for path in ["/path/foo-$", "/path/foo-%24", "/path/foo-$bar"] {
        assert!(matches("/path/foo-%24", path), "{path}");
    }
    assert!(!matches("/path/foo-%24", "/path/foo-"));
}

/// Section 2.2.4.
#[test]
fn other_records_end_no_group() {
    for other in [
        "Sitemap: https://a.example/s.xml",
        "Crawl-delay: 5",
        "Host: a",
        "what: ever",
        "?",
    ] {
        let file = format!("user-agent: a\n{other}\nuser-agent: b\n{other}\ndisallow: /\n");
        check(file, &["a / !", "b / !", "c /"]);
    }
}

#[test]
fn the_simple_example() {
    let file = "User-Agent: *\nDisallow: *.gif$\nDisallow: /example/\nAllow: /publications/\n\n\
                User-Agent: foobot\nDisallow:/\nAllow:/example/page.html\nAllow:/example/allowed.gif\n\n\
                User-Agent: barbot\nUser-Agent: bazbot\nDisallow: /example/page.html\n\n\
                User-Agent: quxbot\n";
    let expected = "a /x.gif !; a /x.gif?y; a /example/ !; a /publications/; a /publications/x.gif; \
                    a /x; foobot / !; foobot /example/page.html; foobot /example/allowed.gif; \
                    foobot /example/x !; barbot /example/page.html !; bazbot /example/page.html !; \
                    barbot /x.gif; bazbot /example/; quxbot /example/page.html; quxbot /x.gif";
    check(file, &expected.split("; ").collect::<Vec<_>>());
}

#[test]
fn the_example_of_the_longest_match() {
    check(
        "User-Agent: foobot\nAllow: /example/page/\nDisallow: /example/page/disallowed.gif\n",
        &[
            "foobot /example/page/disallowed.gif !",
            "foobot /example/page/allowed.gif",
        ],
    );
}
