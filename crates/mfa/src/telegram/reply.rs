//! Replies of the Bot API: what was asked for, or what stands against it. They stand alone, so that
//! `fuzz/` reads them too.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

/// Longest pause that is believed, in seconds: a day.
const LONGEST: u64 = 86_400;

/// Why Telegram did not do what it was asked. Says nothing that Telegram said: its words may
/// quote names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No connection, or no answer in time.
    #[error("Telegram does not answer")]
    NoAnswer,
    /// 429: again after so many seconds.
    #[error("Telegram wants a pause of {0} s")]
    Busy(u64),
    /// 403, or a chat that is gone: the person does not want, or cannot get, messages.
    #[error("the chat takes no messages of this bot")]
    Blocked,
    /// 401 or 404: the token is wrong.
    #[error("Telegram does not know this bot: check TELEGRAM_TOKEN")]
    UnknownBot,
    /// 409: another process reads the updates.
    #[error("another process reads this bot's updates")]
    Conflict,
    /// Any other 4xx: no attempt will work.
    #[error("Telegram answered {0}")]
    Refused(u16),
    /// 5xx, or an answer that is none of the Bot API.
    #[error("Telegram is out of order ({0})")]
    Broken(u16),
}

#[derive(Deserialize)]
struct Envelope {
    ok: bool,
    result: Option<Value>,
    error_code: Option<u16>,
    #[serde(default)]
    description: String,
    #[serde(default)]
    parameters: Parameters,
}

#[derive(Default, Deserialize)]
struct Parameters {
    retry_after: Option<u64>,
}

/// `getMe`.
#[derive(Deserialize)]
pub(super) struct Me {
    pub(super) username: String,
}

/// What was asked for.
///
/// # Errors
/// What stands against it.
pub(super) fn judge<T: DeserializeOwned>(status: u16, bytes: &[u8]) -> Result<T, Refusal> {
    let Ok(envelope) = serde_json::from_slice::<Envelope>(bytes) else {
        return Err(Refusal::Broken(status));
    };
    if envelope.ok {
        return serde_json::from_value(envelope.result.unwrap_or_default())
            .map_err(|_| Refusal::Broken(status));
    }
    let description = envelope.description.to_ascii_lowercase();
    let is_gone = ["chat not found", "user is deactivated", "peer_id_invalid"]
        .iter()
        .any(|text| description.contains(text));
    Err(match envelope.error_code.unwrap_or(status) {
        429 => Refusal::Busy(envelope.parameters.retry_after.unwrap_or(1).min(LONGEST)),
        403 => Refusal::Blocked,
        400 if is_gone => Refusal::Blocked,
        401 | 404 => Refusal::UnknownBot,
        409 => Refusal::Conflict,
        code @ 400..=499 => Refusal::Refused(code),
        code => Refusal::Broken(code),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn judged(status: u16, body: &str) -> Result<Value, Refusal> {
        judge(status, body.as_bytes())
    }

    #[test]
    fn rule_11_every_answer_of_the_documentation_has_a_meaning() {
        assert_eq!(judged(200, r#"{"ok":true,"result":7}"#), Ok(json!(7)));
        for (status, body, refusal) in [
            (
                403,
                r#"{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}"#,
                Refusal::Blocked,
            ),
            (
                400,
                r#"{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}"#,
                Refusal::Blocked,
            ),
            (
                400,
                r#"{"ok":false,"error_code":400,"description":"Bad Request: message is too long"}"#,
                Refusal::Refused(400),
            ),
            (
                429,
                r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 7","parameters":{"retry_after":7}}"#,
                Refusal::Busy(7),
            ),
            (
                429,
                r#"{"ok":false,"parameters":{"retry_after":9223372036854775807}}"#,
                Refusal::Busy(86_400),
            ),
            (
                401,
                r#"{"ok":false,"error_code":401,"description":"Unauthorized"}"#,
                Refusal::UnknownBot,
            ),
            (
                409,
                r#"{"ok":false,"error_code":409,"description":"Conflict: terminated by other getUpdates request"}"#,
                Refusal::Conflict,
            ),
            (502, "<html>Bad Gateway</html>", Refusal::Broken(502)),
            (200, r#"{"ok":true,"result":"#, Refusal::Broken(200)),
        ] {
            assert_eq!(judged(status, body), Err(refusal), "{body}");
        }
    }
}
