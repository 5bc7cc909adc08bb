//! What a patient keeps shut: their whole record, somebody, a report before somebody. It wins over every
//! consent, acts at once, is undone as easily, and nothing tells whom it meets.

use reqwest::Method;
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::cast::{Person, all_for_treatment};
use tests::door::Reply;

const TITLE: &str = "Letter about Ana's liver";
const UNKNOWN: &str = "0192f3c4-0000-7000-8000-000000000099";

fn record() -> Value {
    json!({ "kind": "record" })
}

fn barred(doctor: &Person) -> Value {
    json!({ "kind": "barred", "whom": { "kind": "doctor", "doctor": doctor.id } })
}

fn hidden(report: &str, doctor: &Person) -> Value {
    json!({ "kind": "report", "report": report, "whom": { "kind": "doctor", "doctor": doctor.id } })
}

fn bars_of(patient: &Person) -> String {
    format!("/api/v1/patients/{}/bars", patient.id)
}

fn reports_of(patient: &Person) -> String {
    format!("/api/v1/patients/{}/reports", patient.id)
}

async fn shut(app: &TestApp, patient: &Person, what: Value) {
    let body = json!({ "what": what, "emergency_passes": true });
    patient.post(app, &bars_of(patient), body).await.expect(200);
}

async fn lift(app: &TestApp, patient: &Person, what: Value) {
    let path = format!("{}/lift", bars_of(patient));
    patient.post(app, &path, json!({ "what": what })).await.expect(200);
}

async fn let_in(app: &TestApp, patient: &Person, doctor: &Person) -> String {
    patient.grant(app, all_for_treatment(app, &doctor.id)).await.expect(201).text("consent")
}

async fn announce(app: &TestApp, doctor: &Person, patient: &Person) -> String {
    let body = json!({ "title": "Note", "category": "other", "media_type": "text/plain" });
    doctor.post(app, &reports_of(patient), body).await.expect(201).text("ticket")
}

/// A doctor at a record, with what they hold or make up.
struct Asker {
    doctor: Person,
    patient: String,
    report: String,
    consent: String,
    viewing: String,
    token: String,
    ticket: String,
}

impl Asker {
    /// A doctor who is let in and holds all there is to hold; what is asked with a key was asked before.
    async fn let_in(app: &TestApp, doctor: Person, patient: &Person, report: &str) -> Self {
        let consent = let_in(app, patient, &doctor).await;
        let viewing = doctor.open(app, &patient.id, report).await;
        let asker = Self {
            patient: patient.id.clone(),
            report: report.to_owned(),
            consent,
            viewing,
            token: doctor.ask(app, &patient.id, report).await.expect(201).text("token"),
            ticket: announce(app, &doctor, patient).await,
            doctor,
        };
        doctor_asks_with_a_key(app, &asker).await;
        asker
    }

    /// A doctor who has none of it.
    fn without(doctor: Person, patient: &str, report: &str) -> Self {
        Self {
            doctor,
            patient: patient.to_owned(),
            report: report.to_owned(),
            consent: UNKNOWN.to_owned(),
            viewing: UNKNOWN.to_owned(),
            token: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned(),
            ticket: "AAAA".to_owned(),
        }
    }

    fn body(&self, method: &str, path: &str) -> Value {
        match (method, path) {
            ("post", "/api/v1/patients/{patient}/view-tokens") => {
                json!({ "report": self.report, "purpose": "TREAT" })
            }
            ("post", "/api/v1/patients/{patient}/viewings") => json!({ "token": self.token }),
            ("post", "/api/v1/patients/{patient}/reports") => {
                json!({ "title": "Note", "category": "other", "media_type": "text/plain" })
            }
            _ => json!({}),
        }
    }

