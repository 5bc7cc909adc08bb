//! Limits and forms of what stands in bodies and addresses, where its own type does not say them: by its
//! name, which means one thing wherever it stands.

use serde_json::{Value, json};

use super::parts::{list, members};

/// What a text is like.
#[derive(Clone, Copy)]
enum Form {
    /// At most so many characters.
    Chars(u64),
    /// Of this form (ECMA-262).
    Pattern(&'static str),
    /// Of a registered format.
    Format(&'static str),
    /// One of these.
    OneOf(&'static [&'static str]),
}

use Form::{Chars, Format, OneOf, Pattern};

/// Stable codes.
const CODE: Form = Pattern("^[a-z][a-z0-9_]*$");
/// What is sealed, or drawn by chance, and written for addresses and headers.
const SEALED: Form = Pattern("^[A-Za-z0-9_.-]+$");
/// What somebody is called, or calls something: one line.
const LINE: Form = Chars(200);
/// What we say in words: names and titles are at most a [`LINE`] each.
const WORDS: Form = Chars(4_000);

/// Texts by the name of their member. The first row that fits counts: those of one schema stand first.
const TEXTS: &[(Option<&str>, &str, Form)] = &[
    (Some("ProblemPage"), "next", WORDS),
    (Some("ProblemPage"), "retry", CODE),
    (Some("ProblemPage"), "metadata", LINE),
    (Some("Problem"), "type", Format("uri-reference")),
    (Some("TrailLine"), "type", Pattern("^[a-z_]+\\.[a-z_]+\\.v[0-9]+$")),
    (Some("JobLine"), "health", OneOf(&["ok", "waiting", "unwell"])),
    (Some("StandingChange"), "note", Chars(1_000)),
    (Some("SecretText"), "", Chars(1_000)),
    (None, "access_token", SEALED),
    (None, "anchor", LINE),
    (None, "checkpoint", Chars(131_072)),
    (None, "actor", Pattern("^[A-Za-z0-9:-]+$")),
    (None, "challenge", Format("uuid")),
    (None, "code", CODE),
    (None, "csrf_token", SEALED),
    (None, "cursor", SEALED),
    (None, "detail", WORDS),
    (None, "email", Chars(254)),
    (None, "ended", CODE),
    (None, "ended_rule", CODE),
    (None, "engine", LINE),
    (None, "event", Format("uuid")),
    (None, "first_page", Format("uri-reference")),
    (None, "grantee_name", LINE),
    (None, "hash", Pattern("^[0-9a-f]{64}$")),
    (None, "instance", Format("uri")),
    (None, "issuer", LINE),
    (None, "codes", Pattern("^[a-z2-9-]+$")),
    (None, "key", Pattern("^[A-Z2-7]+$")),
    (None, "licence", LINE),
    (None, "media_type", Chars(100)),
    (None, "missing", CODE),
    (None, "name", LINE),
    (None, "next", SEALED),
    (None, "note", Chars(1_000)),
    (None, "picture", Chars(131_072)),
    (None, "pointer", Format("json-pointer")),
    (None, "refresh_token", SEALED),
    (None, "rule", CODE),
    (None, "sentence", WORDS),
    (None, "specialty_text", LINE),
    (None, "stream", Pattern("^[A-Za-z0-9-]+$")),
    (None, "ticket", SEALED),
    (None, "title", LINE),
    (None, "token", SEALED),
    (None, "trace_id", Pattern("^[0-9a-f]*$")),
    (None, "type", Pattern("^[A-Za-z0-9_.]+$")),
    (None, "uploaded_by_name", LINE),
    (None, "uri", Format("uri")),
    (None, "what", LINE),
];

/// Lists by the name of their member: most entries.
const LISTS: &[(&str, u64)] = &[
    ("against", 10_000),
    ("categories", 8),
    ("codes", 10),
    ("consents", 10_000),
    ("errors", 100),
    ("items", 200),
    ("jobs", 100),
    ("lossy", 100),
    ("metadata", 20),
    ("missing", 20),
    ("opens", 10_000),
    ("receipts", 100),
    ("reports", 200),
];

/// The largest whole number that every JSON parser reads as it is, and that the log can hold.
const INTEGER_MAX: u64 = (1 << 53) - 1;

/// Says every limit that is not said yet.
pub(super) fn say(document: &mut Value) {
    for (name, schema) in members(&mut document["components"]["schemas"]) {
        limit(name, "", schema);
    }
    for (_, path) in members(&mut document["paths"]) {
        for (_, operation) in members(path) {
            for parameter in list(operation, "parameters") {
                let in_address = parameter["in"] == "path" || parameter["in"] == "query";
                if let (true, Some(name)) = (in_address, parameter["name"].as_str()) {
                    let name = name.to_owned();
                    limit("", &name, &mut parameter["schema"]);
                }
            }
        }
    }
}

fn limit(of: &str, member: &str, schema: &mut Value) {
    match schema.get("type").and_then(Value::as_str) {
        Some("string") => text(of, member, schema),
        Some("integer") => number(schema),
        Some("array") => {
            let most = LISTS.iter().find(|(name, _)| *name == member);
            if let (Some((_, most)), None) = (most, schema.get("maxItems")) {
                schema["maxItems"] = json!(most);
            }
        }
        Some(_) | None => {}
    }
    if let Some(items) = schema.get_mut("items") {
        limit(of, member, items);
    }
    if let Some(properties) = schema.get_mut("properties") {
        for (name, property) in members(properties) {
            limit(of, name, property);
        }
    }
    for several in ["oneOf", "allOf", "anyOf"] {
        for part in list(schema, several) {
            limit(of, member, part);
        }
    }
}

fn text(of: &str, member: &str, schema: &mut Value) {
    if is_limited(schema) {
        return;
    }
    let row = TEXTS
        .iter()
        .find(|(schema, name, _)| *name == member && schema.is_none_or(|schema| schema == of));
    match row.map(|(_, _, form)| *form) {
        Some(Chars(most)) => schema["maxLength"] = json!(most),
        Some(Pattern(pattern)) => schema["pattern"] = json!(pattern),
        Some(Format(format)) => schema["format"] = json!(format),
        Some(OneOf(words)) => schema["enum"] = json!(words),
        None => {}
    }
}

/// Whether a text's own type says what it is like.
fn is_limited(schema: &Value) -> bool {
    ["maxLength", "pattern", "format", "enum"].iter().any(|name| schema.get(name).is_some())
}

fn number(schema: &mut Value) {
    if schema.get("maximum").is_some() {
        return;
    }
    // Ours have no sign: the generator calls 32 bits of them by the name of those that have one.
    let short = schema["format"] == "int32";
    schema["format"] = json!("int64");
    schema["maximum"] = json!(if short { u64::from(u32::MAX) } else { INTEGER_MAX });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What others say (an operating system, a witness, an anchor) is as long as they make it, and is read by
    /// whoever runs the house.
    const AS_OTHERS_SAY: [&str; 8] = [
        "anchors",
        "descriptors",
        "event_store",
        "read_models",
        "report_files",
        "transparency_log",
        "why",
        "witnesses",
    ];

    fn unlimited(place: &str, schema: &Value, found: &mut Vec<String>) {
        let has = |name: &str| schema.get(name).is_some();
        let fits = match schema["type"].as_str() {
            Some("string") => is_limited(schema),
            Some("integer") => has("minimum") && has("maximum"),
            Some("array") => has("maxItems"),
            Some("object" | "boolean") => true,
            _ => ["$ref", "oneOf", "allOf", "anyOf"].into_iter().any(has),
        };
        let exempt = AS_OTHERS_SAY.iter().any(|name| place.ends_with(&format!(".{name}")));
        if !fits && !exempt {
            found.push(place.to_owned());
        }
        let empty = serde_json::Map::new();
        for (name, property) in schema["properties"].as_object().unwrap_or(&empty) {
            unlimited(&format!("{place}.{name}"), property, found);
        }
        if has("items") {
            unlimited(place, &schema["items"], found);
        }
        for several in ["oneOf", "allOf", "anyOf"] {
            for part in schema[several].as_array().into_iter().flatten() {
                unlimited(place, part, found);
            }
        }
    }

    #[test]
    fn everything_in_a_body_or_an_address_has_a_limit_or_a_form() {
        let document = crate::rest::openapi();
        let mut found = Vec::new();
        for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
            unlimited(name, schema, &mut found);
        }
        for (path, operations) in document["paths"].as_object().unwrap() {
            for operation in operations.as_object().unwrap().values() {
                for parameter in operation["parameters"].as_array().into_iter().flatten() {
                    if parameter["in"] != "header" {
                        let place = format!("{path} {}", parameter["name"]);
                        unlimited(&place, &parameter["schema"], &mut found);
                    }
                }
            }
        }
        assert!(found.is_empty(), "{found:#?}");
    }

    #[test]
    fn every_row_limits_something() {
        let document = crate::rest::openapi().to_string();
        let names =
            TEXTS.iter().map(|(_, name, _)| *name).chain(LISTS.iter().map(|(name, _)| *name));
        for name in names.filter(|name| !name.is_empty()) {
            let told = [format!("\"{name}\":{{"), format!("\"name\":\"{name}\"")];
            assert!(told.iter().any(|told| document.contains(told)), "{name}");
        }
    }
}
