//! Lines through points: least squares, plain and on logarithmic axes.

use serde::{Deserialize, Serialize};

use super::numbers::number;

/// What kind of line is laid through points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fit {
    /// None: the points are connected.
    None,
    /// y = a + b x.
    Linear,
    /// y = a x^b, the straight line of logarithmic axes: b is 0 for what does not depend on x, 1
    /// for what grows as x does. Points at or below zero have no place on it and do not count.
    Power,
}

/// A line and how well it fits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    kind: Fit,
    a: f64,
    b: f64,
    /// The share of the spread that the line explains, 1 for all of it; of a power, that of the
    /// logarithms.
    pub determination: f64,
}

impl Fit {
    /// The line through points; none of fewer than two places.
    pub fn through(self, points: &[(f64, f64)]) -> Option<Line> {
        let (a, b, determination) = match self {
            Self::None => return None,
            Self::Linear => least_squares(points)?,
            Self::Power => {
                let logarithms: Vec<_> = points
                    .iter()
                    .filter(|(x, y)| *x > 0.0 && *y > 0.0)
                    .map(|(x, y)| (x.ln(), y.ln()))
                    .collect();
                let (a, b, determination) = least_squares(&logarithms)?;
                (a.exp(), b, determination)
            }
        };
        Some(Line {
            kind: self,
            a,
            b,
            determination,
        })
    }
}

impl Line {
    /// Its height at a place.
    pub fn at(&self, x: f64) -> f64 {
        match self.kind {
            Fit::Power => self.a * x.powf(self.b),
            _ => self.a + self.b * x,
        }
    }

    /// How much y grows for each x, or the exponent of a power.
    pub fn slope(&self) -> f64 {
        self.b
    }

    /// The line as an equation, with R².
    pub fn equation(&self) -> String {
        let (a, b) = (number(self.a), number(self.b.abs()));
        let line = match self.kind {
            Fit::Power => format!("y = {a} x^{}", number(self.b)),
            _ if self.b < 0.0 => format!("y = {a} − {b} x"),
            _ => format!("y = {a} + {b} x"),
        };
        format!("{line}, R² = {:.3}", self.determination)
    }
}

/// Intercept, slope and R² of the straight line with the smallest squares of distances in y.
fn least_squares(points: &[(f64, f64)]) -> Option<(f64, f64, f64)> {
    let count = points.len() as f64;
    let mean_x = points.iter().map(|(x, _)| x).sum::<f64>() / count;
    let mean_y = points.iter().map(|(_, y)| y).sum::<f64>() / count;
    let sum = |of: fn(f64, f64) -> f64| -> f64 {
        let of_point = |(x, y): &(f64, f64)| of(x - mean_x, y - mean_y);
        points.iter().map(of_point).sum()
    };
    let [xx, xy, yy] = [sum(|x, _| x * x), sum(|x, y| x * y), sum(|_, y| y * y)];
    if points.len() < 2 || xx == 0.0 {
        return None;
    }
    // Points in a row at one height leave nothing to explain.
    let determination = if yy == 0.0 { 1.0 } else { xy * xy / (xx * yy) };
    let slope = xy / xx;
    Some((mean_y - slope * mean_x, slope, determination))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(left: f64, right: f64) -> bool {
        (left - right).abs() < 1e-9
    }

    #[test]
    fn points_on_a_line_are_on_it() {
        let points: Vec<_> = (0..5)
            .map(|x| (f64::from(x), 3.0 + 2.0 * f64::from(x)))
            .collect();
        let line = Fit::Linear.through(&points).unwrap();
        assert!(near(line.at(10.0), 23.0) && near(line.slope(), 2.0));
        assert!(near(line.determination, 1.0));
        assert_eq!(line.equation(), "y = 3 + 2 x, R² = 1.000");
    }

    #[test]
    fn the_squares_are_the_least() {
        // By hand: means 2 and 2.5, Sxx 2, Sxy 1.5, Syy 1.5.
        let line = Fit::Linear
            .through(&[(1.0, 2.0), (2.0, 2.0), (3.0, 3.5)])
            .unwrap();
        assert!(near(line.slope(), 0.75) && near(line.at(0.0), 1.0));
        assert!(near(line.determination, 0.75));
        let falling = Fit::Linear.through(&[(0.0, 1.0), (2.0, 0.0)]).unwrap();
        assert_eq!(falling.equation(), "y = 1 − 0.5 x, R² = 1.000");
    }

    #[test]
    fn a_power_is_a_line_of_logarithms() {
        let points = [(1.0, 5.0), (10.0, 500.0), (100.0, 50_000.0), (0.0, 7.0)];
        let line = Fit::Power.through(&points).unwrap();
        assert!(near(line.slope(), 2.0) && near(line.at(2.0), 20.0));
        assert_eq!(line.equation(), "y = 5 x^2, R² = 1.000");
        let level = Fit::Power.through(&[(1.0, 4.0), (9.0, 4.0)]).unwrap();
        assert!(near(level.slope(), 0.0) && near(level.determination, 1.0));
    }

    #[test]
    fn too_few_points_have_no_line() {
        assert_eq!(Fit::None.through(&[(1.0, 1.0), (2.0, 2.0)]), None);
        assert_eq!(Fit::Linear.through(&[]), None);
        assert_eq!(Fit::Linear.through(&[(1.0, 1.0), (1.0, 2.0)]), None);
        assert_eq!(Fit::Power.through(&[(0.0, 1.0), (1.0, 2.0)]), None);
    }
}
