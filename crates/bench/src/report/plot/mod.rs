//! Plots: points, a line through them, and the SVG that shows both.

mod axis;
mod svg;

use serde::{Deserialize, Serialize};

pub use self::axis::Axis;
use super::fit::{Fit, Line};

/// A picture of how one quantity depends on another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plot {
    /// What is shown, also the name of its file.
    pub(super) title: String,
    x: Axis,
    y: Axis,
    series: Vec<Series>,
}

/// What was measured of one server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Series {
    name: String,
    fit: Fit,
    points: Vec<(f64, f64)>,
}

impl Plot {
    /// An empty plot.
    pub fn new(title: &str, x: Axis, y: Axis) -> Self {
        Self {
            title: title.to_owned(),
            x,
            y,
            series: Vec::new(),
        }
    }

    /// Adds points `(x, y)` under a name, and a line through them.
    #[must_use]
    pub fn series(mut self, name: &str, points: &[(f64, f64)], fit: Fit) -> Self {
        self.series.push(Series {
            name: name.to_owned(),
            fit,
            points: points.to_vec(),
        });
        self
    }

    /// The lines: whose, and their equations.
    pub(super) fn equations(&self) -> Vec<String> {
        let of = |series: &Series| {
            let line = series.line()?;
            Some(format!("{}: {}", series.name, line.equation()))
        };
        self.series.iter().filter_map(of).collect()
    }

    /// The picture.
    pub(super) fn svg(&self) -> String {
        svg::draw(self)
    }
}

impl Series {
    fn line(&self) -> Option<Line> {
        self.fit.through(&self.points)
    }
}
