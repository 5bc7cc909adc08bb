//! Access history: what happened to a patient's record, one entry for each thing that happened. The pages
//! of a viewing are counted in its entry, not listed: nobody reads two thousand rows.

pub mod entry;
mod reading;
pub mod sentence;

use domain::access::event::{AccessFact, RecordViewed, ViewRefused, ViewTokenIssued, ViewingEnded};
use domain::access::ground::Ground;
use domain::actor::Actor;
use domain::consent::event::ConsentFact;
use domain::fact::Family;
use domain::fold::Recorded;
use domain::ids::{DoctorId, PatientId, ReportId};
use domain::journal::Position;
use domain::records::event::RecordsFact;
use domain::time::Moment;

use self::entry::{Entry, EntryKind};
use self::reading::read;
use super::who_can_see::{self, CONSENTS};
use crate::answer::ask_page;
use crate::identity::people::{self, PEOPLE};
use crate::ports::{PortError, ReadStore};
use crate::query::{ListPage, Query, Term, before, code, json, one_more};
use crate::read_model::{Need, ReadModel, Refused, patient_of};
use crate::records::my_reports::{self, REPORTS};
use crate::table::ColumnType::{Bigint, Text};
use crate::table::{Cell, Changes, Column, Edit, Table, columns};

static HISTORY: Table = Table {
    name: "access_history",
    columns: &[
        ("patient", Text),
        // The viewing's id for a viewing, so that its pages find it; the event's id for all else.
        ("entry", Text),
        ("position", Bigint),
        ("event", Text),
        ("at", Bigint),
        ("kind", Text),
        ("who", Text),
        ("report", Text),
        ("ground", Text),
        ("consent", Text),
        ("purpose", Text),
        ("until", Bigint),
        ("rule", Text),
        ("list", Text),
        // Of what is kept shut: whether an emergency still passes.
        ("emergency_passes", Bigint),
        // Pages that were shown, and of them those of which nothing, or not all, was to be seen.
        ("pages", Bigint),
        ("pages_lost", Bigint),
        ("pages_in_part", Bigint),
        // Whether parts of a file were downloaded, and not the whole.
        ("in_parts", Bigint),
        ("ended_at", Bigint),
        ("ended_why", Text),
        ("ended_rule", Text),
    ],
    key: 2,
    indexes: &[&["patient", "position"]],
};

columns! { HISTORY:
    PATIENT = "patient", ENTRY = "entry", POSITION = "position", EVENT = "event", AT = "at",
    KIND = "kind", WHO = "who", REPORT = "report", GROUND = "ground", CONSENT = "consent",
    PURPOSE = "purpose", UNTIL = "until", RULE = "rule", LIST = "list", EMERGENCY_PASSES = "emergency_passes", PAGES = "pages",
    PAGES_LOST = "pages_lost", PAGES_IN_PART = "pages_in_part", IN_PARTS = "in_parts",
    ENDED_AT = "ended_at", ENDED_WHY = "ended_why", ENDED_RULE = "ended_rule",
}

/// What other models know of an entry. Names, titles and the day of the consent stand once, with them.
const OF_OTHERS: [Column; 11] = [
    who_can_see::GRANTEE,
    who_can_see::GRANTED_AT,
    who_can_see::SCOPE,
    who_can_see::EXCEPTIONS,
    who_can_see::VALID_FROM,
    who_can_see::VIEWS_MAX,
    people::NAME,
    people::EVENT,
    people::STANDING,
    my_reports::TITLE,
    my_reports::EVENT,
];

/// Whom an entry is about. Whom a consent let in that was taken back its own model knows.
const WHOM: Term = Term::FirstOf(WHO, who_can_see::GRANTEE);

/// The history of a patient.
fn entries(patient: PatientId) -> Query {
    let of_the_patient = |of: Column| (of.into(), PATIENT.into());
    let whose = Query::of(&HISTORY)
        .left_join(
            &CONSENTS,
            [of_the_patient(who_can_see::PATIENT), (who_can_see::CONSENT.into(), CONSENT.into())],
        )
        .left_join(&PEOPLE, [(people::ACCOUNT.into(), WHOM)]);
    people::with_standing(whose)
        .left_join(
            &REPORTS,
            [of_the_patient(my_reports::PATIENT), (my_reports::REPORT.into(), REPORT.into())],
        )
        .is(PATIENT, Cell::text(patient))
}

