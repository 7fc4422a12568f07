//! What files in the wild contain, in the spirit of the tests of Google's parser.

use super::*;

#[test]
fn lines_end_in_three_ways() {
    for end in ["\n", "\r", "\r\n", "\n\r", "\r\r\n"] {
        let lines = [
            "user-agent: a",
            "user-agent: b",
            "",
            "disallow: /x",
            "allow: /x/y",
        ];
        check(lines.join(end), &["a /x !", "b /x/y", "b /x !", "c /x"]);
    }
}

#[test]
fn a_byte_order_mark_is_skipped_at_the_beginning_only() {
    let file = b"user-agent: a\ndisallow: /\n".as_slice();
    for mark in [b"".as_slice(), b"\xef\xbb\xbf", b"\xef\xbb", b"\xef"] {
        check([mark, file].concat(), &["a / !"]);
    }
    check([b"\xef\x11\xbf", file].concat(), &["a /"]);
    check(b"user-agent: a\n\xef\xbb\xbfdisallow: /\n", &["a /"]);
}

#[test]
fn keys_have_any_case_and_space_around_them() {
    let files = [
        "USER-AGENT: a\nDISALLOW: /x\n",
        "uSeR-aGeNt:a\ndIsAlLoW:/x\n",
        " \t user-agent \t : \t a \t \n\t disallow\t:\t/x\t# why\n",
    ];
    for file in files {
        check(file, &["a /x !", "a /y", "b /x"]);
    }
}

#[test]
fn what_can_only_be_meant_in_one_way_is_understood() {
    check("user-agent a\ndisallow /x\n", &["a /x !"]);
    check(
        "user agent: a\ndissallow: /x\ndisalow: /y\n",
        &["a /x !", "a /y !"],
    );
    // Three words may mean anything, and a key is a whole word.
    check("user-agent: a\ndisallow /x /y\n", &["a /x"]);
    check("user-agent: a\ndisallowed: /x\nallowance: /x\n", &["a /x"]);
    check("foo: a\nbar: /\n", &["a /"]);
}

#[test]
fn groups_are_ended_by_an_agent_after_a_rule_only() {
    let file = "allow: /foo/bar/\n\nuser-agent: FooBot\ndisallow: /\nallow: /x/\n\
                user-agent: BarBot\ndisallow: /\nallow: /y/\n\n\nallow: /w/\n\
                user-agent: BazBot\n\nuser-agent: FooBot\nallow: /z/\ndisallow: /\n";
    let foo = [
        "FooBot /x/b",
        "FooBot /z/d",
        "FooBot /y/c !",
        "FooBot /foo/bar/ !",
    ];
    let bar = [
        "BarBot /y/c",
        "BarBot /w/a",
        "BarBot /z/d !",
        "BarBot /foo/bar/ !",
    ];
    check(file, &foo);
    check(file, &bar);
    check(file, &["BazBot /z/d", "BazBot /foo/bar/ !"]);
}

#[test]
fn a_token_is_what_a_value_starts_with() {
    let file = "user-agent: Foo Bar\ndisallow: /1\nuser-agent: Baz/2.1 (+http://a)\ndisallow: /2\n\
                user-agent: * everyone\ndisallow: /3\nuser-agent: *qux\ndisallow: /4\n\
                user-agent: \u{30c4}\ndisallow: /5\nuser-agent:\ndisallow: /6\n";
    check(
        file,
        &["foo /1 !", "foo /3", "baz /2 !", "bar /3 !", "baz /3"],
    );
    // Groups for nobody.
    check(file, &["qux /4", "qux /3 !", "bar /5", "bar /6"]);
}

#[test]
fn tokens_are_whole_words_and_the_longest_counts() {
    let file = "user-agent: googlebot\ndisallow: /1\nuser-agent: googlebot-news\ndisallow: /2\n\
                user-agent: bot\ndisallow: /3\nuser-agent: MJ12bot\ndisallow: /4\n\
                user-agent: *\ndisallow: /5\n";
    check(
        file,
        &[
            "Googlebot /1 !",
            "Googlebot /2",
            "Googlebot-News /1",
            "Googlebot-News /2 !",
        ],
    );
    check(
        file,
        &[
            "mj12bot /4 !",
            "mj12bot /3",
            "robot /3",
            "robot /5 !",
            "bot/3.0 /3 !",
        ],
    );
    // Who obeys the family where nothing is said of the member says both.
    check(
        file,
        &[
            "Googlebot-Image /1",
            "Googlebot-Image /5 !",
            "googlebot-image/googlebot /1 !",
        ],
    );
    check(
        file,
        &[
            "googlebot-news/googlebot /1",
            "googlebot-news/googlebot /2 !",
        ],
    );
    let empty = Robots::parse(file.as_bytes());
    assert!(!empty.allows("", "/5") && !empty.allows("*", "/5") && empty.allows("\u{30c4}", "/1"));
}

