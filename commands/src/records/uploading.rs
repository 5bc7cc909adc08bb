//! Uploading, as a flow: metadata and policy first, then the body as a stream, encrypted before it touches a
//! disk; the report exists once its event does.

use std::collections::HashSet;

use domain::actor::Actor;
use domain::ids::{BlobHash, PatientId, ReportId, SessionId};
use domain::journal::Position;
use domain::records::Category;
use domain::records::event::ReportUploaded;
use domain::time::{Moment, minutes};
use domain::words::Words;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::upload_report::{AnyUpload, Stored, Upload, UploadReportRejection};
use crate::decide::rejections;
use crate::execute::{Caller, Outcome};
use crate::house::{FlowError, House, SignedIn};
use crate::identity::forms::FormCheck;
use crate::ports::blob_store::{ClearBytes, Staged};
use crate::ports::event_store::Request;

/// How long a ticket lives: the body must have begun by then.
const TICKET_LIFE: std::time::Duration = minutes(60);
/// Lines read at once by the sweep.
const SWEEP_LINES: usize = 1_024;
/// Longest title.
const TITLE_CHARS_MAX: usize = 200;

/// What is said of a report before its bytes come.
pub struct ReportForm {
    /// Whose record.
    pub patient: PatientId,
    /// Title.
    pub title: String,
    /// Broad category.
    pub category: Category,
    /// Media type.
    pub media_type: String,
}

