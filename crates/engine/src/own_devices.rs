//! My own devices: the list of them, their names, and shutting one out.

use std::collections::{BTreeMap, BTreeSet};

use e2ee::{ArchiveKeys, DeviceList};
use protocol::{
    Base64, Code, DeviceId, Problem, UserId,
    rest::{
        archive::RecoveryStands,
        keys::{DeviceRename, DevicesReply},
    },
};
use serde::{Deserialize, Serialize};

use crate::{
    Notice, OwnAccount, OwnArchive, OwnDevice, Phase, RecoveryDue,
    engine::Step,
    jobs::Job,
    state::{Registration, Ring},
};

/// `PUT /api/devices/list`.
#[derive(Serialize)]
struct ListBody {
    device_list: Base64,
}

/// What of `GET /api/me` matters here.
#[derive(Deserialize)]
pub(crate) struct MyKept {
    archives: bool,
    #[serde(default)]
    recovery: Option<RecoveryStands>,
}

/// `PATCH /api/me`, for the archive alone.
#[derive(Serialize)]
struct ArchiveSwitch {
    archives: bool,
}

/// What the server last said of my own devices.
#[derive(Default)]
pub(crate) struct OwnSession {
    devices: Vec<OwnDevice>,
    reported: BTreeSet<DeviceId>,
    /// The list that stands, as fetched on this connection.
    pub(crate) list: Option<DeviceList>,
    /// The list that is being sent.
    sending: Option<DeviceList>,
    /// Without another wish the devices that this browser was before stay, on this connection.
    pub(crate) replacing_refused: bool,
    /// This device signs itself out.
    pub(crate) leaving: bool,
    /// Names to be given.
    renames: BTreeMap<DeviceId, String>,
    /// The account is to be asked for.
    me_wanted: bool,
    /// What the archive is to be switched to.
    switch: Option<bool>,
    /// Something that [`Notice::Own`] shows may have changed.
    pub(crate) changed: bool,
    told: Option<OwnAccount>,
}

impl OwnSession {
    /// A new socket: what was learnt before may be out of date.
    pub(crate) fn connected(&mut self) {
        self.list = None;
        self.me_wanted = true;
        self.changed = true;
        self.replacing_refused = false;
    }

    /// A user interface has begun: it knows nothing.
    pub(crate) fn forget_told(&mut self) {
        self.told = None;
        self.changed = true;
    }
}

