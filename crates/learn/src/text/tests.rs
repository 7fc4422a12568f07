use types::random::{Cumulative, Purpose, Seed, Stream};

use super::*;
use crate::zipf as zipf_law;

fn measured(texts: &[&str], measure: Measure) -> Option<f64> {
    of(&Content::from_texts(texts), measure)
}

fn of(sample: &Content, measure: Measure) -> Option<f64> {
    let mut out = Measured::new([measure].into_iter().collect());
    probe(sample, &mut out);
    assert!(out.values.len() <= 1);
    out.values.first().map(|value| value.2)
}

#[track_caller]
fn check(texts: &[&str], measure: Measure, expected: f64) {
    let value = measured(texts, measure).unwrap();
    assert!((value - expected).abs() < 1e-12, "{value} {expected}");
}

/// The documents of `crates/xtask/peers/text_metrics.py`.
const PEERS: [&str; 5] = [
    "the ship sailed out of the harbour at dawn and the captain watched the waves",
    "the captain watched the ship as it sailed out of the harbour",
    "by the theorem the order of a group divides the order of the whole",
    "the ship sailed out of the harbour at dawn and the captain watched the waves",
    "a short one",
];

#[test]
fn values_are_those_of_other_programs() {
    check(&PEERS, Measure::SelfBleu, 0.503_975_836_014_369_3);
    check(&PEERS, Measure::ZipfSlope, 0.778_242_080_756_931);
    let repeating = [&PEERS[..], &["to be or to be or to be"]].concat();
    check(&repeating, Measure::RepetitionRate, 0.08);
    let score = vendi_score(5, |i, j| cosine_of_words(PEERS[i], PEERS[j])).unwrap();
    assert!((score - 2.564_814_111_389_367_7).abs() < 1e-12, "{score}");
}

/// Cosine of counts of words.
fn cosine_of_words(a: &str, b: &str) -> f64 {
    let count = |text: &str, word: &str| text.split(' ').filter(|w| *w == word).count() as f64;
    let dot = |a: &str, b: &str| {
        let mut words: Vec<&str> = a.split(' ').collect();
        words.sort_unstable();
        words.dedup();
        let products = words
            .into_iter()
            .map(|word| count(a, word) * count(b, word));
        products.sum::<f64>()
    };
    dot(a, b) / libm::sqrt(dot(a, a) * dot(b, b))
}

/// Four of five words match, three of four pairs, two of three triples, one of two quadruples.
#[test]
fn self_bleu_by_hand() {
    let alike = ["a b c d e", "a b c d f"];
    let fourth_root = libm::pow(4.0 / 5.0 * 3.0 / 4.0 * 2.0 / 3.0 / 2.0, 0.25);
    check(&alike, Measure::SelfBleu, fourth_root);
    // The first is one word short of its only reference; the second has two words that the first lacks.
    let short = ["a b c d", "a b c d e f"];
    let first = libm::exp(1.0 - 6.0 / 4.0);
    let second = libm::pow(4.0 / 6.0 * 3.0 / 5.0 * 2.0 / 4.0 / 3.0, 0.25);
    check(&short, Measure::SelfBleu, f64::midpoint(first, second));
    // Of three equal words one matches; no pair does, of two, and no triple, of one, nor quadruple, of none.
    let clipped = ["a a a", "a b c"];
    let each = libm::pow(1.0 / 3.0 * (0.1 / 2.0) * 0.1 * 0.1, 0.25);
    check(&clipped, Measure::SelfBleu, each);
    check(&["a b", "c d"], Measure::SelfBleu, 0.0);
    check(&["", "c d"], Measure::SelfBleu, 0.0);
    assert_eq!(measured(&["a b c d"], Measure::SelfBleu), None);
}

/// Counts 60 / r at rank r fall with exponent 1; equal counts do not fall.
#[test]
fn zipf_slope_by_hand() {
    let counts = [
        ("a", 60),
        ("b", 30),
        ("c", 20),
        ("d", 15),
        ("e", 12),
        ("f", 10),
    ];
    let text: String = counts
        .iter()
        .map(|(w, n)| format!("{w} ").repeat(*n))
        .collect();
    check(&[&text], Measure::ZipfSlope, 1.0);
    assert_eq!(measured(&["a b", "c d"], Measure::ZipfSlope), Some(0.0));
    assert_eq!(measured(&["a a", "a"], Measure::ZipfSlope), None);
}

