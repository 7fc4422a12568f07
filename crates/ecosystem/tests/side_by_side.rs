//! Models whose web exceeds fast memory tick side by side, and learn what each would learn alone.

#![expect(clippy::unwrap_used, reason = "the whole file is a test")]

#[path = "common/ran.rs"]
#[expect(dead_code, reason = "a test takes what it needs of it")]
mod ran;

use ran::{changed, run};
use types::metric::Row;

/// Models, several to a shard, who publish 1.4 MB of numbers; and something that is asked of each training, for which each ticks alone.
const ALONE: &str = r#"
title = "side by side"
horizon = { generations = 6 }

[corpora]
truth = { distribution = { kind = "gaussian" } }

[[population]]
name = "g"
count = 512
family = { kind = "gaussian", precision = "f32" }
real = { public = "truth" }
mixture = { synthetic_fraction = 0.6, private_weight = 0 }
training = { budget = { documents = 50 }, mixing = "drawn", draw = "with-replacement" }
publish = { documents = 700 }

[web]
retention = "replace"

[observe]
metrics = ["mean", "variance", "real_share", "kept_share"]
"#;

/// Rows of what was measured, but for what was only asked to have each tick alone.
fn measured(changes: &[(&str, &str)], broken_after: Option<usize>) -> (Vec<Row>, [u8; 32]) {
    let (mut rows, digest) = run(&changed(ALONE, changes), broken_after);
    rows.retain(|row| &*row.metric != "kept_share");
    (rows, digest)
}

#[test]
fn models_that_tick_side_by_side_learn_what_each_does_alone() {
    let together = (
        "observe.metrics",
        "[\"mean\", \"variance\", \"real_share\"]",
    );
    for change in [
        ("population.g.family.precision", "\"f32\""),
        ("population.g.family.precision", "\"f64\""),
        ("population.g.publish.when", "\"before-training\""),
        ("web.retention", "{ window = 2 }"),
    ] {
        let (alone, _) = measured(&[change], None);
        let (rows, digest) = measured(&[change, together], None);
        assert!(rows.len() > 100, "{}", rows.len());
        assert_eq!(rows, alone, "{change:?}");
        let resumed = measured(&[change, together], Some(3));
        assert_eq!(resumed, (rows, digest), "{change:?}");
    }
}
