//! A doctor uses a view token up: the view is in the log before the first byte is decrypted.

use std::time::Duration;

use domain::access::event::{RecordViewed, ViewTokenIssued};
use domain::access::policy::lives::TokenFlaw;
use domain::access::policy::v1::Question;
use domain::access::policy::{self, v2};
use domain::chart::Chart;
use domain::consent::grantee::Reader;
use domain::identity::doctor::Doctor;
use domain::identity::session::Session;
use domain::ids::{DoctorId, PatientId, SessionId, StreamName, TokenHash, ViewingId};
use domain::time::Moment;

use super::refusal::{may_open, record_streams};
use crate::decide::{Command, Decided, Decision, answered_by, rejections};

/// How long a viewing lasts.
pub const VIEWING_LIFE: Duration = policy::v1::VIEWING_LIFE;

/// A doctor uses a view token up, which opens a viewing; the policy is asked again.
#[derive(Debug, Clone)]
pub struct RedeemViewToken {
    /// Whose record.
    pub patient: PatientId,
    /// Who looks.
    pub doctor: DoctorId,
    /// The session that redeems: it must be the one that asked for the token.
    pub session: SessionId,
    /// Hash of the token presented.
    pub token_hash: TokenHash,
    /// The viewing's id.
    pub viewing: ViewingId,
}

rejections! {
    /// Why a token opens nothing.
    RedeemViewTokenRejection {
        /// Unknown, somebody else's, or of another session: all alike.
        NoSuchToken = NotFound, "no_such_token", "This view token is not valid here.", "Ask for a new view token in this session.";
        /// Once is all there is.
        TokenUsed = Conflict, "token_used", "This view token was used before.", "Ask for a new view token.";
        /// Five minutes are over.
        TokenExpired = Conflict, "token_expired", "This view token has expired.", "Ask for a new view token.";
    }
}

answered_by!(RecordViewed);

impl Command for RedeemViewToken {
    type States = (Chart, Doctor, Session);
    type Done = RecordViewed;

    fn streams(&self) -> Vec<StreamName> {
        record_streams(self.patient, self.doctor, self.session)
    }

    fn decide(
        &self,
        (chart, doctor, session): (&Chart, &Doctor, &Session),
        now: Moment,
    ) -> Decision<Self::Done> {
        use RedeemViewTokenRejection::{NoSuchToken, TokenExpired, TokenUsed};
        if let Some(known) = chart.access.viewings.get(&self.viewing) {
            return Ok(Decided::Already(known.opened.clone()));
        }
        let token = chart.access.tokens.get(&self.token_hash).ok_or(NoSuchToken)?;
        // A right token of whom the patient shut out is answered like a wrong one, and costs as much.
        v2::nothing_shuts(chart, Reader::doctor(self.doctor), token.issued.report)
            .map_err(|_| NoSuchToken)?;
        token.may_be_used(self.doctor, self.session, now).map_err(|flaw| match flaw {
            TokenFlaw::OfAnother => NoSuchToken,
            TokenFlaw::Used => TokenUsed,
            TokenFlaw::Expired => TokenExpired,
        })?;
        let ViewTokenIssued { report, purpose, .. } = token.issued;
        // The world may have moved since the token was issued: the policy decides again.
        let asked = Question { reader: Reader::doctor(self.doctor), report, purpose, now };
        let ground = may_open((chart, doctor, session), asked)?;
        let viewed = RecordViewed {
            viewing: self.viewing,
            token_hash: self.token_hash,
            doctor: self.doctor,
            session: self.session,
            report,
            purpose,
            ground,
            until: now.plus(VIEWING_LIFE),
            policy: policy::CURRENT,
        };
        Ok(Decided::record(viewed))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::access::issue_view_token::tests::{ASK, granted};
    use crate::consent::grant_consent::tests::grant;
    use crate::consent::revoke_consent::RevokeConsent;
    use crate::spec::Given;
    use domain::actor::Actor;
    use domain::samples::{self, ANA, BO, CONSENT, EVE, OTHER_SESSION, SESSION, TOKEN, VIEWING};
    use domain::time::minutes;

    /// Bo redeems his token.
    pub(crate) const REDEEM: RedeemViewToken = RedeemViewToken {
        patient: ANA,
        doctor: BO,
        session: SESSION,
        token_hash: TOKEN,
        viewing: VIEWING,
    };

    /// Bo holds a token under the usual consent.
    pub(crate) fn issued() -> Given {
        granted(|_| {}).done(Actor::Doctor(BO), &ASK)
    }

    #[test]
    fn a_token_opens_one_viewing() {
        issued().when(&REDEEM).then_kinds(&["access.record_viewed.v1"]);
        let redeemed = issued().done(Actor::Doctor(BO), &REDEEM);
        let other = RedeemViewToken { viewing: samples::viewing(1), ..REDEEM };
        redeemed.when(&other).refused("token_used");
    }

    #[test]
    fn doing_it_twice_adds_nothing() {
        issued().twice::<RedeemViewToken>(Actor::Doctor(BO), &REDEEM);
    }

    #[test]
    fn a_token_is_bound_to_doctor_and_session_and_five_minutes() {
        let other_doctor = RedeemViewToken { doctor: EVE, ..REDEEM };
        issued().when(&other_doctor).refused("no_such_token");
        let other_session = RedeemViewToken { session: OTHER_SESSION, ..REDEEM };
        issued().when(&other_session).refused("no_such_token");
        let made_up = RedeemViewToken { token_hash: samples::token(0), ..REDEEM };
        issued().when(&made_up).refused("no_such_token");
        issued().later(minutes(5)).when(&REDEEM).refused("token_expired");
    }

    #[test]
    fn what_changed_since_the_token_was_issued_counts() {
        let revoke = RevokeConsent { patient: ANA, consent: CONSENT };
        issued().done(Actor::Patient(ANA), &revoke).when(&REDEEM).refused("consent_revoked");
        issued().bo_suspended().when(&REDEEM).refused("only_a_verified_doctor");
    }

    #[test]
    fn a_maximum_of_views_is_a_maximum() {
        let mut order = grant();
        order.views_max = Some(1);
        let once = granted(|o| o.views_max = Some(1))
            .done(Actor::Doctor(BO), &ASK)
            .done(Actor::Doctor(BO), &REDEEM);
        let more = crate::access::issue_view_token::IssueViewToken {
            token_hash: samples::token(1),
            ..ASK
        };
        once.when(&more).refused("views_used_up");
    }
}
