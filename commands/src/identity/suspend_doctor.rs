//! An admin stops a doctor: open tokens and views are dead at once, for every one of them asks again.

use domain::identity::admins::Admins;
use domain::identity::doctor::{Doctor, Standing};
use domain::identity::event::DoctorSuspended;
use domain::ids::{AdminId, DoctorId, StreamName};
use domain::personal_text::PersonalText;
use domain::time::Moment;

use super::verify_doctor::{standing_streams, step};
use crate::decide::{Command, Decided, Decision};

/// An admin suspends a verified doctor: open tokens and viewings are dead at once.
#[derive(Debug, Clone)]
pub struct SuspendDoctor {
    /// A verified doctor.
    pub doctor: DoctorId,
    /// Who says so.
    pub admin: AdminId,
    /// Why.
    pub reason: PersonalText,
}

impl Command for SuspendDoctor {
    type States = (Doctor, Admins);
    type Done = ();

    fn streams(&self) -> Vec<StreamName> {
        standing_streams(self.doctor)
    }

    fn decide(&self, states: (&Doctor, &Admins), _now: Moment) -> Decision<Self::Done> {
        let go = step(states, self.admin, Standing::Verified, Standing::Suspended)?;
        let reason = self.reason.clone();
        Ok(if go { Decided::record(DoctorSuspended { reason }) } else { Decided::Already(()) })
    }
}
