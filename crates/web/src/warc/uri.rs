//! Addresses of captures, and the keys under which indexes sort them.

mod surt;

use super::ArchiveError;

/// An absolute `http` or `https` address in the letters of RFC 3986.
#[derive(Debug, Clone, Copy)]
pub(super) struct Uri<'a> {
    pub(super) text: &'a str,
    /// Host and, if stated, port.
    pub(super) authority: &'a str,
    host: &'a str,
    /// `None` if it is what the scheme has anyway.
    port: Option<u16>,
    /// Empty, or begins with a slash.
    path: &'a str,
    query: Option<&'a str>,
}

impl<'a> Uri<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, ArchiveError> {
        Self::take_apart(text).map_err(|problem| ArchiveError::Uri {
            uri: text.to_owned(),
            problem,
        })
    }

    fn take_apart(text: &'a str) -> Result<Self, &'static str> {
        check_letters(text)?;
        let (rest, default_port) =
            match (text.strip_prefix("http://"), text.strip_prefix("https://")) {
                (Some(rest), _) => (rest, 80),
                (_, Some(rest)) => (rest, 443),
                _ => return Err("does not begin with http:// or https://"),
            };
        let (authority, rest) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (host, port) = match authority.split_once(':') {
            Some((host, port)) => (host, read_port(port)?),
            None => (authority, default_port),
        };
        check_host(host)?;
        let (path, query) = match rest.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (rest, None),
        };
        Ok(Self {
            text,
            authority,
            host,
            port: (port != default_port).then_some(port),
            path,
            query,
        })
    }

    /// What a request line asks for.
    pub(super) fn target(&self) -> String {
        let path = if self.path.is_empty() { "/" } else { self.path };
        match self.query {
            Some(query) => format!("{path}?{query}"),
            None => path.to_owned(),
        }
    }

    /// The key of the address in an index; see [`surt`].
    pub(super) fn key(&self) -> String {
        let mut key = surt::host(self.host);
        if let Some(port) = self.port {
            key.extend([":", &port.to_string()]);
        }
        key.push(')');
        key.push_str(&surt::path(self.path));
        if let Some(query) = self.query.filter(|query| !query.is_empty()) {
            key.push('?');
            key.push_str(&surt::query(query));
        }
        key
    }
}

/// Letters of an address without a fragment; a percent sign is followed by two hexadecimal digits.
fn check_letters(text: &str) -> Result<(), &'static str> {
    for (position, byte) in text.bytes().enumerate() {
        match byte {
            b'%' => {
                let digits = text.as_bytes().get(position + 1..position + 3);
                if !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
                    return Err("has a percent sign without two hexadecimal digits");
                }
            }
            b'#' => return Err("has a fragment, which no server is asked for"),
            _ if byte.is_ascii_alphanumeric() || b"-._~:/?@!$&'()*+,;=".contains(&byte) => {}
            _ => return Err("has letters that have to be percent-encoded"),
        }
    }
    Ok(())
}

fn read_port(text: &str) -> Result<u16, &'static str> {
    let digits = Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let port = digits.and_then(|digits| digits.parse().ok());
    port.filter(|&port| port > 0)
        .ok_or("has a port that is not a number from 1 to 65535")
}

/// Names, and IPv4 addresses in their usual form: there are others, which tools resolve each in its own way.
fn check_host(host: &str) -> Result<(), &'static str> {
    let is_label = |label: &str| {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        !label.is_empty() && label.bytes().all(is_allowed)
    };
    if !host.split('.').all(is_label) {
        return Err("has a host that is not made of letters, digits, hyphens and single dots");
    }
    if host
        .bytes()
        .any(|byte| !byte.is_ascii_digit() && byte != b'.')
    {
        return Ok(());
    }
    let is_octet = |label: &str| {
        label
            .parse()
            .is_ok_and(|octet: u8| octet.to_string() == label)
    };
    if host.split('.').count() == 4 && host.split('.').all(is_octet) {
        return Ok(());
    }
    Err("has a number for a host that is not an IPv4 address")
}

#[cfg(test)]
mod tests;
