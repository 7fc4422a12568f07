//! A scenario with interventions, stage by stage.

use super::schema::{Clock, Crawler, Intervention, Population, Scenario, Site, Span};
use super::{Reader, resolved};

/// A scenario as it is from one instant on.
#[derive(Debug, Clone)]
pub(crate) struct Stage {
    /// Number of its intervention in the file.
    pub(crate) number: usize,
    /// When it begins.
    pub(crate) at: Span,
    /// What holds then, without interventions.
    pub(crate) scenario: Scenario,
}

/// The stages of a scenario after the first, in order.
///
/// # Panics
/// If the scenario was not checked.
pub(crate) fn stages(scenario: &Scenario) -> Vec<Stage> {
    if scenario.intervention.is_empty() {
        return Vec::new();
    }
    attempts(scenario)
        .into_iter()
        .map(|stage| stage.expect("the scenario was checked: its interventions can be made"))
        .collect()
}

/// The stages in the order of time, those of one instant in the order of the file, or what is wrong with them: the number of the
/// intervention, and why.
pub(super) fn attempts(scenario: &Scenario) -> Vec<Result<Stage, (usize, String)>> {
    let reader = Reader::new();
    let mut before = Scenario {
        intervention: Vec::new(),
        ..scenario.clone()
    };
    let mut order: Vec<usize> = (0..scenario.intervention.len()).collect();
    let days = |number: &usize| scenario.days(scenario.intervention[*number].at);
    order.sort_by(|a, b| days(a).total_cmp(&days(b)));
    let mut stages = Vec::new();
    for number in order {
        let change = &scenario.intervention[number];
        let stage = next(&reader, &before, change).map(|scenario| Stage {
            number,
            at: change.at,
            scenario,
        });
        if let Ok(stage) = &stage {
            before = stage.scenario.clone();
        }
        stages.push(stage.map_err(|message| (number, message)));
    }
    stages
}

/// `KEY=VALUE` as a key and a value, as `--set` and interventions take it; `None` if it is none.
pub fn pair(text: &str) -> Option<(String, String)> {
    let (key, value) = text.split_once('=')?;
    let (key, value) = (key.trim(), value.trim());
    (!key.is_empty()).then(|| (key.to_owned(), value.to_owned()))
}

/// What holds after a change.
fn next(reader: &Reader, before: &Scenario, change: &Intervention) -> Result<Scenario, String> {
    let mut pairs = Vec::new();
    for text in &change.set {
        pairs.push(pair(text).ok_or(format!("`{text}` is not KEY=VALUE"))?);
    }
    let scenario = reader
        .read(&resolved(before), &pairs, &crate::metrics::names())
        .map_err(|problems| {
            let all = problems.list.iter();
            let texts = all.map(|problem| format!("{} {}", problem.key, problem.message));
            texts.collect::<Vec<_>>().join("; ")
        })?;
    if let Some(key) = fixed(before, &scenario) {
        return Err(format!(
            "{key} cannot change on the way: it is part of what the run is"
        ));
    }
    Ok(scenario)
}

/// The first thing that differs and may not.
fn fixed(before: &Scenario, after: &Scenario) -> Option<String> {
    // What may change is taken from the earlier scenario, so that only the rest is compared.
    let mut allowed = after.clone();
    let pairs = allowed.population.iter_mut().zip(&before.population);
    for (now, then) in pairs {
        let free = Population {
            mixture: then.mixture.clone(),
            training: then.training.clone(),
            publish: then.publish.clone(),
            read: then.read.clone(),
            ..now.clone()
        };
        let apart = |clock: Option<Clock>| clock.map(|clock| std::mem::discriminant(&clock));
        if apart(now.publish.clock) != apart(then.publish.clock) {
            return Some(format!("the kind of population.{}.publish.clock", now.name));
        }
        if now.training.initial != then.training.initial {
            return Some(format!("population.{}.training.initial", now.name));
        }
        if now.read.scrape != then.read.scrape {
            return Some(format!("population.{}.read.scrape", now.name));
        }
        *now = free;
    }
    for (now, then) in allowed.site.iter_mut().zip(&before.site) {
        let writers = match (&now.writers, &then.writers) {
            (Some(_), Some(writers)) => Some(writers.clone()),
            _ => now.writers.clone(),
        };
        *now = Site {
            writers,
            ..now.clone()
        };
    }
    for (now, then) in allowed.crawler.iter_mut().zip(&before.crawler) {
        *now = Crawler {
            name: now.name.clone(),
            every: now.every,
            clock: now.clock,
            private_to: now.private_to.clone(),
            ..then.clone()
        };
    }
    difference(before, &allowed)
}

/// Which part differs.
fn difference(before: &Scenario, after: &Scenario) -> Option<String> {
    if before == after {
        return None;
    }
    let named = |list: &str, name: Option<&String>| match name {
        Some(name) => format!("{list}.{name}"),
        None => list.to_owned(),
    };
    let mut pairs = before.population.iter().zip(&after.population);
    if before.population != after.population {
        let other = pairs.find(|(a, b)| a != b).map(|(a, _)| &a.name);
        return Some(named("population", other));
    }
    if before.site != after.site {
        let other = before.site.iter().zip(&after.site).find(|(a, b)| a != b);
        return Some(named("site", other.map(|(a, _)| &a.name)));
    }
    if before.crawler != after.crawler {
        let other = before
            .crawler
            .iter()
            .zip(&after.crawler)
            .find(|(a, b)| a != b);
        return Some(named("crawler", other.map(|(a, _)| &a.name)));
    }
    if before.web != after.web {
        return Some("web".to_owned());
    }
    if before.observe != after.observe {
        return Some("observe".to_owned());
    }
    Some("a key of the whole scenario".to_owned())
}

impl Scenario {
    /// A span in days.
    pub(crate) fn days(&self, span: Span) -> f64 {
        match span {
            Span::Days(days) => days,
            Span::Generations(generations) => generations * self.generation_days,
        }
    }
}
