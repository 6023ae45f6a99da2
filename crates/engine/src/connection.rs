//! The socket: proving the device, finding out what the server knows, and the phases.

use protocol::{
    Binary, Code, Problem,
    limits::KEY_PACKAGES_LOW,
    socket::{Connected, DeviceAck, DeviceProof},
};

use crate::{
    ClientEvent, Fault, Phase,
    engine::Step,
    jobs::Job,
    session::Link,
    state::{Registration, Stage},
};

impl Step<'_> {
    pub(crate) fn connected(&mut self, connected: &Connected) {
        self.session.connected(connected.nonce.as_ref().to_vec());
        self.session.clock_offset = connected.server_time.unix_millis() - self.now;
        let own = self.state.account.get().map(|account| account.user_id);
        if own.is_some() && connected.user_id.is_some() && connected.user_id != own {
            // The host opened another person's records.
            self.end_session(Phase::SignedOut);
        }
    }

    /// The socket may not be used any more, though it may still be open.
    pub(crate) fn end_session(&mut self, phase: Phase) {
        self.session.disconnected();
        // A device that was shut out is that, whatever is said of its session afterwards.
        if self.session.ended != Some(Phase::Revoked) {
            self.session.ended = Some(phase);
        }
    }

    pub(crate) fn pump_device(&mut self) {
        let Link::Connecting { nonce } = &self.session.link else {
            return;
        };
        let (Some(account), Some(keys)) = (self.state.account.get(), self.keys.as_ref()) else {
            return;
        };
        if account.registration != Registration::Done || !self.session.jobs.idle(Job::Device) {
            return;
        }
        let proof = DeviceProof {
            device_id: account.device_id,
            signature: Binary::from(keys.client.keys().prove(nonce).to_vec()),
        };
        self.emit(Job::Device, ClientEvent::Device(proof));
    }

    pub(crate) fn device_reply(&mut self, reply: Result<DeviceAck, Box<Problem>>) {
        let ack = match reply {
            Ok(ack) => ack,
            Err(problem) if self.retries(Job::Device, &problem) => return,
            Err(problem) if problem.code == Code::DeviceProofInvalid => {
                return self.end_session(Phase::Revoked);
            }
            Err(problem) => {
                return self.end_session(Phase::Refused {
                    failure: (&*problem).into(),
                });
            }
        };
        self.session.jobs.succeeded(Job::Device);
        for (room_id, cursor) in &ack.cursors {
            let Some(room) = self.state.rooms.get(*room_id) else {
                continue;
            };
            if *cursor > room.cursor
                && room.fault.is_none()
                && !matches!(room.stage, Stage::Removed | Stage::Joining)
            {
                // What was acknowledged from here is not here: this storage is an older copy, and
                // sealing from it could use a key for a second time.
                self.set_fault(*room_id, Fault::RolledBack);
            }
            self.session.behind.insert(*room_id);
        }
        self.session.acked = ack.cursors;
        self.vault_stands(ack.vault_version);
        self.session.link = Link::Syncing;
        self.session
            .lookups
            .extend(self.state.account.get().map(|account| account.user_id));
        let left = match ack.key_packages_left as usize {
            left if left < KEY_PACKAGES_LOW => ack.key_packages_left,
            _ => u32::MAX,
        };
        self.replenish(left);
        self.session.count_wanted = true;
    }

    /// How the engine as a whole stands.
    pub(crate) fn phase(&self) -> Phase {
        let Some(account) = self.state.account.get() else {
            return Phase::NoKeys;
        };
        match &account.registration {
            // As before, until the server has taken it: the person is still at it.
            Registration::NeedsList | Registration::Sending if self.takes_places() => {
                let failure = Code::TooManyDevices.into();
                return Phase::Refused { failure };
            }
            Registration::NeedsList | Registration::Sending => return Phase::Registering,
            Registration::Elsewhere => return Phase::KeysElsewhere,
            Registration::Refused(failure) => {
                return Phase::Refused {
                    failure: failure.clone(),
                };
            }
            Registration::Done => {}
        }
        if let Some(ended) = &self.session.ended {
            return ended.clone();
        }
        match self.session.link {
            Link::Offline => Phase::Offline,
            Link::Connecting { .. } => Phase::Connecting,
            Link::Syncing => Phase::Syncing,
            Link::Live => Phase::Live,
        }
    }
}
