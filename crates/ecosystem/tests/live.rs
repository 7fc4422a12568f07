//! Models of live hosts that were put away in between act as if nothing had happened.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

#[path = "common/ran.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod ran;

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use echosphere_ecosystem::Keeping;
use echosphere_ecosystem::live::{Deed, Hands, LivePopulation, Performed, StateError, populate};
use echosphere_ecosystem::scenario::builtin;
use echosphere_ecosystem::scenario::load::Load;
use ran::{changed, corpora};
use types::time::{VirtualDuration, VirtualTime};
use web::{Batch, MemoryStorage};

/// Gaussian models that begin as the truth, of which each publishes at times of its own.
const GAUSSIANS: &str = r#"
title = "gaussians"
horizon = { generations = 10 }

[corpora]
truth = { distribution = { kind = "gaussian" } }

[[population]]
name = "g"
count = 5
family = { kind = "gaussian" }
real = { public = "truth" }
mixture = { synthetic_fraction = 1, private_weight = 0 }
training = { initial = "truth", budget = { documents = 20 }, mixing = "drawn", draw = "with-replacement" }
publish = { documents = 3, clock = { poisson = 0.5 } }
clock = { poisson = 1 }

[web]
index_lag = { generations = 0.01 }
retention = { window = 1 }
"#;

/// What a model did, and when it will do it again.
type Acted = (Performed, Batch, Option<VirtualDuration>);

/// A population, two models to a group, whose groups are away between deeds if there is room for their state.
struct Side {
    population: LivePopulation,
    hands: Hands,
    away: Option<Vec<Vec<u8>>>,
}

impl Side {
    fn new(text: &str, changes: &[(&str, &str)], rests: bool) -> Self {
        let scenario = changed(text, changes);
        let keeping = Keeping {
            storage: Arc::new(MemoryStorage::default()),
            all_documents: false,
        };
        let what = (&scenario, &corpora(&scenario));
        let mut population = populate(what, &keeping, 2, &(0..u32::MAX)).unwrap();
        let groups = population.members.iter_mut();
        Self {
            away: rests.then(|| groups.map(|group| group.put_away().unwrap()).collect()),
            hands: Hands::new(population.web.kind()),
            population,
        }
    }

    /// Everybody does everything, at that time.
    fn round(&mut self, deeds: &[Deed], time: VirtualTime) -> Vec<Acted> {
        let mut acted = Vec::new();
        for at in 0..self.population.members.len() {
            for local in 0..self.population.members[at].count() {
                let deeds = deeds.iter();
                acted.extend(deeds.map(|deed| self.act((at, local), *deed, time)));
            }
        }
        let batches = acted.iter().map(|one| one.1.clone()).collect();
        let later = time + VirtualDuration::from_days(0.1);
        let mut appeared = Vec::new();
        let web = &mut self.population.web;
        web.refresh(batches, later, &mut appeared).unwrap();
        acted
    }

    fn act(&mut self, (at, local): (usize, u32), deed: Deed, time: VirtualTime) -> Acted {
        let LivePopulation { web, members } = &mut self.population;
        let group = &mut members[at];
        if let Some(away) = &self.away {
            group.bring_back(&away[at]).unwrap();
        }
        let mut batch = web.blank();
        let tools = (&mut self.hands, &mut batch);
        let (whose, mut performed) = (&[(local, time)], Vec::new());
        group
            .act((whose, deed), (web, &|| ()), tools, &mut performed)
            .unwrap();
        if let Some(away) = &mut self.away {
            away[at] = group.put_away().unwrap();
        }
        (performed[0], batch, group.wait(local, deed))
    }
}

/// Two equal populations do the same, though one is away in between, and publish so many documents.
fn check(text: &str, changes: &[(&str, &str)], deeds: &[Deed], published: usize) {
    let (mut here, mut away) = (
        Side::new(text, changes, false),
        Side::new(text, changes, true),
    );
    let firsts = |side: &Side| -> Vec<_> {
        let groups = side.population.members.iter();
        groups
            .flat_map(|group| {
                (0..group.count()).map(|local| (group.first(), group.first_deeds(local)))
            })
            .collect()
    };
    assert_eq!(firsts(&here), firsts(&away));
    let mut documents = 0;
    for round in 0..12 {
        let time = VirtualTime::START + VirtualDuration::from_days(f64::from(round));
        let deeds = if round == 0 { &[Deed::Open] } else { deeds };
        let acted = here.round(deeds, time);
        assert_eq!(acted, away.round(deeds, time), "{round}");
        documents += acted.iter().map(|one| one.1.content.len()).sum::<usize>();
    }
    assert_eq!(documents, published);
}

#[test]
fn gaussians_that_were_put_away_go_on_as_if_they_had_not_been() {
    check(GAUSSIANS, &[], &[Deed::Publish, Deed::Tick], 12 * 5 * 3);
}

#[test]
fn ngrams_that_were_put_away_go_on_as_if_they_had_not_been() {
    let text = builtin::find("hundred-voices").unwrap().text;
    let changes = [
        ("population.voice.count", "5"),
        ("population.voice.clock", "{ poisson = 1 }"),
        ("population.voice.publish.tokens", "100"),
    ];
    // Nobody has anything to open with.
    check(text, &changes, &[Deed::Tick], 11 * 5 * 10);
}

