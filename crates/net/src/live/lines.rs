//! Documents as JSON lines, for pipelines of others.

use std::io::Write;

use prost::bytes::Bytes;
use serde::Serialize;
use types::content::{Content, Numbers};
use web::Batch;

/// A document with where it comes from.
#[derive(Serialize)]
struct Line<'a> {
    /// The model that wrote it; none if people did.
    author: Option<u32>,
    generation: u32,
    /// Virtual days.
    time: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<std::borrow::Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<&'a [f64]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    symbol: Option<u32>,
}

/// A batch, a document a line, in messages of at most so many bytes each; only a longer line has a longer message.
pub(crate) fn messages(batch: &Batch, bytes_max: usize) -> Vec<Bytes> {
    let mut messages = Vec::new();
    let mut open: Vec<u8> = Vec::new();
    each_line(batch, |line| {
        if !open.is_empty() && open.len() + line.len() > bytes_max {
            messages.push(std::mem::take(&mut open).into());
        }
        open.extend_from_slice(line);
    });
    if !open.is_empty() {
        messages.push(open.into());
    }
    messages
}

/// Shows every document as a line.
fn each_line(batch: &Batch, mut take: impl FnMut(&[u8])) {
    let (mut out, mut index, mut numbers) = (Vec::new(), 0, Vec::new());
    for publication in &batch.publications {
        for offset in 0..publication.total() {
            let mut line = Line {
                author: publication.author_of(offset).map(|author| author.0),
                generation: publication.generation,
                time: publication.time.days(),
                text: None,
                values: None,
                symbol: None,
            };
            match &batch.content {
                Content::Text { .. } => {
                    line.text = Some(String::from_utf8_lossy(batch.content.text(index)));
                }
                Content::Symbols { symbols, .. } => line.symbol = Some(symbols[index]),
                content => {
                    numbers_of(content, index, &mut numbers);
                    line.values = Some(&numbers);
                }
            }
            // Writing into memory does not fail, and nothing in a line is unknown to JSON.
            drop(serde_json::to_writer(&mut out, &line));
            drop(out.write_all(b"\n"));
            take(&out);
            out.clear();
            index += 1;
        }
    }
}

/// The numbers of a document; none if it has none.
fn numbers_of(content: &Content, index: usize, out: &mut Vec<f64>) {
    out.clear();
    match content {
        Content::F32(numbers) => out.extend(row(numbers, index).iter().map(|&x| f64::from(x))),
        Content::F64(numbers) => out.extend_from_slice(row(numbers, index)),
        Content::Symbols { .. } | Content::Text { .. } => {}
    }
}

fn row<T>(numbers: &Numbers<T>, index: usize) -> &[T] {
    let each = numbers.dimension as usize;
    &numbers.values[index * each..(index + 1) * each]
}

#[cfg(test)]
mod tests {
    use types::document::{Lineage, ModelId, Publication};
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
        let whole = messages(&batch, usize::MAX);
        let parts = messages(&batch, 70);
        assert_eq!(whole.len(), 1);
        assert_eq!(parts.concat(), whole[0]);
        assert_eq!(parts.len(), batch.content.len());
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
