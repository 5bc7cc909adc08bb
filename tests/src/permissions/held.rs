//! What doctors of the matrix hold, and what patients shut them out with.

use serde_json::{Value, json};

use crate::app::TestApp;
use crate::cast::{PASSWORD, Person, all_for_treatment};

/// What a doctor holds from the time their consent was in force.
pub(super) struct Holdings {
    pub(super) doctor: Person,
    pub(super) token: String,
    pub(super) viewing: String,
    pub(super) to_close: String,
    pub(super) ticket: String,
}

fn announcement() -> Value {
    json!({ "title": "Note", "category": "other", "media_type": "text/plain" })
}

pub(super) async fn announce(app: &TestApp, by: &Person, patient: &str) -> String {
    let path = format!("/api/v1/patients/{patient}/reports");
    by.post(app, &path, announcement()).await.expect(201).text("ticket")
}

pub(super) fn bar(doctor: &Person) -> Value {
    json!({ "kind": "barred", "whom": { "kind": "doctor", "doctor": doctor.id } })
}

pub(super) async fn shut(app: &TestApp, patient: &Person, what: Value) {
    let body = json!({ "what": what, "emergency_passes": false });
    let path = format!("/api/v1/patients/{}/bars", patient.id);
    patient.post(app, &path, body).await.expect(200);
}

/// Lets a doctor in, who takes all there is to take. Answers the consent too.
pub(super) async fn hold(
    app: &TestApp,
    ana: &Person,
    doctor: Person,
    report: &str,
) -> (Holdings, String) {
    let granted = ana.grant(app, all_for_treatment(app, &doctor.id)).await.expect(201);
    let held = Holdings {
        token: doctor.ask(app, &ana.id, report).await.expect(201).text("token"),
        viewing: doctor.open(app, &ana.id, report).await,
        to_close: doctor.open(app, &ana.id, report).await,
        ticket: announce(app, &doctor, &ana.id).await,
        doctor,
    };
    (held, granted.text("consent"))
}

pub(super) fn log_in(person: &Person) -> Value {
    json!({ "email": person.email, "password": PASSWORD, "client": "machine" })
}
