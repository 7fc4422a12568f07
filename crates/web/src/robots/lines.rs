//! From bytes to records: lines, comments, keys and values.

/// Bytes of a file that are read: 500 KiB, the least that RFC 9309 section 2.5 asks for.
pub const SIZE_MAX: usize = 500 * 1024;

/// What a line is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    UserAgent,
    Allow,
    Disallow,
    CrawlDelay,
    Sitemap,
}

/// Keys with the spellings that are understood; the first is the right one.
const KEYS: [(Key, &[&str]); 5] = [
    (Key::UserAgent, &["user-agent", "useragent", "user agent"]),
    (Key::Allow, &["allow"]),
    (
        Key::Disallow,
        &[
            "disallow",
            "dissallow",
            "dissalow",
            "disalow",
            "diasllow",
            "disallaw",
        ],
    ),
    (
        Key::CrawlDelay,
        &["crawl-delay", "crawldelay", "crawl delay"],
    ),
    (Key::Sitemap, &["sitemap", "sitemaps", "site-map"]),
];

/// Some editors put this before the first line.
const BYTE_ORDER_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

/// The records of a file, in order. Whatever is none is passed over.
pub(super) fn records(bytes: &[u8]) -> impl Iterator<Item = (Key, &[u8])> {
    let lines = without_mark(whole_lines(bytes)).split(|&byte| is_line_end(byte));
    lines.filter_map(record)
}

/// The lines that end within the limit. A rule that is cut off might say the opposite of the whole.
fn whole_lines(bytes: &[u8]) -> &[u8] {
    let Some(next) = bytes.get(SIZE_MAX) else {
        return bytes;
    };
    let read = &bytes[..SIZE_MAX];
    if is_line_end(*next) {
        return read;
    }
    let end = read
        .iter()
        .rposition(|&byte| is_line_end(byte))
        .unwrap_or(0);
    &read[..end]
}

/// Without a byte order mark, or the beginning of one.
fn without_mark(bytes: &[u8]) -> &[u8] {
    let pairs = bytes.iter().zip(BYTE_ORDER_MARK);
    let length = pairs.take_while(|&(&byte, mark)| byte == mark).count();
    &bytes[length..]
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

fn record(line: &[u8]) -> Option<(Key, &[u8])> {
    let line = line.split(|&byte| byte == b'#').next()?.trim_ascii();
    let (name, value) = colon(line).or_else(|| two_words(line))?;
    let is_meant = |spelling: &&str| name.eq_ignore_ascii_case(spelling.as_bytes());
    let (key, _) = KEYS
        .iter()
        .find(|(_, spellings)| spellings.iter().any(is_meant))?;
    Some((*key, value))
}

/// A name and a value with a colon between them.
fn colon(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = line.iter().position(|&byte| byte == b':')?;
    Some((line[..at].trim_ascii(), line[at + 1..].trim_ascii()))
}

/// A name and a value of which nobody can doubt that a colon is missing between them.
fn two_words(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = line.iter().position(u8::is_ascii_whitespace)?;
    let (name, value) = (&line[..at], line[at..].trim_ascii());
    (!value.iter().any(u8::is_ascii_whitespace)).then_some((name, value))
}
