use types::random::{Purpose, Seed};

use super::*;

fn family(frozen: Option<Half>) -> Captioned {
    Captioned {
        truth: Captions::polygon(vec![0.5, 0.3, 0.2], 5.0, 2.0),
        frozen,
    }
}

fn fitted(family: &Captioned, values: Vec<f64>) -> Result<Captions, FitError> {
    let content = Content::F64(Numbers {
        dimension: 3,
        values,
    });
    let mut piles = family.statistic();
    // In two pieces, as from two pools.
    let half = content.len() / 2;
    family.absorb(&mut piles, &content, 0..half, 1.0);
    let mut rest = family.statistic();
    family.absorb(&mut rest, &content, half..content.len(), 1.0);
    family.merge(&mut piles, &rest, 1.0);
    family.fit(&piles, None)
}

fn drawn(documents: usize) -> Vec<f64> {
    let mut rng = Seed(2).key(0, Purpose::Sample).stream(0, 0);
    family(None).truth.sample(documents, &mut rng)
}

/// The bounds are five standard errors of 20,000 documents.
#[test]
fn what_is_drawn_is_found_again() {
    let family = family(None);
    let fitted = fitted(&family, drawn(20_000)).unwrap();
    for number in 0..3 {
        let p = family.truth.probabilities[number];
        assert!((fitted.probabilities[number] - p).abs() < 0.018);
        let (found, image) = (&fitted.images[number], &family.truth.images[number]);
        assert!((found.mean[0] - image.mean[0]).abs() < 0.12, "{found:?}");
        assert!((found.mean[1] - image.mean[1]).abs() < 0.12, "{found:?}");
        assert!((found.variance() - 2.0).abs() < 0.16, "{found:?}");
        assert!(found.covariance[1].abs() < 0.16, "{found:?}");
    }
}

#[test]
fn moments_by_hand() {
    let family = family(None);
    let fitted = fitted(&family, vec![1.0, 0.0, 0.0, 1.0, 2.0, 4.0, 0.0, 7.0, 7.0]).unwrap();
    assert_eq!(fitted.probabilities, [1.0 / 3.0, 2.0 / 3.0, 0.0]);
    assert_eq!(fitted.images[1].mean, [1.0, 2.0]);
    assert_eq!(fitted.images[1].covariance, [1.0, 2.0, 4.0]);
    assert_eq!(fitted.images[0].variance(), 0.0);
}

#[test]
fn a_frozen_half_stays_as_it_was() {
    let images = family(Some(Half::Image));
    let fit = fitted(&images, drawn(100)).unwrap();
    assert_eq!(fit.images, images.truth.images);
    assert_ne!(fit.probabilities, images.truth.probabilities);
    let text = family(Some(Half::Text));
    let fit = fitted(&text, drawn(100)).unwrap();
    assert_eq!(fit.probabilities, text.truth.probabilities);
    assert_ne!(fit.images, text.truth.images);
}

#[test]
fn a_caption_that_is_asked_for_needs_images() {
    let one = vec![0.0, 1.0, 1.0];
    let text = family(Some(Half::Text));
    assert!(fitted(&text, one.clone()).is_err());
    let live = family(None);
    assert!(fitted(&live, Vec::new()).is_err());
    let mut out = Measured::new(
        [Measure::ImageVariance, Measure::UniqueTokens]
            .into_iter()
            .collect(),
    );
    let mut rng = Seed(2).key(0, Purpose::Observe).stream(0, 0);
    live.evaluate(&fitted(&live, one).unwrap(), &(), &mut rng, &mut out);
    assert!(out.values.iter().all(|(measure, _, value)| {
        *value == f64::from(u8::from(*measure == Measure::UniqueTokens))
    }));
    assert_eq!(out.values.len(), 5);
}
