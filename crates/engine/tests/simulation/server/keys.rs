//! Keys: registration, key packages, directory.

use std::collections::{BTreeMap, VecDeque};

use engine::ServerEvent;
use protocol::{
    Base64, Code, DeviceId, UserId,
    limits::{KEY_PACKAGES_LOW, USER_DEVICES},
    rest::{
        keys::{
            ClaimReply, ClaimRequest, ClaimedKeyPackage, Device as ListedDevice, DevicesReply,
            KeyPackageCount, KeyPackagesRequest, KeysReply, KeysRequest,
        },
        rooms::RoomKind,
    },
    socket::{ContactChange, DeviceEvent, KeyPackagesLow},
};

use super::{Answer, Device, Server, answer, refused};

const CLASSIC: u16 = e2ee::Suite::Classic.number();

/// The suite of a key package: behind the headers of message and package.
fn suite(package: &Base64) -> u16 {
    u16::from_be_bytes(package.as_ref()[6..8].try_into().unwrap())
}

impl Device {
    /// Packages and last resort of a suite.
    fn of(&mut self, suite: u16) -> (&mut VecDeque<Vec<u8>>, &mut Vec<u8>) {
        if suite == CLASSIC {
            return (&mut self.packages, &mut self.last_resort);
        }
        let (kept, last_resort) = self.others.entry(suite).or_default();
        (kept, last_resort)
    }
}

impl Server {
    pub(super) fn register(&mut self, user: UserId, body: serde_json::Value) -> Answer {
        let request: KeysRequest = serde_json::from_value(body).unwrap();
        let credential = e2ee::Credential::open(request.device.credential.as_ref()).unwrap();
        let key = e2ee::AccountPublicKey::parse(request.account_key.as_ref()).unwrap();
        let list = e2ee::DeviceList::open(request.device_list.as_ref(), &key).unwrap();
        assert_eq!(credential.account_key, key);
        assert_eq!(credential.user, user.0);
        assert!(list.devices.contains(&credential.device));
        let device_id = DeviceId(credential.device);
        let account = self.users.entry(user).or_default().clone();
        let mut revoked = Vec::new();
        if self.devices.contains_key(&device_id) {
            return answer(&KeysReply { device_id });
        }
        if list.devices.len() > USER_DEVICES {
            return refused(Code::TooManyDevices);
        }
        match &account.account_key {
            Some(standing) if standing != request.account_key.as_ref() => {
                if !request.reset {
                    return refused(Code::AccountKeyExists);
                }
                let mine = self
                    .devices
                    .iter()
                    .filter(|(_, device)| device.user == user);
                let old: Vec<_> = mine.map(|(id, _)| *id).collect();
                old.into_iter().for_each(|device| self.revoke(device));
                self.own(user).recovery_ended = true;
                for room in self.rooms.values_mut() {
                    let direct = room.kind == RoomKind::Direct;
                    room.open &= !(self.reset_closes && direct && room.people.contains(&user));
                }
            }
            Some(_) => {
                let standing = e2ee::DeviceList::open(&account.device_list, &key).unwrap();
                if list.version != standing.version + 1 {
                    return refused(Code::StaleDeviceList);
                }
                revoked = self.revoked_by(user, &list)?;
            }
            None => {}
        }
        let account = self.users.entry(user).or_default();
        account.account_key = Some(request.account_key.as_ref().to_vec());
        account.device_list = request.device_list.as_ref().to_vec();
        let packages = request.key_packages.iter();
        let device = Device {
            user,
            credential: request.device.credential.as_ref().to_vec(),
            packages: packages.map(|package| package.as_ref().to_vec()).collect(),
            last_resort: request.last_resort.as_ref().to_vec(),
            others: BTreeMap::new(),
            revoked: false,
        };
        self.devices.insert(device_id, device);
        self.shut_out(user, revoked);
        self.send_to_user(user, &ServerEvent::DeviceAdded(DeviceEvent { device_id }));
        let friends: Vec<_> = self.contacts.iter().copied().collect();
        for (_, friend) in friends.into_iter().filter(|(me, _)| *me == user) {
            self.tell_contact(friend, user, ContactChange::Keys);
        }
        answer(&KeysReply { device_id })
    }

