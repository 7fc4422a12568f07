//! Stretches of virtual time.

use types::time::VirtualDuration;

use super::{Notes, at, days};
use crate::scenario::schema::{Scenario, Span};
use crate::scenario::tree::number_text;

/// As long as the clock of the simulation surely goes.
const HORIZON_DAYS_MAX: f64 = 36_500_000.0;

/// True if the span is no time at all.
pub(super) fn zero(scenario: &Scenario, span: Span) -> bool {
    VirtualDuration::from_days(days(scenario, span)) == VirtualDuration(0)
}

pub(super) fn spans(scenario: &Scenario, notes: &mut Notes) {
    let zero = |span: Span| zero(scenario, span);
    notes.add_if(
        zero(scenario.horizon),
        "horizon",
        format!(
            "= {} is too short: it must be longer than zero",
            text(scenario.horizon)
        ),
    );
    notes.add_if(
        days(scenario, scenario.horizon) > HORIZON_DAYS_MAX,
        "horizon",
        format!("= {} is longer than 36500000 days", text(scenario.horizon)),
    );
    notes.add_if(
        zero(scenario.observe.every),
        "observe.every",
        format!(
            "= {} is too short: it must be longer than zero",
            text(scenario.observe.every)
        ),
    );
    notes.add_if(
        zero(scenario.web.index_lag),
        "web.index_lag",
        format!(
            "= {} is too short: it must be longer than zero, because models run in parallel \
             inside a window only as long as nothing published in the window can be seen in it",
            text(scenario.web.index_lag)
        ),
    );
}

pub(super) fn refresh(scenario: &Scenario, notes: &mut Notes) {
    let Some(refresh) = scenario.web.index_refresh else {
        return;
    };
    let lag = scenario.web.index_lag;
    let (refresh_days, lag_days) = (days(scenario, refresh), days(scenario, lag));
    let zero = VirtualDuration::from_days(refresh_days) == VirtualDuration(0);
    notes.add_if(
        zero || refresh_days > lag_days,
        "web.index_refresh",
        format!(
            "= {} is out of range: allowed is above zero and at most web.index_lag, {}",
            text(refresh),
            text(lag)
        ),
    );
}

/// Models enter before they leave, and both while the run lasts.
pub(super) fn presence(scenario: &Scenario, notes: &mut Notes) {
    let instant = |span: Span| VirtualDuration::from_days(days(scenario, span));
    let horizon = scenario.horizon;
    for population in &scenario.population {
        let enters = population.enters.unwrap_or(Span::Days(0.0));
        notes.add_if(
            population.enters.is_some() && instant(enters) >= instant(horizon),
            at(population, "enters"),
            format!(
                "= {} is out of range: allowed is from the start to before the horizon, {}",
                text(enters),
                text(horizon)
            ),
        );
        let Some(leaves) = population.leaves else {
            continue;
        };
        notes.add_if(
            instant(leaves) <= instant(enters) || instant(leaves) > instant(horizon),
            at(population, "leaves"),
            format!(
                "= {} is out of range: allowed is after it enters, {}, and at most the horizon, {}",
                text(leaves),
                text(enters),
                text(horizon)
            ),
        );
    }
}

pub(super) fn text(span: Span) -> String {
    match span {
        Span::Generations(count) => format!("{{ generations = {} }}", number_text(count)),
        Span::Days(count) => format!("{{ days = {} }}", number_text(count)),
    }
}
