//! Linking a device: what both sides do at the server's mailbox, which is not trusted.
//!
//! Nothing of it is stored: secrets of a link live for two minutes, and a process that dies ends
//! it. What the other side wrote is asked for while it is waited for; events say when to look.

use protocol::{
    Base64, Code, LinkId, Problem,
    rest::links::{Link, LinkStep, LinkWrite},
    socket::LinkEvent,
};

use crate::{
    LinkFailure, LinkState, Notice, ResponseKind, engine::Step, jobs::Job, link_new::NewLink,
    link_old::OldLink, state::Registration,
};

/// How long a link lives, in milliseconds.
pub(crate) const LIFE: i64 = e2ee::link::LIFE as i64 * 1000;
/// How often the mailbox is looked at while something is waited for, in milliseconds.
const LOOK: i64 = 3_000;

/// The link that this device takes part in.
#[derive(Default)]
pub(crate) struct LinkSession {
    pub(crate) side: Side,
    /// Which; `None` before the server has made it.
    pub(crate) id: Option<LinkId>,
    /// When it dies, in milliseconds since 1970 by this device's clock.
    pub(crate) expires_at: i64,
    /// A step that is being written.
    pub(crate) writing: Option<(LinkStep, Base64)>,
    /// A link to be ended at the server.
    ending: Option<LinkId>,
    /// Something may have happened at a link that this device does not take part in.
    pub(crate) look: bool,
    told: Option<LinkState>,
}

/// Which side this device is on. Steps are taken out while they are worked on.
#[derive(Default)]
pub(crate) enum Side {
    /// None.
    #[default]
    Idle,
    /// It wants in.
    New(Box<NewLink>),
    /// It lets another one in.
    Old(Box<OldLink>),
}

