//! Which suite a room is made with, and who can be added to it.
//!
//! A room keeps its suite. A new one is made with the experimental suite where the person here wants
//! it and every device of everybody has left a key package of it; with the classic one otherwise.
//! Who can do what is found out by asking for the packages: the server may say of anybody that they
//! have none, and gets a classic room for it.

use std::collections::BTreeSet;

use e2ee::{CheckedKeyPackage, Suite};
use protocol::{DeviceId, RoomId, UserId, rest::rooms::RoomKind};

use crate::{
    ConversationId, Fault, NotAdded, Notice,
    engine::Step,
    experiment::experimental,
    jobs::Job,
    session::Session,
    state::{Leaf, Stage},
};

/// Most devices that one commit adds to a room of the experimental suite. Each takes about 2.9 kB in
/// the commit and 1.5 kB in the welcome, beside a path that grows with the room: with more of them a
/// commit of the largest room would be over [`protocol::limits::COMMIT`].
const ADDS: usize = 100;
/// Why a room broke that this build cannot use.
const UNKNOWN: &str = "unknown-suite";

/// Of the devices that are to be added those that go into one commit: people are not split.
pub(crate) fn at_once(
    missing: &[(UserId, DeviceId)],
    suite: Suite,
) -> impl Iterator<Item = &(UserId, DeviceId)> {
    let mut taken = 0;
    let people = missing.chunk_by(|left, right| left.0 == right.0);
    people
        .take_while(move |devices| {
            let first = taken == 0;
            taken += devices.len();
            suite == Suite::Classic || first || taken <= ADDS
        })
        .flatten()
}

/// Of the packages for a new room those that its first commit takes; one's own devices are first.
pub(crate) fn first_adds(packages: &mut Vec<CheckedKeyPackage>, suite: Suite, own: UserId) {
    let user = |package: &CheckedKeyPackage| UserId::from(package.credential().user);
    packages.sort_by_key(|package| (user(package) != own, user(package)));
    let named = packages.iter();
    let named: Vec<_> = named
        .map(|package| (user(package), package.credential().device.into()))
        .collect();
    packages.truncate(at_once(&named, suite).count());
}

impl Session {
    /// Whether somebody is known to have no package for rooms of a suite.
    pub(crate) fn lacks(&self, user: UserId, suite: Suite) -> bool {
        self.no_packages.contains(&(user, suite))
    }

    /// Somebody's keys are other than before: they may have packages now.
    pub(crate) fn may_have_packages(&mut self, user: UserId) {
        self.no_packages.retain(|(lacking, _)| *lacking != user);
    }
}

