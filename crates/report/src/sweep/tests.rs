use serde_json::json;
use types::metric::MetricInfo;

use super::layout::Layout;
use super::*;
use crate::figure::Figure;
use crate::sample_rows::row;

const CATALOGUE: [MetricInfo; 2] = [info("entropy"), info("distinct_2")];

const fn info(name: &'static str) -> MetricInfo {
    MetricInfo {
        name,
        unit: "1",
        formula: "",
        source: "",
    }
}

/// Points with these values; `distinct_2` is `level` of the point, half more in a second replicate, and entropy is 1.
fn points(values: &[Vec<Value>], level: fn(usize) -> f64) -> Vec<SweepPoint> {
    let point = |(number, values): (usize, &Vec<Value>)| {
        let measured = |replicate, metric: &str, value| Row {
            replicate,
            metric: metric.into(),
            value,
            ..row()
        };
        let rows = [
            measured(0, "distinct_2", level(number)),
            measured(1, "distinct_2", level(number) + 0.5),
            measured(0, "entropy", 1.0),
        ];
        SweepPoint::new(values.clone(), &rows, &[])
    };
    values.iter().enumerate().map(point).collect()
}

fn axes(count: usize) -> Vec<String> {
    ["alpha", "beta", "gamma"][..count]
        .iter()
        .map(ToString::to_string)
        .collect()
}

fn layout(values: &[Vec<Value>]) -> Layout {
    Layout::of(&Swept {
        axes: &axes(values[0].len()),
        points: &points(values, |_| 0.0),
        metrics: &[],
        lines_over: None,
    })
}

fn grid() -> Vec<Vec<Value>> {
    let pairs = [0.0, 0.5, 1.0].map(|alpha| [1, 2].map(|beta| vec![json!(alpha), json!(beta)]));
    pairs.concat()
}

#[test]
fn the_layout_follows_what_varies() {
    assert_eq!(
        layout(&[vec![json!(1)], vec![json!(2)]]),
        Layout::Lines { x: 0, by: None }
    );
    assert_eq!(layout(&grid()), Layout::Map { x: 0, y: 1 });
    // One of two numbers is always the same.
    assert_eq!(
        layout(&[vec![json!(7), json!(1)], vec![json!(7), json!(2)]]),
        Layout::Lines { x: 1, by: None }
    );
    let mixed = [("a", 1), ("a", 2), ("b", 1)].map(|(rule, n)| vec![json!(rule), json!(n)]);
    assert_eq!(layout(&mixed), Layout::Lines { x: 1, by: Some(0) });
}

#[test]
fn what_cannot_be_drawn_is_a_table() {
    let table = |values: &[Vec<Value>]| assert_eq!(layout(values), Layout::Table);
    table(&[vec![json!("a")], vec![json!("b")]]);
    table(&[vec![json!(1)], vec![json!(null)]]);
    let cube = [0, 1, 2, 3, 4, 5, 6, 7].map(|bits| [1, 2, 4].map(|bit| json!(bits & bit)).to_vec());
    table(&cube);
    // A path through a plane is no map of it.
    table(&[0, 1, 2, 3, 4].map(|n| vec![json!(n), json!(n * n)]));
}

