//! The documents made of the code are up to date, and the description of the API is whole.

use std::collections::BTreeSet;

use serde_json::Value;
use tests::documents::{file, openapi, problems, settings};
use tests::permissions::permissions;

const AGAIN: &str = "write it anew: cargo run --package tests --features write --example golden";

#[test]
fn the_description_of_the_api_is_up_to_date() {
    let written = std::fs::read_to_string(file("openapi.json")).unwrap_or_default();
    assert!(written == openapi(), "docs/openapi.json is not up to date; {AGAIN}");
}

#[test]
fn the_page_of_the_settings_is_up_to_date() {
    let written = std::fs::read_to_string(file("settings.md")).unwrap_or_default();
    assert_eq!(written, settings(), "{AGAIN}");
}

#[test]
fn the_list_of_problem_codes_is_up_to_date() {
    let written = std::fs::read_to_string(file("problems.md")).unwrap_or_default();
    assert_eq!(written, problems(), "{AGAIN}");
}

/// A change here is a change of who may do what. An operation that nobody has asked yet fails it too.
#[tokio::test(flavor = "multi_thread")]
async fn the_permission_matrix_is_up_to_date() {
    let written = std::fs::read_to_string(file("permissions.txt")).unwrap_or_default();
    let found = permissions().await;
    let changed = found.lines().zip(written.lines()).find(|(now, then)| now != then);
    assert!(written == found, "docs/permissions.txt is not up to date: {changed:#?}; {AGAIN}");
}

/// Every operation of the description: method, path and what is said of it.
fn operations(document: &Value) -> Vec<(String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let of = |(path, methods): (&String, &Value)| {
        let methods = methods.as_object().unwrap().clone().into_iter();
        methods.map(|(method, said)| (format!("{method} {path}"), said)).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of).collect()
}

#[test]
fn every_operation_says_what_it_is_and_how_it_refuses() {
    let document: Value = serde_json::from_str(&openapi()).unwrap();
    let operations = operations(&document);
    assert!(operations.len() > 30, "{}", operations.len());
    let mut ids = BTreeSet::new();
    for (name, said) in &operations {
        let id = said["operationId"].as_str().unwrap_or_else(|| panic!("{name} has no id"));
        assert!(ids.insert(id.to_owned()), "{name} shares its id {id}");
        let summary = said["summary"].as_str().unwrap_or_default();
        assert!(!summary.is_empty() && summary.len() < 100, "{name}: {summary}");
        assert_eq!(said["tags"].as_array().map(Vec::len), Some(1), "{name}");
        let responses = said["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('2')), "{name} never succeeds");
        for (status, response) in responses.iter().filter(|(status, _)| status.starts_with('4')) {
            let said_once = response["$ref"].as_str().and_then(|place| place.strip_prefix('#'));
            let response = said_once.and_then(|place| document.pointer(place)).unwrap_or(response);
            let schema = &response["content"]["application/problem+json"]["schema"]["$ref"];
            assert_eq!(schema, "#/components/schemas/Problem", "{name} {status}");
        }
        let held = name.split('{').skip(1).filter_map(|rest| rest.split('}').next());
        let held: BTreeSet<&str> = held.collect();
        let parameters = said["parameters"].as_array().into_iter().flatten();
        let in_path = parameters.filter(|parameter| parameter["in"] == "path");
        let described = in_path.filter_map(|parameter| parameter["name"].as_str()).collect();
        assert_eq!(held, described, "{name}: what its address holds");
        assert!(held.is_empty() || responses.contains_key("404"), "{name}");
        let public = said["security"] == serde_json::json!([{}]);
        assert!(public || responses.contains_key("401"), "{name}");
        assert!(responses.contains_key("405"), "{name}");
        let parameters = said["parameters"].as_array().into_iter().flatten();
        let csrf = parameters.filter(|parameter| parameter["name"] == "X-CSRF-Token").count();
        assert_eq!(csrf == 1, !public && !name.starts_with("get "), "{name}");
        for (status, response) in responses {
            let place = response["$ref"].as_str().unwrap_or_default().trim_start_matches('#');
            let response =
                document.pointer(place).filter(|_| !place.is_empty()).unwrap_or(response);
            for header in ["RateLimit", "RateLimit-Policy"] {
                assert!(response["headers"].get(header).is_some(), "{name} {status}: {header}");
            }
        }
    }
}

/// Answers are made of the table: each tells the codes of its status, and no other.
#[test]
fn the_description_of_the_api_tells_the_codes_of_the_table() {
    let document: Value = serde_json::from_str(&openapi()).unwrap();
    let mut told = BTreeSet::new();
    for (status, answer) in document["components"]["responses"].as_object().unwrap() {
        let lines = answer["description"].as_str().unwrap().lines();
        for line in lines.filter_map(|line| line.strip_prefix("- `")) {
            let (code, words) = line.split_once("`: ").unwrap();
            let row = api::refusal::table().into_iter().find(|row| row.code == code);
            let row = row.unwrap_or_else(|| panic!("{code} is not in the table"));
            assert!(row.status.as_str().starts_with(status.trim_end_matches('X')), "{code}");
            assert_eq!(words, format!("{} {}", row.rule, row.next));
            told.insert(row.code);
        }
    }
    let operators: BTreeSet<&str> = commands::log_rejections().iter().map(|no| no.code).collect();
    let all: BTreeSet<&str> = api::refusal::table().iter().map(|row| row.code).collect();
    assert_eq!(told, all.difference(&operators).copied().collect());
}

#[test]
fn the_description_of_the_api_refers_to_nothing_that_is_missing() {
    let document: Value = serde_json::from_str(&openapi()).unwrap();
    let text = document.to_string();
    let references: BTreeSet<&str> =
        text.split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    for reference in &references {
        assert!(document.pointer(reference).is_some(), "{reference}");
    }
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        let reference = format!("/components/schemas/{name}");
        assert!(references.contains(&*reference), "nothing uses {name}");
    }
}
