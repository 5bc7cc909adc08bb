//! Access history: what happened to a patient's record, one entry for each thing that happened. The pages
//! of a viewing are counted in its entry, not listed: nobody reads two thousand rows.

pub mod sentence;

use domain::access::event::{
    AccessFact, RecordViewed, ViewRefused, ViewTokenIssued, ViewingEnd, ViewingEnded, WordList,
};
use domain::access::policy::Rule;
use domain::actor::Actor;
use domain::consent::event::ConsentFact;
use domain::consent::scope::Purpose;
use domain::fact::Fact;
use domain::fold::Recorded;
use domain::ids::{ConsentId, EventId, Owner, PatientId, ReportId, ViewingId};
use domain::journal::Position;
use domain::records::event::RecordsFact;
use domain::time::Moment;

use crate::ports::{PortError, ReadStore};
use crate::query::{Page, Query, Row, ask_page, before, code, one_more};
use crate::read_model::{ReadModel, Refused, patient_of};
use crate::table::ColumnType::{Bigint, Text};
use crate::table::{Cell, Changes, Edit, Table};
use crate::words::{SealedAt, WordKind};

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
        ("consent", Text),
        ("purpose", Text),
        ("until", Bigint),
        ("rule", Text),
        ("list", Text),
        ("pages", Bigint),
        ("ended_at", Bigint),
        ("ended_why", Text),
        ("ended_rule", Text),
    ],
    key: 2,
    indexes: &[&["patient", "position"]],
};

/// Names, titles and the day of the consent stand once, with their own models.
const ENTRIES: &str = "SELECT h.position, h.event, h.at, h.kind, \
     COALESCE(h.who, 'doctor:' || c.doctor), h.report, h.consent, h.purpose, h.until, h.rule, h.list, \
     h.pages, h.ended_at, h.ended_why, h.ended_rule, h.entry, h.patient, c.granted_at, \
     p.name, p.event, r.title, r.event FROM access_history h \
     LEFT JOIN consents c ON c.patient = h.patient AND c.consent = h.consent \
     LEFT JOIN people p ON p.account = COALESCE(h.who, 'doctor:' || c.doctor) \
     LEFT JOIN reports r ON r.patient = h.patient AND r.report = h.report \
     WHERE h.patient = $1 AND h.position < $2 ORDER BY h.position DESC LIMIT $3";

/// What happened to a patient's record.
#[derive(Debug)]
pub struct AccessHistory;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it stands in the log.
    pub position: Position,
    /// The event.
    pub event: EventId,
    /// When.
    pub at: Moment,
    /// Who did it; of consents, whom the patient let in. None if that cannot be said.
    pub who: Option<Actor>,
    /// Their name.
    pub who_name: Option<SealedAt>,
    /// The report it was about.
    pub report: Option<ReportId>,
    /// Its title.
    pub title: Option<SealedAt>,
    /// What happened.
    pub what: What,
}

/// The consent that something was done under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Under {
    /// The consent.
    pub consent: ConsentId,
    /// When it was given.
    pub granted_at: Option<Moment>,
}

/// How a viewing ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndedEarly {
    /// When.
    pub at: Moment,
    /// Why.
    pub why: ViewingEnd,
    /// The rule that no longer held.
    pub rule: Option<Rule>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The patient gave consent.
    Granted {
        /// The consent.
        under: Under,
        /// For what.
        purpose: Purpose,
        /// Until when.
        until: Moment,
    },
    /// The patient took it back.
    Revoked {
        /// The consent.
        under: Under,
    },
    /// A report came in.
    Uploaded,
    /// A doctor was let through to a report.
    TokenIssued {
        /// Under which consent.
        under: Under,
        /// For what.
        purpose: Purpose,
    },
    /// A doctor opened a report.
    Viewed {
        /// The viewing.
        viewing: ViewingId,
        /// Under which consent.
        under: Under,
        /// For what.
        purpose: Purpose,
        /// How often a page was shown.
        pages: u32,
        /// When it ends by itself.
        until: Moment,
        /// Whether it ended before.
        ended: Option<EndedEarly>,
    },
    /// A doctor was refused.
    Refused {
        /// For what they asked.
        purpose: Purpose,
        /// By which rule.
        rule: Rule,
    },
    /// The patient downloaded a report.
    Downloaded,
    /// Somebody was shown a list with the patient's words.
    ListShown {
        /// Which list.
        list: WordList,
    },
}

