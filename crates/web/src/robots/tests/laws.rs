//! Properties of any file, pattern and path.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// Files that are nearly right: words that matter, glued together.
fn nearly() -> impl Strategy<Value = Vec<u8>> {
    let words = [
        "user-agent:",
        "User-Agent: *",
        "disallow:",
        "Allow: ",
        "crawl-delay: ",
        "sitemap:",
        "a",
        "foobot",
        "/",
        "/a",
        "*",
        "$",
        "%2",
        "%2A",
        "%e3",
        "1e9",
        "-1",
        "nan",
        "#",
        "?",
        ":",
        " ",
        "\t",
        "\0",
        "\u{feff}",
    ];
    let word = prop::sample::select(words.to_vec()).prop_map(|word| word.as_bytes().to_vec());
    let end = prop::sample::select(vec!["\n", "\n", "\r\n", "\r"])
        .prop_map(|end| end.as_bytes().to_vec());
    let noise = vec(any::<u8>(), 0..4);
    vec(prop_oneof![6 => word, 3 => end, 1 => noise], 0..60).prop_map(|parts| parts.concat())
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![vec(any::<u8>(), 0..600), nearly()]
}

/// Rules as a site would have them, and some that no site should.
fn some_rules() -> impl Strategy<Value = RobotsRules> {
    let rule = ("[/*](?s:.{0,6})|[/*][a-c*$%?/]{0,8}", any::<bool>()).prop_map(|(text, allows)| {
        let pattern = PathPattern::new(&text).unwrap();
        if allows {
            Rule::allow(pattern)
        } else {
            Rule::disallow(pattern)
        }
    });
    let agent = "[a-zA-Z0-9_-]{1,4}|[*]".prop_map(|name| ProductToken::new(&name).unwrap());
    let delay = prop::option::of(prop_oneof![0.0..1e5, any::<f64>()]);
    let group =
        (vec(agent, 0..3), vec(rule, 0..5), delay).prop_map(|(agents, rules, crawl_delay)| Group {
            agents,
            rules,
            crawl_delay,
        });
    (vec(group, 0..5), vec("(?s:.{0,12})", 0..3))
        .prop_map(|(groups, sitemaps)| RobotsRules { groups, sitemaps })
}

/// The definition, tried in every way.
fn naive(pattern: &[u8], path: &[u8]) -> bool {
    match pattern {
        [] => true,
        [b'$'] => path.is_empty(),
        [b'*', rest @ ..] => (0..=path.len()).any(|start| naive(rest, &path[start..])),
        [octet, rest @ ..] => path.first() == Some(octet) && naive(rest, &path[1..]),
    }
}

