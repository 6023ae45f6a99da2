//! What the servers read that `protocol` does not declare: bodies and queries of single endpoints,
//! the handshakes of Socket.IO, hints between nodes of chat, the Bot API of Telegram.
//!
//! The files of the servers' are included here: they stand alone. Queries are read as axum reads
//! them.

#[path = "../../crates/chat/src/http/bodies.rs"]
#[allow(dead_code)]
mod chat_bodies;
#[path = "../../crates/chat/src/http/queries.rs"]
#[allow(dead_code)]
mod chat_queries;
#[path = "../../crates/chat/src/hub/handshake.rs"]
#[allow(dead_code)]
mod handshake;
#[path = "../../crates/chat/src/cluster/hint.rs"]
#[allow(dead_code)]
mod hint;
#[path = "../../crates/mfa/src/http/bodies.rs"]
#[allow(dead_code)]
mod mfa_bodies;
#[path = "../../crates/mfa/src/http/queries.rs"]
#[allow(dead_code)]
mod mfa_queries;
#[path = "../../crates/mfa/src/telegram/reply.rs"]
#[allow(dead_code)]
mod reply;
#[path = "../../crates/mfa/src/telegram/update.rs"]
#[allow(dead_code)]
mod update;

use protocol::{Timestamp, limits};
use reply::Refusal;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    Target,
    server::{by_number, read_by, reads},
};

/// The number of what it is, then a body as JSON, a query or a reply.
pub const OWN_BODIES: Target = Target {
    name: "own_bodies",
    run: |bytes| by_number(READERS, bytes),
    seeds: || read_by(READERS, &EXAMPLES),
};

/// A reader for each.
const READERS: &[fn(&[u8]) -> bool] = &[
    |json| body::<chat_bodies::RoomHead>(json, &["room_id", "kind", "devices"]).is_some(),
    |json| body::<chat_bodies::CommitHead>(json, &["client_id", "devices"]).is_some(),
    |json| body::<chat_bodies::DeviceListRequest>(json, &["device_list"]).is_some(),
    |json| body::<chat_bodies::MessageRequest>(json, &["client_id", "message"]).is_some(),
    |json| body::<mfa_bodies::Register>(json, &["email", "username", "password"]).is_some(),
    |json| body::<mfa_bodies::Check>(json, &["account_id", "username", "code"]).is_some(),
    |json| body::<mfa_bodies::RequestCode>(json, &["username", "channel"]).is_some(),
    |json| body::<mfa_bodies::VerifyToken>(json, &["username", "token"]).is_some(),
    |json| body::<mfa_bodies::LoginWithCode>(json, &["email", "password", "code"]).is_some(),
    |json| {
        let hint: Option<hint::Hint> = serde_json::from_slice(json).ok();
        let heads = hint.iter().flat_map(|hint| &hint.heads);
        assert!(heads.copied().all(|(_, seq)| i64::try_from(seq).is_ok()));
        reads::<hint::Hint>(json)
    },
    messages,
    tree,
    archive,
    |text| query::<chat_queries::Forget>(text, &["room_id"]).is_some(),
    |text| query::<chat_queries::KeyPackages>(text, &["device_id", "suite"]).is_some(),
    people,
    accounts,
    trail,
    audit,
    token,
    session,
    opened,
    updates,
    replies,
];

/// A body that has no members but those that are known.
fn body<T: DeserializeOwned>(json: &[u8], known: &[&str]) -> Option<T> {
    let read = serde_json::from_slice(json).ok()?;
    // Structs may be written as arrays too.
    if let Value::Object(members) = serde_json::from_slice(json).expect("it was read") {
        assert!(members.keys().all(|name| known.contains(&name.as_str())));
    }
    Some(read)
}

/// A query that has no parameters but those that are known, each once.
fn query<T: DeserializeOwned>(text: &[u8], known: &[&str]) -> Option<T> {
    let read = serde_urlencoded::from_bytes(text).ok()?;
    let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(text).expect("it was read");
    let mut names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
    assert!(names.iter().all(|name| known.contains(name)));
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), pairs.len());
    Some(read)
}

