//! Whether green lists can be written, and are looked at.

use super::{Notes, at};
use crate::metrics::WATERMARK_Z;
use crate::scenario::schema::{Family, Scenario};

/// N-grams draw again and again until a token stays: e^5 times are 148.
const NGRAM_DELTA_MAX: f64 = 5.0;

/// Only text has tokens, and n-grams have patience.
pub(super) fn green_lists(scenario: &Scenario, notes: &mut Notes) {
    for population in &scenario.population {
        let Some(list) = population.publish.watermark.green_list() else {
            continue;
        };
        let key = at(population, "publish.watermark.green_list");
        notes.add_if(
            !population.family.is_text(),
            &key,
            "is not allowed: only text has tokens that could be green; allowed are true and false",
        );
        let draws = matches!(population.family, Family::Ngram { .. });
        notes.add_if(
            draws && list.delta > NGRAM_DELTA_MAX,
            format!("{key}.delta"),
            format!(
                "= {} is not allowed: n-grams draw e^delta times for a token; allowed is at most {NGRAM_DELTA_MAX}",
                list.delta
            ),
        );
    }
}

/// What is looked for should be there, now or after an intervention.
pub(super) fn unseen(scenario: &Scenario, notes: &mut Notes) {
    let mut named = scenario.observe.metrics.iter();
    let later = scenario.intervention.iter().flat_map(|one| &one.set);
    let mut marks = scenario.population.iter().map(|one| one.publish.watermark);
    notes.add_if(
        named.any(|name| name == WATERMARK_Z)
            && !marks.any(|mark| mark.green_list().is_some())
            && !later.into_iter().any(|change| change.contains("watermark")),
        "observe.metrics",
        format!("names {WATERMARK_Z}, but no population has a publish.watermark.green_list"),
    );
}
