//! What a crawler may do when robots.txt cannot be had, and for how long it may rely on what it knows.

use types::time::{VirtualDuration, VirtualTime};

use super::*;

const CLOSED: &[u8] = b"user-agent: *\ndisallow: /private\n";

fn hours(hours: f64) -> VirtualTime {
    VirtualTime::START + VirtualDuration::from_days(hours / 24.0)
}

/// What a crawler may fetch at an hour: of `/private` and `/`.
fn answers(cache: &RobotsCache, hour: f64) -> [Option<bool>; 2] {
    ["/private", "/"].map(|path| cache.allows("a", path, hours(hour)))
}

const UNKNOWN: [Option<bool>; 2] = [None; 2];
const ALL: [Option<bool>; 2] = [Some(true); 2];
const NOTHING: [Option<bool>; 2] = [Some(false); 2];
const RULES: [Option<bool>; 2] = [Some(false), Some(true)];

#[test]
fn answers_of_servers_have_their_meaning() {
    let fetch = |status, redirects| RobotsFetch::new(status, redirects, CLOSED);
    for redirects in 0..=REDIRECTS_MAX {
        assert_eq!(fetch(Some(200), redirects), RobotsFetch::Success(CLOSED));
        assert_eq!(fetch(Some(404), redirects), RobotsFetch::Unavailable);
        assert_eq!(fetch(Some(503), redirects), RobotsFetch::Unreachable);
    }
    for status in [Some(200), Some(301), Some(503), None] {
        assert_eq!(fetch(status, 6), RobotsFetch::Unavailable);
    }
    for status in [304, 400, 401, 403, 429, 499] {
        assert_eq!(fetch(Some(status), 0), RobotsFetch::Unavailable, "{status}");
    }
    for status in [Some(500), Some(599), Some(600), Some(0), Some(100), None] {
        assert_eq!(fetch(status, 0), RobotsFetch::Unreachable, "{status:?}");
    }
}

#[test]
fn a_file_is_relied_on_for_a_day() {
    let mut cache = RobotsCache::default();
    assert!(cache.is_due(hours(0.0)));
    assert_eq!(answers(&cache, 0.0), UNKNOWN);
    cache.note(RobotsFetch::Success(CLOSED), hours(1.0));
    for hour in [1.0, 25.0] {
        assert_eq!(answers(&cache, hour), RULES);
        assert!(!cache.is_due(hours(hour)));
    }
    assert_eq!(answers(&cache, 25.001), UNKNOWN);
    assert!(cache.is_due(hours(25.001)));
}

#[test]
fn without_a_file_everything_is_allowed_for_a_day() {
    let mut cache = RobotsCache::default();
    cache.note(RobotsFetch::Success(CLOSED), hours(0.0));
    cache.note(RobotsFetch::Unavailable, hours(1.0));
    assert_eq!(answers(&cache, 25.0), ALL);
    assert_eq!(answers(&cache, 25.001), UNKNOWN);
    assert_eq!(cache.copy(), None);
}

#[test]
fn while_a_host_is_unreachable_its_last_file_counts_however_old() {
    let mut cache = RobotsCache::default();
    cache.note(RobotsFetch::Success(CLOSED), hours(0.0));
    for day in 1..60 {
        let hour = f64::from(day) * 24.0;
        cache.note(RobotsFetch::Unreachable, hours(hour));
        assert_eq!(answers(&cache, hour), RULES);
    }
    assert_eq!(cache.copy(), Some(&Robots::parse(CLOSED)));
    cache.note(RobotsFetch::Success(b""), hours(1_440.0));
    assert_eq!(answers(&cache, 1_440.0), ALL);
}

#[test]
fn an_unreachable_host_without_a_file_is_closed_for_thirty_days() {
    let mut cache = RobotsCache::default();
    let mut note = |fetch, hour| {
        cache.note(fetch, hours(hour));
        answers(&cache, hour)
    };
    // That there was no file is no file.
    assert_eq!(note(RobotsFetch::Unavailable, 0.0), ALL);
    for day in 1..=30 {
        let hour = f64::from(day) * 24.0;
        assert_eq!(note(RobotsFetch::Unreachable, hour), NOTHING, "{day}");
    }
    assert_eq!(note(RobotsFetch::Unreachable, 31.0 * 24.0), ALL);
    // Once it has been reached, the days are counted anew.
    assert_eq!(note(RobotsFetch::Unavailable, 32.0 * 24.0), ALL);
    assert_eq!(note(RobotsFetch::Unreachable, 33.0 * 24.0), NOTHING);
}
