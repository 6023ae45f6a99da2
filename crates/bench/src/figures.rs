//! Medians, percentiles, and the table they are shown in.

use std::{fmt, time::Duration};

/// Rounds of a measurement.
pub const ROUNDS: usize = 5;

/// The middle of some values; of two in the middle the upper one.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The value that a share of all does not exceed (nearest rank); `share` from 0 to 1.
pub fn percentile(values: &mut [Duration], share: f64) -> Duration {
    values.sort_unstable();
    let rank = (values.len() as f64 * share).ceil() as usize;
    values
        .get(rank.saturating_sub(1))
        .copied()
        .unwrap_or_default()
}

/// What was measured: a table with a line for each figure.
#[derive(Default)]
pub struct Report(Vec<[String; 3]>);

impl Report {
    /// Adds a figure: what, how much, and what it is held against.
    pub fn add(&mut self, what: &str, figure: String, bar: &str) {
        eprintln!("{what}: {figure}");
        self.0.push([what.to_owned(), figure, bar.to_owned()]);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| what | figure | bar |\n|---|---|---|")?;
        for [what, figure, bar] in &self.0 {
            writeln!(f, "| {what} | {figure} | {bar} |")?;
        }
        Ok(())
    }
}

/// A spread as text: median, then the smallest and the largest.
pub fn spread(values: &[f64], unit: &str) -> String {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    format!(
        "{:.1} {unit} ({low:.1} to {high:.1})",
        median(values.to_vec())
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_and_the_ranks() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert!(median(Vec::new()).is_nan());
        let mut times: Vec<_> = (1..=100).rev().map(Duration::from_millis).collect();
        assert_eq!(percentile(&mut times, 0.5), Duration::from_millis(50));
        assert_eq!(percentile(&mut times, 0.99), Duration::from_millis(99));
        assert_eq!(percentile(&mut times, 1.0), Duration::from_millis(100));
        assert_eq!(percentile(&mut [], 0.5), Duration::ZERO);
    }

    #[test]
    fn a_report_is_a_table() {
        let mut report = Report::default();
        report.add("hashes", spread(&[3.0, 1.0, 2.0], "/s"), "2");
        assert_eq!(
            report.to_string(),
            "| what | figure | bar |\n|---|---|---|\n| hashes | 2.0 /s (1.0 to 3.0) | 2 |\n"
        );
    }
}
