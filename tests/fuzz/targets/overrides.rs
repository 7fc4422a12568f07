//! `--set KEY=VALUE`: the first line of an input names a built-in scenario, every other line is a change to it.

use echosphere_ecosystem::metrics;
use echosphere_ecosystem::scenario::{builtin, pair, read, resolved};

/// Changes are refused with reasons, or make a scenario that reads back as it is written.
pub fn check(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    let mut lines = text.split('\n');
    let named = lines.next().and_then(|name| builtin::find(name).ok());
    let Some(base) = named else {
        return;
    };
    let changes: Vec<_> = lines.filter_map(pair).collect();
    match read(base.text, &changes, &metrics::names()) {
        Err(problems) => assert!(!problems.list.is_empty() && !problems.to_string().is_empty()),
        Ok(scenario) => {
            let written = resolved(&scenario);
            let again = read(&written, &[], &metrics::names());
            assert_eq!(again.as_ref(), Ok(&scenario), "{written}");
        }
    }
}