#[test]
fn empty_values_forbid_nothing() {
    check("user-agent: a\ndisallow:\n", &["a /", "a /x"]);
    check(
        "user-agent: a\ndisallow: \nallow: \nuser-agent: *\ndisallow: /\n",
        &["a /x", "b /x !"],
    );
    // An empty rule is a rule: the next agent opens another group.
    check(
        "user-agent: a\ndisallow:\nuser-agent: b\ndisallow: /\n",
        &["a /", "b / !"],
    );
    check("user-agent: a\nallow:\ndisallow: /x\n", &["a /x !"]);
}

#[test]
fn patterns_match_as_documented_for_search_engines() {
    let cases = [
        (
            "/fish",
            "/fish /fish.html /fish/salmon.html /fishheads /fishheads/yummy.html /fish.html?id=a",
            "/Fish.asp /catfish /?id=fish",
        ),
        (
            "/fish*",
            "/fish /fish.html /fish/salmon.html /fishheads /fish.html?id=a",
            "/Fish.bar /catfish /?id=fish",
        ),
        (
            "/fish/",
            "/fish/ /fish/?salmon /fish/salmon.html",
            "/fish /fish.html /Fish/Salmon.html",
        ),
        (
            "/*.php",
            "/filename.php /folder/filename.php?x //folder/any.php.file.html /filename.php/ /index?f=filename.php/",
            "/ /index?php /php/ /windows.PHP",
        ),
        (
            "/*.php$",
            "/filename.php /folder/filename.php",
            "/filename.php?x /filename.php/ /filename.php5 /aaaphpaaa //windows.PHP",
        ),
        (
            "/fish*.php",
            "/fish.php /fishheads/catfish.php?x",
            "/Fish.PHP /fish",
        ),
        ("/*/x", "/a/x /?a=/x", "/a=x"),
        ("*/x$", "/a/x /x", "/a/xx /ax"),
        ("/a*b*c$", "/abc /abcc /a-b-c-b-c", "/abcb /acb"),
        ("/a$b", "/a$b /a$bc /a%24b", "/a /ab"),
        ("/$", "/ ", "/a"),
        ("/**", "/ /a", ""),
        ("/*$", "/ /a", ""),
        ("*", "/ /a", ""),
        ("/a b", "/a%20b", "/a /a+b"),
        ("/100%", "/100% /100%25", "/100"),
        ("/[a]", "/[a] /%5Ba%5D", "/a"),
        ("fish", "", "/fish fish /"),
        ("$", "", "/ /a"),
        ("http://a.example/x", "", "/x /"),
    ];
    for (pattern, matching, others) in cases {
        for path in matching.split(' ') {
            let expected = !matching.is_empty();
            assert_eq!(matches(pattern, path), expected, "{pattern} {path}");
        }
        for path in others.split_terminator(' ') {
            assert!(!matches(pattern, path), "{pattern} {path}");
        }
    }
}

#[test]
fn rules_compare_by_octets_of_their_patterns() {
    check(
        "user-agent: a\nallow: /page\ndisallow: /*.html\n",
        &["a /page.html !", "a /page"],
    );
    check(
        "user-agent: a\nallow: /x/page.\ndisallow: /*.html\n",
        &["a /x/page.html", "a /x/y.html !"],
    );
    check(
        "user-agent: a\nallow: /$\ndisallow: /\n",
        &["a /", "a /page.html !"],
    );
    check(
        "user-agent: a\nallow: /p\ndisallow: /\n",
        &["a /page", "a /x !"],
    );
    // As octets, not as letters, and an encoded letter is one.
    check(
        "user-agent: a\nallow: /\u{30c4}\ndisallow: /*******\n",
        &["a /\u{30c4}", "a /b !"],
    );
    check(
        "user-agent: a\nallow: /x/ab\ndisallow: /x/%61\n",
        &["a /x/ab", "a /x/ac !"],
    );
}

#[test]
fn paths_are_taken_as_uris_have_them() {
    check(
        "user-agent: a\ndisallow: /x\n",
        &["a x !", "a /x#y !", "a /#/x", "a //x", "a ?/x"],
    );
    check("user-agent: a\ndisallow: /\n", &["a  !", "a ? !", "a # !"]);
    check("user-agent: a\ndisallow: /?\n", &["a ?a !", "a /"]);
}

