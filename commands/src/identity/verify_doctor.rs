//! An admin verifies a doctor, with a note of the evidence.

use domain::identity::admins::Admins;
use domain::identity::doctor::{Doctor, Standing};
use domain::identity::event::DoctorVerified;
use domain::ids::{AdminId, DoctorId, StreamName};
use domain::personal_text::PersonalText;
use domain::time::Moment;

use crate::decide::{Command, Decided, Decision, Refusal, rejections};

/// An admin has looked at a pending doctor's licence and lets them in.
#[derive(Debug, Clone)]
pub struct VerifyDoctor {
    /// A pending doctor.
    pub doctor: DoctorId,
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
    type States = (Doctor, Admins);
    type Done = ();

    fn streams(&self) -> Vec<StreamName> {
        standing_streams(self.doctor)
    }

    fn decide(&self, states: (&Doctor, &Admins), _now: Moment) -> Decision<Self::Done> {
        let go = step(states, self.admin, Standing::Pending, Standing::Verified)?;
        let evidence = self.evidence.clone();
        Ok(if go { Decided::record(DoctorVerified { evidence }) } else { Decided::Already(()) })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::identity::reinstate_doctor::ReinstateDoctor;
    use crate::identity::reject_doctor::RejectDoctor;
    use crate::identity::suspend_doctor::SuspendDoctor;
    use crate::spec::{Given, given};
    use domain::actor::Actor;
    use domain::samples::{self, BO, CY};

    const CY_ACTS: Actor = Actor::Admin(CY);

    fn verify() -> VerifyDoctor {
        VerifyDoctor { doctor: BO, admin: CY, evidence: samples::doctor_verified().evidence }
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
        let pending = || with_an_admin().bo_registered();
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
    fn only_an_admin_and_only_a_doctor() {
        given().bo_registered().when(&verify()).refused("not_an_admin");
        with_an_admin().when(&verify()).refused("no_such_doctor");
    }
}
