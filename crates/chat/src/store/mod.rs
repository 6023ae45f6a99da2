//! SQL and nothing else, a module for each table or pair of tables. Checked against the migrations
//! at compile time.

pub mod accounts;
pub mod admin;
pub mod archive;
pub mod attachments;
pub mod audit;
pub mod avatars;
pub mod blocks;
pub mod contacts;
#[cfg(test)]
mod cost;
pub mod devices;
pub mod enrolments;
pub mod export;
pub mod friend_requests;
pub mod invitations;
pub mod key_packages;
pub mod leaving;
pub mod links;
pub mod marks;
pub mod members;
pub mod messages;
pub mod nodes;
pub mod push;
pub mod recovery;
pub mod rooms;
pub mod search;
pub mod seen;
pub mod sessions;
pub mod users;
pub mod vaults;
pub mod welcomes;

use protocol::rest::{
    me::Role,
    rooms::{EnvelopeKind, RoomKind},
};

/// `room_kind` of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "room_kind", rename_all = "lowercase")]
pub enum StoredRoomKind {
    /// Two people.
    Direct,
    /// Any number.
    Group,
}

/// `message_kind` of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "message_kind", rename_all = "lowercase")]
pub enum StoredMessageKind {
    /// For people.
    Application,
    /// Changes the group.
    Commit,
}

/// `role` of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "role", rename_all = "lowercase")]
pub enum StoredRole {
    /// Chat.
    Member,
    /// Look after accounts.
    Moderator,
    /// Everything.
    Admin,
}

impl From<StoredRole> for Role {
    fn from(role: StoredRole) -> Self {
        match role {
            StoredRole::Member => Self::Member,
            StoredRole::Moderator => Self::Moderator,
            StoredRole::Admin => Self::Admin,
        }
    }
}

impl From<Role> for StoredRole {
    fn from(role: Role) -> Self {
        match role {
            Role::Member => Self::Member,
            Role::Moderator => Self::Moderator,
            Role::Admin => Self::Admin,
        }
    }
}

impl From<StoredRoomKind> for RoomKind {
    fn from(kind: StoredRoomKind) -> Self {
        match kind {
            StoredRoomKind::Direct => Self::Direct,
            StoredRoomKind::Group => Self::Group,
        }
    }
}

impl From<RoomKind> for StoredRoomKind {
    fn from(kind: RoomKind) -> Self {
        match kind {
            RoomKind::Direct => Self::Direct,
            RoomKind::Group => Self::Group,
        }
    }
}

impl From<StoredMessageKind> for EnvelopeKind {
    fn from(kind: StoredMessageKind) -> Self {
        match kind {
            StoredMessageKind::Application => Self::Application,
            StoredMessageKind::Commit => Self::Commit,
        }
    }
}

/// The two people of a pair in the order of the tables: the smaller id first.
pub fn pair(one: uuid::Uuid, other: uuid::Uuid) -> (uuid::Uuid, uuid::Uuid) {
    if one < other {
        (one, other)
    } else {
        (other, one)
    }
}
