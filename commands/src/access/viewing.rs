//! Viewing, as a flow: token, redeem, page, close; and the patient's own download.

use domain::access::event::{AccessFact, ClinicalList, RecordViewed, ViewTokenIssued};
use domain::access::policy::{AccessPermit, WordsPermit};
use domain::actor::Actor;
use domain::chart::Chart;
use domain::consent::scope::Purpose;
use domain::fact::Fact;
use domain::identity::admins::AdminAccount;
use domain::identity::doctor::Doctor;
use domain::identity::event::NameList;
use domain::ids::{DoctorId, EventId, PatientId, ReportId, StreamName, ViewingId};
use domain::journal::Position;
use secrecy::{ExposeSecret, SecretString};

use super::download_report::DownloadReport;
use super::end_viewing::EndViewing;
use super::issue_view_token::IssueViewToken;
use super::redeem_view_token::RedeemViewToken;
use super::reveal::{Revealed, reveal};
use super::show_clinical_list::ShowClinicalList;
use super::show_page::{ShowPage, ShowPageRejection};
use crate::execute::{Caller, ExecuteError, Outcome};
use crate::house::{FlowError, House, SignedIn, token_hash};
use crate::identity::log_in::LogInRejection;
use crate::identity::show_name_list::{ShowAdminNameList, ShowDoctorNameList};
use crate::ports::event_store::Request;
use crate::ports::rasteriser::{Page, PageJob, RasteriseError};

/// A doctor who is signed in.
#[derive(Debug, Clone, Copy)]
pub struct DoctorCaller {
    /// The doctor.
    pub doctor: DoctorId,
    /// The session.
    pub session: domain::ids::SessionId,
}

/// A page as shown, and the event that says so.
pub struct ShownPage {
    /// The picture.
    pub page: Page,
    /// The event.
    pub event: EventId,
    /// Its place.
    pub position: Position,
}

/// Width of a drawn page; A4 at 150 dots an inch.
const PAGE_WIDTH_PX: u32 = 1_240;

impl House {
    /// Asks the policy for a view token. A token is shown once: the same request again is told so.
    pub async fn ask_to_view(
        &self,
        caller: DoctorCaller,
        patient: PatientId,
        report: ReportId,
        purpose: Purpose,
        request: Request,
    ) -> Result<(SecretString, ViewTokenIssued, Position), FlowError> {
        let (token, token_hash) = self.token();
        let DoctorCaller { doctor, session } = caller;
        let order = IssueViewToken { patient, doctor, session, report, purpose, token_hash };
        let caller = Caller::new(Actor::Doctor(doctor), request);
        let outcome = self.executor.execute(&order, caller).await?;
        if outcome.again {
            return Err(FlowError::AlreadyIssued);
        }
        let issued = outcome.find(|fact| {
            let Fact::Access(AccessFact::TokenIssued(issued)) = fact else { return None };
            Some(issued.clone())
        });
        let issued = issued.ok_or(ExecuteError::Defect("a token without its event"))?;
        Ok((token, issued, outcome.position().unwrap_or_default()))
    }

    /// Uses a token up and opens a viewing.
    pub async fn redeem(
        &self,
        caller: DoctorCaller,
        patient: PatientId,
        token: &SecretString,
        request: Request,
    ) -> Result<(RecordViewed, Position), FlowError> {
        self.only_under_a_signed_log()?;
        let DoctorCaller { doctor, session } = caller;
        let token_hash = token_hash(token.expose_secret());
        let viewing = ViewingId::new(self.uuid());
        let order = RedeemViewToken { patient, doctor, session, token_hash, viewing };
        let caller = Caller::new(Actor::Doctor(doctor), request);
        let outcome = self.executor.execute(&order, caller).await?;
        let viewed = outcome.find(|fact| {
            let Fact::Access(AccessFact::Viewed(viewed)) = fact else { return None };
            Some(viewed.clone())
        });
        let viewed = viewed.ok_or(ExecuteError::Defect("a viewing without its event"))?;
        Ok((viewed, outcome.position().unwrap_or_default()))
    }

