//! A scenario as a complete file, with every default written out.

use std::fmt::Write;

use serde::Serialize;
use toml::ser::ValueSerializer;

use super::schema::{
    Crawler, Intervention, Mixture, Observe, Population, Publish, Read, Real, Scenario, Site,
    Training, Web,
};

/// The file of a scenario: every key in the order of the documentation, one a line.
///
/// Keys without a value (a corpus that is not named, a limit that is not set) are left out, for
/// TOML has no word for nothing. Reading the file gives an equal scenario.
pub fn resolved(scenario: &Scenario) -> String {
    // Taken apart by name, so that a new field cannot be forgotten here.
    let Scenario {
        title,
        about,
        seed,
        replicates,
        horizon,
        generation_days,
        corpora,
        population,
        web,
        site,
        crawler,
        intervention,
        observe,
    } = scenario;
    let mut file = File::default();
    file.line("title", title);
    file.line("about", about);
    file.line("seed", seed);
    file.line("replicates", replicates);
    file.line("horizon", horizon);
    file.line("generation_days", generation_days);
    file.section("[corpora]");
    for (name, corpus) in corpora {
        file.line(&key(name), corpus);
    }
    for population in population {
        file.population(population);
    }
    for site in site {
        file.site(site);
    }
    for crawler in crawler {
        file.crawler(crawler);
    }
    for change in intervention {
        let Intervention { at, set } = change;
        file.section("[[intervention]]");
        file.line("at", at);
        file.line("set", set);
    }
    file.web(web);
    file.observe(observe);
    file.text
}

#[derive(Default)]
struct File {
    text: String,
    /// What stands before every key: `training.`.
    prefix: &'static str,
}

impl File {
    fn line(&mut self, key: &str, value: &impl Serialize) {
        if let Some(value) = inline(value) {
            writeln!(self.text, "{}{key} = {value}", self.prefix)
                .expect("writing to a text cannot fail");
        }
    }

    fn section(&mut self, header: &str) {
        self.prefix = "";
        writeln!(self.text, "\n{header}").expect("writing to a text cannot fail");
    }

    fn population(&mut self, population: &Population) {
        let Population {
            name,
            count,
            shards,
            family,
            real,
            mixture,
            training,
            publish,
            read,
            clock,
            enters,
            leaves,
        } = population;
        self.section("[[population]]");
        self.line("name", name);
        self.line("count", count);
        self.line("shards", shards);
        self.line("family", family);
        self.line("clock", clock);
        self.line("enters", enters);
        self.line("leaves", leaves);
        self.real(real);
        self.mixture(mixture);
        self.training(training);
        self.publish(publish);
        self.read(read);
    }

    fn real(&mut self, real: &Real) {
        let Real {
            private,
            public,
            documents,
            renewal,
            holding,
            public_holding,
        } = real;
        self.prefix = "real.";
        self.line("private", private);
        self.line("public", public);
        self.line("documents", documents);
        self.line("renewal", renewal);
        self.line("holding", holding);
        self.line("public_holding", public_holding);
    }

    fn mixture(&mut self, mixture: &Mixture) {
        let Mixture {
            synthetic_fraction,
            private_weight,
        } = mixture;
        self.prefix = "mixture.";
        self.line("synthetic_fraction", synthetic_fraction);
        self.line("private_weight", private_weight);
    }

    fn training(&mut self, training: &Training) {
        let Training {
            regime,
            initial,
            start,
            mixing,
            draw,
            budget,
        } = training;
        self.prefix = "training.";
        self.line("regime", regime);
        self.line("initial", initial);
        self.line("start", start);
        self.line("mixing", mixing);
        self.line("draw", draw);
        self.line("budget", budget);
    }

    fn publish(&mut self, publish: &Publish) {
        let Publish {
            documents,
            temperature,
            shift,
            when,
            tokens,
            top_k,
            top_p,
            prompt,
            expected,
            mislabelled,
            verifier,
            best_of,
            clock,
            sites,
            adoption,
            watermark,
        } = publish;
        self.prefix = "publish.";
        self.line("documents", documents);
        self.line("temperature", temperature);
        self.line("shift", shift);
        self.line("when", when);
        self.line("tokens", tokens);
        self.line("top_k", top_k);
        self.line("top_p", top_p);
        self.line("prompt", prompt);
        self.line("expected", expected);
        self.line("mislabelled", mislabelled);
        self.line("verifier", verifier);
        self.line("best_of", best_of);
        self.line("clock", clock);
        self.line("sites", sites);
        self.line("adoption", adoption);
        self.line("watermark", watermark);
    }

