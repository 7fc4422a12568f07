use super::*;

/// Bigrams of `abab`: start-a, b-a and b-end once, a-b twice, so D = 3 / (3 + 2 * 1). Without
/// context: a came after two distinct tokens, b and the end after one, so D = 2 / (2 + 2 * 1).
#[test]
fn cross_entropy_by_hand() {
    let family = bytes(2, Smoothing::KneserNey);
    let model = fitted(&family, &["abab"]);
    let uniform = 0.5 * 3.0 / 4.0 / 257.0;
    let (a, b, end) = (
        1.5 / 4.0 + uniform,
        0.5 / 4.0 + uniform,
        0.5 / 4.0 + uniform,
    );
    let (a_first, b_after_a) = (0.4 + 0.6 * a, 1.4 / 2.0 + 0.3 * b);
    let end_after_b = 0.4 / 2.0 + 0.6 * end;
    let expected = -libm::log(a_first * b_after_a * end_after_b) / 2.0;
    let value = measured(&family, &model, &held_out(&["ab"]), Measure::CrossEntropy);
    assert!((value[0] - expected).abs() < 1e-12, "{value:?} {expected}");
}

/// Half a document: three bigrams count one half, and D is at its upper bound, 0.95, with and
/// without context.
#[test]
fn half_a_document_by_hand() {
    let family = bytes(2, Smoothing::KneserNey);
    let model = family.fit(&absorbed(&family, &["ab"], 0.5), None).unwrap();
    let a = 0.05 * 0.5 / 1.5 + 0.95 / 257.0;
    let p = family.probabilities(&model, b"")[usize::from(b'a')];
    assert!((p - (0.05 + 0.95 * a)).abs() < 1e-12, "{p}");
}

#[test]
fn held_out_text_is_capped_at_whole_documents() {
    let mut family = bytes(2, Smoothing::KneserNey);
    family.evaluation_bytes_max = 5;
    let model = fitted(&family, &RHYME);
    let value = |texts: &[&str]| measured(&family, &model, &held_out(texts), Measure::CrossEntropy);
    assert_eq!(value(&["the", "a", "rats"]), value(&["the", "a"]));
    assert_eq!(value(&["the cat", "a"]), value(&["the cat"]));
}

#[test]
fn the_true_chain_misses_nothing() {
    let mut family = bytes(2, Smoothing::None);
    family.ends = false;
    let (rows, stationary) = crate::random_markov(5, 0.5, &mut rng());
    let gini = |row: &Vec<f64>| 1.0 - row.iter().map(|p| p * p).sum::<f64>();
    let mean = rows.iter().map(gini).sum::<f64>() / 5.0;
    let (first, second) = (stationary[0] * rows[0][1], stationary[1] * rows[1][0]);
    let truth = Truth::Markov {
        rows,
        stationary,
        letters: 100,
    };
    let model = family.truth(&truth).unwrap();
    assert_eq!(
        measured(&family, &model, &truth, Measure::MissingMass),
        [0.0]
    );
    let rows = measured(&family, &model, &truth, Measure::GiniSimpsonRows);
    assert!((rows[0] - mean).abs() < 1e-12);
    let missing = measured(
        &family,
        &fitted(&family, &["aba"]),
        &truth,
        Measure::MissingMass,
    );
    assert!((missing[0] - (1.0 - first - second)).abs() < 1e-9);
}

#[test]
fn diversity_counts_words_and_pairs() {
    let mut family = bytes(7, Smoothing::None);
    family.probe_documents = 2;
    let model = fitted(&family, &["to be or not to be"]);
    let measure = |measure| measured(&family, &model, &held_out(&[]), measure)[0];
    assert!(measure(Measure::Distinct1) <= 4.0 / 6.0);
    assert!(measure(Measure::Distinct2) > measure(Measure::Distinct1));
    assert_eq!(measure(Measure::UniqueTokens), 7.0);
}

/// A judge of one text finds it likelier than another, by the mean of ln p over its bytes.
#[test]
fn a_judge_knows_its_text() {
    let family = Ngram::new(2, Unit::Byte, Smoothing::None).unwrap();
    let known = Content::from_texts(["abab", "ba"]);
    let mut statistic = family.statistic();
    family.absorb(&mut statistic, &known, 0..1, 1.0);
    let judge = family.fit(&statistic, None).unwrap();
    // After the start a; after a always b; after b once a, once the end: ln(1/2) twice over four bytes.
    let expected = 2.0 * 0.5_f64.ln() / 4.0;
    assert!((family.judge(&judge, &known, 0) - expected).abs() < 1e-12);
    assert!(family.judge(&judge, &known, 1) < expected);
}
