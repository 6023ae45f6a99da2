//! When messages of a conversation go away.

use serde::{Deserialize, Serialize};

use super::Place;

/// A setting, as somebody said it in an encrypted message.
///
/// What stands is what somebody said who may (anybody of two, admins of a group), with the highest
/// count of settings, at the highest place: the same for all members in the end, in whatever order
/// they hear of it.
#[derive(Clone, Default, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Timer {
    /// Somebody said it who may. Others only pass it on, to devices that know none.
    pub(crate) entitled: bool,
    /// The how manieth setting it is; 0 for none.
    pub(crate) revision: u64,
    /// Where it was said; zeros until it has a place.
    pub(crate) place: Place,
    /// Seconds after reading; 0: they stay.
    pub(crate) seconds: u32,
}

impl Timer {
    /// Takes a setting over if it is to stand; says whether it does. One that is said `again`, for
    /// those who joined, is as old as its count: it wins over none that stands beside it.
    pub(crate) fn take(&mut self, said: Self, again: bool) -> bool {
        let newer = said.entitled || self.revision == 0;
        let known = again && said.revision <= self.revision;
        let takes = newer && !known && said >= *self;
        if takes {
            *self = said;
        }
        takes
    }

    /// Seconds after reading; `None`: they stay.
    pub(crate) fn seconds(&self) -> Option<u32> {
        (self.seconds > 0).then_some(self.seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_setting_stands_in_whatever_order_it_is_heard() {
        let said = |entitled, revision, seq, seconds| Timer {
            entitled,
            revision,
            place: (0, seq),
            seconds,
        };
        let settings = [
            said(true, 1, 2, 300),
            said(true, 2, 5, 0),
            said(true, 2, 6, 3_600),
            // Both said again by who has not heard of the last one.
            said(false, 1, 9, 300),
            said(true, 2, 10, 0),
        ];
        for order in [
            [0, 1, 2, 3, 4],
            [2, 1, 3, 4, 0],
            [1, 0, 2, 3, 4],
            [2, 4, 3, 0, 1],
        ] {
            let mut timer = Timer::default();
            for index in order {
                timer.take(settings[index].clone(), index > 2);
            }
            assert_eq!(timer.seconds(), Some(3_600), "{order:?}");
        }
        // Who may not set it passes it on, and cannot change it.
        let mut timer = Timer::default();
        assert!(timer.take(said(false, 9, 3, 300), true));
        assert!(!timer.take(said(false, 10, 4, 0), true));
        assert!(timer.take(said(true, 1, 5, 0), false));
        assert_eq!(timer.seconds(), None);
    }
}
