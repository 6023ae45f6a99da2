//! Holds every event and acknowledgement that any test sees against the AsyncAPI document.

use std::{collections::HashMap, sync::LazyLock};

use jsonschema::{Draft, Validator};
use protocol::socket::asyncapi;
use serde_json::{Value, json};

static DOCUMENT: LazyLock<Value> = LazyLock::new(asyncapi::document);

/// A validator for each message.
static MESSAGES: LazyLock<HashMap<String, Validator>> = LazyLock::new(|| {
    let messages = DOCUMENT["components"]["messages"].as_object().unwrap();
    let validator = |name: &str| {
        let schema = json!({
            "$ref": format!("#/components/messages/{name}/payload"),
            "components": DOCUMENT["components"],
        });
        let options = jsonschema::options().with_draft(Draft::Draft202012);
        options.build(&schema).unwrap()
    };
    messages
        .keys()
        .map(|name| (name.clone(), validator(name)))
        .collect()
});

/// Fails a test whose event is not as the document tells.
#[track_caller]
pub fn check_event(name: &str, payload: &Value) {
    hold(&format!("on_{name}"), payload);
}

/// Fails a test whose acknowledgement, or the payload that it accepts, is not as the document
/// tells.
#[track_caller]
pub fn check_ack(name: &str, payload: &Value, ack: &Value) {
    if !MESSAGES.contains_key(name) {
        assert_eq!(ack["error"]["code"], "unknown-event", "{name}: {ack}");
        return;
    }
    hold(&format!("{name}_ack"), ack);
    if ack["ok"] == true {
        hold(name, payload);
    }
}

#[track_caller]
fn hold(message: &str, value: &Value) {
    let validator = MESSAGES.get(message);
    let validator = validator.unwrap_or_else(|| panic!("{message} is not told of: {value}"));
    let mut value = value.clone();
    for field in value
        .as_object_mut()
        .into_iter()
        .flat_map(|all| all.values_mut())
    {
        // An attachment: told as a string of the format `binary`.
        if field["_placeholder"] == true {
            *field = "".into();
        }
    }
    if let Err(error) = validator.validate(&value) {
        panic!("{message} is not as told: {error}\n{value}");
    }
}
