//! Scenario files.

use echosphere_ecosystem::metrics;
use echosphere_ecosystem::scenario::{read, resolved, warnings};

/// A text is refused with reasons, or is a scenario that reads back as it is written.
pub fn check(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    match read(text, &[], &metrics::names()) {
        Err(problems) => assert!(!problems.list.is_empty() && !problems.to_string().is_empty()),
        Ok(scenario) => {
            let written = resolved(&scenario);
            let again = read(&written, &[], &metrics::names());
            assert_eq!(again.as_ref(), Ok(&scenario), "{written}");
            assert_eq!(resolved(&scenario), written);
            warnings(&scenario);
        }
    }
}
