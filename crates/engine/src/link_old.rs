//! Linking, on a device in use: it reads a code or takes digits, and hands the account over.
//!
//! Nothing secret is sealed for the new device before a fresh second factor was given: whether one
//! was is asked first, by a request that needs it and tells nothing.

use e2ee::{
    AccountKey, BundleKey, Keyring,
    link::{AwaitingDigits, AwaitingReveal, Handover, ScannedCode},
};
use protocol::{
    Code, Problem,
    rest::{
        archive::Recovery,
        links::{Link, LinkStep},
    },
};

use crate::{
    LinkFailure, LinkState, ResponseKind, Text,
    engine::Step,
    jobs::Job,
    links::{LIFE, Side, ended_by, written},
};

/// A link that this device lets another one in by.
pub(crate) enum OldLink {
    /// A new device has committed to its key: the person is asked.
    Asked(Vec<u8>),
    /// Answered, or about to be: the new device's key is waited for.
    Answered(AwaitingReveal),
    /// The person reads and types the digits.
    Digits(AwaitingDigits),
    /// Everything is there but a fresh factor. `true`: it was asked for, and is waited for.
    Ready(Ready, bool),
    /// It is sealed, and on its way. `true`: a fresh factor is waited for.
    Sealed(bool),
    /// Taken out while it is worked on.
    Taken,
}

/// What the handover is sealed with.
pub(crate) enum Ready {
    /// A code that was scanned.
    Scanned(ScannedCode),
    /// Digits that were typed.
    Typed(AwaitingDigits, Text),
}

impl OldLink {
    /// Whether the other device has to do something, or may end it.
    pub(crate) const fn waits(&self) -> bool {
        !matches!(self, Self::Sealed(false) | Self::Taken)
    }

    pub(crate) const fn is_asked(&self) -> bool {
        matches!(self, Self::Asked(_))
    }
}

