//! Paths as patterns look at them.

use std::cell::OnceCell;

use super::octets::{Unit, decoded};
use super::places::Places;

/// Octets of a path that are looked at, as many as RFC 9110 section 4.1 asks everybody to support and some more. A longer path
/// has no end that a pattern could ask for.
pub const PATH_OCTETS_MAX: usize = 8_192;

/// A path with its query, ready for comparisons.
#[derive(Debug)]
pub(super) struct Path {
    units: Vec<Unit>,
    /// Whether it goes on after its last unit.
    is_cut: bool,
    /// Where which unit is; many questions need no search.
    places: OnceCell<Places>,
}

impl Path {
    /// Whatever does not start with a slash gets one, as a URI without a path does.
    pub(super) fn new(path: &str) -> Self {
        let path = path.split('#').next().unwrap_or("").as_bytes();
        let slash: &[u8] = if path.starts_with(b"/") { b"" } else { b"/" };
        let mut is_query = false;
        let mut unit = |(octet, is_encoded)| {
            let unit = Unit::new(octet, is_encoded);
            let unit = if is_query { unit.in_query() } else { unit };
            is_query |= octet == b'?' && !is_encoded;
            unit
        };
        let mut rest = decoded(slash).chain(decoded(path));
        let units = rest.by_ref().take(PATH_OCTETS_MAX).map(&mut unit).collect();
        let is_cut = rest.next().is_some();
        Self {
            units,
            is_cut,
            places: OnceCell::new(),
        }
    }

    pub(super) fn units(&self) -> &[Unit] {
        &self.units
    }

    pub(super) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Whether these units of a pattern are found at a place.
    pub(super) fn has_at(&self, start: usize, part: &[Unit]) -> bool {
        let there = self.units[start..].get(..part.len());
        there.is_some_and(|there| part.iter().zip(there).all(|(unit, at)| unit.fits(*at)))
    }

    /// Where the first of the places ends, from a start on, at which these units of a pattern are found.
    pub(super) fn behind(&self, part: &[Unit], start: usize) -> Option<usize> {
        let places = || Places::of(&self.units);
        match part {
            [] => Some(start),
            _ => self.places.get_or_init(places).behind(part, start),
        }
    }

    /// Whether it is the path of robots.txt, which everyone may fetch.
    pub(super) fn is_robots_txt(&self) -> bool {
        let units = decoded(b"/robots.txt").map(|(octet, form)| Unit::new(octet, form));
        self.units.iter().copied().eq(units)
    }
}
