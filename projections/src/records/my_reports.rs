//! My reports: a patient's reports as the patient sees them, and as a doctor may see them.

pub mod opened;

use domain::access::policy::v1::ListedReports;
use domain::actor::Actor;
use domain::fact::Family;
use domain::fold::Recorded;
use domain::ids::{Owner, PatientId, ReportId};
use domain::journal::Position;
use domain::records::Category;
use domain::records::drawing_verdict::DrawingVerdict;
use domain::records::event::RecordsFact;
use domain::time::Moment;

use crate::answer::{Record, ask, ask_page};
use crate::identity::people::{self, PEOPLE};
use crate::personal_text::{SealedAt, WordKind};
use crate::ports::{PortError, ReadStore};
use crate::query::{ListPage, Query, before, code, json, one_more};
use crate::read_model::{Need, ReadModel, Refused, patient_of, sealed};
use crate::table::ColumnType::{Bigint, Text};
use crate::table::{Cell, Changes, Column, Table, columns};

pub(crate) static REPORTS: Table = Table {
    name: "reports",
    columns: &[
        ("patient", Text),
        ("report", Text),
        ("position", Bigint),
        ("event", Text),
        ("uploaded_at", Bigint),
        ("uploaded_by", Text),
        ("category", Text),
        ("media_type", Text),
        ("size", Bigint),
        ("title", Text),
        ("drawing", Text),
    ],
    key: 2,
    indexes: &[&["patient", "position"]],
};

columns! { REPORTS:
    PATIENT = "patient", REPORT = "report", POSITION = "position", EVENT = "event",
    UPLOADED_AT = "uploaded_at", UPLOADED_BY = "uploaded_by", CATEGORY = "category",
    MEDIA_TYPE = "media_type", SIZE = "size", TITLE = "title", DRAWING = "drawing",
}

/// What [`read`] reads.
const ENTRY: [Column; 13] = [
    PATIENT,
    REPORT,
    POSITION,
    EVENT,
    UPLOADED_AT,
    UPLOADED_BY,
    CATEGORY,
    MEDIA_TYPE,
    SIZE,
    TITLE,
    DRAWING,
    people::NAME,
    people::EVENT,
];

/// The reports of a patient, the newest first, with whoever brought them.
fn entries(patient: PatientId) -> Query {
    Query::of(&REPORTS)
        .left_join(&PEOPLE, [(people::ACCOUNT.into(), UPLOADED_BY.into())])
        .is(PATIENT, Cell::text(patient))
        .descending(POSITION)
        .columns(&ENTRY)
}

/// Lists of one patient's reports.
#[derive(Debug)]
pub struct MyReports;

/// A report in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportEntry {
    /// Where its upload stands.
    pub position: Position,
    /// The report.
    pub report: ReportId,
    /// Its category.
    pub category: Category,
    /// Its media type.
    pub media_type: String,
    /// Length of the plaintext, bytes.
    pub size: u64,
    /// Its title.
    pub title: SealedAt,
    /// What was found when it was drawn once, as it came in; none of types that are not drawn.
    pub drawing: Option<DrawingVerdict>,
    /// When it came in.
    pub uploaded_at: Moment,
    /// Who brought it.
    pub uploaded_by: Actor,
    /// The name of who brought it.
    pub uploaded_by_name: Option<SealedAt>,
}

impl MyReports {
    /// The reports of `patient`, newest first: for the patient.
    pub async fn of(
        store: &dyn ReadStore,
        patient: PatientId,
        (after, limit): (Option<Position>, usize),
    ) -> Result<ListPage<ReportEntry>, PortError> {
        let rows = entries(patient).below(POSITION, before(after)).at_most_rows(one_more(limit));
        let total = Query::of(&REPORTS).is(PATIENT, Cell::text(patient)).count();
        ask_page(store, (rows, total), limit, read, |entry| entry.position).await
    }

    /// One report of `patient`.
    pub async fn one(
        store: &dyn ReadStore,
        patient: PatientId,
        report: ReportId,
    ) -> Result<Option<ReportEntry>, PortError> {
        let rows = ask(store, entries(patient).is(REPORT, Cell::text(report))).await?;
        rows.records().next().map(|row| read(&row)).transpose()
    }

