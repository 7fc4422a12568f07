use std::fmt::Write;
use std::sync::Arc;

use super::*;
use crate::data::Data;
use crate::host::{Host, Keeping};

/// A web in which everything is asked of as many crawlers as there may be, all of which curate in all ways.
fn everything() -> String {
    let mut text = r#"
title = "everything"
horizon = { days = 30 }

[corpora]
words = { distribution = { kind = "templates", documents = 2, shared = 2, own = 1 } }

[[population]]
name = "a"
family = { kind = "ngram", order = 1 }
real = { public = "words", documents = 20 }
publish = { sites = [{ site = "people", share = 1.0 }], tokens = 5 }

[[site]]
name = "people"
writers = { corpus = "words", per_day = 3.0 }

[web]
retention = "accumulate"
"#
    .to_owned();
    let metrics: Vec<String> = ALWAYS
        .iter()
        .chain(&NAMED)
        .map(|name| format!("\"{name}\""))
        .collect();
    writeln!(text, "\n[observe]\nmetrics = [{}]", metrics.join(", ")).unwrap();
    for number in 0..CRAWLERS_MAX {
        write!(
            text,
            r#"
[[crawler]]
name = "bot{number}"
every = {{ days = 10 }}
fetches = 1000
curate = [
    {{ kind = "url-dedup", scope = "global" }}, {{ kind = "exact-dedup" }}, {{ kind = "near-dedup", bands = 1 }},
    {{ kind = "language", real = 1, synthetic = 1 }}, {{ kind = "heuristics", real = 1, synthetic = 1 }},
    {{ kind = "quality", keep = 1, noise = 0 }},
    {{ kind = "detector", true_positive_rate = 0, false_positive_rate = 0 }},
    {{ kind = "watermark", true_positive_rate = 0, false_positive_rate = 0 }},
]
"#
        )
        .unwrap();
    }
    text
}

#[test]
fn no_web_has_more_facts_than_are_ever_asked_for() {
    let scenario = crate::scenario::read(&everything(), &[], &crate::metrics::names()).unwrap();
    let data = Data::load(&scenario, |source, _| Err(source.to_owned())).unwrap();
    let keeping = Keeping {
        storage: Arc::new(web::MemoryStorage::default()),
        all_documents: false,
    };
    let mut host = Host::new((&scenario, &data), 0, &keeping, None).unwrap();
    while let Some(window) = host.next_window() {
        host.run(window, &|_| {}).unwrap();
        host.commit(Vec::new()).unwrap();
    }
    assert_eq!(host.surroundings().facts.len(), FACTS_MAX);
}
