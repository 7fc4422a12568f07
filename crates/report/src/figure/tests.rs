use super::*;
use crate::sample_rows::{row, specialists};

fn of<'a>(figures: &'a [Figure<'a>], metric: &str) -> &'a Figure<'a> {
    figures
        .iter()
        .find(|figure| figure.metric == metric)
        .unwrap()
}

#[test]
fn tasks_get_a_panel_each_and_two_heat_maps() {
    let rows = specialists(2, 3);
    let figures = figures((&rows, &[]), &[]);
    let figure = of(&figures, "cross_entropy");
    let titles: Vec<_> = figure
        .panels
        .iter()
        .map(|panel| panel.title.as_deref().unwrap())
        .collect();
    assert_eq!(titles, ["geography", "biology", "fiction"]);
    assert_eq!(figure.panels[0].lines.len(), 2);
    let [first, last] = figure.heat.as_slice() else {
        panic!("two heat maps")
    };
    assert_eq!(
        (first.title.as_str(), last.title.as_str()),
        ("First (generation 1)", "Last (generation 3)")
    );
    assert_eq!(last.rows, ["geographer", "biologist"]);
    let expected: Vec<f64> = (0..2)
        .map(|replicate| {
            let is = |row: &&Row| {
                (row.replicate, row.generation, row.model) == (replicate, 3, Some(1))
                    && row.target.as_deref() == Some("fiction")
            };
            rows.iter().find(is).unwrap().value
        })
        .collect();
    assert_eq!(last.values[5], f64::midpoint(expected[0], expected[1]));
}

#[test]
fn similarity_between_models_is_one_panel_and_a_matrix() {
    let rows = specialists(2, 3);
    let figures = figures((&rows, &[]), &[]);
    let figure = of(&figures, "output_similarity");
    assert_eq!(figure.panels.len(), 1);
    assert_eq!(figure.heat[1].columns, ["geographer", "biologist"]);
    assert!(figure.heat[1].values[0].is_nan());
}

#[test]
fn bands_need_replicates() {
    for (replicates, banded) in [(1, false), (2, true)] {
        let rows = specialists(replicates, 3);
        let figures = figures((&rows, &[]), &[]);
        let line = &of(&figures, "distinct_2").panels[0].lines[0];
        assert!(
            line.points
                .iter()
                .all(|point| point.band.is_some() == banded)
        );
    }
}

#[test]
fn means_and_bands_by_hand() {
    let rows = [
        Row {
            value: 1.0,
            ..row()
        },
        Row {
            value: 3.0,
            replicate: 1,
            ..row()
        },
    ];
    let figures = figures((&rows, &[]), &[]);
    let point = figures[0].panels[0].lines[0].points[0];
    let half = 12.706; // t(0.975, 1) sd / sqrt(2) with sd = sqrt(2)
    assert_eq!((point.x, point.y), (1.0, 2.0));
    let (low, high) = point.band.unwrap();
    assert!((low - 2.0 + half).abs() < 1e-9 && (high - 2.0 - half).abs() < 1e-9);
}

#[test]
fn many_models_show_their_quantiles() {
    let rows: Vec<Row> = (0..101)
        .map(|model| Row {
            model: Some(model),
            value: f64::from(model),
            ..row()
        })
        .collect();
    let figures = figures((&rows, &[]), &[]);
    let line = &figures[0].panels[0].lines[0];
    assert_eq!((line.label.as_str(), line.points.len()), ("geographer", 1));
    assert_eq!(
        line.points[0],
        Point {
            x: 1.0,
            y: 50.0,
            band: Some((5.0, 95.0))
        }
    );
}

#[test]
fn undefined_values_are_left_out_of_a_mean() {
    let rows = [
        Row {
            value: f64::NAN,
            ..row()
        },
        Row {
            value: 3.0,
            replicate: 1,
            ..row()
        },
    ];
    let figures = figures((&rows, &[]), &[]);
    assert_eq!(figures[0].panels[0].lines[0].points[0].y, 3.0);
}

#[test]
fn scattered_replicates_are_binned() {
    let rows: Vec<Row> = (0..8)
        .flat_map(|replicate| {
            (1..=16_u32).map(move |generation| {
                let time = f64::from(generation) + f64::from(replicate) / 10.0;
                Row {
                    replicate,
                    generation,
                    time,
                    ..row()
                }
            })
        })
        .chain([
            Row {
                replicate: 9,
                time: 1.5,
                ..row()
            },
            Row {
                replicate: 9,
                time: 1.75,
                ..row()
            },
        ])
        .collect();
    let figures = figures((&rows, &[]), &[]);
    assert_eq!(figures[0].x_title, "virtual days");
    assert_eq!(figures[0].panels[0].lines[0].points.len(), 16);
}

#[test]
fn the_catalogue_gives_the_order() {
    let rows = specialists(1, 1);
    let info = |name| MetricInfo {
        name,
        unit: "1",
        formula: "f",
        source: "s",
    };
    let catalogue = [info("real_share"), info("cross_entropy")];
    let figures = figures((&rows, &[]), &catalogue);
    let names: Vec<&str> = figures.iter().map(|figure| figure.metric).collect();
    assert_eq!(names[..3], ["real_share", "cross_entropy", "distinct_2"]);
    assert!(figures[0].info.is_some() && figures[2].info.is_none());
}

#[test]
fn what_theory_expects_goes_with_its_line() {
    let rows = specialists(3, 4);
    let of_one =
        |row: &&Row| row.replicate == 0 && row.generation > 1 && &*row.metric == "distinct_2";
    let expected: Vec<Row> = rows.iter().filter(of_one).cloned().collect();
    let figures = figures((&rows, &expected), &[]);
    let figure = |name: &str| figures.iter().find(|figure| figure.metric == name).unwrap();
    let lines = &figure("distinct_2").panels[0].lines;
    assert!(
        lines
            .iter()
            .all(|line| line.expected.len() == 3 && line.points.len() == 4)
    );
    assert_eq!(lines[1].expected[0].x, 2.0);
    assert!(
        figure("distinct_2")
            .notes
            .iter()
            .any(|note| note.contains("Dashed"))
    );
    let others = &figure("real_share").panels[0].lines;
    assert!(others.iter().all(|line| line.expected.is_empty()));
}
