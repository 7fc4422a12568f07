use proptest::prelude::*;
use types::content::{Content, ContentKind};
use types::random::{Purpose, Seed, Stream};

use super::*;
use crate::{Family, FitError, Measure, Measured, Order, Truth, similarity};

mod draws;
mod measures;

fn bytes(order: usize, smoothing: Smoothing) -> Ngram {
    Ngram::new(order, Unit::Byte, smoothing).unwrap()
}

fn absorbed(family: &Ngram, texts: &[&str], weight: f64) -> NgramStatistic {
    let mut statistic = family.statistic();
    family.absorb(
        &mut statistic,
        &Content::from_texts(texts),
        0..texts.len(),
        weight,
    );
    statistic
}

fn fitted(family: &Ngram, texts: &[&str]) -> NgramFitted {
    family.fit(&absorbed(family, texts, 1.0), None).unwrap()
}

fn rng() -> Stream {
    Seed(3).key(0, Purpose::Sample).stream(0, 0)
}

fn measured(family: &Ngram, model: &NgramFitted, truth: &Truth, measure: Measure) -> Vec<f64> {
    let mut out = Measured::new([measure].into_iter().collect());
    family.evaluate(model, &family.reference(truth), &mut rng(), &mut out);
    out.values.iter().map(|value| value.2).collect()
}

fn held_out(texts: &[&str]) -> Truth {
    Truth::Tasks {
        tasks: vec![("task".to_owned(), Content::from_texts(texts))],
        questions: Vec::new(),
    }
}

const RHYME: [&str; 3] = [
    "the cat sat on the mat",
    "the rat sat on the cat",
    "a cat, a rat",
];

#[test]
fn orders_that_do_not_fit_are_refused() {
    let error = Ngram::new(8, Unit::Byte, Smoothing::None).unwrap_err();
    let text = "order is 8; with 9 bits a token it must lie in 1..=7";
    assert_eq!(error.to_string(), text);
    assert!(Ngram::new(0, Unit::Byte, Smoothing::None).is_err());
    assert!(Ngram::new(7, Unit::Byte, Smoothing::None).is_ok());
}

#[test]
fn no_documents_make_no_model() {
    let family = bytes(3, Smoothing::KneserNey);
    let error = FitError::TooFewDocuments {
        actual: 0,
        required: 1,
    };
    assert_eq!(family.fit(&family.statistic(), None), Err(error));
}

#[test]
fn weight_two_is_the_document_twice() {
    let family = bytes(4, Smoothing::KneserNey);
    let twice = [RHYME, RHYME].concat();
    let heavy = family.fit(&absorbed(&family, &RHYME, 2.0), None).unwrap();
    assert_eq!(heavy, fitted(&family, &twice));
}

#[test]
fn absorbing_in_pieces_changes_nothing() {
    let family = bytes(4, Smoothing::KneserNey);
    let texts: Vec<String> = (0..50)
        .map(|i| format!("{} {}", RHYME[i % 3], i * i))
        .collect();
    let content = Content::from_texts(&texts);
    let (mut whole, mut pieces) = (family.statistic(), family.statistic());
    family.absorb(&mut whole, &content, 0..50, 1.0);
    for i in 0..50 {
        family.absorb(&mut pieces, &content, i..i + 1, 1.0);
    }
    assert_eq!(whole.table(), pieces.table());
    assert_eq!(family.fit(&whole, None), family.fit(&pieces, None));
    assert!(pieces.tokens() > 1000.0 && pieces.documents() == 50.0);
}

#[test]
fn merging_adds_weighted_counts() {
    let family = bytes(3, Smoothing::KneserNey);
    let mut sum = absorbed(&family, &RHYME[..1], 1.0);
    family.merge(&mut sum, &absorbed(&family, &RHYME[1..], 1.0), 2.0);
    let twice = [&RHYME[..], &RHYME[1..]].concat();
    assert_eq!(family.fit(&sum, None).unwrap(), fitted(&family, &twice));
}

#[test]
fn maximum_likelihood_divides_counts() {
    let mut family = bytes(2, Smoothing::None);
    family.ends = false;
    let model = fitted(&family, &["abacabb"]);
    // After a: b, c, b. After b: a, b. After c: a.
    let after = |text: &[u8]| family.probabilities(&model, text)[97..100].to_vec();
    assert_eq!(after(b"a"), [0.0, 2.0 / 3.0, 1.0 / 3.0]);
    assert_eq!(after(b"b"), [0.5, 0.5, 0.0]);
    assert_eq!(after(b"c"), [1.0, 0.0, 0.0]);
    // Never seen: the shorter context, which is none.
    assert_eq!(after(b"z"), [3.0 / 7.0, 3.0 / 7.0, 1.0 / 7.0]);
    let rows = measured(&family, &model, &held_out(&[]), Measure::GiniSimpsonRows);
    assert!((rows[0] - (4.0 / 9.0 + 0.5 + 0.0) / 3.0).abs() < 1e-15);
    let grams = measured(&family, &model, &held_out(&[]), Measure::DistinctGrams);
    assert_eq!(grams, [5.0]);
    let lost = measured(&family, &model, &held_out(&["az"]), Measure::CrossEntropy);
    assert_eq!(lost, [f64::INFINITY]);
}

