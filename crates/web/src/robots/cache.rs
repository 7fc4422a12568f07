//! What a crawler knows of a host's robots.txt, and for how long (RFC 9309 sections 2.3.1 and 2.4).

use types::time::{VirtualDuration, VirtualTime};

use super::Robots;

const DAY: VirtualDuration = VirtualDuration(86_400_000_000);

/// How long an answer holds: 24 hours.
pub const AGE_MAX: VirtualDuration = DAY;

/// For how long a host may be unreachable before it counts as one without robots.txt: 30 days.
pub const UNREACHABLE_MAX: VirtualDuration = VirtualDuration(30 * DAY.0);

/// Redirects that are followed.
pub const REDIRECTS_MAX: u32 = 5;

/// What came of fetching a robots.txt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RobotsFetch<'a> {
    /// The file.
    Success(&'a [u8]),
    /// The host says that there is none, or sends the crawler from place to place: everything is allowed.
    Unavailable,
    /// The host does not answer, or with an error of its own: everything is disallowed, unless there is an older copy.
    Unreachable,
}

impl<'a> RobotsFetch<'a> {
    /// What the last answer of a chain of redirects means; no status if there was no answer. A redirect that cannot be followed
    /// leads to no file.
    pub fn new(status: Option<u16>, redirects: u32, body: &'a [u8]) -> Self {
        match status {
            _ if redirects > REDIRECTS_MAX => Self::Unavailable,
            Some(200..=299) => Self::Success(body),
            Some(300..=499) => Self::Unavailable,
            _ => Self::Unreachable,
        }
    }
}

/// What a crawler knows of a host's robots.txt.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RobotsCache {
    /// When it was last tried to fetch it.
    tried: Option<VirtualTime>,
    /// Since when the host is unreachable.
    unreachable_since: Option<VirtualTime>,
    /// The last file that was fetched, unless the host has said since that there is none.
    copy: Option<Robots>,
}

impl RobotsCache {
    /// Takes note of what came of fetching it.
    pub fn note(&mut self, fetch: RobotsFetch<'_>, now: VirtualTime) {
        self.tried = Some(now);
        match fetch {
            RobotsFetch::Success(bytes) => self.copy = Some(Robots::parse(bytes)),
            RobotsFetch::Unavailable => self.copy = None,
            RobotsFetch::Unreachable => {
                self.unreachable_since.get_or_insert(now);
                return;
            }
        }
        self.unreachable_since = None;
    }

    /// Whether it has to be fetched, again or for the first time. While a host is unreachable it may be tried more often.
    pub fn is_due(&self, now: VirtualTime) -> bool {
        self.tried.is_none_or(|tried| now.since(tried) > AGE_MAX)
    }

    /// Whether an agent may fetch a path; `None` if robots.txt has to be fetched first.
    pub fn allows(&self, agent: &str, path: &str, now: VirtualTime) -> Option<bool> {
        let allows = match &self.copy {
            Some(robots) => robots.allows(agent, path),
            None => self.is_given_up(now),
        };
        (!self.is_due(now)).then_some(allows)
    }

    /// The last file that was fetched, however old, unless the host has said since that there is none.
    pub fn copy(&self) -> Option<&Robots> {
        self.copy.as_ref()
    }

    /// Whether nothing speaks against fetching from a host without a copy.
    fn is_given_up(&self, now: VirtualTime) -> bool {
        self.unreachable_since
            .is_none_or(|since| now.since(since) >= UNREACHABLE_MAX)
    }
}
