use std::sync::Arc;

use types::content::Content;
use types::document::{Lineage, ModelId, Publication};
use types::random::{Purpose, Seed};
use types::time::VirtualDuration;

use super::*;
use crate::batch::Batch;
use crate::log::LogConfig;
use crate::robots::Robots;
use crate::site::{GeographyKeys, Lifetime, OptOut, SiteClass};
use crate::storage::MemoryStorage;

fn day(days: u64) -> VirtualTime {
    VirtualTime(days * 86_400_000_000)
}

fn class(hosts: u32) -> SiteClass {
    SiteClass {
        hosts,
        popularity: 1.0,
        exponent: 0.0,
        opt_out: OptOut::NEVER,
        lifetime: None,
        page_lifetime: None,
        changes: vec![(1.0, 0.1)],
        crawl_delay: 2.5,
    }
}

/// A web of three hosts: two of people, the second of which keeps crawlers out from day 20, and a model's. Each publishes a document a
/// day for thirty days.
fn gateway(change: impl FnOnce(&mut [SiteClass; 2])) -> Gateway {
    let keys = GeographyKeys {
        site: Seed(7).key(0, Purpose::Site),
        page: Seed(7).key(0, Purpose::Page),
    };
    let mut classes = [class(2), class(1)];
    change(&mut classes);
    let geography = Geography::new(classes.into(), keys);
    let kind = types::content::ContentKind::Text;
    let config = LogConfig {
        kind,
        memory_bytes_max: 1 << 20,
        keep_all: true,
        prefix: String::new(),
    };
    let mut log = Log::new(config, Arc::new(MemoryStorage::default()));
    for time in 1..=30 {
        let mut batch = Batch::empty(kind);
        for site in 0..3 {
            batch.publish(Publication {
                author: (site == 2).then_some(ModelId(0)),
                models: 1,
                generation: 0,
                time: day(time),
                lineage: Lineage::REAL,
                documents: 1,
                site: Some(SiteId(site)),
            });
            let text = format!("Day {time} & <b>site</b> {site}\n\nA second paragraph");
            batch.content.extend(&Content::from_texts([text]), 0..1);
        }
        log.append(vec![batch]).unwrap();
    }
    let names = ["Good People".to_owned(), "models".to_owned()];
    Gateway::new(Arc::new(geography), &names, log, Epoch(1_735_689_600))
}

fn ask(gateway: &Gateway, host: &str, path: &str, time: VirtualTime) -> (u16, String) {
    let question = Question {
        host,
        port: Some(8080),
        path,
        time,
    };
    let answer = gateway.answer(&question).unwrap();
    (answer.status, String::from_utf8(answer.body).unwrap())
}

#[test]
fn hosts_have_names() {
    let gateway = gateway(|_| ());
    let names = gateway.names();
    for (site, name) in [
        (0, "good-people-1.localhost"),
        (1, "good-people-2.localhost"),
        (2, "models-1.localhost"),
    ] {
        assert_eq!(names.of(SiteId(site)), name);
        assert_eq!(names.site(&name.to_uppercase()), Some(SiteId(site)));
    }
    for name in [
        "good-people-3.localhost",
        "good-people-01.localhost",
        "good-people-0.localhost",
        "models-2.localhost",
        "localhost",
        "models-1.example",
        "models-99999999999.localhost",
        "",
    ] {
        assert_eq!(names.site(name), None, "{name}");
    }
}

#[test]
fn pages_say_what_documents_say_and_link_to_older_ones() {
    let gateway = gateway(|_| ());
    let (status, body) = ask(&gateway, "good-people-1.localhost", "/page/60", day(40));
    assert_eq!(status, 200);
    assert!(
        body.contains("<p>Day 21 &amp; &lt;b&gt;site&lt;/b&gt; 0</p>\n<p>A second paragraph</p>")
    );
    let links = body.matches("localhost:8080/page/").count();
    assert_eq!(links, 5);
    for (host, path, time) in [
        ("good-people-2.localhost", "/page/60", day(40)),
        ("good-people-1.localhost", "/page/60", day(20)),
        ("good-people-1.localhost", "/page/060", day(40)),
        ("good-people-1.localhost", "/page/90", day(40)),
        (
            "good-people-1.localhost",
            "/page/99999999999999999999",
            day(40),
        ),
        ("good-people-1.localhost", "/elsewhere", day(40)),
        ("good-people-1.localhost", "/pages/0", day(40)),
        ("good-people-1.localhost", "/sitemap-1.xml", day(40)),
    ] {
        assert_eq!(ask(&gateway, host, path, time).0, 404, "{host}{path}");
    }
}

