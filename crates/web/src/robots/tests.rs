//! Properties, examples of the RFC, corner cases and limits.

mod cached;
mod corners;
mod laws;
mod limits;
mod rfc;

use super::*;

/// Checks who may fetch what: `agent path` for what is allowed, `agent path !` for what is not.
fn check(file: impl AsRef<[u8]>, expected: &[&str]) {
    let robots = Robots::parse(file.as_ref());
    for line in expected {
        let (question, allowed) = match line.strip_suffix(" !") {
            Some(question) => (question, false),
            None => (*line, true),
        };
        let (agent, path) = question.split_once(' ').unwrap();
        assert_eq!(robots.allows(agent, path), allowed, "{line}");
    }
}

/// Whether a path matches a pattern, as seen from outside.
fn matches(pattern: &str, path: &str) -> bool {
    let file = format!("user-agent: *\ndisallow: {pattern}\n");
    !Robots::parse(file.as_bytes()).allows("foobot", path)
}

/// Numbers that look random (Knuth 1997).
fn noise(count: usize) -> impl Iterator<Item = u8> {
    let next = |state: &u64| {
        Some(
            state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1),
        )
    };
    let states = std::iter::successors(Some(7_u64), next);
    states.map(|state| (state >> 56) as u8).take(count)
}
