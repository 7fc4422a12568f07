//! The catalogue of everything that can be measured.

use types::metric::MetricInfo;

/// What is measured of training sets, of documents and of the ecosystem; what is measured of one model is
/// [`learn::MEASURES`].
pub const ECOSYSTEM_METRICS: &[MetricInfo] = &[
    MetricInfo {
        name: REAL_SHARE,
        unit: "1",
        formula: "weight of real documents in the model's last training set, by ground-truth provenance",
        source: "Shumailov et al. 2024; Vu, Reeves and Wenger 2025",
    },
    MetricInfo {
        name: FRESHNESS,
        unit: "1",
        formula: "share of the documents that can be read which could be read at the model's last training too: under replace, of the \
                  pages of which it holds the newest version; measured only where observe.metrics names it",
        source: "Cho and Garcia-Molina 2000",
    },
    MetricInfo {
        name: KEPT_SHARE,
        unit: "1",
        formula: "share of the documents crawled for the model's last training that curation kept; measured only where observe.metrics \
                  names it",
        source: "Penedo et al. 2024",
    },
    MetricInfo {
        name: DETECTOR_TRUE_POSITIVE_RATE,
        unit: "1",
        formula: "share of the synthetic documents crawled for the model's last training that its detector rejected, by ground-truth \
                  provenance; measured only where observe.metrics names it",
        source: "Drayson et al. 2025",
    },
    MetricInfo {
        name: DETECTOR_FALSE_POSITIVE_RATE,
        unit: "1",
        formula: "share of the real documents crawled for the model's last training that its detector rejected, by ground-truth \
                  provenance; measured only where observe.metrics names it",
        source: "Drayson et al. 2025",
    },
    MetricInfo {
        name: EARNINGS,
        unit: "1",
        formula: "mean over the documents of the model's last training of v c^-crowding, v the value of the answer and c how many models \
                  gave it; measured only where observe.metrics names it",
        source: "Raghavan 2024",
    },
    MetricInfo {
        name: SOURCE_SHARE,
        unit: "1",
        formula: "weight of what a source wrote in the model's last training set; sources are populations, `real: private`, `real: \
                  public` and `people`, who wrote the real documents read on the web, and the shares of a reader sum to 1; measured \
                  only where observe.metrics names it",
        source: "this program: by ground-truth provenance, like real_share",
    },
    MetricInfo {
        name: EFFECTIVE_SOURCES,
        unit: "sources",
        formula: "1 / sum_a w_a^2, w_a the share of source a in the weight of the model's last training set; sources are the models that \
                  wrote synthetic documents, each for itself, and private, public and read real documents, each kind as one; measured \
                  only where observe.metrics names it",
        source: "Hill 1973 (order 2); Laakso and Taagepera 1979",
    },
    MetricInfo {
        name: STALENESS,
        unit: "days",
        formula: "now - mean publication time of the synthetic documents in the model's last training set, by weight; measured only where \
                  observe.metrics names it",
        source: "this program",
    },
    MetricInfo {
        name: LINEAGE_DEPTH,
        unit: "fits",
        formula: "1 + mean depth of the model's last training set, where a real document has depth 0",
        source: "this program: expected number of fits between real data and what the model writes",
    },
    MetricInfo {
        name: OUTPUT_SIMILARITY,
        unit: "1",
        formula: "cosine of two models' outputs on the same prompts, averaged over tasks; text: hashed trigrams and words, \
                  categorical: square roots of probabilities (the cosine is then the Bhattacharyya coefficient)",
        source: "Vu, Reeves and Wenger 2025; Weinberger et al. 2009",
    },
    MetricInfo {
        name: PROMPT_SIMILARITY,
        unit: "1",
        formula: "mean over pairs of models of the cosine of their outputs on the target task's prompts",
        source: "Vu, Reeves and Wenger 2025",
    },
    MetricInfo {
        name: OUTPUT_DISTANCE,
        unit: "1",
        formula: "sqrt(sum over k, l of |x_k - x_l|^2), the Frobenius norm of the matrix of distances between the outputs of \
                  observed models; x is a model's mean or, of models of text and symbols, what output_similarity takes the \
                  cosine of; measured only where observe.metrics names it",
        source: "Wang et al. 2025",
    },
    MetricInfo {
        name: ECOSYSTEM_VENDI,
        unit: "models",
        formula: "exp(- sum l ln l), l the eigenvalues of K/n, K the output_similarity of the first n <= 100 observed models: how many \
                  different ones there are in effect; measured only where observe.metrics names it",
        source: "Friedman and Dieng 2023; Hill 1973 (order 1)",
    },
    MetricInfo {
        name: NGRAM_CROSS_ENTROPY,
        unit: "nats per byte",
        formula: "cross_entropy on the held-out documents of the target task of n-grams of 6 bytes (Kneser-Ney) that are fitted once to \
                  the whole train split of the task: what a model of text is to be compared with; a constant; measured only where \
                  observe.metrics names it",
        source: "Kneser and Ney 1995; Chen and Goodman 1999",
    },
    MetricInfo {
        name: DISAGREEMENT,
        unit: "1",
        formula: "mean over pairs of models of |theta_k - theta_l|^2, for linear models",
        source: "Vu, Reeves and Wenger 2025",
    },
    MetricInfo {
        name: EFFECTIVE_MODELS,
        unit: "models",
        formula: "1 / HHI = (sum n_k)^2 / sum n_k^2, n_k the visible documents written by model k",
        source: "Laakso and Taagepera 1979",
    },
    MetricInfo {
        name: VISIBLE_DOCUMENTS,
        unit: "documents",
        formula: "documents that can be read; by population where populations do not see the same web",
        source: "this program",
    },
    MetricInfo {
        name: PUBLISHED_REAL_SHARE,
        unit: "1",
        formula: "share of real documents among all that were published so far; where there are sites",
        source: "this program",
    },
    MetricInfo {
        name: LIVE_REAL_SHARE,
        unit: "1",
        formula: "share of real documents among those whose pages are alive; where there are sites",
        source: "this program",
    },
    MetricInfo {
        name: LIVE_SHARE,
        unit: "1",
        formula: "share of all documents published so far whose pages are alive; where there are sites",
        source: "Chapman et al. 2024",
    },
    MetricInfo {
        name: LIVE_DOCUMENTS,
        unit: "documents",
        formula: "documents whose pages are alive; where there are sites",
        source: "Chapman et al. 2024",
    },
    MetricInfo {
        name: FETCH_SHARE,
        unit: "1",
        formula: "share of a crawler's fetches so far that ended so, by crawler and outcome",
        source: "Common Crawl 2026",
    },
    MetricInfo {
        name: DISALLOWED_SHARE,
        unit: "1",
        formula: "share of the pages that a crawler knew of and had not found gone, over all crawls so far, that it left alone because \
                  robots.txt disallows them, by crawler",
        source: "Longpre et al. 2024",
    },
    MetricInfo {
        name: ARCHIVE_DOCUMENTS,
        unit: "documents",
        formula: "documents of which a crawler has a copy, by crawler",
        source: "this program",
    },
    MetricInfo {
        name: ARCHIVE_REAL_SHARE,
        unit: "1",
        formula: "share of real documents among those of which a crawler has a copy, by crawler",
        source: "this program",
    },
    MetricInfo {
        name: ARCHIVE_COVERAGE,
        unit: "1",
        formula: "share of the live documents of which a crawler has a copy, by crawler",
        source: "this program",
    },
    MetricInfo {
        name: ARCHIVE_FRESHNESS,
        unit: "1",
        formula: "share of a crawler's copies that are as their pages are now, by crawler; measured only where observe.metrics names it",
        source: "Cho and Garcia-Molina 2000",
    },
    MetricInfo {
        name: ARCHIVE_AGE,
        unit: "days",
        formula: "mean time since a crawler's copy ceased to be as its page, 0 for fresh copies, by crawler; measured only where observe.metrics names it",
        source: "Cho and Garcia-Molina 2000",
    },
    MetricInfo {
        name: CURATED_SHARE,
        unit: "1",
        formula: "kept / reached, the documents of one origin that came to a stage of a crawler's curation and those of them that it let \
                  through, over all crawls so far, by crawler, stage and origin; where there is a crawler with curate",
        source: "Penedo et al. 2024",
    },
    MetricInfo {
        name: REJECTED_DOCUMENTS,
        unit: "documents",
        formula: "reached - kept, the documents of one origin that a stage of a crawler's curation rejected in all crawls so far, by \
                  crawler, stage and origin; where there is a crawler with curate",
        source: "Penedo et al. 2024",
    },
    MetricInfo {
        name: CURATED_DOCUMENTS,
        unit: "documents",
        formula: "documents of one origin that came through all stages of a crawler's curation, a page as often as it was captured and \
                  kept, by crawler and origin; where there is a crawler with curate",
        source: "Penedo et al. 2024",
    },
    MetricInfo {
        name: CURATED_REAL_SHARE,
        unit: "1",
        formula: "real / (real + synthetic) of curated_documents, by crawler; where there is a crawler with curate",
        source: "this program",
    },
    MetricInfo {
        name: CURATED_QUALITY,
        unit: "1",
        formula: "mean quality of the hosts of curated_documents, where hosts have a uniform quality in [0, 1); by crawler; measured only \
                  where observe.metrics names it",
        source: "this program",
    },
    MetricInfo {
        name: DAYS_SINCE_REAL,
        unit: "days",
        formula: "time since the newest real document was published, of the whole web and, by crawler, of those of which there is a copy, as of \
                  the last refresh of the index; where there are sites; measured only where observe.metrics names it",
        source: "this program",
    },
    MetricInfo {
        name: WATERMARK_Z,
        unit: "1",
        formula: "(g - gamma T) / sqrt(T gamma (1 - gamma)), g the green ones by the list of the target population among the T different \
                  pairs of a token and the one before in 32,768 tokens (at most 1,024 documents) that the model writes without a mark: \
                  about normal for who has learnt nothing of the list; of models with the tokens of the target; measured only where \
                  observe.metrics names it",
        source: "Kirchenbauer et al. 2023; Sander et al. 2024",
    },
    MetricInfo {
        name: FIT_FAILED,
        unit: "fits",
        formula: "trainings so far that gave no model; the model keeps its last generation",
        source: "this program",
    },
];

