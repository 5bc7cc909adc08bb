//! "Had this rule held": a further rule, asked of the viewings and pages of the past beside the policy.
//! `docs/what-if.md` describes it for those who write one.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

use super::known::ReviewedLog;
use super::mark::{LISTED_MAX, Mark};
use crate::access::event::{PageShown, RecordViewed};
use crate::consent::scope::Purpose;
use crate::fold::Recorded;
use crate::identity::event::Client;
use crate::ids::{ConsentId, DoctorId, StreamName, ViewingId};
use crate::records::Category;
use crate::time::Moment;

const MINUTE: i64 = 60_000_000;
const MINUTES_OF_DAY: i64 = 24 * 60;

/// A day of the week (UTC).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the days of the week")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Weekday {
    fn of(day: i64) -> Self {
        // The first of January 1970 was a Thursday.
        Self::VARIANTS[(day + 3).rem_euclid(7) as usize]
    }
}

/// A time of day (UTC), `HH:MM`, in minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeOfDay(i64);

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let number = |text: &str, most: i64| {
            let digits = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
            text.parse().ok().filter(|number: &i64| digits && *number <= most)
        };
        let read = |(hour, minute)| Some(Self(number(hour, 23)? * 60 + number(minute, 59)?));
        let wrong = || serde::de::Error::custom("a time of day is written 07:30");
        text.split_once(':').and_then(read).ok_or_else(wrong)
    }
}

/// From a time of day, inclusive, until another, exclusive; over midnight where `until` is the smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// First minute inside.
    pub from: TimeOfDay,
    /// First minute outside again.
    pub until: TimeOfDay,
}

impl Hours {
    fn hold(self, minute: i64) -> bool {
        let (from, until) = (self.from.0, self.until.0);
        if from < until {
            (from..until).contains(&minute)
        } else {
            minute >= from || minute < until
        }
    }
}

/// A rule that might have held besides the policy. Every clause that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FurtherRule {
    /// Only for these purposes.
    pub purposes: Option<BTreeSet<Purpose>>,
    /// No report of these categories.
    pub categories_closed: Option<BTreeSet<Category>>,
    /// Only with one of these clients: `browser`, `machine`.
    pub clients: Option<Vec<Client>>,
    /// Only at these hours (UTC).
    pub hours: Option<Hours>,
    /// Only on these days (UTC).
    pub weekdays: Option<BTreeSet<Weekday>>,
    /// Only under a consent whose period is at most so many days long.
    pub consent_days_max: Option<u32>,
    /// Only so many days after the consent was given.
    pub consent_age_days_max: Option<u32>,
    /// Only by a doctor who was verified so many days ago or longer.
    pub doctor_verified_days_min: Option<u32>,
    /// Only so many viewings under one consent.
    pub views_per_consent_max: Option<u32>,
    /// Only so many viewings of one doctor on one day (UTC), of all patients.
    pub views_per_doctor_and_day_max: Option<u32>,
}

/// A clause of a further rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[allow(missing_docs, reason = "each is named after the member of `FurtherRule` it stands for")]
pub enum Clause {
    Purposes,
    CategoriesClosed,
    Clients,
    Hours,
    Weekdays,
    ConsentDaysMax,
    ConsentAgeDaysMax,
    DoctorVerifiedDaysMin,
    ViewsPerConsentMax,
    ViewsPerDoctorAndDayMax,
}

impl Clause {
    /// Its name in the document.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

impl FurtherRule {
    /// What makes no sense about it, if anything.
    pub fn flaw(&self) -> Option<&'static str> {
        if *self == Self::default() {
            return Some("it has no clause");
        }
        let empty = self.purposes.as_ref().is_some_and(BTreeSet::is_empty)
            || self.categories_closed.as_ref().is_some_and(BTreeSet::is_empty)
            || self.clients.as_ref().is_some_and(Vec::is_empty)
            || self.weekdays.as_ref().is_some_and(BTreeSet::is_empty);
        if empty {
            return Some("a list is empty");
        }
        let same = self.hours.is_some_and(|hours| hours.from == hours.until);
        same.then_some("hours: from and until are the same")
    }
}

/// A viewing or page that the further rule would have refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WouldBeRefused {
    /// The access.
    #[serde(flatten)]
    pub access: Mark,
    /// The stream it stands on.
    pub stream: String,
    /// The clause that would have refused: the first, in the order of the document.
    pub clause: Clause,
}

