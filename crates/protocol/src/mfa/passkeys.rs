//! Passkeys: WebAuthn credentials, and logging in with one without a name.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::FactorKind;
use crate::{ChallengeId, FactorId, Timestamp};

/// What a browser returned for a passkey, as `PublicKeyCredential.toJSON()` writes it (WebAuthn
/// level 3, section 5.1). `Debug` is blank: it opens an account, once.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(value_type = Object)
)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "unknown"))]
pub struct Credential(pub Value);

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credential(…)")
    }
}

/// A passkey that waits for the browser to create it (201 of [`AddFactor`](super::AddFactor)).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PendingPasskey {
    /// The factor.
    pub factor_id: FactorId,
    /// `passkey`.
    pub kind: FactorKind,
    /// What its owner calls it.
    pub label: String,
    /// For `navigator.credentials.create()`, after
    /// `PublicKeyCredential.parseCreationOptionsFromJSON(creation_options.publicKey)`.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub creation_options: Value,
    /// When the pending factor vanishes.
    pub expires_at: Timestamp,
}

/// 200 of [`SendCode`](super::SendCode) with the method `passkey`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasskeyRequest {
    /// For `navigator.credentials.get()`, after
    /// `PublicKeyCredential.parseRequestOptionsFromJSON(request_options.publicKey)`.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub request_options: Value,
}

/// `POST /v1/passkey-logins`. Replies 201 [`PasskeyLogin`].
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(example = json!({"purpose": "login"}))
)]
#[serde(deny_unknown_fields)]
pub struct StartPasskeyLogin {
    /// What the assertion is for; `login` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64))]
    pub purpose: Option<String>,
}

/// 201 of [`StartPasskeyLogin`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasskeyLogin {
    /// What to finish.
    pub login_id: ChallengeId,
    /// As in [`PasskeyRequest`]: any passkey of the application will do.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub request_options: Value,
    /// Until when.
    pub expires_at: Timestamp,
}

/// `POST /v1/passkey-logins/{id}/finish`. Replies 200 [`Authenticated`](super::Authenticated); 401
/// `invalid-credentials`; 403 `email-unverified`; 410 `challenge-expired`. One try.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(example = json!({
        "credential": {
            "id": "AAAA", "rawId": "AAAA", "type": "public-key",
            "response": {"authenticatorData": "AAAA", "clientDataJSON": "AAAA", "signature": "AAAA"},
        },
    }))
)]
#[serde(deny_unknown_fields)]
pub struct FinishPasskeyLogin {
    /// What the browser returned.
    pub credential: Credential,
    /// The address of the person's own machine; `X-Client-Address` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub client_ip: Option<std::net::IpAddr>,
}
