//! The OpenAPI document: what all routes have in common, and the words around them.

use protocol::Code;
use serde_json::{Value, json};
use service::openapi::{Common, Operation};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        OpenApi as Document,
        security::{ClientCredentials, Flow, OAuth2, Scopes, SecurityScheme},
    },
};

/// What the handlers are added to.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Snug MFA",
        description = "Accounts, second factors, challenges and signed assertions for applications. \
            Every refusal is a problem (RFC 9457): decide by its `code`. `x-problems` lists the \
            codes of an operation.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    tags(
        (name = "accounts", description = "Sign-up and the addresses that accounts prove."),
        (name = "passwords", description = "Passwords that are forgotten or changed."),
        (name = "factors", description = "Second factors and recovery codes."),
        (name = "remembered devices", description = "Browsers and apps in which the password is \
            enough for a while."),
        (name = "logins", description = "The first factor."),
        (name = "challenges", description = "The second factor, for a login or as step-up."),
        (name = "audit", description = "What happened, in a chain of hashes."),
        (name = "notifications", description = "Messages in an application's own words."),
        (name = "service", description = "Tokens, keys and health: open to all."),
        (name = "aliases", description = "Names of older interfaces, each a thin cover over `/v1`, \
            kept so that their callers need not change. Unlike there, the client must say who it \
            is: open endpoints would let anybody guess codes and make accounts. Use `/v1` in new \
            code."),
    ),
    modifiers(&Security),
)]
struct Frame;

struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut Document) {
        let scopes = Scopes::from_iter([
            ("accounts", "Make and change accounts and factors."),
            ("challenges", "Log people in and ask for second factors."),
            (
                "notify",
                "Send people messages in the application's own words.",
            ),
            ("admin", "What operators may do."),
        ]);
        let flow = Flow::ClientCredentials(ClientCredentials::new("/oauth/token", scopes));
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::OAuth2(OAuth2::new([flow])));
        let certificate = SecurityScheme::MutualTls {
            description: Some(
                "A client certificate with one URI SAN, `spiffe://snug/<client>`. It has all \
                 scopes of the application."
                    .to_owned(),
            ),
            deprecated: None,
            extensions: None,
        };
        components.add_security_scheme("certificate", certificate);
    }
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
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    let items = paths.filter_map(|(_, item)| item.as_object_mut());
    for operation in items.flat_map(|item| item.values_mut()) {
        // A certificate opens whatever a token opens.
        if let Some(Value::Array(security)) = operation.get_mut("security") {
            security.push(json!({"certificate": []}));
        }
    }
    Ok(document)
}

fn parameter(about: Operation<'_>, name: &str) -> String {
    match name {
        "factor_id" => "The factor.",
        "device_id" => "The device.",
        _ if about.path.starts_with("/v1/accounts") => "The account.",
        _ if about.path.starts_with("/v1/challenges") => "The challenge.",
        _ if about.path.starts_with("/v1/notifications") => "The message.",
        _ if about.path.starts_with("/v1/password-resets") => "The reset.",
        _ if about.path.starts_with("/v1/passkey-logins") => "The login.",
        _ => "Which one.",
    }
    .to_owned()
}

fn common(about: Operation<'_>) -> Common {
    let mut common = Common {
        deprecated: about.secured && !about.path.starts_with("/v1/"),
        ..Common::default()
    };
    if about.secured {
        common.problems.extend([
            Code::ClientRequired,
            Code::Forbidden,
            Code::BadRequest,
            Code::RateLimited,
        ]);
        common.parameters.push(json!({
            "name": "X-Client-Address",
            "in": "header",
            "description": "The address of the person's own machine, as the application saw it: \
                limits and locks count by it.",
            "schema": {"type": "string", "anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]},
        }));
    }
    if about.secured && about.method == "post" {
        common.problems.extend([
            Code::RequestInProgress,
            Code::IdempotencyKeyReused,
            Code::BodyTooLarge,
        ]);
        common.parameters.push(json!({
            "name": "Idempotency-Key",
            "in": "header",
            "description": "A repeat with the same key and body gets the stored reply.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
        }));
    }
    common
}
