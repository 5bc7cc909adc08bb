//! An admin verifies a doctor, with a note of the evidence.

use domain::actor::Actor;
use domain::identity::admins::Admins;
use domain::identity::doctor::{Doctor, Standing};
use domain::identity::event::DoctorVerified;
use domain::identity::login::Login;
use domain::ids::{AdminId, DoctorId, LoginHash, StreamName};
use domain::personal_text::PersonalText;
use domain::time::Moment;

use crate::decide::{Command, Decided, Decision, Refusal, rejections};

/// An admin has looked at a pending doctor's licence and lets them in.
#[derive(Debug, Clone)]
pub struct VerifyDoctor {
    /// A pending doctor.
    pub doctor: DoctorId,
    /// Keyed hash of the address they registered with.
    pub address: LoginHash,
    /// Who says so.
    pub admin: AdminId,
    /// What the admin looked at.
    pub evidence: PersonalText,
}

rejections! {
    /// Why a doctor's standing stays as it is.
    StandingRejection {
        /// Never registered.
        NoSuchDoctor = NotFound, "no_such_doctor", "There is no doctor by this id to choose.", "Choose a doctor from the directory, or, as an admin, from the verification queue.";
        /// Not an admin of this organisation, or no longer.
        NotAnAdmin = Forbidden, "not_an_admin", "Only an admin changes a doctor's standing.", "Log in as an admin.";
        /// The doctor never answered the letter to their address, or somebody else did first.
        NotConfirmed = Conflict, "address_not_confirmed", "This doctor's e-mail address does not name their account: they could never log in.", "Ask the doctor to register again and to answer the letter.", AfterAChange;
        /// Verified, rejected, suspended: the step does not follow from where the doctor stands.
        WrongStanding = Conflict, "wrong_standing", "The doctor's present standing does not allow this step.", "Look at the doctor's standing: pending doctors are verified or rejected, verified ones suspended, suspended ones reinstated.", AfterAChange;
    }
}

/// What every change of standing checks first: an admin says so, and the doctor stands `at`, from where
/// the step leads on, or is there already (`done`).
pub(crate) fn step(
    (doctor, admins): (&Doctor, &Admins),
    admin: AdminId,
    at: Standing,
    done: Standing,
) -> Result<bool, Refusal> {
    if !admins.admitted.contains(&admin) {
        return Err(StandingRejection::NotAnAdmin.into());
    }
    if doctor.standing == Standing::Unknown {
        return Err(StandingRejection::NoSuchDoctor.into());
    }
    if doctor.standing == done {
        return Ok(false);
    }
    if doctor.standing == at { Ok(true) } else { Err(StandingRejection::WrongStanding.into()) }
}

/// The streams of every change of standing.
pub(crate) fn standing_streams(doctor: DoctorId) -> Vec<StreamName> {
    vec![StreamName::doctor(doctor), StreamName::admins()]
}

impl Command for VerifyDoctor {
    type States = (Doctor, Admins, Login);
    type Done = ();

    fn streams(&self) -> Vec<StreamName> {
        let mut streams = standing_streams(self.doctor);
        streams.push(StreamName::login(&self.address));
        streams
    }

    fn decide(
        &self,
        (doctor, admins, login): (&Doctor, &Admins, &Login),
        _now: Moment,
    ) -> Decision<Self::Done> {
        if !step((doctor, admins), self.admin, Standing::Pending, Standing::Verified)? {
            return Ok(Decided::Already(()));
        }
        if login.account != Some(Actor::Doctor(self.doctor)) {
            return Err(StandingRejection::NotConfirmed.into());
        }
        Ok(Decided::record(DoctorVerified { evidence: self.evidence.clone() }))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::identity::claim_login::ClaimLogin;
    use crate::identity::reinstate_doctor::ReinstateDoctor;
    use crate::identity::reject_doctor::RejectDoctor;
    use crate::identity::suspend_doctor::SuspendDoctor;
    use crate::spec::{Given, given};
    use domain::samples::{self, ANA, BO, CY};

    const CY_ACTS: Actor = Actor::Admin(CY);
    const ADDRESS: LoginHash = LoginHash([3; 32]);

    fn confirmed(given: Given, account: Actor) -> Given {
        let claim = ClaimLogin { address: ADDRESS, account };
        given.done(account, &claim)
    }

    fn verify() -> VerifyDoctor {
        let evidence = samples::doctor_verified().evidence;
        VerifyDoctor { doctor: BO, address: ADDRESS, admin: CY, evidence }
    }
    fn reject() -> RejectDoctor {
        RejectDoctor { doctor: BO, admin: CY, reason: samples::sealed("reason") }
    }
    fn suspend() -> SuspendDoctor {
        SuspendDoctor { doctor: BO, admin: CY, reason: samples::sealed("reason") }
    }
    fn reinstate() -> ReinstateDoctor {
        ReinstateDoctor { doctor: BO, admin: CY, reason: samples::sealed("reason") }
    }

    fn with_an_admin() -> Given {
        given().cy_admitted()
    }

    #[test]
    fn the_steps_lead_from_one_standing_to_the_next_and_doing_one_twice_adds_nothing() {
        let pending = || confirmed(with_an_admin().bo_registered(), Actor::Doctor(BO));
        pending().when(&verify()).then_kinds(&["identity.doctor_verified.v1"]);
        pending().when(&reject()).then_kinds(&["identity.doctor_rejected.v1"]);
        pending().when(&suspend()).refused("wrong_standing");
        pending().when(&reinstate()).refused("wrong_standing");
        let verified = || pending().twice::<VerifyDoctor>(CY_ACTS, &verify());
        verified().when(&reject()).refused("wrong_standing");
        verified().when(&suspend()).then_kinds(&["identity.doctor_suspended.v1"]);
        let suspended = || verified().twice::<SuspendDoctor>(CY_ACTS, &suspend());
        suspended().when(&verify()).refused("wrong_standing");
        suspended().when(&reinstate()).then_kinds(&["identity.doctor_reinstated.v1"]);
        suspended().twice::<ReinstateDoctor>(CY_ACTS, &reinstate());
        let rejected = pending().twice::<RejectDoctor>(CY_ACTS, &reject());
        rejected.when(&verify()).refused("wrong_standing");
    }

    #[test]
    fn nobody_is_verified_whose_address_does_not_name_them() {
        let registered = || with_an_admin().bo_registered();
        registered().when(&verify()).refused("address_not_confirmed");
        let elses = confirmed(registered(), Actor::Patient(ANA));
        elses.when(&verify()).refused("address_not_confirmed");
    }

    #[test]
    fn only_an_admin_and_only_a_doctor() {
        given().bo_registered().when(&verify()).refused("not_an_admin");
        with_an_admin().when(&verify()).refused("no_such_doctor");
    }
}
