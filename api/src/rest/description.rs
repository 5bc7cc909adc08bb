//! The description of the REST API, finished: what holds for every operation is said once, here, and what
//! the generator gets wrong about our types is put right.

mod examples;
mod headers;
mod limits;
mod parts;

use actix_web::http::StatusCode;
use domain::consent::scope::Purpose;
use domain::identity::specialty::Specialty;
use domain::records::Category;
use serde_json::{Map, Value, json};

use self::parts::{list, members};
use super::idempotency;
use crate::refusal::answers;

/// What each tag is about; a test holds it against the operations.
const TAGS: &[(&str, &str)] = &[
    ("identity", "Registering, being verified, logging in, sessions."),
    ("consent", "Who may see a record, for what, and until when."),
    ("records", "Reports: announced, uploaded, listed, downloaded."),
    ("access", "Viewing: token, redeem, page; and who looked."),
    ("audit", "Every event, without a word of anybody's."),
    ("live", "What happens, as it happens."),
    ("log", "The signed log over every event: static files, for anybody."),
    ("proofs", "What a person can keep and have checked elsewhere: proofs, receipts, histories."),
    ("health", "How the service is doing, and what its codes mean."),
];

/// Schemas whose variants refuse members they do not know.
const STRICT_VARIANTS: [&str; 3] = ["ChoiceBody", "GranteeBody", "ScopeBody"];

/// Finishes what the generator made.
pub(super) fn finish(mut document: Value) -> Value {
    document["servers"] = json!([{ "url": "/", "description": "Where this was served from" }]);
    let tag =
        |(name, description): &(&str, &str)| json!({ "name": name, "description": description });
    document["tags"] = TAGS.iter().map(tag).collect();
    for (_, path) in members(&mut document["paths"]) {
        for (method, operation) in members(path) {
            finish_operation(method, operation);
        }
    }
    for (name, schema) in members(&mut document["components"]["schemas"]) {
        finish_schema(name, schema);
    }
    limits::say(&mut document);
    examples::give(&mut document);
    document["components"]["headers"] = headers::told();
    answers::say_once(&mut document, &|status| headers::of_answer(status, false, false));
    document
}

fn finish_operation(method: &str, operation: &mut Value) {
    split_summary(operation);
    let public = operation["security"] == json!([{}]);
    let has_body = operation.get("requestBody").is_some();
    let empty = Vec::new();
    let parameters = operation["parameters"].as_array().unwrap_or(&empty);
    let has = |place: &str| parameters.iter().any(|parameter| parameter["in"] == place);
    let keyed = parameters.iter().any(|parameter| parameter["name"] == idempotency::NAME);
    let (query, header, path) = (has("query"), has("header"), has("path"));
    let health = operation["tags"] == json!(["health"]);
    let tagged = method == "get" && is_json(&operation["responses"]["200"]);
    let refusals = [
        ("400", has_body || query || header),
        ("401", !public),
        ("403", !public),
        ("304", tagged),
        ("404", path),
        ("405", true),
        ("408", has_body),
        ("409", keyed),
        ("413", has_body),
        ("415", has_body),
        ("422", has_body || keyed),
        ("429", true),
        ("503", !health),
        ("5XX", !health),
    ];
    if let Some(responses) = operation["responses"].as_object_mut() {
        for (status, _) in refusals.iter().filter(|(_, said)| *said) {
            responses.entry(*status).or_insert_with(|| json!({}));
        }
        for (status, response) in responses {
            finish_response(status, response, health);
            let listed = is_listed(response);
            let carried = headers::of_answer(status, tagged, listed);
            let said = response["headers"].as_object().cloned().unwrap_or_default();
            response["headers"] = carried.into_iter().chain(said).collect();
        }
    }
    let known = operation["parameters"].as_array().cloned().unwrap_or_default();
    let more = headers::of_request(method != "get", public, tagged);
    if !known.is_empty() || !more.is_empty() {
        operation["parameters"] = known.into_iter().chain(more).collect();
    }
    for parameter in list(operation, "parameters") {
        never_null(&mut parameter["schema"]);
    }
}

