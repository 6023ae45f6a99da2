//! Holds every reply that any test gets against the OpenAPI document.

use std::sync::LazyLock;

use reqwest::Method;
use serde_json::Value;

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| chat::document().unwrap());

/// Fails a test whose reply has a status or a problem code that the document does not tell.
#[track_caller]
pub fn check(method: &Method, path: &str, (status, body): &(u16, Value)) {
    let path = path.split('?').next().unwrap_or_default();
    let Some(operation) = operation(method, path) else {
        return;
    };
    let told = &operation["responses"][status.to_string()];
    assert!(
        told.is_object(),
        "{method} {path}: {status} is not told of: {body}"
    );
    if *status < 400 {
        return;
    }
    let schema = &told["content"]["application/problem+json"]["schema"];
    let codes = schema["allOf"][1]["properties"]["code"]["enum"].as_array();
    assert!(
        codes.is_some_and(|codes| codes.contains(&body["code"])),
        "{method} {path}: x-problems has no {}",
        body["code"],
    );
}

/// The operation behind a request: literal segments before parameters, as the router does.
fn operation(method: &Method, path: &str) -> Option<&'static Value> {
    let paths = DOCUMENT["paths"].as_object()?;
    let method = method.as_str().to_lowercase();
    let fits = |template: &str| {
        template.split('/').count() == path.split('/').count()
            && template
                .split('/')
                .zip(path.split('/'))
                .all(|(wanted, given)| {
                    wanted == given || wanted.starts_with('{') && !given.is_empty()
                })
    };
    paths
        .iter()
        .filter(|(template, _)| fits(template))
        .min_by_key(|(template, _)| template.matches('{').count())
        .and_then(|(_, item)| item.get(&method))
}
