use super::*;
use crate::sample_rows::{row, specialists};

fn value(replicate: u32, generation: u32, model: u32, value: f64) -> Row {
    let time = f64::from(generation);
    Row {
        replicate,
        generation,
        time,
        model: Some(model),
        value,
        ..row()
    }
}

#[test]
fn values_by_hand() {
    let rows = [
        value(0, 1, 0, 1.0),
        value(0, 1, 1, 3.0),
        value(0, 2, 0, 5.0),
        value(0, 2, 1, 7.0),
        value(1, 1, 0, 2.0),
        value(1, 1, 1, 6.0),
        value(1, 2, 0, 8.0),
        value(1, 2, 1, 10.0),
    ];
    let summary = summarise(&rows);
    let [series] = summary.series.as_slice() else {
        panic!("one series")
    };
    assert_eq!((series.level, series.models), (Level::Model, 2));
    assert_eq!((series.first.generation, series.last.generation), (1, 2));
    // Replicate means are 2 and 4 at first, 6 and 9 at last.
    assert_eq!(
        (series.first.mean, series.first.sd),
        (3.0, Some(2.0_f64.sqrt()))
    );
    assert_eq!(
        (series.last.mean, series.last.sd),
        (7.5, Some(4.5_f64.sqrt()))
    );
    assert_eq!(series.last.replicates, 2);
}

#[test]
fn models_that_stop_early_count_with_their_last_value() {
    let rows = [
        value(0, 1, 0, 1.0),
        value(0, 1, 1, 4.0),
        value(0, 2, 0, 2.0),
    ];
    assert_eq!(summarise(&rows).series[0].last.mean, 3.0);
}

#[test]
fn undefined_values_are_left_out_and_infinite_ones_count() {
    let rows = [value(0, 1, 0, f64::NAN), value(0, 1, 1, 4.0)];
    let summary = summarise(&rows);
    assert_eq!(
        (summary.series[0].last.mean, summary.series[0].last.sd),
        (4.0, None)
    );
    let rows = [value(0, 1, 0, f64::INFINITY), value(0, 1, 1, 4.0)];
    assert_eq!(summarise(&rows).series[0].last.mean, f64::INFINITY);
}

#[test]
fn levels_are_not_mixed() {
    let rows = [
        value(0, 1, 0, 1.0),
        Row {
            model: None,
            ..value(0, 1, 0, 9.0)
        },
    ];
    let levels: Vec<Level> = summarise(&rows)
        .series
        .iter()
        .map(|series| series.level)
        .collect();
    assert_eq!(levels, [Level::Population, Level::Model]);
}

#[test]
fn order_does_not_depend_on_the_order_of_series() {
    let rows = specialists(2, 3);
    let mut shuffled = rows.clone();
    shuffled.sort_by(|a, b| {
        (a.replicate, a.generation)
            .cmp(&(b.replicate, b.generation))
            .then(b.metric.cmp(&a.metric))
    });
    assert_eq!(summarise(&rows), summarise(&shuffled));
}

#[test]
fn json_has_null_for_what_is_not_finite() {
    let json = serde_json::to_value(summarise(&[value(0, 1, 0, f64::NAN)])).unwrap();
    assert!(json["series"][0]["last"]["mean"].is_null());
    assert_eq!(json["series"][0]["level"], "model");
}
