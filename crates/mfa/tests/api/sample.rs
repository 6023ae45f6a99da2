//! Bodies made from the document's schemas, so that tests can ask on every route.

use serde_json::{Map, Value, json};

/// The operation's example of a body; `None` when it takes none.
pub fn example(document: &Value, operation: &Value) -> Option<Value> {
    let schema = body_schema(document, operation)?;
    let example = schema.get("example").or(schema.pointer("/examples/0"));
    Some(
        example
            .unwrap_or_else(|| panic!("{}: its body has no example", operation["operationId"]))
            .clone(),
    )
}

/// A body with what is required, and every member named in `ids`, by id.
pub fn smallest(document: &Value, operation: &Value, ids: &[(&str, &str)]) -> Option<Value> {
    let schema = body_schema(document, operation)?;
    let example = example(document, operation)?;
    let properties = schema["properties"]
        .as_object()
        .cloned()
        .unwrap_or_default();
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let mut body = Map::new();
    for (name, schema) in &properties {
        if let Some((_, id)) = ids.iter().find(|(named, _)| named == name) {
            body.insert(name.clone(), json!(id));
        } else if required.iter().any(|one| one == name) {
            let given = example.get(name).cloned();
            body.insert(
                name.clone(),
                given.unwrap_or_else(|| value(document, schema)),
            );
        }
    }
    Some(body.into())
}

/// The members of the body that name a row by id.
pub fn ids_in_body(document: &Value, operation: &Value) -> Vec<String> {
    let schema = body_schema(document, operation).unwrap_or_default();
    let properties = schema["properties"]
        .as_object()
        .cloned()
        .unwrap_or_default();
    properties
        .keys()
        .filter(|name| name.ends_with("_id") && *name != "client_id")
        .cloned()
        .collect()
}

fn body_schema(document: &Value, operation: &Value) -> Option<Value> {
    let content = operation["requestBody"]["content"].as_object()?;
    let json = content.get("application/json")?;
    Some(resolve(document, &json["schema"]).clone())
}

fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str().and_then(|to| to.strip_prefix('#')) {
        Some(pointer) => resolve(document, document.pointer(pointer).unwrap()),
        None => schema,
    }
}

fn value(document: &Value, schema: &Value) -> Value {
    let schema = resolve(document, schema);
    if let Some(first) = schema
        .pointer("/enum/0")
        .or(schema.pointer("/oneOf/0/enum/0"))
    {
        return first.clone();
    }
    match schema["type"].as_str() {
        Some("string") => json!("text"),
        Some("integer" | "number") => json!(1),
        Some("boolean") => json!(true),
        Some("array") => json!([]),
        _ => json!({}),
    }
}
