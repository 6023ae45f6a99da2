//! The OpenAPI document: whole, sound, open to all, and true: every reply that any test gets is
//! held against it (see `support/documented.rs`).

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::Server;

/// Every operation of the document: method, path, description.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            all.push((method.clone(), path.clone(), operation.clone()));
        }
    }
    all
}

#[tokio::test]
async fn the_document_and_its_page_are_open_to_all() {
    let server = Server::start().await;
    let fetch = async |path: &str| {
        let request = server.request(reqwest::Method::GET, path);
        request.send().await.unwrap()
    };
    let reply = fetch("/api/openapi.json").await;
    assert_eq!(reply.status(), 200);
    let served: Value = reply.json().await.unwrap();
    assert_eq!(served, chat::document().unwrap());
    let page = fetch("/api/docs/").await;
    assert_eq!(page.status(), 200);
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'"), "{policy}");
    let script = fetch("/api/docs/swagger-initializer.js").await;
    assert!(script.text().await.unwrap().contains("/api/openapi.json"));
}

#[test]
fn every_operation_says_what_it_is() {
    let document = chat::document().unwrap();
    let all = operations(&document);
    assert!(all.len() > 60, "{}", all.len());
    let tags: Vec<&Value> = document["tags"].as_array().unwrap().iter().collect();
    let mut ids = BTreeSet::new();
    for (method, path, operation) in &all {
        let id = operation["operationId"].as_str().unwrap();
        assert!(ids.insert(id.to_owned()), "{id} twice");
        let summary = operation["summary"].as_str().unwrap_or_default();
        assert!(!summary.is_empty(), "{method} {path}: no summary");
        let tag = &operation["tags"][0];
        assert!(tags.iter().any(|one| &one["name"] == tag), "{path}: {tag}");
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = chat::document().unwrap();
    let mut references = BTreeSet::new();
    collect(&document, &mut references);
    assert!(references.len() > 40);
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

fn collect(value: &Value, references: &mut BTreeSet<String>) {
    match value {
        Value::Object(all) => {
            if let Some(reference) = all.get("$ref").and_then(Value::as_str) {
                references.insert(reference.to_owned());
            }
            all.values().for_each(|one| collect(one, references));
        }
        Value::Array(all) => all.iter().for_each(|one| collect(one, references)),
        _ => {}
    }
}
