//! What a doctor's stream folds to: may this doctor act, and what lists of names were they shown.

use std::collections::BTreeMap;
use std::time::Duration;

use strum::{EnumString, IntoStaticStr};

use super::event::DoctorFact;
use super::name_lists::NameListsShown;
use crate::fold::{Fold, Recorded};
use crate::ids::PatientId;
use crate::time::{Moment, minutes};

/// A doctor's standing with the organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, IntoStaticStr, EnumString)]
#[strum(serialize_all = "snake_case")]
pub enum Standing {
    /// Nobody by this id.
    #[default]
    Unknown,
    /// Registered, not yet verified.
    Pending,
    /// Verified: may act.
    Verified,
    /// Turned down.
    Rejected,
    /// Verified once, stopped now.
    Suspended,
}

impl Standing {
    /// As a code, as tables keep it.
    pub fn code(self) -> &'static str {
        self.into()
    }
}

/// A doctor's account.
#[derive(Debug, Clone, Default)]
pub struct Doctor {
    /// May they act?
    pub standing: Standing,
    /// When they were verified, for the first time.
    pub verified_at: Option<Moment>,
    /// The names they were shown, by list and session, and the event that says so.
    pub name_lists_shown: NameListsShown,
    /// The records that do not exist which they asked for within the last [`NOTED_FOR`], and when.
    pub asked_in_vain: BTreeMap<PatientId, Moment>,
}

/// For how long a refusal stands for those after it.
pub const NOTED_FOR: Duration = minutes(1);

impl DoctorFact {
    /// The standing it gives the doctor, whatever it was before.
    pub const fn standing(&self) -> Option<Standing> {
        match self {
            Self::Registered(_) => Some(Standing::Pending),
            Self::Verified(_) | Self::Reinstated(_) => Some(Standing::Verified),
            Self::Rejected(_) => Some(Standing::Rejected),
            Self::Suspended(_) => Some(Standing::Suspended),
            Self::NameListShown(_) | Self::UnknownRecordAsked(_) => None,
        }
    }
}

impl Fold for Doctor {
    fn evolve(&mut self, recorded: &Recorded) {
        let Some(fact) = recorded.fact.doctor() else { return };
        if let Some(standing) = fact.standing() {
            self.standing = standing;
        }
        match fact {
            DoctorFact::Verified(_) => _ = self.verified_at.get_or_insert(recorded.time),
            DoctorFact::NameListShown(shown) => {
                let key = (shown.list, shown.session);
                self.name_lists_shown.insert(key, (recorded.time, recorded.id));
            }
            DoctorFact::UnknownRecordAsked(asked) => {
                self.asked_in_vain.retain(|_, at| recorded.time.since(*at) < NOTED_FOR);
                self.asked_in_vain.insert(asked.patient, recorded.time);
            }
            DoctorFact::Registered(_)
            | DoctorFact::Rejected(_)
            | DoctorFact::Suspended(_)
            | DoctorFact::Reinstated(_) => {}
        }
    }
}
