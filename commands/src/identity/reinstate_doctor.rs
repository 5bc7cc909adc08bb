//! An admin lifts a suspension.

use domain::identity::admins::Admins;
use domain::identity::doctor::{Doctor, Standing};
use domain::identity::event::DoctorReinstated;
use domain::ids::{AdminId, DoctorId, StreamName};
use domain::personal_text::PersonalText;
use domain::time::Moment;

use super::verify_doctor::{standing_streams, step};
use crate::decide::{Command, Decided, Decision};

/// An admin lifts a suspension: the doctor is verified again.
#[derive(Debug, Clone)]
pub struct ReinstateDoctor {
    /// A suspended doctor.
    pub doctor: DoctorId,
    /// Who says so.
    pub admin: AdminId,
    /// Why.
    pub reason: PersonalText,
}

impl Command for ReinstateDoctor {
    type States = (Doctor, Admins);
    type Done = ();

    fn streams(&self) -> Vec<StreamName> {
        standing_streams(self.doctor)
    }

    fn decide(&self, states: (&Doctor, &Admins), _now: Moment) -> Decision<Self::Done> {
        let go = step(states, self.admin, Standing::Suspended, Standing::Verified)?;
        let reason = self.reason.clone();
        Ok(if go { Decided::record(DoctorReinstated { reason }) } else { Decided::Already(()) })
    }
}
