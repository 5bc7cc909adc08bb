//! An admin turns a registration down. The steps are tested together in `verify_doctor`.

use domain::identity::admins::Admins;
use domain::identity::doctor::{Doctor, Standing};
use domain::identity::event::DoctorRejected;
use domain::ids::{AdminId, DoctorId, StreamName};
use domain::personal_text::PersonalText;
use domain::time::Moment;

use super::verify_doctor::{standing_streams, step};
use crate::decide::{Command, Decided, Decision};

/// An admin turns a pending doctor down.
#[derive(Debug, Clone)]
pub struct RejectDoctor {
    /// A pending doctor.
    pub doctor: DoctorId,
    /// Who says so.
    pub admin: AdminId,
    /// Why.
    pub reason: PersonalText,
}

impl Command for RejectDoctor {
    type States = (Doctor, Admins);
    type Done = ();

    fn streams(&self) -> Vec<StreamName> {
        standing_streams(self.doctor)
    }

    fn decide(&self, states: (&Doctor, &Admins), _now: Moment) -> Decision<Self::Done> {
        let go = step(states, self.admin, Standing::Pending, Standing::Rejected)?;
        let reason = self.reason.clone();
        Ok(if go { Decided::record(DoctorRejected { reason }) } else { Decided::Already(()) })
    }
}
