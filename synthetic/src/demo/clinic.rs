//! The clinic while it is made up: people do what people do, through the same flows as everybody, and read
//! their codes in the letters they get.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use commands::access::viewing::{DoctorCaller, PageWish, ViewingError};
use commands::application::Application;
use commands::consent::grant_flow::{ConsentError, Proposal};
use commands::identity::log_in::LoggedIn;
use commands::identity::registration::{AdminForm, DoctorForm, PatientForm};
use commands::identity::sessions::SignedIn;
use commands::identity::step_up::{Proof, StepUp};
use commands::records::uploading::ReportForm;
use domain::actor::Actor;
use domain::consent::scope::Purpose;
use domain::identity::event::Client;
use domain::ids::{AdminId, ChallengeId, ConsentId, DoctorId, PatientId, ReportId, ViewingId};
use domain::records::Category;
use futures::StreamExt as _;
use secrecy::{ExposeSecret as _, SecretString};

use super::cast::{self, DemoPerson, PASSWORD};
use super::clock::DemoClock;
use super::installation::Installation;
use super::reports::DemoReport;
use crate::letters::newest_code;

/// Where the cast's requests come from (RFC 5737: addresses of nobody).
const SOURCE: &str = "192.0.2.17";

/// The clinic while it is made up.
pub struct DemoClinic {
    installation: Arc<dyn Installation>,
    pub(super) clock: Arc<DemoClock>,
    outbox: PathBuf,
}

/// A patient and their reports.
pub(super) struct PatientRecord {
    pub(super) person: DemoPerson,
    /// Who signed the documents.
    signed_by: DemoPerson,
    pub(super) patient: PatientId,
    pub(super) reports: Vec<(Category, ReportId)>,
}

impl PatientRecord {
    /// The patient's first report of a category.
    pub(super) fn report(&self, category: Category) -> anyhow::Result<ReportId> {
        let found = self.reports.iter().find(|(of, _)| *of == category);
        found.map(|(_, report)| *report).context("the patient has no such report")
    }
}

/// A doctor who registered.
#[derive(Clone, Copy)]
pub(super) struct RegisteredDoctor {
    pub(super) person: DemoPerson,
    pub(super) doctor: DoctorId,
}

impl DemoClinic {
    /// A clinic in an empty installation that goes by `clock` and leaves its letters in `outbox`.
    pub fn new(
        installation: Arc<dyn Installation>,
        clock: Arc<DemoClock>,
        outbox: PathBuf,
    ) -> Self {
        Self { installation, clock, outbox }
    }

    /// The flows, as everybody uses them.
    pub(super) fn app(&self) -> &Application {
        self.installation.application()
    }

    /// The code in the newest letter to somebody, read as they would read it.
    fn code(&self, person: &DemoPerson) -> anyhow::Result<SecretString> {
        Ok(newest_code(&self.outbox, person.email)?.into())
    }

    fn answer(&self, challenge: ChallengeId, person: &DemoPerson) -> anyhow::Result<StepUp> {
        Ok(StepUp { challenge, proof: Proof::Code(self.code(person)?) })
    }

    async fn confirm(
        &self,
        challenge: ChallengeId,
        person: &DemoPerson,
        link: Option<SecretString>,
    ) -> anyhow::Result<Actor> {
        self.clock.wait(1);
        let answer = self.answer(challenge, person)?;
        Ok(self.app().registration.confirm(answer, link, SOURCE).await?.0)
    }

    /// The first admin comes in through the one-time link.
    pub(super) async fn first_admin(&self) -> anyhow::Result<AdminId> {
        let link = self.app().first_admin.link().await?.context("there is an admin already")?;
        let DemoPerson { name, email, .. } = cast::ADMIN;
        let form = AdminForm {
            token: link.clone(),
            name: name.to_owned(),
            email: email.to_owned(),
            password: PASSWORD.into(),
        };
        let challenge = self.app().registration.first_admin(form, SOURCE).await?;
        let Actor::Admin(admin) = self.confirm(challenge, &cast::ADMIN, Some(link)).await? else {
            anyhow::bail!("somebody else came in through the admin's link");
        };
        Ok(admin)
    }

