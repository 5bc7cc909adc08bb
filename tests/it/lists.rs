//! Lists: whole, in order, fresh, and silent about what one may not see.

use std::collections::BTreeSet;
use std::path::Path;

use domain::time::minutes;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::cast::{Person, all_for_treatment, consent};

/// Follows `Link` from page to page. Answers every entry, and every total that was told.
async fn follow(by: &Person, app: &TestApp, first: &str) -> (Vec<Value>, BTreeSet<u64>) {
    let mut all = Vec::new();
    let mut totals = BTreeSet::new();
    let mut path = first.to_owned();
    loop {
        let page = by.get(app, &path).await.expect(200);
        all.extend(page.items());
        totals.insert(page.json()["total"].as_u64().unwrap());
        let link = page.header("link");
        let next = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\""));
        assert_eq!(next.is_some(), page.json()["next"].is_string(), "{link}");
        match next {
            Some(next) => next.clone_into(&mut path),
            None => return (all, totals),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_of_a_list_show_everything_once_and_in_order() {
    let app = TestApp::start().await;
    let (ana, bo, cy) = app.cast().await;
    for n in 1..=7 {
        ana.letter(&app, &ana.id, &format!("Letter {n}")).await;
    }
    for _ in 0..5 {
        ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    }
    let of_ana = format!("/api/v1/patients/{}", ana.id);
    let lists = [
        (&ana, format!("{of_ana}/reports?")),
        (&ana, format!("{of_ana}/consents?which=in_force&")),
        (&ana, format!("{of_ana}/access-history?")),
        (&bo, format!("{of_ana}/reports?")),
        (&cy, "/api/v1/admin/trail?".to_owned()),
        (&cy, "/api/v1/admin/trail?type=consent.granted.v1&".to_owned()),
        (&cy, format!("/api/v1/admin/trail?stream=patient-{}&", ana.id)),
    ];
    for (by, list) in lists {
        // The first reading of a doctor's list is itself an event, and so is an admin's: let it be over.
        by.list(&app, &list).await.expect(200);
        let whole = by.list(&app, &format!("{list}limit=200")).await.expect(200);
        let total = whole.json()["total"].as_u64().unwrap();
        assert!(total >= 5, "{list}: {total}");
        assert_eq!(whole.items().len() as u64, total, "{list}");
        assert_eq!(whole.header("link"), "", "{list}");
        for limit in [1, 2, 3, total] {
            let (entries, totals) = follow(by, &app, &format!("{list}limit={limit}")).await;
            assert_eq!(entries, whole.items(), "{list} by {limit}");
            assert_eq!(totals, [total].into(), "{list} by {limit}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doctors_list_tells_nothing_of_what_it_leaves_out() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    let scan = ana.write(&app, &ana.id, "Scan", "imaging").await;
    let hidden = ana.write(&app, &ana.id, "Hidden scan", "imaging").await;
    for n in 0..4 {
        ana.write(&app, &ana.id, &format!("Blood {n}"), "laboratory").await;
    }
    let imaging = json!({
        "preset": "custom", "purpose": "TREAT",
        "scope": { "kind": "categories", "categories": ["imaging"] },
        "exceptions": { "reports": [hidden] },
    });
    let granted = ana.grant(&app, consent(&app, &bo.id, imaging)).await.expect(201);
    let reports = format!("/api/v1/patients/{}/reports", ana.id);
    let seen = bo.list(&app, &reports).await.expect(200);
    assert_eq!(seen.column("report"), [scan]);
    assert_eq!(seen.json()["total"], 1);
    let text = String::from_utf8(seen.bytes).unwrap();
    assert!(!text.contains("Hidden") && !text.contains("Blood"), "{text}");
    let (entries, totals) = follow(&bo, &app, &format!("{reports}?limit=1")).await;
    assert_eq!((entries.len(), totals), (1, [1].into()));
    ana.revoke(&app, &granted.text("consent")).await.expect(200);
    let seen = bo.list(&app, &reports).await.expect(200);
    assert_eq!((seen.items().len(), &seen.json()["total"]), (0, &json!(0)));
    // The patient sees that the titles were read, and all of their own.
    assert_eq!(ana.list(&app, &reports).await.expect(200).json()["total"], 6);
    let sentence = "Dr Bo Berg looked at the list of your reports, which shows the titles of those \
                    that you let them see at that time.";
    assert_eq!(ana.history(&app).await.iter().filter(|said| *said == sentence).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_is_of_use_to_whom_it_was_given_and_in_its_list_only() {
    let app = TestApp::start().await;
    let (ana, bo, cy) = app.cast().await;
    for n in 1..=3 {
        ana.letter(&app, &ana.id, &format!("Letter {n}")).await;
        ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    }
    let of_ana = |list: &str| format!("/api/v1/patients/{}/{list}", ana.id);
    let cursor = async |by: &Person, list: &str| {
        let sign = if list.contains('?') { '&' } else { '?' };
        by.list(&app, &format!("{list}{sign}limit=1")).await.expect(200).text("next")
    };
    let refused = async |by: &Person, list: &str, cursor: &str| {
        let sign = if list.contains('?') { '&' } else { '?' };
        by.get(&app, &format!("{list}{sign}cursor={cursor}")).await.refused(400, "bad_cursor");
    };
    let hers = cursor(&ana, &of_ana("reports")).await;
    // Another page size goes on in the same list.
    let rest = ana.get(&app, &format!("{}?limit=7&cursor={hers}", of_ana("reports"))).await;
    assert_eq!(rest.expect(200).items().len(), 2);
    refused(&ana, &of_ana("access-history"), &hers).await;
    refused(&ana, &of_ana("consents"), &hers).await;
    refused(&bo, &of_ana("reports"), &hers).await;
    let elsewhere = app.log_in(&ana.email).await;
    let path = format!("{}?cursor={hers}", of_ana("reports"));
    elsewhere.get(&app, &path).await.expect(200);
    let in_force = cursor(&ana, &of_ana("consents?which=in_force")).await;
    refused(&ana, &of_ana("consents"), &in_force).await;
    refused(&ana, &of_ana("consents?which=all"), &in_force).await;
    let trail = cursor(&cy, "/api/v1/admin/trail?type=consent.granted.v1").await;
    refused(&cy, "/api/v1/admin/trail", &trail).await;
    refused(&cy, "/api/v1/admin/trail?type=records.report_uploaded.v1", &trail).await;
    // A ticket is sealed by the same key, and is no cursor.
    let about = json!({ "title": "L", "category": "consultation", "media_type": "text/plain" });
    let ticket = ana.post(&app, &of_ana("reports"), about).await.expect(201).text("ticket");
    refused(&ana, &of_ana("reports"), &ticket).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_waits_for_the_change_its_reader_just_made() {
    let app = TestApp::start().await;
    let ana = app.patient("Ana Acker", "ana@example.org").await;
    let path = format!("/api/v1/patients/{}/reports", ana.id);
    for n in 1..=20_u64 {
        let about = ("Letter", "consultation", "text/plain");
        let stored = ana.upload(&app, &ana.id, about, b"x".to_vec()).await.expect(201);
        let position = &stored.json()["position"];
        let listed = ana.get(&app, &format!("{path}?min_position={position}")).await.expect(200);
        assert_eq!(listed.json()["total"], n);
    }
    for ahead in [app.newest() + 1, u64::MAX] {
        let ahead = ana.get(&app, &format!("{path}?min_position={ahead}")).await;
        ahead.refused(400, "beyond_the_log");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_directory_names_verified_doctors_only() {
    let app = TestApp::start().await;
    let (ana, bo, cy) = app.cast().await;
    let eve = app.pending_doctor("Dr Eve Engel", "eve@example.org").await;
    let directory = "/api/v1/doctors";
    assert_eq!(ana.list(&app, directory).await.expect(200).column("doctor"), [&*bo.id]);
    app.standing(&cy, &eve, "verify").await.expect(200);
    app.standing(&cy, &bo, "suspend").await.expect(200);
    let named = ana.list(&app, directory).await.expect(200);
    assert_eq!(named.column("name"), ["Dr Eve Engel"]);
    assert_eq!(named.column("specialty_text"), ["Radiology"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_is_found_by_words_of_the_name_and_by_specialty() {
    let app = TestApp::start().await;
    let (ana, bo, cy) = app.cast().await;
    app.doctor(&cy, "Dr \u{c9}va Engel-Berg", "eva@example.org").await;
    app.pending_doctor("Dr Ingo Berg", "ingo@example.org").await;
    let found = async |query: &str| {
        let listed = ana.list(&app, &format!("/api/v1/doctors?{query}")).await.expect(200);
        assert_eq!(listed.json()["total"], listed.items().len(), "{query}");
        listed.column("name")
    };
    let (first, second) = ("Dr Bo Berg", "Dr \u{c9}va Engel-Berg");
    assert_eq!(found("name=berg").await, [first, second]);
    assert_eq!(found("name=BERG%20dr").await, [first, second]);
    assert_eq!(found("name=%C3%A9va").await, [second]);
    assert_eq!(found("name=radiology").await, [first, second]);
    assert_eq!(found("name=ingo").await, Vec::<String>::new());
    assert_eq!(found("specialty=radiology").await, [first, second]);
    assert_eq!(found("specialty=surgery").await, Vec::<String>::new());
    assert_eq!(found("name=bo&specialty=radiology").await, [first]);
    let page = ana.list(&app, "/api/v1/doctors?name=berg&limit=1").await.expect(200);
    assert_eq!(
        (page.column("name"), page.json()["total"].clone()),
        (vec![first.to_owned()], json!(2))
    );
    let next = page.text("next");
    let page = ana.get(&app, &format!("/api/v1/doctors?name=berg&limit=1&cursor={next}")).await;
    assert_eq!(page.expect(200).column("name"), [second]);
    for bad in ["name=", "specialty=magic", &format!("name={}", "x".repeat(101))] {
        ana.get(&app, &format!("/api/v1/doctors?{bad}")).await.refused(400, "bad_query");
    }
    let one = ana.get(&app, &format!("/api/v1/doctors/{}", bo.id)).await.expect(200);
    assert_eq!(one.text("name"), first);
}

/// Every list and page of everybody, as bytes.
async fn screens(app: &TestApp, (ana, bo, cy): (&Person, &Person, &Person)) -> Vec<String> {
    let of_ana = |list: &str| format!("/api/v1/patients/{}/{list}", ana.id);
    let paths = [
        (ana, of_ana("reports")),
        (ana, of_ana("consents")),
        (ana, of_ana("consents?which=in_force")),
        (ana, of_ana("access-history")),
        (ana, "/api/v1/doctors".to_owned()),
        (ana, "/api/v1/me/sessions".to_owned()),
        (bo, of_ana("reports")),
        (bo, "/api/v1/doctors".to_owned()),
        (bo, "/api/v1/me/patients".to_owned()),
        (bo, "/api/v1/me/sessions".to_owned()),
        (cy, "/api/v1/doctors".to_owned()),
        (cy, "/api/v1/me/sessions".to_owned()),
        (cy, "/api/v1/admin/verifications".to_owned()),
        (cy, "/api/v1/admin/verifications?standing=verified".to_owned()),
        (cy, "/api/v1/admin/trail?limit=200".to_owned()),
    ];
    let mut found = Vec::new();
    for (by, path) in paths {
        let reply = by.list(app, &path).await.expect(200);
        found.push(format!("{path} {}", String::from_utf8(reply.bytes).unwrap()));
    }
    found
}

/// Removes the file of the read models. Answers how many files went.
fn forget_read_models(data: &Path) -> usize {
    let entries = std::fs::read_dir(data).unwrap().map(|entry| entry.unwrap().path());
    let read = |path: &std::path::PathBuf| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("read"))
    };
    let files: Vec<_> = entries.filter(read).collect();
    files.iter().for_each(|file| std::fs::remove_file(file).unwrap());
    files.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_read_models_a_house_shows_the_same_screens() {
    let mut app = TestApp::start().await;
    let (ana, bo, cy) = app.cast().await;
    let uma = app.patient("Uma Unger", "uma@example.org").await;
    app.pending_doctor("Dr Eve Engel", "eve@example.org").await;
    let report = ana.letter(&app, &ana.id, "Letter").await;
    let first = ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    uma.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    let viewing = bo.open(&app, &ana.id, &report).await;
    bo.page(&app, &ana.id, &viewing, 1).await.expect(200);
    bo.letter(&app, &ana.id, "Answer").await;
    ana.revoke(&app, &first.text("consent")).await.expect(200);
    bo.ask(&app, &uma.id, &report).await.refused(404, "not_found");

    let all = (&ana, &bo, &cy);
    // Reading is an event for some lists, the first time: from the second time on nothing moves.
    screens(&app, all).await;
    let before = screens(&app, all).await;
    let mut gone = 0;
    app.restart(|data| gone = forget_read_models(data)).await;
    assert!(gone > 0, "there was a file of read models");
    assert_eq!(screens(&app, all).await, before);
    app.inside.models.rebuild().await.unwrap();
    assert_eq!(screens(&app, all).await, before);
}

/// By which consents the only patient in a doctor's list lets them in: purpose and viewings left of each.
async fn letting_in(app: &TestApp, bo: &Person) -> Vec<(String, Option<u64>)> {
    let patients = bo.list(app, "/api/v1/me/patients").await.expect(200).items();
    assert_eq!(patients.len(), 1);
    let consents = patients[0]["consents"].as_array().unwrap();
    assert_eq!(patients[0]["in_force"], json!(!consents.is_empty()));
    let told = consents.iter().map(|consent| {
        assert!(consent["until"].is_string() && consent.as_object().unwrap().len() <= 3);
        (consent["purpose"].as_str().unwrap().to_owned(), consent["views_left"].as_u64())
    });
    told.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_is_told_by_which_consents_and_how_often_still() {
    let app = TestApp::start().await;
    let (ana, bo, _) = app.cast().await;
    let report = ana.letter(&app, &ana.id, "Letter").await;
    let mut twice = all_for_treatment(&app, &bo.id);
    twice["views_max"] = json!(2);
    let first = ana.grant(&app, twice).await.expect(201).text("consent");
    let treat = |left| ("TREAT".to_owned(), left);
    assert_eq!(letting_in(&app, &bo).await, [treat(Some(2))]);
    bo.open(&app, &ana.id, &report).await;
    assert_eq!(letting_in(&app, &bo).await, [treat(Some(1))]);

    let research = json!({
        "preset": "custom", "purpose": "HRESCH", "scope": { "kind": "everything" }, "exceptions": {},
    });
    let research = ana.grant(&app, consent(&app, &bo.id, research)).await.expect(201);
    let research = research.text("consent");
    let hresch = ("HRESCH".to_owned(), None);
    assert_eq!(letting_in(&app, &bo).await, [treat(Some(1)), hresch.clone()], "oldest first");
    bo.open(&app, &ana.id, &report).await;
    assert_eq!(letting_in(&app, &bo).await, [treat(Some(0)), hresch.clone()], "titles are listed");
    ana.revoke(&app, &first).await.expect(200);
    assert_eq!(letting_in(&app, &bo).await, [hresch]);
    ana.revoke(&app, &research).await.expect(200);
    assert_eq!(letting_in(&app, &bo).await, []);

    ana.grant(&app, all_for_treatment(&app, &bo.id)).await.expect(201);
    assert_eq!(letting_in(&app, &bo).await, [treat(None)]);
    app.later(minutes(8 * 24 * 60));
    let bo = app.log_in(&bo.email).await;
    assert_eq!(letting_in(&app, &bo).await, [], "what expires is gone by itself");
}
