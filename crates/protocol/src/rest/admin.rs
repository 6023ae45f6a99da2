//! Looking after accounts: for moderators and admins.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::me::Role;
use crate::{Secret, Timestamp, UserId};

/// An account in `GET /api/admin/users`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Account {
    /// The account.
    pub user_id: UserId,
    /// The unique name.
    pub username: String,
    /// The display name.
    pub name: Option<String>,
    /// The confirmed address.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When last connected.
    pub last_seen: Option<Timestamp>,
    /// When the account was switched off.
    pub deactivated_at: Option<Timestamp>,
    /// Devices that were not revoked.
    pub devices: u32,
    /// Open sessions.
    pub sessions: u32,
}

/// `GET /api/admin/users?q=&limit=&after=`, by username.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Accounts {
    /// At most 100.
    pub users: Vec<Account>,
    /// There are more: ask again with the last username as `after`.
    pub has_more: bool,
}

/// `PATCH /api/admin/users/{id}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RoleUpdate {
    /// What they may do from now on.
    pub role: Role,
}

/// One entry of `GET /api/admin/audit?subject=&action=&before=&limit=`, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct AuditEntry {
    /// Rises with time.
    pub audit_id: u64,
    /// When.
    pub at: Timestamp,
    /// What, in kebab-case.
    pub action: String,
    /// Who did it.
    pub actor: Option<UserId>,
    /// Their username, as long as there is such an account.
    pub actor_username: Option<String>,
    /// Whom it concerns.
    pub subject: Option<UserId>,
    /// Their username, as long as there is such an account.
    pub subject_username: Option<String>,
    /// `ok`, or the code of the refusal.
    pub outcome: String,
    /// The request.
    pub request_id: Option<String>,
    /// Where it came from.
    pub address: Option<String>,
}

/// An invitation, in `GET /api/admin/invitations`: lets people sign up where `SIGNUP=invite`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Invitation {
    /// Names it; not its code.
    #[cfg_attr(feature = "typescript", ts(type = "string"))]
    pub invitation_id: Uuid,
    /// Whom it is for, in its maker's words.
    pub note: String,
    /// Who made it; `None` for an operator.
    pub created_by: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// How many people it lets in.
    pub uses: u32,
    /// How many it has let in.
    pub used: u32,
}

/// `POST /api/admin/invitations`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(example = json!({"uses": 5, "days": 7, "note": "The book club"}))
)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct NewInvitation {
    /// How many people it lets in, up to 1,000; one by default.
    #[serde(default = "once")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 1000))]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<u32>"))]
    pub uses: u32,
    /// For how many days, up to 365; a week by default.
    #[serde(default = "a_week")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 365))]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<u32>"))]
    pub days: u32,
    /// Whom it is for, up to 80 characters.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<String>"))]
    pub note: String,
}

const fn once() -> u32 {
    1
}

const fn a_week() -> u32 {
    7
}

/// 201 of `POST /api/admin/invitations`: the code is shown this once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct CreatedInvitation {
    /// What was made.
    pub invitation: Invitation,
    /// What people type at sign-up.
    pub code: Secret,
    /// A link to the sign-up with the code in it.
    pub url: Secret,
}

/// 202 of `POST /api/admin/users/{id}/factor-reset`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct FactorReset {
    /// When the factors go, unless their owner objects.
    pub due_at: Timestamp,
}

/// `GET /api/admin/summary`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Summary {
    /// Accounts that are not switched off.
    pub users: u64,
    /// Of them, made in the last seven days.
    pub new_users: u64,
    /// Devices that were not revoked.
    pub devices: u64,
    /// Open rooms.
    pub rooms: u64,
    /// Messages that wait for somebody.
    pub waiting: u64,
    /// Sockets of this node.
    pub connections: u64,
}