fn is_json(response: &Value) -> bool {
    response["content"].get("application/json").is_some()
}

fn is_listed(response: &Value) -> bool {
    let schema = response["content"]["application/json"]["schema"]["$ref"].as_str();
    schema.is_some_and(|schema| schema.starts_with("#/components/schemas/Listed_"))
}

/// A first sentence, and the rest.
fn split_summary(operation: &mut Value) {
    let text = operation["summary"].as_str().unwrap_or_default().replace('\n', " ");
    let (summary, rest) = text.split_once(". ").unwrap_or((&text, ""));
    let more = operation["description"].as_str().unwrap_or_default();
    let description = format!("{rest} {more}").trim().to_owned();
    operation["summary"] = json!(summary.trim_end_matches('.'));
    if !description.is_empty() {
        operation["description"] = json!(description);
    }
}

fn finish_response(status: &str, response: &mut Value, health: bool) {
    let code = status.parse::<u16>().ok().and_then(|code| StatusCode::from_u16(code).ok());
    if response.get("description").is_none_or(|text| text == "") {
        let phrase = code.and_then(|code| code.canonical_reason());
        response["description"] = json!(phrase.unwrap_or_default());
    }
    let refusal = code.is_none_or(|code| code.as_u16() >= 400);
    let tells_readiness = health && code == Some(StatusCode::SERVICE_UNAVAILABLE);
    if refusal && !tells_readiness {
        let problem = json!({ "$ref": "#/components/schemas/Problem" });
        response["content"] = json!({ "application/problem+json": { "schema": problem } });
    }
}

fn finish_schema(name: &str, schema: &mut Value) {
    if let Some(entry) = name.strip_prefix("Listed_") {
        let entry = format!("#/components/schemas/{entry}");
        schema["properties"]["items"]["items"] = json!({ "$ref": entry });
    }
    if name == "PurposeCode" {
        schema["enum"] = Purpose::ALL.iter().map(|purpose| json!(purpose)).collect();
    }
    if name == "CategoryCode" {
        schema["enum"] = Category::ALL.iter().map(|category| json!(category)).collect();
    }
    if name == "SpecialtyCode" {
        schema["enum"] = Specialty::ALL.iter().map(|specialty| json!(specialty)).collect();
    }
    if STRICT_VARIANTS.contains(&name) {
        for variant in list(schema, "oneOf") {
            variant["additionalProperties"] = json!(false);
        }
    }
    properties_never_null(schema);
}

/// What is not there is left out: nothing is ever null.
fn properties_never_null(schema: &mut Value) {
    for part in list(schema, "allOf") {
        properties_never_null(part);
    }
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    properties.into_iter().flat_map(Map::values_mut).for_each(never_null);
}

fn never_null(schema: &mut Value) {
    if let Some(Value::Array(forms)) = schema.get_mut("oneOf") {
        forms.retain(|form| *form != json!({ "type": "null" }));
        if let [only] = forms.as_slice() {
            *schema = only.clone();
        }
        return;
    }
    let Some(Value::Array(types)) = schema.get_mut("type") else { return };
    types.retain(|name| name != "null");
    if let [only] = types.as_slice() {
        schema["type"] = only.clone();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_tag_is_told_and_every_told_one_is_used() {
        let document = crate::rest::openapi();
        let paths = document["paths"].as_object().unwrap().values();
        let operations = paths.flat_map(|path| path.as_object().unwrap().values());
        let tags = operations.flat_map(|operation| operation["tags"].as_array().unwrap());
        let used: BTreeSet<&str> = tags.filter_map(Value::as_str).collect();
        let told: BTreeSet<&str> = TAGS.iter().map(|(name, _)| *name).collect();
        assert_eq!(used, told);
    }
}