pub(crate) const REAL_SHARE: &str = "real_share";
pub(crate) const KEPT_SHARE: &str = "kept_share";
pub(crate) const DETECTOR_TRUE_POSITIVE_RATE: &str = "detector_true_positive_rate";
pub(crate) const DETECTOR_FALSE_POSITIVE_RATE: &str = "detector_false_positive_rate";
pub(crate) const EARNINGS: &str = "earnings";
pub(crate) const FRESHNESS: &str = "freshness";
pub(crate) const LINEAGE_DEPTH: &str = "lineage_depth";
pub(crate) const OUTPUT_SIMILARITY: &str = "output_similarity";
pub(crate) const PROMPT_SIMILARITY: &str = "prompt_similarity";
pub(crate) const OUTPUT_DISTANCE: &str = "output_distance";
pub(crate) const ECOSYSTEM_VENDI: &str = "ecosystem_vendi";
pub(crate) const NGRAM_CROSS_ENTROPY: &str = "ngram_cross_entropy";
pub(crate) const DISAGREEMENT: &str = "disagreement";
pub(crate) const EFFECTIVE_MODELS: &str = "effective_models";
pub(crate) const VISIBLE_DOCUMENTS: &str = "visible_documents";
pub(crate) const PUBLISHED_REAL_SHARE: &str = "published_real_share";
pub(crate) const LIVE_REAL_SHARE: &str = "live_real_share";
pub(crate) const LIVE_SHARE: &str = "live_share";
pub(crate) const LIVE_DOCUMENTS: &str = "live_documents";
pub(crate) const FETCH_SHARE: &str = "fetch_share";
pub(crate) const DISALLOWED_SHARE: &str = "disallowed_share";
pub(crate) const ARCHIVE_DOCUMENTS: &str = "archive_documents";
pub(crate) const ARCHIVE_REAL_SHARE: &str = "archive_real_share";
pub(crate) const ARCHIVE_COVERAGE: &str = "archive_coverage";
pub(crate) const ARCHIVE_FRESHNESS: &str = "archive_freshness";
pub(crate) const ARCHIVE_AGE: &str = "archive_age";
pub(crate) const CURATED_SHARE: &str = "curated_share";
pub(crate) const REJECTED_DOCUMENTS: &str = "rejected_documents";
pub(crate) const CURATED_DOCUMENTS: &str = "curated_documents";
pub(crate) const CURATED_REAL_SHARE: &str = "curated_real_share";
pub(crate) const CURATED_QUALITY: &str = "curated_quality";
pub(crate) const SOURCE_SHARE: &str = "source_share";
pub(crate) const EFFECTIVE_SOURCES: &str = "effective_sources";
pub(crate) const STALENESS: &str = "staleness";
pub(crate) const DAYS_SINCE_REAL: &str = "days_since_real";
pub(crate) const WATERMARK_Z: &str = "watermark_z";
pub(crate) const FIT_FAILED: &str = "fit_failed";

/// Everything that can be measured: what is measured of one model first.
pub fn catalogue() -> Vec<MetricInfo> {
    learn::MEASURES
        .iter()
        .chain(ECOSYSTEM_METRICS)
        .copied()
        .collect()
}

/// The names of everything that can be measured.
pub fn names() -> Vec<&'static str> {
    catalogue().iter().map(|info| info.name).collect()
}

/// The catalogue's own copy of a metric's name; `None` if it is not in it.
pub fn known(name: &str) -> Option<&'static str> {
    names().into_iter().find(|known| *known == name)
}
