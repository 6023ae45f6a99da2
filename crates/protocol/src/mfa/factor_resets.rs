//! Factors that an operator takes off an account.

use serde::{Deserialize, Serialize};

use crate::{Secret, Timestamp};

/// 202 of `POST /v1/accounts/{id}/factor-reset`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AnnouncedFactorReset {
    /// When the factors go, unless the reset is called off.
    pub due_at: Timestamp,
}

/// `POST /factor-resets/cancel`, open to all: the token says enough. Replies 204; 404 `not-found`;
/// 410 `expired-code` when the factors are gone already.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(example = json!({"token": "what follows the # in the link of the mail"}))
)]
#[serde(deny_unknown_fields)]
pub struct CancelFactorReset {
    /// What follows the `#` in the link of the mail.
    pub token: Secret,
}