impl Step<'_> {
    /// The suite that packages for a new room are asked for first.
    pub(crate) fn first_choice(&self) -> Suite {
        let experiment = experimental().filter(|_| self.experiment().is_some());
        experiment.unwrap_or_default()
    }

    /// Whether packages may be asked for, of whatever suite.
    pub(crate) fn may_claim(&self, job: impl Fn(Suite) -> Job) -> bool {
        let mut suites = Suite::ALL.iter();
        suites.all(|suite| self.session.jobs.idle(job(*suite)))
    }

    /// Whether these packages are enough for a room of the experimental suite: one of every device
    /// of everybody, but for the one here.
    pub(crate) fn reach_all(
        &self,
        users: impl IntoIterator<Item = UserId>,
        packages: &[CheckedKeyPackage],
    ) -> bool {
        let here = self.state.account.get().map(|account| account.device_id);
        let reached: BTreeSet<DeviceId> = packages
            .iter()
            .map(|package| package.credential().device.into())
            .collect();
        users.into_iter().all(|user| {
            let person = self.state.people.get(user);
            person.is_some_and(|person| {
                let mut devices = person.devices.iter();
                !person.devices.is_empty()
                    && devices.all(|device| Some(*device) == here || reached.contains(device))
            })
        })
    }

    /// Keeps which suite a room is of, once its group is here.
    pub(crate) fn note_suite(&mut self, room_id: RoomId) {
        let suite = self
            .keys
            .as_mut()
            .and_then(|keys| keys.client.suite(room_id.0));
        if let Some(suite) = suite
            && let Some(room) = self.state.rooms.edit(room_id)
        {
            room.suite = suite.number();
        }
    }

    /// The suite of a room, for adding people to it.
    pub(crate) fn suite_of(&self, room_id: RoomId) -> Suite {
        let room = self.state.rooms.get(room_id);
        room.and_then(|room| room.suite()).unwrap_or_default()
    }

    /// Rooms that an older build, or one without the experiment, finds on its disk stop with a
    /// reason and the usual ways on; a build that speaks their suite joins them anew.
    pub(crate) fn check_suites(&mut self) {
        for room_id in self.state.rooms.keys() {
            let Some(room) = self.state.rooms.get(room_id) else {
                continue;
            };
            let spoken = room.suite().is_some();
            let stopped = room.broken.as_ref().is_some_and(|it| it.reason == UNKNOWN);
            match room.fault {
                _ if room.stage != Stage::Active => {}
                Some(Fault::Broken) if stopped && spoken => self.rejoin_room(room_id),
                Some(Fault::Broken) => {}
                _ if !spoken => self.break_off(room_id, UNKNOWN, None),
                _ => {}
            }
        }
    }

    /// A room cannot be joined here because of its suite. Says whether that is so.
    pub(crate) fn cannot_speak(&mut self, room_id: RoomId) -> bool {
        if self.is_entering(room_id) {
            let told = !self.session.unspoken.insert(room_id);
            self.stay_out(room_id, (!told).then_some(UNKNOWN));
            return true;
        }
        // A server that gives another room's group info is asked again.
        let room = self.state.rooms.get(room_id);
        let unspoken = room.is_some_and(|room| room.suite().is_none());
        if unspoken {
            self.break_off(room_id, UNKNOWN, None);
        }
        unspoken
    }

    /// Deals with the people of whom not one package came although they were asked for.
    pub(crate) fn without_packages(
        &mut self,
        room_id: RoomId,
        asked: &BTreeSet<(UserId, DeviceId)>,
        packages: &[CheckedKeyPackage],
    ) {
        let suite = self.suite_of(room_id);
        let has = |user: UserId| {
            let mut packages = packages.iter();
            packages.any(|package| package.credential().user == user.0)
        };
        let lacking: BTreeSet<_> = asked.iter().map(|(user, _)| *user).collect();
        for user in lacking.into_iter().filter(|user| !has(*user)) {
            let leaves = self.state.rosters.get(room_id).into_iter().flatten();
            let leaves: Vec<&Leaf> = leaves.filter(|leaf| leaf.user == user).collect();
            let person = self.state.people.get(user);
            let inside = leaves
                .iter()
                .any(|leaf| person.is_some_and(|it| it.trusts(leaf.account_key.as_ref())));
            let out = leaves.is_empty();
            let Some(room) = self.state.rooms.edit(room_id) else {
                return;
            };
            // Nobody is there to talk to: the next room is one that they can be in.
            room.giving_up |= room.kind == RoomKind::Direct && !inside;
            if !inside && !out {
                self.session.no_packages.insert((user, suite));
                continue;
            }
            // Who is in brings further devices in without help.
            room.want_add.remove(&user);
            self.session.changed.insert(room.conversation);
            if room.kind == RoomKind::Group && out {
                self.notify(Notice::NotAdded {
                    room_id,
                    user_id: user,
                    reason: NotAdded::NoPostQuantumKeys,
                });
            }
        }
    }

    /// What a new room's conversation shows before the server has taken it.
    pub(crate) fn suite_chosen(&mut self, room_id: RoomId, conversation: ConversationId) {
        self.note_suite(room_id);
        self.session.changed.insert(conversation);
    }
}
