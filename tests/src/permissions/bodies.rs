//! Bodies for the operations of the API, made of its description: what must be there, as its schema says.

use serde_json::{Map, Value, json};

/// Makes bodies of what a description says of them.
pub(super) struct Bodies<'a> {
    /// The description.
    pub(super) document: &'a Value,
    /// What stands for members of some names here: an address, a password, a report that there is.
    pub(super) known: Map<String, Value>,
}

impl Bodies<'_> {
    /// The smallest body that an operation takes as JSON; none if it takes none.
    pub(super) fn of(&self, operation: &Value) -> Option<Value> {
        let schema = operation.pointer("/requestBody/content/application~1json/schema")?;
        Some(self.value("the body", schema))
    }

    fn value(&self, name: &str, schema: &Value) -> Value {
        if let Some(known) = self.known.get(name) {
            return known.clone();
        }
        if let Some(place) = schema["$ref"].as_str() {
            let found = self.document.pointer(place.trim_start_matches('#'));
            return self.value(name, found.unwrap_or_else(|| panic!("{name}: no {place}")));
        }
        let given = ["/example", "/examples/0", "/enum/0"];
        if let Some(given) = given.iter().find_map(|at| schema.pointer(at)) {
            return given.clone();
        }
        if let Some(variant) = schema.pointer("/oneOf/0") {
            return self.value(name, variant);
        }
        match schema["type"].as_str() {
            Some("object") => self.object(schema),
            Some("array") => json!([self.value("an item", &schema["items"])]),
            Some("integer") => json!(schema["minimum"].as_u64().unwrap_or(0).max(1)),
            Some("boolean") => json!(false),
            Some("string") if schema["format"] == "date" => json!("2000-01-01"),
            Some("string") if schema.get("format").is_none() => json!("Text"),
            _ => panic!("{name}: give its schema an example, or say what stands for it: {schema}"),
        }
    }

    fn object(&self, schema: &Value) -> Value {
        let required = schema["required"].as_array().into_iter().flatten();
        let member = |name: &str| (name.to_owned(), self.value(name, &schema["properties"][name]));
        Value::Object(required.filter_map(Value::as_str).map(member).collect())
    }
}
