//! A doctor asks to see a report. The policy decides; a yes is a token for one use within five minutes.

use std::time::Duration;

use domain::access::event::ViewTokenIssued;
use domain::access::policy;
use domain::access::policy::v1::Question;
use domain::chart::Chart;
use domain::consent::grantee::Reader;
use domain::consent::scope::Purpose;
use domain::identity::doctor::Doctor;
use domain::identity::session::Session;
use domain::ids::{DoctorId, PatientId, ReportId, SessionId, StreamName, TokenHash};
use domain::time::Moment;

use super::refusal::{may_open, record_streams};
use crate::decide::{Command, Decided, Decision, answered_by, rejections};

/// How long a token lives unused.
pub const TOKEN_LIFE: Duration = policy::v1::TOKEN_LIFE;

/// Unused tokens that a doctor may hold for one patient.
const UNUSED_MAX: usize = 32;

rejections! {
    /// Why no token is given, rules of the policy apart.
    IssueViewTokenRejection {
        /// Tokens are asked for to be used.
        TooManyUnused = TooSoon, "too_many_unused_tokens", "You hold as many unused view tokens for this patient as one doctor may.", "Redeem one of them; unused ones die after five minutes.";
    }
}

/// The order. The token itself is known to its maker and the doctor only.
#[derive(Debug, Clone)]
pub struct IssueViewToken {
    /// Whose record.
    pub patient: PatientId,
    /// Who asks.
    pub doctor: DoctorId,
    /// The session that asks; the token is of use in no other.
    pub session: SessionId,
    /// What the doctor wants to look at.
    pub report: ReportId,
    /// For what.
    pub purpose: Purpose,
    /// What is stored of the token; the token itself is shown once and kept nowhere.
    pub token_hash: TokenHash,
}

answered_by!(ViewTokenIssued);

impl Command for IssueViewToken {
    type States = (Chart, Doctor, Session);
    type Done = ViewTokenIssued;

    fn streams(&self) -> Vec<StreamName> {
        record_streams(self.patient, self.doctor, self.session)
    }

