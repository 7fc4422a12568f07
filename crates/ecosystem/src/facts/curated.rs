//! What is asked about the curation of archives.

use types::document::ByOrigin;
use web::{Archive, CurationStage, Geography, Kept, Pages, Snapshot};

use super::{
    Asking, CURATED_DOCUMENTS, CURATED_QUALITY, CURATED_REAL_SHARE, CURATED_SHARE, Fact,
    REJECTED_DOCUMENTS, share,
};

/// How many documents are of one origin.
type Of = fn(ByOrigin) -> u64;

/// Origins of documents, with the names that metrics have for them.
const ORIGINS: [(&str, Of); 2] = [
    ("real", |count| count.real),
    ("synthetic", |count| count.synthetic),
];

impl Asking {
    /// What curation has done so far; nothing where nobody curates.
    pub(super) fn of_curation(
        &self,
        archives: &[Archive],
        (geography, pages): (&Geography, &Pages),
        name: &str,
        facts: &mut Vec<Fact>,
    ) {
        let snapshots = archives.iter().flat_map(Archive::snapshots);
        if !snapshots.clone().any(|one| one.curation.is_some()) {
            return;
        }
        for stage in stages(snapshots) {
            self.of_stage(&stage, name, facts);
        }
        if !self.wants(&[CURATED_DOCUMENTS, CURATED_REAL_SHARE, CURATED_QUALITY]) {
            return;
        }
        let mut kept = Kept::default();
        for archive in archives {
            kept.add(&archive.kept(geography, pages));
        }
        for (origin, of) in ORIGINS {
            let target = Some(format!("{name}: {origin}"));
            let count = of(kept.documents) as f64;
            self.tell(CURATED_DOCUMENTS, target, Some(count), facts);
        }
        let total = kept.documents.total();
        let quality = (total > 0).then(|| kept.quality / total as f64);
        let real = share(kept.documents.real, total);
        for (metric, value) in [(CURATED_REAL_SHARE, real), (CURATED_QUALITY, quality)] {
            self.tell(metric, Some(name.to_owned()), value, facts);
        }
    }

    fn of_stage(&self, stage: &CurationStage, name: &str, facts: &mut Vec<Fact>) {
        for (origin, of) in ORIGINS {
            let (kept, reached) = (of(stage.kept), of(stage.reached));
            let target = || Some(format!("{name}: {}: {origin}", stage.name));
            self.tell(CURATED_SHARE, target(), share(kept, reached), facts);
            let rejected = Some((reached - kept) as f64);
            self.tell(REJECTED_DOCUMENTS, target(), rejected, facts);
        }
    }
}

/// What each kind of stage did in all crawls, in the order in which they came into use.
fn stages<'a>(snapshots: impl Iterator<Item = &'a Snapshot>) -> Vec<CurationStage> {
    let mut all: Vec<CurationStage> = Vec::new();
    let curations = snapshots.filter_map(|one| one.curation.as_ref());
    for stage in curations.flat_map(|one| &one.stages) {
        match all.iter_mut().find(|known| known.name == stage.name) {
            Some(known) => {
                known.reached.add(stage.reached);
                known.kept.add(stage.kept);
            }
            None => all.push(*stage),
        }
    }
    all
}
