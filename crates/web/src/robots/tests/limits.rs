//! Large and hostile files: what is kept of them is bounded, and they are answered in good time.

use super::*;

/// The least that a rule takes in a file: `allow:/` and the end of its line.
const RULE_OCTETS: usize = 8;

/// Everything that is kept of a file, in octets of its text.
fn kept(robots: &Robots) -> usize {
    robots.rules().to_string().len()
}

fn rules(robots: &Robots) -> usize {
    let groups = robots.rules().groups.iter();
    groups.map(|group| group.rules.len()).sum()
}

#[test]
fn lines_that_end_behind_the_limit_are_dropped() {
    let head = b"user-agent: *\ndisallow: /first\n#".to_vec();
    let tail = b"\ndisallow: /last";
    for over in 0..=tail.len() {
        // The file ends `over` octets behind the limit.
        let filled = SIZE_MAX + over - tail.len();
        let mut file = head.clone();
        file.resize(filled, b'#');
        file.extend(tail);
        for end in ["", "\n", "\r\n", "/and/more\n"] {
            let file = [&file, end.as_bytes()].concat();
            let is_read = over == 0 && !end.starts_with('/');
            let expected = if is_read { "a /last !" } else { "a /last" };
            check(file, &["a /first !", expected]);
        }
    }
}

#[test]
fn ten_megabytes_are_read_up_to_the_limit() {
    let line = b"user-agent: foobot\ndisallow: /secret/\nsitemap: https://a.example/s\n".as_slice();
    let file = line.repeat((10 << 20) / line.len());
    let robots = Robots::parse(&file);
    assert!(rules(&robots) <= SIZE_MAX / line.len() + 1);
    assert!(kept(&robots) <= 2 * SIZE_MAX);
    assert!(!robots.allows("foobot", "/secret/"));
    let endless = Robots::parse(&vec![b'x'; 10 << 20]);
    assert_eq!(endless, Robots::default());
    let endless = [b"user-agent: *\ndisallow: /".to_vec(), vec![b'x'; 10 << 20]].concat();
    assert_eq!(rules(&Robots::parse(&endless)), 0);
}

#[test]
fn noise_is_no_rules() {
    let bytes: Vec<u8> = noise(10 << 20).collect();
    let robots = Robots::parse(&bytes);
    assert!(robots.allows("foobot", "/"));
    assert_eq!((rules(&robots), robots.sitemaps().len()), (0, 0));
    // What looks like records costs no more than its length.
    let mut file = Vec::new();
    for chunk in bytes.chunks(40).take(100_000) {
        file.extend([b"user-agent: ".as_slice(), b"\ndisallow: /", b"\nsitemap: "][file.len() % 3]);
        file.extend(chunk);
    }
    let robots = Robots::parse(&file);
    assert!(kept(&robots) <= 4 * SIZE_MAX);
    assert!(robots.allows("foobot", "/robots.txt"));
}

#[test]
fn a_hundred_thousand_rules_are_fine() {
    let numbered = (0..100_000).map(|number| format!("allow:/{number}\n"));
    let file = ["user-agent: *\n".to_owned()].into_iter().chain(numbered);
    let file = file.collect::<Vec<_>>().concat();
    assert!(file.len() > 2 * SIZE_MAX);
    let robots = Robots::parse(file.as_bytes());
    let count = rules(&robots);
    assert!(
        (30_000..=SIZE_MAX / RULE_OCTETS).contains(&count),
        "{count}"
    );
    let short = ["user-agent: *\n".to_owned(), "allow:/\n".repeat(100_000)].concat();
    let count = rules(&Robots::parse(short.as_bytes()));
    assert!(
        (63_990..=SIZE_MAX / RULE_OCTETS).contains(&count),
        "{count}"
    );
    let path = "/1".repeat(PATH_OCTETS_MAX);
    for agent in ["foobot", "a", "b"] {
        assert!(robots.allows(agent, &path));
    }
}

#[test]
fn many_agents_share_their_rules() {
    // Copies of the rules for every agent would be a thousand million.
    let agents = (0..15_000).map(|number| format!("user-agent:a{number}\n"));
    let rules_of_all = "disallow:/x\n".repeat(20_000);
    let file = agents.chain([rules_of_all]).collect::<Vec<_>>().concat();
    let robots = Robots::parse(file.as_bytes());
    assert!(rules(&robots) <= SIZE_MAX / RULE_OCTETS);
    assert!(!robots.allows("a14999", "/x"));
    // One agent in as many groups as there can be.
    let one = Robots::parse("user-agent:a\nallow:/x\n".repeat(100_000).as_bytes());
    assert!(one.allows("a", "/x"));
}

#[test]
fn patterns_that_make_others_backtrack_are_answered() {
    let path = format!("/{}", "a".repeat(PATH_OCTETS_MAX));
    for part in ["a*", "*a", "**", "*a*a*a", "aa*a"] {
        let pattern = format!("/{}b$", part.repeat(2_000));
        assert!(!matches(&pattern, &path), "{part}");
        assert!(matches(&format!("/{}", part.repeat(200)), &path), "{part}");
    }
}

#[test]
fn a_full_file_of_wildcards_is_asked_about_the_longest_path() {
    // Parts that nearly fit at every place of the path, long ones and as many as there can be.
    let path = format!("/{}", "a".repeat(PATH_OCTETS_MAX - 1));
    for part in [300, 3_000, 30, 1] {
        let rule = format!("disallow: /*{}b\n", "a".repeat(part));
        let file = format!("user-agent: *\n{}", rule.repeat(SIZE_MAX / rule.len()));
        let robots = Robots::parse(file.as_bytes());
        assert!(rules(&robots) + 2 > SIZE_MAX / rule.len());
        assert!(robots.allows("a", &path), "{part}");
        assert!(
            !robots.allows("a", &format!("{}b", &path[..PATH_OCTETS_MAX - 1])),
            "{part}"
        );
    }
    // A rule as long as the file, with as many parts as it can have.
    let rule = format!(
        "user-agent: *\ndisallow: /{}",
        "*a".repeat(SIZE_MAX / 2 - 20)
    );
    assert!(Robots::parse(rule.as_bytes()).allows("a", &path));
}

#[test]
fn an_agent_of_many_words_is_answered() {
    let agents = (0..20_000).map(|number| format!("user-agent:a{number}\n"));
    let file = agents
        .chain(["disallow:/x\n".to_owned()])
        .collect::<Vec<_>>()
        .concat();
    let robots = Robots::parse(file.as_bytes());
    let stranger = "b1/2.0 ".repeat(1 << 17);
    assert!(robots.allows(&stranger, "/x"));
    assert!(!robots.allows(&format!("{stranger} a19999"), "/x"));
    assert_eq!(robots.crawl_delay(&stranger), None);
}

#[test]
fn of_a_longer_path_the_beginning_counts() {
    let path = format!("/{}", "a".repeat(PATH_OCTETS_MAX - 1));
    let longer = format!("{path}b");
    assert!(matches(&format!("{path}$"), &path));
    assert!(!matches(&format!("{path}$"), &longer));
    assert!(!matches("/*$", &longer) && matches("/*$", &path));
    assert!(matches(&path, &longer));
    assert!(!matches("/*b", &longer));
    assert!(matches("/a", &"/a".repeat(5 << 20)));
}