    fn read(&mut self, read: &Read) {
        let Read {
            from,
            scrape,
            include_own,
            share,
            detector,
            near_duplicates,
            payoff,
            archive,
        } = read;
        self.prefix = "read.";
        self.line("from", from);
        self.line("scrape", scrape);
        self.line("include_own", include_own);
        self.line("share", share);
        self.line("detector", detector);
        self.line("near_duplicates", near_duplicates);
        self.line("payoff", payoff);
        self.line("archive", archive);
    }

    fn site(&mut self, site: &Site) {
        let Site {
            name,
            owner,
            hosts,
            popularity,
            zipf,
            writers,
            opt_out,
            lifetime,
            page_lifetime,
            changes,
            crawl_delay_seconds,
        } = site;
        self.section("[[site]]");
        self.line("name", name);
        self.line("owner", owner);
        self.line("hosts", hosts);
        self.line("popularity", popularity);
        self.line("zipf", zipf);
        self.line("writers", writers);
        self.line("opt_out", opt_out);
        self.line("lifetime", lifetime);
        self.line("page_lifetime", page_lifetime);
        self.line("changes", changes);
        self.line("crawl_delay_seconds", crawl_delay_seconds);
    }

    fn crawler(&mut self, crawler: &Crawler) {
        let Crawler {
            name,
            every,
            clock,
            private_to,
            duration,
            fetches,
            host_fetches_max,
            compliance,
            new_share,
            refetch_share_max,
            recrawl,
            redirected,
            denied,
            failed,
            discovery,
            robots_failed,
            latency_seconds,
            host_burst,
            curate,
        } = crawler;
        self.section("[[crawler]]");
        self.line("name", name);
        self.line("every", every);
        self.line("clock", clock);
        self.line("private_to", private_to);
        self.line("duration", duration);
        self.line("fetches", fetches);
        self.line("host_fetches_max", host_fetches_max);
        self.line("compliance", compliance);
        self.line("new_share", new_share);
        self.line("refetch_share_max", refetch_share_max);
        self.line("recrawl", recrawl);
        self.line("redirected", redirected);
        self.line("denied", denied);
        self.line("failed", failed);
        self.line("discovery", discovery);
        self.line("robots_failed", robots_failed);
        self.line("latency_seconds", latency_seconds);
        self.line("host_burst", host_burst);
        self.line("curate", curate);
    }

    fn web(&mut self, web: &Web) {
        let Web {
            index_lag,
            index_refresh,
            retention,
            seed,
            links,
            memory_mib,
        } = web;
        self.section("[web]");
        self.line("index_lag", index_lag);
        self.line("index_refresh", index_refresh);
        self.line("retention", retention);
        self.line("seed", seed);
        self.line("links", links);
        self.line("memory_mib", memory_mib);
    }

    fn observe(&mut self, observe: &Observe) {
        let Observe {
            every,
            metrics,
            tasks,
            models_max,
            evaluation_bytes_max,
            prompts,
            probe_documents,
            items_max,
        } = observe;
        self.section("[observe]");
        self.line("every", every);
        self.line("metrics", metrics);
        self.line("tasks", tasks);
        self.line("models_max", models_max);
        self.line("evaluation_bytes_max", evaluation_bytes_max);
        self.line("prompts", prompts);
        self.line("probe_documents", probe_documents);
        self.line("items_max", items_max);
    }
}

/// A value on one line; `None` for nothing, which is the one thing that TOML cannot write.
pub(super) fn inline(value: &impl Serialize) -> Option<String> {
    let mut text = String::new();
    value.serialize(ValueSerializer::new(&mut text)).ok()?;
    Some(text)
}

/// A key, in quotes if it needs them.
pub(super) fn key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !name.is_empty() && name.chars().all(bare) {
        return name.to_owned();
    }
    inline(&name).unwrap_or_default()
}
