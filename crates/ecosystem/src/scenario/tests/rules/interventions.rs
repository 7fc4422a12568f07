//! Interventions that contradict each other, come too late or change nothing.

use super::*;

/// Two groups, one of which changes its mind.
fn changed(list: &str) -> Vec<String> {
    problems(NUMBERS, &[("intervention", list)])
}

#[track_caller]
fn check_warned(list: &str, expected: &[&str]) {
    let scenario = good(NUMBERS, &[("intervention", list)]);
    let actual = warnings(&scenario);
    assert_eq!(actual, expected);
    let written = resolved(&scenario);
    assert_eq!(read(&written, &[], &METRICS).as_ref(), Ok(&scenario));
}

fn documents(scenario: &Scenario) -> Vec<u32> {
    let stages = crate::scenario::stages::stages(scenario);
    let first =
        |stage: &crate::scenario::stages::Stage| stage.scenario.population[0].publish.documents;
    stages.iter().map(first).collect()
}

#[test]
fn an_instant_lies_between_start_and_horizon() {
    let at = |instant: &str| {
        changed(&format!(
            "[{{ at = {instant}, set = ['population.a.publish.documents=3'] }}]"
        ))
    };
    assert_eq!(at("{ days = 0 }"), [] as [&str; 0]);
    assert_eq!(at("{ generations = 10 }"), [] as [&str; 0]);
    assert_eq!(
        at("{ days = -1 }"),
        ["intervention.0.at.days = -1 is out of range: allowed is 0 to 36500000"]
    );
    assert_eq!(
        at("{ days = 10.5 }"),
        ["intervention.0.at is after the horizon: it would never be made"]
    );
}

#[test]
fn of_two_at_one_instant_the_one_further_down_holds() {
    let later = "{ at = { days = 3 }, set = ['population.a.publish.documents=7'] }";
    let one = "{ at = { days = 2 }, set = ['population.a.publish.documents=3'] }";
    let two = "{ at = { generations = 2 }, set = ['population.a.publish.documents=5'] }";
    let order = |list: &[&str]| {
        documents(&good(
            NUMBERS,
            &[("intervention", &format!("[{}]", list.join(", ")))],
        ))
    };
    assert_eq!(order(&[later, one, two]), [3, 5, 7]);
    assert_eq!(order(&[two, later, one]), [5, 3, 7]);
    check_warned(
        &format!("[{later}, {one}, {two}]"),
        &[
            "intervention.2.set sets population.a.publish.documents to 5, and intervention.1 to 3 \
           at the same instant: the one further down holds",
        ],
    );
    // So it is within one list, and of a key for all and for one.
    check_warned(
        "[{ at = { days = 2 }, set = ['population.a.publish.documents=3', 'population.a.publish.documents = 5'] }]",
        &[
            "intervention.0.set sets population.a.publish.documents to 5, and intervention.0 to 3 \
           at the same instant: the one further down holds",
        ],
    );
    check_warned(
        &format!("[{one}, {one}]"),
        &["intervention.1.set changes nothing: everything has these values by then"],
    );
}

#[test]
fn changes_that_come_to_nothing_are_told() {
    check_warned(
        "[{ at = { days = 2 }, set = ['population.a.publish.documents=100'] }]",
        &["intervention.0.set changes nothing: everything has these values by then"],
    );
    // The index is refreshed once a day, until day 10.
    let late = "[{ at = { days = 9.5 }, set = ['population.a.publish.documents=3'] }]";
    check_warned(late, &[]);
    let scenario = good(NUMBERS, &[("intervention", late), ("horizon.days", "9.75")]);
    assert_eq!(
        warnings(&scenario),
        [
            "intervention.0.at is after the last refresh of the index and the last crawl: nobody would notice it"
        ]
    );
}

#[test]
fn what_another_made_meaningless_is_told() {
    let silence = "{ at = { days = 2 }, set = ['population.*.publish.documents=0', 'population.*.mixture.synthetic_fraction=0.5'] }";
    check_warned(
        &format!("[{silence}]"),
        &[
            "from day 2 on, population.a.mixture.synthetic_fraction has no effect: nobody publishes, \
           so every training is on real data",
            "from day 2 on, population.b.mixture.synthetic_fraction has no effect: nobody publishes, \
           so every training is on real data",
        ],
    );
    // A part of an alternative that another has taken the place of.
    let window = "{ at = { days = 2 }, set = ['population.a.training.regime={ window = 3 }'] }";
    let replace = "{ at = { days = 3 }, set = ['population.a.training.regime=replace'] }";
    let part = "{ at = { days = 4 }, set = ['population.a.training.regime.windows=3'] }";
    assert_eq!(
        changed(&format!("[{window}, {replace}, {part}]")),
        [
            "intervention.2.set population.a.training.regime.windows was set, but nothing has a key `windows` there: allowed is \"replace\", \"accumulate\" or { discount = ... }, { window = ... }"
        ]
    );
    // Each alone is fine.
    let exact = "{ at = { days = 4 }, set = ['population.a.training.mixing=exact'] }";
    let detector = "{ at = { days = 5 }, set = \
                    ['population.a.read.detector={ true_positive_rate = 0.9, false_positive_rate = 0.1 }'] }";
    assert_eq!(changed(&format!("[{exact}]")), [] as [&str; 0]);
    assert_eq!(
        changed(&format!("[{exact}, {detector}]")),
        [
            "intervention.1.set population.a.read.detector is not allowed: a detector looks at the documents of a sample; \
          it needs mixing = \"drawn\""
        ]
    );
}
