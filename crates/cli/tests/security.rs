//! Who is let in, who is not, and that the latter harm nobody. Needs `nats-server`.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/authority.rs"]
mod authority;
#[path = "common/broker.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod broker;
#[path = "common/cases.rs"]
mod cases;
#[path = "common/fortress.rs"]
mod fortress;
#[path = "common/nodes.rs"]
#[expect(dead_code, reason = "other tests disturb nodes")]
mod nodes;
#[path = "common/program.rs"]
mod program;
#[path = "common/refusal.rs"]
#[expect(dead_code, reason = "other tests check whole command lines")]
mod refusal;
#[path = "common/running.rs"]
mod running;
#[path = "common/trial.rs"]
#[expect(dead_code, reason = "other tests stop runs")]
mod trial;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use authority::{Authority, Papers, private};
use broker::free_port;
use cases::{Case, small};
use fortress::{Fortress, TOKEN};
use program::{command, echosphere, manifest};
use refusal::check;
use running::Running;
use tempfile::tempdir;

fn case() -> Case {
    small("g1").with("horizon.generations=60")
}

/// A broker with TLS of both sides and a token, ended when dropped.
struct Vault(Running, u16);

impl Vault {
    fn start(folder: &Path, papers: &Papers) -> Self {
        let port = free_port();
        let shown =
            |file: &Option<std::path::PathBuf>| file.as_ref().unwrap().display().to_string();
        let text = format!(
            "listen: 127.0.0.1:{port}\njetstream {{ store_dir: {:?} }}\nauthorization {{ token: \"{TOKEN}-nats\" }}\n\
             tls {{ cert_file: {:?}, key_file: {:?}, ca_file: {:?}, verify: true }}\n",
            folder.join("vault").display().to_string(),
            shown(&papers.certificate),
            shown(&papers.key),
            shown(&papers.ca),
        );
        let file = private(&folder.join("vault.conf"), &text);
        let mut server = std::process::Command::new("nats-server");
        server
            .arg("--config")
            .arg(file)
            .stderr(std::process::Stdio::null());
        let server = server
            .spawn()
            .expect("these tests need nats-server: `cargo xtask test` installs it");
        let mut vault = Self(Running(server), port);
        vault
            .0
            .wait_until(|| std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
        vault
    }
}

impl Drop for Vault {
    fn drop(&mut self) {
        drop(self.0.0.kill());
        drop(self.0.0.wait());
    }
}

#[test]
fn secured_connections_give_the_same_bits_and_hide_every_secret() {
    let folder = tempdir().unwrap();
    let plain = case().run(folder.path(), "plain", &[]);
    let authority = Authority::new(folder.path(), "home");
    let token = private(&folder.path().join("token"), TOKEN);
    let mut papers = authority
        .issue("all", &["127.0.0.1", "localhost"], 2100)
        .with_token(&token);
    papers.nats_token = Some(private(
        &folder.path().join("nats"),
        &format!("{TOKEN}-nats\n"),
    ));
    let vault = Vault::start(folder.path(), &papers);
    let flags = papers.flags();
    let run = |out: &str, url: String, flags: &[String]| {
        let case = case();
        let mut more = vec!["--nodes", "2", "--nats", &url];
        more.extend(flags.iter().map(String::as_str));
        let mut program = command(folder.path(), case.arguments(out, &more));
        let output = program.env("RUST_LOG", "debug").output().unwrap();
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    let url = |scheme: &str| format!("{scheme}://127.0.0.1:{}", vault.1);
    let (code, said) = run("sealed", url("tls"), &flags);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        cases::result(&folder.path().join("sealed")) == plain,
        "{said}"
    );
    assert!(said.contains("https://127.0.0.1"), "{said}");
    let manifest = manifest(&folder.path().join("sealed")).to_string();
    assert!(!said.contains(TOKEN) && !manifest.contains(TOKEN), "{said}");
    let (code, said) = run("keyless", url("tls"), &flags[..8]);
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("--nats-token-file") && !said.contains(TOKEN),
        "{said}"
    );
    let (code, said) = run("nameless", url("tls"), &[&flags[..2], &flags[8..]].concat());
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("NATS server"), "{said}");
}

/// What the coordinator notes of them.
const NOTED: [&str; 7] = [
    "a connection from 127.0.0.1:",
    "certificate is not signed by an authority in --ca",
    "does not speak TLS",
    "a request from 127.0.0.1:",
    "no token was shown",
    "the token is wrong",
    "for the scenario 0000",
];

