//! Nothing that can be sent to a coordinator ends it, fills its memory, or changes what its run gives.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/broker.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod broker;
#[path = "common/cases.rs"]
mod cases;
#[path = "common/hostile.rs"]
mod hostile;
#[path = "common/lies.rs"]
mod lies;
#[path = "common/nodes.rs"]
#[expect(dead_code, reason = "other tests disturb nodes")]
mod nodes;
#[path = "common/program.rs"]
mod program;
#[path = "common/raw.rs"]
mod raw;
#[path = "common/running.rs"]
mod running;
#[path = "common/session.rs"]
mod session;
#[path = "common/trial.rs"]
#[expect(dead_code, reason = "other tests stop runs")]
mod trial;
#[path = "../../net/src/wire/generated.rs"]
#[rustfmt::skip]
#[expect(
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::pedantic,
    clippy::clone_on_ref_ptr,
    unnameable_types,
    unreachable_pub,
    unused_qualifications,
    reason = "generated"
)]
mod wire;

use cases::small;
use hostile::Target;
use lies::lies;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use prost::Message;
use wire::content::Kind as Payload;
use wire::coordinator_message::Kind as Order;
use wire::node_message::Kind as Word;
use wire::{
    Batch, BatchPart, Content, Drain, Envelope, Failed, Heartbeat, Lease, Numbers, Ready, Register,
    Saved, Symbols, Text, WindowDone,
};

/// Values drawn with a fixed seed, so that a failure comes again.
fn draws<T: std::fmt::Debug>(count: usize, strategy: &impl Strategy<Value = T>) -> Vec<T> {
    let mut runner = TestRunner::new(Config {
        rng_seed: RngSeed::Fixed(7),
        ..Config::default()
    });
    let mut draw = || strategy.new_tree(&mut runner).unwrap().current();
    (0..count).map(|_| draw()).collect()
}

/// Bytes of all kinds: noise, frames with a right preface, half a message, a slow client.
#[test]
fn malformed_bytes_are_survived() {
    let target = Target::new(small("g1").with("horizon.generations=60"));
    let noise = proptest::collection::vec(any::<u8>(), 0..400);
    for bytes in draws(150, &noise) {
        raw::send(target.address(), &bytes);
    }
    let frames = proptest::collection::vec(
        (
            any::<[u8; 2]>(),
            0..12_u8,
            any::<u8>(),
            0..8_u32,
            proptest::collection::vec(any::<u8>(), 0..64),
        ),
        1..8,
    );
    for frames in draws(150, &frames) {
        let mut bytes = raw::PREFACE.to_vec();
        for (lie, kind, flags, stream, body) in frames {
            // Every fourth frame lies about its length.
            let length = if lie[0].is_multiple_of(4) {
                u32::from(lie[1])
            } else {
                body.len() as u32
            };
            bytes.extend_from_slice(&length.to_be_bytes()[1..]);
            bytes.extend([kind, flags]);
            bytes.extend_from_slice(&stream.to_be_bytes());
            bytes.extend(body);
        }
        raw::send(target.address(), &bytes);
    }
    // Clients that say little, or nothing, and stay.
    let slow: Vec<_> = (0..200)
        .map(|number| raw::stay(target.address(), number))
        .collect();
    assert_eq!(target.status().code, Some(0));
    target.finish();
    drop(slow);
}

/// Messages of this protocol that belong elsewhere: into the durable log.
fn of_the_log() -> Vec<Vec<u8>> {
    let values = Numbers {
        dimension: u32::MAX,
        values: vec![1; 7].into(),
    };
    let symbols = Symbols {
        symbols: vec![1; 5].into(),
        weights: vec![2; 3].into(),
    };
    let text = Text {
        bytes: vec![255; 9].into(),
        ends: vec![u64::MAX, 0],
        given: vec![u32::MAX; 3],
    };
    let contents = [
        Payload::F32(values.clone()),
        Payload::F64(values),
        Payload::Symbols(symbols),
        Payload::Text(text),
    ];
    let batch = |kind| {
        let content = Some(Content { kind: Some(kind) });
        let publications = vec![wire::Publication {
            models: u32::MAX,
            ..wire::Publication::default()
        }];
        let bytes = Batch {
            publications,
            content,
        }
        .encode_to_vec();
        let part = BatchPart {
            part: 7,
            parts: 1,
            bytes: bytes.clone().into(),
            ..BatchPart::default()
        };
        let envelope = Envelope {
            parts: vec![part.clone()],
        };
        [bytes, part.encode_to_vec(), envelope.encode_to_vec()]
    };
    contents.into_iter().flat_map(batch).collect()
}

/// Malformed messages on every method, and messages that are announced as, or are, a gigabyte.
#[test]
fn malformed_and_huge_messages_are_refused_and_memory_is_bounded() {
    let target = Target::new(small("g1").with("horizon.generations=60"));
    let before = target.memory_peak();
    let payloads = draws(100, &proptest::collection::vec(any::<u8>(), 0..200));
    for method in ["Attach", "Status", "Nothing"] {
        for payload in &payloads {
            hostile::call(&target, method, payload.len() as u32, payload);
        }
    }
    for payload in of_the_log() {
        hostile::call(&target, "Attach", payload.len() as u32, &payload);
    }
    // A field that says that it is longer than the message.
    hostile::call(&target, "Attach", 6, &[0x0a, 0xff, 0xff, 0xff, 0xff, 0x07]);
    for method in ["Attach", "Status"] {
        let said = hostile::flood(&target, method, 1 << 30);
        assert!(
            said.sent < 80 << 20,
            "{method}: it took {} bytes",
            said.sent
        );
    }
    let grown = target.memory_peak() - before;
    assert!(grown < 200 << 20, "its memory has grown by {grown} bytes");
    target.finish();
}

