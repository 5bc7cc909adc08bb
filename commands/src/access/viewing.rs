//! Viewing, as a flow: token, redeem, page, close.

mod owning_up;
mod page_fates;
mod unlinked;

use std::sync::Arc;

use domain::access::event::{RecordViewed, ViewTokenIssued};
use domain::access::page_loss::PageLoss;
use domain::access::policy::{AccessPermit, PermittedViewing};
use domain::actor::Actor;
use domain::chart::Chart;
use domain::consent::scope::Purpose;
use domain::identity::doctor::{Doctor, Standing};
use domain::ids::{DoctorId, EventId, PatientId, ReportId, StreamName, ViewingId};
use domain::journal::Position;
use secrecy::{ExposeSecret, SecretString};

use self::owning_up::ShownEvent;
use self::page_fates::PageFates;
use super::end_viewing::EndViewing;
use super::issue_view_token::IssueViewToken;
use super::redeem_view_token::RedeemViewToken;
use super::reveal::{RevealError, SealedReports};
use super::show_page::{ShowPage, ShowPageRejection};
use super::signed_log_rule::{LogUnsigned, SignedLogRule};
use super::turns::{AskedPage, DrawingTurn, DrawingTurns, NoTurn};
use crate::decide::Rejection;
use crate::execute::{Caller, ExecuteError, Executor, Outcome};
use crate::fresh::Fresh;
use crate::hashes::token_hash;
use crate::identity::log_in::LogInRejection;
use crate::identity::note_unknown_record::NoteUnknownRecord;
use crate::identity::own_words::{AccountError, Accounts};
use crate::ports::event_store::Request;
use crate::ports::page_region::PageRegion;
use crate::ports::rasteriser::{DrawnPage, PageEncoding, PageJob, RasteriseError, Rasteriser};
use crate::ports::world::Throttle;
use crate::throttles::Throttles;

/// A doctor who is signed in.
#[derive(Debug, Clone, Copy)]
pub struct DoctorCaller {
    /// Who looks, as the session says.
    pub doctor: DoctorId,
    /// The session.
    pub session: domain::ids::SessionId,
}

/// A page as shown, and the event that says so.
pub struct ShownPage {
    /// The picture.
    pub page: DrawnPage,
    /// The event that permitted it; it is drawn over the page.
    pub event: EventId,
    /// Its place.
    pub position: Position,
}

/// What a reader wants to see of an open viewing.
#[derive(Debug, Clone, Copy)]
pub struct PageWish {
    /// Page number, from 1.
    pub page: u32,
    /// Which part of it; all of it where none is named.
    pub region: Option<PageRegion>,
    /// How wide it is drawn, in pixels, as far as it has as many; the usual width where nothing is said.
    pub width_px: Option<u32>,
    /// How the picture is handed out.
    pub encoding: PageEncoding,
}

impl PageWish {
    /// All of a page, as wide as usual, as PNG.
    pub const fn whole(page: u32) -> Self {
        Self { page, region: None, width_px: None, encoding: PageEncoding::Png }
    }
}

/// Width of a drawn page; A4 at 150 dots an inch.
const PAGE_WIDTH_PX: u32 = 1_240;

