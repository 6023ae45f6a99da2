//! The AsyncAPI 3 document of the socket: every event with its payload and, for a client's, its
//! acknowledgement and the problems that it can be refused with.
//!
//! The payloads are the types that server and clients are compiled with. Which events there are is
//! checked against [`client::ALL`](super::client::ALL) and [`server::ALL`](super::server::ALL); what
//! really travels is held against the document by the tests of the chat server.

mod events;

use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use self::events::{ClientEvent, ServerEvent};
use crate::{Code, Problem, socket::Handshake};

/// The only channel: the namespace `/`.
const CHANNEL: &str = "#/channels/socket";

/// The document.
pub fn document() -> Value {
    let mut schemas = Schemas::default();
    let (mut messages, mut operations) = (Map::new(), Map::new());
    for event in events::client(&mut schemas) {
        client_event(event, &mut messages, &mut operations);
    }
    for event in events::server(&mut schemas) {
        server_event(event, &mut messages, &mut operations);
    }
    let handshake = schemas.add::<Handshake>();
    schemas.add::<Problem>();
    let listed: Map<String, Value> = messages
        .keys()
        .map(|name| (name.clone(), reference("messages", name)))
        .collect();
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Snug chat: socket events",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Socket.IO protocol 5 at `/socket.io`, namespace `/`, WebSocket or \
                polling. A message's `name` is the event's name; its payload is the event's only \
                argument. Fields of the format `binary` are Socket.IO attachments, in the order in \
                which they stand in the packet. Every client event takes an acknowledgement: the \
                reply of its operation. `x-problems` lists the codes that it can be refused with.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {"snug": {
            "host": "{host}",
            "pathname": "/socket.io",
            "protocol": "wss",
            "description": "Where the app is, too.",
            "variables": {"host": {"default": "localhost:8443"}},
            "security": [
                {"$ref": "#/components/securitySchemes/cookie"},
                {"$ref": "#/components/securitySchemes/token"},
            ],
        }},
        "channels": {"socket": {
            "address": "/",
            "description": "A socket signs in by its cookie, by `auth` at connect (`x-connect`) or \
                by the event `authenticate` within 30 seconds. A bad token refuses the connection: \
                the `message` of `connect_error` is the code.",
            "messages": listed,
            "x-connect": {"auth": handshake},
        }},
        "operations": operations,
        "components": {
            "messages": messages,
            "schemas": schemas.0,
            "securitySchemes": {
                "cookie": {"type": "httpApiKey", "name": "__Host-session", "in": "cookie"},
                "token": {"type": "userPassword", "description": "`auth: {token}` at connect."},
            },
        },
    })
}

fn client_event(
    event: ClientEvent,
    messages: &mut Map<String, Value>,
    operations: &mut Map<String, Value>,
) {
    let (name, ack) = (event.name, format!("{}_ack", event.name));
    messages.insert(
        name.to_owned(),
        json!({"name": name, "summary": event.summary, "payload": event.payload}),
    );
    let done = json!({"allOf": [
        {"type": "object", "required": ["ok"], "properties": {"ok": {"const": true}}},
        event.reply,
    ]});
    let refused = json!({
        "type": "object",
        "required": ["ok", "error"],
        "properties": {"ok": {"const": false}, "error": {"allOf": [
            {"$ref": "#/components/schemas/Problem"},
            {"type": "object", "properties": {"code": {"enum": event.problems}}},
        ]}},
    });
    messages.insert(
        ack.clone(),
        json!({
            "name": ack,
            "summary": format!("Acknowledgement of `{name}`."),
            "payload": {"oneOf": [done, refused]},
            "x-problems": event.problems,
        }),
    );
    operations.insert(
        name.to_owned(),
        json!({
            "action": "receive",
            "summary": event.summary,
            "description": event.needs.sentence(),
            "channel": {"$ref": CHANNEL},
            "messages": [listed(name)],
            "reply": {"channel": {"$ref": CHANNEL}, "messages": [listed(&ack)]},
        }),
    );
}

fn server_event(
    event: ServerEvent,
    messages: &mut Map<String, Value>,
    operations: &mut Map<String, Value>,
) {
    // `message`, `read` and `typing` go both ways.
    let key = format!("on_{}", event.name);
    messages.insert(
        key.clone(),
        json!({"name": event.name, "summary": event.summary, "payload": event.payload}),
    );
    operations.insert(
        key.clone(),
        json!({
            "action": "send",
            "summary": event.summary,
            "channel": {"$ref": CHANNEL},
            "messages": [listed(&key)],
        }),
    );
}

