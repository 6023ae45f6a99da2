//! One line of a table: what was measured, of whom, and what was asked of it.

use serde::{Deserialize, Serialize};

use super::numbers::{median, number, spread, with_unit};

/// What is asked of a figure beside a peer's: ratios of medians, ours to theirs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bar {
    /// At least so many times the peer's.
    AtLeast {
        /// The factor.
        times: f64,
        /// The peer.
        of: &'static str,
    },
    /// At most so many times the peer's.
    AtMost {
        /// The factor.
        times: f64,
        /// The peer.
        of: &'static str,
    },
}

/// What is asked of a number.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    /// So much or more.
    AtLeast(f64),
    /// So much or less.
    AtMost(f64),
}

/// What was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Row {
    pub(super) what: String,
    unit: String,
    /// Ours first, then the peers: of each the values of its rounds.
    sides: Vec<Side>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    asked: Vec<Asked>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Side {
    name: String,
    values: Vec<f64>,
}

/// Something asked of the median, or of its ratio to a peer's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Asked {
    limit: Limit,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    of: Option<String>,
}

/// What was asked, what came out, and whether that will do.
pub(super) struct Verdict {
    pub(super) asked: String,
    pub(super) measured: String,
    pub(super) met: bool,
}

impl Row {
    /// Ours beside peers.
    pub(super) fn compared(what: &str, unit: &str, sides: &[(&str, &[f64])], bars: &[Bar]) -> Self {
        let asked = bars.iter().map(|bar| {
            let (limit, of) = match *bar {
                Bar::AtLeast { times, of } => (Limit::AtLeast(times), of),
                Bar::AtMost { times, of } => (Limit::AtMost(times), of),
            };
            Asked {
                limit,
                of: Some(of.to_owned()),
            }
        });
        let sides = sides.iter().map(|(name, values)| Side {
            name: (*name).to_owned(),
            values: values.to_vec(),
        });
        Self {
            what: what.to_owned(),
            unit: unit.to_owned(),
            sides: sides.collect(),
            asked: asked.collect(),
        }
    }

    /// Ours alone.
    pub(super) fn alone(what: &str, unit: &str, values: &[f64], limit: Option<Limit>) -> Self {
        let mut row = Self::compared(what, unit, &[("Snug", values)], &[]);
        row.asked
            .extend(limit.map(|limit| Asked { limit, of: None }));
        row
    }

    /// Whose figures it has, in order.
    pub(super) fn names(&self) -> Vec<&str> {
        self.sides.iter().map(|side| side.name.as_str()).collect()
    }

    /// Medians and spreads, in the order of the names.
    pub(super) fn figures(&self) -> Vec<String> {
        let sides = self.sides.iter();
        sides.map(|side| spread(&side.values, &self.unit)).collect()
    }

    /// Ours to each of the others.
    pub(super) fn ratios(&self) -> Vec<String> {
        let peers = self.sides.iter().skip(1);
        peers.map(|peer| self.ratio_text(&peer.name)).collect()
    }

    /// Whether all values are numbers.
    pub(super) fn is_finite(&self) -> bool {
        let mut values = self.sides.iter().flat_map(|side| &side.values);
        values.all(|value| value.is_finite())
    }

    /// All of it in one line, for whoever watches.
    pub(super) fn line(&self) -> String {
        let figures = self.names().into_iter().zip(self.figures());
        let mut line = format!("{}:", self.what);
        for (name, figure) in figures {
            line.push_str(&format!(" {name} {figure},"));
        }
        for verdict in self.verdicts() {
            let mark = if verdict.met { "met" } else { "NOT MET" };
            let Verdict {
                asked, measured, ..
            } = verdict;
            line.push_str(&format!(" {asked}: {mark} ({measured}),"));
        }
        line.trim_end_matches(',').to_owned()
    }

    /// What was asked of it.
    pub(super) fn verdicts(&self) -> Vec<Verdict> {
        self.asked.iter().map(|asked| self.verdict(asked)).collect()
    }

    fn verdict(&self, asked: &Asked) -> Verdict {
        let (word, bound) = match asked.limit {
            Limit::AtLeast(bound) => ("at least", bound),
            Limit::AtMost(bound) => ("at most", bound),
        };
        let (value, asked_text, measured) = match &asked.of {
            Some(peer) => (
                self.ratio(peer),
                format!("{word} {} × {peer}", number(bound)),
                self.ratio_text(peer),
            ),
            None => (
                self.middle(0),
                format!("{word} {}", with_unit(bound, &self.unit)),
                self.figures().into_iter().next().unwrap_or_default(),
            ),
        };
        Verdict {
            asked: asked_text,
            measured,
            met: match asked.limit {
                Limit::AtLeast(_) => value >= bound,
                Limit::AtMost(_) => value <= bound,
            },
        }
    }

    fn ratio_text(&self, peer: &str) -> String {
        format!("{} × {peer}", number(self.ratio(peer)))
    }

    /// NaN for a peer that was not measured: no bar is met by that.
    fn ratio(&self, peer: &str) -> f64 {
        let place = self.sides.iter().position(|side| side.name == peer);
        place.map_or(f64::NAN, |place| self.middle(0) / self.middle(place))
    }

    fn middle(&self, place: usize) -> f64 {
        let side = self.sides.get(place);
        side.map_or(f64::NAN, |side| median(&side.values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIDES: [(&str, &[f64]); 3] = [
        ("Snug", &[9.0, 10.0, 11.0]),
        ("Node", &[4.0, 3.0, 5.0]),
        ("Flask", &[1.0]),
    ];

    #[test]
    fn ratios_are_those_of_medians() {
        let bars = [
            Bar::AtLeast {
                times: 2.5,
                of: "Node",
            },
            Bar::AtMost {
                times: 2.4,
                of: "Node",
            },
            Bar::AtLeast {
                times: 9.0,
                of: "Flask",
            },
            Bar::AtLeast {
                times: 1.0,
                of: "nginx",
            },
        ];
        let row = Row::compared("messages", "/s", &SIDES, &bars);
        assert_eq!(row.names(), ["Snug", "Node", "Flask"]);
        assert_eq!(
            row.figures(),
            ["10 /s (9 to 11)", "4 /s (3 to 5)", "1 /s"].map(str::to_owned)
        );
        assert_eq!(row.ratios(), ["2.5 × Node", "10 × Flask"]);
        let verdicts = row.verdicts();
        let met: Vec<_> = verdicts.iter().map(|verdict| verdict.met).collect();
        assert_eq!(met, [true, false, true, false]);
        assert_eq!(verdicts[0].asked, "at least 2.5 × Node");
        assert_eq!(verdicts[0].measured, "2.5 × Node");
        assert_eq!(verdicts[3].measured, "? × nginx");
    }

    #[test]
    fn a_limit_holds_at_its_edge() {
        for (limit, value, met) in [
            (Limit::AtLeast(3.0), 3.0, true),
            (Limit::AtLeast(3.0), 2.9, false),
            (Limit::AtMost(0.0), 0.0, true),
            (Limit::AtMost(0.0), 1.0, false),
            (Limit::AtMost(3.0), f64::NAN, false),
        ] {
            let row = Row::alone("lost", "messages", &[value], Some(limit));
            assert_eq!(row.verdicts()[0].met, met, "{limit:?} {value}");
        }
        let row = Row::alone("memory", "MiB", &[1.5], Some(Limit::AtMost(40.0)));
        assert_eq!(row.verdicts()[0].asked, "at most 40 MiB");
        assert!(row.ratios().is_empty());
    }
}
