//! The scenarios of all points, or what is wrong with them.

use std::collections::BTreeMap;

use super::super::problem::{Problem, Problems};
use super::super::schema::Scenario;
use super::super::{Reader, resolved, warnings};
use super::{Setting, Sweep};

impl Sweep {
    /// The checked scenario of every point.
    ///
    /// # Errors
    /// What the scenario says to the settings, each problem once, with the line of the sweep file where a setting causes
    /// it, and else with the first point that has it.
    pub fn scenarios(&self, text: &str, known_metrics: &[&str]) -> Result<Vec<Scenario>, Problems> {
        let reader = Reader::new();
        let mut scenarios = Vec::with_capacity(self.points.len());
        let mut told: Vec<Told> = Vec::new();
        for point in 0..self.points.len() {
            match reader.read(text, &self.changes(point), known_metrics) {
                Ok(scenario) => scenarios.push(scenario),
                Err(problems) => {
                    for problem in problems.list {
                        note(&mut told, problem, point);
                    }
                }
            }
        }
        let mut list: Vec<Problem> = told.into_iter().map(|told| self.problem(told)).collect();
        if list.is_empty() {
            list.extend(self.twins(&scenarios));
        }
        if list.is_empty() {
            return Ok(scenarios);
        }
        list.sort_by_key(|problem| (problem.line.is_none(), problem.line));
        Err(Problems { list })
    }

    /// What is allowed and probably not meant at some point, one sentence each.
    pub fn warnings(scenarios: &[Scenario]) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for warning in scenarios.iter().flat_map(warnings) {
            if !all.contains(&warning) {
                all.push(warning);
            }
        }
        all
    }

    /// Points whose settings differ and whose scenarios do not: one setting undoes another. The first pair is told.
    fn twins(&self, scenarios: &[Scenario]) -> Option<Problem> {
        let mut seen = BTreeMap::new();
        let twins = scenarios.iter().enumerate().find_map(|(point, scenario)| {
            let hash: [u8; 32] = blake3::hash(resolved(scenario).as_bytes()).into();
            let first = *seen.entry(hash).or_insert(point);
            (first != point).then_some((first, point))
        });
        let (first, second) = twins?;
        let names = [first, second].map(|point| self.point_name(point));
        Some(Problem {
            line: None,
            key: String::new(),
            message: format!(
                "points {first} ({}) and {second} ({}) are the same scenario: one setting undoes another",
                names[0], names[1]
            ),
        })
    }

    /// A problem of some points, as a problem of the sweep file.
    fn problem(&self, told: Told) -> Problem {
        let Told {
            problem,
            first,
            points,
        } = told;
        if let Some(line) = self.cause(&problem.key, first) {
            return Problem {
                line: Some(line),
                ..problem
            };
        }
        let line = problem.line;
        let line = line.map(|line| format!(" (line {line} of {})", self.scenario));
        let all = self.points.len();
        let place = (points < all).then(|| {
            let name = self.point_name(first);
            format!(" (at {points} of {all} points, the first with {name})")
        });
        let message = [problem.message]
            .into_iter()
            .chain(line)
            .chain(place)
            .collect();
        Problem {
            line: None,
            key: problem.key,
            message,
        }
    }

    /// Line of the setting of a point that a problem is about: the one with the longest key of those that lead there.
    fn cause(&self, key: &str, point: usize) -> Option<usize> {
        let varying = self.points[point].iter().flatten();
        let settings = self.fixed.iter().chain(varying);
        let leading = settings.filter(|setting| setting.keys.iter().any(|own| leads(own, key)));
        let longest = leading.max_by_key(|setting| setting.keys.iter().map(String::len).max());
        longest.and_then(|setting: &Setting| setting.line)
    }
}

/// A problem, and where it was met.
struct Told {
    problem: Problem,
    first: usize,
    points: usize,
}

fn note(told: &mut Vec<Told>, problem: Problem, point: usize) {
    match told.iter_mut().find(|told| told.problem == problem) {
        Some(told) => told.points += 1,
        None => told.push(Told {
            problem,
            first: point,
            points: 1,
        }),
    }
}

/// True if one of a key that may have stars and another key leads to or through the other.
fn leads(pattern: &str, key: &str) -> bool {
    let mut pairs = pattern.split('.').zip(key.split('.'));
    pairs.all(|(own, part)| own == "*" || own == part)
}
