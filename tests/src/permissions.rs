//! The permission matrix: every operation of the API, really asked by everybody there is. What it answers
//! is committed as `docs/permissions.txt`: a change there is the change under review.

mod bodies;
mod held;

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU32, Ordering};

use reqwest::{Method, RequestBuilder};
use serde_json::{Map, Value, json};

use self::bodies::Bodies;
use self::held::{Holdings, announce, bar, hold, log_in, shut};
use crate::app::TestApp;
use crate::cast::{PASSWORD, Person, all_for_treatment};
use crate::door::Reply;

const HEADER: &str = "\
Who may do what: every operation of the API, asked by everybody there is, and what it answered.
Written by `cargo run --package tests --features write --example golden`; a test fails when it is not up to date.

The patient asks about herself; everybody else asks about her, or about what is the let-in doctor's.
A consent was in force for the let-in, the revoked, the suspended and the barred doctor; they hold what they
got before: a view token, an open viewing, an upload ticket. So does the last, before another patient's
record, which that patient closed. Where a code is asked for, it is given.

";

/// A challenge that nobody made.
const NO_CHALLENGE: &str = "0192f3c4-0000-7000-8000-0000000000c4";

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asker {
    Nobody,
    Patient,
    OtherPatient,
    Pending,
    Stranger,
    LetIn,
    Revoked,
    Suspended,
    Barred,
    ClosedOut,
    Admin,
}

const COLUMNS: [(Asker, &str); 11] = [
    (Asker::Nobody, "nobody"),
    (Asker::Patient, "the patient"),
    (Asker::OtherPatient, "another patient"),
    (Asker::Pending, "pending doctor"),
    (Asker::Stranger, "doctor, no consent"),
    (Asker::LetIn, "doctor, let in"),
    (Asker::Revoked, "doctor, revoked"),
    (Asker::Suspended, "suspended doctor"),
    (Asker::Barred, "doctor, barred"),
    (Asker::ClosedOut, "doctor, closed record"),
    (Asker::Admin, "admin"),
];

/// An installation with everybody in it.
struct Clinic {
    app: TestApp,
    ana: Person,
    uma: Person,
    pending: Person,
    stranger: Person,
    let_in: Holdings,
    revoked: Holdings,
    suspended: Holdings,
    barred: Holdings,
    closed_out: Holdings,
    /// Who closed her record.
    clo: Person,
    cy: Person,
    report: String,
    /// Hers.
    closed_report: String,
    spare_consent: String,
    /// Where that stands in the log.
    own_event: Value,
    spare_session: String,
    numbers: AtomicU32,
}

/// The matrix as text.
pub async fn permissions() -> String {
    let clinic = Clinic::open().await;
    let mut rows = vec![header_row()];
    for (method, path) in operations() {
        let mut row = vec![format!("{} {path}", method.to_uppercase())];
        for (who, _) in COLUMNS {
            row.push(clinic.cell(who, &method, &path).await);
        }
        rows.push(row);
    }
    HEADER.to_owned() + &table(&rows)
}

fn header_row() -> Vec<String> {
    let names = COLUMNS.iter().map(|(_, name)| (*name).to_owned());
    std::iter::once("operation".to_owned()).chain(names).collect()
}

