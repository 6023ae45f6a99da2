//! An axis: its scale, its ends, and where its marks are.

use serde::{Deserialize, Serialize};

/// What an axis shows, with its unit, and how it is divided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Axis {
    pub(super) label: String,
    scale: Scale,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Scale {
    /// From zero, or from below it when there are such values.
    Linear,
    /// Each step a multiplication; what is not above zero has no place.
    Logarithmic,
}

impl Axis {
    /// An axis from zero in even steps.
    pub fn linear(label: &str) -> Self {
        Self {
            label: label.to_owned(),
            scale: Scale::Linear,
        }
    }

    /// An axis of multiplications.
    pub fn logarithmic(label: &str) -> Self {
        Self {
            label: label.to_owned(),
            scale: Scale::Logarithmic,
        }
    }

    /// The axis from end to end for some values.
    pub(super) fn ruler(&self, values: impl Iterator<Item = f64>) -> Ruler {
        let logarithmic = self.scale == Scale::Logarithmic;
        let placed = |value: &f64| value.is_finite() && (!logarithmic || *value > 0.0);
        let (mut low, mut high) = values
            .filter(placed)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                (low.min(value), high.max(value))
            });
        if low > high {
            (low, high) = (1.0, 10.0);
        }
        if logarithmic {
            Ruler::powers(low, high)
        } else {
            Ruler::even(low, high)
        }
    }
}

/// An axis with ends.
pub(super) struct Ruler {
    logarithmic: bool,
    low: f64,
    high: f64,
    /// Where values are written.
    pub(super) marks: Vec<f64>,
}

impl Ruler {
    /// Some five steps of 1, 2 or 5 times a power of ten.
    fn even(low: f64, high: f64) -> Self {
        let (low, high) = (low.min(0.0), high.max(0.0));
        let rough = if high > low { (high - low) / 5.0 } else { 0.2 };
        let power = 10_f64.powf(rough.log10().floor());
        let steps = [1.0, 2.0, 5.0, 10.0].map(|times| times * power);
        let step = steps.into_iter().find(|step| *step >= rough * 0.999);
        let step = step.unwrap_or(power);
        let (first, last) = ((low / step).floor(), (high / step).ceil().max(1.0));
        let count = (last - first) as usize;
        Self {
            logarithmic: false,
            low: first * step,
            high: last * step,
            marks: (0..=count).map(|n| (first + n as f64) * step).collect(),
        }
    }

    /// Powers of ten; where those are few, also 2 and 5 times them.
    fn powers(low: f64, high: f64) -> Self {
        // A little air, so that no point lies on the frame.
        let (low, high) = (low / 1.25, high * 1.25);
        let exponents = low.log10().floor() as i32..=high.log10().ceil() as i32;
        let within = |mark: &f64| (low..=high).contains(mark);
        let tens = exponents.clone().map(|exponent| 10_f64.powi(exponent));
        let mut marks: Vec<_> = tens.filter(within).collect();
        if marks.len() < 4 {
            let finer = exponents
                .flat_map(|exponent| [1.0, 2.0, 5.0].map(|times| times * 10_f64.powi(exponent)));
            marks = finer.filter(within).collect();
        }
        Self {
            logarithmic: true,
            low,
            high,
            marks,
        }
    }

    /// Where a value lies between the ends, 0 to 1; none for what has no place.
    pub(super) fn place(&self, value: f64) -> Option<f64> {
        let place = if self.logarithmic {
            (value / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        };
        (-1e-9..=1.0 + 1e-9).contains(&place).then_some(place)
    }

    /// The value at a place, 0 to 1.
    pub(super) fn value(&self, place: f64) -> f64 {
        if self.logarithmic {
            self.low * (self.high / self.low).powf(place)
        } else {
            self.low + (self.high - self.low) * place
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_steps_are_round() {
        let ruler = Axis::linear("").ruler([3.0, 87.0].into_iter());
        assert_eq!(ruler.marks, [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
        assert_eq!(ruler.place(50.0), Some(0.5));
        assert_eq!(ruler.place(101.0), None);
        assert_eq!(ruler.value(0.25), 25.0);
        let below = Axis::linear("").ruler([-1.0, 3.0].into_iter());
        assert_eq!(below.marks, [-1.0, 0.0, 1.0, 2.0, 3.0]);
        for nothing in [vec![], vec![0.0], vec![f64::NAN]] {
            let ruler = Axis::linear("").ruler(nothing.into_iter());
            assert!(ruler.marks.len() > 1 && ruler.value(1.0) > 0.0);
        }
    }

    #[test]
    fn logarithms_step_by_ten_or_finer() {
        let wide = Axis::logarithmic("").ruler([1e4, 1e7, 0.0].into_iter());
        assert_eq!(wide.marks, [1e4, 1e5, 1e6, 1e7]);
        let place = wide.place(1e5).unwrap();
        assert!((wide.value(place) - 1e5).abs() < 1e-3);
        assert_eq!(wide.place(0.0), None);
        assert_eq!(wide.place(-1.0), None);
        let narrow = Axis::logarithmic("").ruler([10.0, 100.0].into_iter());
        assert_eq!(narrow.marks, [10.0, 20.0, 50.0, 100.0]);
    }
}