impl Step<'_> {
    pub(crate) fn scan_link(&mut self, text: &Text) {
        let (Some(user), true) = (self.own_user(), self.may_let_in()) else {
            return self.tell_link(LinkState::Failed {
                reason: LinkFailure::NotNow,
            });
        };
        self.cancel_link();
        match ScannedCode::read(&text.0, user.0, self.seconds()) {
            Ok(code) => {
                self.session.links.id = Some(code.link().into());
                self.session.links.expires_at = self.now + LIFE;
                let ready = OldLink::Ready(Ready::Scanned(code), false);
                self.session.links.side = Side::Old(Box::new(ready));
                let expires_at = Some(self.session.links.expires_at);
                self.tell_link(LinkState::Waiting { expires_at });
            }
            Err(e2ee::link::LinkError::Malformed) => self.tell_link(LinkState::Failed {
                reason: LinkFailure::NotACode,
            }),
            Err(error) => self.tell_link(LinkState::Failed {
                reason: error.into(),
            }),
        }
    }

    /// Whether a new device wants in by digits, that nobody has answered.
    pub(crate) fn see_asking(&mut self, links: &[Link]) {
        if !self.may_let_in() || !matches!(self.session.links.side, Side::Idle) {
            return;
        }
        let asking = links
            .iter()
            .filter(|link| matches!(link.steps.as_slice(), [one] if one.step == LinkStep::Commit));
        let Some(link) = asking.max_by_key(|link| link.link_id) else {
            return;
        };
        let left = link.expires_at.unix_millis() - (self.now + self.session.clock_offset);
        let expires_at = self.now + left.clamp(0, LIFE);
        let commitment = written(link, LinkStep::Commit).unwrap_or_default();
        self.session.links.id = Some(link.link_id);
        self.session.links.expires_at = expires_at;
        self.session.links.side = Side::Old(Box::new(OldLink::Asked(commitment)));
        self.tell_link(LinkState::Asked { expires_at });
    }

    pub(crate) fn answer_link(&mut self) {
        let (Some(user), Some(id)) = (self.own_user(), self.session.links.id) else {
            return;
        };
        let seconds = self.seconds();
        let Side::Old(old) = &mut self.session.links.side else {
            return;
        };
        let OldLink::Asked(commitment) = &**old else {
            return;
        };
        let answered = AwaitingReveal::answer(user.0, id.0, commitment, seconds, &mut self.rng);
        match answered {
            Ok((awaiting, answer)) => {
                **old = OldLink::Answered(awaiting);
                self.session.links.writing = Some((LinkStep::Answer, answer.into()));
                let expires_at = Some(self.session.links.expires_at);
                self.tell_link(LinkState::Waiting { expires_at });
            }
            Err(error) => self.fail_link(error.into()),
        }
    }

    /// What the mailbox holds.
    pub(crate) fn old_link_read(&mut self, link: &Link) {
        let seconds = self.seconds();
        let expires_at = self.session.links.expires_at;
        let Side::Old(old) = &mut self.session.links.side else {
            return;
        };
        match (&**old, written(link, LinkStep::Reveal)) {
            // Another device of mine was faster.
            (OldLink::Asked(_), _) if link.steps.len() > 1 => {
                self.leave_link();
                self.tell_link(LinkState::Idle);
            }
            (OldLink::Answered(_), Some(reveal)) => {
                let OldLink::Answered(awaiting) = std::mem::replace(&mut **old, OldLink::Taken)
                else {
                    return;
                };
                match awaiting.revealed(&reveal, seconds) {
                    Ok(awaiting) => {
                        **old = OldLink::Digits(awaiting);
                        self.tell_link(LinkState::EnterDigits { expires_at });
                    }
                    Err(error) => self.fail_link(error.into()),
                }
            }
            _ => {}
        }
    }

    pub(crate) fn type_link_digits(&mut self, digits: Text) {
        let expires_at = Some(self.session.links.expires_at);
        let Side::Old(old) = &mut self.session.links.side else {
            return;
        };
        match std::mem::replace(&mut **old, OldLink::Taken) {
            OldLink::Digits(awaiting) => {
                **old = OldLink::Ready(Ready::Typed(awaiting, digits), false);
                self.tell_link(LinkState::Waiting { expires_at });
            }
            stage => **old = stage,
        }
    }

    /// The person has given a factor.
    pub(crate) fn continue_link(&mut self) {
        let expires_at = Some(self.session.links.expires_at);
        if let Side::Old(old) = &mut self.session.links.side
            && let OldLink::Ready(_, waits) | OldLink::Sealed(waits) = &mut **old
        {
            *waits = false;
            self.session.jobs.resume(Job::LinkWrite);
            self.session.jobs.resume(Job::LinkProbe);
            self.tell_link(LinkState::Waiting { expires_at });
        }
    }

    pub(crate) fn link_needs_factor(&mut self) {
        let expires_at = self.session.links.expires_at;
        if let Side::Old(old) = &mut self.session.links.side
            && let OldLink::Ready(_, waits) | OldLink::Sealed(waits) = &mut **old
        {
            *waits = true;
            // Not written again before the person says so, or the link dies.
            self.session.jobs.pause(Job::LinkWrite, expires_at);
            self.tell_link(LinkState::NeedsFactor { expires_at });
        }
    }

    pub(crate) fn pump_old_link(&mut self) {
        if let Side::Old(old) = &self.session.links.side
            && matches!(**old, OldLink::Ready(_, false))
            && self.session.jobs.idle(Job::LinkProbe)
        {
            let path = "/api/recovery".to_owned();
            self.get(Job::LinkProbe, path, ResponseKind::Json);
        }
    }

    pub(crate) fn link_probe_reply(&mut self, reply: Result<Recovery, Box<Problem>>) {
        match reply {
            Ok(recovery) => self.recovery_seen(&recovery),
            Err(problem) if problem.code == Code::NotFound => {}
            Err(problem) if problem.code == Code::StepUpRequired => {
                return self.link_needs_factor();
            }
            Err(problem) if self.retries(Job::LinkProbe, &problem) => return,
            Err(problem) => return self.fail_link(ended_by(&problem)),
        }
        self.session.jobs.succeeded(Job::LinkProbe);
        self.hand_over();
    }

    fn hand_over(&mut self) {
        let seconds = self.seconds();
        let Some(handover) = self.handover() else {
            return self.fail_link(LinkFailure::NotNow);
        };
        let Side::Old(old) = &mut self.session.links.side else {
            return;
        };
        let sealed = match std::mem::replace(&mut **old, OldLink::Taken) {
            OldLink::Ready(Ready::Scanned(code), _) => code.seal(&handover, seconds, &mut self.rng),
            OldLink::Ready(Ready::Typed(awaiting, digits), _) => {
                awaiting.typed(&digits.0, &handover, seconds, &mut self.rng)
            }
            stage => {
                **old = stage;
                return;
            }
        };
        match sealed {
            Ok(message) => {
                **old = OldLink::Sealed(false);
                self.session.links.writing = Some((LinkStep::Approval, message.into()));
            }
            Err(error) => self.fail_link(error.into()),
        }
    }

    fn handover(&self) -> Option<Handover> {
        let user = self.own_user()?;
        let keys = self.keys.as_ref()?;
        let ring = self.state.ring.get().cloned().unwrap_or_default();
        let bundle_key = ring.bundle_key.as_ref().and_then(|key| {
            let key = key.as_ref().try_into().ok()?;
            Some(BundleKey::from_bytes(user.0, key))
        });
        Some(Handover {
            keyring: Keyring {
                account_key: AccountKey::from_bytes(&keys.account.to_bytes()),
                list_version: self.state.people.get(user)?.list_version,
                archive_keys: self.archive_keys(),
            },
            vault_version: ring.vault,
            bundle_key,
        })
    }

    /// A step of this device is at the server.
    pub(crate) fn old_link_written(&mut self, step: LinkStep) {
        if step == LinkStep::Approval {
            self.leave_link();
            self.tell_link(LinkState::Done);
            self.reseal_bundle();
        }
    }
}