    pub(super) fn upload(&mut self, user: UserId, body: serde_json::Value) -> Answer {
        let request: KeyPackagesRequest = serde_json::from_value(body).unwrap();
        let device = self.devices.get_mut(&request.device_id).unwrap();
        assert_eq!(device.user, user);
        let last = request.last_resort.as_ref();
        let suite = request.key_packages.iter().chain(last).map(suite).next();
        let (kept, last_resort) = device.of(suite.unwrap_or(CLASSIC));
        for package in &request.key_packages {
            if kept.iter().any(|known| known == package.as_ref()) {
                return refused(Code::InvalidKey);
            }
            kept.push_back(package.as_ref().to_vec());
        }
        if let Some(last) = last {
            *last_resort = last.as_ref().to_vec();
        }
        let count = kept.len() as u32;
        answer(&KeyPackageCount { count })
    }

    pub(super) fn count(&mut self, user: UserId, query: &str) -> Answer {
        let (device, suite) = query.split_once("&suite=").unwrap();
        let device = device.strip_prefix("device_id=").unwrap();
        let device = self.devices.get_mut(&device.parse().unwrap()).unwrap();
        assert_eq!(device.user, user);
        let (kept, _) = device.of(suite.parse().unwrap());
        let count = kept.len() as u32;
        answer(&KeyPackageCount { count })
    }

    pub(super) fn claim(&mut self, user: UserId, body: serde_json::Value) -> Answer {
        let request: ClaimRequest = serde_json::from_value(body).unwrap();
        if !request.user_ids.iter().all(|it| self.knows(user, *it)) {
            return refused(Code::NotAContact);
        }
        let wanted: Vec<_> = self
            .devices
            .iter()
            .filter(|(id, device)| {
                (request.user_ids.contains(&device.user) || request.device_ids.contains(id))
                    && request.device_id != Some(**id)
                    && !device.revoked
            })
            .map(|(id, _)| *id)
            .collect();
        let mut key_packages = Vec::new();
        for device_id in wanted {
            let device = self.devices.get_mut(&device_id).unwrap();
            let user_id = device.user;
            let (kept, last_resort) = device.of(request.suite);
            let package = kept.pop_front().unwrap_or(last_resort.clone());
            let left = kept.len();
            if package.is_empty() {
                continue;
            }
            key_packages.push(ClaimedKeyPackage {
                user_id,
                device_id,
                key_package: package.into(),
            });
            if left < KEY_PACKAGES_LOW {
                let low = KeyPackagesLow {
                    left: left as u32,
                    suite: request.suite,
                };
                self.send_to_device(device_id, &ServerEvent::KeyPackagesLow(low));
            }
        }
        answer(&ClaimReply { key_packages })
    }

    pub(super) fn directory(&mut self, user: UserId, id: &str) -> Answer {
        let of: UserId = id.parse().unwrap();
        if !self.knows(user, of) {
            return refused(Code::NotAContact);
        }
        self.directories += 1;
        if self.gone.contains(&of) {
            return refused(Code::NotFound);
        }
        if let Some(code) = self.refuse_directory.filter(|_| user != of) {
            return refused(code);
        }
        let names = self.own(of).names.clone();
        let account = self.users.get(&of).cloned().unwrap_or_default();
        let known = account.account_key.is_some();
        let devices = self.devices.iter();
        let listed = devices.filter(|(_, device)| device.user == of && !device.revoked);
        let key = account.account_key.as_deref().unwrap_or_default();
        let list = e2ee::AccountPublicKey::parse(key)
            .and_then(|key| e2ee::DeviceList::open(&account.device_list, &key));
        let signed = list.map_or_else(|_| Vec::new(), |list| list.devices);
        let reported = signed.into_iter().map(DeviceId);
        let revoked = |it: &DeviceId| self.devices.get(it).is_some_and(|it| it.revoked);
        answer(&DevicesReply {
            user_id: of,
            device_list: known.then(|| Base64::from(account.device_list)),
            account_key: account.account_key.map(Base64::from),
            devices: listed
                .map(|(id, device)| ListedDevice {
                    device_id: *id,
                    credential: device.credential.clone().into(),
                    name: names.get(id).filter(|_| user == of).cloned(),
                    created_at: self.time(),
                    last_seen: None,
                })
                .collect(),
            reported: reported.filter(revoked).collect(),
        })
    }
}
