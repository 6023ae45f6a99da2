//! Checks keys before anything is stored: every fault is told, with its place and reason.

use e2ee::{AccountPublicKey, CheckedKeyPackage, Credential, DeviceList, key_package};
use protocol::{Base64, Code, Problem, rest::keys::RefusedKey};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{error::Error, store::key_packages::NewKeyPackage};

/// What was refused so far.
#[derive(Debug, Default)]
pub struct Faults(Vec<RefusedKey>);

impl Faults {
    /// Notes a refused key.
    pub fn add(&mut self, key: impl Into<String>, reason: impl Into<String>) {
        self.0.push(RefusedKey {
            key: key.into(),
            reason: reason.into(),
        });
    }

    /// Keeps a good value, notes why another is bad.
    fn keep<T>(&mut self, key: &str, result: Result<T, e2ee::KeyFault>) -> Option<T> {
        result.map_err(|fault| self.add(key, fault.reason())).ok()
    }

    /// Goes on only when nothing was refused.
    ///
    /// # Errors
    /// 422 `invalid-key` with all refused `keys`.
    pub fn check(&self) -> Result<(), Error> {
        let Some(first) = self.0.first() else {
            return Ok(());
        };
        let reasons: Vec<_> = self
            .0
            .iter()
            .map(|fault| format!("{}: {}", fault.key, fault.reason))
            .collect();
        tracing::warn!(
            security = "invalid-key",
            keys = reasons.join(", "),
            "keys were refused"
        );
        Err(Problem::new(Code::InvalidKey)
            .detail(format!("{} was refused: {}.", first.key, first.reason))
            .with("keys", &self.0)
            .into())
    }
}

/// Whose device it is and which account key vouches for it.
#[derive(Clone, Copy, Debug)]
pub struct Owner {
    /// The person.
    pub user: Uuid,
    /// The device.
    pub device: Uuid,
    /// 32 bytes.
    pub account_key: AccountPublicKey,
    /// The device's signature key.
    pub device_key: [u8; 32],
}

/// Checks an account key.
pub fn account_key(bytes: &Base64, faults: &mut Faults) -> Option<AccountPublicKey> {
    faults.keep("account_key", AccountPublicKey::parse(bytes.as_ref()))
}

/// Checks a device list of this person under this account key.
pub fn device_list(
    bytes: &Base64,
    user: Uuid,
    key: &AccountPublicKey,
    faults: &mut Faults,
) -> Option<DeviceList> {
    let list = faults.keep("device_list", DeviceList::open(bytes.as_ref(), key))?;
    if list.user != user {
        faults.add("device_list", "wrong-user");
        return None;
    }
    Some(list)
}

/// Checks a credential of this person under this account key, and its place in the list.
pub fn credential(
    bytes: &Base64,
    user: Uuid,
    key: &AccountPublicKey,
    list: Option<&DeviceList>,
    faults: &mut Faults,
) -> Option<Owner> {
    let credential = faults.keep("credential", Credential::open(bytes.as_ref()))?;
    let reason = if credential.user != user {
        "wrong-user"
    } else if credential.account_key.as_bytes() != key.as_bytes() {
        "wrong-account-key"
    } else if list.is_some_and(|list| {
        !list.devices.contains(&credential.device) || list.revoked.contains(&credential.device)
    }) {
        "not-in-device-list"
    } else {
        return Some(Owner {
            user,
            device: credential.device,
            account_key: credential.account_key,
            device_key: credential.device_key,
        });
    };
    faults.add("credential", reason);
    None
}

/// Checks a key package of a device. `name` is where it stood.
pub fn key_package<'a>(
    name: &str,
    bytes: &'a Base64,
    owner: &Owner,
    last_resort: bool,
    now: OffsetDateTime,
    faults: &mut Faults,
) -> Option<NewKeyPackage<'a>> {
    let now = now.unix_timestamp().unsigned_abs();
    let checked = faults.keep(name, key_package::inspect(bytes.as_ref(), now))?;
    if let Some(reason) = misfit(&checked, owner, last_resort) {
        faults.add(name, reason);
        return None;
    }
    let seconds = i64::try_from(checked.not_after()).unwrap_or(i64::MAX);
    let Ok(not_after) = OffsetDateTime::from_unix_timestamp(seconds) else {
        faults.add(name, "lifetime-too-long");
        return None;
    };
    Some(NewKeyPackage {
        message: bytes.as_ref(),
        suite: checked.suite().number(),
        init_key_hash: checked.init_key_hash(),
        not_after,
    })
}

fn misfit(package: &CheckedKeyPackage, owner: &Owner, last_resort: bool) -> Option<&'static str> {
    let credential = package.credential();
    if credential.user != owner.user {
        Some("wrong-user")
    } else if credential.device != owner.device || credential.device_key != owner.device_key {
        Some("wrong-device")
    } else if credential.account_key.as_bytes() != owner.account_key.as_bytes() {
        Some("wrong-account-key")
    } else if package.last_resort() != last_resort {
        Some("last-resort")
    } else {
        None
    }
}
