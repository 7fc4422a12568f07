//! What can be measured of one model.

use types::metric::MetricInfo;

macro_rules! measures {
    ($($variant:ident, $name:literal, $unit:literal, $formula:literal, $source:literal;)*) => {
        /// Something that can be measured of one model.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Measure {
            $(#[doc = concat!("`", $name, "` in ", $unit, ": ", $formula)] $variant,)*
        }

        /// Name, unit, formula and source of every [`Measure`], in its order.
        pub const MEASURES: &[MetricInfo] = &[
            $(MetricInfo { name: $name, unit: $unit, formula: $formula, source: $source },)*
        ];

        const ALL: &[Measure] = &[$(Measure::$variant,)*];
    };
}

measures! {
    Mean, "mean", "1", "mean of the model, averaged over dimensions", "Shumailov et al. 2024";
    Variance, "variance", "1", "variance of the model, averaged over dimensions", "Shumailov et al. 2024";
    StandardDeviation, "standard_deviation", "1", "square root of the variance", "Shumailov et al. 2024";
    KlDivergence, "kl_divergence", "nats",
        "KL(model || truth) = sum or integral of m ln(m / p): finite where the model has lost support", "Kullback and Leibler 1951";
    Wasserstein2, "wasserstein_2", "1",
        "W2 of model and truth in one dimension; of two normal distributions sqrt((mu - mu0)^2 + (s - s0)^2)", "Shumailov et al. 2024";
    Hellinger, "hellinger", "1", "sqrt(1 - BC), BC = sum or integral of sqrt(m p)", "Hellinger 1909; Peterson 2024";
    GiniSimpson, "gini_simpson", "1", "1 - sum p_i^2", "Simpson 1949; Seddik et al. 2024";
    Entropy, "entropy", "nats", "- sum or integral of m ln m", "Shannon 1948";
    UniqueTokens, "unique_tokens", "tokens",
        "number of symbols with positive probability; for text, distinct tokens in the probe sample", "Guo et al. 2024";
    MissingMass, "missing_mass", "1", "probability under the truth of symbols the model never produces", "Good 1953; Dohmatob et al. 2024";
    CrossEntropy, "cross_entropy", "nats per byte",
        "- (1/B) sum ln m(token | context) over the held-out documents of the target task, B their bytes", "Shannon 1951; Vu, Reeves and Wenger 2025";
    Distinct1, "distinct_1", "1", "distinct words / words in the probe sample, which is its type-token ratio", "Li et al. 2016";
    Distinct2, "distinct_2", "1", "distinct word pairs / word pairs in the probe sample", "Li et al. 2016";
    DistinctGrams, "distinct_ngrams", "n-grams", "number of n-grams of the highest order with positive count", "Suresh et al. 2024";
    Coefficient, "coefficient", "1", "coefficient of a linear model, one row for each input", "Vu, Reeves and Wenger 2025";
    SquaredNorm, "squared_norm", "1", "|theta|^2 of a linear model", "Vu, Reeves and Wenger 2025";
    CoefficientError, "coefficient_error", "1",
        "|theta - theta*|^2, theta* the truth of the population's public (else private) corpus", "Vu, Reeves and Wenger 2025";
    InverseEfficiency, "inverse_efficiency", "1",
        "coefficient_error over the mean squared error of least squares on all real data in one hand: 1 / relative efficiency",
        "Vu, Reeves and Wenger 2025";
    ExcessRisk, "excess_risk", "1",
        "(theta - theta_j)' G_j (theta - theta_j) for the target task j with truth theta_j and Gram matrix G_j",
        "Vu, Reeves and Wenger 2025";
    ImageVariance, "image_variance", "1",
        "variance of the images under the target caption, averaged over both dimensions, 0 where it is lost; without a target, \
         the mean over captions by their shares",
        "Gao and Li 2025";
    Accuracy, "accuracy", "1",
        "share of real documents whose label the model gives the larger probability, by the truth of the population's own corpus",
        "Fisher 1936; Feng et al. 2024";
    GiniSimpsonRows, "gini_simpson_rows", "1",
        "mean over contexts i of 1 - sum_j p(j|i)^2, for bigram models", "Seddik et al. 2024; Suresh et al. 2024";
    Perplexity, "perplexity", "1",
        "exp(- (1/T) sum ln m(token | context)) over the T tokens, ends among them, of the held-out documents of the target task: compares \
         models of one tokenization only; measured only where observe.metrics names it",
        "Jelinek et al. 1977; Shumailov et al. 2024";
    SelfBleu, "self_bleu", "1",
        "mean over the documents of the probe sample of BLEU-4 with all others as references; n-grams of words, zero matches of an order \
         count as 0.1; measured only where observe.metrics names it",
        "Zhu et al. 2018; Chen and Cherry 2014";
    ZipfSlope, "zipf_slope", "1",
        "- slope of ln f_r on ln r by least squares over all ranks r, f_r the count of the r-th most frequent word of the probe sample; \
         measured only where observe.metrics names it",
        "Zipf 1935; Clauset, Shalizi and Newman 2009";
    UniqueSentenceShare, "unique_sentence_share", "1",
        "distinct sentences / sentences in the probe sample, cut at . ! ? and line ends; measured only where observe.metrics names it",
        "this program: distinct_n of sentences";
    RepetitionRate, "repetition_rate", "1",
        "mean over the documents of the probe sample of the share of 4-grams of words that occurred before in the document; measured only \
         where observe.metrics names it",
        "Welleck et al. 2020";
    VendiScore, "vendi_score", "documents",
        "exp(- sum l ln l), l the eigenvalues of K/n, K the cosines of the embeddings of the first n <= 100 documents of the probe sample: \
         how many different ones there are in effect; measured only where observe.metrics names it",
        "Friedman and Dieng 2023; Hill 1973 (order 1)";
    KnowledgeSeen, "knowledge_seen", "1",
        "share of the target task's questions whose answer a training document of the task holds that the model answers rightly: of the \
         choices after prompt and space, the one of the largest mean log-probability a token, ties shared; chance is 1 / choices; \
         measured only where observe.metrics names it",
        "Brown et al. 2020; Allen-Zhu and Li 2024";
    KnowledgeUnseen, "knowledge_unseen", "1",
        "knowledge_seen of questions whose answer no training document of the task ever held, a control: above chance is what can be guessed \
         or was learnt elsewhere; measured only where observe.metrics names it",
        "Brown et al. 2020; Allen-Zhu and Li 2024";
}

