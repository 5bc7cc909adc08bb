//! A patient takes a consent back. At once, and as easily as can be.

use domain::chart::Chart;
use domain::consent::event::ConsentRevoked;
use domain::ids::{ConsentId, PatientId, StreamName};
use domain::time::Moment;

use crate::decide::{Command, Decided, Decision, rejections};

/// A patient takes a consent back; nothing opens by it from then on.
#[derive(Debug, Clone)]
pub struct RevokeConsent {
    /// Whose record.
    pub patient: PatientId,
    /// One that this patient gave, in force or to come.
    pub consent: ConsentId,
}

rejections! {
    /// Why a consent is not revoked.
    RevokeConsentRejection {
        /// Not the patient's.
        NoSuchConsent = NotFound, "no_such_consent", "There is no such consent.", "Choose from your consents.";
    }
}

impl Command for RevokeConsent {
    type States = (Chart,);
    type Done = ();

    fn streams(&self) -> Vec<StreamName> {
        vec![StreamName::patient(self.patient)]
    }

    fn decide(&self, (chart,): (&Chart,), _now: Moment) -> Decision<Self::Done> {
        let consent = chart.consents.get(&self.consent);
        match consent.ok_or(RevokeConsentRejection::NoSuchConsent)?.revoked_at {
            Some(_) => Ok(Decided::Already(())),
            None => Ok(Decided::record(ConsentRevoked { consent: self.consent })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::grant_consent::tests::grant;
    use crate::spec::given;
    use domain::actor::Actor;
    use domain::samples::{self, ANA, CONSENT};

    const REVOKE: RevokeConsent = RevokeConsent { patient: ANA, consent: CONSENT };

    #[test]
    fn a_patient_takes_a_consent_back() {
        let granted = given().the_cast().done(Actor::Patient(ANA), &grant());
        granted.when(&REVOKE).then(&[samples::consent_revoked().into()]);
    }

    #[test]
    fn doing_it_twice_adds_nothing() {
        let granted = given().the_cast().done(Actor::Patient(ANA), &grant());
        granted.twice::<RevokeConsent>(Actor::Patient(ANA), &REVOKE);
    }

    #[test]
    fn what_was_never_granted_cannot_be_revoked() {
        given().the_cast().when(&REVOKE).refused("no_such_consent");
    }
}
