//! What of a room this device did not open itself.

use std::collections::BTreeMap;

use protocol::UserId;
use serde::{Deserialize, Serialize};

/// Ranges of places, both ends counted, rising, none touching the next.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Ranges(Vec<(u64, u64)>);

/// Places of a room that are not of this device's own log.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Missing {
    /// Not asked for yet.
    pub(super) gaps: Ranges,
    /// All of them.
    #[serde(default)]
    pub(super) parts: Ranges,
    /// Those that the archive had something of.
    #[serde(default)]
    pub(super) found: Ranges,
    /// This device came in by itself: its person was in the room before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) late: bool,
    /// When this device came in, for the last time; milliseconds since 1970.
    #[serde(default)]
    pub(super) came: i64,
    /// How many of the times to look again are over.
    #[serde(default)]
    pub(super) looks: usize,
    /// The last place of those that were read at which somebody was let in or said good-bye.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    people: BTreeMap<UserId, u64>,
}

impl Ranges {
    pub(super) fn of(low: u64, high: u64) -> Self {
        let mut ranges = Self::default();
        ranges.add(low, high);
        ranges
    }

    /// The newest of them.
    pub(super) fn last(&self) -> Option<(u64, u64)> {
        self.0.last().copied()
    }

    /// The oldest place of them.
    pub(super) fn first(&self) -> Option<u64> {
        self.0.first().map(|(low, _)| *low)
    }

    pub(super) fn contains(&self, place: u64) -> bool {
        let mut ranges = self.0.iter();
        ranges.any(|(low, high)| (*low..=*high).contains(&place))
    }

    pub(super) fn add(&mut self, low: u64, high: u64) {
        let (mut low, mut high) = (low, high);
        if low > high {
            return;
        }
        self.0.retain(|(from, to)| {
            let touches = *from <= high.saturating_add(1) && low <= to.saturating_add(1);
            if touches {
                low = low.min(*from);
                high = high.max(*to);
            }
            !touches
        });
        self.0.push((low, high));
        self.0.sort_unstable();
    }

    /// Takes a range away.
    pub(super) fn remove(&mut self, low: u64, high: u64) {
        for (from, to) in std::mem::take(&mut self.0) {
            if from > high || to < low {
                self.0.push((from, to));
                continue;
            }
            if from < low {
                self.0.push((from, low - 1));
            }
            if to > high {
                self.0.push((high + 1, to));
            }
        }
    }

    /// Takes others away.
    pub(super) fn without(&mut self, others: &Self) {
        for (low, high) in &others.0 {
            self.remove(*low, *high);
        }
    }
}

impl Missing {
    /// Takes down that somebody was let in or said good-bye; whether nothing later is known.
    pub(super) fn moved(&mut self, user: UserId, seq: u64) -> bool {
        let last = self.people.entry(user).or_insert(seq);
        *last = seq.max(*last);
        *last == seq
    }

    /// Whether the room began without this device.
    pub(super) fn lacks_beginning(&self) -> bool {
        self.parts.contains(1)
    }

    /// What was asked for so far.
    pub(super) fn asked(&self) -> Ranges {
        let mut asked = self.parts.clone();
        asked.without(&self.gaps);
        asked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_grow_together_and_are_cut() {
        let mut ranges = Ranges::of(5, 9);
        ranges.add(1, 3);
        ranges.add(4, 4);
        ranges.add(20, 30);
        ranges.add(9, 8);
        assert_eq!(ranges.0, [(1, 9), (20, 30)]);
        assert!(ranges.contains(9) && !ranges.contains(10));
        ranges.remove(3, 22);
        assert_eq!(ranges.0, [(1, 2), (23, 30)]);
        ranges.remove(1, 2);
        assert_eq!(ranges.last(), Some((23, 30)));
    }
}
