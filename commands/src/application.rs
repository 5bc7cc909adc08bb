//! The application: every flow there is, built once by the composition root. What asks (REST, the command
//! line, a story) reaches the log through these and the read models only.

use std::sync::Arc;

use domain::time::Moment;

use crate::access::downloading::DownloadFlow;
use crate::access::lists_shown::ListFlow;
use crate::access::viewing::ViewingFlow;
use crate::audit::own_log::OwnLog;
use crate::consent::bar_flow::BarFlow;
use crate::consent::grant_flow::ConsentFlow;
use crate::entity_tags::EntityTags;
use crate::fresh::Fresh;
use crate::identity::csrf::CsrfTokens;
use crate::identity::first_admin::FirstAdminFlow;
use crate::identity::log_in::LogInFlow;
use crate::identity::own_words::Accounts;
use crate::identity::passkeys::PasskeyFlow;
use crate::identity::registration::RegistrationFlow;
use crate::identity::resend::ResendFlow;
use crate::identity::second_factors::SecondFactorFlow;
use crate::identity::sessions::SessionFlow;
use crate::identity::standing::StandingFlow;
use crate::identity::step_up::StepUpFlow;
use crate::list_cursors::ListCursors;
use crate::records::report_scrub::ReportScrub;
use crate::records::upload_sweep::UploadSweep;
use crate::records::uploading::UploadFlow;
use crate::requests::Requests;
use crate::shares::Shares;
use crate::throttles::Throttles;

/// What can be asked for.
pub struct Application {
    /// Registering patients, doctors and the first admin.
    pub registration: RegistrationFlow,
    /// The first admin's one-time link.
    pub first_admin: Arc<FirstAdminFlow>,
    /// Logging in.
    pub log_in: LogInFlow,
    /// Codes for operations.
    pub step_up: Arc<StepUpFlow>,
    /// Codes once more.
    pub resend: ResendFlow,
    /// Setting up and giving up an authenticator app, and making recovery codes.
    pub second_factors: SecondFactorFlow,
    /// Setting up and giving up passkeys.
    pub passkeys: PasskeyFlow,
    /// Who is signed in, and until when.
    pub sessions: Arc<SessionFlow>,
    /// What proves that a request with a cookie was made by our page.
    pub csrf_tokens: CsrfTokens,
    /// What accounts said about themselves.
    pub accounts: Accounts,
    /// Verifying, rejecting, suspending and reinstating doctors.
    pub standing: StandingFlow,
    /// Letting doctors in and out.
    pub consents: ConsentFlow,
    /// Patients shut somebody out, or everybody.
    pub bars: BarFlow,
    /// Reports come in.
    pub uploads: UploadFlow,
    /// Reads report files again.
    pub report_scrub: ReportScrub,
    /// What uploads left behind.
    pub upload_sweep: UploadSweep,
    /// Doctors see reports.
    pub viewing: ViewingFlow,
    /// Patients take copies home.
    pub downloads: DownloadFlow,
    /// Lists of personal text and of names.
    pub lists: ListFlow,
    /// The log's own affairs.
    pub own_log: OwnLog,
    /// Which requests are the same request.
    pub requests: Requests,
    /// How often something may be asked for.
    pub throttles: Throttles,
    /// How much of what is scarce goes on for an account.
    pub shares: Shares,
    /// Where lists go on.
    pub list_cursors: ListCursors,
    /// What stands for an answer.
    pub entity_tags: EntityTags,
    /// Chance and time.
    pub fresh: Fresh,
}

impl Application {
    /// Now, as decisions see it.
    pub fn now(&self) -> Moment {
        self.fresh.now()
    }
}
