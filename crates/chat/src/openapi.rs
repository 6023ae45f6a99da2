//! The OpenAPI document: what all routes have in common, and the words around them.

use protocol::Code;
use serde_json::{Value, json};
use service::openapi::{Common, Operation};
use utoipa::{
    Modify, OpenApi, ToSchema,
    openapi::{
        OpenApi as Document,
        security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme},
    },
};

/// What the handlers are added to.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Snug chat",
        description = "People, devices, rooms and their sealed logs. Live delivery goes over \
            Socket.IO at `/socket.io`: [`/api/asyncapi.json`](/api/asyncapi.json) tells its \
            events, docs/chat-api.md how the parts work together. Every refusal is a \
            problem (RFC 9457): decide by its `code`. `x-problems` lists the codes of an operation. \
            `/register`, `/login` and `/register/key` are other names of `/api/signup`, \
            `/api/login` and `/api/keys`, and `/api/messages/image` of `/api/files`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    tags(
        (name = "server", description = "What a client must know before anybody signs in."),
        (name = "sign-up", description = "From nothing to a complete account."),
        (name = "sessions", description = "Signing in and out; the fresh second factor."),
        (name = "factors", description = "Second factors, backup codes, remembered browsers."),
        (name = "account", description = "Profile, privacy, password, address; the end of it."),
        (name = "keys", description = "Account keys, devices and key packages."),
        (name = "archive", description = "What people keep for themselves, sealed."),
        (name = "people", description = "Search, requests, contacts, blocks."),
        (name = "rooms", description = "Rooms and their logs, for programs without a socket."),
        (name = "files", description = "Encrypted images and files."),
        (name = "admin", description = "Looking after accounts, for moderators and admins."),
    ),
    modifiers(&Security),
)]
struct Frame;

struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_default();
        let cookie = ApiKey::Cookie(ApiKeyValue::new(crate::session::COOKIE));
        components.add_security_scheme("cookie", SecurityScheme::ApiKey(cookie));
        let token = Http::new(HttpAuthScheme::Bearer);
        components.add_security_scheme("token", SecurityScheme::Http(token));
    }
}

/// The parts of a new room.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its description is wanted")]
pub struct RoomUpload {
    /// JSON: `room_id`, `kind`, `devices`.
    head: String,
    /// The MLS commit from epoch 0 to 1.
    #[schema(value_type = String, format = Binary)]
    commit: Vec<u8>,
    /// For the devices that it adds.
    #[schema(value_type = Option<String>, format = Binary)]
    welcome: Option<Vec<u8>>,
    /// The group info of epoch 1.
    #[schema(value_type = String, format = Binary)]
    group_info: Vec<u8>,
    /// The ratchet tree of epoch 1.
    #[schema(value_type = String, format = Binary)]
    tree: Vec<u8>,
}

/// The parts of a commit.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its description is wanted")]
pub struct CommitUpload {
    /// JSON: `client_id`, `devices`.
    head: String,
    /// The MLS commit.
    #[schema(value_type = String, format = Binary)]
    commit: Vec<u8>,
    /// For the devices that it adds.
    #[schema(value_type = Option<String>, format = Binary)]
    welcome: Option<Vec<u8>>,
    /// The group info of the next epoch.
    #[schema(value_type = String, format = Binary)]
    group_info: Vec<u8>,
}

/// The parts of a file.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its description is wanted")]
pub struct FileUpload {
    /// The ciphertext.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// The room that it belongs to.
    room_id: uuid::Uuid,
    /// With `message`: sends it at once.
    client_id: Option<uuid::Uuid>,
    /// The MLSMessage.
    #[schema(value_type = Option<String>, format = Binary)]
    message: Option<Vec<u8>>,
}

/// What the router starts from.
pub fn frame() -> Document {
    Frame::openapi()
}

/// The finished document of all routes.
///
/// # Errors
/// A handler names a problem code that there is none of.
pub fn finish(api: &Document) -> anyhow::Result<Value> {
    let mut document = service::openapi::finish(api, parameter, common)?;
    let paths = document["paths"].as_object_mut();
    for (_, item) in paths.into_iter().flatten() {
        let operations = item.as_object_mut().into_iter().flatten();
        for (_, operation) in operations {
            // Not by index: that would leave a null where there are none.
            let parameters = operation.get_mut("parameters");
            let parameters = parameters.and_then(Value::as_array_mut);
            for parameter in parameters.into_iter().flatten() {
                // Those that are no ids.
                if parameter["name"] == "seq" {
                    parameter["schema"] = json!({"type": "integer", "minimum": 1});
                } else if parameter["name"] == "hash" {
                    parameter["schema"] = json!({"type": "string"});
                } else if parameter["name"] == "step" {
                    parameter["schema"] = json!({"$ref": "#/components/schemas/LinkStep"});
                }
            }
        }
    }
    Ok(document)
}

fn parameter(about: Operation<'_>, name: &str) -> String {
    match name {
        "seq" => "The place in the room.",
        "hash" => "From the path in a profile.",
        "step" => "Which step.",
        _ if about.path.starts_with("/api/links") => "The link.",
        _ if about.path.starts_with("/api/rooms") => "The room.",
        _ if about.path.starts_with("/api/users") || about.path.starts_with("/api/admin") => {
            "The person."
        }
        _ => "Which one.",
    }
    .to_owned()
}

fn common(about: Operation<'_>) -> Common {
    let mut problems = vec![Code::RateLimited];
    if about.secured {
        problems.extend([Code::Unauthenticated, Code::SessionEnded]);
    }
    if about.method != "get" {
        problems.push(Code::ForbiddenOrigin);
    }
    Common {
        problems,
        ..Common::default()
    }
}
