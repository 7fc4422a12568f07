//! How long functions are.

use crate::code::{Code, product};
use crate::tree::{File, Violation, assert_none, lines_of, sources};

const LINES_MAX: usize = 70;
/// The median function of the product stays below this.
const LINES_MEDIAN: usize = 10;

/// A function with a body, from the word `fn` to the closing brace.
struct Function {
    name: String,
    line: usize,
    lines: usize,
}

/// No function, tests included, is longer than a screen.
fn functions_are_short(files: &[File]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in files {
        let code = match Code::new(file) {
            Ok(code) => code,
            Err(violation) => return vec![violation],
        };
        let functions = functions(&code)
            .into_iter()
            .filter(|function| function.lines > LINES_MAX);
        violations.extend(functions.map(|Function { name, line, lines }| {
            Violation::new(
                &file.path,
                line,
                format!("`{name}` has {lines} lines, of at most {LINES_MAX}"),
            )
        }));
    }
    violations
}

/// The median length of the product's functions; `None` when there are none.
fn median_lines(files: &[File]) -> Result<Option<usize>, Vec<Violation>> {
    let sources = product(files)?;
    let functions = sources.iter().flat_map(|(_, code)| functions(code));
    let mut lengths: Vec<usize> = functions.map(|function| function.lines).collect();
    lengths.sort_unstable();
    Ok(lengths.get(lengths.len() / 2).copied())
}

fn functions(code: &Code) -> Vec<Function> {
    code.find(&["fn"])
        .filter_map(|position| function_at(code, position))
        .collect()
}

/// `None` for the type of a function, which has no name, and for a declaration without a body.
fn function_at(code: &Code, position: usize) -> Option<Function> {
    let name = code
        .tokens
        .get(position + 1)
        .filter(|token| token.is_word())?;
    let open = code.find_outside(position, &["{", ";"])?;
    (code.text(open) == "{").then(|| Function {
        name: name.text.clone(),
        line: name.line,
        lines: code.lines(position, code.closing(open)),
    })
}

#[test]
fn the_functions_of_the_tree_are_short() {
    assert_none(&functions_are_short(&sources()));
}

#[test]
#[expect(
    clippy::print_stdout,
    reason = "the median is worth knowing also when it is fine"
)]
fn the_median_function_of_the_tree_is_small() {
    let median = median_lines(&sources())
        .expect("the sources are Rust")
        .unwrap_or(0);
    println!("the median function has {median} lines");
    assert!(
        median < LINES_MEDIAN,
        "the median function has {median} lines: split some"
    );
}

fn function_of(lines: usize) -> String {
    format!(
        "pub fn long<T>(a: [u8; 3]) -> T\nwhere T: Copy {{\n{}}}\n",
        "    a;\n".repeat(lines - 3)
    )
}

#[test]
fn a_long_function_is_noticed() {
    let check = |text: &str| functions_are_short(&[File::new("crates/web/src/lib.rs", text)]);
    assert_none(&check(&function_of(70)));
    assert_eq!(lines_of(&check(&format!("\n{}", function_of(71)))), [2]);
    assert_eq!(
        lines_of(&check(&format!("impl A {{\n{}}}", function_of(90)))),
        [2]
    );
}

#[test]
fn types_and_declarations_have_no_length() {
    let text = "trait A { fn f(&self);\n fn g(&self) {\n} }\ntype B = fn(u8) -> u8;\nfn h() {}";
    let code = Code::new(&File::new("sample.rs", text)).unwrap();
    let names: Vec<_> = functions(&code)
        .into_iter()
        .map(|one| (one.name, one.lines))
        .collect();
    assert_eq!(names, [("g".to_owned(), 2), ("h".to_owned(), 1)]);
}

#[test]
fn the_median_leaves_tests_out() {
    let text = format!(
        "{}fn a() {{}}\n#[cfg(test)] mod t {{ {} }}",
        function_of(9),
        function_of(80)
    );
    let files = [File::new("crates/web/src/lib.rs", &text)];
    assert_eq!(median_lines(&files), Ok(Some(9)));
    assert_eq!(median_lines(&[]), Ok(None));
}
