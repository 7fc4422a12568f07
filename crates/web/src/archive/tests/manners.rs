//! What crawlers know of and whom they ask first.

use super::*;

/// Crawls of everything, one after the other: how many captures each has.
fn captures(class: SiteClass, rules: CrawlerRules, (every, crawls): (f64, u32)) -> Vec<usize> {
    let (mut log, mut index) = web(class, rules, every);
    index
        .refresh(&mut log, days(every * f64::from(crawls)))
        .unwrap();
    let snapshots = index.archives()[0].snapshots().iter();
    snapshots.map(|snapshot| snapshot.captures.len()).collect()
}

/// Pages that change all the time, so that whatever is fetched is captured.
fn restless() -> SiteClass {
    SiteClass {
        changes: vec![(1.0, 100.0)],
        ..class()
    }
}

#[test]
fn links_lead_from_home_pages_to_others_hop_by_hop() {
    let by_links = |hops| {
        let discovery = Discovery::Links { hops, listed: 5 };
        captures(
            restless(),
            CrawlerRules {
                discovery,
                ..rules()
            },
            (2.0, 30),
        )
    };
    // The newest five pages of each host, and nothing else.
    assert_eq!(by_links(1), [5 * HOSTS as usize; 30]);
    let (two, six) = (by_links(2), by_links(6));
    assert_eq!(two[0], 5 * HOSTS as usize);
    assert!(
        two[1] > two[0] && two[2..].iter().all(|&count| count == two[1]),
        "{two:?}"
    );
    assert!(six[2] > two[2] && six.is_sorted(), "{six:?}");
    // Nothing links to the others: with links that copy, they are more than a half.
    assert!((six[29] as u64) < all() && six[29] > two[29]);
    let everything = captures(restless(), rules(), (2.0, 2));
    assert_eq!(everything, [all() as usize; 2]);
}

#[test]
fn hosts_that_do_not_answer_for_robots_txt_are_left_alone_for_a_while() {
    let silent = |every, crawls, share| {
        let rules = CrawlerRules {
            robots_failed: share,
            ..rules()
        };
        let captures = captures(restless(), rules, (every, crawls));
        captures
            .iter()
            .map(|&count| count as f64 / f64::from(PAGES * HOSTS))
            .collect::<Vec<f64>>()
    };
    // A copy serves when a host does not answer again: a host is left alone as long as it never answered.
    let share = |share: f64, expected: f64| {
        let error = (expected * (1.0 - expected) / f64::from(HOSTS)).sqrt();
        assert!(
            (share - expected).abs() <= 5.0 * error + 1e-9,
            "{share}, not {expected}"
        );
    };
    let shares = silent(10.0, 3, 0.5);
    for (crawl, failures) in [(0, 1), (1, 2), (2, 3)] {
        share(shares[crawl], 1.0 - 0.5_f64.powi(failures));
    }
    // After thirty days it counts as a host without rules.
    let shares = silent(16.0, 3, 1.0);
    assert_eq!(shares, [0.0, 0.0, 1.0]);
}

#[test]
fn a_copy_of_robots_txt_holds_until_the_next_one() {
    let closing = SiteClass {
        opt_out: OptOut {
            base: 1.0,
            top: 1.0,
            from: days(15.0),
            ramp: VirtualDuration(0),
        },
        ..restless()
    };
    let failing = |robots_failed| CrawlerRules {
        robots_failed,
        ..rules()
    };
    let sure = captures(closing.clone(), failing(0.0), (10.0, 3));
    let unsure = captures(closing, failing(0.3), (10.0, 3));
    assert_eq!(sure, [all() as usize, 0, 0]);
    assert!(unsure[0] < sure[0], "some have never answered");
    assert!(unsure[1] > 0, "old copies still allow it");
    assert!(unsure[2] < unsure[1], "and are replaced");
}

#[test]
fn a_host_gives_what_delay_latency_and_burst_leave_time_for() {
    let per_host = |delay, latency, burst| {
        let rules = CrawlerRules {
            duration: VirtualDuration::from_days(100.0 / 86_400.0),
            latency,
            burst,
            ..rules()
        };
        let class = SiteClass {
            crawl_delay: delay,
            ..restless()
        };
        captures(class, rules, (1.5, 1))[0] / HOSTS as usize
    };
    assert_eq!(per_host(0.0, 0.0, 0), 50);
    assert_eq!(per_host(10.0, 0.0, 0), 10);
    assert_eq!(per_host(10.0, 0.0, 7), 17);
    assert_eq!(per_host(10.0, 20.0, 7), 5);
    assert_eq!(per_host(0.0, 20.0, 7), 5);
}
