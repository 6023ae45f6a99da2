//! Linking, on the new device: it shows a code or digits, and is handed the account.

use e2ee::{
    Keyring,
    link::{AwaitingAnswer, Handover, ShowingDigits, ShownCode, Unconfirmed},
};
use protocol::{
    Problem, UserId,
    rest::links::{Link, LinkStep},
};

use crate::{
    LinkFailure, LinkHow, LinkState,
    engine::Step,
    jobs::Job,
    links::{LIFE, Side, ended_by, written},
    state::Registration,
};

/// A link that this device wants in by.
pub(crate) struct NewLink {
    pub(crate) user: UserId,
    pub(crate) name: String,
    stage: Stage,
}

enum Stage {
    /// The server is asked for a link.
    Creating(LinkHow),
    /// The code is on the screen.
    Shown(ShownCode),
    /// The commitment is there, or on its way.
    Committed(AwaitingAnswer),
    /// The key is revealed, or about to be: the digits are shown.
    Revealed(ShowingDigits),
    /// Handed something, by whom the person has to say.
    Unconfirmed(Unconfirmed),
    /// Taken out while it is worked on.
    Taken,
}

impl NewLink {
    /// Whether the other device has to do something.
    pub(crate) const fn waits(&self) -> bool {
        matches!(
            self.stage,
            Stage::Shown(_) | Stage::Committed(_) | Stage::Revealed(_)
        )
    }

    /// All that the mailbox had to bring is here.
    pub(crate) const fn is_opened(&self) -> bool {
        matches!(self.stage, Stage::Unconfirmed(_))
    }
}

impl Step<'_> {
    pub(crate) fn start_link(&mut self, user: UserId, name: String, how: LinkHow) {
        if !self.may_come_in(user) {
            return self.tell_link(LinkState::Failed {
                reason: LinkFailure::NotNow,
            });
        }
        self.cancel_link();
        let stage = Stage::Creating(how);
        self.session.links.side = Side::New(Box::new(NewLink { user, name, stage }));
        self.session.links.expires_at = self.now + LIFE;
        self.tell_link(LinkState::Waiting { expires_at: None });
    }

    /// Whether this device may still become one of that account.
    pub(crate) fn may_come_in(&self, user: UserId) -> bool {
        self.state.account.get().is_none_or(|account| {
            let waits = !matches!(account.registration, Registration::Done);
            account.user_id == user && waits
        })
    }

    pub(crate) fn pump_new_link(&mut self) {
        if let Side::New(new) = &self.session.links.side
            && matches!(new.stage, Stage::Creating(_))
            && self.session.jobs.idle(Job::LinkCreate)
        {
            self.post(Job::LinkCreate, "/api/links", &serde_json::json!({}));
        }
    }

    pub(crate) fn link_create_reply(&mut self, reply: Result<Link, Box<Problem>>) {
        let link = match reply {
            Ok(link) => link,
            Err(problem) if self.retries(Job::LinkCreate, &problem) => return,
            Err(problem) => return self.fail_link(ended_by(&problem)),
        };
        self.session.jobs.succeeded(Job::LinkCreate);
        let (seconds, id) = (self.seconds(), link.link_id);
        let expires_at = self.now + LIFE;
        let Side::New(new) = &mut self.session.links.side else {
            return;
        };
        let Stage::Creating(how) = new.stage else {
            return;
        };
        let user = new.user.0;
        let state = match how {
            LinkHow::Scan => {
                let code = ShownCode::new(user, id.0, seconds, &mut self.rng);
                let text = code.text().as_str().into();
                new.stage = Stage::Shown(code);
                LinkState::ShowCode { text, expires_at }
            }
            LinkHow::Typed => {
                let (awaiting, message) = AwaitingAnswer::new(user, id.0, seconds, &mut self.rng);
                new.stage = Stage::Committed(awaiting);
                self.session.links.writing = Some((LinkStep::Commit, message.into()));
                LinkState::Waiting {
                    expires_at: Some(expires_at),
                }
            }
        };
        self.session.links.id = Some(id);
        self.session.links.expires_at = expires_at;
        self.tell_link(state);
    }

    /// A step of this device is at the server.
    pub(crate) fn new_link_written(&mut self, step: LinkStep) {
        let expires_at = self.session.links.expires_at;
        if let Side::New(new) = &self.session.links.side
            && let (LinkStep::Reveal, Stage::Revealed(showing)) = (step, &new.stage)
        {
            let digits = showing.digits().into();
            self.tell_link(LinkState::ShowDigits { digits, expires_at });
        }
    }

    /// What the mailbox holds.
    pub(crate) fn new_link_read(&mut self, link: &Link) {
        let seconds = self.seconds();
        let expires_at = self.session.links.expires_at;
        let Side::New(new) = &mut self.session.links.side else {
            return;
        };
        let user = new.user;
        let (answer, approval) = (
            written(link, LinkStep::Answer),
            written(link, LinkStep::Approval),
        );
        let taken = std::mem::replace(&mut new.stage, Stage::Taken);
        let opened = match (taken, answer, approval) {
            (Stage::Committed(awaiting), Some(answer), _) => {
                match awaiting.answered(&answer, seconds) {
                    Ok((showing, reveal)) => {
                        new.stage = Stage::Revealed(showing);
                        self.session.links.writing = Some((LinkStep::Reveal, reveal.into()));
                        return;
                    }
                    Err(error) => Err(error),
                }
            }
            (Stage::Revealed(showing), _, Some(approval)) => {
                match showing.open(&approval, seconds) {
                    Ok(unconfirmed) => {
                        new.stage = Stage::Unconfirmed(unconfirmed);
                        return self.tell_link(LinkState::Confirm { expires_at });
                    }
                    Err(error) => Err(error),
                }
            }
            (Stage::Shown(code), _, Some(approval)) => code.open(&approval, seconds),
            (taken, ..) => {
                new.stage = taken;
                return;
            }
        };
        match opened {
            Ok(handover) => self.handed_over(user, handover),
            Err(error) => self.fail_link(error.into()),
        }
    }

    /// The person says that the other device took the digits.
    pub(crate) fn confirm_link(&mut self) {
        let Side::New(new) = &mut self.session.links.side else {
            return;
        };
        let user = new.user;
        match std::mem::replace(&mut new.stage, Stage::Taken) {
            Stage::Unconfirmed(unconfirmed) => self.handed_over(user, unconfirmed.confirm()),
            stage => new.stage = stage,
        }
    }

    fn handed_over(&mut self, user: UserId, handover: Handover) {
        let Side::New(new) = std::mem::take(&mut self.session.links.side) else {
            return;
        };
        self.leave_link();
        self.begin(user, new.name, handover.keyring);
        let ring = self.ring();
        ring.vault = handover.vault_version;
        // Its digest is not known: it is read before anything is written.
        ring.vault_digest = None;
        ring.bundle_key = handover
            .bundle_key
            .map(|key| key.to_bytes().to_vec().into());
        self.tell_link(LinkState::Done);
    }

    /// This device becomes one of the account, with what it was handed.
    pub(crate) fn begin(&mut self, user: UserId, name: String, keyring: Keyring) {
        let replaced = self.state.ring.get().map(|ring| ring.replaced.clone());
        self.state.ring.set(None);
        self.ring().replaced = replaced.unwrap_or_default();
        self.set_archive_keys(&keyring.archive_keys);
        self.session.own.list = None;
        self.session.ended = None;
        self.join_with(user, name, keyring.account_key, keyring.list_version);
    }
}