#[test]
fn changes_are_seen() {
    let gateway = gateway(|_| ());
    let at = |time| {
        let question = Question {
            host: "models-1.localhost",
            port: None,
            path: "/page/2",
            time,
        };
        gateway.answer(&question).unwrap()
    };
    let (mut modified, mut changes) = (day(1), 0);
    for time in 1..200 {
        let answer = at(day(time));
        let newer = answer.modified.unwrap();
        assert!(newer >= modified && newer <= day(time));
        changes += u32::from(newer > modified);
        modified = newer;
    }
    assert!((5..40).contains(&changes), "{changes} changes");
}

#[test]
fn robots_and_sitemaps_agree_with_the_web() {
    let opt_out = OptOut {
        base: 1.0,
        top: 1.0,
        from: day(20),
        ramp: VirtualDuration(0),
    };
    let gateway = gateway(|classes| classes[1].opt_out = opt_out);
    for (time, allowed) in [(day(19), true), (day(20), false)] {
        let (_, robots) = ask(&gateway, "models-1.localhost", "/robots.txt", time);
        let robots = Robots::parse(robots.as_bytes());
        assert_eq!(robots.allows("anyone", "/page/2"), allowed);
        assert_eq!(robots.crawl_delay("anyone"), Some(2.5));
        assert_eq!(
            robots.sitemaps(),
            ["http://models-1.localhost:8080/sitemap.xml"]
        );
    }
    let (_, index) = ask(&gateway, "models-1.localhost", "/sitemap.xml", day(10));
    assert!(index.contains("<loc>http://models-1.localhost:8080/sitemap-0.xml</loc>"));
    let (_, sitemap) = ask(&gateway, "models-1.localhost", "/sitemap-0.xml", day(10));
    assert_eq!(sitemap.matches("<loc>").count(), 10);
    assert!(sitemap.contains("<loc>http://models-1.localhost:8080/page/2</loc><lastmod>2025-01-"));
    let (_, home) = ask(&gateway, "models-1.localhost", "/", day(10));
    assert_eq!(home.matches("href=\"/page/").count(), 10);
}

#[test]
fn what_has_died_is_gone() {
    let short = Some(Lifetime {
        shape: 1.0,
        scale_days: 5.0,
    });
    let gateway = gateway(|classes| {
        classes[0].page_lifetime = short;
        classes[1].lifetime = short;
    });
    let all = (0..30).map(|time| format!("/page/{}", 3 * time));
    let statuses: Vec<u16> = all
        .map(|path| ask(&gateway, "good-people-1.localhost", &path, day(31)).0)
        .collect();
    let alive = statuses.iter().filter(|&&status| status == 200).count();
    assert!(statuses.contains(&410) && alive > 0);
    let (_, sitemap) = ask(
        &gateway,
        "good-people-1.localhost",
        "/sitemap-0.xml",
        day(31),
    );
    assert_eq!(sitemap.matches("<loc>").count(), alive);
    let dies = gateway.geography().site(SiteId(2)).dies;
    assert_eq!(
        ask(&gateway, "models-1.localhost", "/robots.txt", dies).0,
        410
    );
}

#[test]
fn other_hosts_list_all_hosts() {
    let gateway = gateway(|_| ());
    let (status, body) = ask(&gateway, "127.0.0.1", "/", day(1));
    assert_eq!(
        (status, body.matches(".localhost:8080/\"").count()),
        (200, 3)
    );
    assert_eq!(ask(&gateway, "127.0.0.1", "/hosts/2", day(1)).0, 404);
    assert_eq!(ask(&gateway, "127.0.0.1", "/robots.txt", day(1)).0, 404);
}
