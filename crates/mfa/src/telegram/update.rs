//! Updates of the Bot API: what people do in the chat with the bot. They stand alone, so that `fuzz/`
//! reads them too.

use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

/// The kinds of updates that are asked for.
pub const KINDS: [&str; 2] = ["message", "my_chat_member"];

/// One update, as far as it matters here.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(example = json!({"update_id": 1, "message": {
    "chat": {"id": 4242, "type": "private"}, "text": "/start"}}))]
pub struct Update {
    pub(super) message: Option<Message>,
    pub(super) my_chat_member: Option<Membership>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Message {
    pub(super) chat: Chat,
    pub(super) from: Option<User>,
    pub(super) text: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Membership {
    pub(super) chat: Chat,
    pub(super) new_chat_member: Member,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Member {
    pub(super) status: String,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Chat {
    pub(super) id: i64,
    #[serde(rename = "type")]
    pub(super) kind: String,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct User {
    pub(super) language_code: Option<String>,
}

impl Update {
    /// The update in a value of the Bot API, and the offset behind it; `None` for one of a shape
    /// that is not understood.
    pub fn parse(value: Value) -> (Option<i64>, Option<Self>) {
        let id = value.get("update_id").and_then(Value::as_i64);
        let behind = id.and_then(|id| id.checked_add(1));
        (behind, serde_json::from_value(value).ok())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rule_11_updates_of_other_shapes_are_passed_over() {
        let (offset, update) = Update::parse(json!({"update_id": 7, "message": {"chat": "?"}}));
        assert_eq!((offset, update.is_none()), (Some(8), true));
        let (offset, update) = Update::parse(json!({"update_id": 8, "poll": {}}));
        assert!(offset == Some(9) && update.is_some_and(|update| update.message.is_none()));
        let (offset, update) = Update::parse(json!({"update_id": i64::MAX}));
        assert!(offset.is_none() && update.is_some());
        assert_eq!(Update::parse(json!("no")).0, None);
    }
}
