//! Headers, as the description tells of them: which requests may carry and which answers do carry what.

use serde_json::{Map, Value, json};

/// Every header of an answer that is not said by its operation alone: name, what it says, an example.
const ANSWERED: [(&str, &str, &str); 8] = [
    ("Allow", "The methods that this address takes.", "GET, HEAD"),
    (
        "ETag",
        "Stands for this answer: send it as If-None-Match, or as If-Match.",
        "\"9f86d081884c7d65\"",
    ),
    (
        "Link",
        "The address of the next page, where there is one.",
        "</api/v1/doctors?cursor=x>; rel=\"next\"",
    ),
    (
        "RateLimit",
        "How many more requests may come at once from where this one came; at 0 also for how many seconds.",
        "\"requests\";r=999",
    ),
    (
        "RateLimit-Policy",
        "How many may come at once, and in how many seconds they come together again.",
        "\"requests\";q=1000;w=10",
    ),
    ("Retry-After", "Seconds to wait.", "5"),
    ("WWW-Authenticate", "How machines say who they are.", "Bearer"),
    ("Content-Range", "How many bytes there are, or which of them these are.", "bytes */1000"),
];

/// The headers, told once among the components.
pub(super) fn told() -> Value {
    let told = ANSWERED.iter().map(|(name, says, example)| {
        let header =
            json!({ "description": says, "schema": { "type": "string" }, "example": example });
        ((*name).to_owned(), header)
    });
    Value::Object(told.collect())
}

/// The headers of an answer with this status, as references.
pub(super) fn of_answer(status: &str, read: bool, listed: bool) -> Map<String, Value> {
    let mut names = vec!["RateLimit", "RateLimit-Policy"];
    match status {
        "200" if read => names.push("ETag"),
        "206" => names.extend(["ETag", "Content-Range"]),
        "304" => names.push("ETag"),
        "401" => names.push("WWW-Authenticate"),
        "405" => names.push("Allow"),
        "416" => names.push("Content-Range"),
        "429" | "503" => names.push("Retry-After"),
        _ => {}
    }
    if listed {
        names.push("Link");
    }
    let reference = |name: &str| json!({ "$ref": format!("#/components/headers/{name}") });
    names.into_iter().map(|name| (name.to_owned(), reference(name))).collect()
}

/// What requests of an operation may carry beside what it says itself.
pub(super) fn of_request(changes: bool, public: bool, tagged: bool) -> Vec<Value> {
    let header = |name: &str, says: &str| {
        json!({
            "name": name, "in": "header", "required": false, "description": says,
            "schema": { "type": "string" },
        })
    };
    let mut headers = Vec::new();
    if changes && !public {
        let says = "Browsers: the csrf_token of the log-in. Machines with a token send none.";
        headers.push(header("X-CSRF-Token", says));
    }
    if tagged {
        headers
            .push(header("If-None-Match", "ETags that are there already: 304 if one still stands"));
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_header_that_is_told_is_answered_by_something() {
        let all: Map<String, Value> =
            (200..600).flat_map(|status| of_answer(&status.to_string(), true, true)).collect();
        for (name, ..) in ANSWERED {
            assert!(all.contains_key(name), "{name}");
        }
        assert_eq!(all.len(), ANSWERED.len());
    }
}
