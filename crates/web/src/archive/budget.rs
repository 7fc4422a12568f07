//! How a crawl's fetches are divided among hosts.

use types::document::SiteId;

/// A host that may be fetched from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Host {
    pub(super) site: SiteId,
    /// Fetches are in proportion to this,
    pub(super) weight: f64,
    /// but never more than this.
    pub(super) cap: u32,
}

/// Divides a budget in proportion to weights under caps: who would get more than the cap gets the cap, and what is left is
/// divided among the others, until nobody is above (water-filling). Whole numbers come from rounding the running total.
pub(super) fn allocate(hosts: &[Host], budget: u64) -> Vec<(SiteId, u32)> {
    let level = level(hosts, budget as f64);
    let (mut exact, mut given) = (0.0, 0);
    let mut shares = Vec::with_capacity(hosts.len());
    for host in hosts {
        exact += (host.weight * level).min(f64::from(host.cap));
        let until = libm::floor(exact + 0.5) as u64;
        let share = (until - given).min(u64::from(host.cap)) as u32;
        given += u64::from(share);
        if share > 0 {
            shares.push((host.site, share));
        }
    }
    shares
}

/// Fetches for each unit of weight where the cap is not reached; infinite if everybody may have the cap.
fn level(hosts: &[Host], budget: f64) -> f64 {
    let mut order: Vec<&Host> = hosts.iter().filter(|host| host.weight > 0.0).collect();
    let reached = |host: &Host| f64::from(host.cap) / host.weight;
    order.sort_by(|a, b| reached(a).total_cmp(&reached(b)));
    let mut weight: f64 = order.iter().map(|host| host.weight).sum();
    let mut left = budget;
    for host in order {
        let level = left / weight;
        if level <= reached(host) {
            return level;
        }
        left -= f64::from(host.cap);
        weight -= host.weight;
    }
    f64::INFINITY
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn nobody_gets_more_than_the_cap_and_all_is_spent(
            hosts in proptest::collection::vec((0.001..100.0_f64, 0..1000_u32), 1..50),
            budget in 0..20_000_u64,
        ) {
            let host = |(number, &(weight, cap)): (usize, &(f64, u32))| Host { site: SiteId(number as u32), weight, cap };
            let hosts: Vec<Host> = hosts.iter().enumerate().map(host).collect();
            let shares = allocate(&hosts, budget);
            let spent: u64 = shares.iter().map(|share| u64::from(share.1)).sum();
            let caps: u64 = hosts.iter().map(|host| u64::from(host.cap)).sum();
            prop_assert!(spent.abs_diff(budget.min(caps)) <= 1);
            let level = level(&hosts, budget as f64);
            for (site, share) in shares {
                let host = hosts[site.0 as usize];
                prop_assert!(share <= host.cap);
                let exact = (host.weight * level).min(f64::from(host.cap));
                prop_assert!((f64::from(share) - exact).abs() <= 1.0 + 1e-6);
            }
        }
    }
}
