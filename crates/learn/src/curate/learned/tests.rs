use types::random::{Purpose, Seed, Stream};

use super::*;

const LESSON: Lesson = Lesson {
    documents: 100,
    false_positive_rate: 0.05,
    steps: 100,
    penalty: 1e-4,
};

const WORDS: [&str; 12] = [
    "river", "stone", "harbour", "evening", "letter", "captain", "garden", "window", "winter",
    "journey", "silver", "mountain",
];

/// A text of forty words of a list, of which `slips` in a hundred have two letters exchanged.
fn text(slips: u32, rng: &mut Stream) -> Vec<u8> {
    let mut text = Vec::new();
    for _ in 0..40 {
        let mut word = WORDS[rng.below(12) as usize].as_bytes().to_vec();
        if rng.below(100) < slips {
            let at = rng.below(word.len() as u32 - 1) as usize;
            word.swap(at, at + 1);
        }
        text.extend(word);
        text.push(b' ');
    }
    text
}

fn texts(count: usize, slips: u32, rng: &mut Stream) -> Vec<Vec<u8>> {
    (0..count).map(|_| text(slips, rng)).collect()
}

fn slices(texts: &[Vec<u8>]) -> Vec<&[u8]> {
    texts.iter().map(Vec::as_slice).collect()
}

/// What is learnt from texts with and without slips, and the stream for more.
fn learnt(slips: u32) -> (Recogniser, Stream) {
    let mut rng = Seed(1).key(0, Purpose::Curate).stream(0, 0);
    let [human, machine, held_back] = [0, slips, 0].map(|slips| texts(100, slips, &mut rng));
    let pair = (&*slices(&human), &*slices(&machine));
    (Recogniser::learn(&LESSON, pair, &slices(&held_back)), rng)
}

fn rejected(recogniser: &Recogniser, texts: &[Vec<u8>]) -> f64 {
    let rejects = texts.iter().filter(|text| !recogniser.keeps(text));
    rejects.count() as f64 / texts.len() as f64
}

/// Of a hundred documents held back five lie above the threshold; of others about as many do, the standard error of the threshold's
/// rank and that of a thousand documents being 0.023 together.
#[test]
fn slips_are_found_in_documents_that_are_new() {
    let (recogniser, mut rng) = learnt(20);
    let machine = rejected(&recogniser, &texts(1_000, 20, &mut rng));
    let human = rejected(&recogniser, &texts(1_000, 0, &mut rng));
    assert!(machine > 0.95, "{machine}");
    assert!(human < 0.05 + 4.0 * 0.023, "{human}");
}

#[test]
fn what_does_not_differ_is_not_told_apart() {
    let (recogniser, mut rng) = learnt(0);
    let share = rejected(&recogniser, &texts(1_000, 0, &mut rng));
    assert!(share < 0.05 + 4.0 * 0.023, "{share}");
}

#[test]
fn the_threshold_lets_so_many_of_those_held_back_pass() {
    let scores = || (0..20).map(f64::from).collect::<Vec<_>>();
    let above = |rate| {
        let threshold = threshold(scores(), rate);
        scores().iter().filter(|score| **score > threshold).count()
    };
    assert_eq!([0.0, 0.04, 0.05, 0.5, 0.99].map(above), [0, 0, 1, 10, 19]);
    assert_eq!(threshold(scores(), 1.0), f64::NEG_INFINITY);
    assert_eq!(threshold(Vec::new(), 0.5), f64::INFINITY);
}

/// At the minimum the gradient is zero; the loss there is less than at zero weights, ln 2.
#[test]
fn the_descent_comes_near_the_minimum() {
    let mut rng = Seed(2).key(0, Purpose::Curate).stream(0, 0);
    let list: Vec<(Features, f64)> = (0..40)
        .map(|n| {
            (
                Features::of(&text(if n % 2 == 0 { 0 } else { 30 }, &mut rng)),
                f64::from(n % 2),
            )
        })
        .collect();
    let lesson = Lesson {
        steps: 3_000,
        penalty: 0.01,
        ..LESSON
    };
    let length = |steps| {
        let weights = descend(&list, &Lesson { steps, ..lesson });
        let slope = gradient(&list, &weights, lesson.penalty);
        slope.iter().map(|x| x * x).sum::<f64>().sqrt()
    };
    assert!(length(0) > 0.05, "{}", length(0));
    assert!(length(3_000) < 1e-6, "{}", length(3_000));
}

#[test]
fn nothing_is_learnt_of_nothing() {
    let recogniser = Recogniser::learn(&LESSON, (&[], &[]), &[]);
    assert!(recogniser.keeps(b"anything") && recogniser.keeps(b""));
}

#[test]
fn features_have_length_one_and_ascend() {
    let Features(list) =
        Features::of(b"The quick brown fox jumps over the lazy dog, the quick one.");
    assert!(list.windows(2).all(|pair| pair[0].0 < pair[1].0));
    let square: f64 = list.iter().map(|(_, value)| value * value).sum();
    assert!((square - 1.0).abs() < 1e-12);
    assert!(Features::of(b"").0.is_empty());
}