impl Step<'_> {
    /// Oneself, once there is an account.
    pub(crate) fn own_user(&self) -> Option<UserId> {
        self.state.account.get().map(|account| account.user_id)
    }

    /// What is kept of the account, for changing it.
    pub(crate) fn ring(&mut self) -> &mut Ring {
        self.session.own.changed = true;
        self.state.ring.edit_or(Ring::default)
    }

    pub(crate) fn archive_keys(&self) -> ArchiveKeys {
        let ring = self.state.ring.get();
        ring.and_then(|ring| ring.archive_keys.as_ref())
            .and_then(|keys| ArchiveKeys::from_bytes(keys.as_ref()))
            .unwrap_or_default()
    }

    pub(crate) fn set_archive_keys(&mut self, keys: &ArchiveKeys) {
        self.ring().archive_keys = Some(keys.to_bytes().to_vec().into());
        // Nothing is sealed under it before my other devices find it in the vault.
        self.session.vault.unsettle();
    }

    pub(crate) fn refresh_own(&mut self) {
        self.session.own.me_wanted = true;
        self.own_devices_changed();
    }

    pub(crate) fn rename_device(&mut self, device_id: DeviceId, name: String) {
        self.session.own.renames.insert(device_id, name);
    }

    pub(crate) fn set_archive(&mut self, on: bool) {
        self.session.own.switch = Some(on);
    }

    /// A device is to be shut out: carried on with until the server has taken the list, or refuses.
    pub(crate) fn revoke_device(&mut self, device_id: DeviceId) {
        let own = self.state.account.get().map(|account| account.device_id);
        if own.is_none() || own == Some(device_id) {
            return self.refuse(None, &Problem::new(Code::Policy));
        }
        self.ring().revoking.insert(device_id);
        self.session.jobs.resume(Job::DeviceList);
        self.own_devices_changed();
    }

    pub(crate) fn pump_own(&mut self) {
        if self.session.own.me_wanted && self.session.jobs.idle(Job::Me) {
            self.session.own.me_wanted = false;
            self.get(Job::Me, "/api/me".to_owned(), crate::ResponseKind::Json);
        }
        if let Some(archives) = self.session.own.switch
            && self.session.jobs.idle(Job::ArchiveSwitch)
        {
            self.patch(Job::ArchiveSwitch, "/api/me", &ArchiveSwitch { archives });
        }
        if let Some((device, name)) = self.session.own.renames.first_key_value()
            && self.session.jobs.idle(Job::Rename)
        {
            let path = format!("/api/devices/{device}");
            let name = name.clone();
            self.patch(Job::Rename, &path, &DeviceRename { name });
        }
        self.pump_revocation();
    }

    fn pump_revocation(&mut self) {
        let devices = self.to_revoke();
        if devices.is_empty() || !self.session.jobs.idle(Job::DeviceList) {
            return;
        }
        let (Some(list), Some(keys)) = (&self.session.own.list, self.keys.as_ref()) else {
            return;
        };
        let mut list = list.clone();
        // Of an account that was started over since, they were nothing.
        let is_known = |it: &DeviceId| list.devices.contains(&it.0) || list.revoked.contains(&it.0);
        let wished = |it: &DeviceId| {
            let ring = self.state.ring.get();
            ring.is_none_or(|ring| !ring.replaced.contains(it))
        };
        let known = |it: &DeviceId| wished(it) || is_known(it);
        let (devices, strange): (BTreeSet<_>, BTreeSet<_>) = devices.into_iter().partition(known);
        if !strange.is_empty() {
            self.ring().replaced.retain(|it| !strange.contains(it));
            return;
        }
        let is_revoked = |device: &DeviceId| list.revoked.contains(&device.0);
        let (done, left): (BTreeSet<_>, BTreeSet<_>) = devices.into_iter().partition(is_revoked);
        if !done.is_empty() {
            // Another device of mine was faster, or the answer was lost.
            return self.revocations_done(&done);
        }
        list.version += 1;
        list.devices.retain(|it| !left.contains(&DeviceId(*it)));
        list.revoked.extend(left.iter().map(|device| device.0));
        let device_list = list.sign(&keys.account).into();
        self.session.own.sending = Some(list);
        self.put(
            Job::DeviceList,
            "/api/devices/list",
            &ListBody { device_list },
        );
    }

    pub(crate) fn device_list_reply(&mut self, reply: Result<(), Box<Problem>>) {
        let job = Job::DeviceList;
        let Some(sent) = self.session.own.sending.take() else {
            return;
        };
        // More devices may be wished away by now: the answer is about the list that was sent.
        let is_named = |device: &DeviceId| sent.revoked.contains(&device.0);
        let ring = self.state.ring.get();
        let named = ring
            .into_iter()
            .flat_map(|ring| ring.revoking.iter().chain(&ring.replaced));
        let named: BTreeSet<DeviceId> = named.copied().filter(is_named).collect();
        let wished = ring.is_some_and(|ring| ring.revoking.iter().any(is_named));
        let own = self.state.account.get().map(|account| account.device_id);
        let leaves = own.is_some_and(|own| is_named(&own));
        match reply {
            // It hears the same of the server.
            Ok(()) if leaves => {
                self.session.own.leaving = false;
                self.end_session(Phase::Revoked);
            }
            Ok(()) => {
                self.session.jobs.succeeded(job);
                self.session.own.list = Some(sent);
                self.revocations_done(&named);
            }
            Err(problem) if self.retries(job, &problem) => {}
            Err(problem) if problem.code == Code::StaleDeviceList => {
                // Another device has signed one meanwhile, or the first answer was lost.
                self.session.own.list = None;
                self.own_devices_changed();
                self.repeat(job);
            }
            Err(problem) if leaves => {
                self.session.own.leaving = false;
                self.refuse(None, &problem);
            }
            // Nobody asked for it.
            Err(_) if !wished => self.session.own.replacing_refused = true,
            Err(problem) => {
                self.ring()
                    .revoking
                    .retain(|device| !named.contains(device));
                self.session.own.replacing_refused = true;
                self.refuse(None, &problem);
            }
        }
    }

    /// A list that revokes the devices stands. They go from every room, and what is sealed for the
    /// archive from now on is sealed under a key that was not on them. Whoever has one of them and
    /// the server's help finds that key in the vault all the same, which only new account keys end.
    fn revocations_done(&mut self, devices: &BTreeSet<DeviceId>) {
        let mut keys = self.archive_keys();
        keys.renew(&mut self.rng);
        self.set_archive_keys(&keys);
        let ring = self.ring();
        // What this browser lost nobody else has for that.
        let out_of_hand = !devices.is_subset(&ring.replaced);
        ring.revoking.retain(|device| !devices.contains(device));
        ring.replaced.retain(|device| !devices.contains(device));
        ring.bundle_stale = ring.bundle_key.is_some();
        if let Some(recovery) = ring.recovery.as_mut().filter(|_| out_of_hand) {
            recovery.due = Some(RecoveryDue::Revoked);
        }
        for room_id in self.state.rooms.keys() {
            let leaves = self.state.rosters.get(room_id).into_iter().flatten();
            let inside = leaves.map(|leaf| leaf.device);
            let inside: Vec<_> = inside.filter(|it| devices.contains(it)).collect();
            if !inside.is_empty()
                && let Some(room) = self.state.rooms.edit(room_id)
            {
                room.want_remove.extend(inside);
                self.session.jobs.resume(Job::Commit(room_id));
            }
        }
        // A list that revokes is taken with a fresh factor: good for the bundle as well.
        self.reseal_bundle();
        self.own_devices_changed();
    }

    /// What the server says of my own devices, its list checked.
    pub(crate) fn own_listed(&mut self, reply: &DevicesReply, list: Option<&DeviceList>) {
        let Some(account) = self.state.account.get() else {
            return;
        };
        let this = account.device_id;
        let mut devices: Vec<_> = reply
            .devices
            .iter()
            .map(|device| OwnDevice {
                device_id: device.device_id,
                name: device.name.clone().unwrap_or_default(),
                created_at: device.created_at,
                last_seen: device.last_seen,
                this: device.device_id == this,
            })
            .collect();
        devices.sort_by_key(|device| device.device_id);
        let revoked = |device: &DeviceId| list.is_some_and(|it| it.revoked.contains(&device.0));
        let registered = account.registration == Registration::Done;
        self.session.own.reported = reply.reported.iter().copied().collect();
        self.session.own.reported.retain(|device| !revoked(device));
        self.session.own.devices = devices;
        self.session.own.list = list.cloned();
        self.session.own.changed = true;
        if registered && revoked(&this) {
            self.end_session(Phase::Revoked);
        }
    }

    pub(crate) fn rename_reply(&mut self, reply: Result<serde_json::Value, Box<Problem>>) {
        match reply {
            Err(problem) if self.retries(Job::Rename, &problem) => return,
            Err(problem) => self.refuse(None, &problem),
            Ok(_) => self.session.jobs.succeeded(Job::Rename),
        }
        self.session.own.renames.pop_first();
        self.own_devices_changed();
    }

    pub(crate) fn me_reply(&mut self, job: Job, reply: Result<MyKept, Box<Problem>>) {
        match reply {
            Ok(me) => {
                self.session.jobs.succeeded(job);
                if job == Job::ArchiveSwitch {
                    self.session.own.switch = None;
                }
                self.archive_switched(me.archives);
                if let Some(stands) = me.recovery {
                    self.recovery_stands(stands);
                }
            }
            Err(problem) if self.retries(job, &problem) => {
                self.session.own.me_wanted |= job == Job::Me;
            }
            Err(problem) if job == Job::ArchiveSwitch => {
                self.session.own.switch = None;
                self.refuse(None, &problem);
            }
            Err(_) => {}
        }
    }

    /// Tells what changed of what is one's own.
    pub(crate) fn tell_own(&mut self) {
        let account = self.state.account.get();
        let registered = account.is_some_and(|it| it.registration == Registration::Done);
        let shown = registered || self.is_crowded();
        if !std::mem::take(&mut self.session.own.changed) || !shown {
            return;
        }
        let ring = self.state.ring.get();
        let archive = ring.and_then(|ring| ring.archives).map(|on| OwnArchive {
            on,
            full: self.session.archive.full,
            waiting: self.waiting_for_archive(),
            filling: self.is_filling(),
        });
        let own = OwnAccount {
            devices: self.session.own.devices.clone(),
            reported: self.session.own.reported.clone(),
            archive,
            recovery: self.own_recovery(),
            outdated: ring.is_some_and(|ring| ring.outdated),
            post_quantum: self.post_quantum(),
        };
        if self.session.own.told.as_ref() != Some(&own) {
            self.session.own.told = Some(own.clone());
            self.notify(Notice::Own { own: Box::new(own) });
        }
    }
}
