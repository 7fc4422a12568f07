//! Octets as they are compared: percent-encoding made uniform (RFC 9309 section 2.2.2, RFC 3986 section 2).

/// One octet, with whether it is percent-encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Unit(u16);

impl Unit {
    /// In a pattern: any octets, or none.
    pub(super) const ANY: Self = Self(0x400);
    /// How many units of patterns there can be, without [`Unit::ANY`].
    pub(super) const COUNT: usize = 0x200;
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
    pub(super) fn in_query(self) -> Self {
        match self.octet() {
            octet @ (b'/' | b'?' | b':' | b'@') => Self(u16::from(octet) | Self::IN_EITHER_FORM),
            _ => self,
        }
    }

    /// Whether this unit of a pattern, not [`Unit::ANY`], is the same as one of a path.
    pub(super) fn fits(self, path: Self) -> bool {
        self == path || (path.0 & Self::IN_EITHER_FORM != 0 && self.octet() == path.octet())
    }

    /// The units of patterns that fit this one of a path.
    pub(super) fn fitting(self) -> impl Iterator<Item = Self> {
        let octet = self.0 & 0xff;
        let forms = [Self(octet), Self(octet | Self::ENCODED)];
        forms.into_iter().filter(move |form| form.fits(self))
    }

    /// Its number among the units of patterns without [`Unit::ANY`], below [`Unit::COUNT`].
    pub(super) fn number(self) -> usize {
        usize::from(self.0)
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
