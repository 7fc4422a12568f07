use super::super::builtin as scenarios;
use super::*;

const KNOWN: [&str; 2] = ["variance", "entropy"];

fn read(text: &str) -> Sweep {
    Sweep::read(text, &KNOWN).unwrap()
}

/// What is said to a sweep file over `collapse`, wherever it is noticed.
fn said(text: &str) -> String {
    let collapse = scenarios::find("collapse").unwrap().text;
    let sweep = match Sweep::read(text, &KNOWN) {
        Ok(sweep) => sweep,
        Err(problems) => return problems.to_string(),
    };
    sweep.scenarios(collapse, &KNOWN).unwrap_err().to_string()
}

fn check(text: &str, expected: &[&str]) {
    let said = said(text);
    for part in expected {
        assert!(said.contains(part), "`{part}` is missing in:\n{said}");
    }
    assert_eq!(said.lines().count(), expected.len(), "{said}");
}

fn names(sweep: &Sweep) -> Vec<String> {
    (0..sweep.points.len())
        .map(|point| sweep.point_name(point))
        .collect()
}

#[test]
fn a_grid_runs_through_its_last_key_first_and_in_the_order_of_the_file() {
    let sweep = read(
        "scenario = 'collapse'\n[labels]\n'population.*.mixture.synthetic_fraction' = 'alpha'\n\
         [grid]\n'population.*.mixture.synthetic_fraction' = [0.0, 0.5]\nhorizon.generations = [3, 4]\n",
    );
    assert_eq!(
        names(&sweep),
        [
            "alpha = 0, generations = 3",
            "alpha = 0, generations = 4",
            "alpha = 0.5, generations = 3",
            "alpha = 0.5, generations = 4"
        ]
    );
    assert_eq!(sweep.title, "collapse by alpha and generations");
    let change = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(
        sweep.changes(2),
        [
            change("population.*.mixture.synthetic_fraction", "0.5"),
            change("horizon.generations", "3")
        ]
    );
}

#[test]
fn keys_that_go_together_take_the_same_value() {
    let sweep = read("scenario = 'x'\n[grid]\n'a.documents, b.tokens' = [1, 2]\n");
    assert_eq!(sweep.axes[0].label, "documents");
    let keys: Vec<String> = sweep.changes(1).into_iter().map(|pair| pair.0).collect();
    assert_eq!(keys, ["a.documents", "b.tokens"]);
}

#[test]
fn points_of_a_list_may_leave_a_key_alone() {
    let sweep = read(
        "scenario = 'x'\n[[point]]\nseed = 3\n[[point]]\nseed = 4\n'web.retention' = { window = 2 }\n",
    );
    assert_eq!(
        names(&sweep),
        ["seed = 3", "seed = 4, retention = { window = 2 }"]
    );
    assert_eq!(sweep.points[0][1], None);
    assert!(!sweep.is_grid());
}

#[test]
fn lines_run_over_something_that_varies() {
    check(
        "scenario = 'collapse'\n[report]\nlines_over = 'sead'\n[grid]\nseed = [1, 2]\nreplicates = [1, 2]\n",
        &["line 3: report.lines_over = \"sead\" is not what varies: did you mean `seed`?"],
    );
}

#[test]
fn labels_that_end_alike_are_whole_keys() {
    let sweep =
        read("scenario = 'x'\n[grid]\n'a.count' = [1]\n'b.count' = [1]\n'c.population' = [2]\n");
    let labels: Vec<&str> = sweep.axes.iter().map(|axis| axis.label.as_str()).collect();
    assert_eq!(labels, ["a.count", "b.count", "c.population"]);
}

