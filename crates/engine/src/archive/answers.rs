//! What the server says to what is kept: taken, refused, full, switched off, dropped.

use protocol::{Code, Problem, limits::ARCHIVE_UPLOAD, rest::archive::ArchiveStored};

use super::{Kept, KeptPlace};
use crate::{ConversationId, Notice, engine::Step, jobs::Job};

/// So long nothing is uploaded to an archive that is full, in milliseconds, unless it is told of room
/// before: deletions and other devices make some.
const FULL: i64 = 60 * 60 * 1000;

impl Step<'_> {
    /// The account's switch, as the server says.
    pub(crate) fn archive_switched(&mut self, on: bool) {
        let before = self.state.ring.get().and_then(|ring| ring.archives);
        self.ring().archives = Some(on);
        if !on {
            self.session.archive.full = false;
            self.state.kept.clear();
            self.state.fills.clear();
        } else if before == Some(false) {
            self.begin_filling();
        }
    }

    pub(crate) fn archive_store_reply(&mut self, reply: Result<ArchiveStored, Box<Problem>>) {
        let sent = std::mem::take(&mut self.session.archive.sent);
        match reply {
            Err(problem) if self.retries(Job::ArchiveStore, &problem) => {
                return self.upload_unanswered(&sent);
            }
            Err(problem) if problem.code == Code::ArchiveOff => {
                self.archive_switched(false);
            }
            Err(problem) if problem.code == Code::ArchiveFull => self.archive_is_full(&sent),
            // One place that the server does not take is enough for all: of them nothing was
            // stored. The others go without it.
            Err(_) if sent.len() > 1 => {
                self.session.archive.most = Some(sent.len() / 2);
            }
            Err(_) => {
                // It is not asked for again; its neighbours may be no better.
                self.session.archive.most = Some(1);
                self.kept_there(sent);
            }
            Ok(_) => {
                let most = self.session.archive.most.map(|most| most * 2);
                self.session.archive.most = most.filter(|most| *most < ARCHIVE_UPLOAD);
                // What replaces a line takes no room, and shows none.
                let added = sent.iter().any(|(_, kept)| !kept.replace);
                self.session.archive.full &= !added;
                self.kept_there(sent);
            }
        }
        self.session.jobs.succeeded(Job::ArchiveStore);
        self.session.own.changed = true;
    }

    /// Lets go of what was uploaded.
    fn kept_there(&mut self, sent: Vec<(KeptPlace, Kept)>) {
        for (place, kept) in sent {
            // One that was changed meanwhile waits for the next upload.
            if !self.is_said_again(place) && self.state.kept.get(place) == Some(&kept) {
                self.state.kept.remove(place);
            }
        }
    }

    /// What was sent waits, and is tried again later.
    fn archive_is_full(&mut self, sent: &[(KeptPlace, Kept)]) {
        self.session.archive.full = true;
        let replaced = sent.iter().any(|(_, kept)| kept.replace);
        if replaced || !self.may_replace_some() {
            let until = self.now + FULL;
            self.session.jobs.pause(Job::ArchiveStore, until);
        }
    }

    pub(crate) fn drop_archive(&mut self) {
        self.session.archive.drop = true;
        self.session.jobs.resume(Job::ArchiveDrop);
    }

    pub(super) fn pump_dropping(&mut self) {
        let uploads = self.session.jobs.is_running(Job::ArchiveStore);
        if !uploads && self.session.jobs.idle(Job::ArchiveDrop) {
            self.session.archive.dropping = self.state.kept.keys();
            self.delete(Job::ArchiveDrop, "/api/archive");
        }
    }

    pub(crate) fn archive_drop_reply(&mut self, reply: Result<(), Box<Problem>>) {
        match reply {
            Err(problem) if self.retries(Job::ArchiveDrop, &problem) => return,
            Err(problem) => self.refuse(None, &problem),
            Ok(()) => {
                self.session.jobs.succeeded(Job::ArchiveDrop);
                // What was written until now is not put there after all.
                for place in std::mem::take(&mut self.session.archive.dropping) {
                    self.state.kept.remove(place);
                }
                self.state.fills.clear();
                self.session.archive.full = false;
                self.session.jobs.resume(Job::ArchiveStore);
                self.session.own.changed = true;
                self.notify(Notice::ArchiveDropped);
            }
        }
        self.session.archive.drop = false;
    }

    /// Nothing of a conversation waits any more.
    pub(crate) fn forget_kept_of(&mut self, conversation: ConversationId) {
        let thread = self.state.threads.get(conversation);
        let rooms = thread.map_or_else(Vec::new, |thread| thread.rooms.clone());
        for place in self.state.kept.keys() {
            if rooms.contains(&place.room) {
                self.state.kept.remove(place);
            }
        }
        self.state.fills.remove(conversation);
        self.session.own.changed = true;
    }
}
