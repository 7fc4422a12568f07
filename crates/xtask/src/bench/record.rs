//! What was measured so far, in memory and as JSON lines on disk.

use std::fmt::Display;
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use super::measurement::Sample;
use crate::shell::{complain, say};

/// The samples and the failures of one benchmark.
#[derive(Debug)]
pub(crate) struct Record {
    path: PathBuf,
    file: File,
    samples: Vec<Sample>,
    failures: Vec<String>,
}

impl Record {
    /// Starts an empty record, which replaces the one of an earlier benchmark.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub(crate) fn create(path: PathBuf) -> Result<Self> {
        let file = File::create(&path).with_context(|| path.display().to_string())?;
        Ok(Self {
            path,
            file,
            samples: vec![],
            failures: vec![],
        })
    }

    /// Writes the sample at once: an interrupted benchmark keeps what it has measured.
    ///
    /// A sample that misses the workload's known outcome stays in the table, marked, and fails the
    /// benchmark: its numbers help to find out what it computed instead.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub(crate) fn keep(&mut self, sample: Sample) -> Result<()> {
        writeln!(self.file, "{}", serde_json::to_string(&sample)?)?;
        if sample.is_valid() == Some(false) {
            let deviation = sample.measurement.standard_deviation;
            let failure = format!("a mean deviation of {deviation:.4} is not workload G1");
            self.fail(sample.implementation, &failure);
        }
        self.samples.push(sample);
        Ok(())
    }

    /// Tells the reader now, and again at the end, where nobody overlooks it.
    pub(crate) fn fail(&mut self, title: impl Display, failure: &str) {
        let failure = format!("{title}: {failure}");
        complain(&failure);
        self.failures.push(failure);
    }

    pub(crate) fn samples_of(&self, models: u64) -> impl Iterator<Item = &Sample> {
        self.samples
            .iter()
            .filter(move |sample| sample.trial.models == models)
    }

    /// Names the file.
    ///
    /// # Errors
    ///
    /// When anything failed on the way.
    pub(crate) fn close(self) -> Result<()> {
        say(&format!(
            "{} samples are in {}",
            self.samples.len(),
            self.path.display()
        ));
        let failures = self.failures.join("\n");
        ensure!(failures.is_empty(), "some runs failed:\n{failures}");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::measurement::sample;
    use super::*;
    use crate::shell::target_folder;

    fn record(name: &str) -> Record {
        let folder = target_folder()
            .expect("cargo knows its target folder")
            .join("bench");
        std::fs::create_dir_all(&folder).expect("the target folder can be written");
        Record::create(folder.join(name)).expect("so can a file in it")
    }

    #[test]
    fn every_sample_is_one_line() {
        let mut record = record("test-lines.jsonl");
        record.keep(sample("flat", 1, 0.5)).unwrap();
        record.keep(sample("mesa", 1, 0.5)).unwrap();
        let text = std::fs::read_to_string(&record.path).unwrap();
        assert_eq!(text.lines().count(), 2);
        record.close().unwrap();
    }

    #[test]
    fn an_invalid_sample_fails_the_benchmark() {
        let mut record = record("test-invalid.jsonl");
        let mut sample = sample("flat", 1, 0.5);
        sample.measurement.standard_deviation = 0.5;
        record.keep(sample).unwrap();
        let error = record.close().unwrap_err().to_string();
        assert!(
            error.contains("flat: a mean deviation of 0.5000 is not workload G1"),
            "{error}"
        );
    }
}