/// Who calls a coordinator with something missing or wrong is told what; the run goes on as if nobody had called.
#[test]
fn strangers_are_refused_and_the_run_gives_the_same_bits() {
    let fortress = Fortress::new(&case());
    let stranger = |papers: &Papers, said: &[&str]| {
        check(&fortress.stranger(&fortress.url(), papers, &[]), said);
        check(&fortress.status(papers), said);
    };
    let good = fortress.good.clone();
    stranger(
        &Papers {
            token: None,
            ..good.clone()
        },
        &["no token", "--token-file"],
    );
    let wrong = private(&fortress.file("wrong"), "not-the-token-of-this-run");
    stranger(
        &good.clone().with_token(&wrong),
        &["token is wrong", "--token-file"],
    );
    let bare = Papers {
        certificate: None,
        key: None,
        ..good.clone()
    };
    stranger(&bare, &["--certificate"]);
    let foreign = Authority::new(fortress.path(), "foreign");
    let foreign = foreign
        .issue("stranger", &["node"], 2100)
        .with_token(good.token.as_ref().unwrap());
    stranger(
        &foreign,
        &["certificate is not signed by an authority in --ca"],
    );
    let unknown = Papers {
        ca: good.ca.clone(),
        ..foreign
    };
    stranger(
        &unknown,
        &["refuses the certificate given here", "--ca has signed it"],
    );
    let expired = fortress.authority.issue("expired", &["node"], 2021);
    stranger(
        &expired.with_token(good.token.as_ref().unwrap()),
        &["expired.pem expired on 2021-01-01"],
    );
    let plain = format!("http://{}", fortress.address());
    check(
        &fortress.stranger(&plain, &Papers::default(), &[]),
        &["https://"],
    );
    let other_name = fortress.url().replace("127.0.0.1", "127.0.0.2");
    check(&fortress.stranger(&other_name, &good, &[]), &["127.0.0.2"]);
    let pinned = fortress.stranger(&fortress.url(), &good, &["--scenario-hash", "0000"]);
    check(&pinned, &["refused", "scenario 0000", "--scenario-hash"]);
    let named = fortress.stranger(&fortress.url(), &good, &["--name", "a b"]);
    check(&named, &["a b", "1 to 64"]);
    let status = fortress.status(&good);
    assert_eq!(status.code, Some(0), "{}", status.err);
    let said = fortress.finish();
    for part in NOTED {
        assert!(said.contains(part), "`{part}` is missing in: {said}");
    }
}

#[test]
fn a_certificate_for_another_name_and_a_plain_coordinator_are_told_apart() {
    let folder = tempdir().unwrap();
    let authority = Authority::new(folder.path(), "home");
    let own = authority.issue("coordinator", &["elsewhere.example"], 2100);
    let flags = own.flags();
    let start = |address: &str, flags: &[String]| {
        let case = case();
        let mut more = vec!["--nodes", "1", "--listen", address];
        more.extend(flags.iter().map(String::as_str));
        let mut running = Running::start(
            folder.path(),
            case.arguments(&address.replace(':', "-"), &more),
        );
        running.wait_until(|| std::net::TcpStream::connect(address).is_ok());
        running
    };
    let status = |address: &str| {
        let arguments = ["status".to_owned(), format!("https://{address}")];
        echosphere(folder.path(), arguments.into_iter().chain(flags.clone()))
    };
    for (flags, said) in [
        (&flags[..], "is for elsewhere.example, not for 127.0.0.1"),
        (&[], "TLS"),
    ] {
        let address = format!("127.0.0.1:{}", free_port());
        let mut coordinator = start(&address, flags);
        check(&status(&address), &[said]);
        assert!(coordinator.0.try_wait().unwrap().is_none(), "it ended");
        // What it notes of a client may come after the client has gone.
        pause();
        coordinator.0.kill().unwrap();
        let answer = coordinator.finish();
        let noted = if flags.is_empty() {
            "it speaks TLS"
        } else {
            "refused"
        };
        assert!(answer.err.contains(noted), "{}", answer.err);
    }
}