    fn decide(
        &self,
        (chart, doctor, session): (&Chart, &Doctor, &Session),
        now: Moment,
    ) -> Decision<Self::Done> {
        if let Some(known) = chart.access.tokens.get(&self.token_hash) {
            return Ok(Decided::Already(known.issued.clone()));
        }
        let reader = Reader::doctor(self.doctor);
        let report = self.report;
        let purpose = self.purpose;
        let asked = Question { reader, report, purpose, now };
        let ground = may_open((chart, doctor, session), asked)?;
        if chart.access.unused_tokens(self.doctor, now) >= UNUSED_MAX {
            let wait = TOKEN_LIFE;
            return Err(IssueViewTokenRejection::TooManyUnused.rejection().after(wait).into());
        }
        let issued = ViewTokenIssued {
            token_hash: self.token_hash,
            doctor: self.doctor,
            session: self.session,
            report,
            purpose,
            ground,
            until: now.plus(TOKEN_LIFE),
            policy: policy::CURRENT,
        };
        Ok(Decided::record(issued))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::consent::grant_consent::GrantConsent;
    use crate::consent::grant_consent::tests::{Spoiled, grant};
    use crate::consent::revoke_consent::RevokeConsent;
    use crate::spec::{Given, given};
    use domain::actor::Actor;
    use domain::consent::scope::{Exceptions, Scope};
    use domain::records::Category;
    use domain::records::event::ReportUploaded;
    use domain::samples::{
        self, ANA, BO, CONSENT, OTHER_CONSENT, OTHER_REPORT, REPORT, SESSION, TOKEN,
    };
    use domain::time::minutes;

    /// Bo asks for Ana's report, for treatment.
    pub(crate) const ASK: IssueViewToken = IssueViewToken {
        patient: ANA,
        doctor: BO,
        session: SESSION,
        report: REPORT,
        purpose: Purpose::Treat,
        token_hash: TOKEN,
    };

    /// Ana let Bo in, with `change` to the usual consent.
    pub(crate) fn granted(change: impl Fn(&mut GrantConsent)) -> Given {
        let mut order = grant();
        change(&mut order);
        given().the_cast().done(Actor::Patient(ANA), &order)
    }

    #[test]
    fn a_consent_in_force_opens_the_report() {
        granted(|_| {}).when(&ASK).then_kinds(&["access.view_token_issued.v1"]);
    }

    #[test]
    fn doing_it_twice_adds_nothing() {
        granted(|_| {}).twice::<IssueViewToken>(Actor::Doctor(BO), &ASK);
    }

    #[test]
    fn an_author_needs_consent_like_everyone() {
        let record = given().the_cast().when(&ASK).refused("not_found");
        assert_eq!(record.len(), 1, "the patient hears of the attempt");
    }

    #[test]
    fn every_rule_refuses_by_name() {
        let uploaded = ReportUploaded {
            report: OTHER_REPORT,
            category: Category::Imaging,
            ..samples::report_uploaded()
        };
        let cases: [Spoiled; 6] = [
            ("purpose_not_covered", &|o| o.purpose = Purpose::Hresch),
            ("scope_does_not_cover", &|o| {
                o.scope = Scope::Categories { categories: [Category::Imaging].into() };
            }),
            ("scope_does_not_cover", &|o| {
                o.scope = Scope::Reports { reports: [OTHER_REPORT].into() }
            }),
            ("report_excepted", &|o| o.exceptions.reports = [REPORT].into()),
            ("report_excepted", &|o| {
                let categories = [Category::Laboratory].into();
                o.exceptions = Exceptions { categories, reports: [].into() };
            }),
            ("consent_not_yet", &|o| o.period.from = o.period.from.plus(minutes(60))),
        ];
        for (code, change) in cases {
            let mut order = grant();
            change(&mut order);
            let cast = given().the_cast().bo(uploaded.clone());
            cast.done(Actor::Patient(ANA), &order).when(&ASK).refused(code);
        }
        granted(|_| {})
            .later(minutes(8 * 24 * 60))
            .session(Actor::Doctor(BO))
            .when(&ASK)
            .refused("consent_expired");
        let revoke = RevokeConsent { patient: ANA, consent: CONSENT };
        granted(|_| {}).done(Actor::Patient(ANA), &revoke).when(&ASK).refused("consent_revoked");
        granted(|_| {}).bo_suspended().when(&ASK).refused("only_a_verified_doctor");
        granted(|_| {}).later(minutes(721)).when(&ASK).refused("only_an_open_session");
        let unknown = IssueViewToken { report: OTHER_REPORT, ..ASK };
        granted(|_| {}).when(&unknown).refused("not_found");
    }

    #[test]
    fn breaking_the_glass_is_never_reached_by_a_treatment_consent() {
        let break_the_glass = IssueViewToken { purpose: Purpose::Btg, ..ASK };
        granted(|_| {}).when(&break_the_glass).refused("purpose_not_covered");
    }

    #[test]
    fn an_exception_of_one_consent_wins_over_another_consent() {
        let mut narrow = grant();
        narrow.consent = OTHER_CONSENT;
        narrow.scope = Scope::Reports { reports: [REPORT].into() };
        granted(|o| o.exceptions.reports = [REPORT].into())
            .done(Actor::Patient(ANA), &narrow)
            .when(&ASK)
            .refused("report_excepted");
    }

    #[test]
    fn tokens_are_there_to_be_used() {
        let token = |n| IssueViewToken { token_hash: TokenHash([n; 32]), ..ASK };
        let given = |given: Given, n| given.done(Actor::Doctor(BO), &token(n));
        let full = (0..32).fold(granted(|_| {}), given);
        full.when(&token(99)).refused("too_many_unused_tokens");
        full.when(&token(7)).then_nothing();
        full.later(TOKEN_LIFE).when(&token(99)).then_kinds(&["access.view_token_issued.v1"]);
    }

    #[test]
    fn a_refusal_is_remembered_once_a_minute() {
        let refused = granted(|o| o.purpose = Purpose::Hresch);
        let record = refused.when(&ASK).refused("purpose_not_covered");
        let again = refused.bo(record[0].clone());
        assert_eq!(again.when(&ASK).refused("purpose_not_covered"), []);
        let record = again.later(minutes(1)).when(&ASK).refused("purpose_not_covered");
        assert_eq!(record.len(), 1);
    }
}
