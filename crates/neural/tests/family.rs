//! A transformer as a family: what it learns against what counting learns, and what it does with prompts and weights.

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

use echosphere_neural as neural;
use learn::{Family, FitError, Measure, Measured, Ngram, Order, Smoothing, Truth, Unit};
use neural::{AdamW, Compute, Course, Decay, Length, Shape, Tokenizer, Transformer};
use types::content::{Content, ContentKind};
use types::random::{Purpose, Seed, Stream};

fn rng(number: u32) -> Stream {
    Seed(11).key(0, Purpose::Sample).stream(number, 0)
}

fn course(steps: u32, rate: f64) -> Course {
    Course {
        length: Length::Steps(steps),
        batch: 8,
        rate,
        warmup: 0.05,
        decay: Decay::Cosine,
        optimiser: AdamW::default(),
    }
}

/// A network that reads bytes.
fn small(width: usize, context: usize) -> Transformer {
    let tokenizer = Tokenizer::bytes();
    Transformer {
        shape: Shape {
            vocabulary: tokenizer.vocabulary(),
            context,
            width,
            layers: 1,
            heads: 2,
            kv_heads: 2,
            hidden: 2 * width,
            rope_base: 1e4,
            norm_epsilon: 1e-5,
        },
        compute: Compute::Exact,
        tokenizer,
        first: course(500, 0.01),
        later: course(20, 0.003),
        pretrained: None,
        evaluation_bytes_max: 20_000,
        probe_documents: 20,
        probe_tokens: 0,
        continuation_tokens: 20,
    }
}

fn fitted(family: &Transformer, content: &Content) -> neural::Parameters {
    let mut examples = family.statistic();
    family.absorb(&mut examples, content, 0..content.len(), 1.0);
    family.search(&examples, None, &mut rng(7)).unwrap()
}

/// The loss on held-out documents, in nats a byte.
fn loss<F: Family>(family: &F, model: &F::Fitted, held_out: &Content) -> f64 {
    let truth = Truth::Tasks {
        tasks: vec![("held out".to_owned(), held_out.clone())],
        questions: Vec::new(),
    };
    let mut measured = Measured::new([Measure::CrossEntropy].into_iter().collect());
    family.evaluate(model, &family.reference(&truth), &mut rng(1), &mut measured);
    measured.values[0].2
}

/// Of a Markov chain nobody can know more than pairs of letters; both models are within 2 % of each other, and neither is
/// near the loss of one that knows nothing but how frequent letters are.
#[test]
fn a_network_learns_a_bigram_as_well_as_counting_does() {
    let (rows, stationary) = learn::random_markov(8, 0.3, &mut rng(2));
    let truth = Truth::Markov {
        rows,
        stationary,
        letters: 120,
    };
    // Every document may end after any letter: how long it is already tells nothing.
    let draw = |documents, number| {
        let whole = truth.sample((ContentKind::Text, None), documents, &mut rng(number));
        let mut lengths = rng(number + 100);
        let mut length = || 1 + lengths.exponential(20.0) as usize;
        Content::from_texts((0..documents).map(|at| &whole.text(at)[..length().min(120)]))
    };
    let (train, test) = (draw(2_000, 3), draw(400, 4));
    let counts = |order| {
        let family = Ngram::new(order, Unit::Byte, Smoothing::KneserNey).unwrap();
        let mut statistic = family.statistic();
        family.absorb(&mut statistic, &train, 0..train.len(), 1.0);
        loss(&family, &family.fit(&statistic, None).unwrap(), &test)
    };
    let family = small(32, 64);
    let own = loss(&family, &fitted(&family, &train), &test);
    let (bigram, unigram) = (counts(2), counts(1));
    assert!(
        (own / bigram - 1.0).abs() < 0.02,
        "{own} instead of {bigram}"
    );
    assert!(unigram > 1.2 * bigram, "{unigram} against {bigram}");
}