impl AccessHistory {
    /// The history of `patient`, newest first.
    pub async fn of(
        store: &dyn ReadStore,
        patient: PatientId,
        (after, limit): (Option<Position>, usize),
    ) -> Result<Page<Entry>, PortError> {
        let rows = Query::new(ENTRIES, [Cell::text(patient), before(after), one_more(limit)]);
        let total = Query::new(
            "SELECT COUNT(*) FROM access_history WHERE patient = $1",
            [Cell::text(patient)],
        );
        ask_page(store, (rows, total), limit, read, |entry| entry.position).await
    }
}

fn read(row: &Row) -> Result<Entry, PortError> {
    let who: Option<Actor> = row.parse_if(4)?;
    let owner = who.map_or(Owner::System, |who| who.owner());
    let patient: PatientId = row.parse(16)?;
    let patient = Owner::Person(patient.uuid());
    Ok(Entry {
        position: row.position(0)?,
        event: row.parse(1)?,
        at: row.moment(2)?,
        who,
        who_name: row.sealed_if(18, 19, owner, WordKind::Name, "/data/name")?,
        report: row.parse_if(5)?,
        title: row.sealed_if(20, 21, patient, WordKind::Private, "/data/title")?,
        what: read_what(row)?,
    })
}

fn read_what(row: &Row) -> Result<What, PortError> {
    let under =
        || Ok::<_, PortError>(Under { consent: row.parse(6)?, granted_at: row.moment_if(17)? });
    let purpose = || row.code::<Purpose>(7);
    Ok(match row.text_if(3)? {
        Some("granted") => {
            What::Granted { under: under()?, purpose: purpose()?, until: row.moment(8)? }
        }
        Some("revoked") => What::Revoked { under: under()? },
        Some("uploaded") => What::Uploaded,
        Some("token_issued") => What::TokenIssued { under: under()?, purpose: purpose()? },
        Some("viewed") => What::Viewed {
            viewing: row.parse(15)?,
            under: under()?,
            purpose: purpose()?,
            pages: row.number(11)?,
            until: row.moment(8)?,
            ended: read_ended(row)?,
        },
        Some("refused") => What::Refused { purpose: purpose()?, rule: row.code(9)? },
        Some("downloaded") => What::Downloaded,
        Some(_) | None => What::ListShown { list: row.code(10)? },
    })
}

fn read_ended(row: &Row) -> Result<Option<EndedEarly>, PortError> {
    let Some(at) = row.moment_if(12)? else { return Ok(None) };
    Ok(Some(EndedEarly { at, why: row.code(13)?, rule: row.code_if(14)? }))
}

impl ReadModel for AccessHistory {
    fn name(&self) -> &'static str {
        "access_history"
    }

    fn table(&self) -> &'static Table {
        &HISTORY
    }

    fn needs(&self) -> &'static [&'static str] {
        &["consent.", "records.", "access."]
    }

    fn take_fact(&self, recorded: &Recorded, changes: &mut Changes) -> Result<(), Refused> {
        let desk = Desk { patient: Cell::text(patient_of(recorded)?), recorded };
        match &recorded.fact {
            Fact::Consent(fact) => desk.consent(fact, changes),
            Fact::Records(fact) => desk.records(fact, changes),
            Fact::Access(fact) => desk.access(fact, changes),
            Fact::Patient(_)
            | Fact::Doctor(_)
            | Fact::Admin(_)
            | Fact::Admins(_)
            | Fact::Login(_)
            | Fact::Session(_)
            | Fact::Log(_) => {}
        }
        Ok(())
    }
}

/// The entry that is being written.
struct Desk<'a> {
    patient: Cell,
    recorded: &'a Recorded,
}