/// What happened to a patient's record.
#[derive(Debug)]
pub struct AccessHistory;

/// Which entries are wanted; all of them where nothing is said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HistoryFilter {
    /// Of this kind.
    pub kind: Option<EntryKind>,
    /// About this doctor: what they did, and consents that name them.
    pub doctor: Option<DoctorId>,
    /// About this report; not what was allowed or shown of a whole record.
    pub report: Option<ReportId>,
    /// From this time on.
    pub from: Option<Moment>,
    /// Before this time.
    pub until: Option<Moment>,
}

impl HistoryFilter {
    fn narrow(&self, mut query: Query) -> Query {
        if let Some(kind) = &self.kind {
            query = query.is(KIND, code(kind));
        }
        if let Some(doctor) = self.doctor {
            query = query.is(WHOM, Cell::text(Actor::Doctor(doctor)));
        }
        if let Some(report) = self.report {
            query = query.is(REPORT, Cell::text(report));
        }
        if let Some(from) = self.from {
            query = query.at_least(AT, from);
        }
        if let Some(until) = self.until {
            query = query.below(AT, until);
        }
        query
    }
}

impl AccessHistory {
    /// What of the history of `patient` the filter lets through, newest first.
    pub async fn of(
        store: &dyn ReadStore,
        patient: PatientId,
        filter: HistoryFilter,
        (after, limit): (Option<Position>, usize),
    ) -> Result<ListPage<Entry>, PortError> {
        let wanted = filter.narrow(entries(patient));
        let total = wanted.clone().count();
        let columns = HISTORY.every_column().chain(OF_OTHERS).collect::<Vec<_>>();
        let rows = wanted
            .below(POSITION, before(after))
            .descending(POSITION)
            .at_most_rows(one_more(limit))
            .columns(&columns);
        ask_page(store, (rows, total), limit, read, |entry| entry.position).await
    }
}

impl ReadModel for AccessHistory {
    fn name(&self) -> &'static str {
        "access_history"
    }

    fn table(&self) -> &'static Table {
        &HISTORY
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::Every(Family::Consent), Need::Every(Family::Records), Need::Every(Family::Access)]
    }

    fn take_fact(&self, recorded: &Recorded, changes: &mut Changes) -> Result<(), Refused> {
        let writer = EntryWriter { patient: Cell::text(patient_of(recorded)?), recorded };
        if let Some(fact) = recorded.fact.consent() {
            writer.consent(fact, changes);
        }
        if let Some(fact) = recorded.fact.records() {
            writer.records(fact, changes);
        }
        if let Some(fact) = recorded.fact.access() {
            writer.access(fact, changes);
        }
        Ok(())
    }
}

/// The consent that a ground rests on, for the join that knows its day.
fn consent_of(ground: Ground) -> Cell {
    ground.consent().map_or(Cell::Null, Cell::text)
}

/// The entry that is being written.
struct EntryWriter<'a> {
    patient: Cell,
    recorded: &'a Recorded,
}

