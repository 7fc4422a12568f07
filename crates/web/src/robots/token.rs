//! The names that crawlers have in robots.txt.

use std::fmt;

/// The token that stands for every crawler that no other token names.
pub(super) const ANY: &str = "*";

/// What a crawler calls itself, or `*` for all others.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ProductToken(String);

impl ProductToken {
    /// `None` unless the name is `*` or consists of letters, digits, `-` and `_`.
    pub fn new(name: &str) -> Option<Self> {
        let is_token = name == ANY || (!name.is_empty() && name.bytes().all(is_token_octet));
        is_token.then(|| Self(name.to_owned()))
    }

    /// Every crawler that no other token names: `*`.
    pub fn any() -> Self {
        Self(ANY.to_owned())
    }

    /// The name, in the letters that it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The token that a value starts with: some write versions or remarks behind it.
    pub(super) fn read(value: &[u8]) -> Option<Self> {
        if let [b'*', rest @ ..] = value
            && rest.first().is_none_or(u8::is_ascii_whitespace)
        {
            return Some(Self::any());
        }
        let octets = value.iter().copied();
        let name: String = octets
            .take_while(|&octet| is_token_octet(octet))
            .map(char::from)
            .collect();
        (!name.is_empty()).then_some(Self(name))
    }
}

/// What could be tokens in the name of an agent, which may be a whole identification string.
pub(super) fn words(agent: &str) -> impl Iterator<Item = &str> {
    let is_between = |letter: char| !u8::try_from(letter).is_ok_and(is_token_octet);
    agent.split(is_between).filter(|word| !word.is_empty())
}

fn is_token_octet(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_')
}

impl fmt::Display for ProductToken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}
