//! Uploading, as a flow: metadata and policy first, then the body as a stream, encrypted before it touches a
//! disk; the report exists once its event does.

use std::sync::Arc;

use domain::actor::Actor;
use domain::chart::Chart;
use domain::consent::grantee::Reader;
use domain::ids::{PatientId, ReportId, SessionId, StreamName};
use domain::personal_text::PersonalText;
use domain::records::Category;
use domain::records::drawing_verdict::DrawingVerdict;
use domain::records::event::ReportUploaded;
use domain::time::{Moment, minutes};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::upload_look::{UploadLooks, teed};
use super::upload_report::{AnyUpload, NotStored, StoredReport, Upload, UploadReportRejection};
use super::{first_bytes, media_type};
use crate::decide::{Rejection, rejections};
use crate::execute::{Caller, ExecuteError, Executor, Outcome};
use crate::fresh::Fresh;
use crate::identity::forms::{FormCheck, FormError};
use crate::identity::sessions::SignedIn;
use crate::ports::blob_store::{BlobError, BlobStore, ClearBytes, Staged};
use crate::ports::event_store::Request;
use crate::ports::key_vault::{KeyVault, ReportKey, VaultError};
use crate::ports::rasteriser::Rasteriser;
use crate::ports::world::Throttle;
use crate::shares::{NoShare, Scarce, Shares};
use crate::throttles::Throttles;

/// How long a ticket lives: the body must have begun by then.
const TICKET_LIFE: std::time::Duration = minutes(60);
/// Longest title.
const TITLE_CHARS_MAX: usize = 200;

/// What is said of a report before its bytes come.
pub struct ReportForm {
    /// Whose record.
    pub patient: PatientId,
    /// What the uploader calls it; sealed before it is written.
    pub title: String,
    /// Broad category.
    pub category: Category,
    /// As the uploader says.
    pub media_type: String,
}

rejections! {
    /// Why a body is not taken.
    TicketRejection {
        /// Not ours, somebody else's, or too old.
        DeadTicket = Forbidden, "dead_ticket", "The upload ticket is not valid: made up, too old, or another session's.", "Start a new upload.", Never;
    }
}

/// A ticket for one body: everything we must remember, sealed, in the caller's hands.
#[derive(Serialize, Deserialize)]
struct Ticket {
    patient: PatientId,
    report: ReportId,
    category: Category,
    media_type: String,
    title: String,
    actor: Actor,
    session: SessionId,
    until: Moment,
}

impl Ticket {
    fn upload(&self, rasteriser: &dyn Rasteriser, limits: UploadLimits) -> Upload {
        Upload {
            patient: self.patient,
            report: self.report,
            category: self.category,
            media_type: self.media_type.clone(),
            can_be_drawn: rasteriser.can_draw(&self.media_type),
            title: PersonalText::clear(&self.title),
            record_bytes_max: limits.record_bytes_max_for(self.actor),
            drawing: None,
        }
    }
}

/// How much may come in.
#[derive(Debug, Clone, Copy)]
pub struct UploadLimits {
    /// Most bytes of a report.
    pub report_bytes_max: u64,
    /// Most bytes of a patient's reports together.
    pub record_bytes_max: u64,
}

impl UploadLimits {
    /// Nobody fills a patient's record up but the patient: a quarter is kept for their own.
    const fn record_bytes_max_for(self, uploader: Actor) -> u64 {
        match uploader {
            Actor::Patient(_) => self.record_bytes_max,
            Actor::Doctor(_) | Actor::Manager(_) | Actor::Admin(_) | Actor::System => {
                self.record_bytes_max - self.record_bytes_max / 4
            }
        }
    }
}