/// What a further rule would have changed.
#[derive(Debug)]
pub struct WhatIf {
    rule: FurtherRule,
    views: Views,
    closed: HashSet<(StreamName, ViewingId)>,
    /// Viewings asked about.
    pub viewings: u64,
    /// Viewings that would have been refused.
    pub viewings_refused: u64,
    /// Pages that would not have been shown, because their viewing would not have been opened.
    pub pages_of_these: u64,
    /// Pages of other viewings that would have been refused.
    pub pages_refused: u64,
    /// Refused viewings and pages by clause.
    pub by_clause: BTreeMap<Clause, u64>,
    /// The first of them.
    pub refused: Vec<WouldBeRefused>,
}

/// Viewings that the further rule lets through: a viewing that is refused uses nothing up.
#[derive(Debug, Default)]
struct Views {
    of_consent: HashMap<ConsentId, u32>,
    of_day: HashMap<(DoctorId, i64), u32>,
}

fn day(moment: Moment) -> i64 {
    moment.micros() / (MINUTES_OF_DAY * MINUTE)
}

fn more_days_than(days: u32, from: Moment, until: Moment) -> bool {
    until.since(from) > std::time::Duration::from_secs(u64::from(days) * 86_400)
}

impl WhatIf {
    pub(super) fn new(rule: FurtherRule) -> Self {
        Self {
            rule,
            views: Views::default(),
            closed: HashSet::new(),
            viewings: 0,
            viewings_refused: 0,
            pages_of_these: 0,
            pages_refused: 0,
            by_clause: BTreeMap::new(),
            refused: Vec::new(),
        }
    }

    /// Asks the rule about a viewing or a page, on what stood before it; of anything else it says nothing.
    pub(super) fn take(&mut self, known: &ReviewedLog, recorded: &Recorded) {
        if let Some(viewed) = recorded.fact.body::<RecordViewed>() {
            self.take_viewing(known, recorded, viewed);
        }
        if let Some(page) = recorded.fact.body::<PageShown>() {
            self.take_page(known, recorded, page);
        }
    }

    fn take_viewing(&mut self, known: &ReviewedLog, recorded: &Recorded, viewed: &RecordViewed) {
        self.viewings += 1;
        if let Some(clause) = self.of_viewing(known, recorded, viewed) {
            self.viewings_refused += 1;
            self.closed.insert((recorded.stream.clone(), viewed.viewing));
            self.note(recorded, clause);
            return;
        }
        if let Some(consent) = viewed.ground.consent() {
            *self.views.of_consent.entry(consent).or_default() += 1;
        }
        let today = (viewed.doctor, day(recorded.time));
        *self.views.of_day.entry(today).or_default() += 1;
    }

    fn take_page(&mut self, known: &ReviewedLog, recorded: &Recorded, page: &PageShown) {
        let stream = &recorded.stream;
        if self.closed.contains(&(stream.clone(), page.viewing)) {
            self.pages_of_these += 1;
            return;
        }
        let viewing = known.record(stream).chart.access.viewings.get(&page.viewing);
        let clause = viewing.and_then(|found| self.of_page(known, recorded, &found.opened));
        if let Some(clause) = clause {
            self.pages_refused += 1;
            self.note(recorded, clause);
        }
    }

    fn note(&mut self, recorded: &Recorded, clause: Clause) {
        *self.by_clause.entry(clause).or_default() += 1;
        if self.refused.len() < LISTED_MAX {
            let access = Mark::of(recorded);
            let stream = recorded.stream.to_string();
            self.refused.push(WouldBeRefused { access, stream, clause });
        }
    }

    /// The first clause that does not hold for a viewing.
    fn of_viewing(
        &self,
        known: &ReviewedLog,
        recorded: &Recorded,
        viewed: &RecordViewed,
    ) -> Option<Clause> {
        let used_up = |most: Option<u32>, used: Option<&u32>| {
            most.is_some_and(|most| used.copied().unwrap_or_default() >= most)
        };
        let today = (viewed.doctor, day(recorded.time));
        let consent = viewed.ground.consent();
        let of_consent = consent.and_then(|consent| self.views.of_consent.get(&consent));
        let counted = [
            (Clause::ViewsPerConsentMax, used_up(self.rule.views_per_consent_max, of_consent)),
            (
                Clause::ViewsPerDoctorAndDayMax,
                used_up(self.rule.views_per_doctor_and_day_max, self.views.of_day.get(&today)),
            ),
        ];
        let counted = || counted.iter().find_map(|(clause, broken)| broken.then_some(*clause));
        self.of_page(known, recorded, viewed).or_else(counted)
    }