impl Desk<'_> {
    /// Adds an entry that has what every entry has, and `more`.
    fn add<const N: usize>(
        &self,
        kind: &'static str,
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
                ("kind", kind.into()),
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
                    ("who", Cell::text(Actor::Doctor(granted.doctor))),
                    ("consent", Cell::text(granted.consent)),
                    ("purpose", code(&granted.purpose)),
                    ("until", granted.period.until.into()),
                ];
                self.add("granted", self.event(), more, changes);
            }
            ConsentFact::Revoked(revoked) => {
                let more = [("consent", Cell::text(revoked.consent))];
                self.add("revoked", self.event(), more, changes);
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
                self.add("uploaded", self.event(), more, changes);
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
            AccessFact::ViewingEnded(ended) => self.ended(ended, changes),
            AccessFact::Downloaded(downloaded) => {
                let more = [
                    ("who", Cell::text(self.recorded.actor)),
                    ("report", Cell::text(downloaded.report)),
                ];
                self.add("downloaded", self.event(), more, changes);
            }
            AccessFact::WordsShown(shown) => {
                let more = [("who", Cell::text(shown.viewer)), ("list", code(&shown.list))];
                self.add("list_shown", self.event(), more, changes);
            }
        }
    }

    fn token_issued(&self, issued: &ViewTokenIssued, changes: &mut Changes) {
        let more = [
            ("who", Cell::text(Actor::Doctor(issued.doctor))),
            ("report", Cell::text(issued.report)),
            ("consent", Cell::text(issued.consent)),
            ("purpose", code(&issued.purpose)),
            ("until", issued.until.into()),
        ];
        self.add("token_issued", self.event(), more, changes);
    }

    fn refused(&self, refused: &ViewRefused, changes: &mut Changes) {
        let more = [
            ("who", Cell::text(Actor::Doctor(refused.doctor))),
            ("report", refused.report.map(Cell::text).unwrap_or(Cell::Null)),
            ("purpose", code(&refused.purpose)),
            ("rule", code(&refused.rule)),
        ];
        self.add("refused", self.event(), more, changes);
    }

    fn viewed(&self, viewed: &RecordViewed, changes: &mut Changes) {
        let more = [
            ("who", Cell::text(Actor::Doctor(viewed.doctor))),
            ("report", Cell::text(viewed.report)),
            ("consent", Cell::text(viewed.consent)),
            ("purpose", code(&viewed.purpose)),
            ("until", viewed.until.into()),
            ("pages", 0_u32.into()),
        ];
        self.add("viewed", Cell::text(viewed.viewing), more, changes);
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
    use domain::access::event::{PageShown, ReportDownloaded, WordsShown};
    use domain::consent::event::ConsentRevoked;

    use super::*;
    use crate::access::who_can_see::tests::{granted, viewed};
    use crate::records::my_reports::tests::uploaded;
    use crate::spec::{ANA, BO, CONSENT, Given, REPORT, SESSION, VIEWING, on_ana, words};

    const BO_DOES: Actor = Actor::Doctor(BO);
    const ANA_DOES: Actor = Actor::Patient(ANA);

    fn page(page: u32) -> PageShown {
        PageShown { viewing: VIEWING, report: REPORT, doctor: BO, page }
    }

    #[test]
    fn the_pages_of_a_viewing_and_its_end_stand_in_one_entry() {
        let rule = Some(Rule::ConsentRevoked);
        let ended = ViewingEnded { viewing: VIEWING, reason: ViewingEnd::RuleFailed, rule };
        let given = Given::default()
            .and(on_ana(), BO_DOES, viewed())
            .and(on_ana(), BO_DOES, page(1))
            .and(on_ana(), BO_DOES, page(2))
            .and(on_ana(), BO_DOES, ended);
        assert_eq!(
            given.rows(&AccessHistory),
            ["patient=#a entry=#71 position=0 event=#e00 at=+0 kind=viewed who=doctor:#b \
              report=#4e consent=#c0 purpose=TREAT until=+15 pages=2 ended_at=+3 \
              ended_why=rule_failed ended_rule=consent_revoked"]
        );
    }

    #[test]
    fn every_other_fact_of_a_record_is_an_entry() {
        let refused = ViewRefused {
            doctor: BO,
            report: None,
            purpose: Purpose::Btg,
            rule: Rule::PurposeNotCovered,
            policy: 1,
        };
        let shown = WordsShown { viewer: BO_DOES, session: SESSION, list: WordList::ReportTitles };
        let given = Given::default()
            .and(on_ana(), ANA_DOES, granted())
            .and(on_ana(), BO_DOES, uploaded(words("mri")))
            .and(on_ana(), BO_DOES, refused)
            .and(on_ana(), ANA_DOES, ReportDownloaded { report: REPORT })
            .and(on_ana(), BO_DOES, shown)
            .and(on_ana(), ANA_DOES, ConsentRevoked { consent: CONSENT });
        assert_eq!(
            given.rows(&AccessHistory),
            [
                "patient=#a entry=#e00 position=0 event=#e00 at=+0 kind=granted who=doctor:#b \
                 consent=#c0 purpose=TREAT until=+60",
                "patient=#a entry=#e01 position=1 event=#e01 at=+1 kind=uploaded who=doctor:#b \
                 report=#4e",
                "patient=#a entry=#e02 position=2 event=#e02 at=+2 kind=refused who=doctor:#b \
                 purpose=BTG rule=purpose_not_covered",
                "patient=#a entry=#e03 position=3 event=#e03 at=+3 kind=downloaded \
                 who=patient:#a report=#4e",
                "patient=#a entry=#e04 position=4 event=#e04 at=+4 kind=list_shown \
                 who=doctor:#b list=report_titles",
                "patient=#a entry=#e05 position=5 event=#e05 at=+5 kind=revoked consent=#c0",
            ]
        );
    }
}
