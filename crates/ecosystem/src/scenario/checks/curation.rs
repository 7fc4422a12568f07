//! Whether archives can be curated as the scenario says.

use super::Notes;
use crate::scenario::schema::{CurationStage, DedupScope, Family, Scenario, Watermark};

/// All stages of all crawlers, with their keys.
fn stages(scenario: &Scenario) -> impl Iterator<Item = (String, &CurationStage)> {
    scenario.crawler.iter().flat_map(|crawler| {
        let key = |number: usize| format!("crawler.{}.curate.{number}", crawler.name);
        let numbered = crawler.curate.iter().enumerate();
        numbered.map(move |(number, stage)| (key(number), stage))
    })
}

/// A stage is known by its kind, in metrics as in what is drawn for a page.
pub(super) fn kinds(scenario: &Scenario, notes: &mut Notes) {
    for crawler in &scenario.crawler {
        for (number, stage) in crawler.curate.iter().enumerate() {
            let kind = stage.kind();
            let before = crawler.curate[..number].iter();
            notes.add_if(
                before.into_iter().any(|other| other.kind() == kind),
                format!("crawler.{}.curate.{number}.kind", crawler.name),
                format!("= \"{kind}\" is there already: allowed is one stage of each kind"),
            );
        }
    }
}

/// Only text has words to compare.
pub(super) fn near_duplicates(scenario: &Scenario, notes: &mut Notes) {
    let family = scenario.population.first().map(|one| &one.family);
    if family.is_some_and(Family::is_text) {
        return;
    }
    let near = |stage: &CurationStage| matches!(stage, CurationStage::NearDedup { .. });
    for (key, _) in stages(scenario).filter(|(_, stage)| near(stage)) {
        notes.add(
            format!("{key}.kind"),
            "= \"near-dedup\" is not allowed: only texts, which n-gram models write, have words to compare; allowed are \
             \"url-dedup\", \"exact-dedup\", \"language\", \"heuristics\", \"quality\", \"detector\" and \"watermark\"",
        );
    }
}

/// Behind a stage that rejects everything there is nothing to read.
pub(super) fn something_is_kept(scenario: &Scenario, notes: &mut Notes) {
    for (key, stage) in stages(scenario) {
        let (nothing, allowed) = match *stage {
            CurationStage::Language { real, synthetic }
            | CurationStage::Heuristics { real, synthetic } => (
                real <= 0.0 && synthetic <= 0.0,
                "real = 0 and synthetic = 0 keep nothing: allowed is at least one above 0, up to 1",
            ),
            CurationStage::Quality { keep, .. } => (
                keep <= 0.0,
                "keep = 0 keeps nothing: allowed is above 0, up to 1",
            ),
            CurationStage::Detector {
                true_positive_rate,
                false_positive_rate,
            }
            | CurationStage::Watermark {
                true_positive_rate,
                false_positive_rate,
            } => (
                true_positive_rate >= 1.0 && false_positive_rate >= 1.0,
                "true_positive_rate = 1 and false_positive_rate = 1 keep nothing: allowed is at least one below 1, down to 0",
            ),
            CurationStage::UrlDedup { .. }
            | CurationStage::ExactDedup { .. }
            | CurationStage::NearDedup { .. } => continue,
        };
        notes.add_if(nothing, key, format!("= \"{}\": {allowed}", stage.kind()));
    }
}

/// Stages that do nothing, or more than is probably meant.
pub(super) fn suspicions(scenario: &Scenario, notes: &mut Notes) {
    for (key, stage) in stages(scenario) {
        match stage {
            CurationStage::UrlDedup {
                scope: DedupScope::Snapshot,
            } => notes.add(
                format!("{key}.scope"),
                "= \"snapshot\" has no effect: a snapshot has a page once; \"global\" compares with earlier ones",
            ),
            CurationStage::ExactDedup { .. } => equal_contents(scenario, &key, notes),
            _ => {}
        }
    }
    watermarks(scenario, notes);
}

fn equal_contents(scenario: &Scenario, key: &str, notes: &mut Notes) {
    let message = match scenario.population.first().map(|one| &one.family) {
        None | Some(Family::Ngram { .. } | Family::Transformer(_)) => return,
        Some(Family::Categorical {}) => {
            "= \"exact-dedup\" keeps one document of each symbol and rejects all others: equal symbols are equal documents"
        }
        Some(_) => {
            "= \"exact-dedup\" has no effect: two documents of numbers are hardly ever equal"
        }
    };
    notes.add(format!("{key}.kind"), message);
}

/// Those who mark and those who look for marks need each other, now or after an intervention.
fn watermarks(scenario: &Scenario, notes: &mut Notes) {
    let later = scenario.intervention.iter().flat_map(|one| &one.set);
    if later.into_iter().any(|change| change.contains("watermark")) {
        return;
    }
    let looked_for = |stage: &CurationStage| matches!(stage, CurationStage::Watermark { .. });
    let mut marking = scenario
        .population
        .iter()
        .filter(|one| one.publish.watermark.is_there());
    let mut looking = stages(scenario).filter(|(_, stage)| looked_for(stage));
    match (marking.next(), looking.next()) {
        // A green list shows in the text itself.
        (Some(population), None) if population.publish.watermark == Watermark::Ideal(true) => notes
            .add(
                super::at(population, "publish.watermark"),
                "has no effect: no crawler looks for it",
            ),
        (None, Some((key, _))) => notes.add(
            format!("{key}.kind"),
            "= \"watermark\" finds none: no population has publish.watermark = true",
        ),
        _ => {}
    }
}
