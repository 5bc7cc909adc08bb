//! One consent as its facts add up.

use super::event::{ConsentFact, ConsentGranted};
use crate::access::ground::Ground;
use crate::chart::Chart;
use crate::fold::Recorded;
use crate::ids::ReportId;
use crate::records::Report;
use crate::time::Moment;

/// A consent and what became of it.
#[derive(Debug, Clone)]
pub struct Consent {
    /// What the patient said yes to.
    pub granted: ConsentGranted,
    /// When it was revoked.
    pub revoked_at: Option<Moment>,
    /// Viewings opened under it.
    pub views: u32,
}

/// Where a consent stands at a moment. Expiry is judged here, at the access, never by a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Force {
    /// Begun, not over, not revoked, not used up.
    InForce,
    /// Its period has not begun.
    NotYet,
    /// Its period is over.
    Expired,
    /// Taken back by the patient, for good.
    Revoked,
}

impl Consent {
    /// What an access that it allows stands on.
    pub const fn ground(&self) -> Ground {
        Ground::of_consent(self.granted.consent, self.granted.grantee)
    }

    /// Where it stands at `now`.
    pub fn force(&self, now: Moment) -> Force {
        if self.revoked_at.is_some() {
            Force::Revoked
        } else if now < self.granted.period.from {
            Force::NotYet
        } else if now >= self.granted.period.until {
            Force::Expired
        } else {
            Force::InForce
        }
    }

    /// Whether its exceptions keep a report shut.
    pub fn shuts(&self, report: ReportId, about: &Report) -> bool {
        self.granted.exceptions.shut(report, about.category)
    }

    /// Whether its scope covers a report, exceptions apart.
    pub fn covers(&self, report: ReportId, about: &Report) -> bool {
        self.granted.scope.covers(report, about.category)
    }

    /// Whether another viewing may be opened under it.
    pub fn has_views_left(&self) -> bool {
        self.granted.views_max.is_none_or(|most| self.views < most)
    }
}

impl Chart {
    /// What a fact of consents does to a patient's chart.
    pub(crate) fn take_consent(&mut self, fact: &ConsentFact, recorded: &Recorded) {
        match fact {
            ConsentFact::Granted(granted) => {
                let consent = Consent { granted: granted.clone(), revoked_at: None, views: 0 };
                let before = self.consents.len();
                self.consents.insert(granted.consent, consent);
                let of_grantee = self.by_grantee.entry(granted.grantee).or_default();
                of_grantee.push((before, granted.consent));
            }
            ConsentFact::Revoked(revoked) => {
                if let Some(consent) = self.consents.get_mut(&revoked.consent) {
                    consent.revoked_at.get_or_insert(recorded.time);
                }
            }
        }
    }
}
