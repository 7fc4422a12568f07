//! From the text of a sweep file to a sweep, with all problems at once.

use std::collections::BTreeMap;

use super::super::parse;
use super::super::problem::{Finding, Problems, line_column, none_or_problems};
use super::super::shape::{Length, Range, Record, Shape};
use super::super::suggest::hint;
use super::super::tree::{Node, Table, Value};
use super::super::validate::validate;
use super::{Axis, COLUMNS, Keep, LABEL_MAX, POINTS_MAX, Setting, Sweep, TITLE_MAX};

impl Sweep {
    /// Reads a sweep file. `known_metrics` are the names that `report.metrics` may list.
    ///
    /// # Errors
    /// Everything that is wrong with the file itself; what a scenario says to its values is for [`Sweep::scenarios`].
    pub fn read(text: &str, known_metrics: &[&str]) -> Result<Self, Problems> {
        let root = parse::file(text).map_err(|problem| Problems {
            list: vec![problem],
        })?;
        let mut reader = Reader {
            text,
            findings: validate(&outline(&root), &shape(known_metrics)),
        };
        let sweep = reader.sweep(&root);
        none_or_problems(text, reader.findings)?;
        Ok(sweep)
    }
}

/// What a sweep file may look like, apart from the values of the scenario's keys.
fn shape(known_metrics: &[&str]) -> Shape {
    let text = |max| Shape::Text(Length { min: 1, max });
    let whole = || {
        Shape::Number(Range {
            whole: true,
            min: None,
            max: None,
        })
    };
    let table = || Shape::Map(Box::new(text(usize::MAX)));
    let words = known_metrics.iter().map(|name| (*name).to_owned());
    let report = Record {
        fields: BTreeMap::from([
            ("metrics".to_owned(), list(Shape::Words(words.collect()))),
            ("lines_over".to_owned(), text(LABEL_MAX)),
        ]),
        required: Vec::new(),
    };
    let keep = ["last", "all"].map(str::to_owned).to_vec();
    let fields = [
        ("title", text(TITLE_MAX)),
        ("about", text(usize::MAX)),
        ("scenario", text(usize::MAX)),
        ("text", text(usize::MAX)),
        ("seed", whole()),
        ("replicates", whole()),
        ("keep", Shape::Words(keep)),
        ("report", Shape::Record(report)),
        ("set", table()),
        ("labels", table()),
        ("grid", table()),
        ("point", list(table())),
    ];
    Shape::Record(Record {
        fields: fields.map(|(key, shape)| (key.to_owned(), shape)).into(),
        required: vec!["scenario".to_owned()],
    })
}

fn list(item: Shape) -> Shape {
    Shape::List {
        item: Box::new(item),
        length: Length {
            min: 1,
            max: usize::MAX,
        },
    }
}

/// The file without the tables whose keys are those of a scenario.
fn outline(root: &Node) -> Node {
    let mut outline = root.clone();
    let table = outline.table_mut();
    for key in ["set", "grid", "labels"] {
        if let Some(node) = table.get_mut(key).filter(|node| node.table().is_some()) {
            node.table_mut().clear();
        }
    }
    if let Some(Value::List(points)) = table.get_mut("point").map(|node| &mut node.value) {
        for point in points.iter_mut().filter(|point| point.table().is_some()) {
            point.table_mut().clear();
        }
    }
    outline
}

/// A key of a scenario with what the file gives it.
type Entry<'a> = (String, &'a Node);

struct Reader<'a> {
    text: &'a str,
    findings: Vec<Finding>,
}