    pub(super) async fn register_doctor(
        &self,
        doctor: &cast::DemoDoctor,
    ) -> anyhow::Result<RegisteredDoctor> {
        let cast::DemoDoctor { person, licence, issuer, specialty, specialty_text, .. } = *doctor;
        let form = DoctorForm {
            name: person.name.to_owned(),
            email: person.email.to_owned(),
            password: PASSWORD.into(),
            licence: licence.to_owned(),
            issuer: issuer.to_owned(),
            specialty,
            specialty_text: specialty_text.to_owned(),
        };
        let challenge = self.app().registration.doctor(form, SOURCE).await?;
        let Actor::Doctor(doctor) = self.confirm(challenge, &person, None).await? else {
            anyhow::bail!("a doctor became something else");
        };
        Ok(RegisteredDoctor { person, doctor })
    }

    /// A patient registers, logs in and uploads what they have at home.
    pub(super) async fn register_patient(
        &self,
        person: DemoPerson,
        signed_by: DemoPerson,
    ) -> anyhow::Result<PatientRecord> {
        let form = PatientForm {
            name: person.name.to_owned(),
            birth_date: cast::birth_date_of(&person),
            email: person.email.to_owned(),
            password: PASSWORD.into(),
        };
        let challenge = self.app().registration.patient(form, SOURCE).await?;
        let Actor::Patient(patient) = self.confirm(challenge, &person, None).await? else {
            anyhow::bail!("a patient became something else");
        };
        let by = self.log_in(&person).await?;
        let mut record = PatientRecord { person, signed_by, patient, reports: Vec::new() };
        let mut reports = cast::reports_of(&person, &signed_by);
        // The consultation note is the doctor's to bring.
        reports.retain(|report| report.category != "consultation");
        for report in reports {
            self.clock.wait(2);
            self.upload(by, &mut record, report).await?;
        }
        Ok(record)
    }

    pub(super) async fn log_in(&self, person: &DemoPerson) -> anyhow::Result<SignedIn> {
        let client = Client::Browser;
        self.clock.wait(1);
        match self.app().log_in.log_in(person.email, PASSWORD.into(), client, SOURCE).await? {
            LoggedIn::Session(opened) => Ok(opened.signed_in),
            LoggedIn::SecondFactor { challenge, .. } => {
                self.clock.wait(1);
                let answer = self.answer(challenge, person)?;
                Ok(self.app().log_in.answer_second_factor(answer, client, SOURCE).await?.signed_in)
            }
        }
    }

    pub(super) async fn doctor_in(&self, known: &RegisteredDoctor) -> anyhow::Result<DoctorCaller> {
        let session = self.log_in(&known.person).await?.session;
        Ok(DoctorCaller { doctor: known.doctor, session })
    }

    /// Uploads a report, in the name of whoever is signed in.
    pub(super) async fn upload(
        &self,
        by: SignedIn,
        record: &mut PatientRecord,
        report: DemoReport,
    ) -> anyhow::Result<()> {
        let category: Category = serde_json::from_value(report.category.into())?;
        let form = ReportForm {
            patient: record.patient,
            title: report.title,
            category,
            media_type: report.media_type.to_owned(),
        };
        let (id, ticket) = self.app().uploads.announce(by, form).await?;
        let body = futures::stream::iter([Ok(Bytes::from(report.bytes))]).boxed();
        let request = self.app().fresh.request();
        self.app().uploads.take(by, ticket.expose_secret(), body, request).await?;
        record.reports.push((category, id));
        Ok(())
    }

    /// A doctor the patient lets in brings the consultation note.
    pub(super) async fn bring_note(
        &self,
        by: DoctorCaller,
        record: &mut PatientRecord,
    ) -> anyhow::Result<()> {
        let mut reports = cast::reports_of(&record.person, &record.signed_by).into_iter();
        let note = reports.find(|report| report.category == "consultation");
        let by = SignedIn { actor: Actor::Doctor(by.doctor), session: by.session };
        self.clock.wait(5);
        self.upload(by, record, note.context("no note was made")?).await
    }

    /// Grants a consent: is shown it, gets a code, answers.
    pub(super) async fn grant(
        &self,
        record: &PatientRecord,
        proposal: Proposal,
    ) -> anyhow::Result<ConsentId> {
        let app = self.app();
        let patient = record.patient;
        self.clock.wait(3);
        let asked = app.consents.grant(patient, &proposal, None, app.fresh.request()).await;
        let Err(ConsentError::StepUpRequired(challenge)) = asked else {
            anyhow::bail!("a consent was granted without a code");
        };
        let step_up = Some(self.answer(challenge, &record.person)?);
        let request = app.fresh.request();
        let outcome = app.consents.grant(patient, &proposal, step_up, request).await?;
        Ok(outcome.done.consent)
    }

