//! When crawls are made.

use super::*;

/// The instants, in days, of the crawls of so many crawlers in so many days.
fn instants(schedule: Schedule, crawlers: u32, until: f64) -> Vec<Vec<f64>> {
    let of = |number| {
        let place = (key(Purpose::Fetch), number);
        let (mut time, mut all) = (schedule.first(place), Vec::new());
        while time <= days(until) {
            all.push(time.days());
            time = time + schedule.interval(place, all.len() as u32);
        }
        all
    };
    (0..crawlers).map(of).collect()
}

fn schedule(clock: CrawlClock, anywhere: bool) -> Schedule {
    let every = VirtualDuration::from_days(10.0);
    Schedule {
        every,
        clock,
        anywhere,
    }
}

#[test]
fn regular_crawls_come_at_whole_multiples() {
    let all = instants(schedule(CrawlClock::Periodic, false), 2, 35.0);
    assert_eq!(all, [[10.0, 20.0, 30.0], [10.0, 20.0, 30.0]]);
    let apart = instants(schedule(CrawlClock::Periodic, true), 2, 100.0);
    assert!(apart[0][0] < 10.0 && apart[1][0] < 10.0 && apart[0][0] != apart[1][0]);
    assert!((apart[0][5] - apart[0][4] - 10.0).abs() < 1e-9);
}

/// A renewal process comes every mean interval, whatever its law (Feller 1971).
#[test]
fn random_crawls_come_as_often_as_their_law_says() {
    let per_crawler = |clock, anywhere| {
        let all = instants(schedule(clock, anywhere), 2000, 500.0);
        all.iter().map(Vec::len).sum::<usize>() as f64 / 2000.0
    };
    assert!(
        (per_crawler(CrawlClock::Poisson, true) - 50.0).abs() < 5.0 * (50.0_f64 / 2000.0).sqrt()
    );
    let mean = 10.0 * (0.5_f64 * 0.25).exp();
    assert!((per_crawler(CrawlClock::LogNormal(0.5), true) - 500.0 / mean).abs() < 0.6);
}