#[test]
fn noise_between_records_is_passed_over() {
    let file = b"\0\0\nuser-agent: a\n\xff\xfe:\n:\n::\n#\n\0disallow: /n\ndisallow: /x\0y\ndisallow: /\xff\n\
                 <html>\ndisallow:/z\n";
    check(file, &["a /n", "a /x", "a /x%00y !", "a /%FF !", "a /z !"]);
    // The same in two bytes a letter is nothing.
    let wide: Vec<u8> = "user-agent: *\ndisallow: /\n"
        .bytes()
        .flat_map(|byte| [byte, 0])
        .collect();
    check(wide, &["a /"]);
}

#[test]
fn delays_are_finite_and_bounded() {
    let delay = |value: &str| {
        let file = format!("user-agent: a\ncrawl-delay: {value}\ndisallow:\n");
        Robots::parse(file.as_bytes()).crawl_delay("a")
    };
    for (value, seconds) in [
        ("10", 10.0),
        ("0.5", 0.5),
        ("0", 0.0),
        ("-0", 0.0),
        (" 7 # s", 7.0),
        ("1e3", 1e3),
        ("1e300", CRAWL_DELAY_MAX),
    ] {
        assert_eq!(
            delay(value).map(f64::to_bits),
            Some(f64::to_bits(seconds)),
            "{value}"
        );
    }
    for value in [
        "", "-1", "inf", "nan", "1e999", "10s", "ten", "1,5", "\u{664}",
    ] {
        assert_eq!(delay(value), None, "{value}");
    }
    let long = "9".repeat(100_000);
    assert_eq!(
        (delay(&long), delay(&format!("0.{long}"))),
        (None, Some(1.0))
    );
}

#[test]
fn a_delay_belongs_to_its_group_and_the_longest_counts() {
    let file = "crawl-delay: 9\nuser-agent: a\ncrawl-delay: 2\nuser-agent: b\ncrawl-delay: 1\ndisallow: /\n\
                user-agent: b\ndisallow:\ncrawl-delay: 3\nuser-agent: *\ncrawl-delay: 4\nuser-agent: c\ndisallow:\n";
    let robots = Robots::parse(file.as_bytes());
    let delays = ["a", "b", "c", "d"].map(|agent| robots.crawl_delay(agent));
    assert_eq!(delays, [Some(2.0), Some(3.0), Some(4.0), Some(4.0)]);
}

#[test]
fn sitemaps_are_for_everyone_wherever_they_stand() {
    let file = "Sitemap: https://a.example/1.xml\nuser-agent: a\nsitemap:https://a.example/\u{e9} 2.xml # two\n\
                SITEMAP: \ndisallow: /\nsite-map: /3.xml\n";
    let robots = Robots::parse(file.as_bytes());
    let expected = [
        "https://a.example/1.xml",
        "https://a.example/%C3%A9%202.xml",
        "/3.xml",
    ];
    assert_eq!(robots.sitemaps(), expected);
}

#[test]
fn rules_are_written_so_that_nothing_is_taken_for_something_else() {
    let mut quiet = Group::new(ProductToken::new("quiet").unwrap());
    quiet.crawl_delay = Some(0.25);
    let mut both = Group::new(ProductToken::new("Foo-Bot").unwrap());
    both.agents.push(ProductToken::any());
    let patterns = ["/a#b\ndisallow: /", "/%2A$"].map(|text| PathPattern::new(text).unwrap());
    let [comment, star] = patterns;
    both.rules = vec![
        Rule::allow(comment),
        Rule::disallow(star),
        Rule::disallow(PathPattern::everything()),
    ];
    let mut nobody = quiet.clone();
    nobody.agents.clear();
    let sitemaps = vec![" ".to_owned(), "https://a.example/ #\n".to_owned()];
    let rules = RobotsRules {
        groups: vec![quiet, nobody, both],
        sitemaps,
    };
    let text = "User-agent: quiet\nCrawl-delay: 0.25\nDisallow:\n\n\
                User-agent: Foo-Bot\nUser-agent: *\nAllow: /a%23b%0Adisallow:%20/\nDisallow: /%2A$\nDisallow: /\n\n\
                Sitemap: https://a.example/%20%23\n";
    assert_eq!(rules.to_string(), text);
    assert_eq!(Robots::parse(text.as_bytes()), Robots::from(rules));
    for name in ["", "a b", "a/1", "**", "\u{30c4}", "a\n"] {
        assert_eq!(ProductToken::new(name), None, "{name}");
    }
}
