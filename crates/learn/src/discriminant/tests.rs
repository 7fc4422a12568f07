use types::random::{Purpose, Seed};

use super::*;

const FAMILY: Discriminant = Discriminant { dimension: 3 };

fn drawn(classes: &Classes, documents: usize) -> Content {
    let mut content = Content::empty(FAMILY.kind());
    let mut rng = Seed(5).key(0, Purpose::Sample).stream(0, 0);
    let order = Order {
        documents,
        ..Order::default()
    };
    FAMILY.sample(classes, &order, &mut rng, &mut content);
    content
}

fn fitted(content: &Content) -> Classes {
    let mut statistic = FAMILY.statistic();
    FAMILY.absorb(&mut statistic, content, 0..content.len(), 1.0);
    FAMILY.fit(&statistic, None).unwrap()
}

#[test]
fn a_fit_is_the_classes_it_was_drawn_from() {
    let truth = Classes {
        shares: [0.3, 0.7],
        means: [vec![1.0, 0.0, -2.0], vec![0.5, 1.0, 3.0]],
        variance: 0.25,
    };
    let classes = fitted(&drawn(&truth, 40_000));
    assert!((classes.shares[1] - 0.7).abs() < 0.012);
    assert!((classes.variance - 0.25).abs() < 0.006);
    for (mean, expected) in classes
        .means
        .iter()
        .flatten()
        .zip(truth.means.iter().flatten())
    {
        assert!((mean - expected).abs() < 0.025, "{classes:?}");
    }
}

#[test]
fn accuracy_is_what_counting_gives() {
    let truth = Classes::around_origin(3, 0.8);
    let model = Classes {
        shares: [0.4, 0.6],
        means: [vec![-0.2, 0.4, -1.0], vec![0.7, 0.3, 0.0]],
        variance: 1.3,
    };
    let Content::F64(Numbers { values, .. }) = drawn(&truth, 100_000) else {
        panic!("numbers")
    };
    let density = |features: &[f64], label: usize| {
        let squares = features.iter().zip(&model.means[label]);
        let distance: f64 = squares.map(|(x, mean)| (x - mean) * (x - mean)).sum();
        model.shares[label] * libm::exp(-0.5 * distance / model.variance)
    };
    let right = values.chunks_exact(4).filter(|document| {
        let says = density(&document[1..], 1) > density(&document[1..], 0);
        says == (document[0] > 0.5)
    });
    let counted = right.count() as f64 / 1e5;
    assert!(
        (model.accuracy(&truth) - counted).abs() < 0.007,
        "{counted}"
    );
    // Phi(0.8): the truth itself makes the fewest mistakes.
    assert!((truth.accuracy(&truth) - 0.788_144_601_416_603_3).abs() < 1e-12);
}

#[test]
fn pools_in_parts_are_pools() {
    let content = drawn(&Classes::around_origin(3, 1.0), 500);
    let mut whole = FAMILY.statistic();
    FAMILY.absorb(&mut whole, &content, 0..500, 2.0);
    let (mut first, mut rest) = (FAMILY.statistic(), FAMILY.statistic());
    FAMILY.absorb(&mut first, &content, 0..123, 1.0);
    FAMILY.absorb(&mut rest, &content, 123..500, 1.0);
    FAMILY.merge(&mut rest, &first, 1.0);
    let (whole, rest) = (
        FAMILY.fit(&whole, None).unwrap(),
        FAMILY.fit(&rest, None).unwrap(),
    );
    assert!((whole.variance - rest.variance).abs() < 1e-12);
    assert!((whole.means[1][2] - rest.means[1][2]).abs() < 1e-12);
}

#[test]
fn one_class_alone_is_no_model() {
    let mut statistic = FAMILY.statistic();
    let document = Content::F64(Numbers {
        dimension: 4,
        values: vec![1.0, 0.0, 0.0, 0.0],
    });
    FAMILY.absorb(&mut statistic, &document, 0..1, 1.0);
    let error = FAMILY.fit(&statistic, None).unwrap_err();
    assert!(matches!(error, FitError::TooFewDocuments { actual: 1, .. }));
}
