//! What knowledge items say, as documents.

use corpora::{KnowledgeItem, TextCorpus, TextDocument};

/// The right answers in place of the documents, a sentence each: those of seen items to train on, at most `limit` of them, and
/// those of unseen ones to be measured on. Items whose answers are left out go with them.
pub(super) fn answers(corpus: TextCorpus, limit: usize) -> TextCorpus {
    let (seen, unseen): (Vec<_>, Vec<_>) = corpus.knowledge.into_iter().partition(|item| item.seen);
    let seen: Vec<KnowledgeItem> = seen.into_iter().take(limit).collect();
    let stated = |items: &[KnowledgeItem]| items.iter().map(statement).collect();
    TextCorpus {
        train: stated(&seen),
        valid: Vec::new(),
        test: stated(&unseen),
        knowledge: seen.into_iter().chain(unseen).collect(),
        ..corpus
    }
}

fn statement(item: &KnowledgeItem) -> TextDocument {
    TextDocument {
        id: item.id.clone(),
        text: format!("{} {}.", item.prompt, item.choices[item.label]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seen_answers_are_learnt_and_unseen_ones_held_out() {
        let corpus = corpora::builtin("geography").unwrap();
        let seen = corpus.knowledge.iter().filter(|item| item.seen).count();
        let unseen = corpus.knowledge.len() - seen;
        let stated = answers(corpus, 50);
        assert!(seen > 500 && unseen > 100);
        assert_eq!((stated.train.len(), stated.test.len()), (50, unseen));
        assert_eq!(stated.knowledge.len(), 50 + unseen);
        let item = &stated.knowledge[0];
        let text = &stated.train[0].text;
        assert!(text.starts_with(&item.prompt));
        assert!(text.ends_with(&format!(" {}.", item.choices[item.label])));
        let held_out = |item: &KnowledgeItem| stated.train.iter().all(|other| other.id != item.id);
        assert!(
            stated
                .knowledge
                .iter()
                .filter(|item| !item.seen)
                .all(held_out)
        );
    }
}
