//! Account keys, devices and key packages.

use serde::{Deserialize, Serialize};

use crate::{Base64, DeviceId, Timestamp, UserId};

/// `POST /api/keys` (alias `/register/key`): the account key and this device.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct KeysRequest {
    /// Ed25519 public key, 32 bytes.
    pub account_key: Base64,
    /// The signed device list (`e2ee::device_list`).
    pub device_list: Base64,
    /// This device.
    pub device: NewDevice,
    /// MLS key packages, each used once.
    pub key_packages: Vec<Base64>,
    /// The key package that is handed out when no other is left.
    pub last_resort: Base64,
    /// Replaces the account key that stands: needs a fresh second factor, ends every other device.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
    pub reset: bool,
}

/// A device as it registers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct NewDevice {
    /// What its owner reads in the list of devices; up to 80 characters.
    pub name: String,
    /// The credential (`e2ee::credential`), 169 bytes; it holds the device's id and key.
    pub credential: Base64,
}

/// 201 of `POST /api/keys`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct KeysReply {
    /// The device, as its credential says.
    pub device_id: DeviceId,
}

/// One key that was refused, in `keys` of an `invalid-key` problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RefusedKey {
    /// Where it stood: `account_key`, `device_list`, `credential`, `key_packages[3]`, …
    pub key: String,
    /// Why, in kebab-case.
    pub reason: String,
}

/// `GET /api/users/{id}/devices`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DevicesReply {
    /// The person.
    pub user_id: UserId,
    /// Ed25519 public key, 32 bytes; `None` until the person's first device is set up.
    pub account_key: Option<Base64>,
    /// The signed device list; `None` until then.
    pub device_list: Option<Base64>,
    /// The devices that may be written to.
    pub devices: Vec<Device>,
    /// Devices that their owner or an operator revoked without a signature, whatever the list says:
    /// the server's word alone, as it is for people who left.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Vec<DeviceId>>"))]
    pub reported: Vec<DeviceId>,
}

/// A device of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Device {
    /// The device.
    pub device_id: DeviceId,
    /// The credential, 169 bytes.
    pub credential: Base64,
    /// One's own devices only: the name that was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub name: Option<String>,
    /// When it registered.
    pub created_at: Timestamp,
    /// One's own devices only: when it was last connected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub last_seen: Option<Timestamp>,
}

/// `PATCH /api/devices/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DeviceRename {
    /// What its owner reads in the list of devices; 1 to 80 characters.
    pub name: String,
}

/// `POST /api/key-packages`: more of them for the session's device.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct KeyPackagesRequest {
    /// The device they are for: one of the session's own user.
    pub device_id: DeviceId,
    /// MLS key packages, each used once.
    pub key_packages: Vec<Base64>,
    /// A new last resort, monthly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub last_resort: Option<Base64>,
}

/// 201 of `POST /api/key-packages` and 200 of `GET /api/key-packages/count?device_id=`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct KeyPackageCount {
    /// How many are left, without the last resort.
    pub count: u32,
}

/// `POST /api/key-packages/claim`: one of each device. One of the two lists is needed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ClaimRequest {
    /// Contacts, room-mates or oneself: every device of theirs, but not the asking one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Vec<UserId>>"))]
    pub user_ids: Vec<UserId>,
    /// Single devices.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Vec<DeviceId>>"))]
    pub device_ids: Vec<DeviceId>,
    /// The MLS ciphersuite: 3, or 79 (`0x004F`, experimental) for devices that have such packages.
    pub suite: u16,
    /// The device that asks, left out of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub device_id: Option<DeviceId>,
}

/// 200 of `POST /api/key-packages/claim`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ClaimReply {
    /// One for each device that has any.
    pub key_packages: Vec<ClaimedKeyPackage>,
}

/// A key package that was handed out.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ClaimedKeyPackage {
    /// Whose.
    pub user_id: UserId,
    /// Which device.
    pub device_id: DeviceId,
    /// The MLSMessage.
    pub key_package: Base64,
}