    /// The operation, and what is compared of its answer: everything but ids and times.
    async fn answer(&self, app: &TestApp, method: &str, path: &str) -> String {
        let place = path
            .replace("{patient}", &self.patient)
            .replace("{report}", &self.report)
            .replace("{consent}", &self.consent)
            .replace("{viewing}", &self.viewing)
            .replace("{position}", "0")
            .replace("{page}", "1");
        let verb = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
        let mut request = self.doctor.request(app, verb, &place);
        if method == "put" {
            request = request.header("Upload-Ticket", &self.ticket).body("All is well.");
        } else if method == "post" {
            request = request.json(&self.body(method, path));
        }
        let before = app.newest();
        let reply = Reply::to(request).await;
        let events = app.newest() - before;
        let mut text = format!("{} {events} events {}", reply.status, reply.without_trace());
        for id in [&self.patient, &self.report, &self.consent, &self.viewing] {
            text = text.replace(id.as_str(), "ID");
        }
        text
    }
}

async fn doctor_asks_with_a_key(app: &TestApp, asker: &Asker) -> Vec<String> {
    let mut answers = Vec::new();
    for path in ["view-tokens", "viewings"] {
        let template = format!("/api/v1/patients/{{patient}}/{path}");
        let place = template.replace("{patient}", &asker.patient);
        // The token that a viewing was opened with stays as it was: it is the request's.
        let request = asker.doctor.request(app, Method::POST, &place);
        let request = request.header("Idempotency-Key", format!("{path} of {}", asker.patient));
        let reply = Reply::to(request.json(&asker.body("post", &template))).await;
        answers.push(format!("{} {}", reply.status, reply.without_trace()));
    }
    answers.into_iter().map(|text| text.replace(&asker.patient, "ID")).collect()
}