fn listed(message: &str) -> Value {
    json!({"$ref": format!("{CHANNEL}/messages/{message}")})
}

fn reference(kind: &str, name: &str) -> Value {
    json!({"$ref": format!("#/components/{kind}/{name}")})
}

/// The named schemas that payloads refer to.
#[derive(Default)]
struct Schemas(Map<String, Value>);

impl Schemas {
    /// Adds a type with all that it is made of; the reference to it.
    fn add<T: ToSchema>(&mut self) -> Value {
        let name = T::name().into_owned();
        let schema = self.parts::<T>();
        self.0.insert(name.clone(), schema);
        reference("schemas", &name)
    }

    /// A type in place, without a name of its own.
    fn inline<T: ToSchema>(&mut self) -> Value {
        self.parts::<T>()
    }

    fn parts<T: ToSchema>(&mut self) -> Value {
        let mut found = Vec::new();
        T::schemas(&mut found);
        for (name, schema) in found {
            self.0.insert(name, json!(schema));
        }
        json!(T::schema())
    }
}

/// Who may send an event.
#[derive(Clone, Copy)]
enum Needs {
    Nothing,
    Session,
    Device,
}

impl Needs {
    const fn sentence(self) -> &'static str {
        match self {
            Self::Nothing => "Anybody may send it.",
            Self::Session => "Needs a socket that is signed in.",
            Self::Device => "Needs a socket that has proved its device.",
        }
    }

    /// What an event of this kind can be refused with, whatever it is.
    fn problems(self) -> Vec<Code> {
        let all = [
            Code::InvalidPayload,
            Code::QueueFull,
            Code::Internal,
            Code::Unavailable,
            Code::Unauthenticated,
            Code::DeviceRequired,
        ];
        let count = match self {
            Self::Nothing => 4,
            Self::Session => 5,
            Self::Device => 6,
        };
        all.into_iter().take(count).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::socket::{client, server};

    /// The names of the messages that go one way, as `action` says it.
    fn names(document: &Value, action: &str) -> BTreeSet<String> {
        let operations = document["operations"].as_object().unwrap();
        operations
            .values()
            .filter(|operation| operation["action"] == action)
            .map(|operation| {
                let reference = operation["messages"][0]["$ref"].as_str().unwrap();
                let listed = document.pointer(&reference[1..]).unwrap();
                let message = listed["$ref"].as_str().unwrap();
                let message = document.pointer(&message[1..]).unwrap();
                message["name"].as_str().unwrap().to_owned()
            })
            .collect()
    }

    #[test]
    fn every_event_is_in_it_and_no_other() {
        let document = document();
        let told = |all: &[&str]| all.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(names(&document, "receive"), told(&client::ALL));
        assert_eq!(names(&document, "send"), told(&server::ALL));
    }

    #[test]
    fn every_reference_leads_somewhere_and_every_schema_is_used() {
        let document = document();
        let mut found = BTreeSet::new();
        collect(&document, &mut found);
        for reference in &found {
            let target = document.pointer(&reference[1..]);
            assert!(target.is_some(), "{reference}");
        }
        for name in document["components"]["schemas"]
            .as_object()
            .unwrap()
            .keys()
        {
            let reference = format!("#/components/schemas/{name}");
            assert!(found.contains(&reference), "{name} is not used");
        }
    }

    #[test]
    fn attachments_are_told_from_base64() {
        let document = document();
        let payload = &document["components"]["messages"]["on_new_message"]["payload"];
        let loaded = &document["components"]["schemas"]["Envelope"]["properties"]["message"];
        assert_eq!(
            format(&document, &payload["properties"]["message"]),
            "binary"
        );
        assert_eq!(format(&document, loaded), "byte");
    }

    fn format(document: &Value, schema: &Value) -> String {
        let reference = schema["$ref"]
            .as_str()
            .or(schema["allOf"][0]["$ref"].as_str());
        let schema = reference.map_or(schema, |one| document.pointer(&one[1..]).unwrap());
        schema["format"].as_str().unwrap().to_owned()
    }

    fn collect(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(all) => {
                if let Some(reference) = all.get("$ref").and_then(Value::as_str) {
                    found.insert(reference.to_owned());
                }
                all.values().for_each(|one| collect(one, found));
            }
            Value::Array(all) => all.iter().for_each(|one| collect(one, found)),
            _ => {}
        }
    }
}
