//! Knowledge items: what the file beside the splits says of what a reader of them could know.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::TextDocument;
use super::parse::{demand, parse_object};
use crate::lines::{Line, utf8_lines};
use crate::problem::{Place, Problem, Problems};

/// A question with several answers, of which one is right.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KnowledgeItem {
    /// Unique among the items of its corpus.
    pub id: String,
    /// What kind of fact is asked for: `capital`.
    pub relation: String,
    /// The beginning of a sentence that the right choice completes, after a space.
    pub prompt: String,
    /// At least two, none of them empty.
    pub choices: Vec<String>,
    /// Position of the right one in `choices`.
    pub label: usize,
    /// Whether a document of the train split holds the answer. If not, no reader of that split alone can know it.
    pub seen: bool,
    /// Ids of documents that hold the answer.
    pub support: Vec<String>,
}

/// An item, its line, and which split the file says that the answer stands in.
#[derive(Debug)]
pub(super) struct LocatedItem {
    line: usize,
    split: Option<String>,
    item: KnowledgeItem,
}

/// What we read of a JSON line; keys are optional here so that all can be reported missing.
#[derive(Deserialize)]
struct Record {
    id: Option<String>,
    relation: Option<String>,
    prompt: Option<String>,
    choices: Option<Vec<String>>,
    label: Option<usize>,
    support: Option<Vec<String>>,
    support_split: Option<String>,
}

/// The items of a file with one JSON object a line.
pub(super) fn items(file: &str, bytes: &[u8], problems: &mut Problems) -> Vec<LocatedItem> {
    let mut located = Vec::new();
    for line in utf8_lines(file, bytes) {
        let line = problems
            .note(line)
            .filter(|line| !line.text.trim().is_empty());
        located.extend(line.and_then(|line| item(file, line, problems)));
    }
    find_duplicate_ids(file, &located, problems);
    located
}

fn item(file: &str, line: Line<'_>, problems: &mut Problems) -> Option<LocatedItem> {
    let record: Record = problems.note(parse_object(file, line))?;
    let place = Place::new(file, line.number);
    let mut text = |key, value| demand((&place, key), value, problems);
    // All keys are demanded before any is missed, so that all are reported.
    let (id, relation) = (text("id", record.id), text("relation", record.relation));
    let prompt = text("prompt", record.prompt);
    let choices = list((&place, "choices"), record.choices, problems);
    let support = list((&place, "support"), record.support, problems);
    let label = problems.note(record.label.ok_or_else(|| Problem::MissingKey {
        place: place.clone(),
        key: "label".to_owned(),
    }));
    let (choices, label) = (choices?, label?);
    problems.note(answerable(place, choices.len(), label))?;
    Some(LocatedItem {
        line: line.number,
        split: record.support_split,
        item: KnowledgeItem {
            id: id?,
            relation: relation?,
            prompt: prompt?,
            choices,
            label,
            seen: false,
            support: support?,
        },
    })
}

/// A list with something in it, each a text that is not empty.
fn list(
    (place, key): (&Place, &str),
    value: Option<Vec<String>>,
    problems: &mut Problems,
) -> Option<Vec<String>> {
    let (place, key) = (place.clone(), key.to_owned());
    problems.note(match value {
        None => Err(Problem::MissingKey { place, key }),
        Some(list) if list.is_empty() || list.iter().any(|text| text.trim().is_empty()) => {
            Err(Problem::EmptyKey { place, key })
        }
        Some(list) => Ok(list),
    })
}

fn answerable(place: Place, choices: usize, label: usize) -> Result<(), Problem> {
    if choices < 2 || label >= choices {
        return Err(Problem::NoSuchChoice {
            place,
            label,
            choices,
        });
    }
    Ok(())
}

fn find_duplicate_ids(file: &str, located: &[LocatedItem], problems: &mut Problems) {
    let mut first_uses: BTreeMap<&str, usize> = BTreeMap::new();
    for LocatedItem { line, item, .. } in located {
        if let Some(&first) = first_uses.get(&*item.id) {
            problems.push(Problem::DuplicateId {
                place: Place::new(file, *line),
                id: item.id.clone(),
                first: Place::new(file, first),
            });
        } else {
            first_uses.insert(&item.id, *line);
        }
    }
}

/// The items, with what is seen of them told from the documents of the train split: without a word on the split of their
/// support, those that have some there.
pub(super) fn told(located: Vec<LocatedItem>, train: &[TextDocument]) -> Vec<KnowledgeItem> {
    let ids = ids(train);
    let tell = |LocatedItem { split, item, .. }| {
        let seen = split.map_or_else(|| supported(&item, &ids), |split| split == "train");
        KnowledgeItem { seen, ..item }
    };
    located.into_iter().map(tell).collect()
}

/// Leaves out the items of which every document that holds the answer was cut from the train split. They are neither seen nor
/// as good as unseen: what is left of their group may say the same in other words.
pub(super) fn retain_supported(items: &mut Vec<KnowledgeItem>, train: &[TextDocument]) {
    let ids = ids(train);
    items.retain(|item| !item.seen || supported(item, &ids));
}

fn ids(train: &[TextDocument]) -> BTreeSet<&str> {
    train.iter().map(|document| &*document.id).collect()
}

fn supported(item: &KnowledgeItem, ids: &BTreeSet<&str>) -> bool {
    item.support.iter().any(|id| ids.contains(&**id))
}
