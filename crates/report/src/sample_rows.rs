//! Rows for tests, made by formulas.

use std::sync::Arc;

use types::metric::Row;

/// One plain row.
pub(crate) fn row() -> Row {
    Row {
        replicate: 0,
        time: 1.0,
        generation: 1,
        model: Some(0),
        population: Some("geographer".into()),
        metric: "distinct_2".into(),
        target: None,
        value: 0.5,
    }
}

/// Rows like those of two specialists on one internet.
pub(crate) fn specialists(replicates: u32, generations: u32) -> Vec<Row> {
    let mut rows = Vec::new();
    for replicate in 0..replicates {
        for generation in 1..=generations {
            for model in 0..2 {
                rows.extend(of_one_model(replicate, generation, model));
            }
            rows.push(Row {
                model: None,
                population: None,
                metric: "effective_models".into(),
                value: 2.0 - 0.9 * f64::from(generation) / f64::from(generations),
                ..at(replicate, generation)
            });
        }
    }
    rows
}

fn at(replicate: u32, generation: u32) -> Row {
    Row {
        replicate,
        generation,
        time: f64::from(generation),
        ..row()
    }
}

fn of_one_model(replicate: u32, generation: u32, model: u32) -> Vec<Row> {
    let names = ["geographer", "biologist"];
    let (own, other) = (names[model as usize], names[1 - model as usize]);
    let wobble = f64::from((replicate * 7 + generation * 3 + model * 5) % 11) / 110.0;
    let progress = 1.0 - (-f64::from(generation) / 5.0).exp();
    let row = |metric: &str, target: Option<&str>, value: f64| Row {
        model: Some(model),
        population: Some(own.into()),
        metric: metric.into(),
        target: target.map(Arc::from),
        value: value + wobble,
        ..at(replicate, generation)
    };
    let tasks = [("geography", 1.3), ("biology", 2.1), ("fiction", 1.8)];
    let mut rows: Vec<Row> = tasks
        .iter()
        .enumerate()
        .map(|(idx, (task, start))| {
            let drift = if idx as u32 == model { 0.3 } else { -0.2 };
            row("cross_entropy", Some(task), start + drift * progress)
        })
        .collect();
    rows.push(row("output_similarity", Some(other), 0.3 + 0.5 * progress));
    rows.push(row("distinct_2", None, 0.8 - 0.4 * progress));
    rows.push(row("real_share", None, 0.9 - 0.5 * progress));
    rows
}