#[test]
fn shares_by_hand() {
    check(&["a b a", "b a"], Measure::Distinct1, 2.0 / 5.0);
    check(&["a b a", "b a"], Measure::Distinct2, 2.0 / 3.0);
    check(&[""], Measure::Distinct2, 0.0);
    let sentences = ["It rains. It rains!  It pours?", "it rains\nIt pours.\n.. "];
    check(&sentences, Measure::UniqueSentenceShare, 3.0 / 5.0);
    assert_eq!(measured(&[" ..."], Measure::UniqueSentenceShare), None);
    // Five quadruples, of which two came before; one, of which none; a document without any does not count.
    let repeating = ["x y x y x y x y", "a b c d", "a b c"];
    check(&repeating, Measure::RepetitionRate, 3.0 / 5.0 / 2.0);
    assert_eq!(measured(&["a b c"], Measure::RepetitionRate), None);
}

#[test]
fn the_vendi_score_counts_what_differs() {
    for n in [1, 3, 20] {
        let same = vec!["the same words"; n];
        check(&same, Measure::VendiScore, 1.0);
        let score = vendi_score(n, |_, _| 0.0).unwrap();
        assert!((score - n as f64).abs() < 1e-12);
    }
    check(&["", ""], Measure::VendiScore, 1.0);
    // Two pairs of twins: eigenvalues 1/2 and 1/2. Of similarity 1/2: 3/4 and 1/4.
    let twins = vendi_score(4, |i, j| f64::from(u8::from(i / 2 == j / 2))).unwrap();
    assert!((twins - 2.0).abs() < 1e-12);
    let half = libm::pow(0.75, -0.75) * libm::pow(0.25, -0.25);
    assert!((vendi_score(2, |_, _| 0.5).unwrap() - half).abs() < 1e-12);
    assert_eq!(vendi_score(0, |_, _| 0.0), None);
    assert!((vendi_score(1000, |_, _| 0.0).unwrap() - VENDI_MAX as f64).abs() < 1e-9);
}

#[test]
fn the_order_of_documents_does_not_matter() {
    let turned: Vec<&str> = PEERS.iter().rev().copied().collect();
    for measure in PROBED {
        check(&turned, measure, measured(&PEERS, measure).unwrap());
    }
}

#[test]
fn a_copy_makes_a_sample_less_diverse() {
    let (few, copied) = (&PEERS[1..], [&PEERS[1..], &PEERS[1..2]].concat());
    let change = |m| measured(&copied, m).unwrap() - measured(few, m).unwrap();
    assert!(change(Measure::SelfBleu) > 0.1);
    assert!(change(Measure::UniqueSentenceShare) < -0.1);
    assert!(change(Measure::Distinct1) < 0.0);
    // As a share of the documents: five, of which four differ.
    let share = |texts: &[&str]| measured(texts, Measure::VendiScore).unwrap() / texts.len() as f64;
    assert!(share(&copied) < share(few) - 0.02);
}

#[test]
fn numbers_have_no_measures_of_text() {
    let symbols = Content::empty(ContentKind::Symbols);
    let mut out = Measured::new(PROBED.into_iter().collect());
    probe(&symbols, &mut out);
    assert_eq!(out.values, []);
}

/// Twenty documents of a hundred words, four words a sentence, drawn from Zipf's law on 2,000 words.
fn sample(law: &Cumulative, rng: &mut Stream) -> Content {
    let mut word = |place: usize| {
        let end = if place % 4 == 3 { ". " } else { " " };
        format!("w{}{end}", law.draw(rng))
    };
    Content::from_texts((0..20).map(|_| (0..100).map(&mut word).collect::<String>()))
}

/// Standard deviations over two hundred samples, as another two hundred had them. Each is known to within 5 % (one standard
/// error, for values that are near normal), so that two differ by 7 %, and by 25 % once in two thousand seeds.
#[test]
fn the_error_of_a_sample_of_the_usual_size_is_small() {
    let law = Cumulative::new(zipf_law(2000, 1.0)).unwrap();
    let mut rng = Seed(6).key(0, Purpose::Sample).stream(0, 0);
    let samples: Vec<Content> = (0..200).map(|_| sample(&law, &mut rng)).collect();
    for (measure, stated) in [
        (Measure::Distinct1, 0.0076),
        (Measure::Distinct2, 0.0079),
        (Measure::SelfBleu, 0.0034),
        (Measure::ZipfSlope, 0.0118),
        (Measure::VendiScore, 0.086),
    ] {
        let values: Vec<f64> = samples.iter().filter_map(|s| of(s, measure)).collect();
        let mean = values.iter().sum::<f64>() / 200.0;
        let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
        let deviation = libm::sqrt(squares / 199.0);
        assert!(
            (deviation / stated - 1.0).abs() < 0.25,
            "{measure:?} {deviation}"
        );
    }
}
