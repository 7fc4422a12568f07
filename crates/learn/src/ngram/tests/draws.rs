use super::*;

/// Chi-square of the first byte of 40,000 documents, classes of less than 10 expected draws pooled.
/// With k - 1 degrees of freedom, k + 5 sqrt(2 k) + 10 is exceeded with probability below 1e-4.
fn check_draws(temperature: f64) {
    let mut family = bytes(3, Smoothing::KneserNey);
    family.document_tokens_max = 1;
    let model = fitted(
        &family,
        &["abc", "acb", "bca", "cab", "a", "b b", "abba", "dab"],
    );
    let order = Order {
        documents: 40_000,
        temperature,
        ..Order::default()
    };
    let mut out = Content::empty(ContentKind::Text);
    family.sample(&model, &order, &mut rng(), &mut out);
    let probabilities = family.probabilities(&model, b"").into_iter();
    let tempered = probabilities
        .map(|p| libm::pow(p, 1.0 / temperature))
        .collect();
    let expected = crate::normalised(tempered);
    let mut counts = vec![0.0; 257];
    for i in 0..out.len() {
        counts[out.text(i).first().map_or(256, |&byte| usize::from(byte))] += 1.0;
    }
    let (mut chi2, mut classes, mut pooled) = (0.0, 1.0, (0.0, 1e-9));
    for (count, p) in counts.iter().zip(&expected) {
        let mean = 40_000.0 * p;
        if mean < 10.0 {
            pooled = (pooled.0 + count, pooled.1 + mean);
            continue;
        }
        chi2 += (count - mean) * (count - mean) / mean;
        classes += 1.0;
    }
    chi2 += (pooled.0 - pooled.1) * (pooled.0 - pooled.1) / pooled.1;
    assert!(
        chi2 < classes + 5.0 * f64::sqrt(2.0 * classes) + 10.0,
        "{temperature}: {chi2} {classes}"
    );
}

#[test]
fn draws_follow_the_probabilities() {
    check_draws(1.0);
}

#[test]
fn tempered_draws_follow_the_tempered_probabilities() {
    [0.3, 0.7, 1.5, 4.0].into_iter().for_each(check_draws);
}

#[test]
fn a_cold_model_writes_its_mode() {
    for smoothing in [Smoothing::KneserNey, Smoothing::None] {
        let family = bytes(4, smoothing);
        let model = fitted(&family, &["abcd", "abcd", "abce", "bd"]);
        for temperature in [0.0, 0.01] {
            let order = Order {
                documents: 3,
                temperature,
                ..Order::default()
            };
            let mut out = Content::empty(ContentKind::Text);
            family.sample(&model, &order, &mut rng(), &mut out);
            assert_eq!(out, Content::from_texts(["abcd"; 3]));
        }
    }
}

#[test]
fn an_endless_chain_has_the_ordered_length() {
    let mut family = bytes(2, Smoothing::None);
    family.ends = false;
    let model = fitted(&family, &["abcabd"]);
    let order = Order {
        tokens: 500,
        ..Order::default()
    };
    let mut out = Content::empty(ContentKind::Text);
    family.sample(&model, &order, &mut rng(), &mut out);
    assert_eq!((out.len(), out.text(0).len()), (1, 500));
}
