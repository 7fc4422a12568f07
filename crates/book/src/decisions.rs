//! Why things are as they are: one page a decision.
//!
//! Every page has the same parts: what forced a decision, what was decided, what follows from it, what was rejected, and
//! what would make us change our mind. A page is written when the decision is made. A decision that is given up keeps its
//! page, which then names the one that took its place.

macro_rules! decisions {
    ($($name:ident: $file:literal,)*) => {
        $(#[doc = include_str!(concat!("decisions/", $file, ".md"))] pub mod $name {})*
    };
}

decisions! {
    d0001_actors_are_pure: "0001-actors-are-pure",
    d0002_windows_and_lookahead: "0002-windows-and-lookahead",
    d0003_visibility: "0003-visibility",
    d0004_streams: "0004-streams",
    d0005_log_and_fold: "0005-log-and-fold",
    d0006_statistic_and_fit: "0006-statistic-and-fit",
    d0007_ngrams: "0007-ngrams",
    d0008_scenario_schema: "0008-scenario-schema",
    d0009_checkpoints: "0009-checkpoints",
    d0010_floating_point: "0010-floating-point",
    d0011_own_figures: "0011-own-figures",
    d0012_dependencies: "0012-dependencies",
    d0013_lineage: "0013-lineage",
    d0014_nodes: "0014-nodes",
    d0015_checkpoint_store: "0015-checkpoint-store",
    d0016_exact_theory: "0016-exact-theory",
    d0017_sweep: "0017-sweep",
    d0018_the_web_as_a_place: "0018-the-web-as-a-place",
    d0019_the_gateway: "0019-the-gateway-is-a-function-too",
    d0020_neural_models: "0020-neural-models-by-hand",
    d0021_live_populations: "0021-live-populations",
}