/// What goes to the database as a text.
fn fits(text: &str) {
    assert!(!text.contains('\0'));
}

/// Whether there is a page of so many.
fn page(limit: Option<u32>) -> bool {
    let Ok(granted) = chat_queries::page_limit(limit) else {
        assert_eq!(limit, Some(0));
        return false;
    };
    assert!((1..=limits::PAGE_ENVELOPES as i64).contains(&granted));
    true
}

fn messages(text: &[u8]) -> bool {
    let Some(asked) = query::<chat_queries::Messages>(text, &["after", "limit"]) else {
        return false;
    };
    assert!(asked.after() >= 0);
    page(asked.limit)
}

fn tree(text: &[u8]) -> bool {
    let Some(asked) = query::<chat_queries::Tree>(text, &["epoch"]) else {
        return false;
    };
    assert_eq!(asked.epoch().is_some(), asked.epoch.is_some());
    assert!(asked.epoch().is_none_or(|epoch| epoch >= 0));
    true
}

fn archive(text: &[u8]) -> bool {
    let known = ["room_id", "before_seq", "limit"];
    let Some(asked) = query::<chat_queries::Archive>(text, &known) else {
        return false;
    };
    assert!(asked.before() >= 0);
    page(asked.limit)
}

fn people(text: &[u8]) -> bool {
    let asked = query::<chat_queries::People>(text, &["q"]);
    let Some(Ok(Some(text))) = asked.map(|asked| asked.text()) else {
        return false;
    };
    fits(&text);
    let length = text.chars().count();
    assert!((limits::SEARCH_MIN..=limits::NAME_MAX).contains(&length));
    assert_eq!(text, text.trim());
    assert!(!text.starts_with('@'));
    // What was made of it is looked for as it is.
    let again = chat_queries::People { q: text.clone() };
    assert_eq!(again.text().expect("what was taken"), Some(text));
    true
}

fn accounts(text: &[u8]) -> bool {
    let known = ["q", "after", "limit"];
    let Some(asked) = query::<chat_queries::Accounts>(text, &known) else {
        return false;
    };
    fits(&asked.beginning());
    fits(&asked.after());
    assert!((1..=limits::ADMIN_PAGE as i64).contains(&asked.limit()));
    true
}

fn trail(text: &[u8]) -> bool {
    let known = ["subject", "action", "before", "limit"];
    let Some(asked) = query::<chat_queries::Trail>(text, &known) else {
        return false;
    };
    fits(&asked.action().unwrap_or_default());
    assert!((1..=limits::ADMIN_PAGE as i64).contains(&asked.limit()));
    true
}

fn audit(text: &[u8]) -> bool {
    let known = ["account_id", "action", "from", "until", "before", "limit"];
    let Some(asked) = query::<mfa_queries::Audit>(text, &known) else {
        return false;
    };
    fits(&asked.action().unwrap_or_default());
    for time in [asked.from, asked.until].into_iter().flatten() {
        assert!(reads::<Timestamp>(
            &serde_json::to_vec(&time).expect("it has a form")
        ));
    }
    let Some(limit) = asked.limit() else {
        return false;
    };
    assert!((1..=limits::AUDIT_PAGE).contains(&limit));
    true
}

/// The form for a token may have fields that nobody knows (RFC 6749, section 3.2).
fn token(text: &[u8]) -> bool {
    serde_urlencoded::from_bytes::<mfa_bodies::Form>(text)
        .is_ok_and(|form| form.grant_type.is_some())
}

/// The query of a request to Socket.IO's routes.
fn session(text: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(text) else {
        return false;
    };
    let _ = handshake::value(text, "transport");
    let Some(sid) = handshake::value(text, "sid") else {
        return false;
    };
    assert!(!sid.contains('&'));
    assert!(
        text.split('&')
            .any(|pair| pair.strip_prefix("sid=") == Some(sid))
    );
    true
}

fn opened(reply: &[u8]) -> bool {
    let Some(sid) = handshake::opened(reply) else {
        return false;
    };
    let quoted = format!("\"{sid}\"");
    let mut windows = reply.windows(quoted.len());
    assert!(windows.any(|window| window == quoted.as_bytes()));
    true
}

