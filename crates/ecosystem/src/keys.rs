//! The stream keys of one replicate.

use types::random::{Purpose, Seed, StreamKey};

/// One key for each purpose, made once a replicate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Keys {
    pub(crate) real: StreamKey,
    pub(crate) crawl: StreamKey,
    pub(crate) curate: StreamKey,
    pub(crate) mix: StreamKey,
    pub(crate) sample: StreamKey,
    pub(crate) clock: StreamKey,
    pub(crate) observe: StreamKey,
    pub(crate) web_seed: StreamKey,
    pub(crate) design: StreamKey,
    pub(crate) site: StreamKey,
    pub(crate) page: StreamKey,
    pub(crate) write: StreamKey,
    pub(crate) fetch: StreamKey,
    pub(crate) verdict: StreamKey,
    pub(crate) fit: StreamKey,
}

impl Keys {
    pub(crate) fn new(seed: u64, replicate: u32) -> Self {
        let key = |purpose| Seed(seed).key(replicate, purpose);
        Self {
            real: key(Purpose::RealData),
            crawl: key(Purpose::Crawl),
            curate: key(Purpose::Curate),
            mix: key(Purpose::Mix),
            sample: key(Purpose::Sample),
            clock: key(Purpose::Clock),
            observe: key(Purpose::Observe),
            web_seed: key(Purpose::WebSeed),
            design: key(Purpose::Design),
            site: key(Purpose::Site),
            page: key(Purpose::Page),
            write: key(Purpose::Write),
            fetch: key(Purpose::Fetch),
            verdict: key(Purpose::Verdict),
            fit: key(Purpose::Fit),
        }
    }
}