rejections! {
    /// Why a body is not taken.
    TicketRejection {
        /// Not ours, somebody else's, or too old.
        DeadTicket = Forbidden, "dead_ticket", "The upload ticket is not valid: made up, too old, or another session's.", "Start a new upload.";
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
    fn upload(&self, house: &House) -> Upload {
        Upload {
            patient: self.patient,
            report: self.report,
            category: self.category,
            media_type: self.media_type.clone(),
            can_be_drawn: house.rasteriser.can_draw(&self.media_type),
            title: Words::clear(&self.title),
        }
    }
}

impl House {
    /// Checks what is said of a report, and answers a ticket for its body.
    pub async fn announce_report(
        &self,
        caller: SignedIn,
        form: ReportForm,
    ) -> Result<(ReportId, SecretString), FlowError> {
        let mut check = FormCheck::default();
        check.line("/title", &form.title, TITLE_CHARS_MAX);
        let sound = is_media_type(&form.media_type);
        check.require(
            sound,
            "/media_type",
            "be a media type in lower case, such as application/pdf",
        );
        check.done()?;
        let report = ReportId::new(self.uuid());
        let ticket = Ticket {
            patient: form.patient,
            report,
            category: form.category,
            media_type: form.media_type,
            title: form.title,
            actor: caller.actor,
            session: caller.session,
            until: self.executor.now().plus(TICKET_LIFE),
        };
        self.decide_upload(&ticket, None, self.fresh_request()).await?;
        let note = serde_json::to_vec(&ticket).unwrap_or_default();
        Ok((report, SecretString::from(self.vault.seal_note(&note))))
    }

    /// Takes the body of an announced report.
    pub async fn take_report(
        &self,
        caller: SignedIn,
        ticket: &str,
        body: ClearBytes,
        request: Request,
    ) -> Result<Outcome, FlowError> {
        let ticket = self.open_ticket(caller, ticket)?;
        // The same request again: the report is there, its bytes need not be stored a second time.
        if let Some(outcome) = self.executor.answered_before(request).await? {
            return Ok(outcome);
        }
        self.decide_upload(&ticket, None, self.fresh_request()).await?;
        let owner = Actor::Patient(ticket.patient).owner();
        let key = self.vault.make_report_key(owner, ticket.report, 1).await?;
        let staged = self.blobs.stage(&key.key, body, self.limits.report_bytes_max).await?;
        let stored = Stored { size: staged.size, blob: staged.blob, key_id: key.wrapped_by };
        match self.decide_upload(&ticket, Some(stored), request).await {
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

    /// A rejected upload leaves nothing behind. After a failure we cannot know whether the event came
    /// through: the container stays, and the sweep decides when it is a day old.
    async fn discard_unless_recorded(&self, error: &FlowError, staged: &Staged) {
        use crate::execute::ExecuteError;
        let surely_not_recorded =
            matches!(error, FlowError::Execute(ExecuteError::Rejected(_) | ExecuteError::DiskFull));
        if surely_not_recorded && let Err(error) = self.blobs.discard(staged).await {
            tracing::warn!(%error, "a rejected upload could not be discarded; the sweep will do it");
        }
    }

    /// Finishes what a crash cut short: containers that an event names get their own name; those that no
    /// event names and that are a day old are removed. Answers how many were removed.
    pub async fn sweep_uploads(&self) -> Result<u64, FlowError> {
        let staged = self.blobs.staged().await?;
        if !staged.is_empty() {
            let named = self.blobs_named_by_events().await?;
            for staged in staged.iter().filter(|staged| named.contains(&staged.blob)) {
                self.blobs.keep(staged).await?;
            }
        }
        Ok(self.blobs.sweep().await?)
    }

    /// Read from the log itself: only an event says that a report exists.
    async fn blobs_named_by_events(&self) -> Result<HashSet<BlobHash>, FlowError> {
        let mut named = HashSet::new();
        let mut next = Position(0);
        loop {
            let lines = self.executor.read_all(next, SWEEP_LINES).await?;
            let Some(last) = lines.last() else { return Ok(named) };
            next = Position(last.position.0 + 1);
            for line in &lines {
                let Ok(recorded) = line.recorded() else { continue };
                let uploaded = recorded.fact.body::<ReportUploaded>();
                named.extend(uploaded.map(|uploaded| uploaded.blob));
            }
        }
    }

    fn open_ticket(&self, caller: SignedIn, sealed: &str) -> Result<Ticket, FlowError> {
        let dead = TicketRejection::DeadTicket.rejection();
        let note = self.vault.open_note(sealed).ok_or(dead)?;
        let ticket: Ticket = serde_json::from_slice(&note).map_err(|_| dead)?;
        let mine = ticket.actor == caller.actor && ticket.session == caller.session;
        if mine && self.executor.now() < ticket.until { Ok(ticket) } else { Err(dead.into()) }
    }

    async fn decide_upload(
        &self,
        ticket: &Ticket,
        stored: Option<Stored>,
        request: Request,
    ) -> Result<Outcome, FlowError> {
        let caller = Caller::new(ticket.actor, request);
        let outcome = match AnyUpload::by(ticket.actor, ticket.upload(self), stored) {
            Some(AnyUpload::Own(order)) => self.executor.execute(&order, caller).await?,
            Some(AnyUpload::Doctor(order)) => self.executor.execute(&order, caller).await?,
            None => return Err(UploadReportRejection::NoSuchPatient.rejection().into()),
        };
        Ok(outcome)
    }
}

/// `type/subtype`, lower case, no parameters, at most 100 characters (RFC 6838 restricts the names).
fn is_media_type(text: &str) -> bool {
    let name = |part: &str| {
        part.bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"!#$&-^_.+".contains(&b))
            && part.bytes().next().is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    text.len() <= 100 && text.split_once('/').is_some_and(|(kind, sub)| name(kind) && name(sub))
}

#[cfg(test)]
mod tests {
    use super::is_media_type;

    #[test]
    fn media_types_have_one_spelling() {
        for good in ["application/pdf", "text/plain", "application/dicom", "image/svg+xml"] {
            assert!(is_media_type(good), "{good}");
        }
        for bad in ["", "pdf", "a/", "/b", "a/b/c", "Text/plain", "text/plain; charset=utf-8"] {
            assert!(!is_media_type(bad), "{bad}");
        }
    }
}