/// A session whose first message is something else, or says what nobody may be, never becomes a node.
#[test]
fn whoever_does_not_register_is_no_node() {
    let target = Target::new(small("g1").with("horizon.generations=60"));
    let register = session::register();
    let firsts = [
        Word::Ready(Ready::default()),
        Word::WindowDone(WindowDone::default()),
        Word::Saved(Saved::default()),
        Word::Heartbeat(Heartbeat {}),
        Word::Drain(Drain {}),
        Word::Failed(Failed::default()),
        Word::Register(Register {
            version: "99.0.0".to_owned(),
            ..register.clone()
        }),
        Word::Register(Register {
            name: "\u{1b}[31m".to_owned(),
            ..register.clone()
        }),
        Word::Register(Register {
            name: "n".repeat(1 << 20),
            ..register.clone()
        }),
        Word::Register(Register {
            threads: u32::MAX,
            ..register.clone()
        }),
        Word::Register(Register {
            scenario_hash: "00".to_owned(),
            ..register
        }),
    ];
    let reasons = [
        "must be Register",
        "99.0.0",
        "1 to 64",
        "4096",
        "--scenario-hash",
    ];
    let mut said = String::new();
    for first in firsts {
        let Some(Order::Refused(refused)) = session::first_answer(&target, first.clone()) else {
            panic!("it was not refused: {first:?}");
        };
        said.push_str(&refused.reason);
    }
    for reason in reasons {
        assert!(said.contains(reason), "`{reason}` is missing in: {said}");
    }
    target.finish();
}

/// A node that lies is given up, and the windows are computed again by the others: to the same bits.
#[test]
fn a_node_that_lies_is_given_up_and_the_run_gives_the_same_bits() {
    let mut target = Target::new(small("g1").with("horizon.generations=2500"));
    target.add_nodes(2);
    let count = lies(&Lease::default(), 0).len();
    for number in 0..count {
        let name = lies(&Lease::default(), 0)[number].0;
        let ended = session::lie(&target, |lease, window| {
            lies(lease, window)[number].1.clone()
        });
        assert!(ended, "it may stay in spite of {name}");
    }
    target.finish();
}

/// Answers to a lease that are none.
#[test]
fn a_node_that_is_never_ready_is_given_up() {
    let mut target = Target::new(small("g1").with("horizon.generations=2500"));
    target.add_nodes(2);
    let answers: [fn(&Lease) -> Vec<Word>; 4] = [
        |_| Vec::new(),
        |lease| {
            vec![Word::Ready(Ready {
                epoch: lease.epoch + 1,
                next_window: Some(1),
            })]
        },
        |lease| {
            let ready = Ready {
                epoch: lease.epoch,
                next_window: Some(u64::MAX),
            };
            vec![Word::Ready(ready), Word::Ready(ready)]
        },
        |lease| {
            vec![Word::Ready(Ready {
                epoch: lease.epoch,
                next_window: Some(0),
            })]
        },
    ];
    for answer in answers {
        assert!(session::answer_lease(&target, answer), "it may stay");
    }
    target.finish();
}

/// A robots.txt is whatever a site sends: any bytes are read, and what is kept of them is bounded.
#[test]
fn malformed_robots_txt_is_survived() {
    use web::robots::{CRAWL_DELAY_MAX, Robots, SIZE_MAX};
    let words = [
        "user-agent:",
        "User-agent: *",
        "disallow:",
        "allow: /",
        "crawl-delay: ",
        "sitemap: ",
        "*",
        "$",
        "/a",
        "%2",
        "%2A",
        "1e999",
        "\n",
        "\r\n",
        "\0",
        "#",
        "\u{feff}",
    ];
    let word = prop::sample::select(words.to_vec()).prop_map(|word| word.as_bytes().to_vec());
    let noise = proptest::collection::vec(any::<u8>(), 0..40);
    let part = prop_oneof![3 => word, 1 => noise];
    let files = proptest::collection::vec(part, 0..400).prop_map(|parts| parts.concat());
    for (file, repeat) in draws(100, &(files, 1_usize..500)) {
        let robots = Robots::parse(&file.repeat(repeat));
        assert!(robots.allows("foobot", "/robots.txt"));
        robots.allows("Mozilla/5.0 (compatible; foobot/1.0)", &"/a*$%2".repeat(20));
        let delay = robots.crawl_delay("foobot");
        assert!(delay.is_none_or(|seconds| (0.0..=CRAWL_DELAY_MAX).contains(&seconds)));
        let text = robots.rules().to_string();
        assert!(text.len() <= 4 * SIZE_MAX);
        if text.len() <= SIZE_MAX {
            assert_eq!(Robots::parse(text.as_bytes()), robots);
        }
    }
}
