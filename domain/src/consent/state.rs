//! A patient's consents as their facts add up.

use std::collections::{BTreeMap, HashMap};

use super::bars::Shut;
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
    /// When.
    pub granted_at: Moment,
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
    /// It opens nothing while the whole record is closed.
    RecordClosed,
    /// It opens nothing while whom it names is barred.
    Barred,
    /// Its period has not begun.
    NotYet,
    /// Its period is over.
    Expired,
    /// Taken back.
    Revoked,
}

impl Effect {
    /// The same where the patient keeps something shut against whom it names: that wins, as long as the
    /// consent is not over anyway.
    #[must_use]
    pub const fn under(self, shut: Option<Shut>) -> Self {
        match (self, shut) {
            (Self::Expired | Self::Revoked, _) | (_, None | Some(Shut::ReportHidden(_))) => self,
            (_, Some(Shut::RecordClosed)) => Self::RecordClosed,
            (_, Some(Shut::Barred(_))) => Self::Barred,
        }
    }
}

impl Consent {
    /// One that was just given.
    pub const fn new(granted: ConsentGranted, granted_at: Moment) -> Self {
        Self { granted, granted_at, revoked_at: None, views: 0 }
    }

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

    /// Those that name a grantee, oldest first.
    pub fn of_grantee(&self, grantee: Grantee) -> impl Iterator<Item = &Consent> {
        let named = self.by_grantee.get(&grantee).into_iter().flatten();
        named.filter_map(|(_, consent)| self.all.get(consent))
    }

    /// Takes in the next fact of consents. What is kept shut whatever they say folds in `bars.rs`.
    pub(crate) fn take(&mut self, fact: &ConsentFact, at: Moment) {
        if let ConsentFact::Granted(granted) = fact {
            let consent = Consent::new(granted.clone(), at);
            let before = self.all.len();
            self.all.insert(granted.consent, consent);
            let of_grantee = self.by_grantee.entry(granted.grantee).or_default();
            of_grantee.push((before, granted.consent));
        } else if let ConsentFact::Revoked(revoked) = fact
            && let Some(consent) = self.all.get_mut(&revoked.consent)
        {
            consent.revoked_at.get_or_insert(at);
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
            views,
            ..Consent::new(samples::consent_granted(), noon())
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

    #[test]
    fn what_is_kept_shut_wins_over_a_consent_that_is_not_over() {
        let bo = Grantee::Doctor(samples::BO);
        for live in [Effect::InForce, Effect::UsedUp, Effect::DoctorMayNotAct, Effect::NotYet] {
            assert_eq!(live.under(None), live);
            assert_eq!(live.under(Some(Shut::ReportHidden(bo))), live);
            assert_eq!(live.under(Some(Shut::RecordClosed)), Effect::RecordClosed);
            assert_eq!(live.under(Some(Shut::Barred(bo))), Effect::Barred);
        }
        for over in [Effect::Expired, Effect::Revoked] {
            assert_eq!(over.under(Some(Shut::RecordClosed)), over);
        }
    }

    #[test]
    fn a_consent_is_in_force_from_its_first_moment_until_its_last_and_not_after_a_revoke() {
        let granted = samples::consent_granted();
        let a_moment = std::time::Duration::from_micros(1);
        let (from, until) = (granted.period.from, granted.period.until);
        let consent = Consent::new(granted, noon());
        let last = from.plus(consent.granted.period.length().checked_sub(a_moment).unwrap());
        assert_eq!(consent.force(from), Force::InForce);
        assert_eq!(consent.force(last), Force::InForce);
        assert_eq!(consent.force(until), Force::Expired);
        assert_eq!(consent.force(Moment::from_micros(from.micros() - 1)), Force::NotYet);
        let revoked = Consent { revoked_at: Some(last), ..consent };
        for now in [Moment::default(), from, until] {
            assert_eq!(revoked.force(now), Force::Revoked);
        }
    }

    #[test]
    fn viewings_are_counted_against_their_consent_up_to_its_most() {
        let (mut consents, granted) = (Consents::default(), samples::consent_granted());
        let once = ConsentGranted { views_max: Some(2), ..granted };
        consents.take(&ConsentFact::Granted(once), noon());
        for (views, left) in [(0, true), (1, true), (2, false), (3, false)] {
            let consent = consents.get(&samples::CONSENT).unwrap();
            assert_eq!((consent.views, consent.has_views_left()), (views, left));
            consents.count_view(samples::CONSENT);
            consents.count_view(samples::OTHER_CONSENT);
        }
    }

    #[test]
    fn a_reader_is_answered_theirs_oldest_first_and_a_revoke_stands_for_good() {
        let mut consents = Consents::default();
        // Later ids come first here: the order is that of giving.
        for (number, grantee) in [(9, samples::BO), (5, samples::EVE), (3, samples::BO)] {
            let granted = ConsentGranted {
                consent: samples::consent(number),
                grantee: Grantee::Doctor(grantee),
                ..samples::consent_granted()
            };
            consents.take(&ConsentFact::Granted(granted), noon());
        }
        let of = |doctor| {
            let theirs = consents.of_reader(Reader::doctor(doctor)).into_iter();
            theirs.map(|consent| consent.granted.consent).collect::<Vec<_>>()
        };
        assert_eq!(of(samples::BO), [samples::consent(9), samples::consent(3)]);
        assert_eq!(of(samples::EVE), [samples::consent(5)]);
        assert_eq!(consents.all().len(), 3);
        let revoked = super::super::event::ConsentRevoked { consent: samples::consent(9) };
        let later = noon().plus(minutes(1));
        for now in [noon(), later] {
            consents.take(&ConsentFact::Revoked(revoked.clone()), now);
        }
        let at = |number| consents.get(&samples::consent(number)).unwrap().revoked_at;
        assert_eq!((at(9), at(3)), (Some(noon()), None));
    }

    #[test]
    fn scope_and_exceptions_are_asked_by_what_a_report_is() {
        use crate::consent::scope::{Exceptions, Scope};
        use crate::records::Category;
        let report = Report {
            category: Category::Imaging,
            media_type: String::new(),
            size: 1,
            pages: None,
            blob: crate::ids::BlobHash([0; 32]),
            uploaded_by: crate::actor::Actor::System,
        };
        let of = |category| {
            let categories = std::collections::BTreeSet::from([category]);
            let granted = ConsentGranted {
                scope: Scope::Categories { categories: categories.clone() },
                exceptions: Exceptions { categories, ..Exceptions::default() },
                ..samples::consent_granted()
            };
            let consent = Consent::new(granted, noon());
            (consent.covers(samples::REPORT, &report), consent.shuts(samples::REPORT, &report))
        };
        assert_eq!(of(Category::Imaging), (true, true));
        assert_eq!(of(Category::Laboratory), (false, false));
    }
}