    /// Shows a page: its event first, then the permit, then the picture.
    pub async fn show_page(
        &self,
        caller: DoctorCaller,
        patient: PatientId,
        viewing: ViewingId,
        page: u32,
    ) -> Result<ShownPage, FlowError> {
        self.only_under_a_signed_log()?;
        let DoctorCaller { doctor, session } = caller;
        let actor = Actor::Doctor(doctor);
        let reader = self.own_words(actor).await?;
        let reader = reader.ok_or(LogInRejection::NotSignedIn.rejection())?;
        let order = ShowPage { patient, doctor, session, viewing, page };
        let caller = Caller::new(actor, self.fresh_request());
        let outcome = self.executor.execute(&order, caller).await?;
        let permit = permit(&outcome)?;
        let (event, position) = (permit.event(), permit.position());
        let watermark = vec![
            reader.name.expose_secret().to_owned(),
            permit.time().to_string(),
            event.to_string(),
        ];
        let revealed = reveal(self, permit).await?;
        let media_type = revealed.media_type;
        let job = PageJob { media_type, page, watermark, width_px: PAGE_WIDTH_PX };
        match self.rasteriser.page(job, revealed.bytes).await {
            Ok(page) => Ok(ShownPage { page, event, position }),
            Err(RasteriseError::NoSuchPage { .. }) => {
                Err(ShowPageRejection::NoSuchPage.rejection().into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Closes a viewing.
    pub async fn end_viewing(
        &self,
        caller: DoctorCaller,
        patient: PatientId,
        viewing: ViewingId,
        request: Request,
    ) -> Result<Outcome, FlowError> {
        let order = EndViewing { patient, doctor: caller.doctor, viewing };
        let caller = Caller::new(Actor::Doctor(caller.doctor), request);
        Ok(self.executor.execute(&order, caller).await?)
    }

    /// A patient downloads their own report: the event first, then the bytes.
    pub async fn download(
        &self,
        patient: PatientId,
        report: ReportId,
    ) -> Result<Revealed, FlowError> {
        self.only_under_a_signed_log()?;
        let order = DownloadReport { patient, report };
        let caller = Caller::new(Actor::Patient(patient), self.fresh_request());
        let outcome = self.executor.execute(&order, caller).await?;
        reveal(self, permit(&outcome)?).await
    }

    /// Leave for a doctor to read clinical words of a patient in a list.
    pub async fn permit_words(
        &self,
        caller: DoctorCaller,
        patient: PatientId,
        list: ClinicalList,
    ) -> Result<WordsPermit, FlowError> {
        self.only_under_a_signed_log()?;
        let DoctorCaller { doctor, session } = caller;
        let actor = Actor::Doctor(doctor);
        let order = ShowClinicalList { patient, doctor, session, list };
        let caller = Caller::new(actor, self.fresh_request());
        let outcome = self.executor.execute(&order, caller).await?;
        if let Some(permit) = outcome.recorded.first().and_then(WordsPermit::from_durable) {
            return Ok(permit);
        }
        let chart = self.executor.state::<Chart>(&StreamName::patient(patient)).await?;
        let permit = WordsPermit::of_earlier_words(&chart, actor, session, list, outcome.now);
        Ok(permit.ok_or(ExecuteError::Defect("a permit without its event"))?)
    }

    /// Leave for a doctor or an admin to read a list of names. A patient needs no event for the names of
    /// doctors, which the directory shows to everybody who is signed in.
    pub async fn permit_names(
        &self,
        caller: SignedIn,
        list: NameList,
    ) -> Result<WordsPermit, FlowError> {
        let SignedIn { actor, session } = caller;
        let request = Caller::new(actor, self.fresh_request());
        let outcome = match actor {
            Actor::Patient(_) => return Ok(WordsPermit::own(actor)),
            Actor::Doctor(doctor) => {
                let order = ShowDoctorNameList { doctor, session, list };
                self.executor.execute(&order, request).await?
            }
            Actor::Admin(admin) => {
                let order = ShowAdminNameList { admin, session, list };
                self.executor.execute(&order, request).await?
            }
            Actor::Manager(_) | Actor::System => {
                return Err(LogInRejection::NotSignedIn.rejection().into());
            }
        };
        if let Some(permit) = outcome.recorded.first().and_then(WordsPermit::from_durable) {
            return Ok(permit);
        }
        let stream = actor.stream().ok_or(ExecuteError::Defect("an account without a stream"))?;
        let shown = match actor {
            Actor::Doctor(_) => {
                self.executor.state::<Doctor>(&stream).await?.name_lists_shown.clone()
            }
            Actor::Admin(_) | Actor::Patient(_) | Actor::Manager(_) | Actor::System => {
                self.executor.state::<AdminAccount>(&stream).await?.name_lists_shown.clone()
            }
        };
        let permit = WordsPermit::of_earlier_names(&shown, actor, session, list, outcome.now);
        Ok(permit.ok_or(ExecuteError::Defect("a permit without its event"))?)
    }
}

fn permit(outcome: &Outcome) -> Result<AccessPermit, ExecuteError> {
    let permit = outcome.recorded.first().and_then(AccessPermit::from_durable);
    permit.ok_or(ExecuteError::Defect("a permit without its event"))
}
