//! What formulas know of a scenario.

use learn::Truth;

use super::Case;
use super::library::scenarios;
use super::runner::ReproductionError;
use crate::data::Data;
use crate::scenario::builtin::Builtin;
use crate::scenario::schema::{Bandwidth, Family, Population, Scenario, SyntheticFraction};

/// A case, ready to be run.
#[derive(Debug, Clone)]
pub(super) struct Prepared {
    pub(super) scenario: Scenario,
    pub(super) data: Data,
}

impl Prepared {
    pub(super) fn new(case: &Case) -> Result<Self, ReproductionError> {
        let overrides: Vec<(String, String)> = case
            .overrides
            .iter()
            .map(|&(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        let problem = |message: String| ReproductionError::Scenario {
            scenario: case.scenario,
            message,
        };
        let scenario = crate::scenario::read(text(case)?, &overrides, &crate::metrics::names())
            .map_err(|problems| problem(problems.to_string()))?;
        let data = Data::load(&scenario, |source, _| {
            Err(format!("{source} is not built in"))
        })
        .map_err(|errors| problem(errors.iter().map(ToString::to_string).collect()))?;
        Ok(Self { scenario, data })
    }
}

fn text(case: &Case) -> Result<&'static str, ReproductionError> {
    let named = |file: &&Builtin| file.name == case.scenario;
    let file = scenarios().iter().find(named);
    file.map(|file| file.text)
        .ok_or_else(|| ReproductionError::Scenario {
            scenario: case.scenario,
            message: "does not exist".to_owned(),
        })
}

/// What a formula may look at: the first case of its check, and the number of fits.
#[derive(Debug, Clone, Copy)]
pub struct Setup<'a> {
    pub(super) first: &'a Prepared,
    /// Number of fits.
    pub t: u32,
}

impl<'a> Setup<'a> {
    /// The scenario.
    pub fn scenario(&self) -> &'a Scenario {
        &self.first.scenario
    }

    /// The population that is measured: the first one.
    ///
    /// # Panics
    /// Never: a checked scenario has a population.
    pub fn population(&self) -> &'a Population {
        self.scenario()
            .population
            .first()
            .expect("a checked scenario has a population")
    }

    /// Share of synthetic data in every training but the first; not a number where it is not constant.
    pub fn synthetic_share(&self) -> f64 {
        match self.population().mixture.synthetic_fraction {
            SyntheticFraction::Constant(share) => share,
            SyntheticFraction::Schedule(_) | SyntheticFraction::ByCount(_) => f64::NAN,
        }
    }

    /// Real documents that one model holds; not a number where the scenario does not say.
    pub fn real_documents(&self) -> f64 {
        let documents = self.population().real.documents;
        documents.map_or(f64::NAN, f64::from)
    }

    /// Documents that one model publishes.
    pub fn documents(&self) -> f64 {
        f64::from(self.population().publish.documents)
    }

    /// Standard deviation of the kernel, where it is fixed; not a number for other families.
    pub fn bandwidth(&self) -> f64 {
        match self.population().family {
            Family::Kde {
                bandwidth: Bandwidth::Fixed(width),
                ..
            } => width,
            _ => f64::NAN,
        }
    }

    /// The distribution of the population's public corpus.
    ///
    /// # Panics
    /// If the table names a scenario without one, which its tests rule out.
    pub fn truth(&self) -> &'a Truth {
        let name = self.population().real.public.as_deref().unwrap_or_default();
        self.first
            .data
            .truth(name)
            .expect("scenarios of reproductions have a public corpus")
    }

    /// Distance of the mean of either class from the middle, where the truth has two classes.
    pub fn separation(&self) -> Option<f64> {
        let Truth::Classes { own } = self.truth() else {
            return None;
        };
        let pairs = own.means[0].iter().zip(&own.means[1]);
        let squares: f64 = pairs.map(|(a, b)| (b - a) * (b - a)).sum();
        Some(0.5 * libm::sqrt(squares))
    }

    /// Values of the answers in the population's game; none if it plays none.
    pub fn values(&self) -> &'a [f64] {
        let game = self.population().read.payoff.as_ref();
        match game.and_then(|game| self.first.data.truth(&game.value)) {
            Some(Truth::Categorical { probabilities }) => probabilities,
            _ => &[],
        }
    }

    /// The true probabilities; none if the truth is no distribution over symbols or captions.
    pub fn probabilities(&self) -> &'a [f64] {
        match self.truth() {
            Truth::Categorical { probabilities } => probabilities,
            Truth::Captioned { own } => &own.probabilities,
            _ => &[],
        }
    }
}