impl Measure {
    /// All measures.
    pub fn all() -> &'static [Self] {
        ALL
    }

    /// Name, unit, formula and source.
    pub fn info(self) -> &'static MetricInfo {
        &MEASURES[self as usize]
    }

    /// True if it is measured only where it is asked for by name: so that new measures leave old results as they were, and
    /// nobody pays for what they do not look at.
    pub fn only_by_name(self) -> bool {
        self >= Self::Perplexity
    }

    /// The measure of that name.
    pub fn by_name(name: &str) -> Option<Self> {
        ALL.iter()
            .copied()
            .find(|measure| measure.info().name == name)
    }
}

/// A set of measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MeasureSet(u64);

impl MeasureSet {
    /// True if `measure` is in the set.
    #[inline]
    pub fn contains(self, measure: Measure) -> bool {
        self.0 & (1 << measure as u8) != 0
    }
}

impl FromIterator<Measure> for MeasureSet {
    fn from_iter<I: IntoIterator<Item = Measure>>(measures: I) -> Self {
        Self(
            measures
                .into_iter()
                .fold(0, |set, measure| set | 1 << measure as u8),
        )
    }
}

/// Measured values of one model, in the order in which they were measured.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Measured {
    wanted: MeasureSet,
    /// Measure, number of the task that the value refers to, value.
    pub values: Vec<(Measure, Option<u16>, f64)>,
}

impl Measured {
    /// No values yet, and what is wanted.
    pub fn new(wanted: MeasureSet) -> Self {
        Self {
            wanted,
            values: Vec::new(),
        }
    }

    /// True if somebody wants this measure.
    #[inline]
    pub fn wants(&self, measure: Measure) -> bool {
        self.wanted.contains(measure)
    }

    /// True if somebody wants any of these.
    pub fn wants_any(&self, measures: &[Measure]) -> bool {
        measures.iter().any(|&measure| self.wants(measure))
    }

    /// Adds `value()`, if somebody wants it.
    #[inline]
    pub fn measure(&mut self, measure: Measure, value: impl FnOnce() -> f64) {
        if self.wants(measure) {
            self.push(measure, None, value());
        }
    }

    /// Adds `value()`, if somebody wants it and there is one.
    #[inline]
    pub fn measure_some(&mut self, measure: Measure, value: impl FnOnce() -> Option<f64>) {
        if let Some(value) = self.wants(measure).then(value).flatten() {
            self.push(measure, None, value);
        }
    }

    /// Adds a value.
    #[inline]
    pub fn push(&mut self, measure: Measure, task: Option<u16>, value: f64) {
        self.values.push((measure, task, value));
    }
}