#[test]
fn what_is_no_state_of_these_models_changes_nothing() {
    let mut side = Side::new(GAUSSIANS, &[], true);
    let away = side.away.take().unwrap();
    let members = &mut side.population.members;
    assert!(members[0].bring_back(&[]).is_err());
    // The last group has one model, the others have two.
    assert_eq!(members[2].count(), 1);
    let wrong = members[0].bring_back(&away[2]).unwrap_err();
    assert_eq!(wrong, StateError("1 models instead of 2".to_owned()));
    let twice = members[0].put_away().unwrap_err();
    assert_eq!(twice, StateError("they are away".to_owned()));
    members[0].bring_back(&away[0]).unwrap();
    assert_eq!(members[0].put_away().unwrap(), away[0]);
}

#[test]
fn a_load_file_says_how_many_models_are_in_memory() {
    let read = |hosting: &str| Load::read(&format!("scenario = \"g1\"\n{hosting}"), &[]);
    assert_eq!(read("").unwrap().hosting.resident_models, None);
    let some = read("[hosting]\nresident_models = 16").unwrap();
    assert_eq!(some.hosting.resident_models, Some(16));
    let problems = read("[hosting]\nresident_models = 0").unwrap_err();
    let said = "hosting.resident_models = 0 is out of range: allowed is 1 to 100000000";
    assert!(problems.to_string().contains(said), "{problems}");
}

/// Five Gaussian models of one group that train on real and on synthetic documents.
const MIXED: &[(&str, &str)] = &[
    ("population.g.publish", "{ documents = 3 }"),
    ("population.g.mixture.synthetic_fraction", "0.6"),
    ("population.g.training.initial", "\"untrained\""),
];

/// Models that act together do what each does that acts alone, though what they publish is in one batch.
fn check_together(changes: &[(&str, &str)], abreast: usize) {
    let scenario = changed(GAUSSIANS, changes);
    let keeping = Keeping {
        storage: Arc::new(MemoryStorage::default()),
        all_documents: false,
    };
    let what = (&scenario, &corpora(&scenario));
    let mut sides = [1, 5].map(|each| {
        let population = populate(what, &keeping, 5, &(0..u32::MAX)).unwrap();
        (each, Hands::new(population.web.kind()), population)
    });
    assert_eq!(sides[0].2.members[0].abreast(), abreast);
    for round in 0..12 {
        let day =
            |part: f64| VirtualTime::START + VirtualDuration::from_days(f64::from(round) + part);
        let done = sides.each_mut().map(|(each, hands, population)| {
            let whose: Vec<_> = (0..5)
                .map(|local| (local, day(0.01 * f64::from(local))))
                .collect();
            let LivePopulation { web, members } = population;
            let (mut batch, mut performed) = (web.blank(), Vec::new());
            for whose in whose.chunks(*each) {
                let tools = (&mut *hands, &mut batch);
                let deed = if round == 0 { Deed::Open } else { Deed::Tick };
                members[0]
                    .act((whose, deed), (web, &|| ()), tools, &mut performed)
                    .unwrap();
            }
            let mut appeared = Vec::new();
            web.refresh(vec![batch.clone()], day(0.5), &mut appeared)
                .unwrap();
            (batch, performed)
        });
        assert_eq!(done[0], done[1], "{round}");
        assert!(round < 3 || done[0].1.iter().all(|one| one.published.is_some()));
    }
}

#[test]
fn models_that_tick_together_do_what_each_does_alone() {
    check_together(&[], 64);
    check_together(MIXED, 64);
    // From a megabyte on they read side by side.
    let much = [("population.g.publish.documents", "60000")];
    check_together(&[MIXED, &much].concat(), 64);
    let changes = [
        much[0],
        ("population.g.family.precision", "\"f32\""),
        ("population.g.publish.when", "\"before-training\""),
        ("web.retention", "\"accumulate\""),
    ];
    check_together(&[MIXED, &changes].concat(), 64);
}

#[test]
fn models_with_much_to_read_or_a_detector_tick_alone() {
    let much = [("population.g.training.budget.documents", "3000")];
    check_together(&[MIXED, &much].concat(), 2);
    let detector = [(
        "population.g.read.detector",
        "{ true_positive_rate = 0.5, false_positive_rate = 0.1 }",
    )];
    check_together(&[MIXED, &detector].concat(), 1);
}

#[test]
fn a_round_that_panicked_leaves_nothing_to_the_next() {
    let before = [("population.g.publish.when", "\"before-training\"")];
    let scenario = changed(GAUSSIANS, &[MIXED, &before].concat());
    let keeping = Keeping {
        storage: Arc::new(MemoryStorage::default()),
        all_documents: false,
    };
    let what = (&scenario, &corpora(&scenario));
    let LivePopulation { web, mut members } = populate(what, &keeping, 5, &(0..u32::MAX)).unwrap();
    let (mut hands, whose) = (Hands::new(web.kind()), [0, 1, 2, 3, 4]);
    let whose = whose.map(|local| (local, VirtualTime::START));
    let mut round = |has_read: &dyn Fn()| {
        let (mut batch, mut performed) = (web.blank(), Vec::new());
        let tools = (&mut hands, &mut batch);
        members[0]
            .act(
                (&whose, Deed::Tick),
                (&web, has_read),
                tools,
                &mut performed,
            )
            .unwrap();
        performed
    };
    // The first has learnt when the second panics, and none had anything to publish before.
    let reads = Cell::new(0);
    let breaks = || {
        reads.set(reads.get() + 1);
        assert!(reads.get() < 2, "this reading panics on purpose");
    };
    assert!(catch_unwind(AssertUnwindSafe(|| round(&breaks))).is_err());
    let documents: Vec<u32> = round(&|| ()).iter().map(|one| one.documents).collect();
    assert_eq!(documents, [3, 0, 0, 0, 0]);
}
