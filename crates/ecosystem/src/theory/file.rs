//! Systems from JSON: the `inputs` objects that theory and tests share.

use learn::theory::{
    Design, Published, RealData, Retention, STATE_MAX, Scrape, Start, System, Update,
};
use serde_json::Value;

use super::fields::{Allowed, Fields, brief};
use crate::scenario::{Problem, Problems};

/// A system, and how far it is to be followed.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// What it is called.
    pub name: String,
    /// The system.
    pub system: System,
    /// Generations after the first training, T.
    pub generations: usize,
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Questions {
    /// In the order of the file.
    pub list: Vec<Question>,
    /// True if the file is a list: then so is the answer.
    pub is_list: bool,
}

/// Reads one `inputs` object, or a list of them. An object that has `inputs` within it stands for these.
///
/// # Errors
/// Everything that is wrong, by its path.
pub fn read(text: &str) -> Result<Questions, Problems> {
    let value: Value = serde_json::from_str(&quoted(text)).map_err(|error| {
        let problem = Problem {
            line: Some(error.line()),
            key: String::new(),
            message: format!("is not JSON: {error}"),
        };
        Problems {
            list: vec![problem],
        }
    })?;
    let mut problems = Vec::new();
    let list: Vec<(String, &Value)> = match &value {
        Value::Array(list) => list
            .iter()
            .enumerate()
            .map(|(i, value)| (format!("[{i}]"), value))
            .collect(),
        value => vec![(String::new(), value)],
    };
    if list.is_empty() {
        problems.push(whole("holds an empty list: give at least one object"));
    }
    let questions: Vec<Question> = list
        .into_iter()
        .filter_map(|(path, value)| question(&path, value, &mut problems))
        .collect();
    if problems.is_empty() {
        Ok(Questions {
            list: questions,
            is_list: value.is_array(),
        })
    } else {
        Err(Problems { list: problems })
    }
}

fn whole(message: &str) -> Problem {
    Problem {
        line: None,
        key: String::new(),
        message: message.to_owned(),
    }
}

/// Words for numbers that JSON does not have and that some programs write all the same.
pub(super) const NOT_FINITE: [&str; 4] = ["NaN", "-Infinity", "Infinity", "-NaN"];

/// Puts numbers that are not finite in quotes, so that they can be told of by their path.
fn quoted(text: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    let (mut in_string, mut escaped) = (false, false);
    while let Some(next) = rest.chars().next() {
        let word = NOT_FINITE
            .iter()
            .find(|word| !in_string && rest.starts_with(**word));
        if let Some(word) = word {
            out.extend(["\"", word, "\""]);
            rest = &rest[word.len()..];
            continue;
        }
        in_string ^= next == '"' && !escaped;
        escaped = in_string && next == '\\' && !escaped;
        out.push(next);
        rest = &rest[next.len_utf8()..];
    }
    out
}

fn question(path: &str, value: &Value, problems: &mut Vec<Problem>) -> Option<Question> {
    let mut path = path.to_owned();
    let Some(mut object) = value.as_object() else {
        problems.push(Problem {
            line: None,
            key: path,
            message: format!("= {} is not an object of inputs", brief(value)),
        });
        return None;
    };
    if let Some(inputs) = object.get("inputs").and_then(Value::as_object) {
        object = inputs;
        path = if path.is_empty() {
            "inputs".to_owned()
        } else {
            format!("{path}.inputs")
        };
    }
    let name = object
        .get("name")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    if !path.is_empty() {
        path.push('.');
    }
    let before = problems.len();
    let mut fields = Fields::new(object, path, problems);
    let (system, generations) = system(&mut fields)?;
    (problems.len() == before).then_some(Question {
        name,
        system,
        generations,
    })
}

