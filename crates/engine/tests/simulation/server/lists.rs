//! Signed device lists, and whom they shut out.

use std::collections::BTreeSet;

use engine::ServerEvent;
use protocol::{
    Base64, Code, DeviceId, Problem, UserId,
    limits::USER_DEVICES,
    socket::{ContactChange, DeviceEvent},
};

use super::{Answer, Server, answer, refused};

impl Server {
    pub(super) fn replace_list(&mut self, user: UserId, body: serde_json::Value) -> Answer {
        let bytes: Base64 = serde_json::from_value(body["device_list"].clone()).unwrap();
        let account = self.users[&user].clone();
        let key = e2ee::AccountPublicKey::parse(account.account_key.as_ref().unwrap()).unwrap();
        let list = e2ee::DeviceList::open(bytes.as_ref(), &key).unwrap();
        let standing = e2ee::DeviceList::open(&account.device_list, &key).unwrap();
        if list.version <= standing.version {
            return refused(Code::StaleDeviceList);
        }
        if list.devices.len() > USER_DEVICES {
            return refused(Code::TooManyDevices);
        }
        let revoked = self.revoked_by(user, &list)?;
        self.users.get_mut(&user).unwrap().device_list = bytes.as_ref().to_vec();
        self.shut_out(user, revoked);
        let friends: Vec<_> = self.contacts.iter().copied().collect();
        for (_, friend) in friends.into_iter().filter(|(me, _)| *me == user) {
            self.tell_contact(friend, user, ContactChange::Keys);
        }
        answer(&())
    }

    /// The devices that a list shuts out: with a fresh factor, but for the one that asks.
    pub(super) fn revoked_by(
        &mut self,
        user: UserId,
        list: &e2ee::DeviceList,
    ) -> Result<Vec<DeviceId>, Box<Problem>> {
        let devices = self.devices.iter();
        let mine = devices.filter(|(_, device)| device.user == user && !device.revoked);
        let standing: Vec<DeviceId> = mine.map(|(id, _)| *id).collect();
        let named: BTreeSet<_> = list.devices.iter().chain(&list.revoked).collect();
        if !standing.iter().all(|device| named.contains(&device.0)) {
            return Err(Box::new(Problem::new(Code::StaleDeviceList)));
        }
        let revoked = standing.into_iter();
        let revoked: Vec<_> = revoked
            .filter(|device| list.revoked.contains(&device.0))
            .collect();
        if revoked.iter().any(|device| self.asking != Some(*device)) {
            self.fresh(user)?;
        }
        Ok(revoked)
    }

    pub(super) fn shut_out(&mut self, user: UserId, devices: Vec<DeviceId>) {
        for device_id in devices {
            self.send_to_user(user, &ServerEvent::DeviceRevoked(DeviceEvent { device_id }));
            self.revoke(device_id);
        }
    }
}
