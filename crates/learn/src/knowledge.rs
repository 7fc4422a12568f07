//! What a model of text knows: questions with choices, of which it finds one the likeliest.

use std::sync::Arc;

use crate::{Family, Measure, Measured};

/// A question with several answers, of which one is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    prompt: Vec<u8>,
    /// Each with a space before it, as it stands after the prompt.
    choices: Vec<Vec<u8>>,
    label: usize,
    seen: bool,
}

/// A text, and what stands before it from the beginning of its document on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Continuation<'a> {
    /// The beginning of the document.
    pub context: &'a [u8],
    /// What comes after it.
    pub text: &'a [u8],
}

/// How likely a model finds a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Likelihood {
    /// ln of its probability, in nats.
    pub log_probability: f64,
    /// How many tokens of the model it is.
    pub tokens: usize,
}

impl Question {
    /// A question whose right answer is `choices[label]`: the sentence is `prompt`, a space and the choice. `seen` says whether
    /// a document that could be learnt from holds the answer.
    pub fn new<T: AsRef<[u8]>>(
        prompt: &str,
        choices: impl IntoIterator<Item = T>,
        label: usize,
        seen: bool,
    ) -> Self {
        let spaced = |choice: T| [b" ", choice.as_ref()].concat();
        Self {
            prompt: prompt.into(),
            choices: choices.into_iter().map(spaced).collect(),
            label,
            seen,
        }
    }

    /// True if a document that could be learnt from holds the answer.
    pub fn is_seen(&self) -> bool {
        self.seen
    }

    /// Each choice after the prompt.
    fn continuations(&self) -> impl Iterator<Item = Continuation<'_>> {
        self.choices.iter().map(|text| Continuation {
            context: &self.prompt,
            text,
        })
    }

    /// 1 if the right choice alone has the largest mean log-probability a token, 0 if another has a larger one; where several
    /// have the largest, their share of it. So a model that cannot tell choices apart scores what chance does.
    fn credit(&self, likelihoods: &[Likelihood]) -> f64 {
        let means = || likelihoods.iter().map(|one| one.mean());
        let best = means().fold(f64::NEG_INFINITY, f64::max);
        let is_best = |mean: f64| mean >= best;
        let right = likelihoods
            .get(self.label)
            .is_some_and(|one| is_best(one.mean()));
        f64::from(u8::from(right)) / means().filter(|&mean| is_best(mean)).count().max(1) as f64
    }
}

impl Likelihood {
    /// Nats a token; nothing is less likely than what has no token.
    fn mean(self) -> f64 {
        if self.tokens == 0 {
            return f64::NEG_INFINITY;
        }
        self.log_probability / self.tokens as f64
    }
}

/// Measures [`Measure::KnowledgeSeen`] and [`Measure::KnowledgeUnseen`] on the questions of each task, where they are wanted, the
/// task has such questions and the family has likelihoods. Called by families from [`Family::evaluate`]; all continuations of
/// a task are asked of [`Family::likelihoods`] at once.
pub fn measure<F: Family>(
    (family, fitted): (&F, &F::Fitted),
    tasks: &[Arc<[Question]>],
    out: &mut Measured,
) {
    let kinds = [
        (Measure::KnowledgeSeen, true),
        (Measure::KnowledgeUnseen, false),
    ];
    for (number, questions) in (0..).zip(tasks) {
        let wanted = |question: &&Question| {
            kinds
                .iter()
                .any(|&(measure, seen)| out.wants(measure) && seen == question.seen)
        };
        let asked: Vec<&Question> = questions.iter().filter(wanted).collect();
        let Some(credits) = credits((family, fitted), &asked) else {
            return;
        };
        for (measure, seen) in kinds {
            let of_kind = asked
                .iter()
                .zip(&credits)
                .filter(|(question, _)| question.seen == seen);
            let (sum, count) =
                of_kind.fold((0.0, 0_u32), |(sum, n), (_, credit)| (sum + credit, n + 1));
            if count > 0 {
                out.push(measure, Some(number), sum / f64::from(count));
            }
        }
    }
}

/// What each question is worth; `None` if the family has no likelihoods.
fn credits<F: Family>(
    (family, fitted): (&F, &F::Fitted),
    questions: &[&Question],
) -> Option<Vec<f64>> {
    let continuations: Vec<Continuation<'_>> = questions
        .iter()
        .flat_map(|question| question.continuations())
        .collect();
    let mut likelihoods = family.likelihoods(fitted, &continuations)?.into_iter();
    let credit = |question: &&Question| {
        let own: Vec<Likelihood> = likelihoods.by_ref().take(question.choices.len()).collect();
        question.credit(&own)
    };
    Some(questions.iter().map(credit).collect())
}

#[cfg(test)]
mod tests {
    use types::content::Content;

    use super::*;
    use crate::{Ngram, Smoothing, Truth, Unit};

    fn likelihood(log_probability: f64, tokens: usize) -> Likelihood {
        Likelihood {
            log_probability,
            tokens,
        }
    }

    #[test]
    fn the_likeliest_choice_by_the_token_is_chosen() {
        let question = Question::new("p", ["a", "b"], 1, true);
        let credit = |likelihoods: &[Likelihood]| question.credit(likelihoods);
        assert_eq!(credit(&[likelihood(-3.0, 1), likelihood(-4.0, 2)]), 1.0);
        assert_eq!(credit(&[likelihood(-3.0, 2), likelihood(-4.0, 2)]), 0.0);
        assert_eq!(credit(&[likelihood(-2.0, 1), likelihood(-4.0, 2)]), 0.5);
        assert_eq!(credit(&[likelihood(f64::NEG_INFINITY, 1); 2]), 0.5);
        assert_eq!(credit(&[likelihood(-9.0, 1), likelihood(0.0, 0)]), 0.0);
        assert_eq!(credit(&[]), 0.0);
    }

    /// A model of two sentences knows them, and of what it never saw it chooses what it knows; of two unknown letters neither.
    #[test]
    fn an_ngram_model_knows_what_it_has_seen() {
        let family = Ngram::new(4, Unit::Byte, Smoothing::KneserNey).unwrap();
        let library = Content::from_texts(["cats eat fish", "cows eat hay"]);
        let mut statistic = family.statistic();
        family.absorb(&mut statistic, &library, 0..2, 1.0);
        let fitted = family.fit(&statistic, None).unwrap();
        let questions = [
            Question::new("cats eat", ["stones", "fish"], 1, true),
            Question::new("cows eat", ["hay", "coal"], 0, true),
            Question::new("birds eat", ["hay", "worms"], 1, false),
            Question::new("birds eat", ["Q", "Z"], 0, false),
        ];
        let truth = Truth::Tasks {
            tasks: vec![("food".to_owned(), Content::from_texts(["x"]))],
            questions: vec![questions.into()],
        };
        let wanted = [Measure::KnowledgeSeen, Measure::KnowledgeUnseen];
        let mut out = Measured::new(wanted.into_iter().collect());
        let mut rng = types::random::Seed(1)
            .key(0, types::random::Purpose::Observe)
            .stream(0, 0);
        family.evaluate(&fitted, &family.reference(&truth), &mut rng, &mut out);
        let expected = [
            (Measure::KnowledgeSeen, Some(0), 1.0),
            (Measure::KnowledgeUnseen, Some(0), 0.25),
        ];
        assert_eq!(out.values, expected);
    }
}
