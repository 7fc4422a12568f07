//! What a rule says of paths: a prefix, with `*` for any octets and a final `$` for the end.

use std::fmt;

use super::octets::{Unit, decoded};
use super::path::Path;

/// A pattern that paths match or not, from their first octet on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PathPattern {
    units: Box<[Unit]>,
    /// Whether the path must end where the pattern does.
    is_whole: bool,
    octets: u32,
}

impl PathPattern {
    /// The pattern that is written so. `None` if it starts with neither `/` nor `*`: no path would match it.
    pub fn new(text: &str) -> Option<Self> {
        Self::read(text.as_bytes())
    }

    /// The pattern that every path matches: `/`.
    pub fn everything() -> Self {
        Self::of([Unit::new(b'/', false)].into(), false)
    }

    pub(super) fn read(text: &[u8]) -> Option<Self> {
        let (text, is_whole) = match text.strip_suffix(b"$") {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        let unit = |(octet, is_encoded)| match (octet, is_encoded) {
            (b'*', false) => Unit::ANY,
            _ => Unit::new(octet, is_encoded),
        };
        let may_match = matches!(text.first(), Some(b'/' | b'*'));
        may_match.then(|| Self::of(decoded(text).map(unit).collect(), is_whole))
    }

    /// Octets that writing it takes: what makes one rule stronger than another.
    pub(super) fn octets(&self) -> u32 {
        self.octets
    }

    fn of(units: Box<[Unit]>, is_whole: bool) -> Self {
        let length: u32 = units.iter().map(|unit| unit.length()).sum();
        let octets = length + u32::from(is_whole);
        Self {
            units,
            is_whole,
            octets,
        }
    }

    /// Whether a path matches. Of what stands between two `*` the first place that fits is taken: any later one would leave less
    /// of the path for the rest.
    pub(super) fn matches(&self, path: &Path) -> bool {
        let mut parts = self.units.split(|&unit| unit == Unit::ANY);
        let first = parts.next().unwrap_or_default();
        if !path.has_at(0, first) {
            return false;
        }
        let mut at = first.len();
        let Some(last) = parts.next_back() else {
            return !self.is_whole || (at == path.units().len() && !path.is_cut());
        };
        for part in parts {
            match path.behind(part, at) {
                Some(end) => at = end,
                None => return false,
            }
        }
        if self.is_whole {
            let start = path.units().len().checked_sub(last.len());
            !path.is_cut() && start.is_some_and(|start| start >= at && path.has_at(start, last))
        } else {
            path.behind(last, at).is_some()
        }
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for unit in &self.units {
            out.write_str(&unit.written())?;
        }
        out.write_str(if self.is_whole { "$" } else { "" })
    }
}
