//! The table in the description of the API: the answer of each status is said once, with all its codes, and
//! every operation points to it.

use actix_web::http::StatusCode;
use serde_json::{Map, Value, json};

use super::{RefusalRow, table};

/// The media type of a problem.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// Says the answers of the table once, among the components, where each operation's refusals point.
pub(crate) fn say_once(document: &mut Value, headers: &dyn Fn(&str) -> Map<String, Value>) {
    let mut said = Vec::new();
    for operation in operations(document) {
        for (status, answer) in members(&mut operation["responses"]) {
            if answer["content"].get(PROBLEM_JSON).is_some() && !codes(status).is_empty() {
                *answer = json!({ "$ref": format!("#/components/responses/{status}") });
                said.push(status.clone());
            }
        }
    }
    said.sort_unstable();
    said.dedup();
    for status in said {
        let mut answer = answer(&status);
        answer["headers"] = headers(&status).into();
        document["components"]["responses"][&status] = answer;
    }
}

fn members(value: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    value.as_object_mut().into_iter().flatten()
}

fn operations(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    let paths = members(&mut document["paths"]);
    paths.flat_map(|(_, path)| members(path)).map(|(_, operation)| operation)
}

/// The rows that answer with this status, or, as in `5XX`, with one of its class; but for those that only
/// the command line meets.
fn codes(status: &str) -> Vec<RefusalRow> {
    let digits = status.trim_end_matches('X');
    let of_the_log = commands::log_rejections();
    let mut rows = table();
    rows.retain(|row| {
        let asked_by_rest = of_the_log.iter().all(|no| no.code != row.code);
        asked_by_rest && row.status.as_str().starts_with(digits)
    });
    rows
}

fn answer(status: &str) -> Value {
    let phrase = status.parse().ok().and_then(|status| StatusCode::from_u16(status).ok());
    let phrase = phrase.and_then(|status| status.canonical_reason());
    let phrase = phrase.unwrap_or("It cannot be done now; the code says why");
    let line = |row: RefusalRow| format!("\n- `{}`: {}", row.code, row.in_words());
    let lines: String = codes(status).into_iter().map(line).collect();
    let problem = json!({ "$ref": "#/components/schemas/Problem" });
    json!({
        "description": format!("{phrase}\n{lines}"),
        "content": { PROBLEM_JSON: { "schema": problem } },
    })
}
