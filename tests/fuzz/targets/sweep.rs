//! Sweep files.

use echosphere_ecosystem::metrics;
use echosphere_ecosystem::scenario::builtin;
use echosphere_ecosystem::scenario::sweep::Sweep;

/// Points whose scenarios are made: each is a scenario to read.
const POINTS_MAX: usize = 4;

/// A text is refused with reasons, or is a sweep that reads back as it is written; so are its scenarios.
pub fn check(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    let sweep = match Sweep::read(text, &metrics::names()) {
        Ok(sweep) => sweep,
        Err(problems) => {
            assert!(!problems.list.is_empty() && !problems.to_string().is_empty());
            return;
        }
    };
    let base = builtin::find("collapse").expect("it is built in").text;
    let base = sweep.text.as_deref().unwrap_or(base);
    let written = sweep.resolved(base);
    let again = Sweep::read(&written, &metrics::names());
    let again = again.unwrap_or_else(|problems| panic!("{problems}\n{written}"));
    assert_eq!(again.text.as_deref(), Some(base), "{written}");
    assert_eq!(again.resolved(base), written);
    assert_eq!(again.points.len(), sweep.points.len());
    for point in 0..sweep.points.len().min(POINTS_MAX) {
        assert_eq!(again.point_name(point), sweep.point_name(point));
        assert_eq!(again.changes(point), sweep.changes(point));
    }
    if sweep.points.len() <= POINTS_MAX
        && let Err(problems) = sweep.scenarios(base, &metrics::names())
    {
        assert!(!problems.to_string().is_empty());
    }
}