#[test]
fn a_resolved_sweep_reads_back() {
    for text in [
        "title = 'A \"title\"'\nscenario = 'collapse'\nseed = 3\nreplicates = 2\nkeep = 'all'\n\
         [report]\nmetrics = ['variance']\nlines_over = 'documents'\n[set]\n'horizon.generations' = 3\n\
         [grid]\n'population.copyist.publish.documents, population.copyist.real.documents' = [10, 20]\n",
        "scenario = 'collapse'\n[[point]]\nseed = 1\n[[point]]\n'web.retention' = 'accumulate'\n",
        "scenario = 'collapse'\n[grid]\n'web.retention' = ['accumulate', { window = 2 }]\n",
    ] {
        let mut sweep = read(text);
        sweep.set("replicates", "5").unwrap();
        let scenario = "title = 'x'\n# It isn't \"\"\" a \\ trap\n";
        let again = read(&sweep.resolved(scenario));
        assert_eq!(again.text.as_deref(), Some(scenario));
        assert_eq!(again.title, sweep.title);
        assert_eq!((again.keep, &again.metrics), (sweep.keep, &sweep.metrics));
        assert_eq!(again.lines_over, sweep.lines_over);
        let changes = |sweep: &Sweep| -> Vec<_> {
            (0..sweep.points.len())
                .map(|point| sweep.changes(point))
                .collect()
        };
        assert_eq!(changes(&again), changes(&sweep));
        assert_eq!(names(&again), names(&sweep));
        assert_eq!(again.resolved(scenario), sweep.resolved(scenario));
    }
}

/// Found by fuzzing: such sweeps ran, and could not be resumed.
#[test]
fn labels_and_titles_that_the_keys_make_may_be_long() {
    let key = |number: usize| format!("population.copyist-{number}.mixture.synthetic_fraction");
    let grid = (0..8).map(|number| format!("'{}' = [0.0, 0.5]\n", key(number)));
    let text = format!(
        "scenario = 'collapse'\n[grid]\n{}",
        grid.collect::<String>()
    );
    let sweep = read(&text);
    assert_eq!(sweep.axes[7].label, key(7));
    assert!(sweep.axes[7].label.len() > LABEL_MAX && sweep.title.len() > TITLE_MAX);
    let again = read(&sweep.resolved("x"));
    assert_eq!((&again.title, again.axes.len()), (&sweep.title, 8));
    assert_eq!(again.point_name(255), sweep.point_name(255));
}

#[test]
fn the_command_line_does_not_set_what_varies() {
    let mut sweep = read("scenario = 'x'\n[grid]\n'a, seed' = [1, 2]\n");
    assert!(
        sweep
            .set("seed", "3")
            .unwrap_err()
            .contains("it is a key that varies")
    );
    sweep.set("replicates", "3").unwrap();
    sweep.set("replicates", "4").unwrap();
    assert_eq!(sweep.fixed.len(), 1);
    assert_eq!(sweep.fixed[0].toml, "4");
}

#[test]
fn all_problems_of_a_file_are_told_with_their_lines() {
    check(
        "scenaro = 'collapse'\nkeep = 'some'\n[report]\nmetrics = ['varience']\n[labels]\nsead = 's'\n[grid]\nseed = []\n\
         'web.retention' = 'replace'\nreplicates = [3, 4, 3.0]\n[set]\nreplicates = 3\n",
        &[
            "line 1: scenaro is not a known key: did you mean `scenario`?",
            "line 2: keep = \"some\" is not allowed: allowed is \"last\", \"all\"",
            "line 4: report.metrics.0 = \"varience\" is not allowed: allowed is \"variance\", \"entropy\"; did you mean `variance`?",
            "line 6: sead has a label but does not vary: did you mean `seed`?",
            "line 8: seed = [] has no values",
            "line 9: web.retention = \"replace\" is no list: write [\"replace\"]",
            "line 10: replicates has 3 twice",
            "line 12: replicates is set, but it also varies",
            "scenario is missing",
        ],
    );
}