    /// The first clause that does not hold and counts nothing: these are asked at every page, as the policy
    /// is. What a clause asks for and the log does not have is a "no".
    fn of_page(
        &self,
        known: &ReviewedLog,
        recorded: &Recorded,
        viewed: &RecordViewed,
    ) -> Option<Clause> {
        let rule = &self.rule;
        let now = recorded.time;
        let record = known.record(&recorded.stream);
        let category = record.chart.reports.get(&viewed.report).map(|report| report.category);
        let opened = known.session(viewed.session).session.opened.as_ref();
        let granted = record.granted(viewed.ground);
        let consent = viewed.ground.consent().and_then(|id| record.chart.consents.get(&id));
        let period = consent.map(|found| found.granted.period);
        let verified_at = known.doctor(viewed.doctor).doctor.verified_at;
        let minute = now.micros() / MINUTE % MINUTES_OF_DAY;
        let clauses = [
            (
                Clause::Purposes,
                rule.purposes.as_ref().is_none_or(|only| only.contains(&viewed.purpose)),
            ),
            (
                Clause::CategoriesClosed,
                rule.categories_closed.as_ref().is_none_or(|closed| {
                    category.is_some_and(|category| !closed.contains(&category))
                }),
            ),
            (
                Clause::Clients,
                rule.clients
                    .as_ref()
                    .is_none_or(|only| opened.is_some_and(|open| only.contains(&open.client))),
            ),
            (Clause::Hours, rule.hours.is_none_or(|hours| hours.hold(minute))),
            (
                Clause::Weekdays,
                rule.weekdays.as_ref().is_none_or(|only| only.contains(&Weekday::of(day(now)))),
            ),
            (
                Clause::ConsentDaysMax,
                rule.consent_days_max.is_none_or(|most| {
                    period.is_some_and(|period| !more_days_than(most, period.from, period.until))
                }),
            ),
            (
                Clause::ConsentAgeDaysMax,
                rule.consent_age_days_max.is_none_or(|most| {
                    granted.is_some_and(|granted| !more_days_than(most, granted.time, now))
                }),
            ),
            (
                Clause::DoctorVerifiedDaysMin,
                rule.doctor_verified_days_min.is_none_or(|least| {
                    verified_at.is_some_and(|verified_at| {
                        let days = now.since(verified_at).as_secs() / 86_400;
                        days >= u64::from(least)
                    })
                }),
            ),
        ];
        clauses.into_iter().find_map(|(clause, holds)| (!holds).then_some(clause))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_hold_from_the_first_minute_until_the_last_over_midnight_too() {
        let hours = |from, until| Hours { from: TimeOfDay(from), until: TimeOfDay(until) };
        for (hours, minute, held) in [
            (hours(480, 960), 479, false),
            (hours(480, 960), 480, true),
            (hours(480, 960), 959, true),
            (hours(480, 960), 960, false),
            (hours(1_320, 360), 1_319, false),
            (hours(1_320, 360), 1_320, true),
            (hours(1_320, 360), 0, true),
            (hours(1_320, 360), 359, true),
            (hours(1_320, 360), 360, false),
            (hours(480, 480), 0, true),
        ] {
            assert_eq!(hours.hold(minute), held, "{hours:?} at {minute}");
        }
    }

    #[test]
    fn a_clause_is_told_by_the_name_of_its_member() {
        assert_eq!(Clause::CategoriesClosed.name(), "categories_closed");
        assert_eq!(Clause::ViewsPerDoctorAndDayMax.name(), "views_per_doctor_and_day_max");
        let named = serde_json::to_value(Clause::ConsentAgeDaysMax).unwrap();
        assert_eq!(named, Clause::ConsentAgeDaysMax.name());
    }

    #[test]
    fn a_rule_that_makes_no_sense_is_refused_for_its_reason() {
        let read = |text: &str| serde_json::from_str::<FurtherRule>(text).unwrap().flaw();
        let empty = Some("a list is empty");
        for (text, flaw) in [
            ("{}", Some("it has no clause")),
            (r#"{"purposes": []}"#, empty),
            (r#"{"categories_closed": []}"#, empty),
            (r#"{"clients": []}"#, empty),
            (r#"{"weekdays": []}"#, empty),
            (
                r#"{"hours": {"from": "07:30", "until": "07:30"}}"#,
                Some("hours: from and until are the same"),
            ),
            (r#"{"hours": {"from": "07:30", "until": "07:31"}}"#, None),
            (r#"{"purposes": ["TREAT"], "clients": ["browser"]}"#, None),
        ] {
            assert_eq!(read(text), flaw, "{text}");
        }
    }
}
