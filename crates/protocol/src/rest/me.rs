//! Oneself: profile and privacy.

use serde::{Deserialize, Deserializer, Serialize};

use super::{account::User, archive::RecoveryStands};

/// `GET /api/me`, and 200 of `PATCH /api/me`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Me {
    /// Who I am.
    #[serde(flatten)]
    pub user: User,
    /// A path to my picture.
    pub avatar: Option<String>,
    /// What I may do on this server.
    pub role: Role,
    /// A search by strangers finds me.
    pub searchable: bool,
    /// My contacts see when I was last here.
    pub shows_last_seen: bool,
    /// Others see what I have read.
    pub shows_read: bool,
    /// My devices keep an archive here; `false` refuses their uploads.
    pub archives: bool,
    /// My recovery bundle; left out when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub recovery: Option<RecoveryStands>,
}

/// What somebody may do on the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Role {
    /// Chat.
    #[default]
    Member,
    /// See accounts and the audit log, end sessions, deactivate.
    Moderator,
    /// Everything.
    Admin,
}

/// `PATCH /api/me`: what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct MeUpdate {
    /// The display name, up to 80 characters; `null` for none.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<String>"))]
    pub name: Option<Option<String>>,
    /// A search by strangers finds me.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub searchable: Option<bool>,
    /// My contacts see when I was last here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub shows_last_seen: Option<bool>,
    /// Others see what I have read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub shows_read: Option<bool>,
    /// My devices keep an archive here. What it holds already goes by `DELETE /api/archive` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub archives: Option<bool>,
}

/// `DELETE /api/me` and `POST /api/me/deactivate`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ConfirmUsername {
    /// My username, typed: this is not done by accident.
    pub username: String,
}

/// Tells `null` from a field that is not there.
fn present<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(value).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_not_the_same_as_nothing_said_about_it() {
        let read = |text| serde_json::from_str::<MeUpdate>(text).unwrap().name;
        assert_eq!(read("{}"), None);
        assert_eq!(read(r#"{"name":null}"#), Some(None));
        assert_eq!(read(r#"{"name":"Ana"}"#), Some(Some("Ana".to_owned())));
    }
}
