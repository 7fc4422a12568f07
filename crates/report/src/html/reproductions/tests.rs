use serde_json::json;

use super::*;

fn check(what: &str, fits: u32, ok: bool) -> CheckedNumber {
    let moment = |fit| Comparison {
        fit,
        expected: 1.0 / f64::from(fit),
        measured: 1.1 / f64::from(fit),
        standard_error: 0.1,
    };
    CheckedNumber {
        what: what.to_owned(),
        formula: "1/t < 2".to_owned(),
        scenarios: "harmonic".to_owned(),
        replicates: "2 x 100".to_owned(),
        tolerance: "4 SE".to_owned(),
        z: Some(1.25),
        ok,
        seconds: 1.26,
        trajectory: if fits > 2 {
            (1..=fits).map(moment).collect()
        } else {
            vec![moment(fits)]
        },
    }
}

fn page(checks: Vec<CheckedNumber>) -> String {
    let result = PublishedResult {
        id: "P00".to_owned(),
        title: "Means & <medians>".to_owned(),
        papers: "Anybody 1900".to_owned(),
        checks,
    };
    reproductions_html(&ReproductionsInput {
        title: "Results",
        about: "What came out.",
        results: &[result],
        manifest: &json!({ "version": "1" }),
    })
}

#[test]
fn a_quantity_is_drawn_once_and_its_formula_is_dashed() {
    let html = page(vec![
        check("E[x], t = 5", 5, true),
        check("E[x], t = 9", 9, true),
    ]);
    assert_eq!(html.matches("<svg").count(), 1);
    assert_eq!(html.matches("class=\"t\"").count(), 1);
    assert_eq!(
        html.matches("<circle").count(),
        9,
        "the longer trajectory is shown"
    );
    assert!(html.contains("<h4>E[x]</h4>"));
    assert!(
        html.contains("<code>1/t &lt; 2</code>") && html.contains("Means &amp; &lt;medians&gt;")
    );
    assert!(
        html.contains("<td class=\"n\">+1.25</td>") && html.contains("<td class=\"n\">1.3</td>")
    );
    assert!(!html.contains("MISS"));
}

#[test]
fn what_was_measured_once_is_drawn_over_its_formula() {
    let html = page(vec![
        check("a, t = 1", 1, true),
        check("b, t = 2", 2, false),
    ]);
    assert_eq!(html.matches("<h4>Measurement over formula</h4>").count(), 1);
    assert_eq!(html.matches("<circle").count(), 2);
    assert!(html.contains("class=\"w c0\"") && html.contains("class=\"w c1\""));
    assert_eq!(html.matches("<td class=\"miss\">MISS</td>").count(), 2);
}

#[test]
fn nothing_finite_is_no_trouble() {
    let mut none = check("none", 1, false);
    none.trajectory[0].measured = f64::NAN;
    none.trajectory[0].expected = f64::INFINITY;
    none.z = None;
    let html = page(vec![none]);
    let picture = html.split("<svg").nth(1).unwrap();
    assert!(!picture.contains("NaN") && html.contains("–"));
}