/// Why nothing is seen.
#[derive(Debug, thiserror::Error)]
pub enum ViewingError {
    /// Not allowed, or not as things are.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// A command was not carried out.
    #[error(transparent)]
    Execute(#[from] ExecuteError),
    /// The log is not being signed.
    #[error(transparent)]
    LogUnsigned(#[from] LogUnsigned),
    /// The token was shown when this request was first made, and is not shown again.
    #[error("the token of this request was shown before")]
    AlreadyIssued,
    /// The reader's name could not be had, which every page bears.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The report does not open.
    #[error(transparent)]
    Reveal(#[from] RevealError),
    /// No turn at drawing came.
    #[error(transparent)]
    Turn(#[from] NoTurn),
    /// The page could not be drawn.
    #[error(transparent)]
    Rasterise(#[from] RasteriseError),
}

impl ViewingError {
    /// What it means for a page that was to be shown.
    const fn loss(&self) -> PageLoss {
        match self {
            Self::Rasterise(error) => error.loss(),
            Self::Rejected(_)
            | Self::Execute(_)
            | Self::LogUnsigned(_)
            | Self::AlreadyIssued
            | Self::Account(_)
            | Self::Reveal(_)
            | Self::Turn(_) => PageLoss::Broken,
        }
    }

    /// As the reader is told it: a page or a part that does not exist is a "no" like any other.
    fn told(self) -> Self {
        let Self::Rasterise(error) = self else { return self };
        if error.loss() == PageLoss::NoPage {
            ShowPageRejection::NoSuchPage.rejection().into()
        } else if error.loss() == PageLoss::NoPart {
            ShowPageRejection::NoSuchRegion.rejection().into()
        } else {
            Self::Rasterise(error)
        }
    }
}

/// What it takes to see a report.
pub struct ViewingFlow {
    executor: Arc<Executor>,
    accounts: Accounts,
    reports: SealedReports,
    rasteriser: Arc<dyn Rasteriser>,
    turns: DrawingTurns,
    signed_log: SignedLogRule,
    throttles: Throttles,
    fresh: Fresh,
    fates: PageFates,
}

impl ViewingFlow {
    /// With what it needs.
    pub fn new(
        executor: Arc<Executor>,
        accounts: Accounts,
        reports: SealedReports,
        (rasteriser, turns): (Arc<dyn Rasteriser>, DrawingTurns),
        signed_log: SignedLogRule,
        throttles: Throttles,
        fresh: Fresh,
    ) -> Self {
        let fates = PageFates::default();
        Self { executor, accounts, reports, rasteriser, turns, signed_log, throttles, fresh, fates }
    }

    /// Whether pages of this media type can be shown at all.
    pub fn can_show(&self, media_type: &str) -> bool {
        self.rasteriser.can_draw(media_type)
    }

    /// Asks the policy for a view token. A token is shown once: the same request again is told so.
    pub async fn ask(
        &self,
        caller: DoctorCaller,
        patient: PatientId,
        report: ReportId,
        purpose: Purpose,
        request: Request,
    ) -> Result<(SecretString, ViewTokenIssued, Position), ViewingError> {
        let DoctorCaller { doctor, session } = caller;
        self.throttles.take(Throttle::ViewToken, doctor.uuid().as_bytes())?;
        let (token, token_hash) = self.fresh.token();
        let order = IssueViewToken { patient, doctor, session, report, purpose, token_hash };
        let request = self.as_a_stranger(doctor, patient, request, |_| Some(report)).await?;
        let caller = Caller::new(Actor::Doctor(doctor), request);
        let outcome = match self.executor.execute(&order, caller).await {
            Err(error @ ExecuteError::Rejected(_)) => {
                // What does not exist keeps no record of it: the doctor's stream does.
                let order = NoteUnknownRecord { doctor, patient };
                let caller = Caller::new(Actor::Doctor(doctor), self.fresh.request());
                self.executor.execute(&order, caller).await?;
                return Err(error.into());
            }
            outcome => outcome?,
        };
        if outcome.again {
            return Err(ViewingError::AlreadyIssued);
        }
        Ok((token, outcome.done, outcome.position.unwrap_or_default()))
    }

    /// Uses a token up and opens a viewing.
    pub async fn redeem(
        &self,
        caller: DoctorCaller,
        patient: PatientId,
        token: &SecretString,
        request: Request,
    ) -> Result<(RecordViewed, Position), ViewingError> {
        self.signed_log.check()?;
        let DoctorCaller { doctor, session } = caller;
        let token_hash = token_hash(token.expose_secret());
        let viewing = ViewingId::new(self.fresh.uuid());
        let order = RedeemViewToken { patient, doctor, session, token_hash, viewing };
        let of_token = |chart: &Chart| Some(chart.access.tokens.get(&token_hash)?.issued.report);
        let request = self.as_a_stranger(doctor, patient, request, of_token).await?;
        let caller = Caller::new(Actor::Doctor(doctor), request);
        let outcome = self.executor.execute(&order, caller).await?;
        Ok((outcome.done, outcome.position.unwrap_or_default()))
    }

    /// How many pages a report has, as far as that was found out when it came in.
    pub async fn pages(
        &self,
        patient: PatientId,
        report: ReportId,
    ) -> Result<Option<u32>, ViewingError> {
        let chart = self.executor.state::<Chart>(&StreamName::patient(patient)).await?;
        Ok(chart.reports.get(&report).and_then(|report| report.pages))
    }

    /// Shows a page or a part of one: a turn at drawing first, then the event, then the permit, then the
    /// picture. A part of a page that was shown a moment ago needs no event of its own. What is then not to
    /// be seen is an event too, before anything is handed out.
    pub async fn show_page(
        &self,
        caller: DoctorCaller,
        (patient, viewing): (PatientId, ViewingId),
        wish: PageWish,
    ) -> Result<ShownPage, ViewingError> {
        self.signed_log.check()?;
        let DoctorCaller { doctor, session } = caller;
        let actor = Actor::Doctor(doctor);
        let reader = self.accounts.own_words(actor).await?;
        let reader = reader.ok_or(LogInRejection::NotSignedIn.rejection())?;
        let PageWish { page, region, .. } = wish;
        let order = ShowPage { patient, doctor, session, viewing, page, region };
        let turn = self.turn(&order).await?;
        // The wait may have been long.
        self.signed_log.check()?;
        let caller = Caller::new(actor, self.fresh.request());
        let permitted = self.executor.execute(&order, caller).await?;
        let (event, viewing) = (ShownEvent::of(&permitted), permitted.done.viewing());
        let drawn = self.draw(permitted.done, reader.name.expose_secret(), &order, wish).await;
        if let (Some((_, asked)), Err(ViewingError::Rasterise(error))) = (&turn, &drawn)
            && error.is_too_heavy()
        {
            self.turns.note_heavy(*asked, self.fresh.now());
        }
        let shown = self.own_up(&order, event, drawn).await;
        if let (Err(ViewingError::Rejected(_) | ViewingError::Execute(_)), Some(viewing)) =
            (&shown, viewing)
        {
            self.rasteriser.let_go(viewing);
        }
        shown
    }

    /// Opens the report and draws what was asked for, for the reader whose permit this is. It is opened for
    /// each picture, by a permit, also where the drawing process then has the document still: a report that
    /// does not open any more is not shown.
    async fn draw(
        &self,
        permit: AccessPermit,
        reader: &str,
        order: &ShowPage,
        wish: PageWish,
    ) -> Result<DrawnPage, ViewingError> {
        let watermark =
            vec![reader.to_owned(), permit.time().to_string(), permit.event().to_string()];
        let (reader_id, viewing) = (permit.reader().to_string(), permit.viewing());
        let revealed = self.reports.reveal(permit).await?;
        let media_type = revealed.media_type;
        let ShowPage { page, region, .. } = *order;
        let PageWish { width_px, encoding, .. } = wish;
        let width_px = width_px.unwrap_or(PAGE_WIDTH_PX);
        let job = PageJob { media_type, page, region, watermark, reader_id, width_px, encoding };
        Ok(self.rasteriser.page(job, viewing, revealed.bytes).await?)
    }

    /// Lets go of every document that is open for a viewing of which no further page would be shown: what
    /// was taken back, closed or logged out, or whose time is over.
    pub async fn let_go_of_what_is_over(&self) {
        for viewing in self.rasteriser.kept() {
            if !self.goes_on(viewing).await {
                self.rasteriser.let_go(viewing);
            }
        }
    }

    /// How many documents are open, for a page that is being drawn or for the next one of its viewing.
    pub fn open_documents(&self) -> usize {
        self.rasteriser.kept().len()
    }

    /// Whether another page of it would be shown now; not if that cannot be found out.
    async fn goes_on(&self, of: PermittedViewing) -> bool {
        let (patient, viewing) = (of.patient(), of.viewing());
        let chart = self.executor.state::<Chart>(&StreamName::patient(patient)).await;
        let Ok(chart) = chart else { return false };
        let Some(known) = chart.access.viewings.get(&viewing) else { return false };
        let RecordViewed { doctor, session, .. } = known.opened;
        drop(chart);
        let next = ShowPage { patient, doctor, session, viewing, page: 1, region: None };
        self.executor.would(&next).await.is_ok()
    }

    /// A turn at drawing a page, which comes before its event: what is not drawn was not shown, and who waits
    /// writes nothing. None for whoever would be refused: they wait for nothing, and the order says why.
    async fn turn(
        &self,
        order: &ShowPage,
    ) -> Result<Option<(DrawingTurn, AskedPage)>, ViewingError> {
        let chart = self.executor.state::<Chart>(&StreamName::patient(order.patient)).await?;
        let report = chart.access.viewings.get(&order.viewing).map(|viewing| viewing.opened.report);
        let Some(report) = report.and_then(|report| chart.reports.get(&report)) else {
            return Ok(None);
        };
        let reader = Actor::Doctor(order.doctor);
        let part = order.region.is_some();
        let asked = AskedPage { reader, blob: report.blob, page: order.page, part };
        drop(chart);
        match self.executor.would(order).await {
            Ok(()) => Ok(Some((self.turns.take(asked, self.fresh.now()).await?, asked))),
            Err(_) => Ok(None),
        }
    }

    /// Whose viewing it is; none if there is no such viewing.
    pub async fn reader(
        &self,
        patient: PatientId,
        viewing: ViewingId,
    ) -> Result<Option<DoctorId>, ViewingError> {
        let chart = self.executor.state::<Chart>(&StreamName::patient(patient)).await?;
        Ok(chart.access.viewings.get(&viewing).map(|viewing| viewing.opened.doctor))
    }

    /// Whether a doctor may look at anything of anybody's now.
    pub async fn may_look(&self, doctor: DoctorId) -> Result<bool, ViewingError> {
        let doctor = self.executor.state::<Doctor>(&StreamName::doctor(doctor)).await?;
        Ok(doctor.standing == Standing::Verified)
    }

    /// Closes a viewing.
    pub async fn end(
        &self,
        caller: DoctorCaller,
        patient: PatientId,
        viewing: ViewingId,
        request: Request,
    ) -> Result<Outcome<()>, ViewingError> {
        let order = EndViewing { patient, doctor: caller.doctor, viewing };
        let opened = |chart: &Chart| Some(chart.access.viewings.get(&viewing)?.opened.report);
        let request = self.as_a_stranger(caller.doctor, patient, request, opened).await?;
        let caller = Caller::new(Actor::Doctor(caller.doctor), request);
        Ok(self.executor.execute(&order, caller).await?)
    }
}