    pub(super) async fn revoke(
        &self,
        record: &PatientRecord,
        consent: ConsentId,
    ) -> anyhow::Result<()> {
        self.clock.wait(2);
        self.app().consents.revoke(record.patient, consent, self.app().fresh.request()).await?;
        Ok(())
    }

    /// Opens a viewing and looks at its first pages.
    pub(super) async fn look(
        &self,
        by: DoctorCaller,
        record: &PatientRecord,
        (report, purpose): (ReportId, Purpose),
        pages: u32,
    ) -> anyhow::Result<ViewingId> {
        let app = self.app();
        let patient = record.patient;
        self.clock.wait(1);
        let request = app.fresh.request();
        let (token, ..) = app.viewing.ask(by, patient, report, purpose, request).await?;
        let request = app.fresh.request();
        let (viewed, _) = app.viewing.redeem(by, patient, &token, request).await?;
        for page in 1..=pages {
            self.clock.wait(1);
            app.viewing.show_page(by, (patient, viewed.viewing), PageWish::whole(page)).await?;
        }
        Ok(viewed.viewing)
    }

    pub(super) async fn close(
        &self,
        by: DoctorCaller,
        record: &PatientRecord,
        viewing: ViewingId,
    ) -> anyhow::Result<()> {
        self.clock.wait(1);
        let request = self.app().fresh.request();
        self.app().viewing.end(by, record.patient, viewing, request).await?;
        Ok(())
    }

    /// Asks for a view and is refused, for exactly this reason.
    pub(super) async fn refused(
        &self,
        by: DoctorCaller,
        record: &PatientRecord,
        (report, purpose): (ReportId, Purpose),
        code: &str,
    ) -> anyhow::Result<()> {
        self.clock.wait(2);
        let request = self.app().fresh.request();
        let asked = self.app().viewing.ask(by, record.patient, report, purpose, request).await;
        self.not_shown(asked, code)
    }

    /// Goes on to the next page of an open viewing and is refused.
    pub(super) async fn page_refused(
        &self,
        by: DoctorCaller,
        (record, viewing): (&PatientRecord, ViewingId),
        page: u32,
        code: &str,
    ) -> anyhow::Result<()> {
        self.clock.wait(1);
        let shown = self
            .app()
            .viewing
            .show_page(by, (record.patient, viewing), PageWish::whole(page))
            .await;
        self.not_shown(shown, code)
    }

    /// The patient takes a copy home.
    pub(super) async fn download(
        &self,
        record: &PatientRecord,
        report: ReportId,
    ) -> anyhow::Result<()> {
        self.clock.wait(1);
        let mut revealed = self.app().downloads.download(record.patient, report, None).await?;
        let mut left = revealed.size;
        while let Some(chunk) = revealed.bytes.next().await {
            left = left.saturating_sub(chunk?.len() as u64);
        }
        ensure!(left == 0, "a download ended early");
        Ok(())
    }

    /// Somebody who does not know the password tries.
    pub(super) async fn guess_password_of(&self, person: &DemoPerson) -> anyhow::Result<()> {
        self.clock.wait(1);
        let guess = SecretString::from("not-the-password-at-all");
        let tried = self.app().log_in.log_in(person.email, guess, Client::Browser, SOURCE).await;
        let got = tried.map_err(|error| self.installation.code_of_log_in(error));
        refused_as(got.map(drop), "wrong_credentials")
    }

    fn not_shown<T>(&self, asked: Result<T, ViewingError>, code: &str) -> anyhow::Result<()> {
        let got = asked.map_err(|error| self.installation.code_of_viewing(error));
        refused_as(got.map(drop), code)
    }
}

/// A story whose refusals are not refused would be a lie.
fn refused_as(got: Result<(), String>, code: &str) -> anyhow::Result<()> {
    match got {
        Err(no) if no == code => Ok(()),
        Err(other) => anyhow::bail!("{other}, not {code}"),
        Ok(()) => anyhow::bail!("not refused, though {code}"),
    }
}