impl EntryWriter<'_> {
    /// Adds an entry that has what every entry has, and `more`.
    fn add<const N: usize>(
        &self,
        kind: EntryKind,
        entry: Cell,
        more: [(&'static str, Cell); N],
        changes: &mut Changes,
    ) {
        changes.put(
            &HISTORY,
            [
                ("patient", self.patient.clone()),
                ("entry", entry.clone()),
                ("position", self.recorded.position.into()),
                ("event", Cell::text(self.recorded.id)),
                ("at", self.recorded.time.into()),
                ("kind", code(&kind)),
            ],
        );
        let more = more.map(|(column, cell)| (column, Edit::Set(cell)));
        changes.patch(&HISTORY, vec![self.patient.clone(), entry], more);
    }

    fn event(&self) -> Cell {
        Cell::text(self.recorded.id)
    }

    fn consent(&self, fact: &ConsentFact, changes: &mut Changes) {
        match fact {
            ConsentFact::Granted(granted) => {
                let more = [
                    ("who", Cell::text(granted.grantee)),
                    ("consent", Cell::text(granted.consent)),
                    ("purpose", code(&granted.purpose)),
                    ("until", granted.period.until.into()),
                ];
                self.add(EntryKind::Granted, self.event(), more, changes);
            }
            ConsentFact::Revoked(revoked) => {
                let more = [("consent", Cell::text(revoked.consent))];
                self.add(EntryKind::Revoked, self.event(), more, changes);
            }
            ConsentFact::RecordClosed(closed) => {
                let more = [("emergency_passes", u32::from(closed.emergency_passes).into())];
                self.add(EntryKind::RecordClosed, self.event(), more, changes);
            }
            ConsentFact::RecordOpened(_) => {
                self.add(EntryKind::RecordOpened, self.event(), [], changes);
            }
            ConsentFact::BarSet(bar) => {
                let more = [
                    ("who", Cell::text(bar.barred)),
                    ("emergency_passes", u32::from(bar.emergency_passes).into()),
                ];
                self.add(EntryKind::Barred, self.event(), more, changes);
            }
            ConsentFact::BarLifted(bar) => {
                let more = [("who", Cell::text(bar.barred))];
                self.add(EntryKind::BarLifted, self.event(), more, changes);
            }
            ConsentFact::ReportHidden(hidden) => {
                let more = [
                    ("who", Cell::text(hidden.from)),
                    ("report", Cell::text(hidden.report)),
                    ("emergency_passes", u32::from(hidden.emergency_passes).into()),
                ];
                self.add(EntryKind::ReportHidden, self.event(), more, changes);
            }
            ConsentFact::ReportUnhidden(shown) => {
                let more = [("who", Cell::text(shown.from)), ("report", Cell::text(shown.report))];
                self.add(EntryKind::ReportUnhidden, self.event(), more, changes);
            }
        }
    }

    fn records(&self, fact: &RecordsFact, changes: &mut Changes) {
        match fact {
            RecordsFact::Uploaded(uploaded) => {
                let more = [
                    ("who", Cell::text(self.recorded.actor)),
                    ("report", Cell::text(uploaded.report)),
                ];
                self.add(EntryKind::Uploaded, self.event(), more, changes);
            }
        }
    }

    fn access(&self, fact: &AccessFact, changes: &mut Changes) {
        match fact {
            AccessFact::TokenIssued(issued) => self.token_issued(issued, changes),
            AccessFact::Refused(refused) => self.refused(refused, changes),
            AccessFact::Viewed(viewed) => self.viewed(viewed, changes),
            AccessFact::PageShown(page) => {
                let key = vec![self.patient.clone(), Cell::text(page.viewing)];
                changes.patch(&HISTORY, key, [("pages", Edit::Add(1))]);
            }
            AccessFact::PageNotDrawn(page) => {
                let key = vec![self.patient.clone(), Cell::text(page.viewing)];
                let column = if page.is_of_the_whole() { "pages_lost" } else { "pages_in_part" };
                changes.patch(&HISTORY, key, [(column, Edit::Add(1))]);
            }
            AccessFact::ViewingEnded(ended) => self.ended(ended, changes),
            AccessFact::Downloaded(downloaded) => {
                let more = [
                    ("who", Cell::text(self.recorded.actor)),
                    ("report", Cell::text(downloaded.report)),
                    ("ground", json(&downloaded.ground)),
                    ("in_parts", if downloaded.in_parts { 1_u32.into() } else { Cell::Null }),
                ];
                self.add(EntryKind::Downloaded, self.event(), more, changes);
            }
            AccessFact::ListShown(shown) => {
                let more = [
                    ("who", Cell::text(shown.viewer)),
                    ("ground", json(&shown.ground)),
                    ("consent", consent_of(shown.ground)),
                    ("list", code(&shown.list)),
                ];
                self.add(EntryKind::ListShown, self.event(), more, changes);
            }
        }
    }

    fn token_issued(&self, issued: &ViewTokenIssued, changes: &mut Changes) {
        let more = [
            ("who", Cell::text(Actor::Doctor(issued.doctor))),
            ("report", Cell::text(issued.report)),
            ("ground", json(&issued.ground)),
            ("consent", consent_of(issued.ground)),
            ("purpose", code(&issued.purpose)),
            ("until", issued.until.into()),
        ];
        self.add(EntryKind::TokenIssued, self.event(), more, changes);
    }

    fn refused(&self, refused: &ViewRefused, changes: &mut Changes) {
        let more = [
            ("who", Cell::text(Actor::Doctor(refused.doctor))),
            ("report", refused.report.map(Cell::text).unwrap_or(Cell::Null)),
            ("purpose", code(&refused.purpose)),
            ("rule", code(&refused.rule)),
        ];
        self.add(EntryKind::Refused, self.event(), more, changes);
    }

    fn viewed(&self, viewed: &RecordViewed, changes: &mut Changes) {
        let more = [
            ("who", Cell::text(Actor::Doctor(viewed.doctor))),
            ("report", Cell::text(viewed.report)),
            ("ground", json(&viewed.ground)),
            ("consent", consent_of(viewed.ground)),
            ("purpose", code(&viewed.purpose)),
            ("until", viewed.until.into()),
            ("pages", 0_u32.into()),
            ("pages_lost", 0_u32.into()),
            ("pages_in_part", 0_u32.into()),
        ];
        self.add(EntryKind::Viewed, Cell::text(viewed.viewing), more, changes);
    }

    fn ended(&self, ended: &ViewingEnded, changes: &mut Changes) {
        let key = vec![self.patient.clone(), Cell::text(ended.viewing)];
        let rule = ended.rule.map_or(Cell::Null, |rule| code(&rule));
        changes.patch(
            &HISTORY,
            key,
            [
                ("ended_at", Edit::Once(self.recorded.time.into())),
                ("ended_why", Edit::Once(code(&ended.reason))),
                ("ended_rule", Edit::Once(rule)),
            ],
        );
    }
}

#[cfg(test)]
mod tests {
    use domain::access::event::{PageNotDrawn, PageShown};
    use domain::access::page_loss::PageLoss;
    use domain::access::policy::Rule;
    use domain::consent::scope::Purpose;
    use domain::samples;

    use super::*;
    use crate::spec::GivenLog;

    #[test]
    fn the_pages_of_a_viewing_and_its_end_stand_in_one_entry() {
        let given = GivenLog::default()
            .bo(samples::record_viewed())
            .bo(samples::page_shown())
            .bo(PageShown { page: 2, ..samples::page_shown() })
            .bo(samples::viewing_stopped(Rule::ConsentRevoked));
        assert_eq!(
            given.rows(&AccessHistory),
            ["patient=#a entry=#71 position=0 event=#e00 at=+0 kind=viewed who=doctor:#b \
              report=#4e ground={\"kind\":\"consent\",\"consent\":\"#c0\"} consent=#c0 purpose=TREAT until=+15 pages=2 pages_lost=0 pages_in_part=0 ended_at=+3 \
              ended_why=rule_failed ended_rule=consent_revoked"]
        );
    }

    #[test]
    fn what_was_not_drawn_stands_in_the_entry_of_its_viewing() {
        let lost = PageNotDrawn { missing: [PageLoss::NoPage].into(), ..samples::page_not_drawn() };
        let given = GivenLog::default()
            .bo(samples::record_viewed())
            .bo(samples::page_shown())
            .bo(samples::page_not_drawn())
            .bo(samples::page_shown())
            .bo(lost);
        let rows = given.rows(&AccessHistory);
        assert!(rows[0].contains("pages=2 pages_lost=1 pages_in_part=1"), "{rows:?}");
    }

    #[test]
    fn every_other_fact_of_a_record_is_an_entry() {
        let refused = ViewRefused {
            report: None,
            purpose: Purpose::Btg,
            rule: Rule::PurposeNotCovered,
            ..samples::view_refused()
        };
        let given = GivenLog::default()
            .ana(samples::consent_granted())
            .bo(samples::report_uploaded())
            .bo(refused)
            .ana(samples::report_downloaded())
            .bo(samples::clinical_list_shown())
            .ana(samples::consent_revoked());
        assert_eq!(
            given.rows(&AccessHistory),
            [
                "patient=#a entry=#e00 position=0 event=#e00 at=+0 kind=granted who=doctor:#b \
                 consent=#c0 purpose=TREAT until=+10080",
                "patient=#a entry=#e01 position=1 event=#e01 at=+1 kind=uploaded who=doctor:#b \
                 report=#4e",
                "patient=#a entry=#e02 position=2 event=#e02 at=+2 kind=refused who=doctor:#b \
                 purpose=BTG rule=purpose_not_covered",
                "patient=#a entry=#e03 position=3 event=#e03 at=+3 kind=downloaded \
                 who=patient:#a report=#4e ground={\"kind\":\"own\"}",
                "patient=#a entry=#e04 position=4 event=#e04 at=+4 kind=list_shown \
                 who=doctor:#b ground={\"kind\":\"consent\",\"consent\":\"#c0\"} consent=#c0 \
                 list=report_titles",
                "patient=#a entry=#e05 position=5 event=#e05 at=+5 kind=revoked consent=#c0",
            ]
        );
    }
}
