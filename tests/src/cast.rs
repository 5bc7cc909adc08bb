//! The cast: patient Ana, doctor Bo, admin Cy. They do what people do, through the public surface.

use reqwest::{Method, RequestBuilder};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::app::TestApp;
use crate::door::{Door, Reply};

/// Everybody's password.
pub const PASSWORD: &str = "correct horse battery staple";

/// Somebody who is signed in with a browser.
#[derive(Debug, Clone)]
pub struct Person {
    /// E-mail address.
    pub email: String,
    /// `patient:<uuid>` and so on, as the log names who acts.
    pub account: String,
    /// The UUID alone.
    pub id: String,
    /// The session.
    pub session: String,
    cookie: String,
    csrf: String,
}

impl Person {
    /// A request in this person's session.
    pub fn request(&self, app: &Door, method: Method, path: &str) -> RequestBuilder {
        app.client
            .request(method, format!("{}{path}", app.url))
            .header("Cookie", &self.cookie)
            .header("X-CSRF-Token", &self.csrf)
    }

    /// `GET`.
    pub async fn get(&self, app: &Door, path: &str) -> Reply {
        Reply::of(self.request(app, Method::GET, path).send().await.expect("an answer")).await
    }

    /// `POST`.
    pub async fn post(&self, app: &Door, path: &str, body: Value) -> Reply {
        let request = self.request(app, Method::POST, path).json(&body);
        Reply::of(request.send().await.expect("an answer")).await
    }

    /// `DELETE`.
    pub async fn delete(&self, app: &Door, path: &str) -> Reply {
        Reply::of(self.request(app, Method::DELETE, path).send().await.expect("an answer")).await
    }

    /// The cookie header of the session.
    pub fn cookie(&self) -> &str {
        &self.cookie
    }

    /// The CSRF token of the session.
    pub fn csrf(&self) -> &str {
        &self.csrf
    }

    /// Announces a report for a patient and uploads its body. Answers the report's id.
    pub async fn upload(
        &self,
        app: &Door,
        patient: &str,
        (title, category, media_type): (&str, &str, &str),
        bytes: Vec<u8>,
    ) -> Reply {
        let path = format!("/api/v1/patients/{patient}/reports");
        let body = json!({ "title": title, "category": category, "media_type": media_type });
        let announced = self.post(app, &path, body).await;
        if announced.status != 201 {
            return announced;
        }
        let request = self.request(app, Method::PUT, "/api/v1/uploads");
        let request = request.header("Upload-Ticket", announced.text("ticket")).body(bytes);
        Reply::of(request.send().await.expect("an answer")).await
    }

    /// Grants a consent, code and all.
    pub async fn grant(&self, app: &Door, body: Value) -> Reply {
        let path = format!("/api/v1/patients/{}/consents", self.id);
        let asked = self.post(app, &path, body.clone()).await;
        if asked.code() != "step_up_required" {
            return asked;
        }
        let step_up =
            format!("challenge={}; code={}", asked.text("challenge"), app.code(&self.email));
        let request = self.request(app, Method::POST, &path).json(&body);
        let request = request.header("Medlock-Step-Up", step_up);
        Reply::of(request.send().await.expect("an answer")).await
    }

    /// Revokes a consent.
    pub async fn revoke(&self, app: &Door, consent: &str) -> Reply {
        let path = format!("/api/v1/patients/{}/consents/{consent}/revoke", self.id);
        self.post(app, &path, json!({})).await
    }

    /// Asks for a view token.
    pub async fn ask(&self, app: &Door, patient: &str, report: &str) -> Reply {
        let path = format!("/api/v1/patients/{patient}/view-tokens");
        self.post(app, &path, json!({ "report": report, "purpose": "TREAT" })).await
    }

    /// Redeems a view token.
    pub async fn redeem(&self, app: &Door, patient: &str, token: &str) -> Reply {
        let path = format!("/api/v1/patients/{patient}/viewings");
        self.post(app, &path, json!({ "token": token })).await
    }

    /// Uploads a letter in plain text, and answers the report's id.
    pub async fn letter(&self, app: &Door, patient: &str, title: &str) -> String {
        self.write(app, patient, title, "consultation").await
    }

    /// Uploads plain text of some category, and answers the report's id.
    pub async fn write(&self, app: &Door, patient: &str, title: &str, category: &str) -> String {
        let about = (title, category, "text/plain");
        let uploaded = self.upload(app, patient, about, b"All is well.".to_vec()).await;
        uploaded.expect(201).text("report")
    }

    /// Asks for a report and redeems the token: answers the viewing.
    pub async fn open(&self, app: &Door, patient: &str, report: &str) -> String {
        let token = self.ask(app, patient, report).await.expect(201).text("token");
        self.redeem(app, patient, &token).await.expect(201).text("viewing")
    }

    /// A list, everything that happened so far included.
    pub async fn list(&self, app: &TestApp, path: &str) -> Reply {
        let sign = if path.contains('?') { '&' } else { '?' };
        self.get(app, &format!("{path}{sign}min_position={}", app.newest())).await
    }

