//! Holds every reply that any test gets against the OpenAPI document.

use http::Method;
use serde_json::Value;

use crate::harness::Reply;

/// Fails a test whose reply has a status or a problem code that the document does not tell.
#[track_caller]
pub fn check(document: &Value, method: &Method, path: &str, reply: &Reply) {
    let Some(operation) = operation(document, method, path) else {
        assert!(
            [303, 404, 405, 200].contains(&reply.status),
            "{method} {path}"
        );
        return;
    };
    let told = &operation["responses"][reply.status.to_string()];
    assert!(
        told.is_object(),
        "{method} {path}: {} is not told of",
        reply.status
    );
    if reply
        .headers
        .get("content-type")
        .is_none_or(|kind| kind != "application/problem+json")
    {
        return;
    }
    let schema = &told["content"]["application/problem+json"]["schema"];
    let codes = schema["allOf"][1]["properties"]["code"]["enum"].as_array();
    assert!(
        codes.is_some_and(|codes| codes.contains(&reply.body["code"])),
        "{method} {path}: x-problems has no {}",
        reply.body["code"],
    );
}

/// The operation behind a request: literal segments before parameters, as the router does.
pub fn operation<'a>(document: &'a Value, method: &Method, path: &str) -> Option<&'a Value> {
    let paths = document["paths"].as_object()?;
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
