//! Completes a document: path parameters, and one response for each status with its problem codes.

use protocol::Code;
use serde_json::{Map, Value, json};
use utoipa::{PartialSchema, ToSchema, openapi::OpenApi};

/// The methods that a path item of OpenAPI 3.1 has.
const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// One operation, as a server's own rules see it.
#[derive(Clone, Copy, Debug)]
pub struct Operation<'a> {
    /// `get`, `post`, …
    pub method: &'a str,
    /// As in the router: `/v1/accounts/{id}`.
    pub path: &'a str,
    /// Whether it asks for credentials.
    pub secured: bool,
}

/// What a server adds to an operation of a kind.
#[derive(Clone, Debug, Default)]
pub struct Common {
    /// Problems that every such operation may answer.
    pub problems: Vec<Code>,
    /// Parameter objects, as OpenAPI writes them.
    pub parameters: Vec<Value>,
    /// Kept for a name that another one replaced.
    pub deprecated: bool,
}

/// The finished document. `parameter` says what a name inside a path stands for; `common` what all
/// operations of a kind share.
///
/// # Errors
/// A handler names a problem code that there is none of.
pub fn finish(
    api: &OpenApi,
    parameter: impl Fn(Operation<'_>, &str) -> String,
    common: impl Fn(Operation<'_>) -> Common,
) -> anyhow::Result<Value> {
    let mut document = serde_json::to_value(api)?;
    add_schemas(&mut document)?;
    let paths = document["paths"].as_object_mut();
    for (path, item) in paths.into_iter().flatten() {
        for method in METHODS {
            let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) else {
                continue;
            };
            let secured = operation.contains_key("security");
            let about = Operation {
                method,
                path,
                secured,
            };
            let shared = common(about);
            parameters(operation, about, &parameter, shared.parameters);
            if shared.deprecated {
                operation.insert("deprecated".to_owned(), true.into());
            }
            problems(operation, path, shared.problems)?;
        }
    }
    plain_links(&mut document);
    Ok(document)
}

fn add_schemas(document: &mut Value) -> anyhow::Result<()> {
    let mut schemas = Vec::new();
    protocol::Problem::schemas(&mut schemas);
    schemas.push(("Problem".to_owned(), protocol::Problem::schema()));
    for (name, schema) in schemas {
        document["components"]["schemas"][name] = serde_json::to_value(schema)?;
    }
    Ok(())
}

/// Everything inside a path is a UUID; what the macro guessed from argument names is dropped.
fn parameters(
    operation: &mut Map<String, Value>,
    about: Operation<'_>,
    describe: impl Fn(Operation<'_>, &str) -> String,
    shared: Vec<Value>,
) {
    let declared = operation.remove("parameters");
    let declared = declared.as_ref().and_then(Value::as_array);
    let inside = names(about.path).map(|name| {
        json!({
            "name": name,
            "in": "path",
            "required": true,
            "description": describe(about, name),
            "schema": {"type": "string", "format": "uuid"},
        })
    });
    let declared = declared.into_iter().flatten();
    let others = declared.filter(|one| one["in"] != "path").cloned();
    let all: Vec<Value> = inside.chain(others).chain(shared).collect();
    if !all.is_empty() {
        operation.insert("parameters".to_owned(), all.into());
    }
}

fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

fn problems(
    operation: &mut Map<String, Value>,
    path: &str,
    shared: Vec<Code>,
) -> anyhow::Result<()> {
    let own = operation.get("x-problems").cloned().unwrap_or(json!([]));
    let mut codes: Vec<Code> = serde_json::from_value(own)?;
    anyhow::ensure!(!codes.contains(&Code::Unknown), "{path}: an unknown code");
    codes.extend(shared);
    let body = operation.get("requestBody");
    if body.is_some_and(|body| body["content"]["application/json"].is_object()) {
        codes.extend([
            Code::MalformedJson,
            Code::InvalidBody,
            Code::UnsupportedMediaType,
            Code::BodyTooLarge,
        ]);
    }
    if names(path).next().is_some() {
        codes.push(Code::NotFound);
    }
    codes.extend([Code::Internal, Code::Unavailable, Code::Timeout]);
    codes.sort_by_key(|code| (code.status(), code.as_str()));
    codes.dedup();
    operation.insert("x-problems".to_owned(), json!(codes));
    let responses = &mut operation["responses"];
    for same in codes.chunk_by(|a, b| a.status() == b.status()) {
        let response = &mut responses[same[0].status().to_string()];
        let told = response["description"].as_str().unwrap_or_default();
        let text = same
            .iter()
            .map(|code| format!("`{}`: {}.", code.as_str(), code.title()));
        let text: Vec<String> = Some(told.to_owned())
            .filter(|told| !told.is_empty())
            .into_iter()
            .chain(text)
            .collect();
        response["description"] = text.join("\n\n").into();
        response["content"]["application/problem+json"]["schema"] = json!({"allOf": [
            {"$ref": "#/components/schemas/Problem"},
            {"type": "object", "properties": {"code": {"enum": same}}},
        ]});
        if [429, 503].contains(&same[0].status()) {
            response["headers"]["Retry-After"] = json!({
                "description": "Seconds after which a repeat makes sense.",
                "schema": {"type": "integer", "minimum": 0},
            });
        }
    }
    for (status, response) in responses.as_object_mut().into_iter().flatten() {
        if response["description"]
            .as_str()
            .unwrap_or_default()
            .is_empty()
        {
            response["description"] = reason(status).into();
        }
    }
    Ok(())
}

fn reason(status: &str) -> &'static str {
    let status = status.parse().ok();
    status
        .and_then(|status| http::StatusCode::from_u16(status).ok())
        .and_then(|status| status.canonical_reason())
        .unwrap_or("As described")
}

/// Comments name types as rustdoc links: without the brackets they read well anywhere.
fn plain_links(value: &mut Value) {
    match value {
        Value::String(text) if text.contains("[`") => {
            *text = text.replace("[`", "`").replace("`]", "`");
        }
        Value::Array(all) => all.iter_mut().for_each(plain_links),
        Value::Object(all) => all.values_mut().for_each(plain_links),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows [`Thing`]s.
    #[utoipa::path(get, path = "/things/{id}", security(("token" = [])),
        responses((status = 200, body = String)),
        extensions(("x-problems" = json!([Code::Locked, Code::RateLimited]))))]
    #[expect(dead_code, reason = "only its description is wanted")]
    fn show() {}

    #[derive(utoipa::OpenApi)]
    #[openapi(paths(show))]
    struct Api;

    #[test]
    fn a_document_tells_every_status_with_its_codes() {
        let common = |about: Operation<'_>| Common {
            problems: about
                .secured
                .then_some(Code::Forbidden)
                .into_iter()
                .collect(),
            deprecated: true,
            ..Common::default()
        };
        let api = <Api as utoipa::OpenApi>::openapi();
        let document = finish(&api, |_, name| format!("The {name}."), common).unwrap();
        let show = &document["paths"]["/things/{id}"]["get"];
        assert_eq!(show["summary"], "Shows `Thing`s.");
        assert_eq!(show["deprecated"], true);
        assert_eq!(show["parameters"][0]["description"], "The id.");
        let codes = |status: &str| {
            let content = &show["responses"][status]["content"]["application/problem+json"];
            content["schema"]["allOf"][1]["properties"]["code"]["enum"].clone()
        };
        assert_eq!(codes("429"), json!(["locked", "rate-limited"]));
        assert_eq!(codes("403"), json!(["forbidden"]));
        assert_eq!(codes("404"), json!(["not-found"]));
        assert_eq!(show["responses"]["200"]["description"], "OK");
        assert_eq!(show["responses"]["413"], Value::Null);
        let all = &document["components"]["schemas"]["Code"]["enum"];
        assert_eq!(all.as_array().unwrap().len(), Code::ALL.len());
    }
}
