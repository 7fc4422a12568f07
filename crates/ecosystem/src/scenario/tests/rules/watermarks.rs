//! Green lists.

use super::check_rule;
use crate::scenario::schema::{GreenList, Watermark};
use crate::scenario::tests::{NUMBERS, TEXT, good};

const KEYED: (&str, &str) = (
    "population.a.publish.watermark",
    "{ green_list = { key = 7 } }",
);

#[test]
fn a_watermark_is_ideal_or_a_green_list() {
    let mark = |changes: &[(&str, &str)]| good(TEXT, changes).population[0].publish.watermark;
    assert_eq!(mark(&[]), Watermark::Ideal(false));
    let ideal = mark(&[("population.a.publish.watermark", "true")]);
    assert_eq!((ideal, ideal.green_list()), (Watermark::Ideal(true), None));
    let usual = GreenList {
        key: 7,
        gamma: 0.25,
        delta: 2.0,
    };
    assert_eq!(mark(&[KEYED]).green_list(), Some(usual));
    let strong = ("population.a.publish.watermark.green_list.delta", "4");
    let delta = mark(&[KEYED, strong]).green_list().map(|list| list.delta);
    assert_eq!(delta, Some(4.0));
}

#[test]
fn only_text_has_green_tokens() {
    let told = "population.a.publish.watermark.green_list is not allowed: only text has tokens";
    check_rule(NUMBERS, &[KEYED], &[told]);
    check_rule(NUMBERS, &[("population.a.publish.watermark", "true")], &[]);
}

#[test]
fn n_grams_do_not_draw_for_ever() {
    let strong = ("population.a.publish.watermark.green_list.delta", "6");
    let told = "population.a.publish.watermark.green_list.delta = 6 is not allowed: n-grams draw e^delta times";
    check_rule(TEXT, &[KEYED, strong], &[told]);
    let network = ("population.a.family.kind", "transformer");
    check_rule(TEXT, &[network, KEYED, strong], &[]);
}