/// An update, delivered or polled.
fn updates(json: &[u8]) -> bool {
    let Ok(value) = serde_json::from_slice::<Value>(json) else {
        return false;
    };
    let id = value["update_id"].as_i64();
    let (behind, update) = update::Update::parse(value);
    assert!(behind.is_none() || behind.map(|behind| behind - 1) == id);
    assert!(behind.is_some() || id.is_none_or(|id| id == i64::MAX));
    update.is_some()
}

/// A reply, whatever was asked for.
fn replies(json: &[u8]) -> bool {
    let mut is_good = false;
    for status in [200, 400, 429, 502] {
        is_good |= judged::<Value>(status, json);
        is_good |= judged::<Vec<Value>>(status, json);
        is_good |= judged::<reply::Me>(status, json);
    }
    is_good
}

/// Whether it holds what was asked for, or says why not.
fn judged<T: DeserializeOwned>(status: u16, json: &[u8]) -> bool {
    let Err(refusal) = reply::judge::<T>(status, json) else {
        return true;
    };
    match refusal {
        Refusal::Busy(seconds) => assert!(seconds <= 86_400),
        Refusal::Refused(code) => assert!((400..=499).contains(&code)),
        Refusal::Broken(_) => return false,
        Refusal::NoAnswer => panic!("there was one"),
        Refusal::Blocked | Refusal::UnknownBot | Refusal::Conflict => {}
    }
    true
}

/// Each is one thing or several.
const EXAMPLES: [&str; 30] = [
    r#"{"room_id":"ID","kind":"direct","devices":[{"device_id":"ID","key_package_ref":"AAEC"}]}"#,
    r#"{"client_id":"ID","devices":[]}"#,
    r#"{"device_list":"AAEC"}"#,
    r#"{"client_id":"ID","message":"AAEC"}"#,
    r#"{"email":"a@b.example","username":"ana","password":"secret"}"#,
    r#"{"account_id":"ID","code":"123456"}"#,
    r#"{"username":"ana","code":"123456"}"#,
    r#"{"username":"ana","channel":"telegram"}"#,
    r#"{"username":"ana","token":"123456"}"#,
    r#"{"email":"a@b.example","password":"secret","code":"123456"}"#,
    r#"{"from":"ID"}"#,
    r#"{"from":"ID","heads":[["ID",7]],"look":true}"#,
    r#"{"from":"ID","events":[{"room":"ID","except":"ID","name":"typing","payload":{"active":true}},{"room":"ID","only":["ID"],"name":"read","payload":7}]}"#,
    "",
    "after=7&limit=50",
    "epoch=7",
    "room_id=ID",
    "room_id=ID&before_seq=7&limit=100",
    "device_id=ID&suite=79",
    "q=%40Ana+B%C3%A9",
    "q=an&after=ana&limit=100",
    "subject=ID&action=role-changed&before=7&limit=3",
    "account_id=ID&action=login&from=TIME&until=TIME&before=7&limit=200",
    "grant_type=client_credentials&client_id=chat&client_secret=a%2Bb&scope=accounts+notify",
    "EIO=4&transport=polling&sid=AAAAAAAAAAAAAAAA",
    r#"0{"sid":"AAAAAAAAAAAAAAAA","upgrades":["websocket"],"pingInterval":25000}"#,
    r#"{"update_id":7,"message":{"chat":{"id":-7,"type":"private"},"from":{"language_code":"fr"},"text":"/start a"}}"#,
    r#"{"update_id":8,"my_chat_member":{"chat":{"id":7,"type":"private"},"new_chat_member":{"status":"kicked"}}}"#,
    r#"{"ok":true,"result":{"username":"a_bot"}}"#,
    r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 7","parameters":{"retry_after":7}}"#,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reader_has_an_example() {
        let seeds = (OWN_BODIES.seeds)();
        for number in 0..READERS.len() {
            let has = |seed: &Vec<u8>| usize::from(seed[0]) == number;
            assert!(seeds.iter().any(has), "{number}");
        }
    }
}
