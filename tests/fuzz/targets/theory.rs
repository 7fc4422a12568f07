//! Systems in JSON, and what theory says of them.

use echosphere_ecosystem::theory::{answer, read};

/// Systems that are larger are read and not followed.
const STATE_MAX: usize = 12;
const GENERATIONS_MAX: usize = 20;

/// A text is refused with reasons, or holds systems; small ones have an answer, which is JSON, or a reason why not.
pub fn check(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    let questions = match read(text) {
        Ok(questions) => questions,
        Err(problems) => {
            assert!(!problems.list.is_empty() && !problems.to_string().is_empty());
            return;
        }
    };
    for question in questions.list.iter().take(2) {
        let state = question.system.models() * question.system.dimension;
        if state <= STATE_MAX && question.generations <= GENERATIONS_MAX {
            match answer(question) {
                Ok(text) => assert!(text.starts_with('{') && text.ends_with('}'), "{text}"),
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
    }
}