/// Every operation about a patient's record, the upload's second step and the list of patients.
fn operations() -> Vec<(String, String)> {
    let document = api::rest::openapi();
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let about = path.contains("{patient}");
        if about || path == "/api/v1/uploads" || path == "/api/v1/me/patients" {
            found.extend(methods.as_object().unwrap().keys().map(|m| (m.clone(), path.clone())));
        }
    }
    assert!(found.len() > 15, "{found:?}");
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn the_barred_and_all_before_a_closed_record_are_answered_as_one_who_never_had_a_link() {
    let app = TestApp::start().await;
    let (ana, bo, cy) = app.cast().await;
    let clo = app.patient("Clo Closed", "clo@example.org").await;
    let eve = app.doctor(&cy, "Dr Eve Ernst", "eve@example.org").await;
    let stan = app.doctor(&cy, "Dr Stan Stein", "stan@example.org").await;
    let una = app.doctor(&cy, "Dr Una Uhl", "una@example.org").await;
    let report = ana.letter(&app, &ana.id, TITLE).await;
    let other = clo.letter(&app, &clo.id, TITLE).await;
    let bo = Asker::let_in(&app, bo, &ana, &report).await;
    let eve = Asker::let_in(&app, eve, &clo, &other).await;
    shut(&app, &ana, barred(&bo.doctor)).await;
    shut(&app, &clo, record()).await;
    // Consents that are given later, or are there all the same, change nothing.
    let consent = all_for_treatment(&app, &bo.doctor.id);
    ana.grant(&app, consent).await.refused(409, "grantee_barred");
    let_in(&app, &clo, &eve.doctor).await;
    let stan = Asker::without(stan, &ana.id, &report);
    let una = Asker::without(una, UNKNOWN, &report);
    for (method, path) in operations() {
        let stranger = stan.answer(&app, &method, &path).await;
        assert!(!stranger.contains(TITLE), "{stranger}");
        for asker in [&bo, &eve, &una] {
            let answer = asker.answer(&app, &method, &path).await;
            assert_eq!(answer, stranger, "{method} {path}, asked by {}", asker.doctor.email);
        }
    }
    let stranger = doctor_asks_with_a_key(&app, &stan).await;
    for asker in [&bo, &eve, &una] {
        assert_eq!(doctor_asks_with_a_key(&app, asker).await, stranger, "{}", asker.doctor.email);
    }
    let history = ana.history(&app).await;
    let refused = "Dr Bo Berg asked to open *Letter about Ana's liver* for treatment and was refused: \
                   you barred them.";
    assert!(history.contains(&refused.to_owned()), "{history:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_ends_what_is_open_and_opening_it_again_is_as_easy() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    let report = ana.letter(&app, &ana.id, TITLE).await;
    let_in(&app, &ana, &bo).await;
    let viewing = bo.open(&app, &ana.id, &report).await;
    let token = bo.ask(&app, &ana.id, &report).await.expect(201).text("token");
    bo.page(&app, &ana.id, &viewing, 1).await.expect(200);

    shut(&app, &ana, record()).await;
    bo.page(&app, &ana.id, &viewing, 1).await.refused(404, "no_such_viewing");
    bo.redeem(&app, &ana.id, &token).await.refused(404, "no_such_token");
    bo.get(&app, &reports_of(&ana)).await.refused(404, "not_found");
    let list = bo.get(&app, "/api/v1/me/patients").await.expect(200).json();
    assert_eq!((list["total"].clone(), list["items"].clone()), (json!(0), json!([])));
    // What is the patient's own goes on: bringing, reading, taking home.
    let second = ana.letter(&app, &ana.id, "Second").await;
    let list = ana.list(&app, &reports_of(&ana)).await.expect(200);
    assert_eq!(list.column("title"), ["Second", TITLE]);
    let file = format!("{}/{second}/content", reports_of(&ana));
    ana.get(&app, &file).await.expect(200);
    let shown = ana.list(&app, &bars_of(&ana)).await.expect(200).items();
    assert_eq!((shown.len(), &shown[0]["kind"]), (1, &json!("record")));
    assert_eq!(shown[0]["emergency_passes"], true);

    lift(&app, &ana, record()).await;
    bo.page(&app, &ana.id, &viewing, 1).await.refused(403, "viewing_ended");
    bo.redeem(&app, &ana.id, &token).await.refused(404, "no_such_token");
    assert_eq!(bo.list(&app, &reports_of(&ana)).await.expect(200).items().len(), 2);
    bo.open(&app, &ana.id, &report).await;
    assert_eq!(ana.list(&app, &bars_of(&ana)).await.expect(200).json()["total"], 0);
    let history = ana.history(&app).await;
    for said in [
        "You closed your record: nobody but you sees anything of it, except in an emergency.",
        "You opened your record again: your consents count as they stand.",
        "It ended early: you closed your record.",
    ] {
        assert!(history.iter().any(|sentence| sentence.ends_with(said)), "{said}: {history:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_report_is_one_that_does_not_exist_and_the_rest_is_as_before() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    let report = ana.letter(&app, &ana.id, TITLE).await;
    let other = ana.letter(&app, &ana.id, "Scan").await;
    let_in(&app, &ana, &bo).await;
    let viewing = bo.open(&app, &ana.id, &report).await;
    shut(&app, &ana, hidden(&report, &bo)).await;
    bo.page(&app, &ana.id, &viewing, 1).await.refused(404, "no_such_viewing");
    let list = bo.list(&app, &reports_of(&ana)).await.expect(200);
    assert_eq!((list.column("title"), &list.json()["total"]), (vec!["Scan".to_owned()], &json!(1)));
    let without_ids = |reply: Reply, id: &str| reply.without_trace().replace(id, "ID");
    let hid = without_ids(bo.ask(&app, &ana.id, &report).await, &report);
    let unknown = without_ids(bo.ask(&app, &ana.id, UNKNOWN).await, UNKNOWN);
    assert_eq!(hid, unknown);
    let one = |id: &str| format!("{}/{id}", reports_of(&ana));
    let hid = without_ids(bo.get(&app, &one(&report)).await, &report);
    assert_eq!(hid, without_ids(bo.get(&app, &one(UNKNOWN)).await, UNKNOWN));
    bo.open(&app, &ana.id, &other).await;
    let shown = ana.list(&app, &bars_of(&ana)).await.expect(200).items();
    assert_eq!((&shown[0]["title"], &shown[0]["name"]), (&json!(TITLE), &json!("Dr Bo Berg")));

    lift(&app, &ana, hidden(&report, &bo)).await;
    bo.open(&app, &ana.id, &report).await;
    let history = ana.history(&app).await;
    let said = format!("You hid *{TITLE}* from Dr Bo Berg, except in an emergency.");
    assert!(history.contains(&said), "{history:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_consent_would_open_is_said_before_its_code_and_is_so() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    let letter = ana.letter(&app, &ana.id, TITLE).await;
    let scan = ana.write(&app, &ana.id, "Scan", "imaging").await;
    let path = format!("/api/v1/patients/{}/consents/preview", ana.id);
    let order = all_for_treatment(&app, &bo.id);
    let preview = || async { ana.post(&app, &path, order.clone()).await };
    let kinds = |preview: &Value| {
        let against = preview["against"].as_array().unwrap().iter();
        against.map(|one| one["kind"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let before = app.newest();
    let all = preview().await.expect(200).json();
    assert_eq!((&all["reports"], all["opens"].as_array().unwrap().len()), (&json!(2), 2));
    assert_eq!((&all["those_to_come"], kinds(&all)), (&json!(true), Vec::new()));
    assert_eq!(app.newest(), before, "nothing is recorded");

    shut(&app, &ana, hidden(&letter, &bo)).await;
    let some = preview().await.expect(200).json();
    assert_eq!((&some["opens"], kinds(&some)), (&json!([scan]), vec!["hidden".to_owned()]));
    let_in(&app, &ana, &bo).await;
    let shown = bo.list(&app, &reports_of(&ana)).await.expect(200);
    assert_eq!(json!(shown.column("report")), some["opens"], "what was said is what it opens");

    shut(&app, &ana, record()).await;
    let none = preview().await.expect(200).json();
    let both = vec!["record_closed".to_owned(), "hidden".to_owned()];
    assert_eq!((&none["opens"], kinds(&none)), (&json!([]), both));
    shut(&app, &ana, barred(&bo)).await;
    preview().await.refused(409, "grantee_barred");
    bo.post(&app, &path, order.clone()).await.refused(403, "wrong_role");
}

/// What races a bar may go either way; once it was answered, nothing is shown.
#[tokio::test(flavor = "multi_thread")]
async fn no_page_and_no_title_once_a_bar_or_a_closing_was_answered() {
    let app = TestApp::start().await;
    let (ana, bo, _cy) = app.cast().await;
    let report = ana.letter(&app, &ana.id, TITLE).await;
    let_in(&app, &ana, &bo).await;
    let reports = reports_of(&ana);
    let rounds = tests::soak::sized(10, 500);
    for round in 0..rounds {
        let what = if round % 2 == 0 { record() } else { barred(&bo) };
        let viewing = bo.open(&app, &ana.id, &report).await;
        let token = bo.ask(&app, &ana.id, &report).await.expect(201).text("token");
        let racing = futures::future::join4(
            bo.redeem(&app, &ana.id, &token),
            bo.page(&app, &ana.id, &viewing, 1),
            bo.get(&app, &reports),
            bo.get(&app, "/api/v1/me/patients"),
        );
        let ((), (redeemed, ..)) = futures::join!(shut(&app, &ana, what.clone()), racing);
        if redeemed.status == 201 {
            let raced = redeemed.text("viewing");
            bo.page(&app, &ana.id, &raced, 1).await.refused(404, "no_such_viewing");
        }
        bo.page(&app, &ana.id, &viewing, 1).await.refused(404, "no_such_viewing");
        bo.redeem(&app, &ana.id, &token).await.refused(404, "no_such_token");
        bo.get(&app, &reports).await.refused(404, "not_found");
        let list = bo.get(&app, "/api/v1/me/patients").await.expect(200).json();
        assert_eq!(list["items"], json!([]), "round {round}");
        lift(&app, &ana, what).await;
    }
    println!("{rounds} bars and closings, each raced by a redeem, a page and two lists");
}
