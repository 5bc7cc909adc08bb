//! Giving a consent and taking it back, as a flow: the three presets, and a code for exactly the consent that
//! was shown.

use std::sync::Arc;

use domain::actor::Actor;
use domain::chart::Chart;
use domain::consent::event::ConsentGranted;
use domain::consent::grantee::Grantee;
use domain::consent::preview::Preview;
use domain::consent::scope::{Exceptions, Purpose, Scope};
use domain::ids::{ChallengeId, ConsentId, PatientId, ReportId, StreamName};
use domain::time::{Moment, Period};
use serde::{Deserialize, Serialize};

use super::grant_consent::GrantConsent;
use super::revoke_consent::RevokeConsent;
use crate::execute::{Caller, ExecuteError, Executor, Outcome};
use crate::fresh::Fresh;
use crate::identity::step_up::{StepUp, StepUpError, StepUpFlow, operation};
use crate::ports::event_store::Request;

/// What a patient chooses from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "preset", rename_all = "snake_case", deny_unknown_fields)]
pub enum Choice {
    /// Everything, for treatment.
    AllForTreatment {},
    /// One report, for treatment.
    ThisReportOnly {
        /// Which.
        report: ReportId,
    },
    /// Anything a consent can say.
    Custom {
        /// What it opens.
        scope: Scope,
        /// What stays shut.
        #[serde(default)]
        exceptions: Exceptions,
        /// For what.
        purpose: Purpose,
    },
}

/// A consent as the patient is shown it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Who is let in.
    pub grantee: Grantee,
    /// To what.
    pub choice: Choice,
    /// From when until when.
    pub period: Period,
    /// How many viewings, if limited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub views_max: Option<u32>,
}

impl Proposal {
    fn order(&self, patient: PatientId, consent: ConsentId, step_up: ChallengeId) -> GrantConsent {
        let (scope, exceptions, purpose) = match &self.choice {
            Choice::AllForTreatment {} => {
                (Scope::Everything {}, Exceptions::default(), Purpose::Treat)
            }
            Choice::ThisReportOnly { report } => {
                let reports = [*report].into();
                (Scope::Reports { reports }, Exceptions::default(), Purpose::Treat)
            }
            Choice::Custom { scope, exceptions, purpose } => {
                (scope.clone(), exceptions.clone(), *purpose)
            }
        };
        let (grantee, period, views_max) = (self.grantee, self.period, self.views_max);
        GrantConsent {
            patient,
            consent,
            grantee,
            scope,
            exceptions,
            purpose,
            period,
            views_max,
            step_up,
        }
    }
}

/// Why a consent is not given or not taken back.
#[derive(Debug, thiserror::Error)]
pub enum ConsentError {
    /// It must be confirmed with a code that was just sent.
    #[error("a code was sent to confirm this")]
    StepUpRequired(ChallengeId),
    /// The code could not be sent, or the answer was not right.
    #[error(transparent)]
    StepUp(#[from] StepUpError),
    /// The command was not carried out.
    #[error(transparent)]
    Execute(#[from] ExecuteError),
}

/// What it takes to let somebody in and to let them out again.
pub struct ConsentFlow {
    executor: Arc<Executor>,
    step_up: Arc<StepUpFlow>,
    fresh: Fresh,
}

impl ConsentFlow {
    /// With what it needs.
    pub fn new(executor: Arc<Executor>, step_up: Arc<StepUpFlow>, fresh: Fresh) -> Self {
        Self { executor, step_up, fresh }
    }

    /// Grants what the patient was shown. Without an answer to a challenge, sends a code for exactly this
    /// proposal and says so.
    pub async fn grant(
        &self,
        patient: PatientId,
        proposal: &Proposal,
        step_up: Option<StepUp>,
        request: Request,
    ) -> Result<Outcome<ConsentGranted>, ConsentError> {
        let account = Actor::Patient(patient);
        if let Some(outcome) = self.executor.answered_before(request).await? {
            return Ok(outcome);
        }
        let canonical = serde_json::to_vec(proposal).unwrap_or_default();
        let operation = operation("grant_consent", &[account.to_string().as_bytes(), &canonical]);
        let consent = ConsentId::new(self.fresh.uuid());
        let Some(step_up) = step_up else {
            // Judged before a code is sent: nobody answers one for what will be refused all the same.
            let unanswered = ChallengeId::new(self.fresh.uuid());
            self.executor.would(&proposal.order(patient, consent, unanswered)).await?;
            let until = proposal.period.until.in_words();
            let who = match proposal.grantee {
                Grantee::Doctor(_) => "a doctor",
                Grantee::Practice(_) => "a practice",
            };
            let what = format!("to let {who} see what you chose until {until}");
            let challenge = self.step_up.challenge(account, operation, &what).await?;
            return Err(ConsentError::StepUpRequired(challenge));
        };
        self.step_up.check(account, operation, &step_up).await?;
        let order = proposal.order(patient, consent, step_up.challenge);
        Ok(self.executor.execute(&order, Caller::new(account, request)).await?)
    }

    /// What a consent would open and what stands against it, judged as the order would be: no code is sent,
    /// and nothing is recorded.
    pub async fn preview(
        &self,
        patient: PatientId,
        proposal: &Proposal,
    ) -> Result<(Preview, Moment), ConsentError> {
        let unanswered = ChallengeId::new(self.fresh.uuid());
        let order = proposal.order(patient, ConsentId::new(self.fresh.uuid()), unanswered);
        self.executor.would(&order).await?;
        let chart = self.executor.state::<Chart>(&StreamName::patient(patient)).await?;
        let now = self.executor.now();
        Ok((Preview::of(&chart, &order.granted(), now), now))
    }

    /// Takes a consent back. At once, and without a code.
    pub async fn revoke(
        &self,
        patient: PatientId,
        consent: ConsentId,
        request: Request,
    ) -> Result<Outcome<()>, ConsentError> {
        let caller = Caller::new(Actor::Patient(patient), request);
        Ok(self.executor.execute(&RevokeConsent { patient, consent }, caller).await?)
    }

    /// Whom a consent lets in, taken back or not; none if there is no such consent.
    pub async fn grantee(
        &self,
        patient: PatientId,
        consent: ConsentId,
    ) -> Result<Option<Grantee>, ConsentError> {
        let chart = self.executor.state::<Chart>(&StreamName::patient(patient)).await?;
        Ok(chart.consents.get(&consent).map(|consent| consent.granted.grantee))
    }
}