impl Reader<'_> {
    fn sweep(&mut self, root: &Node) -> Sweep {
        let text = |key: &str| root.get(key).and_then(Node::text).map(str::to_owned);
        let mut axes = self.axes(root);
        self.label(root, &mut axes);
        let points = self.points(root, &axes);
        let fixed = self.fixed(root, &axes);
        let lines_over = self.lines_over(root, &axes);
        let metrics = root.get("report").and_then(|report| report.get("metrics"));
        let scenario = text("scenario").unwrap_or_default();
        Sweep {
            title: text("title").unwrap_or_else(|| untitled(&scenario, &axes)),
            about: text("about").unwrap_or_default(),
            text: text("text"),
            keep: match text("keep").as_deref() {
                Some("all") => Keep::All,
                _ => Keep::Last,
            },
            metrics: elements(metrics)
                .iter()
                .filter_map(Node::text)
                .map(str::to_owned)
                .collect(),
            lines_over,
            scenario,
            fixed,
            axes,
            points,
        }
    }

    fn line(&self, node: &Node) -> Option<usize> {
        node.offset.map(|offset| line_column(self.text, offset).0)
    }

    fn setting(&self, key: &str, node: &Node) -> Setting {
        Setting::new(key, node, self.line(node))
    }

    /// What varies: the keys of the grid, or all keys of the points, in the order of the file.
    fn axes(&mut self, root: &Node) -> Vec<Axis> {
        match (root.get("grid"), root.get("point")) {
            (Some(grid), None) => self.grid(grid),
            (None, Some(points)) => listed(points),
            (Some(_), Some(point)) => {
                let message = "stands beside a grid: the points are either a grid or a list";
                self.findings.push(point.finding("point", message));
                Vec::new()
            }
            (None, None) => {
                let message = "is missing, and so is a list of points: what varies?";
                self.findings.push(Finding::placeless("grid", message));
                Vec::new()
            }
        }
    }

    fn grid(&mut self, grid: &Node) -> Vec<Axis> {
        let entries = entries(grid);
        if entries.is_empty() {
            let message =
                "is empty: write for instance \"web.retention\" = [\"replace\", \"accumulate\"]";
            self.findings.push(grid.finding("grid", message));
        }
        let axes: Vec<Axis> = entries
            .iter()
            .map(|(key, node)| axis(key, self.values(key, node)))
            .collect();
        let count = axes
            .iter()
            .try_fold(1_usize, |count, axis| count.checked_mul(axis.values.len()));
        if count.is_none_or(|count| count > POINTS_MAX) {
            let message = format!("has too many points: allowed are {POINTS_MAX}");
            self.findings.push(grid.finding("grid", message));
            return Vec::new();
        }
        axes
    }

    /// The values of one key of the grid.
    fn values(&mut self, key: &str, node: &Node) -> Vec<Setting> {
        let Value::List(list) = &node.value else {
            let message = format!("= {0} is no list: write [{0}]", node.value);
            self.findings.push(node.finding(key, message));
            return Vec::new();
        };
        if list.is_empty() {
            self.findings.push(node.finding(key, "= [] has no values"));
        }
        let mut values: Vec<Setting> = Vec::new();
        for element in list {
            let setting = self.setting(key, element);
            if values
                .iter()
                .any(|known| known.value.is_same(&setting.value))
            {
                let message = format!("has {} twice", element.value);
                self.findings.push(element.finding(key, message));
            }
            values.push(setting);
        }
        values
    }

    fn label(&mut self, root: &Node, axes: &mut [Axis]) {
        let given = root.get("labels").map(entries).unwrap_or_default();
        for (key, node) in &given {
            let length = node.text().map_or(0, |text| text.chars().count());
            if !(1..=LABEL_MAX).contains(&length) {
                let message = format!(
                    "= {} is no label: allowed is a text of 1 to {LABEL_MAX} characters",
                    node.value
                );
                self.findings.push(node.finding(key, message));
            }
            let keys = split(key);
            if let Some(axis) = axes.iter_mut().find(|axis| axis.keys == keys) {
                node.text().unwrap_or_default().clone_into(&mut axis.label);
                continue;
            }
            let known: Vec<String> = axes.iter().map(|axis| axis.keys.join(", ")).collect();
            let hint = hint(key, known.iter().map(String::as_str));
            let message = format!("has a label but does not vary: {hint}");
            self.findings.push(node.finding(key, message));
        }
        default_labels(axes);
        for (index, axis) in axes.iter().enumerate() {
            let taken = COLUMNS.contains(&axis.label.as_str())
                || axes[..index].iter().any(|other| other.label == axis.label);
            if taken {
                let message = format!("cannot be called `{}`: another column is", axis.label);
                let key = axis.keys.join(", ");
                self.findings.push(Finding::placeless(&key, message));
            }
        }
    }

    /// The axis that lines run over, by its label.
    fn lines_over(&mut self, root: &Node, axes: &[Axis]) -> Option<String> {
        let node = root.get("report")?.get("lines_over")?;
        let asked = node.text()?;
        let labels = || axes.iter().map(|axis| axis.label.as_str());
        if !labels().any(|label| label == asked) {
            let message = format!(
                "= {} is not what varies: {}",
                node.value,
                hint(asked, labels())
            );
            let finding = node.finding("report.lines_over", message);
            self.findings.push(finding);
        }
        Some(asked.to_owned())
    }

    fn points(&mut self, root: &Node, axes: &[Axis]) -> Vec<Vec<Option<Setting>>> {
        let Some(points) = root.get("point") else {
            return product(axes);
        };
        let mut made: Vec<Vec<Option<Setting>>> = Vec::new();
        for node in elements(Some(points)) {
            let entries = entries(node);
            let at = |axis: &Axis| {
                let own = entries.iter().find(|(key, _)| split(key) == axis.keys);
                own.map(|(key, node)| self.setting(key, node))
            };
            let point: Vec<Option<Setting>> = axes.iter().map(at).collect();
            if let Some(twin) = made.iter().position(|other| are_same(other, &point)) {
                let message = format!("number {} is point number {twin} again", made.len());
                self.findings.push(node.finding("point", message));
            }
            made.push(point);
        }
        if made.len() > POINTS_MAX {
            let message = format!("has {} elements: allowed are {POINTS_MAX}", made.len());
            self.findings.push(points.finding("point", message));
        }
        made
    }

    /// What is the same at all points.
    fn fixed(&mut self, root: &Node, axes: &[Axis]) -> Vec<Setting> {
        let mut fixed: Vec<Setting> = ["seed", "replicates"]
            .into_iter()
            .filter_map(|key| Some(self.setting(key, root.get(key)?)))
            .collect();
        for (key, node) in root.get("set").map(entries).unwrap_or_default() {
            fixed.push(self.setting(&key, node));
        }
        for setting in &fixed {
            for key in &setting.keys {
                if axes.iter().any(|axis| axis.has(key)) {
                    let mut finding = Finding::placeless(key, "is set, but it also varies");
                    finding.offset = offset_of(root, key);
                    self.findings.push(finding);
                }
            }
        }
        fixed
    }
}