proptest! {
    /// Any bytes are a file, of which no more is kept than it says.
    #[test]
    fn any_bytes_are_some_file(bytes in bytes(), agent in ".{0,8}", path in "(?s:.{0,12})") {
        let robots = Robots::parse(&bytes);
        robots.allows(&agent, &path);
        prop_assert!(robots.allows(&agent, "/robots.txt"));
        let is_bounded = |seconds| (0.0..=CRAWL_DELAY_MAX).contains(&seconds);
        prop_assert!(robots.crawl_delay(&agent).is_none_or(is_bounded));
        let rules = robots.rules();
        let records = bytes.len() / 7 + 1;
        prop_assert!(rules.groups.iter().map(|group| group.rules.len() + group.agents.len()).sum::<usize>() <= records);
        prop_assert!(rules.sitemaps.iter().map(String::len).sum::<usize>() <= 3 * bytes.len());
        prop_assert!(robots.sitemaps().iter().all(|address| address.bytes().all(|octet| octet.is_ascii_graphic())));
    }

    /// What is written of a file that was read is the same file.
    #[test]
    fn files_survive_reading_and_writing(bytes in bytes()) {
        let robots = Robots::parse(&bytes);
        let text = robots.rules().to_string();
        prop_assert!(text.is_ascii());
        prop_assert_eq!(Robots::parse(text.as_bytes()), robots);
    }

    /// What is read of rules that were written is what they say.
    #[test]
    fn rules_survive_writing_and_reading(rules in some_rules()) {
        let text = rules.to_string();
        let robots = Robots::parse(text.as_bytes());
        prop_assert_eq!(robots.rules().to_string(), text);
        prop_assert_eq!(robots, Robots::from(rules));
    }

    /// The quick matcher and the definition agree.
    #[test]
    fn matching_is_as_defined(
        pattern in "[/*]([ab/*$]|[*]){0,7}[$]?",
        paths in vec("/[ab/$]{0,8}", 1..10),
    ) {
        let Some(read) = PathPattern::new(&pattern) else { return Ok(()) };
        for path in paths {
            let expected = naive(pattern.as_bytes(), path.as_bytes());
            prop_assert_eq!(read.matches(&Path::new(&path)), expected, "{} {}", pattern, path);
        }
    }

    /// So they do where what is sought lies across the words of a set of places.
    #[test]
    fn matching_is_as_defined_in_long_paths(
        pattern in "/[ab]{0,3}[*][ab]{1,70}([*][ab]{1,4})?[$]?",
        start in "/[ab]{0,3}",
        path in "[ab]{0,200}",
        cut in 0_usize..70,
    ) {
        let read = PathPattern::new(&pattern).unwrap();
        // Long parts are seldom there by chance.
        let part = &pattern[1..].replace(['*', '$'], "");
        let planted = format!("{start}{}{part}{}", &path[..cut.min(path.len())], &path[cut.min(path.len())..]);
        for path in [format!("{start}{path}"), planted.clone(), format!("/{part}"), format!("{planted}{part}")] {
            let expected = naive(pattern.as_bytes(), path.as_bytes());
            prop_assert_eq!(read.matches(&Path::new(&path)), expected, "{} {}", pattern, path);
        }
    }

    /// A path matches itself, however it is encoded, and nothing but its beginning does so without special characters.
    #[test]
    fn encoding_makes_no_difference_where_it_has_no_meaning(
        octets in vec(prop_oneof![any::<u8>(), b'a'..=b'z'], 0..12),
        encoded in vec(any::<bool>(), 12),
    ) {
        let mut forms = [String::from("/"), String::from("/"), String::from("/")];
        for (octet, is_encoded) in octets.iter().zip(encoded) {
            let upper = format!("%{octet:02X}");
            let is_unreserved = octet.is_ascii_alphanumeric() || b"-._~".contains(octet);
            let plain = if is_unreserved { char::from(*octet).to_string() } else { upper.clone() };
            forms[1].push_str(if is_encoded { &upper } else { &plain });
            forms[2].push_str(&upper.to_lowercase());
            forms[0].push_str(&plain);
        }
        for form in &forms {
            let pattern = PathPattern::new(form).unwrap();
            prop_assert_eq!(pattern.to_string(), forms[0].as_str());
            prop_assert!(forms.iter().all(|path| pattern.matches(&Path::new(path))));
            prop_assert_eq!(pattern.octets() as usize, forms[0].len());
        }
    }

    /// Comments, blank lines, other records and line ends change nothing.
    #[test]
    fn what_is_no_record_changes_nothing(rules in some_rules(), fillers in vec(0_usize..5, 60)) {
        let text = rules.to_string();
        let filler = ["\n", "# x: y\n", "\r\nfoo: bar\r", " \t\n\0\n", "host: a.example # b\n\n"];
        let mut padded = Vec::new();
        for (line, which) in text.lines().zip(fillers.into_iter().cycle()) {
            padded.extend([" ", line, "\t# ", line, "\r\n", filler[which]].concat().into_bytes());
        }
        prop_assert_eq!(Robots::parse(&padded), Robots::from(rules));
    }
}
