//! Load files.

use echosphere_ecosystem::metrics;
use echosphere_ecosystem::scenario::load::{Load, Threshold};
use echosphere_ecosystem::scenario::{builtin, read};

/// Some of what takes time.
const OPERATIONS: [&str; 4] = ["lag", "fit", "publish", "freshness"];

/// A text is refused with reasons, or is a load that lasts, whose thresholds can be held and read again, and whose changes make a scenario
/// or are refused with reasons.
pub fn check(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    let load = match Load::read(text, &OPERATIONS) {
        Ok(load) => load,
        Err(problems) => {
            assert!(!problems.list.is_empty() && !problems.to_string().is_empty());
            return;
        }
    };
    assert_eq!(Load::read(text, &OPERATIONS).as_ref(), Ok(&load));
    assert!(load.seconds() > 0.0 && load.seconds().is_finite());
    for stage in &load.stages {
        assert!(stage.seconds > 0.0 && (0.0..=1e9).contains(&stage.rate));
    }
    if let Some(steps) = &load.steps {
        assert!(steps.rates().count() > 0 && !load.stages.is_empty());
    }
    for threshold in &load.thresholds {
        let again = Threshold::read(&threshold.text, &OPERATIONS);
        assert_eq!(again.as_ref(), Ok(threshold));
        assert!(threshold.limit.is_finite() && threshold.limit >= 0.0);
    }
    let Ok(base) = builtin::find(&load.scenario) else {
        return;
    };
    if let Err(problems) = read(base.text, &load.changes, &metrics::names()) {
        assert!(!problems.list.is_empty() && !problems.to_string().is_empty());
    }
}
