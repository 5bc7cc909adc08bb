//! A patient's consents as their facts add up.

use std::collections::{BTreeMap, HashMap};

use super::event::{ConsentFact, ConsentGranted};
use super::grantee::{Grantee, Reader};
use crate::access::ground::Ground;
use crate::identity::doctor::Standing;
use crate::ids::{ConsentId, ReportId};
use crate::records::state::Report;
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

/// What a consent does for whom it names: what its patient is told. [`Force`] alone would call one in force
/// that opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// A viewing may be opened under it.
    InForce,
    /// In force, but its viewings are used up: titles are still listed, and a report may be brought.
    UsedUp,
    /// In force, but the doctor it names may not act: suspended, or not verified any more.
    DoctorMayNotAct,
    /// Its period has not begun.
    NotYet,
    /// Its period is over.
    Expired,
    /// Taken back.
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

    /// What it does at `now` for a grantee of this standing; a practice has none.
    pub fn effect(&self, standing: Option<Standing>, now: Moment) -> Effect {
        match self.force(now) {
            Force::NotYet => Effect::NotYet,
            Force::Expired => Effect::Expired,
            Force::Revoked => Effect::Revoked,
            Force::InForce if standing.is_some_and(|now| now != Standing::Verified) => {
                Effect::DoctorMayNotAct
            }
            Force::InForce if !self.has_views_left() => Effect::UsedUp,
            Force::InForce => Effect::InForce,
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

/// Every consent that one patient ever gave.
#[derive(Debug, Clone, Default)]
pub struct Consents {
    all: BTreeMap<ConsentId, Consent>,
    /// Those of each grantee, with how many were given before: their order across grantees.
    by_grantee: HashMap<Grantee, Vec<(usize, ConsentId)>>,
}

impl Consents {
    /// One of them.
    pub fn get(&self, consent: &ConsentId) -> Option<&Consent> {
        self.all.get(consent)
    }

    /// All of them, by id.
    pub fn all(&self) -> impl ExactSizeIterator<Item = &Consent> {
        self.all.values()
    }

    /// Those that count for a reader, oldest first.
    pub fn of_reader(&self, reader: Reader) -> Vec<&Consent> {
        let named = reader.counts_as().filter_map(|grantee| self.by_grantee.get(&grantee));
        let mut named: Vec<(usize, ConsentId)> = named.flatten().copied().collect();
        named.sort_unstable_by_key(|(before, _)| *before);
        named.iter().filter_map(|(_, consent)| self.all.get(consent)).collect()
    }

    /// Takes in the next fact of consents.
    pub(crate) fn take(&mut self, fact: &ConsentFact, at: Moment) {
        match fact {
            ConsentFact::Granted(granted) => {
                let consent = Consent { granted: granted.clone(), revoked_at: None, views: 0 };
                let before = self.all.len();
                self.all.insert(granted.consent, consent);
                let of_grantee = self.by_grantee.entry(granted.grantee).or_default();
                of_grantee.push((before, granted.consent));
            }
            ConsentFact::Revoked(revoked) => {
                if let Some(consent) = self.all.get_mut(&revoked.consent) {
                    consent.revoked_at.get_or_insert(at);
                }
            }
        }
    }

    /// Counts a viewing that was opened under one of them.
    pub(crate) fn count_view(&mut self, consent: ConsentId) {
        if let Some(consent) = self.all.get_mut(&consent) {
            consent.views = consent.views.saturating_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{self, noon};
    use crate::time::minutes;

    #[test]
    fn a_consent_that_opens_nothing_is_not_called_in_force() {
        let used = |views, views_max| Consent {
            granted: ConsentGranted { views_max, ..samples::consent_granted() },
            revoked_at: None,
            views,
        };
        let verified = Some(Standing::Verified);
        let whole = used(0, None);
        assert_eq!(whole.effect(verified, noon()), Effect::InForce);
        assert_eq!(whole.effect(None, noon()), Effect::InForce);
        for standing in
            [Standing::Suspended, Standing::Rejected, Standing::Pending, Standing::Unknown]
        {
            assert_eq!(whole.effect(Some(standing), noon()), Effect::DoctorMayNotAct);
            assert_eq!(used(2, Some(2)).effect(Some(standing), noon()), Effect::DoctorMayNotAct);
        }
        assert_eq!(used(1, Some(2)).effect(verified, noon()), Effect::InForce);
        assert_eq!(used(2, Some(2)).effect(verified, noon()), Effect::UsedUp);
        let week_later = noon().plus(minutes(7 * 24 * 60));
        assert_eq!(used(2, Some(2)).effect(verified, week_later), Effect::Expired);
        assert_eq!(whole.effect(Some(Standing::Suspended), Moment::default()), Effect::NotYet);
        let revoked = Consent { revoked_at: Some(noon()), ..whole };
        assert_eq!(revoked.effect(Some(Standing::Suspended), week_later), Effect::Revoked);
    }
}
