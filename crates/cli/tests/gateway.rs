//! `echosphere gateway`: real crawlers walk the web of a run.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/program.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod program;
#[path = "common/python.rs"]
mod python;
#[path = "common/running.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod running;
#[path = "common/served.rs"]
mod served;
#[path = "common/town.rs"]
mod town;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use program::echosphere;
use python::{python, script};
use running::{Running, checkpoints};
use serde_json::Value;
use served::Served;
use town::{addresses, built, exported, planned};

/// Addresses of pages that were asked for with this status.
fn pages(visits: &[Value], status: u16) -> BTreeSet<String> {
    let of = |visit: &&Value| {
        let path = visit["path"].as_str().unwrap();
        path.starts_with("/page/") && visit["status"] == status
    };
    let address = |visit: &Value| {
        let word = |key: &str| visit[key].as_str().unwrap().to_owned();
        word("host") + &word("path")
    };
    visits.iter().filter(of).map(address).collect()
}

/// All pages that a crawler may fetch: those that are alive and not of the press, which disallows it.
fn allowed(folder: &Path) -> BTreeSet<String> {
    let mut all = addresses(&exported(folder, &[]));
    let before = all.len();
    all.retain(|address| !address.starts_with("press-"));
    assert!(
        all.len() > 30 && all.len() < before,
        "{} of {before}",
        all.len()
    );
    all
}

/// Nobody asked the press for anything but its rules.
fn assert_obedient(visits: &[Value]) {
    let press = visits
        .iter()
        .filter(|visit| visit["host"].as_str().unwrap().starts_with("press-"));
    let paths: BTreeSet<&str> = press.map(|visit| visit["path"].as_str().unwrap()).collect();
    assert_eq!(paths, BTreeSet::from(["/robots.txt"]));
}

fn statuses(visits: &[Value]) -> BTreeSet<u64> {
    visits
        .iter()
        .map(|visit| visit["status"].as_u64().unwrap())
        .collect()
}

#[track_caller]
fn runs(command: &mut Command, codes: &[i32]) {
    let output = command.output().unwrap();
    let code = output.status.code().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        codes.contains(&code),
        "{command:?} ended with {code}: {said}"
    );
}

#[test]
fn scrapy_fetches_exactly_what_it_may_and_asks_again_with_validators() {
    let folder = built();
    let allowed = allowed(folder.path());
    let served = Served::start(folder.path(), &[]);
    let crawl = || {
        let mut command = python();
        command.arg(script("tests/python/crawl.py"));
        command
            .args(["http://gateway.localhost/", "0.1"])
            .arg(folder.path().join("cache"));
        command.env("http_proxy", format!("http://{}", served.address));
        runs(&mut command, &[0]);
    };
    crawl();
    let first = served.visits();
    assert_eq!(pages(&first, 200), allowed);
    assert_obedient(&first);
    // It kept to the delay, so that nobody had to tell it; the rest are pages that have died, and rules that the list of hosts lacks.
    assert_eq!(statuses(&first), BTreeSet::from([200, 404, 410]));
    crawl();
    let second = &served.visits()[first.len()..];
    assert_eq!(pages(second, 304), allowed);
    assert_eq!(pages(second, 200), BTreeSet::new());
    assert_obedient(second);
}

#[test]
fn wget_mirrors_it_waits_when_told_to_and_asks_again_with_dates() {
    let folder = built();
    let allowed = allowed(folder.path());
    let served = Served::start(folder.path(), &["--burst", "8"]);
    let mirror = || {
        let mut command = Command::new("wget");
        command
            .current_dir(folder.path())
            .env("http_proxy", format!("http://{}", served.address));
        command.args([
            "--mirror",
            "--no-verbose",
            "--span-hosts",
            "--domains=localhost",
        ]);
        // It knows no delay of robots.txt, but waits when it is told to.
        command.args(["--retry-on-http-error=429", "--waitretry=1", "--tries=30"]);
        command.args(["--directory-prefix=mirror", "http://gateway.localhost/"]);
        // 8: some pages are gone. It does not look for links to them in what it has already.
        runs(&mut command, &[0, 8]);
    };
    mirror();
    let first = served.visits();
    assert_eq!(pages(&first, 200), allowed);
    assert_obedient(&first);
    assert!(statuses(&first).contains(&429), "it was never too fast");
    for address in &allowed {
        assert!(
            folder.path().join("mirror").join(address).is_file(),
            "{address}"
        );
    }
    mirror();
    let second = &served.visits()[first.len()..];
    assert_eq!(pages(second, 304), allowed);
    assert_eq!(pages(second, 200), BTreeSet::new());
}