const KEYS: [&str; 23] = [
    "name",
    "d",
    "K",
    "T",
    "alpha",
    "beta",
    "W",
    "X_pub",
    "theta_pub",
    "sigma_pub",
    "X_priv",
    "theta_priv",
    "sigma_priv",
    "X_syn",
    "sigma_syn",
    "theta_ref",
    "noise_mode",
    "retention",
    "activation_prob",
    "activation_rate",
    "ridge",
    "warm_start",
    "about",
];

/// How far a system can be followed.
const GENERATIONS_MAX: usize = 1_000_000;
const MODELS_MAX: usize = 100_000;

fn system(fields: &mut Fields<'_>) -> Option<(System, usize)> {
    fields.only(&KEYS);
    let d = fields.count("d", (1, STATE_MAX));
    let models = fields.count("K", (1, MODELS_MAX));
    let generations = fields.count("T", (0, GENERATIONS_MAX));
    let (d, k, t) = (d?, models?, generations?);
    let share = Allowed::Within(0.0, 1.0);
    let alpha = fields.row_or_rows("alpha", (t, k), share);
    let beta = fields.numbers("beta", k, share);
    let weights = weights(fields, k);
    let public = real_data(fields, d);
    let private = private_data(fields, (k, d));
    let published = published(fields, (k, d));
    let reference = if fields.has("theta_ref") {
        fields.matrix("theta_ref", (Some(k), d), Allowed::Any)
    } else {
        private
            .as_ref()
            .map(|data| data.iter().map(|data| data.truth.clone()).collect())
    };
    let scrape = scrape(fields);
    let retention = retention(fields);
    let update = update(fields, k);
    let ridge = optional(fields, "ridge", k);
    let start = start(fields);
    let public = public?;
    let mut system = System {
        dimension: d,
        real: private?.into_iter().chain([public]).collect(),
        private: (0..k).collect(),
        public: vec![k; k],
        published: published?,
        alpha: alpha?,
        beta: beta?,
        first_beta: Vec::new(),
        weights: weights?,
        reference: reference?,
        tasks: Vec::new(),
        scrape: scrape?,
        retention: retention?,
        update: update?,
        start: start?,
        ridge: ridge?,
    };
    system.tasks = system.private_tasks();
    if matches!(system.update, Update::Poisson(_)) && system.retention != Retention::Replace {
        fields.problem(
            "retention.kind",
            "has to be replace with activation_rate: between generations there is no pool to average",
        );
    }
    Some((system, t))
}

fn weights(fields: &mut Fields<'_>, k: usize) -> Option<Vec<Vec<f64>>> {
    let rows = fields.matrix("W", (Some(k), k), Allowed::NotNegative)?;
    for (i, row) in rows.iter().enumerate() {
        let sum: f64 = row.iter().sum();
        if (sum - 1.0).abs() > ROW_SUM_TOLERANCE {
            // What decimals leave over is not worth telling.
            let sum = (sum * 1e9).round() / 1e9;
            fields.problem(
                &format!("W[{i}]"),
                format!("sums to {sum}: it has to sum to 1"),
            );
        }
    }
    Some(rows)
}

/// Shares that were written with a few decimals do not sum to 1 exactly.
const ROW_SUM_TOLERANCE: f64 = 1e-9;

fn real_data(fields: &mut Fields<'_>, d: usize) -> Option<RealData> {
    let rows = fields.matrix("X_pub", (None, d), Allowed::Any);
    let truth = fields.numbers("theta_pub", d, Allowed::Any);
    let noise = fields.number("sigma_pub", Allowed::NotNegative);
    Some(RealData {
        design: Design::of_rows(&rows?, d),
        truth: truth?,
        noise: noise?,
        fresh: false,
    })
}

