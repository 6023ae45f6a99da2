//! Who wrote in a room lately, so that a receipt finds them without a look at the rows.

use std::collections::HashMap;

use uuid::Uuid;

/// Everybody who wrote between two places, with the highest place of each.
#[derive(Debug, Default)]
pub(super) struct Writers {
    /// What is up to here is not known.
    since: u64,
    /// Nor what is behind this.
    until: u64,
    highest: HashMap<Uuid, u64>,
}

impl Writers {
    /// Notes what has a place, in rising order; `writer` is `None` for what is nobody's message.
    /// After a gap it starts again.
    pub(super) fn note(&mut self, seq: u64, writer: Option<Uuid>) {
        if seq <= self.until {
            return;
        }
        if seq > self.until + 1 || self.until == 0 {
            *self = Self {
                since: seq - 1,
                ..Self::default()
            };
        }
        self.until = seq;
        if let Some(writer) = writer {
            self.highest.insert(writer, seq);
        }
    }

    /// Who wrote behind `low` and up to `high`, and perhaps somebody who wrote behind that; `None`
    /// when that is not known.
    pub(super) fn between(&self, low: u64, high: u64) -> Option<Vec<Uuid>> {
        if low < self.since || high > self.until {
            return None;
        }
        let some = self.highest.iter().filter(|(_, seq)| **seq > low);
        Some(some.map(|(writer, _)| *writer).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_told_and_what_is_not_is_not() {
        let (ana, bo) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let mut writers = Writers::default();
        assert_eq!(writers.between(0, 1), None);
        writers.note(5, Some(ana));
        writers.note(6, None);
        writers.note(7, Some(bo));
        writers.note(6, Some(bo));
        assert_eq!(writers.between(3, 7), None, "4 was never seen");
        assert_eq!(writers.between(4, 8), None, "nor 8");
        let mut both = writers.between(4, 7).unwrap();
        both.sort_unstable();
        assert_eq!(both, [ana, bo]);
        assert_eq!(writers.between(5, 7), Some(vec![bo]));
        assert_eq!(writers.between(7, 7), Some(vec![]));
        // After a gap nobody is taken for somebody who wrote in it.
        writers.note(9, Some(ana));
        assert_eq!(writers.between(7, 9), None);
        assert_eq!(writers.between(8, 9), Some(vec![ana]));
    }
}