#[test]
fn it_speaks_http() {
    let folder = built();
    let served = Served::start(folder.path(), &["--burst", "3"]);
    let (head, robots) = served.get("people-1", "/robots.txt", "");
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    let robots = String::from_utf8(robots).unwrap();
    assert!(robots.contains("Crawl-delay: 0.1\n"), "{robots}");
    assert!(
        robots.contains("Sitemap: http://people-1.localhost/sitemap.xml\n"),
        "{robots}"
    );
    let (_, press) = served.get("press-1", "/robots.txt", "");
    assert!(String::from_utf8(press).unwrap().contains("Disallow: /\n"));
    // As a proxy gets it.
    let (head, _) =
        served.ask("GET http://bots-1.localhost/sitemap-0.xml HTTP/1.1\r\nHost: elsewhere");
    assert!(head.contains("content-type: application/xml\r\n"), "{head}");
    let (plain, body) = served.get("bots-1", "/", "");
    let (packed, shorter) = served.get("bots-1", "/", "\r\nAccept-Encoding: gzip");
    assert!(packed.contains("content-encoding: gzip\r\n") && shorter.starts_with(&[0x1f, 0x8b]));
    assert!(shorter.len() < body.len() && !plain.contains("content-encoding"));
    let (head, body) = served.ask("HEAD / HTTP/1.1\r\nHost: bots-1.localhost");
    assert!(
        head.starts_with("HTTP/1.1 200 OK") && body.is_empty(),
        "{head}"
    );
    let (head, _) = served.ask("POST / HTTP/1.1\r\nHost: bots-1.localhost\r\nContent-Length: 0");
    assert!(
        head.starts_with("HTTP/1.1 405") && head.contains("allow: GET, HEAD"),
        "{head}"
    );
    // The delay of people's hosts, after three at once.
    for _ in 0..3 {
        let (head, _) = served.get("people-2", "/", "");
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    }
    let (last, _) = served.get("people-2", "/", "");
    assert!(
        last.starts_with("HTTP/1.1 429") && last.contains("retry-after: 1\r\n"),
        "{last}"
    );
}

#[test]
fn time_can_pass() {
    let folder = built();
    let served = Served::start(folder.path(), &["--speed", "20", "--at", "0"]);
    let robots = |time: &str| {
        let (head, _) = served.get("bots-1", "/", "");
        let date = head
            .lines()
            .find_map(|line| line.strip_prefix("date: "))
            .unwrap()
            .to_owned();
        date.contains(time)
    };
    // Twenty days from the first of January on, in a second.
    for _ in 0..600 {
        if robots("21 Jan 2025 00:00:00 GMT") {
            return;
        }
    }
    let mut polls = 0;
    while !robots("21 Jan 2025 00:00:00 GMT") {
        polls += 1;
        assert!(polls < 100_000, "time does not pass");
    }
}

#[test]
fn a_run_on_its_way_is_served_as_of_its_newest_checkpoint() {
    let folder = planned();
    let run = folder.path().join("town");
    let arguments = [
        "run",
        "town.toml",
        "--out",
        "town",
        "-q",
        "--checkpoint-every",
        "1",
    ];
    let longer = ["--set", "horizon.days=20000"];
    let mut running = Running::start(folder.path(), [&arguments[..], &longer[..]].concat());
    running.wait_until(|| checkpoints(&run).last() >= Some(&20));
    let served = Served::start(folder.path(), &[]);
    let known = || {
        let (_, sitemap) = served.get("bots-1", "/sitemap-0.xml", "");
        String::from_utf8(sitemap).unwrap().matches("<loc>").count()
    };
    let before = known();
    assert!(before > 0);
    running.wait_until(|| known() > before);
    running.0.kill().unwrap();
    running.0.wait().unwrap();
}

#[test]
fn what_cannot_be_served_is_said() {
    let folder = planned();
    let refused = |arguments: &[&str], why: &str| {
        let answer = echosphere(folder.path(), arguments);
        assert_eq!(answer.code, Some(2), "{}", answer.err);
        assert!(answer.err.contains(why), "{}", answer.err);
    };
    refused(&["gateway", "nowhere"], "nowhere is not a run folder");
    echosphere(folder.path(), ["run", "town.toml", "--out", "town", "-q"]).ok();
    refused(
        &["gateway", "town"],
        "run the scenario again with --keep-documents",
    );
    refused(
        &["gateway", "town", "--replicate", "1"],
        "--replicate 1: the run in town has replicates 0 to 0",
    );
    refused(
        &["gateway", "town", "--listen", "0.0.0.0:80"],
        "only an address of this machine alone",
    );
    refused(
        &["gateway", "town", "--epoch", "2025-02-30"],
        "such as 2025-01-01",
    );
    let plain = [
        "run",
        "collapse",
        "--out",
        "plain",
        "-q",
        "--keep-documents",
    ];
    let small = ["--replicates", "1", "--set", "horizon.generations=2"];
    echosphere(folder.path(), [plain.as_slice(), &small].concat()).ok();
    refused(&["gateway", "plain"], "live on no sites");
    std::fs::write(folder.path().join("town/documents.parquet"), b"PAR1").unwrap();
    refused(&["gateway", "town"], "documents.parquet cannot be read");
    let other = folder.path().join("plain/documents.parquet");
    std::fs::copy(other, folder.path().join("town/documents.parquet")).unwrap();
    refused(&["gateway", "town"], "it is of another scenario");
}
