//! Documents as JSON lines, for pipelines of others.

use prost::bytes::Bytes;
use serde::Serialize;
use types::content::{Content, Numbers};
use types::document::Publication;
use web::Batch;

/// Bytes that the first message is expected to have.
const LENGTH: usize = 1024;

/// Where documents come from: what all lines of one author's publication begin with.
#[derive(Serialize)]
struct Head {
    /// The model that wrote it; none if people did.
    author: Option<u32>,
    generation: u32,
    /// Virtual days.
    time: f64,
}

/// A batch, a document a line, in messages of at most so many bytes and documents each; only a longer line has a longer message.
pub(crate) fn messages(batch: &Batch, (bytes_max, documents_max): (usize, usize)) -> Vec<Bytes> {
    let mut messages = Vec::new();
    let (mut open, mut documents) = (Vec::with_capacity(LENGTH), 0);
    let (mut index, mut head) = (0, Vec::with_capacity(LENGTH));
    for publication in &batch.publications {
        let mut author = None;
        for offset in 0..publication.total() {
            let of = publication.author_of(offset).map(|author| author.0);
            if author != Some(of) {
                author = Some(of);
                begin(publication, of, &mut head);
            }
            let before = open.len();
            open.extend_from_slice(&head);
            end(&batch.content, index, &mut open);
            index += 1;
            let full = open.len() > bytes_max || documents == documents_max;
            if documents > 0 && full {
                // The next is about as long.
                let mut next = Vec::with_capacity(open.len());
                next.extend_from_slice(&open[before..]);
                open.truncate(before);
                messages.push(std::mem::replace(&mut open, next).into());
                documents = 0;
            }
            documents += 1;
        }
    }
    if documents > 0 {
        messages.push(open.into());
    }
    messages
}

/// What a line begins with, without the brace at its end.
fn begin(publication: &Publication, author: Option<u32>, out: &mut Vec<u8>) {
    out.clear();
    json(
        &Head {
            author,
            generation: publication.generation,
            time: publication.time.days(),
        },
        out,
    );
    out.pop();
}

/// What a line ends with.
fn end(content: &Content, index: usize, out: &mut Vec<u8>) {
    match content {
        Content::F32(numbers) => values(row(numbers, index), out),
        Content::F64(numbers) => values(row(numbers, index), out),
        Content::Symbols { symbols, .. } => {
            out.extend_from_slice(b",\"symbol\":");
            json(&symbols[index], out);
        }
        Content::Text { .. } => {
            out.extend_from_slice(b",\"text\":");
            json(&String::from_utf8_lossy(content.text(index)), out);
        }
    }
    out.extend_from_slice(b"}\n");
}

fn values<T: Serialize>(numbers: &[T], out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"values\":");
    json(&numbers, out);
}

fn json(value: &impl Serialize, out: &mut Vec<u8>) {
    // Writing into memory does not fail, and nothing in a line is unknown to JSON.
    drop(serde_json::to_writer(out, value));
}

fn row<T>(numbers: &Numbers<T>, index: usize) -> &[T] {
    let each = numbers.dimension as usize;
    &numbers.values[index * each..(index + 1) * each]
}

#[cfg(test)]
mod tests {
    use types::document::{Lineage, ModelId};
    use types::time::VirtualTime;

    use super::*;

    fn published(content: Content) -> Vec<serde_json::Value> {
        let publication = Publication {
            author: Some(ModelId(7)),
            models: 1,
            generation: 3,
            time: VirtualTime::START,
            lineage: Lineage::REAL,
            documents: content.len() as u32,
            site: None,
        };
        let batch = Batch {
            publications: vec![publication],
            content,
        };
        let whole = messages(&batch, (usize::MAX, usize::MAX));
        assert_eq!(whole.len(), 1);
        for most in [(70, usize::MAX), (usize::MAX, 1)] {
            let parts = messages(&batch, most);
            assert_eq!(parts.concat(), whole[0]);
            assert_eq!(parts.len(), batch.content.len());
        }
        let text = String::from_utf8(whole[0].to_vec()).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    #[test]
    fn a_document_is_a_line_with_its_author() {
        let numbers = published(Content::F32(Numbers {
            dimension: 2,
            values: vec![1.0, 2.0, 3.0, 4.5],
        }));
        assert_eq!(numbers.len(), 2);
        assert_eq!(numbers[1]["values"], serde_json::json!([3.0, 4.5]));
        assert_eq!(
            (&numbers[1]["author"], &numbers[1]["generation"]),
            (&7.into(), &3.into())
        );
        let texts = published(Content::from_texts(["a \"cat\"", "line\nbreak"]));
        assert_eq!(texts[0]["text"], "a \"cat\"");
        assert_eq!(texts[1]["text"], "line\nbreak");
        let symbols = published(Content::Symbols {
            symbols: vec![5],
            weights: Vec::new(),
        });
        assert_eq!(symbols[0]["symbol"], 5);
        assert!(symbols[0].get("text").is_none());
    }
}