    /// The sentences of my access history, newest first.
    pub async fn history(&self, app: &TestApp) -> Vec<String> {
        let path = format!("/api/v1/patients/{}/access-history", self.id);
        self.list(app, &path).await.expect(200).column("sentence")
    }

    /// Looks at a page.
    pub async fn page(&self, app: &Door, patient: &str, viewing: &str, n: u32) -> Reply {
        self.get(app, &format!("/api/v1/patients/{patient}/viewings/{viewing}/pages/{n}")).await
    }
}

/// A consent to everything, for treatment, for a week from now.
pub fn all_for_treatment(app: &Door, doctor: &str) -> Value {
    consent(app, doctor, json!({ "preset": "all_for_treatment" }))
}

/// A consent to `choice`, for a week from now.
pub fn consent(app: &Door, doctor: &str, choice: Value) -> Value {
    let week = domain::time::minutes(7 * 24 * 60);
    json!({
        "grantee": { "kind": "doctor", "doctor": doctor },
        "choice": choice,
        "from": app.now().to_string(),
        "until": app.now().plus(week).to_string(),
    })
}

impl Door {
    /// Logs somebody in with a browser, code and all.
    pub async fn log_in(&self, email: &str) -> Person {
        let body = json!({ "email": email, "password": PASSWORD, "client": "browser" });
        let mut reply = self.post("/api/v1/sessions", body).await;
        if reply.status == 202 {
            let answer = json!({
                "challenge": reply.text("challenge"),
                "code": self.code(email),
                "client": "browser",
            });
            reply = self.post("/api/v1/sessions/second-factor", answer).await;
        }
        let reply = reply.expect(201);
        let cookie = reply.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
        let id = reply.text("account");
        let account = format!("{}:{id}", reply.text("role"));
        let (session, csrf) = (reply.text("session"), reply.text("csrf_token"));
        Person { email: email.to_owned(), account, id, session, cookie, csrf }
    }

    async fn confirm(&self, asked: Reply, email: &str, token: Option<&str>) {
        let mut answer =
            json!({ "challenge": asked.expect(202).text("challenge"), "code": self.code(email) });
        if let Some(token) = token {
            answer["token"] = json!(token);
        }
        self.post("/api/v1/registrations/confirm", answer).await.expect(200);
    }

    /// Registers a patient, confirms the address, logs in.
    pub async fn patient(&self, name: &str, email: &str) -> Person {
        let body = json!({
            "name": name, "birth_date": "1980-02-29", "email": email, "password": PASSWORD,
        });
        let asked = self.post("/api/v1/patients", body).await;
        self.confirm(asked, email, None).await;
        self.log_in(email).await
    }

    /// Registers a doctor, confirms the address, logs in; an admin has yet to verify them.
    pub async fn pending_doctor(&self, name: &str, email: &str) -> Person {
        let body = json!({
            "name": name, "email": email, "password": PASSWORD, "licence": "L-4711",
            "issuer": "Medical Chamber", "specialty": "radiology", "specialty_text": "Radiology",
        });
        let asked = self.post("/api/v1/doctors", body).await;
        self.confirm(asked, email, None).await;
        self.log_in(email).await
    }

    /// The first admin comes in through the one-time link and logs in.
    pub async fn first_admin(&self, token: &str, name: &str, email: &str) -> Person {
        let body = json!({ "token": token, "name": name, "email": email, "password": PASSWORD });
        let asked = self.post("/api/v1/admins/first", body).await;
        self.confirm(asked, email, Some(token)).await;
        self.log_in(email).await
    }

    /// Takes a step in a doctor's standing.
    pub async fn standing(&self, admin: &Person, doctor: &Person, step: &str) -> Reply {
        let path = format!("/api/v1/doctors/{}/standing", doctor.id);
        admin.post(self, &path, json!({ "step": step, "note": "register entry seen" })).await
    }

    /// A doctor whom `admin` has verified.
    pub async fn doctor(&self, admin: &Person, name: &str, email: &str) -> Person {
        let doctor = self.pending_doctor(name, email).await;
        self.standing(admin, &doctor, "verify").await.expect(200);
        doctor
    }

    /// Ana, a patient; Bo, a verified doctor; Cy, the admin who came in through the link.
    pub async fn cast_with(&self, token: &str) -> (Person, Person, Person) {
        let cy = self.first_admin(token, "Cy Corvin", "cy@example.org").await;
        let bo = self.doctor(&cy, "Dr Bo Berg", "bo@example.org").await;
        let ana = self.patient("Ana Acker", "ana@example.org").await;
        (ana, bo, cy)
    }
}

impl TestApp {
    /// The token of a new one-time link.
    pub async fn link(&self) -> String {
        let link = self.inside.first_admin.link().await.expect("a link").expect("no admin yet");
        link.expose_secret().to_owned()
    }

    /// Ana, Bo and Cy.
    pub async fn cast(&self) -> (Person, Person, Person) {
        self.cast_with(&self.link().await).await
    }
}