fn table(rows: &[Vec<String>]) -> String {
    let widths: Vec<usize> = (0..=COLUMNS.len())
        .map(|column| rows.iter().map(|row| row[column].len()).max().unwrap_or(0))
        .collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        let line = cells.collect::<Vec<_>>().join(" | ");
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

/// Method and path of every operation of the description.
fn operations() -> Vec<(String, String)> {
    let document = api::rest::openapi();
    let paths = document["paths"].as_object().expect("paths").clone();
    let methods = |(path, methods): (String, Value)| {
        let methods = methods.as_object().expect("methods").clone().into_iter();
        methods.map(move |(method, _)| (method, path.clone())).collect::<Vec<_>>()
    };
    paths.into_iter().flat_map(methods).collect()
}

impl Clinic {
    async fn open() -> Self {
        let app = TestApp::start().await;
        let (ana, bo, cy) = app.cast().await;
        let report = ana.letter(&app, &ana.id, "Letter").await;
        let uma = app.patient("Uma Unger", "uma@example.org").await;
        let pending = app.pending_doctor("Dr Pia Pohl", "pia@example.org").await;
        let stranger = app.doctor(&cy, "Dr Stan Stein", "stan@example.org").await;
        let rex = app.doctor(&cy, "Dr Rex Roth", "rex@example.org").await;
        let sue = app.doctor(&cy, "Dr Sue Sand", "sue@example.org").await;
        let (let_in, _) = hold(&app, &ana, bo, &report).await;
        let (revoked, consent) = hold(&app, &ana, rex, &report).await;
        let (suspended, _) = hold(&app, &ana, sue, &report).await;
        let ben = app.doctor(&cy, "Dr Ben Bach", "ben@example.org").await;
        let cora = app.doctor(&cy, "Dr Cora Cole", "cora@example.org").await;
        let clo = app.patient("Clo Closed", "clo@example.org").await;
        let closed_report = clo.letter(&app, &clo.id, "Letter").await;
        let (barred, _) = hold(&app, &ana, ben, &report).await;
        let (closed_out, _) = hold(&app, &clo, cora, &closed_report).await;
        shut(&app, &ana, bar(&barred.doctor)).await;
        shut(&app, &clo, json!({ "kind": "record" })).await;
        ana.revoke(&app, &consent).await.expect(200);
        app.until_published().await;
        app.standing(&cy, &suspended.doctor, "suspend").await.expect(200);
        let spare = ana.grant(&app, all_for_treatment(&app, &let_in.doctor.id)).await;
        let spare = spare.expect(201);
        let (spare_consent, own_event) = (spare.text("consent"), spare.json()["position"].clone());
        app.until_published().await;
        let spare_session = app.log_in(&ana.email).await.session;
        let numbers = AtomicU32::new(0);
        Self {
            app,
            ana,
            uma,
            pending,
            stranger,
            let_in,
            revoked,
            suspended,
            barred,
            closed_out,
            clo,
            cy,
            report,
            closed_report,
            spare_consent,
            own_event,
            spare_session,
            numbers,
        }
    }

    fn person(&self, who: Asker) -> Option<&Person> {
        match who {
            Asker::Nobody => None,
            Asker::Patient => Some(&self.ana),
            Asker::OtherPatient => Some(&self.uma),
            Asker::Pending => Some(&self.pending),
            Asker::Stranger => Some(&self.stranger),
            Asker::LetIn => Some(&self.let_in.doctor),
            Asker::Revoked => Some(&self.revoked.doctor),
            Asker::Suspended => Some(&self.suspended.doctor),
            Asker::Barred => Some(&self.barred.doctor),
            Asker::ClosedOut => Some(&self.closed_out.doctor),
            Asker::Admin => Some(&self.cy),
        }
    }

    /// What a doctor holds; others try what is the let-in doctor's.
    fn held(&self, who: Asker) -> &Holdings {
        match who {
            Asker::Revoked => &self.revoked,
            Asker::Suspended => &self.suspended,
            Asker::Barred => &self.barred,
            Asker::ClosedOut => &self.closed_out,
            Asker::Nobody
            | Asker::Patient
            | Asker::OtherPatient
            | Asker::Pending
            | Asker::Stranger
            | Asker::LetIn
            | Asker::Admin => &self.let_in,
        }
    }

    /// The record that is asked about, and a report of it.
    fn record(&self, who: Asker) -> (&Person, &str) {
        if who == Asker::ClosedOut {
            (&self.clo, &self.closed_report)
        } else {
            (&self.ana, &self.report)
        }
    }

    async fn cell(&self, who: Asker, method: &str, path: &str) -> String {
        let (status, code) = if path == "/api/v1/stream" {
            // It has no end: what it begins with is enough.
            let answer = self.request(who, method, path).send().await.expect("an answer");
            let status = answer.status().as_u16();
            if status == 200 {
                (status, String::new())
            } else {
                outcome_of(&Reply::of(answer).await)
            }
        } else {
            outcome_of(&self.ask(who, method, path).await)
        };
        format!("{status} {code}").trim().to_owned()
    }

    /// The operation, asked by `who` with the ids of this installation.
    fn request(&self, who: Asker, method: &str, path: &str) -> RequestBuilder {
        let held = self.held(who);
        let closing = method == "delete" && path.ends_with("/viewings/{viewing}");
        let viewing = if closing { &held.to_close } else { &held.viewing };
        let (patient, report) = self.record(who);
        let path = path
            .replace("{patient}", &patient.id)
            .replace("{doctor}", &self.stranger.id)
            .replace("{report}", report)
            .replace("{consent}", &self.spare_consent)
            .replace("{position}", &self.own_event.to_string())
            .replace("{session}", &self.spare_session)
            .replace("{viewing}", viewing)
            // Nobody's: the same answer to everybody who may ask.
            .replace("{challenge}", NO_CHALLENGE)
            .replace("{passkey}", "0192f3c4-0000-7000-8000-0000000000fa")
            .replace("{page}", "1")
            // No such tile yet: the same answer to everybody.
            .replace("{name}", "0/999")
            .replace("{code}", "not_found");
        let path = match path.as_str() {
            "/api/v1/log/inclusion" => format!("{path}?position=0"),
            "/api/v1/log/consistency" => format!("{path}?from=1"),
            _ => path,
        };
        assert!(!path.contains('{'), "{path}: what stands for this in the matrix?");
        let method = Method::from_bytes(method.to_uppercase().as_bytes()).expect("a method");
        match self.person(who) {
            Some(person) => person.request(&self.app, method, &path),
            None => self.app.client.request(method, format!("{}{path}", self.app.url)),
        }
    }

    async fn ask(&self, who: Asker, method: &str, path: &str) -> Reply {
        let request = self.request(who, method, path);
        match (method, path) {
            ("delete", "/api/v1/sessions/current") => return self.log_out(who).await,
            ("put", "/api/v1/uploads") => return self.upload(who, request).await,
            _ => {}
        }
        let Some(body) = self.body(who, method, path).await else {
            return Reply::to(request).await;
        };
        let asked = Reply::to(request.json(&body)).await;
        match self.person(who) {
            Some(person) if asked.status >= 400 && asked.code() == "step_up_required" => {
                person.grant(&self.app, body).await
            }
            Some(_) | None => asked,
        }
    }

    /// A sensible body, as small as can be, if one is taken: made of the operation's description.
    async fn body(&self, who: Asker, method: &str, path: &str) -> Option<Value> {
        let mut known = self.known(who);
        let before = self.asked_before(path).await;
        known.extend(before.clone());
        let mut body = self.described(method, path, known)?;
        // What was asked for before is given where the description leaves a choice, too.
        if let Some(members) = body.as_object_mut() {
            members.extend(before);
        }
        Some(body)
    }

    fn described(&self, method: &str, path: &str, known: Map<String, Value>) -> Option<Value> {
        let document = api::rest::openapi();
        let bodies = Bodies { document: &document, known };
        bodies.of(&document["paths"][path][method])
    }

    /// What stands for members of some names, in whatever body: what there is in this installation.
    fn known(&self, who: Asker) -> Map<String, Value> {
        let consent = all_for_treatment(&self.app, &self.let_in.doctor.id);
        members(json!({
            "email": format!("new{}@example.org", self.numbers.fetch_add(1, Ordering::Relaxed)),
            "password": PASSWORD,
            "client": "machine",
            "report": self.record(who).1,
            "token": self.held(who).token,
            "grantee": consent["grantee"],
            "from": consent["from"],
            "until": consent["until"],
        }))
    }

    /// What another operation has to be asked for first, or who has an account.
    async fn asked_before(&self, path: &str) -> Map<String, Value> {
        members(match path {
            "/api/v1/registrations/confirm" => {
                let form = self.described("post", "/api/v1/patients", self.known(Asker::Nobody));
                let form = form.expect("a form");
                let email = form["email"].as_str().expect("an address").to_owned();
                let asked = self.app.post("/api/v1/patients", form).await;
                json!({ "challenge": asked.text("challenge"), "code": self.app.code(&email) })
            }
            "/api/v1/codes" => {
                let form = self.described("post", "/api/v1/patients", self.known(Asker::Nobody));
                let asked = self.app.post("/api/v1/patients", form.expect("a form")).await;
                json!({ "challenge": asked.text("challenge") })
            }
            "/api/v1/sessions" => json!({ "email": self.ana.email }),
            "/api/v1/sessions/second-factor" => {
                let asked = self.app.post("/api/v1/sessions", log_in(&self.cy)).await;
                let code = self.app.code(&self.cy.email);
                json!({ "challenge": asked.text("challenge"), "code": code })
            }
            // Of nobody whose answers are compared.
            "/api/v1/patients/{patient}/bars" | "/api/v1/patients/{patient}/bars/lift" => {
                json!({ "what": bar(&self.pending) })
            }
            "/api/v1/me/passkeys" => json!({ "challenge": NO_CHALLENGE }),
            "/api/v1/me/authenticator-app" => {
                json!({ "challenge": NO_CHALLENGE, "first_code": "287082", "code": "123456" })
            }
            "/api/v1/sessions/refresh" => {
                let machine = self.app.post("/api/v1/sessions", log_in(&self.ana)).await;
                json!({ "refresh_token": machine.text("refresh_token") })
            }
            _ => json!({}),
        })
    }

    /// In a session of its own: the others are still needed.
    async fn log_out(&self, who: Asker) -> Reply {
        let path = "/api/v1/sessions/current";
        match self.person(who) {
            None => self.app.call(Method::DELETE, path, None).await,
            Some(person) => {
                let again = self.app.log_in(&person.email).await;
                again.delete(&self.app, path).await
            }
        }
    }

    async fn upload(&self, who: Asker, request: RequestBuilder) -> Reply {
        let ticket = match who {
            Asker::Patient => announce(&self.app, &self.ana, &self.ana.id).await,
            Asker::Nobody
            | Asker::OtherPatient
            | Asker::Pending
            | Asker::Stranger
            | Asker::LetIn
            | Asker::Revoked
            | Asker::Suspended
            | Asker::Barred
            | Asker::ClosedOut
            | Asker::Admin => self.held(who).ticket.clone(),
        };
        Reply::to(request.header("Upload-Ticket", ticket).body("All is well.")).await
    }
}

fn outcome_of(reply: &Reply) -> (u16, String) {
    let code = if reply.status < 400 { String::new() } else { reply.code() };
    (reply.status, code)
}

fn members(object: Value) -> Map<String, Value> {
    if let Value::Object(members) = object { members } else { Map::new() }
}
