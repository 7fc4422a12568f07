//! A sweep as a complete file.

use std::fmt::Write;

use super::super::write::{inline, key};
use super::{Keep, LABEL_MAX, Setting, Sweep, TITLE_MAX};

impl Sweep {
    /// The file of a sweep with everything that the command line has added, and with the text of its scenario, so that it
    /// needs nothing else. Reading it gives an equal sweep.
    pub fn resolved(&self, scenario: &str) -> String {
        let mut file = String::new();
        given(&mut file, "title", &self.title, TITLE_MAX);
        if !self.about.is_empty() {
            line(&mut file, "about", &quoted(&self.about));
        }
        line(&mut file, "scenario", &quoted(&self.scenario));
        let keep = match self.keep {
            Keep::Last => "last",
            Keep::All => "all",
        };
        line(&mut file, "keep", &quoted(keep));
        line(&mut file, "text", &long(scenario));
        if !self.metrics.is_empty() || self.lines_over.is_some() {
            file.push_str("\n[report]\n");
        }
        if !self.metrics.is_empty() {
            let list = inline(&self.metrics).unwrap_or_default();
            line(&mut file, "metrics", &list);
        }
        if let Some(label) = &self.lines_over {
            line(&mut file, "lines_over", &quoted(label));
        }
        if !self.fixed.is_empty() {
            file.push_str("\n[set]\n");
            self.fixed.iter().for_each(|one| setting(&mut file, one));
        }
        file.push_str("\n[labels]\n");
        for axis in &self.axes {
            given(
                &mut file,
                &key(&axis.keys.join(", ")),
                &axis.label,
                LABEL_MAX,
            );
        }
        self.write_points(&mut file);
        file
    }

    fn write_points(&self, file: &mut String) {
        if self.is_grid() {
            file.push_str("\n[grid]\n");
            for axis in &self.axes {
                let values: Vec<&str> = axis.values.iter().map(|one| one.toml.as_str()).collect();
                let list = format!("[{}]", values.join(", "));
                line(file, &key(&axis.keys.join(", ")), &list);
            }
            return;
        }
        for point in &self.points {
            file.push_str("\n[[point]]\n");
            point.iter().flatten().for_each(|one| setting(file, one));
        }
    }
}

/// A text of at most so many characters. One that is longer was made from the keys, and will be again.
fn given(file: &mut String, key: &str, text: &str, max: usize) {
    if text.chars().count() <= max {
        line(file, key, &quoted(text));
    }
}

fn setting(file: &mut String, setting: &Setting) {
    line(file, &key(&setting.key()), &setting.toml);
}

fn line(file: &mut String, key: &str, value: &str) {
    writeln!(file, "{key} = {value}").expect("writing to a text cannot fail");
}

fn quoted(text: &str) -> String {
    inline(&text).unwrap_or_default()
}

/// A text of many lines as it stands, if TOML can write it so.
fn long(text: &str) -> String {
    let plain = |c: char| c == '\n' || c == '\t' || !c.is_control();
    if text.contains("'''") || text.ends_with('\'') || !text.chars().all(plain) {
        return quoted(text);
    }
    format!("'''\n{text}'''")
}
