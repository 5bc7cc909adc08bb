//! Sample facts of consent: Ana lets Bo in and takes it back.

use super::{BO, CHALLENGE, CONSENT, REPORT, noon};
use crate::consent::event::{
    BarLifted, BarSet, ConsentGranted, ConsentRevoked, RecordClosed, RecordOpened, ReportHidden,
    ReportUnhidden,
};
use crate::consent::grantee::Grantee;
use crate::consent::scope::{Exceptions, Purpose, Scope};
use crate::time::{Period, minutes};

/// Everything, for treatment, for a week from noon.
pub fn consent_granted() -> ConsentGranted {
    ConsentGranted {
        consent: CONSENT,
        grantee: Grantee::Doctor(BO),
        scope: Scope::Everything {},
        exceptions: Exceptions::default(),
        purpose: Purpose::Treat,
        period: Period { from: noon(), until: noon().plus(minutes(7 * 24 * 60)) },
        views_max: None,
        step_up: CHALLENGE,
    }
}

/// What [`consent_granted`] opened is shut.
pub fn consent_revoked() -> ConsentRevoked {
    ConsentRevoked { consent: CONSENT }
}

/// Ana closed her record; an emergency still passes.
pub const fn record_closed() -> RecordClosed {
    RecordClosed { emergency_passes: true }
}

/// Ana opened it again.
pub const fn record_opened() -> RecordOpened {
    RecordOpened {}
}

/// Ana barred Bo; an emergency still passes.
pub const fn bar_set() -> BarSet {
    BarSet { barred: Grantee::Doctor(BO), emergency_passes: true }
}

/// Ana lifted the bar.
pub const fn bar_lifted() -> BarLifted {
    BarLifted { barred: Grantee::Doctor(BO) }
}

/// Ana hid her report from Bo; an emergency still passes.
pub const fn report_hidden() -> ReportHidden {
    ReportHidden { report: REPORT, from: Grantee::Doctor(BO), emergency_passes: true }
}

/// Ana hides it from Bo no more.
pub const fn report_unhidden() -> ReportUnhidden {
    ReportUnhidden { report: REPORT, from: Grantee::Doctor(BO) }
}
