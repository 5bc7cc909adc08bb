//! What every read store must find.

use std::sync::Arc;

use domain::access::policy::v1::ListedReports;
use domain::actor::Actor;
use domain::identity::doctor::Standing;
use domain::ids::{AdminId, DoctorId, PatientId, ReportId, StreamName};
use domain::journal::Position;
use domain::time::Moment;
use projections::access::access_history::entry::EntryKind;
use projections::access::access_history::{AccessHistory, HistoryFilter};
use projections::access::open_viewings::OpenViewings;
use projections::access::who_can_see::{ConsentFilter, WhoCanSee};
use projections::audit::trail::{Trail, TrailFilter};
use projections::consent::my_patients::MyPatients;
use projections::identity::open_sessions::OpenSessions;
use projections::identity::people::People;
use projections::identity::verification_queue::VerificationQueue;
use projections::ports::ReadStore;
use projections::query::{Query, Term};
use projections::records::my_reports::MyReports;
use projections::table::{Cell, Changes};
use uuid::Uuid;

use super::{
    BED, BEDS, FLOOR, FREE_AT, MOVED_TO, NURSE, Place, STANDS_IN, Step, WARD, WARDS, ask, put_ward,
};

/// Whatever a model asks, of its own table or of others', is something the tables have.
pub(in crate::read_store) async fn every_question_of_the_read_models_is_answered_by_an_empty_store(
    place: Place,
) {
    let opened = place.open().await;
    let store = &*opened;
    let (patient, doctor) = (PatientId::new(Uuid::nil()), DoctorId::new(Uuid::nil()));
    let (now, page, every) = (Moment::default(), (None, 10), ConsentFilter::Every);
    let lengths = [
        AccessHistory::of(store, patient, HistoryFilter::default(), page)
            .await
            .unwrap()
            .items
            .len(),
        OpenViewings::past_their_end(store, now, Position(0), 10).await.unwrap().len(),
        WhoCanSee::of(store, patient, every, now, page).await.unwrap().items.len(),
        MyPatients::of(store, doctor, page).await.unwrap().items.len(),
        MyReports::of(store, patient, page).await.unwrap().items.len(),
        MyReports::shown_to(store, patient, &ListedReports::default(), page)
            .await
            .unwrap()
            .items
            .len(),
        People::verified_doctors(store, None, page).await.unwrap().items.len(),
        OpenSessions::of(store, Actor::System, now, page).await.unwrap().items.len(),
        VerificationQueue::of(store, Standing::Pending, page).await.unwrap().items.len(),
        Trail::of(store, &TrailFilter::default(), page).await.unwrap().items.len(),
    ];
    assert_eq!(lengths, [0; 10]);
    assert_eq!(People::find(store, Actor::Doctor(doctor)).await.unwrap(), None);
    assert_eq!(VerificationQueue::one(store, doctor).await.unwrap(), None);
    let narrow = HistoryFilter {
        kind: Some(EntryKind::Viewed),
        doctor: Some(doctor),
        report: Some(ReportId::new(Uuid::nil())),
        from: Some(now),
        until: Some(now),
    };
    assert_eq!(AccessHistory::of(store, patient, narrow, page).await.unwrap().total, 0);
    let narrow = TrailFilter {
        stream: Some(StreamName::admins()),
        actor: Some(Actor::Admin(AdminId::new(Uuid::nil()))),
        kind: "access.viewed.v1".parse().ok(),
        from: Some(now),
        until: Some(now),
    };
    assert_eq!(Trail::of(store, &narrow, page).await.unwrap().total, 0);
    let dumped = projections::dump::dump(store).await.unwrap();
    assert!(projections::MODELS.iter().all(|model| dumped.contains(model.table().name)));
}

/// Five wards, of which one has no floor and two no nurse; beds in three of them.
async fn a_hospital(place: &Place) -> Arc<dyn ReadStore> {
    let store = place.open().await;
    let rows = |changes: &mut Changes| {
        for (ward, floor, nurse) in [
            ("east", Some(1), Some("Bo")),
            ("north", Some(2), None),
            ("south", Some(2), Some("Cy")),
            ("west", Some(3), None),
            ("xray", None, Some("Bo")),
        ] {
            let floor = Cell::from(floor.map(|floor: u64| floor));
            changes.put(&WARDS, [("ward", ward.into()), ("floor", floor), ("nurse", nurse.into())]);
        }
        for (ward, bed, free_at, moved_to) in [
            ("north", 1_u64, Some(10_u64), None),
            ("north", 2, None, Some("east")),
            ("south", 1, Some(20), Some("nowhere")),
            ("gone", 7, None, None),
        ] {
            let (bed, free_at) = (bed.into(), free_at.into());
            let row = [
                ("ward", ward.into()),
                ("bed", bed),
                ("free_at", free_at),
                ("moved_to", moved_to.into()),
            ];
            changes.put(&BEDS, row);
        }
    };
    Step::new("a", 0, 1, rows).write(&*store).await.unwrap();
    store
}

fn text(cells: &[Vec<Cell>]) -> String {
    let cell = |cell: &Cell| match cell {
        Cell::Null => "-".to_owned(),
        Cell::Bigint(number) => number.to_string(),
        Cell::Text(text) => text.clone(),
    };
    let row = |row: &Vec<Cell>| row.iter().map(cell).collect::<Vec<_>>().join(" ");
    cells.iter().map(row).collect::<Vec<_>>().join(", ")
}