/// A new certificate from a new authority serves from the next connection on; a session that is there goes on.
#[test]
fn certificates_and_tokens_are_read_again_when_they_change() {
    let mut fortress = Fortress::new(&case());
    let good = fortress.good.clone();
    fortress.add_node(&good);
    let next = Authority::new(fortress.path(), "next");
    let token = private(&fortress.file("next-token"), "the-token-after-the-first");
    let newcomer = next.issue("newcomer", &["node"], 2100).with_token(&token);
    check(&fortress.status(&newcomer), &["not signed by an authority"]);
    let own = fortress.own.clone();
    let both = [fortress.authority.ca(), next.ca()].map(|ca| std::fs::read_to_string(ca).unwrap());
    // What is broken leaves in use what was there.
    private(own.key.as_ref().unwrap(), "no key");
    pause();
    let answer = fortress.status(&good);
    assert_eq!(answer.code, Some(0), "{}", answer.err);
    next.renew(&own, &["127.0.0.1"], 2100);
    std::fs::write(own.ca.as_ref().unwrap(), both.concat()).unwrap();
    private(own.token.as_ref().unwrap(), "the-token-after-the-first");
    pause();
    let answer = fortress.status(&newcomer);
    assert_eq!(answer.code, Some(0), "{}", answer.err);
    fortress.add_node(&newcomer);
    let said = fortress.finish();
    assert!(said.contains("stays in use"), "{said}");
}

/// Longer than files are not looked at.
#[expect(
    clippy::disallowed_methods,
    reason = "files are looked at again after wall time"
)]
fn pause() {
    std::thread::sleep(std::time::Duration::from_millis(1200));
}

#[test]
fn other_machines_need_certificates_and_a_token() {
    let folder = tempdir().unwrap();
    let line = [
        "run",
        "collapse",
        "-q",
        "--replicates",
        "1",
        "--out",
        "out",
        "--nodes",
        "1",
    ];
    let said = |more: &[&str], parts: &[&str]| {
        check(
            &echosphere(folder.path(), [&line[..], more].concat()),
            parts,
        );
        assert!(!folder.path().join("out").exists(), "a run was begun");
    };
    let open = ["--listen", "0.0.0.0:0"];
    said(
        &open,
        &[
            "0.0.0.0:0",
            "--ca, --certificate and --key",
            "--token-file",
            "--insecure",
        ],
    );
    said(
        &["--nats", "nats://192.0.2.1:4222"],
        &["192.0.2.1", "tls://", "--nats-token-file", "--insecure"],
    );
    said(
        &["--nats", "nats://me:secret@127.0.0.1:4222"],
        &["nats://127.0.0.1:4222", "--nats-token-file"],
    );
    let answer = echosphere(
        folder.path(),
        ["node", "http://192.0.2.1:7400", "--wait", "0"],
    );
    check(
        &answer,
        &["192.0.2.1", "https://", "--token-file", "--insecure"],
    );
    let answer = echosphere(folder.path(), ["status", "https://127.0.0.1:7400"]);
    check(&answer, &["--ca, --certificate and --key"]);
    let answer = echosphere(folder.path(), ["status", "http://me:secret@127.0.0.1:7400"]);
    check(&answer, &["--token-file"]);
    assert!(!answer.err.contains("secret@"), "{}", answer.err);
}

/// Everything that is wrong is told at once.
#[test]
fn unusable_files_are_named_all_at_once() {
    let folder = tempdir().unwrap();
    let authority = Authority::new(folder.path(), "home");
    let one = authority.issue("one", &["one"], 2021);
    let other = authority.issue("other", &["other"], 2100);
    let short = private(&folder.path().join("short"), "short");
    let open = private(&folder.path().join("open"), TOKEN);
    std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o644)).unwrap();
    let mixed = Papers {
        ca: one.ca.clone(),
        certificate: one.certificate.clone(),
        key: other.key.clone(),
        token: Some(short.clone()),
        nats_token: Some(open),
    };
    let status = |papers: &Papers| {
        let line = ["status", "https://127.0.0.1:1"].map(str::to_owned);
        echosphere(folder.path(), line.into_iter().chain(papers.flags()))
    };
    let parts = [
        "one.pem expired on 2021-01-01",
        "other.key does not fit",
        "16 to",
        "chmod o=",
    ];
    check(&status(&mixed), &parts);
    let empty = private(&folder.path().join("empty"), "\n");
    let wrong = Papers {
        ca: Some(folder.path().join("nowhere")),
        certificate: Some(short.clone()),
        key: Some(short),
        token: Some(empty),
        nats_token: None,
    };
    let parts = [
        "nowhere",
        "no certificate",
        "no private key",
        "empty is empty",
    ];
    check(&status(&wrong), &parts);
}
