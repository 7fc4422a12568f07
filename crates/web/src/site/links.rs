//! Links between pages: a copying model.

use types::document::Sequence;
use types::random::Stream;

/// How pages link to older ones (Kumar et al. 2000, "Stochastic models for the Web graph"): each link of a new page goes to an
/// older page at random, or with probability `copied` to where the same link of an older page at random goes.
///
/// Of n pages with d links each and a share a = 1 - c of links that are not copied, a share p(0) = 1 / (1 + a d) is linked to by
/// none, and p(r) = p(r - 1) (a d + c (r - 1)) / (1 + a d + c r) by r: for large r a power law with exponent 1 + 1 / c.
///
/// ```
/// use echosphere_web::LinkLaw;
///
/// // In-degrees on the web: exponent 2.1 (Broder et al. 2000).
/// assert!((LinkLaw { per_page: 5, copied: 0.909 }.exponent() - 2.1).abs() < 1e-3);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LinkLaw {
    /// Links on a page.
    pub per_page: u32,
    /// Probability that a link is copied.
    pub copied: f64,
}

impl Default for LinkLaw {
    /// Five links, and in-degrees with exponent 2.1.
    fn default() -> Self {
        Self {
            per_page: 5,
            copied: 0.909,
        }
    }
}

/// Copies of copies are followed so often; then the page itself is linked to.
const COPIES_MAX: u32 = 1000;

impl LinkLaw {
    /// The exponent of the power law of in-degrees.
    pub fn exponent(self) -> f64 {
        1.0 + 1.0 / self.copied
    }

    /// The share of pages to which `degree` links go.
    pub fn share(self, degree: u32) -> f64 {
        let fresh = (1.0 - self.copied) * f64::from(self.per_page);
        let step = |share: f64, r: u32| {
            let r = f64::from(r);
            share * (fresh + self.copied * (r - 1.0)) / (1.0 + fresh + self.copied * r)
        };
        (1..=degree).fold(1.0 / (1.0 + fresh), step)
    }

    /// Calls `visit` with the pages that `page` links to; the first page of all links to none.
    pub(super) fn targets(
        self,
        page: Sequence,
        stream: impl Fn(Sequence) -> Stream,
        mut visit: impl FnMut(Sequence),
    ) {
        if page.0 == 0 {
            return;
        }
        let mut own = stream(page);
        for link in 0..self.per_page {
            let (mut from, mut draw) = (self.draw(page, &mut own), 0);
            while let (true, 1.., 0..COPIES_MAX) = (from.1, from.0.0, draw) {
                let mut rng = stream(from.0);
                for _ in 0..link {
                    self.draw(from.0, &mut rng);
                }
                (from, draw) = (self.draw(from.0, &mut rng), draw + 1);
            }
            visit(from.0);
        }
    }

    /// An older page, and whether its link is copied rather than the page linked to. Every link takes two numbers.
    fn draw(self, page: Sequence, rng: &mut Stream) -> (Sequence, bool) {
        let (place, choice) = (rng.uniform(), rng.uniform());
        let older = Sequence((place * page.0 as f64) as u64);
        (older, choice < self.copied)
    }
}

#[cfg(test)]
mod tests {
    use types::random::{Purpose, Seed};

    use super::*;

    fn degrees(law: LinkLaw, pages: u64) -> Vec<u32> {
        let key = Seed(5).key(0, Purpose::Page);
        let mut degrees = vec![0; pages as usize];
        for page in 0..pages {
            let stream = |page: Sequence| key.stream(page.0 as u32, 0);
            law.targets(Sequence(page), stream, |to| {
                assert!(to.0 < page);
                degrees[to.0 as usize] += 1;
            });
        }
        degrees
    }

    #[test]
    fn in_degrees_are_as_the_model_says() {
        let law = LinkLaw::default();
        let pages = 100_000;
        let degrees = degrees(law, pages);
        let total: u32 = degrees.iter().sum();
        assert_eq!(u64::from(total), (pages - 1) * 5);
        for degree in [0, 1, 2, 5, 20] {
            let count = degrees.iter().filter(|&&links| links == degree).count();
            let (share, p) = (count as f64 / pages as f64, law.share(degree));
            let error = (p * (1.0 - p) / pages as f64).sqrt();
            assert!(
                (share - p).abs() < 5.0 * error + 2e-4,
                "{degree}: {share}, not {p}"
            );
        }
    }

    #[test]
    fn shares_fall_off_as_a_power() {
        let law = LinkLaw::default();
        let slope = (law.share(20_000) / law.share(10_000)).log2();
        assert!((slope + law.exponent()).abs() < 1e-3);
        let total: f64 = (0..200_000)
            .map(|degree| law.share(degree))
            .take(2000)
            .sum();
        assert!(total < 1.0);
    }

    #[test]
    fn without_copies_links_are_uniform() {
        let law = LinkLaw {
            per_page: 1,
            copied: 0.0,
        };
        assert_eq!(degrees(law, 2), [1, 0]);
        let degrees = degrees(law, 50_000);
        let none = degrees.iter().filter(|&&links| links == 0).count();
        assert!((none as f64 / 5e4 - 0.5).abs() < 0.02);
    }
}
