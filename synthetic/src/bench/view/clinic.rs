//! A clinic made through HTTP: one admin, one doctor, patients with a report and a consent each.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use commands::ports::blob_store::ClearBytes;
use commands::ports::rasteriser::{PageEncoding, PageJob, Rasteriser};
use futures::StreamExt as _;
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};

use super::service::RunningMedlock;
use crate::bench::TestBed;
use crate::letters::newest_code;

const PASSWORD: &str = "correct horse battery staple";

/// The cast, shared by all callers.
#[derive(Clone)]
pub(super) struct BenchClinic {
    client: Client,
    url: String,
    outbox: PathBuf,
    doctor: Arc<TokenHolder>,
    patients: Arc<Vec<(TokenHolder, String)>>,
    bed: Arc<dyn TestBed>,
    rasteriser: Arc<dyn Rasteriser>,
    document: bytes::Bytes,
}

/// Somebody with a machine's token.
pub(super) struct TokenHolder {
    pub(super) id: String,
    pub(super) token: String,
    email: String,
}

/// A grant whose code has come.
pub(super) struct ReadyGrant {
    patient: usize,
    body: Value,
    step_up: String,
}

/// A view token for a patient's report.
pub(super) struct ViewToken {
    patient: usize,
    token: String,
}

impl BenchClinic {
    /// Makes everybody.
    pub(super) async fn make(
        bed: &Arc<dyn TestBed>,
        service: &RunningMedlock,
        patients: usize,
    ) -> anyhow::Result<Self> {
        let client = Client::new();
        let nobody = TokenHolder { id: String::new(), token: String::new(), email: String::new() };
        let mut clinic = Self {
            client,
            url: service.url.clone(),
            outbox: service.outbox.clone(),
            doctor: Arc::new(nobody),
            patients: Arc::default(),
            bed: Arc::clone(bed),
            rasteriser: bed.rasteriser()?,
            document: document(),
        };
        let link = service.link.clone().context("the service has an admin already")?;
        let admin = json!({ "token": link, "name": "Bench Admin" });
        let admin = clinic.person("/api/v1/admins/first", "admin@example.org", admin).await?;
        let doctor = json!({
            "name": "Bench Doctor", "licence": "L-1", "issuer": "Chamber", "specialty": "other", "specialty_text": "Speed",
        });
        let doctor = clinic.person("/api/v1/doctors", "doctor@example.org", doctor).await?;
        let path = format!("/api/v1/doctors/{}/standing", doctor.id);
        clinic.post(&admin, &path, json!({ "step": "verify", "note": "bench" })).await?;
        clinic.doctor = Arc::new(doctor);
        let made: Vec<_> = futures::stream::iter(0..patients)
            .map(|i| clinic.patient(i))
            .buffer_unordered(2)
            .collect()
            .await;
        let made: anyhow::Result<Vec<_>> = made.into_iter().collect();
        clinic.patients = Arc::new(made?);
        Ok(clinic)
    }

    async fn patient(&self, i: usize) -> anyhow::Result<(TokenHolder, String)> {
        let body = json!({ "name": format!("Bench Patient {i}"), "birth_date": "1980-01-01" });
        let patient = self.person("/api/v1/patients", &format!("p{i}@example.org"), body).await?;
        let path = format!("/api/v1/patients/{}/reports", patient.id);
        let meta =
            json!({ "title": "Bench", "category": "laboratory", "media_type": "text/plain" });
        let ticket = self.post(&patient, &path, meta).await?;
        let request = self.request(&patient, Method::PUT, "/api/v1/uploads");
        let request = request.header("Upload-Ticket", text(&ticket, "ticket")?);
        let report = answer(request.body(self.document.clone()).send().await?).await?;
        Ok((patient, text(&report, "report")?))
    }

    async fn person(
        &self,
        path: &str,
        email: &str,
        mut body: Value,
    ) -> anyhow::Result<TokenHolder> {
        body["email"] = json!(email);
        body["password"] = json!(PASSWORD);
        let token = body["token"].clone();
        let asked = self.anonymous(path, body).await?;
        let code = newest_code(&self.outbox, email)?;
        let mut confirm = json!({ "challenge": asked["challenge"], "code": code });
        if !token.is_null() {
            confirm["token"] = token;
        }
        self.anonymous("/api/v1/registrations/confirm", confirm).await?;
        let log_in = json!({ "email": email, "password": PASSWORD, "client": "machine" });
        let mut opened = self.anonymous("/api/v1/sessions", log_in).await?;
        if opened["challenge"].is_string() {
            let code = newest_code(&self.outbox, email)?;
            let body =
                json!({ "challenge": opened["challenge"], "code": code, "client": "machine" });
            opened = self.anonymous("/api/v1/sessions/second-factor", body).await?;
        }
        let id = text(&opened, "account")?;
        let token = format!("Bearer {}", text(&opened, "access_token")?);
        Ok(TokenHolder { id, token, email: email.to_owned() })
    }

