//! robots.txt, which anybody may write: the first line of an input is the question, an agent and a path; the rest is the file.

use echosphere_web::robots::{CRAWL_DELAY_MAX, Robots, SIZE_MAX};

/// Any bytes are some file; what it says prints, and what is printed says the same.
pub fn check(bytes: &[u8]) {
    let (question, file) = split(bytes, b'\n');
    let question = String::from_utf8_lossy(question);
    let (agent, path) = question.split_once(' ').unwrap_or((&question, "/"));
    let robots = Robots::parse(file);
    let text = robots.rules().to_string();
    assert!(text.is_ascii(), "{text:?}");
    if text.len() <= SIZE_MAX {
        assert_eq!(Robots::parse(text.as_bytes()), robots, "{text}");
    }
    assert!(robots.allows(agent, "/robots.txt"));
    // Of two ways to write a path, both are the path.
    let allowed = robots.allows(agent, path);
    assert_eq!(robots.allows(agent, &format!("{path}#fragment")), allowed);
    assert_eq!(robots.allows(&agent.to_ascii_uppercase(), path), allowed);
    let delay = robots.crawl_delay(agent);
    assert!(delay.is_none_or(|seconds| (0.0..=CRAWL_DELAY_MAX).contains(&seconds)));
}

fn split(bytes: &[u8], end: u8) -> (&[u8], &[u8]) {
    let at = bytes.iter().position(|&byte| byte == end);
    at.map_or((bytes, &[]), |at| (&bytes[..at], &bytes[at + 1..]))
}