#[test]
fn a_file_needs_either_a_grid_or_points() {
    check(
        "scenario = 'collapse'\n",
        &["grid is missing, and so is a list of points"],
    );
    check(
        "scenario = 'collapse'\n[grid]\n",
        &["line 2: grid is empty"],
    );
    check(
        "scenario = 'collapse'\n[grid]\nseed = [1]\n[[point]]\nseed = 1\n",
        &["line 4: point stands beside a grid"],
    );
    check(
        "scenario = 'collapse'\n[[point]]\nseed = 1\n[[point]]\nseed = 1.0\n",
        &["line 4: point number 1 is point number 0 again"],
    );
    check(
        "scenario = 'collapse'\n[grid]\n'a.value' = [1]\n[labels]\n'a.value' = 'metric'\n",
        &["a.value cannot be called `metric`: another column is"],
    );
}

#[test]
fn what_the_scenario_refuses_is_told_once_with_the_line_of_the_value() {
    check(
        "scenario = 'collapse'\nreplicates = 0\n[set]\n'horizon.generation' = 3\n[grid]\n\
         'population.*.mixture.synthetic_fraction' = [0.0, 1.5]\n'population.copyst.count' = [1, 2]\nseed = [1, 2]\n",
        &[
            "line 2: replicates = 0 is out of range: allowed is 1 to 100000",
            "line 4: horizon.generation was set, but `generation` is not known: did you mean `generations`?",
            "line 6: population.copyist.mixture.synthetic_fraction = 1.5 is out of range: allowed is 0 to 1",
            "line 7: population.copyst.count was set, but `copyst` is not known: did you mean `copyist`?",
        ],
    );
}

#[test]
fn what_no_single_value_causes_is_told_with_its_first_point() {
    let said = said(
        "scenario = 'collapse'\n[grid]\n'web.index_refresh.generations' = [1, 2]\nseed = [1, 2]\n",
    );
    assert!(said.contains("web.index_refresh"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn labels_are_short_texts() {
    check(
        "scenario = 'collapse'\n[grid]\nhorizon.generations = [1, 2]\nseed = [1, 2]\n[labels]\nhorizon.generations = 't'\nseed = 3\n",
        &["line 7: seed = 3 is no label: allowed is a text of 1 to 40 characters"],
    );
}

#[test]
fn large_seeds_are_not_rounded() {
    let seeds = "[9223372036854775806, 9223372036854775807]";
    let sweep = read(&format!("scenario = 'collapse'\n[grid]\nseed = {seeds}\n"));
    let collapse = scenarios::find("collapse").unwrap().text;
    let points = sweep.scenarios(collapse, &crate::metrics::names()).unwrap();
    assert_eq!(
        (points[0].seed, points[1].seed),
        ((1 << 63) - 2, (1 << 63) - 1)
    );
}

#[test]
fn settings_that_undo_one_another_are_noticed() {
    check(
        "scenario = 'collapse'\n[grid]\n'population.*.count' = [1, 2]\n'population.copyist.count' = [3, 4]\n",
        &[
            "points 0 (population.*.count = 1, population.copyist.count = 3) and 2 (population.*.count = 2, \
           population.copyist.count = 3) are the same scenario: one setting undoes another",
        ],
    );
}

#[test]
fn too_many_points_are_refused_before_they_are_made() {
    let values: Vec<String> = (0..400).map(|value| value.to_string()).collect();
    let list = values.join(", ");
    let text = format!("scenario = 'collapse'\n[grid]\na = [{list}]\nb = [{list}]\n");
    check(
        &text,
        &["line 2: grid has too many points: allowed are 100000"],
    );
}

#[test]
fn built_in_sweeps_can_be_run() {
    let known = crate::metrics::names();
    for sweep in builtin::builtins() {
        let sweep = Sweep::read(sweep.text, &known).unwrap();
        let scenario = scenarios::find(&sweep.scenario).unwrap();
        let points = sweep.scenarios(scenario.text, &known).unwrap();
        assert!(Sweep::warnings(&points).is_empty());
    }
    let error = builtin::find("collapse-by-sample-sise").unwrap_err();
    assert!(
        error
            .to_string()
            .contains("did you mean `collapse-by-sample-size`?")
    );
}