/// Why a report is not taken.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// Not from this caller, or not with this ticket.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// Some fields are not of their form.
    #[error(transparent)]
    Form(#[from] FormError),
    /// The account has its share of uploads already.
    #[error(transparent)]
    Share(#[from] NoShare),
    /// The command was not carried out.
    #[error(transparent)]
    Execute(#[from] ExecuteError),
    /// The report's key could not be made.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Its container could not be stored.
    #[error(transparent)]
    Blob(#[from] BlobError),
}

/// What it takes to upload a report.
pub struct UploadFlow {
    executor: Arc<Executor>,
    vault: Arc<dyn KeyVault>,
    blobs: Arc<dyn BlobStore>,
    rasteriser: Arc<dyn Rasteriser>,
    fresh: Fresh,
    throttles: Throttles,
    shares: Shares,
    limits: UploadLimits,
    looks: UploadLooks,
}

impl UploadFlow {
    /// With what it needs.
    pub fn new(
        executor: Arc<Executor>,
        vault: Arc<dyn KeyVault>,
        blobs: Arc<dyn BlobStore>,
        rasteriser: Arc<dyn Rasteriser>,
        fresh: Fresh,
        (throttles, shares): (Throttles, Shares),
        limits: UploadLimits,
    ) -> Self {
        let looks = UploadLooks::default();
        Self { executor, vault, blobs, rasteriser, fresh, throttles, shares, limits, looks }
    }

    /// Most bytes of a report.
    pub const fn bytes_max(&self) -> u64 {
        self.limits.report_bytes_max
    }

    /// Checks what is said of a report, and answers a ticket for its body.
    pub async fn announce(
        &self,
        caller: SignedIn,
        form: ReportForm,
    ) -> Result<(ReportId, SecretString), UploadError> {
        let account = caller.actor.to_string();
        self.throttles.take(Throttle::Upload, account.as_bytes())?;
        let mut check = FormCheck::default();
        check.line("/title", &form.title, TITLE_CHARS_MAX);
        let media_type = media_type::spelled(&form.media_type);
        check.require(
            media_type.is_some(),
            "/media_type",
            "be a media type in lower case, such as application/pdf or text/plain; charset=utf-8",
        );
        let media_type = media_type.unwrap_or_default();
        let known =
            media_type::charset(&media_type).is_none() || self.rasteriser.can_draw(&media_type);
        check.require(known, "/media_type", "name an encoding of the WHATWG Encoding Standard");
        check.done()?;
        let report = ReportId::new(self.fresh.uuid());
        let ticket = Ticket {
            patient: form.patient,
            report,
            category: form.category,
            media_type,
            title: form.title,
            actor: caller.actor,
            session: caller.session,
            until: self.executor.now().plus(TICKET_LIFE),
        };
        self.would_take(&ticket).await?;
        let note = serde_json::to_vec(&ticket).unwrap_or_default();
        Ok((report, SecretString::from(self.vault.seal_note(&note))))
    }

    /// Of which media type a report was announced. A ticket for a record that was shut to its doctor since is
    /// as good as none: it is answered so before anything else is said of it.
    pub async fn announced_as(
        &self,
        caller: SignedIn,
        ticket: &str,
    ) -> Result<String, UploadError> {
        let ticket = self.open_ticket(caller, ticket)?;
        if let Actor::Doctor(doctor) = ticket.actor {
            let chart = self.executor.state::<Chart>(&StreamName::patient(ticket.patient)).await?;
            if chart.bars.unlinked(Reader::doctor(doctor)).is_some() {
                return Err(TicketRejection::DeadTicket.rejection().into());
            }
        }
        Ok(ticket.media_type)
    }

    /// Takes the body of an announced report. The ticket is what makes a request the same request: with the
    /// same bytes again it is answered as before.
    pub async fn take(
        &self,
        caller: SignedIn,
        ticket: &str,
        body: ClearBytes,
        request: Request,
    ) -> Result<Outcome<ReportUploaded>, UploadError> {
        let ticket = self.open_ticket(caller, ticket)?;
        let _share = self.shares.take(Scarce::Upload, caller.actor)?;
        if let Some(outcome) = self.executor.answered_before(request).await? {
            self.refuse_unless_same(&ticket, &outcome.done, body).await?;
            return Ok(outcome);
        }
        self.would_take(&ticket).await?;
        let (first, body) = first_bytes::peek(body).await?;
        if !first_bytes::may_begin(&ticket.media_type, &first) {
            return Err(UploadReportRejection::NotOfItsType.rejection().into());
        }
        let owner = Actor::Patient(ticket.patient).owner();
        let key = self.vault.make_report_key(owner, ticket.report, 1).await?;
        let (body, copy) = teed(body);
        let stage = self.stage(&ticket, &key, body);
        // The stored file is not opened for it: what is looked at is the stream as it comes in.
        let look =
            async { Ok(self.looks.verdict(&*self.rasteriser, &ticket.media_type, copy).await) };
        let (staged, drawing) = futures::try_join!(stage, look)?;
        let stored = StoredReport { size: staged.size, blob: staged.blob, key_id: key.wrapped_by };
        match self.record(&ticket, (stored, drawing), request).await {
            Ok(outcome) => {
                self.blobs.keep(&staged).await?;
                Ok(outcome)
            }
            Err(error) => {
                self.discard_unless_recorded(&error, &staged).await;
                Err(error)
            }
        }
    }

    /// The report is there: what comes is held against it, and neither stored a second time nor believed.
    async fn refuse_unless_same(
        &self,
        ticket: &Ticket,
        stored: &ReportUploaded,
        body: ClearBytes,
    ) -> Result<(), UploadError> {
        let owner = Actor::Patient(ticket.patient).owner();
        let key = self.vault.report_key(owner, stored.report, stored.report_version).await?;
        let known = (stored.blob, stored.size);
        if self.blobs.holds(known, &key.key, body).await? {
            Ok(())
        } else {
            Err(UploadReportRejection::ReportExists.rejection().into())
        }
    }

    /// Takes in as many bytes as there is room for in the record, and no more than a report may have.
    async fn stage(
        &self,
        ticket: &Ticket,
        key: &ReportKey,
        body: ClearBytes,
    ) -> Result<Staged, UploadError> {
        let chart = self.executor.state::<Chart>(&StreamName::patient(ticket.patient)).await?;
        let room = ticket.upload(&*self.rasteriser, self.limits).room(&chart);
        drop(chart);
        let most = self.limits.report_bytes_max;
        match self.blobs.stage(&key.key, body, most.min(room)).await {
            Err(BlobError::TooLarge(_)) if room < most => {
                Err(UploadReportRejection::RecordFull.rejection().into())
            }
            staged => Ok(staged?),
        }
    }

    /// A rejected upload leaves nothing behind. After a failure we cannot know whether the event came
    /// through: the container stays, and the sweep decides when it is a day old.
    async fn discard_unless_recorded(&self, error: &UploadError, staged: &Staged) {
        let surely_not_recorded = matches!(
            error,
            UploadError::Rejected(_)
                | UploadError::Execute(ExecuteError::Rejected(_) | ExecuteError::DiskFull)
        );
        if surely_not_recorded && let Err(error) = self.blobs.discard(staged).await {
            tracing::warn!(%error, "a rejected upload could not be discarded; the sweep will do it");
        }
    }

    fn open_ticket(&self, caller: SignedIn, sealed: &str) -> Result<Ticket, UploadError> {
        let dead = TicketRejection::DeadTicket.rejection();
        let note = self.vault.open_note(sealed).ok_or(dead)?;
        let ticket: Ticket = serde_json::from_slice(&note).map_err(|_| dead)?;
        let mine = ticket.actor == caller.actor && ticket.session == caller.session;
        if mine && self.executor.now() < ticket.until { Ok(ticket) } else { Err(dead.into()) }
    }

    /// Whether the body would be taken: asked before its first byte is.
    async fn would_take(&self, ticket: &Ticket) -> Result<(), UploadError> {
        let upload = ticket.upload(&*self.rasteriser, self.limits);
        match AnyUpload::by(ticket.actor, upload, NotStored) {
            Some(AnyUpload::Own(order)) => Ok(self.executor.would(&order).await?),
            Some(AnyUpload::Doctor(order)) => Ok(self.executor.would(&order).await?),
            None => Err(UploadReportRejection::NoSuchPatient.rejection().into()),
        }
    }

    async fn record(
        &self,
        ticket: &Ticket,
        (stored, drawing): (StoredReport, Option<DrawingVerdict>),
        request: Request,
    ) -> Result<Outcome<ReportUploaded>, UploadError> {
        let caller = Caller::new(ticket.actor, request);
        let upload = Upload { drawing, ..ticket.upload(&*self.rasteriser, self.limits) };
        match AnyUpload::by(ticket.actor, upload, stored) {
            Some(AnyUpload::Own(order)) => Ok(self.executor.execute(&order, caller).await?),
            Some(AnyUpload::Doctor(order)) => Ok(self.executor.execute(&order, caller).await?),
            None => Err(UploadReportRejection::NoSuchPatient.rejection().into()),
        }
    }
}
