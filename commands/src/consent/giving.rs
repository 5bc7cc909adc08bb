//! Giving a consent, as a flow: the three presets, and a code for exactly the consent that was shown.

use domain::actor::Actor;
use domain::consent::grantee::Grantee;
use domain::consent::scope::{Exceptions, Purpose, Scope};
use domain::ids::{ConsentId, PatientId, ReportId};
use domain::time::Period;
use serde::{Deserialize, Serialize};

use super::grant_consent::GrantConsent;
use crate::execute::{Caller, Outcome};
use crate::house::{FlowError, House};
use crate::identity::step_up::{StepUp, operation};
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
    fn order(&self, patient: PatientId, consent: ConsentId, step_up: &StepUp) -> GrantConsent {
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
        let step_up = step_up.challenge;
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

impl House {
    /// Grants what the patient was shown. Without an answer to a challenge, sends a code for exactly this
    /// proposal and says so.
    pub async fn grant_consent(
        &self,
        patient: PatientId,
        proposal: &Proposal,
        step_up: Option<StepUp>,
        request: Request,
    ) -> Result<Outcome, FlowError> {
        let account = Actor::Patient(patient);
        if let Some(outcome) = self.executor.answered_before(request).await? {
            return Ok(outcome);
        }
        let canonical = serde_json::to_vec(proposal).unwrap_or_default();
        let operation = operation("grant_consent", &[account.to_string().as_bytes(), &canonical]);
        let Some(step_up) = step_up else {
            let until = proposal.period.until.date();
            let who = match proposal.grantee {
                Grantee::Doctor(_) => "a doctor",
                Grantee::Practice(_) => "a practice",
            };
            let what = format!("to let {who} see what you chose until {until}");
            let challenge = self.challenge(account, operation, &what).await?;
            return Err(FlowError::StepUpRequired(challenge));
        };
        self.check_step_up(account, operation, &step_up).await?;
        let order = proposal.order(patient, ConsentId::new(self.uuid()), &step_up);
        Ok(self.executor.execute(&order, Caller::new(account, request)).await?)
    }
}
