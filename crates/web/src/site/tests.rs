use proptest::prelude::*;
use types::random::{Purpose, Seed};

use super::*;

const YEAR: f64 = 365.25;

fn keys(seed: u64) -> GeographyKeys {
    GeographyKeys {
        site: Seed(seed).key(0, Purpose::Site),
        page: Seed(seed).key(0, Purpose::Page),
    }
}

fn class(hosts: u32) -> SiteClass {
    SiteClass {
        hosts,
        popularity: 1.0,
        exponent: 0.0,
        opt_out: OptOut::NEVER,
        lifetime: None,
        page_lifetime: None,
        changes: Vec::new(),
        crawl_delay: 0.0,
    }
}

fn days(days: f64) -> VirtualTime {
    VirtualTime::START + VirtualDuration::from_days(days)
}

/// A share of `n` that is expected to be `p`, within five standard errors.
fn assert_share(count: usize, n: usize, p: f64) {
    let (share, error) = (count as f64 / n as f64, (p * (1.0 - p) / n as f64).sqrt());
    assert!((share - p).abs() <= 5.0 * error, "{share}, not {p}");
}

#[test]
fn pages_die_as_weibull_says() {
    let law = Lifetime {
        shape: 0.76,
        scale_days: 26.5 * YEAR,
    };
    let page_lifetime = Some(law);
    let web = Geography::new(
        vec![SiteClass {
            page_lifetime,
            ..class(1)
        }],
        keys(3),
    );
    let n = 40_000;
    let dies = |page| web.page_dies(Sequence(page), SiteId(0), days(100.0));
    for years in [1.0, 10.0] {
        let alive = (0..n).filter(|&page| dies(page) > days(100.0 + years * YEAR));
        assert_share(alive.count(), n as usize, law.survival(years * YEAR));
    }
}

#[test]
fn hosts_take_their_pages_with_them() {
    let lifetime = Some(Lifetime {
        shape: 1.0,
        scale_days: 10.0,
    });
    let web = Geography::new(
        vec![SiteClass {
            lifetime,
            ..class(1000)
        }],
        keys(4),
    );
    for (site, host) in web.sites().iter().enumerate() {
        let dies = web.page_dies(Sequence(9), SiteId(site as u32), days(1.0));
        assert_eq!(dies, host.dies);
    }
    let dead = web.sites().iter().filter(|site| site.dies < days(10.0));
    assert_share(dead.count(), 1000, 1.0 - (-1_f64).exp());
}

#[test]
fn popularity_follows_zipf_and_keeps_its_mean() {
    let ranked = SiteClass {
        exponent: 1.0,
        popularity: 3.0,
        ..class(100)
    };
    let web = Geography::new(vec![class(5), ranked], keys(5));
    assert_eq!(web.sites().len(), 105);
    let of = |rank: u32| web.site(SiteId(4 + rank)).popularity;
    assert!((of(1) / of(10) - 10.0).abs() < 1e-12);
    let mean = (1..=100).map(of).sum::<f64>() / 100.0;
    assert!((mean - 3.0).abs() < 1e-12);
}

#[test]
fn the_best_opt_out_most_and_one_after_the_other() {
    let opt_out = OptOut {
        base: 0.05,
        top: 0.28,
        from: days(100.0),
        ramp: VirtualDuration::from_days(200.0),
    };
    let web = Geography::new(
        vec![SiteClass {
            opt_out,
            ..class(50_000)
        }],
        keys(6),
    );
    let shares = |top: bool, time: VirtualTime| {
        let kind: Vec<&Site> = web
            .sites()
            .iter()
            .filter(|site| (site.quality >= 0.9) == top)
            .collect();
        let out = kind
            .iter()
            .filter(|site| site.disallows_from.is_some_and(|since| since <= time));
        (out.count(), kind.len())
    };
    for (time, part) in [(99.0, 0.0), (200.0, 0.5), (301.0, 1.0)] {
        for (top, share) in [(false, 0.05), (true, 0.28)] {
            let (out, all) = shares(top, days(time));
            assert_share(out, all, share * part);
        }
    }
}

#[test]
fn changes_come_at_the_rate_of_the_kind() {
    let changes = vec![(0.5, 0.0), (0.5, 0.2)];
    let web = Geography::new(
        vec![SiteClass {
            changes,
            ..class(1)
        }],
        keys(7),
    );
    let n = 20_000_u64;
    let within =
        |page, from, to| web.first_change((Sequence(page), SiteId(0)), days(from), days(to));
    let changed = (0..n)
        .filter(|&page| within(page, 3.3, 10.3).is_some())
        .count();
    assert_share(changed, n as usize, 0.5 * (1.0 - (-0.2_f64 * 7.0).exp()));
}

proptest! {
    /// The changes are of one process: what lies between two questions is the same for all.
    #[test]
    fn all_questions_get_the_same_changes(seed: u64, rate in 0.01..5.0_f64, cuts in proptest::collection::vec(0.0..100.0_f64, 1..6)) {
        let web = Geography::new(vec![SiteClass { changes: vec![(1.0, rate)], ..class(1) }], keys(seed));
        let page = (Sequence(1), SiteId(0));
        let (mut all, mut after) = (Vec::new(), VirtualTime::START);
        while let Some(time) = web.first_change(page, after, days(100.0)) {
            all.push(time);
            after = time;
        }
        for cut in cuts {
            let cut = days(cut);
            let expected = all.iter().copied().find(|&time| time > cut);
            prop_assert_eq!(web.first_change(page, cut, days(100.0)), expected);
        }
    }
}
