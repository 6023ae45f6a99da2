//! The result of one scenario.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};
use serde::{Deserialize, Serialize};

use super::{
    plot::Plot,
    row::{Bar, Limit, Row},
    surroundings::Surroundings,
};

/// What a scenario measured, in the order in which it is shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Section {
    pub(super) scenario: String,
    pub(super) title: String,
    pub(super) how: String,
    pub(super) surroundings: Surroundings,
    pub(super) rows: Vec<Row>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) notes: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) plots: Vec<Plot>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) changes: Vec<Change>,
}

/// Something that was done because of a figure, and what it gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Change {
    pub(super) what: String,
    pub(super) before: String,
    pub(super) after: String,
}

impl Section {
    /// An empty section: the scenario's name, a title, and how it is measured in a sentence or
    /// two. Date, machine, versions and command are those of now.
    pub fn new(scenario: &str, title: &str, how: &str) -> Self {
        Self {
            scenario: scenario.to_owned(),
            title: title.to_owned(),
            how: how.to_owned(),
            surroundings: Surroundings::here(scenario),
            rows: Vec::new(),
            notes: Vec::new(),
            plots: Vec::new(),
            changes: Vec::new(),
        }
    }

    /// Adds a figure that peers have, too: of each side a value a round. The first side is ours,
    /// and the bars ask for ratios of its median to a peer's.
    pub fn compare(&mut self, what: &str, unit: &str, sides: &[(&str, &[f64])], bars: &[Bar]) {
        self.add(Row::compared(what, unit, sides, bars));
    }

    /// Adds a figure of ours alone, with what is asked of its median.
    pub fn figure(&mut self, what: &str, unit: &str, values: &[f64], limit: Option<Limit>) {
        self.add(Row::alone(what, unit, values, limit));
    }

    /// Adds a sentence below the table.
    pub fn note(&mut self, text: &str) {
        self.notes.push(text.to_owned());
    }

    /// Adds a plot.
    pub fn plot(&mut self, plot: Plot) {
        self.plots.push(plot);
    }

    /// Adds what was changed because of these figures and what it gave. It stays when the
    /// scenario is measured again.
    pub fn change(&mut self, what: &str, before: &str, after: &str) {
        self.changes.push(Change {
            what: what.to_owned(),
            before: before.to_owned(),
            after: after.to_owned(),
        });
    }

    /// How many of its bars are met, and how many it has.
    pub fn bars(&self) -> (usize, usize) {
        let verdicts: Vec<_> = self.rows.iter().flat_map(Row::verdicts).collect();
        let met = verdicts.iter().filter(|verdict| verdict.met).count();
        (met, verdicts.len())
    }

    /// Writes it into the folder in place of the scenario's last result, whose changes it keeps.
    ///
    /// # Errors
    /// When a file cannot be read or written, or a value is no number.
    pub fn save(mut self, folder: &Path) -> anyhow::Result<()> {
        ensure!(
            self.rows.iter().all(Row::is_finite),
            "{}: a value is no number",
            self.scenario
        );
        let path = folder.join(&self.scenario).with_extension("json");
        if path.exists() {
            let new = std::mem::take(&mut self.changes);
            self.changes = Self::load(&path)?.changes;
            self.changes
                .retain(|old| new.iter().all(|change| change.what != old.what));
            self.changes.extend(new);
        }
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        let text = serde_json::to_string_pretty(&self)? + "\n";
        fs::write(&path, text).with_context(|| path.display().to_string())
    }

    /// All that a folder holds, by name.
    ///
    /// # Errors
    /// When a file cannot be read or is no section.
    pub(super) fn load_all(folder: &Path) -> anyhow::Result<Vec<Self>> {
        let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
        let mut paths: Vec<PathBuf> = Vec::new();
        for entry in entries {
            paths.push(entry?.path());
        }
        paths.retain(|path| path.extension().is_some_and(|end| end == "json"));
        paths.sort();
        paths.iter().map(|path| Self::load(path)).collect()
    }

    fn load(path: &Path) -> anyhow::Result<Self> {
        let read = || anyhow::Ok(serde_json::from_str(&fs::read_to_string(path)?)?);
        read().with_context(|| path.display().to_string())
    }

    fn add(&mut self, row: Row) {
        eprintln!("{}", row.line());
        self.rows.push(row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Axis, Fit};

    fn section(values: &[f64]) -> Section {
        let mut section = Section::new("durable", "Durable throughput", "By counting.");
        let bar = Bar::AtLeast {
            times: 2.0,
            of: "Node",
        };
        section.compare(
            "messages",
            "/s",
            &[("Snug", values), ("Node", &[1.0])],
            &[bar],
        );
        section.figure("lost", "messages", &[0.0], Some(Limit::AtMost(1.0)));
        section.note("One note.");
        let plot = Plot::new("cost", Axis::linear("x"), Axis::logarithmic("y"));
        section.plot(plot.series("Snug", &[(1.0, 2.0)], Fit::Linear));
        section
    }

    #[test]
    fn what_is_saved_is_what_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let one = section(&[3.0, 1.0, 0.5]);
        assert_eq!(one.bars(), (1, 2));
        one.clone().save(folder.path()).unwrap();
        assert_eq!(Section::load_all(folder.path()).unwrap(), [one]);
        assert!(section(&[f64::NAN]).save(folder.path()).is_err());
    }

    #[test]
    fn changes_outlive_a_measurement() {
        let folder = tempfile::tempdir().unwrap();
        let mut one = section(&[1.0]);
        one.change("batches", "1 /s", "2 /s");
        one.change("fewer copies", "2 /s", "3 /s");
        one.save(folder.path()).unwrap();
        let mut two = section(&[5.0]);
        two.change("batches", "1 /s", "2.5 /s");
        two.save(folder.path()).unwrap();
        let read = Section::load_all(folder.path()).unwrap().remove(0);
        let changes: Vec<_> = read.changes.iter().map(|c| c.after.as_str()).collect();
        assert_eq!(changes, ["3 /s", "2.5 /s"]);
        assert_eq!(read.bars(), (2, 2));
    }
}
