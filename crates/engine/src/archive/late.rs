//! Replacements that may be overtaken by older ones.
//!
//! An upload that was not answered in time can still be on its way, and reach the server behind the
//! one that was sent in its place, with what was true before. What was replaced after such an upload
//! is therefore uploaded once more, when nothing of the first can be on its way any more.

use std::collections::{BTreeMap, BTreeSet};

use super::{Kept, KeptPlace};
use crate::engine::Step;

/// So long after it an upload is on its way no more, in milliseconds: the gateway waits for a
/// server 35 seconds, unless told otherwise.
const LATE: i64 = 60_000;

/// What was sent and not answered.
#[derive(Default)]
pub(crate) struct Late {
    /// No upload of these was answered since.
    unanswered: BTreeSet<KeptPlace>,
    /// These were answered, and are to be uploaded again; when.
    again: BTreeMap<KeptPlace, i64>,
}

impl Late {
    /// Whether the place waits for its second upload.
    pub(super) fn waits(&self, place: KeptPlace, now: i64) -> bool {
        self.again.get(&place).is_some_and(|at| *at > now)
    }

    /// When the next is due.
    pub(super) fn next(&self, now: i64) -> Option<i64> {
        self.again.values().copied().filter(|at| *at > now).min()
    }
}

impl Step<'_> {
    /// An upload was not answered in time.
    pub(super) fn upload_unanswered(&mut self, sent: &[(KeptPlace, Kept)]) {
        let replaced = sent.iter().filter(|(_, kept)| kept.replace);
        let places = replaced.map(|(place, _)| *place);
        self.session.archive.late.unanswered.extend(places);
    }

    /// An upload was taken: whether what it said of a place is to be said again.
    pub(super) fn is_said_again(&mut self, place: KeptPlace) -> bool {
        let (now, late) = (self.now, &mut self.session.archive.late);
        late.again.remove(&place);
        let again = late.unanswered.remove(&place);
        if again {
            late.again.insert(place, now + LATE);
        }
        again
    }
}
