//! Octets as they are compared: percent-encoding made uniform (RFC 9309 section 2.2.2, RFC 3986 section 2).

/// Octets of a path that are looked at, as many as RFC 9110 section 4.1 asks everybody to support and some more. A longer path
/// has no end that a pattern could ask for.
pub const PATH_OCTETS_MAX: usize = 8_192;

/// One octet, with whether it is percent-encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Unit(u16);

impl Unit {
    /// In a pattern: any octets, or none.
    pub(super) const ANY: Self = Self(0x400);
    const ENCODED: u16 = 0x100;
    const IN_EITHER_FORM: u16 = 0x200;

    /// An octet that was found in one of the two forms, in the form that it has in comparisons.
    pub(super) fn new(octet: u8, is_encoded: bool) -> Self {
        let is_plain = match octet {
            b'-' | b'.' | b'_' | b'~' => true,
            _ if octet.is_ascii_alphanumeric() => true,
            // They may mean something as they are, and nothing when they are encoded.
            b'/' | b'?' | b':' | b'@' | b'!' | b'&' | b'\'' | b'(' | b')' | b'+' | b',' | b';'
            | b'=' => !is_encoded,
            // No path contains the others as they are, except `*` and `$`, for which patterns have no other form than this.
            _ => false,
        };
        let encoded = if is_plain { 0 } else { Self::ENCODED };
        Self(u16::from(octet) | encoded)
    }

    /// Inside a query, delimiters of paths are octets like any other.
    fn in_query(self) -> Self {
        match self.octet() {
            octet @ (b'/' | b'?' | b':' | b'@') => Self(u16::from(octet) | Self::IN_EITHER_FORM),
            _ => self,
        }
    }

    /// Whether this unit of a pattern, not [`Unit::ANY`], is the same as one of a path.
    pub(super) fn fits(self, path: Self) -> bool {
        self == path || (path.0 & Self::IN_EITHER_FORM != 0 && self.octet() == path.octet())
    }

    fn octet(self) -> u8 {
        self.0 as u8
    }

    /// How it is written.
    pub(super) fn written(self) -> String {
        match self {
            Self::ANY => "*".to_owned(),
            _ if self.0 & Self::ENCODED != 0 => encoded(self.octet()),
            _ => char::from(self.octet()).to_string(),
        }
    }

    /// Octets that writing it takes.
    pub(super) fn length(self) -> u32 {
        if self.0 & Self::ENCODED == 0 { 1 } else { 3 }
    }
}

/// An octet in percent-encoding.
pub(super) fn encoded(octet: u8) -> String {
    format!("%{octet:02X}")
}

/// The octets of a text, each with whether it is percent-encoded there.
pub(super) fn decoded(mut text: &[u8]) -> impl Iterator<Item = (u8, bool)> {
    std::iter::from_fn(move || {
        let first = *text.first()?;
        let code = code(text);
        text = &text[if code.is_some() { 3 } else { 1 }..];
        Some((code.unwrap_or(first), code.is_some()))
    })
}

/// The octet whose percent-encoding a text starts with.
fn code(text: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = text else {
        return None;
    };
    let digit = |octet: &u8| char::from(*octet).to_digit(16);
    Some((digit(high)? * 16 + digit(low)?) as u8)
}

/// A path with its query, ready for comparisons.
#[derive(Debug)]
pub(super) struct Path {
    units: Vec<Unit>,
    /// Whether it goes on after its last unit.
    is_cut: bool,
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
        Self { units, is_cut }
    }

    pub(super) fn units(&self) -> &[Unit] {
        &self.units
    }

    pub(super) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Whether it is the path of robots.txt, which everyone may fetch.
    pub(super) fn is_robots_txt(&self) -> bool {
        let units = decoded(b"/robots.txt").map(|(octet, form)| Unit::new(octet, form));
        self.units.iter().copied().eq(units)
    }
}