/// The figures of a grid, and the number of series that are the same everywhere.
fn check(values: &[Vec<Value>], level: fn(usize) -> f64, look: impl Fn(&[Figure<'_>], usize)) {
    let (axes, points) = (axes(values[0].len()), points(values, level));
    let swept = Swept {
        axes: &axes,
        points: &points,
        metrics: &[],
        lines_over: None,
    };
    let (figures, still) = figures(&swept, &CATALOGUE);
    look(&figures, still);
}

#[test]
fn a_map_grows_to_the_right_and_upwards_and_marks_its_ends() {
    check(
        &grid(),
        |point| [3.0, 1.0, 4.0, 1.0, 5.0, 9.0][point],
        |figures, still| {
            assert_eq!(
                (figures.len(), still),
                (1, 1),
                "entropy is the same everywhere"
            );
            let map = &figures[0].heat[0];
            assert_eq!(map.columns, ["0", "0.5", "1"]);
            assert_eq!(map.rows, ["2", "1"]);
            assert_eq!(map.values, [1.25, 1.25, 9.25, 3.25, 4.25, 5.25]);
            assert_eq!((map.lowest, map.highest), (Some(0), Some(2)));
            assert_eq!(map.axes, Some(("beta".to_owned(), "alpha".to_owned())));
        },
    );
}

/// Four points over two numbers; theory expects of `distinct_2` what is measured, and of the third point 5 less.
fn with_theory() -> Vec<SweepPoint> {
    let values = [(0, 1), (0, 2), (1, 1), (1, 2)].map(|(a, b)| vec![json!(a), json!(b)]);
    let point = |(number, values): (usize, &Vec<Value>)| {
        let at = |replicate: u32, value: f64| Row {
            replicate,
            value,
            ..row()
        };
        let level = number as f64;
        let rows = [at(0, level), at(1, level + 0.5)];
        let off = if number == 2 { 5.0 } else { 0.0 };
        SweepPoint::new(values.clone(), &rows, &[at(0, level + 0.25 - off)])
    };
    values.iter().enumerate().map(point).collect()
}

#[test]
fn theory_is_a_map_beside_the_other_with_frames_of_its_own() {
    let (axes, points) = (axes(2), with_theory());
    let swept = Swept {
        axes: &axes,
        points: &points,
        metrics: &[],
        lines_over: None,
    };
    let (figures, _) = figures(&swept, &CATALOGUE);
    let [measured, theory] = &figures[0].heat[..] else {
        panic!("{} maps", figures[0].heat.len());
    };
    assert_eq!(
        (&*measured.title, &*theory.title),
        ("geographer: measured", "geographer: theory")
    );
    assert_eq!(measured.values, [1.25, 3.25, 0.25, 2.25]);
    assert_eq!(theory.values, [1.25, 3.25, 0.25, -2.75]);
    assert_eq!((measured.lowest, theory.lowest), (Some(2), Some(3)));
    assert!(theory.ends_row && !measured.ends_row);
}

#[test]
fn theory_is_dashed_over_lines_that_are_asked_for() {
    let (axes, points) = (axes(2), with_theory());
    let swept = Swept {
        axes: &axes,
        points: &points,
        metrics: &[],
        lines_over: Some("beta"),
    };
    assert_eq!(Layout::of(&swept), Layout::Lines { x: 1, by: Some(0) });
    let (figures, _) = figures(&swept, &CATALOGUE);
    let lines = &figures[0].panels[0].lines;
    let expected: Vec<Vec<f64>> = lines
        .iter()
        .map(|line| line.expected.iter().map(|point| point.y).collect())
        .collect();
    assert_eq!(expected, [[0.25, 1.25], [-2.75, 3.25]]);
}

/// Of two replicates that are half apart the mean has a standard error of a quarter, so that 5 are twenty of them; the first
/// point is two below the third in both replicates, which is beyond doubt.
#[test]
fn theory_and_measurement_are_scored_by_hand() {
    let (axes, points) = (axes(2), with_theory());
    let swept = Swept {
        axes: &axes,
        points: &points,
        metrics: &[],
        lines_over: None,
    };
    let table = theory_table(&swept, &["distinct_2"], 5);
    let row = &table.rows[0];
    assert_eq!(
        row[2..4],
        ["alpha = 0, beta = 1", "alpha = 1, beta = 1"],
        "{row:?}"
    );
    assert!(row[4].parse::<f64>().unwrap() > 1e6, "{row:?}");
    assert_eq!(row[5..], ["20.00", "alpha = 1, beta = 1", "1", "4"]);
    let mut untold = points.clone();
    untold[1].expected.clear();
    let swept = Swept {
        points: &untold,
        ..swept
    };
    let row = &theory_table(&swept, &["distinct_2"], 5).rows[0];
    assert_eq!(row[2..], ["20.00", "alpha = 1, beta = 1", "1", "3"]);
}

#[test]
fn a_point_that_failed_is_a_gap() {
    let axes = axes(2);
    let mut points = points(&grid(), |point| point as f64);
    points[0].series.clear();
    let swept = Swept {
        axes: &axes,
        points: &points,
        metrics: &[],
        lines_over: None,
    };
    let (figures, _) = figures(&swept, &CATALOGUE);
    let map = &figures[0].heat[0];
    assert!(map.values[3].is_nan());
    assert_eq!(map.lowest, Some(0));
    let table = points_table(&swept, &["entropy", "distinct_2"], 5);
    assert_eq!(table.rows[0], ["0", "1", ""]);
}

#[test]
fn lines_run_from_left_to_right_with_a_band_over_replicates() {
    let values = [3, 1, 2].map(|n| vec![json!(n)]);
    check(
        &values,
        |point| point as f64,
        |figures, _| {
            let line = &figures[0].panels[0].lines[0];
            let at: Vec<(f64, f64)> = line.points.iter().map(|point| (point.x, point.y)).collect();
            assert_eq!(at, [(1.0, 1.25), (2.0, 2.25), (3.0, 0.25)]);
            let (low, high) = line.points[0].band.unwrap();
            // t(0.975, 1) sd / sqrt(2) of two values that are half apart.
            assert!(
                (high - low - 2.0 * 12.706 * 0.25).abs() < 1e-9,
                "{low} {high}"
            );
            assert_eq!(figures[0].x_title, "alpha");
        },
    );
}

#[test]
fn a_text_beside_a_number_has_a_line_for_each_of_its_values() {
    let values = [("a", 1), ("b", 1), ("a", 2), ("b", 2)];
    let values = values.map(|(rule, n)| vec![json!(rule), json!(n)]);
    check(
        &values,
        |point| point as f64,
        |figures, _| {
            let lines = &figures[0].panels[0].lines;
            let labels: Vec<&str> = lines.iter().map(|line| line.label.as_str()).collect();
            assert_eq!(labels, ["alpha a", "alpha b"]);
            assert!(lines.iter().all(|line| line.points.len() == 2));
        },
    );
}

#[test]
fn tables_name_the_ends_and_all_points() {
    let (axes, points) = (axes(2), points(&grid(), |point| point as f64));
    let swept = Swept {
        axes: &axes,
        points: &points,
        metrics: &["distinct_2".to_owned()],
        lines_over: None,
    };
    let table = extremes_table(&swept, &["entropy", "distinct_2"], 5);
    assert_eq!(
        table.rows,
        [[
            "distinct_2",
            "geographer",
            "0.2500",
            "alpha = 0, beta = 1",
            "5.250",
            "alpha = 1, beta = 2"
        ]]
    );
    let table = points_table(&swept, &["entropy", "distinct_2"], 5);
    assert_eq!(table.head, ["alpha", "beta", "distinct_2"]);
    assert_eq!(table.rows[3], ["0.5", "2", "3.250"]);
}

#[test]
fn metrics_that_are_asked_for_are_shown_even_if_they_are_the_same() {
    let (axes, points) = (axes(2), points(&grid(), |point| point as f64));
    let swept = Swept {
        axes: &axes,
        points: &points,
        metrics: &["entropy".to_owned()],
        lines_over: None,
    };
    let (figures, still) = figures(&swept, &CATALOGUE);
    assert_eq!((figures.len(), still), (1, 0));
    assert_eq!(
        (figures[0].heat[0].lowest, figures[0].metric),
        (None, "entropy")
    );
}

#[test]
fn numbers_are_as_short_as_they_were_typed() {
    let words = [
        json!(0.1),
        json!(1e-9),
        json!(3),
        json!(2.0),
        json!(1e9),
        json!("a"),
        json!(null),
    ];
    assert_eq!(
        words.map(|value| shown(&value)),
        ["0.1", "1e-9", "3", "2", "1e9", "a", ""]
    );
}

#[test]
fn the_summary_of_a_point_has_the_ends_alone() {
    let points = points(&grid(), |point| point as f64);
    let json = serde_json::to_value(&points[1]).unwrap();
    assert_eq!(json["values"], json!([0.0, 2]));
    assert_eq!(json["series"][0]["last"]["mean"], json!(1.25));
    assert!(json["series"][0].get("first").is_none());
}