    /// The reports of `patient` that `listed` lets through, newest first. Page and total come from this one
    /// filter, so that no number counts what is hidden; rows only say what such a report is like.
    pub async fn shown_to(
        store: &dyn ReadStore,
        patient: PatientId,
        listed: &ListedReports,
        (after, limit): (Option<Position>, usize),
    ) -> Result<ListPage<ReportEntry>, PortError> {
        let mut shown = Vec::new();
        for row in ask(store, entries(patient)).await?.records() {
            if listed.hold(row.parse(REPORT)?) {
                shown.push(read(&row)?);
            }
        }
        Ok(ListPage::of_newest_first(shown, after, limit, |entry| entry.position))
    }
}

fn read(row: &Record<'_>) -> Result<ReportEntry, PortError> {
    let patient: PatientId = row.parse(PATIENT)?;
    let uploaded_by: Actor = row.parse(UPLOADED_BY)?;
    let brought_by = uploaded_by.owner();
    Ok(ReportEntry {
        report: row.parse(REPORT)?,
        position: row.position(POSITION)?,
        uploaded_at: row.moment(UPLOADED_AT)?,
        uploaded_by,
        category: row.code(CATEGORY)?,
        media_type: row.parse(MEDIA_TYPE)?,
        size: row.number(SIZE)?,
        drawing: row.json_if(DRAWING)?,
        title: SealedAt {
            owner: Owner::Person(patient.uuid()),
            event: row.parse(EVENT)?,
            pointer: "/data/title",
            kind: WordKind::Private,
            value: row.parse(TITLE)?,
        },
        uploaded_by_name: people::read_name(row, brought_by)?,
    })
}

impl ReadModel for MyReports {
    fn name(&self) -> &'static str {
        "my_reports"
    }

    fn table(&self) -> &'static Table {
        &REPORTS
    }

    fn needs(&self) -> &'static [Need] {
        &[Need::Every(Family::Records)]
    }

    fn take_fact(&self, recorded: &Recorded, changes: &mut Changes) -> Result<(), Refused> {
        let Some(fact) = recorded.fact.records() else { return Ok(()) };
        match fact {
            RecordsFact::Uploaded(uploaded) => changes.put(
                &REPORTS,
                [
                    ("patient", Cell::text(patient_of(recorded)?)),
                    ("report", Cell::text(uploaded.report)),
                    ("position", recorded.position.into()),
                    ("event", Cell::text(recorded.id)),
                    ("uploaded_at", recorded.time.into()),
                    ("uploaded_by", Cell::text(recorded.actor)),
                    ("category", code(&uploaded.category)),
                    ("media_type", uploaded.media_type.as_str().into()),
                    ("size", uploaded.size.into()),
                    ("title", sealed(&uploaded.title)?),
                    ("drawing", uploaded.drawing.as_ref().map_or(Cell::Null, json)),
                ],
            ),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use domain::access::page_loss::PageLoss;
    use domain::personal_text::PersonalText;
    use domain::records::event::ReportUploaded;
    use domain::samples;

    use super::*;
    use crate::spec::GivenLog;

    #[test]
    fn a_report_says_who_brought_it_and_keeps_its_title_sealed() {
        let title = samples::sealed("mri");
        let again = ReportUploaded { title, ..samples::report_uploaded() };
        let given = GivenLog::default().ana(samples::report_uploaded()).bo(again);
        assert_eq!(
            given.rows(&MyReports),
            ["patient=#a report=#4e position=1 event=#e01 uploaded_at=+1 uploaded_by=doctor:#b \
              category=laboratory media_type=application/pdf size=1000 title=mri"]
        );
    }

    #[test]
    fn what_was_found_when_it_came_in_stays_with_it() {
        let verdict = DrawingVerdict::of_nothing("engine 1", PageLoss::Password);
        let uploaded = ReportUploaded { drawing: Some(verdict), ..samples::report_uploaded() };
        let rows = GivenLog::default().ana(uploaded).rows(&MyReports);
        assert!(rows[0].contains("\"missing\":[\"password\"]"), "{rows:?}");
    }

    #[test]
    fn clear_words_stop_the_model() {
        let title = PersonalText::clear("MRI of 3 May");
        let clear = ReportUploaded { title, ..samples::report_uploaded() };
        let given = GivenLog::default().ana(clear);
        assert_eq!(given.refusal(&MyReports), Some(Refused("words stand in the clear")));
    }
}