    pub(super) fn request(
        &self,
        who: &TokenHolder,
        method: Method,
        path: &str,
    ) -> reqwest::RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.url));
        request.header("Authorization", &who.token)
    }

    async fn post(&self, who: &TokenHolder, path: &str, body: Value) -> anyhow::Result<Value> {
        answer(self.request(who, Method::POST, path).json(&body).send().await?).await
    }

    async fn anonymous(&self, path: &str, body: Value) -> anyhow::Result<Value> {
        let request = self.client.post(format!("{}{path}", self.url)).json(&body);
        answer(request.send().await?).await
    }

    /// The first patient, who uploads.
    pub(super) fn uploader(&self) -> &TokenHolder {
        &self.patients[0].0
    }

    /// Asks to grant, and fetches the code.
    pub(super) async fn prepare_grant(&self, patient: usize) -> anyhow::Result<ReadyGrant> {
        let who = &self.patients[patient].0;
        let now = self.bed.now();
        let body = json!({
            "grantee": { "kind": "doctor", "doctor": self.doctor.id },
            "choice": { "preset": "all_for_treatment" },
            "from": now.to_string(),
            "until": now.plus(domain::time::minutes(60 * 24)).to_string(),
        });
        let path = format!("/api/v1/patients/{}/consents", who.id);
        let asked = self.request(who, Method::POST, &path).json(&body).send().await?;
        ensure!(asked.status() == 403, "a grant without a code was not refused");
        let asked: Value = asked.json().await?;
        let challenge = text(&asked, "challenge")?;
        let code = newest_code(&self.outbox, &who.email)?;
        Ok(ReadyGrant { patient, body, step_up: format!("challenge={challenge}; code={code}") })
    }

    /// Grants.
    pub(super) async fn grant(&self, ready: ReadyGrant) -> anyhow::Result<()> {
        let who = &self.patients[ready.patient].0;
        let path = format!("/api/v1/patients/{}/consents", who.id);
        let request = self.request(who, Method::POST, &path).json(&ready.body);
        answer(request.header("Medlock-Step-Up", ready.step_up).send().await?).await?;
        Ok(())
    }

    /// Asks for a view token.
    pub(super) async fn ask(&self, patient: usize) -> anyhow::Result<ViewToken> {
        let (who, report) = &self.patients[patient];
        let path = format!("/api/v1/patients/{}/view-tokens", who.id);
        let body = json!({ "report": report, "purpose": "TREAT" });
        let token = text(&self.post(&self.doctor, &path, body).await?, "token")?;
        Ok(ViewToken { patient, token })
    }

    /// Redeems a view token; answers where the first page is.
    pub(super) async fn redeem(&self, view: ViewToken) -> anyhow::Result<String> {
        let path = format!("/api/v1/patients/{}/viewings", self.patients[view.patient].0.id);
        let viewing = self.post(&self.doctor, &path, json!({ "token": view.token })).await?;
        text(&viewing, "first_page")
    }

    /// Redeems a view token and fetches the first page; answers where that is.
    pub(super) async fn look(&self, view: ViewToken) -> anyhow::Result<String> {
        let path = self.redeem(view).await?;
        self.fetch(&path).await?;
        Ok(path)
    }

    /// Fetches another page of the viewing whose first page is there.
    pub(super) async fn turn_to(&self, first: &str, page: u32) -> anyhow::Result<()> {
        let viewing = first.strip_suffix('1').context("a first page that is not the first")?;
        self.fetch(&format!("{viewing}{page}")).await
    }

    async fn fetch(&self, path: &str) -> anyhow::Result<()> {
        let page = self.request(&self.doctor, Method::GET, path).send().await?;
        ensure!(page.status() == 200, "the page was refused: {}", page.status());
        page.bytes().await?;
        Ok(())
    }

    /// Draws the same page by itself: no HTTP, no log, no decryption.
    pub(super) async fn draw(&self) -> anyhow::Result<Duration> {
        let media_type = "text/plain".to_owned();
        let watermark = vec!["Bench Doctor".to_owned(), self.bed.now().to_string()];
        let reader_id = String::new();
        let (page, region, width_px, encoding) = (1, None, 1_240, PageEncoding::Png);
        let job = PageJob { media_type, page, region, watermark, reader_id, width_px, encoding };
        let document = self.document.clone();
        let document: ClearBytes = futures::stream::once(async move { Ok(document) }).boxed();
        let began = Instant::now();
        self.rasteriser.page(job, None, document).await?;
        Ok(began.elapsed())
    }
}

/// Pages of the report that is looked at.
pub(super) const PAGES: u32 = 3;

fn document() -> bytes::Bytes {
    let page = "Bench: a line of a laboratory report, 12.1 g/dl\n".repeat(40);
    vec![page; PAGES as usize].join("\x0c").into()
}

/// The body of an answer that is a success, or that says a code was sent.
async fn answer(response: Response) -> anyhow::Result<Value> {
    let status = response.status();
    let body: Value = response.json().await?;
    ensure!(status.is_success(), "{status}: {body}");
    Ok(body)
}

/// A member of a body as text.
pub(super) fn text(body: &Value, member: &str) -> anyhow::Result<String> {
    let text = body[member].as_str();
    Ok(text.with_context(|| format!("no {member} in the answer"))?.to_owned())
}
