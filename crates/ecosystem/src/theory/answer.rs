//! What theory says, as JSON with 17 significant digits.

use learn::theory::{
    Covariances, Disagreement, Isotropic, Limit, Moments, Prediction, StableFamily, Structure,
    TheoryError, WHOLE_MAX,
};

use super::file::Question;
use super::json::Json;

/// The `expected` object of a question: per generation, at the end, and in the limit.
///
/// # Errors
/// If the system is too large.
pub fn answer(question: &Question) -> Result<String, TheoryError> {
    let prediction = Prediction::of(&question.system, question.generations)?;
    Ok(expected(question, &prediction).to_string())
}

fn expected(question: &Question, prediction: &Prediction) -> Json {
    let mut left_out = Vec::new();
    let mut fields = vec![("per_generation", per_generation(&prediction.generations))];
    let models = question.system.models();
    if models * models <= WHOLE_MAX * WHOLE_MAX {
        fields.push(("risk_matrix_t0", Json::matrix(&prediction.first_risks)));
        fields.push(("risk_matrix_T", Json::matrix(&prediction.last_risks)));
    } else {
        left_out.extend(["risk_matrix_t0", "risk_matrix_T"]);
    }
    match &prediction.last_covariances {
        Some(Covariances { given_real, total }) => {
            fields.push(("C_T", Json::matrix(given_real)));
            fields.push(("V_T", Json::matrix(total)));
        }
        None => left_out.extend(["C_T", "V_T", "limit.B"]),
    }
    fields.push((
        "limit",
        prediction
            .limit
            .as_ref()
            .map_or(Json::Null, |known| limit(known, question)),
    ));
    if let Some(oracle) = prediction.oracle {
        fields.push(("oracle_mse", Json::Number(oracle)));
        if let Some(last) = prediction.generations.last() {
            let efficiency = last.mean_squared_error.iter().map(|error| oracle / error);
            fields.push(("relative_efficiency_T", Json::numbers(efficiency)));
        }
    }
    let gains = prediction.first_risks.iter().zip(&prediction.last_risks);
    let gains: Vec<Vec<f64>> = gains
        .map(|(first, last)| first.iter().zip(last).map(|(a, b)| a - b).collect())
        .collect();
    if models * models <= WHOLE_MAX * WHOLE_MAX {
        fields.push(("transfer_gain", Json::matrix(&gains)));
    }
    fields.extend(
        Isotropic::of(&question.system).map(|closed| ("isotropic", isotropic(closed, question))),
    );
    fields.push(("structure", structure(prediction.structure)));
    if !left_out.is_empty() {
        let names = left_out.into_iter().map(|name| Json::Text(name.to_owned()));
        fields.push(("left_out_for_size", Json::List(names.collect())));
    }
    Json::object(fields)
}

/// The best mixtures in closed form: of each weight given the other.
fn isotropic(closed: Isotropic, question: &Question) -> Json {
    let (alpha, beta) = (question.system.alpha[0][0], question.system.beta[0]);
    Json::object(vec![
        (
            "best_alpha_given_beta",
            Json::Number(closed.best_synthetic_fraction(beta)),
        ),
        (
            "best_beta_given_alpha",
            Json::Number(closed.best_private_weight(alpha)),
        ),
    ])
}

/// The families with a proof of stability that a system belongs to.
fn families(families: &[StableFamily]) -> Json {
    let family = |family: &StableFamily| {
        let mut fields = vec![
            ("name", Json::Text(family.name.to_owned())),
            ("what", Json::Text(family.what.to_owned())),
            ("stable", Json::Bool(family.stable)),
        ];
        fields.extend(family.bound.map(|bound| ("bound", Json::Number(bound))));
        Json::object(fields)
    };
    Json::List(families.iter().map(family).collect())
}

fn structure(structure: Structure) -> Json {
    let (exploits, size) = match structure {
        Structure::AlikeReaders(size) => ("readers with the same row of W share a pool", size),
        Structure::Sources(size) => ("the state is what each source publishes", size),
        Structure::Directions { state, .. } => (
            "all designs have the same eigenvectors: each direction is a problem of its own, once for all that look alike",
            state,
        ),
        Structure::Nothing(size) => ("nothing: the state is every model with its memory", size),
    };
    let mut fields = vec![
        ("exploits", Json::Text(exploits.to_owned())),
        ("state", Json::Number(size as f64)),
    ];
    if let Structure::Directions { problems, .. } = structure {
        fields.push(("problems", Json::Number(problems as f64)));
    }
    Json::object(fields)
}

fn per_generation(generations: &[Moments]) -> Json {
    let each = |of: fn(&Moments) -> Json| Json::List(generations.iter().map(of).collect());
    let mut fields = vec![
        ("mean", each(|moments| Json::matrix(&moments.mean))),
        ("bias_sq", each(|moments| Json::row(&moments.bias_squared))),
        ("tr_C", each(|moments| Json::row(&moments.trace_given_real))),
        ("tr_V", each(|moments| Json::row(&moments.trace_total))),
        (
            "mse",
            each(|moments| Json::row(&moments.mean_squared_error)),
        ),
    ];
    let apart: Option<Vec<Disagreement>> = generations
        .iter()
        .map(|moments| moments.disagreement)
        .collect();
    if let Some(apart) = apart {
        let each = |of: fn(&Disagreement) -> f64| Json::numbers(apart.iter().map(of));
        fields.push(("disagreement_mean_part", each(|apart| apart.mean_part)));
        fields.push(("disagreement", each(|apart| apart.total)));
        fields.push(("disagreement_given_real", each(|apart| apart.given_real)));
    }
    Json::object(fields)
}

fn limit(limit: &Limit, question: &Question) -> Json {
    let mut fields = vec![
        ("rho_B", Json::Number(limit.spectral_radius)),
        ("max_re_B", Json::Number(limit.largest_real_part)),
    ];
    fields.extend(limit.update.as_ref().map(|b| ("B", Json::matrix(b))));
    fields.extend(
        limit
            .mean_factor
            .map(|factor| ("rho_mean_operator", Json::Number(factor))),
    );
    fields.extend(
        limit
            .transfer_time()
            .map(|time| ("transfer_time", Json::Number(time))),
    );
    fields.push(("stable_families", families(&limit.families)));
    let Some(mean) = &limit.mean else {
        fields.push(("note", Json::Text(no_limit(limit).to_owned())));
        return Json::object(fields);
    };
    fields.push(("mean", Json::matrix(mean)));
    if let Some(moments) = &limit.moments {
        fields.extend([
            ("bias_sq", Json::row(&moments.bias_squared)),
            ("tr_C", Json::row(&moments.trace_given_real)),
            ("tr_V", Json::row(&moments.trace_total)),
            ("mse", Json::row(&moments.mean_squared_error)),
        ]);
        if let Some(apart) = moments.disagreement {
            fields.extend([
                ("disagreement_mean_part", Json::Number(apart.mean_part)),
                ("disagreement", Json::Number(apart.total)),
                ("disagreement_given_real", Json::Number(apart.given_real)),
            ]);
        }
    }
    let models = question.system.models();
    let risks = limit.risks.as_ref().filter(|_| models <= WHOLE_MAX);
    fields.extend(risks.map(|risks| ("risk_matrix", Json::matrix(risks))));
    Json::object(fields)
}

fn no_limit(limit: &Limit) -> &'static str {
    if limit.mean_factor.is_some() {
        "no finite limit: spectral radius of the mean operator is not below one"
    } else {
        "no finite limit: spectral radius of B is not below one"
    }
}
