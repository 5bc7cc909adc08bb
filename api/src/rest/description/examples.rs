//! An example of every body that is taken in JSON: what somebody would send.

use serde_json::{Value, json};

use super::parts::members;

/// Gives every JSON body of a request its example.
pub(super) fn give(document: &mut Value) {
    for (_, path) in members(&mut document["paths"]) {
        for (_, operation) in members(path) {
            let body = operation.pointer_mut("/requestBody/content/application~1json");
            let Some(body) = body else { continue };
            let named = body["schema"]["$ref"].as_str().and_then(|place| place.rsplit('/').next());
            if let Some(example) = named.and_then(of_body) {
                body["example"] = example;
            }
        }
    }
}

const PASSWORD: &str = "correct horse battery staple";
const CHALLENGE: &str = "0192f3c4-0000-7000-8000-0000000000c4";
const DOCTOR: &str = "0192f3c4-0000-7000-8000-0000000000b0";
const REPORT: &str = "0192f3c4-0000-7000-8000-0000000000e1";
/// As long as the real ones, and none of them.
const TOKEN: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn of_body(schema: &str) -> Option<Value> {
    Some(match schema {
        "NewPatient" => json!({
            "name": "Ana Acker", "birth_date": "1980-02-29", "email": "ana@example.org",
            "password": PASSWORD,
        }),
        "NewDoctor" => json!({
            "name": "Dr Bo Berg", "email": "bo@example.org", "password": PASSWORD,
            "licence": "L-4711", "issuer": "Medical Chamber", "specialty": "radiology",
            "specialty_text": "Radiology",
        }),
        "NewAdmin" => json!({
            "token": TOKEN, "name": "Cy Corvin", "email": "cy@example.org", "password": PASSWORD,
        }),
        "Confirmation" => json!({ "challenge": CHALLENGE, "code": "123456" }),
        "CodeWanted" => json!({ "challenge": CHALLENGE }),
        "LogInForm" => json!({
            "email": "ana@example.org", "password": PASSWORD, "client": "browser",
        }),
        "SecondFactor" => json!({
            "challenge": CHALLENGE, "code": "123456", "client": "browser",
        }),
        "NewAppForm" => json!({
            "challenge": CHALLENGE, "first_code": "287082", "code": "123456",
        }),
        "NewPasskeyForm" => json!({
            "challenge": CHALLENGE, "code": "123456",
            "credential": {
                "id": TOKEN, "rawId": TOKEN, "type": "public-key",
                "response": { "clientDataJSON": TOKEN, "attestationObject": TOKEN },
            },
        }),
        "Refresh" => json!({ "refresh_token": TOKEN }),
        "StandingChange" => json!({ "step": "verify", "note": "register entry seen" }),
        "NewBar" => json!({
            "what": { "kind": "barred", "whom": { "kind": "doctor", "doctor": DOCTOR } },
            "emergency_passes": true,
        }),
        "BarToLift" => json!({ "what": { "kind": "record" } }),
        "NewConsent" => json!({
            "grantee": { "kind": "doctor", "doctor": DOCTOR },
            "choice": {
                "preset": "custom",
                "scope": { "kind": "categories", "categories": ["laboratory", "imaging"] },
                "exceptions": { "reports": [REPORT] },
                "purpose": "TREAT",
            },
            "from": "2026-11-23T08:00:00Z",
            "until": "2026-12-23T08:00:00Z",
            "views_max": 5,
        }),
        "NewReport" => json!({
            "title": "MRI of 3 May", "category": "imaging", "media_type": "application/pdf",
        }),
        "ViewRequest" => json!({ "report": REPORT, "purpose": "TREAT" }),
        "Redeem" => json!({ "token": TOKEN }),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_body_has_an_example_with_all_that_it_must_have_and_nothing_else() {
        let document = crate::rest::openapi();
        let mut seen = 0;
        for (path, operations) in document["paths"].as_object().unwrap() {
            for (method, operation) in operations.as_object().unwrap() {
                let body = operation.pointer("/requestBody/content/application~1json");
                let Some(body) = body else { continue };
                let place = body["schema"]["$ref"].as_str().unwrap().trim_start_matches('#');
                let schema = document.pointer(place).unwrap();
                let example = body["example"].as_object();
                let example = example.unwrap_or_else(|| panic!("{method} {path}"));
                for name in schema["required"].as_array().unwrap() {
                    assert!(example.contains_key(name.as_str().unwrap()), "{path}: {name}");
                }
                for name in example.keys() {
                    assert!(schema["properties"].get(name).is_some(), "{path}: {name}");
                }
                seen += 1;
            }
        }
        assert!(seen > 10, "{seen}");
    }
}