#[test]
fn the_beginning_of_a_document_is_one_context() {
    let (short, long) = (bytes(2, Smoothing::KneserNey), bytes(5, Smoothing::None));
    assert_eq!(fitted(&long, &["ab", "b"]).path(long.history(b"")).depth, 1);
    let letters = |family: &Ngram| family.probabilities(&fitted(family, &["ab", "b", "b"]), b"");
    assert!(letters(&short)[98] > letters(&short)[97]);
    assert_eq!(letters(&long)[97..99], [1.0 / 3.0, 2.0 / 3.0]);
}

#[test]
fn counts_survive_fitting() {
    for order in 1..6 {
        let family = bytes(order, Smoothing::KneserNey);
        let statistic = absorbed(&family, &RHYME, 1.0);
        assert_eq!(
            family.fit(&statistic, None).unwrap().table(),
            *statistic.table()
        );
    }
}

#[test]
fn a_warm_start_mixes_counts() {
    let family = bytes(2, Smoothing::None);
    let old = fitted(&family, &["ab", "ab", "ac", "ac"]);
    let model = family
        .fit(&absorbed(&family, &["ad"], 1.0), Some((&old, 0.25)))
        .unwrap();
    assert_eq!(
        family.probabilities(&model, b"a")[98..101],
        [0.375, 0.375, 0.25]
    );
    let new = family
        .fit(&absorbed(&family, &["ad"], 1.0), Some((&old, 1.0)))
        .unwrap();
    assert_eq!(new, fitted(&family, &["ad"]));
}

#[test]
fn smoothing_is_continuous_in_the_weights() {
    let family = bytes(4, Smoothing::KneserNey);
    let p = |weight| {
        let model = family
            .fit(&absorbed(&family, &RHYME, weight), None)
            .unwrap();
        family.probabilities(&model, b"the ")[usize::from(b'c')]
    };
    assert!((p(1.0) - p(1.0 - 1e-9)).abs() < 1e-7);
    assert!((p(2.0) - p(2.0 + 1e-9)).abs() < 1e-7);
}

#[test]
fn word_models_write_words() {
    let text = Content::from_texts(RHYME);
    let vocabulary = Arc::new(Vocabulary::of(&[&text], 100));
    let family = Ngram::new(3, Unit::Word(vocabulary), Smoothing::None).unwrap();
    let model = fitted(&family, &RHYME[..1]);
    let mut out = Content::empty(ContentKind::Text);
    family.sample(
        &model,
        &Order {
            temperature: 0.0,
            ..Order::default()
        },
        &mut rng(),
        &mut out,
    );
    assert_eq!(out.text(0), RHYME[0].as_bytes());
}

#[test]
fn models_of_one_text_write_alike() {
    let mut family = bytes(4, Smoothing::KneserNey);
    family.continuation_tokens = 2000;
    let (one, other) = (
        fitted(&family, &RHYME[..2]),
        fitted(&family, &["x^2 + y^2 = z^2"]),
    );
    let prompts = Content::from_texts(["the ", "x"]);
    let embed = |model, id| {
        let mut rng = Seed(3).key(0, Purpose::Observe).stream(id, 0);
        family.embed(model, &prompts, &mut rng).unwrap()
    };
    let (a, b, c) = (embed(&one, 0), embed(&one, 1), embed(&other, 2));
    assert!(similarity::cosine(&a, &b) > similarity::cosine(&a, &c) + 0.2);
}

proptest! {
    #[test]
    fn probabilities_sum_to_one(
        texts in prop::collection::vec("[a-d ]{0,12}", 1..6),
        weights in prop::collection::vec(0.01..3.0, 6),
        context in "[a-e]{0,5}",
        order in 1_usize..6,
        ends: bool,
    ) {
        let content = Content::from_texts(&texts);
        for smoothing in [Smoothing::KneserNey, Smoothing::None] {
            let mut family = bytes(order, smoothing);
            family.ends = ends;
            let mut statistic = family.statistic();
            for (i, weight) in weights.iter().take(texts.len()).enumerate() {
                family.absorb(&mut statistic, &content, i..i + 1, *weight);
            }
            let Ok(model) = family.fit(&statistic, None) else { continue };
            let p = family.probabilities(&model, context.as_bytes());
            prop_assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            prop_assert!(smoothing == Smoothing::None || p.iter().all(|&p| p > 0.0));
        }
    }
}