fn offset_of(root: &Node, key: &str) -> Option<usize> {
    let set = root.get("set").map(entries).unwrap_or_default();
    let own = set
        .iter()
        .find(|(own, _)| split(own).iter().any(|own| own == key));
    own.map_or_else(|| root.get(key), |(_, node)| Some(*node))?
        .offset
}

fn untitled(scenario: &str, axes: &[Axis]) -> String {
    let labels: Vec<&str> = axes.iter().map(|axis| axis.label.as_str()).collect();
    format!("{scenario} by {}", labels.join(" and "))
}

fn split(keys: &str) -> Vec<String> {
    keys.split(',').map(|key| key.trim().to_owned()).collect()
}

fn axis(keys: &str, values: Vec<Setting>) -> Axis {
    Axis {
        keys: split(keys),
        label: String::new(),
        values,
    }
}

/// All keys of a list of points.
fn listed(points: &Node) -> Vec<Axis> {
    let mut axes: Vec<Axis> = Vec::new();
    for (key, _) in elements(Some(points)).iter().flat_map(entries) {
        let keys = split(&key);
        if !axes.iter().any(|axis| axis.keys == keys) {
            axes.push(axis(&key, Vec::new()));
        }
    }
    axes
}

/// An axis without a label is called after the end of its key if that is clear, or else after all of it.
fn default_labels(axes: &mut [Axis]) {
    let end = |axis: &Axis| {
        let key = axis.keys.first().map(String::as_str).unwrap_or_default();
        key.rsplit('.').next().unwrap_or(key).to_owned()
    };
    let ends: Vec<String> = axes.iter().map(end).collect();
    for (axis, end) in axes.iter_mut().zip(&ends) {
        if axis.label.is_empty() {
            let clear = ends.iter().filter(|other| *other == end).count() == 1
                && !COLUMNS.contains(&end.as_str());
            axis.label = if clear {
                end.clone()
            } else {
                axis.keys.join(", ")
            };
        }
    }
}

/// All combinations, the last axis running fastest.
fn product(axes: &[Axis]) -> Vec<Vec<Option<Setting>>> {
    if axes.is_empty() {
        return Vec::new();
    }
    let mut points = vec![Vec::new()];
    for axis in axes {
        let longer = |point: &Vec<Option<Setting>>| {
            let extended = axis.values.iter().map(|setting| {
                let mut point = point.clone();
                point.push(Some(setting.clone()));
                point
            });
            extended.collect::<Vec<_>>()
        };
        points = points.iter().flat_map(longer).collect();
    }
    points
}

fn are_same(a: &[Option<Setting>], b: &[Option<Setting>]) -> bool {
    a.iter().zip(b).all(|pair| match pair {
        (Some(a), Some(b)) => a.value.is_same(&b.value),
        (None, None) => true,
        _ => false,
    })
}

/// The changes to a scenario that a table makes, in the order of the file.
pub(in crate::scenario) fn settings(table: &Node) -> Vec<(String, String)> {
    let of = |(key, node): &Entry<'_>| Setting::new(key, node, None).changes().collect::<Vec<_>>();
    entries(table).iter().flat_map(of).collect()
}

/// The keys of a table in the order of the file. A key may be written in quotes, or as nested tables; what stands below a
/// key in quotes that is a path itself is its value.
fn entries(table: &Node) -> Vec<Entry<'_>> {
    let mut entries = Vec::new();
    if let Some(table) = table.table() {
        collect(table, "", &mut entries);
    }
    entries.sort_by_key(|(_, node)| node.offset);
    entries
}

fn collect<'a>(table: &'a Table, prefix: &str, entries: &mut Vec<Entry<'a>>) {
    for (key, node) in table {
        let path = if prefix.is_empty() {
            key.clone()
        } else {
            format!("{prefix}.{key}")
        };
        match node.table() {
            Some(below) if !key.contains('.') => collect(below, &path, entries),
            _ => entries.push((path, node)),
        }
    }
}

fn elements(list: Option<&Node>) -> &[Node] {
    match list.map(|node| &node.value) {
        Some(Value::List(list)) => list,
        _ => &[],
    }
}
