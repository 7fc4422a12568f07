//! Where what a model publishes lives, and how much it publishes.

use types::document::SiteId;
use types::random::{Cumulative, Stream};
use types::time::{VirtualDuration, VirtualTime};

/// Where a population's documents live.
#[derive(Debug)]
pub(crate) struct Homes {
    /// The first model's own host, with those of the others following; `None` if they own none.
    pub(crate) own: Option<SiteId>,
    /// Kinds of hosts that are shared: the share of the documents that goes there, and the hosts.
    pub(crate) shared: Vec<(f64, Hosts)>,
}

/// The hosts of one kind, chosen by popularity.
#[derive(Debug)]
pub(crate) struct Hosts {
    pub(crate) first: SiteId,
    pub(crate) popularity: Cumulative,
}

impl Hosts {
    pub(crate) fn draw(&self, rng: &mut Stream) -> SiteId {
        SiteId(self.first.0 + self.popularity.draw(rng) as u32)
    }
}

impl Homes {
    /// Divides documents among hosts: how many go where, those that model number `local` keeps first. A publication goes to one host
    /// of a kind.
    pub(crate) fn divide(
        &self,
        local: u32,
        documents: u32,
        rng: &mut Stream,
    ) -> Vec<(u32, SiteId)> {
        if let (Some(first), []) = (self.own, self.shared.as_slice()) {
            return vec![(documents, SiteId(first.0 + local))];
        }
        let mut counts = vec![0; self.shared.len() + 1];
        for _ in 0..documents {
            let mut left = rng.uniform();
            let kind = self.shared.iter().position(|(share, _)| {
                let here = left < *share;
                left -= share;
                here
            });
            counts[kind.map_or(0, |kind| kind + 1)] += 1;
        }
        // Shares that leave nothing for a host of its own may do so only up to rounding.
        if self.own.is_none() {
            counts[1] += std::mem::take(&mut counts[0]);
        }
        let own = self.own.map(|first| SiteId(first.0 + local));
        let mut parts: Vec<(u32, SiteId)> = own.map(|site| (counts[0], site)).into_iter().collect();
        for ((_, hosts), &count) in self.shared.iter().zip(&counts[1..]) {
            parts.push((count, hosts.draw(rng)));
        }
        parts.retain(|part| part.0 > 0);
        parts
    }
}

/// Logistic growth of a population's share of new documents.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Adoption {
    pub(crate) ceiling: f64,
    pub(crate) midpoint: VirtualTime,
    pub(crate) scale: VirtualDuration,
    /// Documents of people over what the population would publish if it always did.
    pub(crate) people: f64,
}

impl Adoption {
    /// Of all new documents, the share that is the population's.
    fn share(&self, time: VirtualTime) -> f64 {
        let elapsed = time.days() - self.midpoint.days();
        self.ceiling / (1.0 + libm::exp(-elapsed / self.scale.days()))
    }

    /// The probability that a model publishes when it could, so that its population has its share s of all new documents:
    /// s / (1 - s) times what people write.
    pub(crate) fn probability(&self, time: VirtualTime) -> f64 {
        let share = self.share(time);
        (self.people * share / (1.0 - share)).min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use types::random::{Purpose, Seed};

    use super::*;

    #[test]
    fn documents_go_where_shares_say() {
        let hosts = |first| Hosts {
            first: SiteId(first),
            popularity: Cumulative::new([3.0, 1.0]).unwrap(),
        };
        let homes = Homes {
            own: Some(SiteId(10)),
            shared: vec![(0.3, hosts(100)), (0.2, hosts(200))],
        };
        let (mut counts, n) = (std::collections::BTreeMap::new(), 20_000);
        for event in 0..n {
            let mut rng = Seed(1).key(0, Purpose::Sample).stream(0, event);
            for (count, site) in homes.divide(5, 1, &mut rng) {
                *counts.entry(site.0).or_insert(0) += count;
            }
        }
        for (site, p) in [
            (15, 0.5),
            (100, 0.225),
            (101, 0.075),
            (200, 0.15),
            (201, 0.05),
        ] {
            let (share, error) = (
                f64::from(counts[&site]) / f64::from(n),
                f64::sqrt(p * (1.0 - p) / f64::from(n)),
            );
            assert!(
                (share - p).abs() < 5.0 * error,
                "site {site}: {share}, not {p}"
            );
        }
        assert_eq!(counts.values().sum::<u32>(), n);
    }

    #[test]
    fn the_share_grows_to_its_ceiling() {
        let day = |days| VirtualTime::START + VirtualDuration::from_days(days);
        let adoption = Adoption {
            ceiling: 0.52,
            midpoint: day(100.0),
            scale: VirtualDuration::from_days(20.0),
            people: 0.5,
        };
        for (time, share) in [
            (day(0.0), 0.52 / (1.0 + 5_f64.exp())),
            (day(100.0), 0.26),
            (day(1e4), 0.52),
        ] {
            let p = adoption.probability(time);
            assert!((p / (p + 0.5) - share).abs() < 1e-12, "{p}");
        }
    }
}