impl Step<'_> {
    pub(crate) fn pump_links(&mut self) {
        let link = &self.session.links;
        if !matches!(link.side, Side::Idle) {
            if self.now > link.expires_at {
                return self.fail_link(LinkFailure::Expired);
            }
            let until = link.expires_at + 1;
            if self.session.jobs.idle(Job::LinkLife) {
                self.session.jobs.pause(Job::LinkLife, until);
            }
        }
        if let Some(id) = self.session.links.ending
            && self.session.jobs.idle(Job::LinkEnd)
        {
            self.delete(Job::LinkEnd, &format!("/api/links/{id}"));
        }
        match &self.session.links.side {
            Side::New(_) => self.pump_new_link(),
            Side::Old(_) => self.pump_old_link(),
            Side::Idle => {}
        }
        self.write_step();
        let waits = match &self.session.links.side {
            Side::Idle => self.session.links.look && self.may_let_in(),
            Side::New(new) => new.waits() && self.session.links.writing.is_none(),
            Side::Old(old) => old.waits() && self.session.links.writing.is_none(),
        };
        if waits && self.session.jobs.idle(Job::Links) {
            self.session.links.look = false;
            self.get(Job::Links, "/api/links".to_owned(), ResponseKind::Json);
        }
    }

    /// Whether this device has what a new one needs.
    pub(crate) fn may_let_in(&self) -> bool {
        let account = self.state.account.get();
        let registered = account.is_some_and(|it| it.registration == Registration::Done);
        registered && self.session.is_live()
    }

    fn write_step(&mut self) {
        let link = &self.session.links;
        if let (Some((step, blob)), Some(id)) = (&link.writing, link.id)
            && self.session.jobs.idle(Job::LinkWrite)
        {
            let name = match step {
                LinkStep::Commit => "commit",
                LinkStep::Answer => "answer",
                LinkStep::Reveal => "reveal",
                LinkStep::Approval => "approval",
            };
            let body = LinkWrite { blob: blob.clone() };
            self.put(Job::LinkWrite, &format!("/api/links/{id}/{name}"), &body);
        }
    }

    pub(crate) fn link_write_reply(&mut self, reply: Result<(), Box<Problem>>) {
        let Some((step, _)) = self.session.links.writing else {
            return;
        };
        match reply {
            Ok(()) => {
                self.session.jobs.succeeded(Job::LinkWrite);
                self.session.links.writing = None;
                match &self.session.links.side {
                    Side::New(_) => self.new_link_written(step),
                    Side::Old(_) => self.old_link_written(step),
                    Side::Idle => {}
                }
            }
            Err(problem) if self.retries(Job::LinkWrite, &problem) => {}
            Err(problem) if problem.code == Code::StepUpRequired => {
                // The factor that was given is not fresh any more: what is sealed waits here.
                self.link_needs_factor();
            }
            Err(problem) => self.fail_link(ended_by(&problem)),
        }
    }

    pub(crate) fn link_updated(&mut self, event: LinkEvent) {
        let mine = self.session.links.id == Some(event.link_id);
        if mine || self.session.links.id.is_none() {
            self.session.links.look = true;
            self.session.jobs.resume(Job::Links);
        }
    }

    pub(crate) fn links_reply(&mut self, reply: Result<Vec<Link>, Box<Problem>>) {
        let links = match reply {
            Ok(links) => links,
            Err(problem) => {
                self.session.links.look |= self.retries(Job::Links, &problem);
                return;
            }
        };
        self.session.jobs.succeeded(Job::Links);
        let Some(id) = self.session.links.id else {
            return self.see_asking(&links);
        };
        let until = self.now + LOOK;
        self.session.jobs.pause(Job::Links, until);
        let Some(link) = links.into_iter().find(|link| link.link_id == id) else {
            if !self.is_link_done() {
                self.fail_link(LinkFailure::Ended);
            }
            return;
        };
        match &self.session.links.side {
            Side::New(_) => self.new_link_read(&link),
            Side::Old(_) => self.old_link_read(&link),
            Side::Idle => {}
        }
    }

    fn is_link_done(&self) -> bool {
        match &self.session.links.side {
            Side::Idle => true,
            Side::New(new) => new.is_opened(),
            Side::Old(_) => false,
        }
    }

    pub(crate) fn cancel_link(&mut self) {
        if !matches!(self.session.links.side, Side::Idle) {
            self.end_link();
        }
        self.tell_link(LinkState::Idle);
    }

    /// It ends here, with a reason, and for the other side too.
    pub(crate) fn fail_link(&mut self, reason: LinkFailure) {
        self.end_link();
        self.tell_link(LinkState::Failed { reason });
    }

    fn end_link(&mut self) {
        let asked = matches!(&self.session.links.side, Side::Old(old) if old.is_asked());
        let id = self.session.links.id;
        self.leave_link();
        // Who was only asked leaves it to the person's other devices.
        self.session.links.ending = id.filter(|_| !asked);
    }

    /// The person says that the device that asks is none of theirs: no other one shall answer.
    pub(crate) fn refuse_link(&mut self) {
        if matches!(self.session.links.side, Side::Old(_)) {
            let id = self.session.links.id;
            self.leave_link();
            self.session.links.ending = id;
        }
        self.tell_link(LinkState::Idle);
    }

    /// Forgets the link without a word to the server.
    pub(crate) fn leave_link(&mut self) {
        self.session.links.side = Side::Idle;
        self.session.links.id = None;
        self.session.links.writing = None;
        for job in [
            Job::LinkCreate,
            Job::LinkWrite,
            Job::LinkProbe,
            Job::LinkLife,
            Job::Links,
        ] {
            self.session.jobs.forget(job);
        }
    }

    pub(crate) fn link_end_reply(&mut self, reply: Result<(), Box<Problem>>) {
        if !reply.is_err_and(|problem| self.retries(Job::LinkEnd, &problem)) {
            self.session.jobs.succeeded(Job::LinkEnd);
            self.session.links.ending = None;
        }
    }

    pub(crate) fn tell_link(&mut self, link: LinkState) {
        if self.session.links.told.as_ref() != Some(&link) {
            self.session.links.told = Some(link.clone());
            self.notify(Notice::Link { link });
        }
    }

    /// A user interface has begun: how a link stands is told anew.
    pub(crate) fn describe_link(&mut self) {
        if let Some(link) = self.session.links.told.clone() {
            self.notify(Notice::Link { link });
        }
    }

    /// Seconds since 1970 by this device's clock, for the life of a link.
    pub(crate) fn seconds(&self) -> u64 {
        u64::try_from(self.now / 1000).unwrap_or(0)
    }
}

/// What the server's refusal means for a link.
pub(crate) fn ended_by(problem: &Problem) -> LinkFailure {
    match problem.code {
        Code::LinkOver | Code::NotFound => LinkFailure::Ended,
        _ => LinkFailure::Refused {
            failure: problem.into(),
        },
    }
}

impl From<e2ee::link::LinkError> for LinkFailure {
    fn from(error: e2ee::link::LinkError) -> Self {
        use e2ee::link::LinkError;
        match error {
            LinkError::Newer => Self::Newer,
            LinkError::OtherAccount => Self::OtherAccount,
            LinkError::Expired => Self::Expired,
            LinkError::WrongDigits => Self::WrongDigits,
            LinkError::Malformed | LinkError::BrokenCommitment | LinkError::Undecryptable => {
                Self::Tampered
            }
        }
    }
}

/// What a step holds.
pub(crate) fn written(link: &Link, step: LinkStep) -> Option<Vec<u8>> {
    let found = link.steps.iter().find(|written| written.step == step)?;
    Some(found.blob.as_ref().to_vec())
}
