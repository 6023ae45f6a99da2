//! Medians, percentiles, and numbers as people read them.

use std::time::Duration;

/// Rounds of a measurement.
pub const ROUNDS: usize = 5;

/// The middle of some values; of two in the middle the upper one.
pub fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The smallest and the largest.
pub fn range(values: &[f64]) -> (f64, f64) {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    (low, high)
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

/// A duration in milliseconds.
pub fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// Bytes in MiB.
pub fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / 1_048_576.0
}

/// A number with three digits that count, or all before the point: `0.0123`, `62.3`, `20,100`.
pub fn number(value: f64) -> String {
    if !value.is_finite() {
        return "?".to_owned();
    }
    let size = value.abs();
    if size >= 100.0 || value == 0.0 {
        return thousands(value.round());
    }
    let before = size.log10().floor() as i32;
    let decimals = usize::try_from(2 - before).unwrap_or_default();
    let text = format!("{value:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// The median with its unit, then the smallest and the largest where they differ.
pub fn spread(values: &[f64], unit: &str) -> String {
    let middle = with_unit(median(values), unit);
    let [low, high] = <[f64; 2]>::from(range(values)).map(number);
    if low == high || values.len() < 2 {
        return middle;
    }
    format!("{middle} ({low} to {high})")
}

/// A number and its unit.
pub fn with_unit(value: f64, unit: &str) -> String {
    format!("{} {unit}", number(value)).trim_end().to_owned()
}

fn thousands(whole: f64) -> String {
    let digits = format!("{:.0}", whole.abs());
    let mut text = if whole < 0.0 { "-" } else { "" }.to_owned();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_and_the_ranks() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[1.0, 4.0, 3.0, 2.0]), 3.0);
        assert!(median(&[]).is_nan());
        assert_eq!(range(&[3.0, 1.0, 2.0]), (1.0, 3.0));
        let mut times: Vec<_> = (1..=100).rev().map(Duration::from_millis).collect();
        assert_eq!(percentile(&mut times, 0.5), Duration::from_millis(50));
        assert_eq!(percentile(&mut times, 0.99), Duration::from_millis(99));
        assert_eq!(percentile(&mut times, 1.0), Duration::from_millis(100));
        assert_eq!(percentile(&mut [], 0.5), Duration::ZERO);
    }

    #[test]
    fn numbers_for_people() {
        for (value, text) in [
            (0.0, "0"),
            (0.012_345, "0.0123"),
            (0.35, "0.35"),
            (1.428_9, "1.43"),
            (9.999, "10"),
            (62.3, "62.3"),
            (99.96, "100"),
            (132.9, "133"),
            (3_315.7, "3,316"),
            (1_234_567.8, "1,234,568"),
            (-1_500.0, "-1,500"),
            (-0.5, "-0.5"),
            (f64::NAN, "?"),
        ] {
            assert_eq!(number(value), text);
        }
        assert_eq!(milliseconds(Duration::from_micros(1_500)), 1.5);
        assert_eq!(mebibytes(3 << 20), 3.0);
    }

    #[test]
    fn a_spread_names_the_ends_where_there_are_two() {
        assert_eq!(spread(&[3.0, 1.0, 2.0], "/s"), "2 /s (1 to 3)");
        assert_eq!(spread(&[2.0], "ms"), "2 ms");
        assert_eq!(spread(&[2.0, 2.0], ""), "2");
    }
}