fn private_data(fields: &mut Fields<'_>, (k, d): (usize, usize)) -> Option<Vec<RealData>> {
    let designs = fields.matrices("X_priv", (k, d));
    let truths = fields.matrix("theta_priv", (Some(k), d), Allowed::Any);
    let noises = fields.numbers("sigma_priv", k, Allowed::NotNegative);
    let data = designs?.into_iter().zip(truths?).zip(noises?);
    Some(
        data.map(|((rows, truth), noise)| RealData {
            design: Design::of_rows(&rows, d),
            truth,
            noise,
            fresh: false,
        })
        .collect(),
    )
}

fn published(fields: &mut Fields<'_>, (k, d): (usize, usize)) -> Option<Vec<Published>> {
    let designs = fields.matrices("X_syn", (k, d));
    let noises = fields.numbers("sigma_syn", k, Allowed::NotNegative);
    let data = designs?.into_iter().zip(noises?);
    Some(
        data.map(|(rows, noise)| Published {
            design: Design::of_rows(&rows, d),
            noise,
        })
        .collect(),
    )
}

fn scrape(fields: &mut Fields<'_>) -> Option<Scrape> {
    if !fields.has("noise_mode") {
        return Some(Scrape::Shared);
    }
    match fields.word("noise_mode", &["shared", "independent"])? {
        "shared" => Some(Scrape::Shared),
        _ => Some(Scrape::Independent),
    }
}

fn retention(fields: &mut Fields<'_>) -> Option<Retention> {
    if !fields.has("retention") {
        return Some(Retention::Replace);
    }
    let mut inner = fields.inner("retention")?;
    let kind = inner.word("kind", &["replace", "accumulate", "window", "discount"])?;
    let either = |inner: &Fields<'_>, short: &'static str, long: &'static str| {
        if inner.has(long) { long } else { short }
    };
    let (known, retention): (&[&str], _) = match kind {
        "window" => {
            let key = either(&inner, "w", "window");
            (
                &["kind", "w", "window"],
                inner
                    .count(key, (1, GENERATIONS_MAX))
                    .map(Retention::Window),
            )
        }
        "discount" => {
            let key = either(&inner, "gamma", "factor");
            let factor = inner.number(key, Allowed::Within(0.0, 1.0));
            (&["kind", "gamma", "factor"], factor.map(discount))
        }
        "accumulate" => (&["kind"], Some(Retention::Accumulate)),
        _ => (&["kind"], Some(Retention::Replace)),
    };
    inner.only(known);
    retention
}

/// Weights that do not fall are those of accumulation.
fn discount(factor: f64) -> Retention {
    if factor == 1.0 {
        Retention::Accumulate
    } else {
        Retention::Discount(factor)
    }
}

fn update(fields: &mut Fields<'_>, k: usize) -> Option<Update> {
    match (fields.has("activation_prob"), fields.has("activation_rate")) {
        (false, false) => Some(Update::Synchronous),
        (true, false) => {
            let probabilities = fields.numbers("activation_prob", k, Allowed::Within(0.0, 1.0))?;
            Some(Update::Bernoulli(probabilities))
        }
        (false, true) => Some(Update::Poisson(fields.numbers(
            "activation_rate",
            k,
            Allowed::Within(0.0, 1e4),
        )?)),
        (true, true) => {
            fields.problem(
                "activation_rate",
                "is given beside activation_prob: give one of them",
            );
            None
        }
    }
}

fn optional(fields: &mut Fields<'_>, key: &str, k: usize) -> Option<Vec<f64>> {
    if fields.has(key) {
        fields.numbers(key, k, Allowed::NotNegative)
    } else {
        Some(vec![0.0; k])
    }
}

fn start(fields: &mut Fields<'_>) -> Option<Start> {
    if !fields.has("warm_start") {
        return Some(Start::Scratch);
    }
    let mut inner = fields.inner("warm_start")?;
    inner.only(&["steps", "size"]);
    let (steps, size) = (
        inner.count("steps", (1, 1 << 30)),
        inner.number("size", Allowed::Positive),
    );
    Some(Start::Warm {
        steps: steps? as u32,
        size: size?,
    })
}
