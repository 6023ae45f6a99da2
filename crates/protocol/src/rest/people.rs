//! User search, friend requests and contacts.

use serde::{Deserialize, Serialize};

use crate::{RequestId, RoomId, Timestamp, UserId};

/// How two people stand, seen from the one who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Relation {
    /// Nothing yet.
    None,
    /// They asked me.
    Incoming,
    /// I asked them.
    Outgoing,
    /// Contacts.
    Contact,
    /// I have blocked them.
    Blocked,
}

/// A hit of `GET /api/users/search?q=`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct FoundUser {
    /// The person.
    pub user_id: UserId,
    /// The unique name.
    pub username: String,
    /// The display name.
    pub name: Option<String>,
    /// A path to the picture.
    pub avatar: Option<String>,
    /// How we stand.
    pub relation: Relation,
}

/// A person as others see them: `GET /api/users/{id}` and inside requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Profile {
    /// The person.
    pub user_id: UserId,
    /// The unique name.
    pub username: String,
    /// The display name.
    pub name: Option<String>,
    /// A path to the picture.
    pub avatar: Option<String>,
}

/// `POST /api/friend-requests/send`, `/api/contacts/remove`, `…/block`, `…/unblock`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct UserRequest {
    /// The person.
    pub user_id: UserId,
}

/// `POST /api/friend-requests/{accept,reject,withdraw}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct AnswerRequest {
    /// The request.
    pub request_id: RequestId,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum RequestStatus {
    /// Waits.
    Pending,
    /// Made a contact.
    Accepted,
}

/// A friend request, seen from one side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct FriendRequest {
    /// The request.
    pub request_id: RequestId,
    /// The other person.
    pub user: Profile,
    /// What became of it.
    pub status: RequestStatus,
    /// When it was sent.
    pub sent_at: Timestamp,
}

/// `GET /api/friend-requests/pending`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PendingRequests {
    /// Waiting for my answer.
    pub incoming: Vec<FriendRequest>,
    /// Waiting for theirs.
    pub outgoing: Vec<FriendRequest>,
}

/// A contact: `GET /api/contacts`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Contact {
    /// The person.
    pub user_id: UserId,
    /// The unique name.
    pub username: String,
    /// The display name.
    pub name: Option<String>,
    /// A path to the picture.
    #[serde(default)]
    pub avatar: Option<String>,
    /// Connected with some device.
    pub online: bool,
    /// When last connected; `None` while online, before the first time, or hidden.
    pub last_seen: Option<Timestamp>,
    /// Since when we are contacts.
    pub added_at: Timestamp,
    /// The open direct room, once the first message made it.
    pub room_id: Option<RoomId>,
}

/// Somebody I have blocked: `GET /api/contacts/blocked`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct BlockedPerson {
    /// The person.
    pub user_id: UserId,
    /// The unique name.
    pub username: String,
    /// The display name.
    pub name: Option<String>,
    /// A path to the picture.
    pub avatar: Option<String>,
    /// Since when.
    pub blocked_at: Timestamp,
}