pub(in crate::read_store) async fn each_relation_finds_its_rows(place: Place) {
    let store = a_hospital(&place).await;
    let all = || Query::of(&WARDS);
    for (query, wards) in [
        (all(), "east, north, south, west, xray"),
        (all().is(FLOOR, 2_u64), "north, south"),
        (all().is(FLOOR, 9_u64), ""),
        (all().is(FLOOR, Cell::Null), ""),
        (all().nothing_in(FLOOR), "xray"),
        (all().nothing_in(NURSE), "north, west"),
        (all().below(FLOOR, 2_u64), "east"),
        (all().at_most(FLOOR, 2_u64), "east, north, south"),
        (all().above(FLOOR, 2_u64), "west"),
        (all().at_least(FLOOR, 2_u64), "north, south, west"),
        (all().at_least(FLOOR, Cell::Null), ""),
        (all().is(NURSE, "Bo"), "east, xray"),
        (all().is(NURSE, "bo"), ""),
        (all().is(NURSE, "' OR 1 = 1 --"), ""),
        (all().is(NURSE, "Bo").is(FLOOR, 1_u64), "east"),
        (all().above(WARD, "north").below(WARD, "west"), "south"),
    ] {
        let found = ask(&*store, query.clone().ascending(WARD).columns(&[WARD])).await;
        assert_eq!(text(&found), wards, "{query:?}");
        let counted = ask(&*store, query.count()).await;
        assert_eq!(counted, [[Cell::from(found.len() as u64)]]);
    }
}

pub(in crate::read_store) async fn rows_come_in_order_and_no_more_than_asked(place: Place) {
    let store = a_hospital(&place).await;
    let all = || Query::of(&WARDS);
    for (query, wards) in [
        (all().descending(WARD), "xray, west, south, north, east"),
        (all().ascending(FLOOR).descending(WARD), "xray, east, south, north, west"),
        (all().descending(FLOOR).ascending(WARD), "west, north, south, east, xray"),
        (all().ascending(NURSE).ascending(WARD), "north, west, east, xray, south"),
        (all().ascending(WARD).at_most_rows(2), "east, north"),
        (all().ascending(WARD).at_most_rows(0), ""),
        (all().descending(WARD).at_most_rows(usize::MAX), "xray, west, south, north, east"),
        (all().above(WARD, "east").ascending(WARD).at_most_rows(1), "north"),
    ] {
        let found = ask(&*store, query.clone().columns(&[WARD])).await;
        assert_eq!(text(&found), wards, "{query:?}");
    }
}

pub(in crate::read_store) async fn what_belongs_together_is_joined(place: Place) {
    let store = a_hospital(&place).await;
    let on = || [(WARD.into(), STANDS_IN.into())];
    let inner = || Query::of(&BEDS).join(&WARDS, on());
    let left = || Query::of(&BEDS).left_join(&WARDS, on());
    let columns = [STANDS_IN, BED, FLOOR];
    let sorted = |query: Query| query.ascending(STANDS_IN).ascending(BED);
    for (query, rows) in [
        (inner(), "north 1 2, north 2 2, south 1 2"),
        (left(), "gone 7 -, north 1 2, north 2 2, south 1 2"),
        (left().nothing_in(FLOOR), "gone 7 -"),
        (inner().is(NURSE, "Cy"), "south 1 2"),
        (left().is(NURSE, "Cy").nothing_in(FREE_AT), ""),
    ] {
        let found = ask(&*store, sorted(query.clone()).columns(&columns)).await;
        assert_eq!(text(&found), rows, "{query:?}");
        assert_eq!(ask(&*store, query.count()).await, [[Cell::from(found.len() as u64)]]);
    }
    // A row to which several belong stands once for each of them.
    let beds = Query::of(&WARDS).left_join(&BEDS, on()).is(FLOOR, 2_u64);
    let found = ask(&*store, beds.ascending(WARD).ascending(BED).columns(&[WARD, BED])).await;
    assert_eq!(text(&found), "north 1, north 2, south 1");
    // Null belongs to nothing, not even to null.
    let nulls = Query::of(&WARDS).join(&BEDS, [(FLOOR.into(), FREE_AT.into())]);
    assert_eq!(ask(&*store, nulls.count()).await, [[Cell::Bigint(0)]]);
}

pub(in crate::read_store) async fn a_join_compares_words_before_columns_and_the_first_of_two(
    place: Place,
) {
    let store = a_hospital(&place).await;
    let moved = Term::FirstOf(MOVED_TO, STANDS_IN);
    let query = Query::of(&BEDS).left_join(&WARDS, [(WARD.into(), moved)]);
    let sorted = query.ascending(STANDS_IN).ascending(BED);
    let found = ask(&*store, sorted.columns(&[STANDS_IN, BED, WARD])).await;
    assert_eq!(text(&found), "gone 7 -, north 1 north, north 2 east, south 1 -");

    let rows = |changes: &mut Changes| {
        put_ward(changes, "ward:gone", Some(9));
        put_ward(changes, "ward:north", Some(8));
    };
    Step::new("a", 1, 2, rows).write(&*store).await.unwrap();
    let named = [(WARD.into(), Term::Prefixed("ward:", STANDS_IN)), (BED.into(), BED.into())];
    let query = Query::of(&BEDS).join(&WARDS, named).ascending(FLOOR).ascending(BED);
    let found = ask(&*store, query.columns(&[WARD, BED])).await;
    assert_eq!(text(&found), "ward:north 1, ward:north 2, ward:gone 7");
}
