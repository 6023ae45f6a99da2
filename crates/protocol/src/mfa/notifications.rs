//! Messages that applications send in their own words.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Language;
use crate::Timestamp;

/// `POST /v1/notifications` (alias `/send`). Replies 202 [`QueuedNotification`]; 429
/// `rate-limited` when the recipient got enough of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(example = json!({
        "channel": "email", "recipient": "ann@example.org", "message": "Your parcel is here.",
    }))
)]
#[serde(deny_unknown_fields)]
pub struct Notification {
    /// By which way.
    pub channel: SendChannel,
    /// An e-mail address; for Telegram the number of a chat, or the id of an account with a
    /// Telegram factor.
    pub recipient: String,
    /// Plain text, up to 4,000 characters; the application's name is put below.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 4000))]
    pub message: String,
    /// Subject of a mail, one line of up to 120 characters; the application's name when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 120))]
    pub subject: Option<String>,
    /// The language that the message is in; English when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
}

/// A way to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SendChannel {
    /// Mail.
    Email,
    /// A chat with the bot.
    Telegram,
}

/// 202 of [`Notification`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QueuedNotification {
    /// What its status is asked for by.
    pub id: Uuid,
}

/// `GET /v1/notifications/{id}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NotificationStatus {
    /// The message.
    pub id: Uuid,
    /// The way that it takes.
    pub channel: SendChannel,
    /// How far it is.
    pub state: NotificationState,
    /// Attempts so far.
    pub attempts: u32,
    /// Why it was given up: `expired`, `refused`, `unreachable`, `exhausted`, `unreadable`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it was queued.
    pub created_at: Timestamp,
    /// When it was sent or given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
}

/// How far a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NotificationState {
    /// It waits for its first or next attempt.
    Queued,
    /// An attempt is under way.
    Sending,
    /// The mail server or Telegram took it.
    Sent,
    /// It was given up; `reason` says why.
    Dead,
}
