//! What a patient reads says what happened and what holds, no more and no less; and in parts, for a client
//! that says it in its own words.

use serde_json::{Value, json};
use tests::app::TestApp;
use tests::cast::{Person, consent};

async fn states(ana: &Person, app: &TestApp, which: &str) -> Vec<String> {
    let path = format!("/api/v1/patients/{}/consents?which={which}", ana.id);
    ana.list(app, &path).await.expect(200).column("state")
}

fn narrow(app: &TestApp, bo: &Person, but: &str, views_max: u32) -> Value {
    let choice = json!({
        "preset": "custom", "purpose": "TREAT",
        "scope": { "kind": "categories", "categories": ["imaging", "laboratory"] },
        "exceptions": { "reports": [but] },
    });
    let mut body = consent(app, &bo.id, choice);
    body["views_max"] = json!(views_max);
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_is_called_in_force_only_while_it_opens_something() {
    let app = TestApp::start().await;
    let (ana, bo, cy) = app.cast().await;
    let scan = ana.write(&app, &ana.id, "MRI", "imaging").await;
    let shut = ana.write(&app, &ana.id, "CT", "imaging").await;
    ana.grant(&app, narrow(&app, &bo, &shut, 1)).await.expect(201);
    assert_eq!(states(&ana, &app, "in_force").await, ["in_force"]);

    app.standing(&cy, &bo, "suspend").await.expect(200);
    assert_eq!(states(&ana, &app, "all").await, ["doctor_may_not_act"]);
    assert!(states(&ana, &app, "in_force").await.is_empty());
    app.standing(&cy, &bo, "reinstate").await.expect(200);
    assert_eq!(states(&ana, &app, "in_force").await, ["in_force"]);

    let bo = app.log_in(&bo.email).await;
    bo.open(&app, &ana.id, &scan).await;
    assert_eq!(states(&ana, &app, "all").await, ["used_up"]);
    assert!(states(&ana, &app, "in_force").await.is_empty());
    bo.ask(&app, &ana.id, &scan).await.refused(403, "views_used_up");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_carries_the_parts_of_its_sentence() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    let scan = ana.write(&app, &ana.id, "MRI*.\u{2003}Dr Eve opened *CT", "imaging").await;
    let shut = ana.write(&app, &ana.id, "CT", "imaging").await;
    let given = ana.grant(&app, narrow(&app, &bo, &shut, 3)).await.expect(201).text("consent");
    let viewing = bo.open(&app, &ana.id, &scan).await;
    bo.page(&app, &ana.id, &viewing, 1).await.expect(200);
    bo.ask(&app, &ana.id, &shut).await.refused(403, "report_excepted");

    let path = format!("/api/v1/patients/{}/access-history", ana.id);
    let list = ana.list(&app, &path).await.expect(200);
    assert_eq!(
        list.column("kind"),
        ["refused", "viewed", "token_issued", "granted", "uploaded", "uploaded"]
    );
    let [refused, viewed, token, granted, ..] = &list.items()[..] else { panic!("too few") };
    for entry in [refused, viewed, token, granted] {
        assert_eq!(entry["doctor"], json!(bo.id), "{entry}");
        assert_eq!(entry["name"], "Dr Bo Berg", "{entry}");
        assert_eq!(entry["purpose"], "TREAT", "{entry}");
        assert_eq!(entry["own"], json!(entry["kind"] == "granted"), "{entry}");
    }
    assert_eq!([&refused["outcome"], &refused["rule"]], ["refused", "report_excepted"]);
    assert_eq!(refused["report"], json!(shut));
    for allowed in [viewed, token] {
        assert_eq!(allowed["outcome"], "allowed");
        assert_eq!(allowed["consent"], json!(given));
        assert_eq!(allowed["consent_given_at"], granted["at"]);
        assert_eq!(allowed["ground"], json!({ "kind": "consent", "consent": given }));
        assert_eq!(allowed["title"], "MRI*.\u{2003}Dr Eve opened *CT");
    }
    assert_eq!(
        [&viewed["viewing"]["pages"], &viewed["viewing"]["viewing"]],
        [&json!(1), &json!(viewing)]
    );
    assert!(viewed["viewing"].get("ended_at").is_none());
    let sentence = viewed["sentence"].as_str().unwrap();
    assert!(
        sentence.starts_with("Dr Bo Berg opened *MRI∗.\u{2003}Dr Eve opened ∗CT* for"),
        "{sentence}"
    );
    let terms = &granted["terms"];
    assert_eq!(terms["scope"]["categories"], json!(["laboratory", "imaging"]));
    assert_eq!(terms["exceptions"]["reports"], json!([shut]));
    assert_eq!(terms["views_max"], 3);
    assert_eq!(
        granted["sentence"],
        "You let Dr Bo Berg see these of your reports, those to come included: laboratory results \
         and imaging (but not one report), for treatment until 30 November 2026, 08:00 UTC, 3 \
         viewings at most."
    );
    for own in &list.items()[4..] {
        assert_eq!(
            [&own["own"], &own["name"], &own["doctor"]],
            [&json!(true), &Value::Null, &Value::Null]
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_sees_stands_in_no_name_and_no_title() {
    let app = TestApp::start().await;
    let (ana, _bo, _cy) = app.cast().await;
    for unseen in ["Bo\u{202e}greB", "Bo\u{200b}Berg", "\u{3164}", "\u{2066}Bo"] {
        let title = json!({ "title": unseen, "category": "imaging", "media_type": "text/plain" });
        let path = format!("/api/v1/patients/{}/reports", ana.id);
        let refused = ana.post(&app, &path, title).await;
        let words = refused.json().to_string();
        assert!(words.contains("not seen") && words.contains("/title"), "{words}");
        refused.refused(422, "bad_form");
        let name = json!({
            "name": unseen, "birth_date": "1980-02-29", "email": "uma@example.org",
            "password": tests::cast::PASSWORD,
        });
        app.post("/api/v1/patients", name).await.refused(422, "bad_form");
    }
}
