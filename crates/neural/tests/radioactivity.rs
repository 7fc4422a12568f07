//! A transformer that learns from text of which a small part is watermarked writes by the green list itself
//! (Sander et al. 2024).

#![expect(
    clippy::unwrap_used,
    reason = "the whole file is a test: what goes wrong ends it"
)]

use echosphere_neural as neural;

use learn::{Family as _, GreenList, Greens, Order, random_markov};
use neural::{AdamW, Compute, Course, Decay, Length, Parameters, Shape, Tokenizer, Transformer};
use types::content::{Content, ContentKind};
use types::random::{Cumulative, Purpose, Seed, Stream};

/// Letters of the language, letters of a document, and documents that a student reads.
const LETTERS: u32 = 240;
const LENGTH: usize = 63;
const DOCUMENTS: usize = 100;

const TEACHERS: GreenList = GreenList {
    key: 7,
    gamma: 0.05,
    delta: 6.0,
};

fn stream(id: u32) -> Stream {
    Seed(5).key(0, Purpose::Sample).stream(id, 0)
}

/// Documents of a random chain of letters, with a watermark or without.
fn write(documents: usize, watermark: Option<GreenList>, rng: &mut Stream, out: &mut Content) {
    let (rows, _) = random_markov(LETTERS as usize, 0.3, &mut stream(0));
    let rows: Vec<_> = rows.into_iter().filter_map(Cumulative::new).collect();
    for _ in 0..documents {
        let mut text = Vec::new();
        let mut last = rng.below(LETTERS);
        for _ in 0..LENGTH {
            let draw = |rng: &mut Stream| rows[last as usize].draw(rng) as u32;
            last = match watermark {
                None => draw(rng),
                Some(list) => list.redraw(last, rng, draw),
            };
            text.push(last as u8);
        }
        out.push_text(&text);
    }
}

fn family() -> Transformer {
    let tokenizer = Tokenizer::bytes();
    let course = Course {
        length: Length::Steps(600),
        batch: 12,
        rate: 1e-2,
        warmup: 0.05,
        decay: Decay::Cosine,
        optimiser: AdamW::default(),
    };
    Transformer {
        shape: Shape {
            vocabulary: tokenizer.vocabulary(),
            context: LENGTH + 1,
            width: 96,
            layers: 1,
            heads: 2,
            kv_heads: 2,
            hidden: 96,
            rope_base: 1e4,
            norm_epsilon: 1e-5,
        },
        compute: Compute::Fast,
        tokenizer,
        first: course,
        later: course,
        pretrained: None,
        evaluation_bytes_max: 0,
        probe_documents: 0,
        probe_tokens: 0,
        continuation_tokens: 0,
    }
}

/// What a student writes without a watermark, in different pairs of a letter and the one before, after it has read so many
/// documents of the teacher's among people's.
fn written_after(marked: usize) -> Vec<[u32; 2]> {
    let (family, mut rng) = (family(), stream(1));
    let mut text = Content::empty(ContentKind::Text);
    write(marked, Some(TEACHERS), &mut rng, &mut text);
    write(DOCUMENTS - marked, None, &mut rng, &mut text);
    let mut examples = family.statistic();
    family.absorb(&mut examples, &text, 0..text.len(), 1.0);
    let student: Parameters = family.search(&examples, None, &mut stream(2)).unwrap();
    let order = Order {
        documents: 600,
        ..Order::default()
    };
    let mut written = Content::empty(ContentKind::Text);
    family.sample(&student, &order, &mut stream(3), &mut written);
    let mut pairs = Vec::new();
    (0..written.len()).for_each(|index| family.pairs(&written, index, &mut pairs));
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

/// The lists of four keys that nobody writes by.
fn others(pairs: &[[u32; 2]]) -> Vec<Greens> {
    let list = |key| GreenList { key, ..TEACHERS };
    (8..12).map(|key| list(key).count(pairs)).collect()
}

/// A student that knows its hundred documents almost by heart. Without a mark z is about normal: beyond 4 in one of 16,000 draws, of
/// which here are nine.
#[test]
fn five_of_a_hundred_documents_leave_their_mark() {
    let (student, hermit) = (written_after(5), written_after(0));
    let found = TEACHERS.count(&student);
    let p = found.p_value();
    assert!(p < 1e-5, "{found:?} z = {}, p = {p}", found.z());
    let unmarked = others(&student).into_iter().chain(others(&hermit));
    for greens in unmarked.chain([TEACHERS.count(&hermit)]) {
        assert!(greens.z().abs() < 4.0, "{greens:?} z = {}", greens.z());
    }
}

/// Who is told of a list writes by it: of equally likely tokens 0.95 are green, for 0.05 e^6 / (0.05 e^6 + 0.95) is that.
#[test]
fn a_network_writes_by_its_own_list() {
    let family = family();
    let network = Parameters::random(&family.shape, &mut stream(4));
    let order = |watermark| Order {
        documents: 20,
        watermark,
        ..Order::default()
    };
    let z = |watermark| {
        let mut written = Content::empty(ContentKind::Text);
        family.sample(&network, &order(watermark), &mut stream(5), &mut written);
        let mut pairs = Vec::new();
        (0..written.len()).for_each(|index| family.pairs(&written, index, &mut pairs));
        pairs.sort_unstable();
        pairs.dedup();
        TEACHERS.count(&pairs).z()
    };
    let (marked, plain) = (z(Some(TEACHERS)), z(None));
    assert!(marked > 50.0 && plain.abs() < 4.0, "{marked} {plain}");
}