#[test]
fn answers_begin_as_their_prompts_do() {
    let train = Content::from_texts(vec!["abcabcabcabc"; 20]);
    let family = Transformer {
        first: course(60, 0.01),
        ..small(16, 24)
    };
    let model = fitted(&family, &train);
    let prompts = Content::from_texts(["abcab", "ab"]);
    let order = Order {
        prompt_tokens: 4,
        tokens: 6,
        ..Order::default()
    };
    let mut written = Content::empty(ContentKind::Text);
    family.answer(&model, (&prompts, &order), &mut rng(5), &mut written);
    assert_eq!([written.given(0), written.given(1)], [4, 2]);
    assert!(written.text(0).starts_with(b"abca") && written.text(0).len() <= 10);
    assert!(written.text(1).starts_with(b"ab") && written.text(1).len() <= 8);
}

/// A prompt is context: a document that is all prompt teaches nothing.
#[test]
fn what_was_given_is_not_learnt() {
    let mut answers = Content::empty(ContentKind::Text);
    answers.push_answer(b"zzzzzzzz", 8);
    let plain = Content::from_texts(["zzzzzzzz"]);
    let family = Transformer {
        first: course(40, 0.01),
        ..small(16, 24)
    };
    let after = |content: &Content| loss(&family, &fitted(&family, content), &plain);
    assert!(after(&plain) < 0.5, "{}", after(&plain));
    assert!(after(&answers) > 3.0, "{}", after(&answers));
}

#[test]
fn a_document_of_no_weight_changes_nothing() {
    let family = Transformer {
        first: course(10, 0.01),
        ..small(16, 24)
    };
    let (one, two) = (
        Content::from_texts(["hear"]),
        Content::from_texts(["noise"]),
    );
    let mut examples = family.statistic();
    family.absorb(&mut examples, &one, 0..1, 1.0);
    let mut more = examples.clone();
    family.absorb(&mut more, &two, 0..1, 0.0);
    let mut others = family.statistic();
    family.absorb(&mut others, &two, 0..1, 1.0);
    family.merge(&mut more, &others, 0.0);
    let fit = |examples| family.search(examples, None, &mut rng(7)).unwrap();
    assert_eq!(fit(&examples), fit(&more));
}

#[test]
fn a_warm_start_goes_on_from_the_previous_model() {
    let content = Content::from_texts(vec!["to be or not to be"; 8]);
    let family = Transformer {
        first: course(60, 0.01),
        ..small(16, 24)
    };
    let mut examples = family.statistic();
    family.absorb(&mut examples, &content, 0..content.len(), 1.0);
    let old = family.search(&examples, None, &mut rng(7)).unwrap();
    let go_on = |rate| {
        family
            .search(&examples, Some((&old, rate)), &mut rng(8))
            .unwrap()
    };
    let (new, half) = (go_on(1.0), go_on(0.5));
    assert!(loss(&family, &new, &content) < loss(&family, &old, &content));
    let between = |at: usize| 0.5 * old.values[at] + 0.5 * new.values[at];
    assert!((0..half.values.len()).all(|at| (half.values[at] - between(at)).abs() < 1e-6));
}

#[test]
fn a_rate_that_is_too_high_is_a_failed_fit() {
    let content = Content::from_texts(vec!["to be or not to be"; 8]);
    let family = Transformer {
        first: course(200, 100.0),
        ..small(16, 24)
    };
    let mut examples = family.statistic();
    family.absorb(&mut examples, &content, 0..content.len(), 1.0);
    let error = family.search(&examples, None, &mut rng(7)).unwrap_err();
    assert!(matches!(error, FitError::Diverged { .. }), "{error}");
    let nothing = family
        .search(&family.statistic(), None, &mut rng(7))
        .unwrap_err();
    assert!(
        matches!(nothing, FitError::TooFewDocuments { .. }),
        "{nothing}"
    );
}
