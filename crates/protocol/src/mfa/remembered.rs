//! Browsers and apps that are remembered, so that the password is enough there.

use serde::{Deserialize, Serialize};

use super::Authenticated;
use crate::{RememberedDeviceId, Secret, Timestamp};

/// `POST /v1/accounts/{id}/remembered-devices`, with a fresh assertion with a second factor in
/// `X-Assertion`. Replies 201 [`RememberedDevice`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(example = json!({"label": "Firefox on Linux"}))
)]
#[serde(deny_unknown_fields)]
pub struct RememberDevice {
    /// What its owner sees in the list, up to 64 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64))]
    pub label: String,
}

/// 201 of [`RememberDevice`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RememberedDevice {
    /// The device.
    pub device_id: RememberedDeviceId,
    /// For this device alone; good for one use, which brings the next one.
    pub remember_token: Secret,
    /// Until when the device is remembered; using it makes it no longer.
    pub expires_at: Timestamp,
}

/// `POST /v1/challenges/{id}/remembered`: answers the challenge of a login. Replies 200
/// [`RememberedLogin`]; 422 `invalid-code`, with `reason: "stolen"` when the token was used
/// before: then no device of the account is remembered any more.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(example = json!({"remember_token": "dGhlIHRva2VuIHRoYXQgdGhlIGRldmljZSBnb3QgbGFzdA"}))
)]
#[serde(deny_unknown_fields)]
pub struct AnswerRemembered {
    /// The token that the device got last.
    pub remember_token: Secret,
}

/// 200 of [`AnswerRemembered`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RememberedLogin {
    /// As after any other answer, with `rmb` in `amr` and `aal1`: the device was proved earlier.
    #[serde(flatten)]
    pub authenticated: Authenticated,
    /// In place of the token that was given.
    pub remember_token: Secret,
    /// Until when the device is remembered.
    pub expires_at: Timestamp,
}

/// `GET /v1/accounts/{id}/remembered-devices`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RememberedDevices {
    /// All of them, oldest first.
    pub devices: Vec<ListedDevice>,
}

/// One device of [`RememberedDevices`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListedDevice {
    /// The device.
    pub device_id: RememberedDeviceId,
    /// What it is called.
    pub label: String,
    /// When it was remembered.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_used_at: Timestamp,
    /// Until when it is remembered.
    pub expires_at: Timestamp,
}
