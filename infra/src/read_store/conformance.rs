//! What every read store must do.

mod questions;

use std::sync::Arc;

use domain::journal::Position;
use futures::future::join_all;
use projections::ports::{ModelStep, PortError, ReadStore};
use projections::query::{Query, Row};
use projections::table::ColumnType::{Bigint, Text};
use projections::table::{Cell, Changes, Column, Edit, Schema, Table};

pub(super) use questions::{
    a_join_compares_words_before_columns_and_the_first_of_two, each_relation_finds_its_rows,
    every_question_of_the_read_models_is_answered_by_an_empty_store,
    rows_come_in_order_and_no_more_than_asked, what_belongs_together_is_joined,
};

/// One test for each promise, over the place that `$place` makes.
macro_rules! conformance {
    ($place:expr) => {
        use crate::read_store::conformance as suite;
        crate::conformance::promises! { $place;
            a_new_store_stands_nowhere_and_holds_nothing
            every_question_of_the_read_models_is_answered_by_an_empty_store
            rows_and_places_move_together
            a_step_that_begins_elsewhere_changes_nothing
            of_two_steps_at_once_one_moves_a_model
            a_row_that_is_put_is_this_whatever_it_was
            a_row_that_is_patched_keeps_what_is_not_named
            many_rows_are_written_at_once
            everything_is_there_after_a_restart
            a_fresh_store_is_empty_and_takes_the_place_when_told
            a_fresh_store_that_is_begun_again_starts_empty
            questions_together_are_answered_from_one_state
            whoever_asks_during_a_swap_sees_the_one_or_the_other
            each_relation_finds_its_rows
            rows_come_in_order_and_no_more_than_asked
            what_belongs_together_is_joined
            a_join_compares_words_before_columns_and_the_first_of_two
        }
    };
}
pub(super) use conformance;

pub(super) type Place = crate::conformance::Place<dyn ReadStore>;

static WARDS: Table = Table {
    name: "wards",
    columns: &[("ward", Text), ("floor", Bigint), ("nurse", Text)],
    key: 1,
    indexes: &[&["floor"]],
};
static BEDS: Table = Table {
    name: "beds",
    columns: &[("ward", Text), ("bed", Bigint), ("free_at", Bigint), ("moved_to", Text)],
    key: 2,
    indexes: &[],
};
const WARD: Column = WARDS.column("ward");
const FLOOR: Column = WARDS.column("floor");
const NURSE: Column = WARDS.column("nurse");
const STANDS_IN: Column = BEDS.column("ward");
const BED: Column = BEDS.column("bed");
const FREE_AT: Column = BEDS.column("free_at");
const MOVED_TO: Column = BEDS.column("moved_to");

/// The tables of the read models, and two that the promises are about.
pub(super) fn schema() -> Schema {
    let mut schema = projections::schema();
    schema.tables.extend([&WARDS, &BEDS]);
    schema
}

/// A step of a model, its own changes with it.
struct Step(&'static str, u64, u64, Changes);

impl Step {
    fn new(model: &'static str, from: u64, to: u64, change: impl FnOnce(&mut Changes)) -> Self {
        let mut changes = Changes::default();
        change(&mut changes);
        Self(model, from, to, changes)
    }

    async fn write(&self, store: &dyn ReadStore) -> Result<(), PortError> {
        write(store, std::slice::from_ref(self)).await
    }
}

async fn write(store: &dyn ReadStore, steps: &[Step]) -> Result<(), PortError> {
    let steps: Vec<ModelStep<'_>> = steps
        .iter()
        .map(|Step(model, from, to, changes)| ModelStep {
            model,
            from: Position(*from),
            to: Position(*to),
            changes,
        })
        .collect();
    store.write(&steps).await
}

fn put_ward(changes: &mut Changes, ward: &str, floor: Option<u64>) {
    changes.put(&WARDS, [("ward", ward.into()), ("floor", floor.into())]);
}

async fn ask(store: &dyn ReadStore, query: Query) -> Vec<Vec<Cell>> {
    let rows = store.query(&[query]).await.unwrap().remove(0);
    rows.into_iter().map(|Row(cells)| cells).collect()
}

/// Every ward and its floor, and how many there are by another question.
async fn wards(store: &dyn ReadStore) -> Vec<Vec<Cell>> {
    let all = ask(store, Query::of(&WARDS).ascending(WARD).columns(&[WARD, FLOOR])).await;
    let counted = ask(store, Query::of(&WARDS).count()).await;
    assert_eq!(counted, [[Cell::from(all.len() as u64)]]);
    all
}

async fn stands(store: &dyn ReadStore, model: &str) -> Option<Position> {
    store.positions().await.unwrap().get(model).copied()
}

pub(super) async fn a_new_store_stands_nowhere_and_holds_nothing(place: Place) {
    let store = place.open().await;
    assert!(store.positions().await.unwrap().is_empty());
    assert_eq!(wards(&*store).await, Vec::<Vec<Cell>>::new());
    assert_eq!(store.query(&[]).await.unwrap(), Vec::<Vec<Row>>::new());
    store.write(&[]).await.unwrap();
}

pub(super) async fn rows_and_places_move_together(place: Place) {
    let store = place.open().await;
    let both = [
        Step::new("a", 0, 5, |changes| put_ward(changes, "north", Some(1))),
        Step::new("b", 0, 7, |changes| put_ward(changes, "south", None)),
    ];
    write(&*store, &both).await.unwrap();
    Step::new("a", 5, 9, |_| ()).write(&*store).await.unwrap();
    assert_eq!(stands(&*store, "a").await, Some(Position(9)));
    assert_eq!(stands(&*store, "b").await, Some(Position(7)));
    let expected = [["north".into(), Cell::Bigint(1)], ["south".into(), Cell::Null]];
    assert_eq!(wards(&*store).await, expected);
}

pub(super) async fn a_step_that_begins_elsewhere_changes_nothing(place: Place) {
    let store = place.open().await;
    Step::new("a", 0, 5, |changes| put_ward(changes, "north", Some(1)))
        .write(&*store)
        .await
        .unwrap();
    let north = wards(&*store).await;
    for (model, from) in [("a", 0), ("a", 4), ("a", 6), ("b", 1)] {
        // The step before it is a good one, and goes the same way.
        let steps = [
            Step::new("c", 0, 3, |changes| put_ward(changes, "east", Some(3))),
            Step::new(model, from, 9, |changes| put_ward(changes, "west", Some(4))),
        ];
        assert!(write(&*store, &steps).await.is_err(), "{model} {from}");
        assert_eq!(wards(&*store).await, north);
        assert_eq!(stands(&*store, "a").await, Some(Position(5)));
        assert_eq!(stands(&*store, "c").await.unwrap_or_default(), Position(0));
    }
}

pub(super) async fn of_two_steps_at_once_one_moves_a_model(place: Place) {
    let store = place.open().await;
    for round in 0..10 {
        let race = (0..4_u64).map(|racer| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let put = |changes: &mut Changes| put_ward(changes, "north", Some(racer));
                Step::new("a", round, round + 1, put).write(&*store).await.is_ok()
            })
        });
        let moved: Vec<_> = join_all(race).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(moved.iter().filter(|moved| **moved).count(), 1);
        let winner = moved.iter().position(|moved| *moved).unwrap() as u64;
        assert_eq!(wards(&*store).await, [["north".into(), Cell::from(winner)]]);
    }
    assert_eq!(stands(&*store, "a").await, Some(Position(10)));
}

pub(super) async fn a_row_that_is_put_is_this_whatever_it_was(place: Place) {
    let store = place.open().await;
    let put = |nurse: Option<&'static str>, floor| {
        move |changes: &mut Changes| {
            let nurse = Cell::from(nurse);
            changes.put(&WARDS, [("ward", "north".into()), ("floor", floor), ("nurse", nurse)]);
        }
    };
    let all = || Query::of(&WARDS).columns(&[NURSE, WARD, FLOOR]);
    Step::new("a", 0, 1, put(Some("'; \"Ana\" \u{e4}"), Cell::Bigint(i64::MIN)))
        .write(&*store)
        .await
        .unwrap();
    let first = ["'; \"Ana\" \u{e4}".into(), "north".into(), Cell::Bigint(i64::MIN)];
    assert_eq!(ask(&*store, all()).await, [first]);
    Step::new("a", 1, 2, put(None, Cell::Bigint(i64::MAX))).write(&*store).await.unwrap();
    let second = [Cell::Null, "north".into(), Cell::Bigint(i64::MAX)];
    assert_eq!(ask(&*store, all()).await, [second]);
}

pub(super) async fn a_row_that_is_patched_keeps_what_is_not_named(place: Place) {
    let store = place.open().await;
    let patch = |ward: &'static str, edits: Vec<(&'static str, Edit)>| {
        move |changes: &mut Changes| {
            for edit in edits {
                changes.patch(&WARDS, vec![ward.into()], [edit]);
            }
        }
    };
    Step::new("a", 0, 1, |changes| put_ward(changes, "north", Some(3)))
        .write(&*store)
        .await
        .unwrap();
    let edits: [(&str, Edit, Cell, Cell); 5] = [
        ("nurse", Edit::Once("Bo".into()), 3_u64.into(), "Bo".into()),
        ("nurse", Edit::Once("Cy".into()), 3_u64.into(), "Bo".into()),
        ("floor", Edit::Add(4), 7_u64.into(), "Bo".into()),
        ("nurse", Edit::Set(Cell::Null), 7_u64.into(), Cell::Null),
        ("floor", Edit::Set(Cell::Null), Cell::Null, Cell::Null),
    ];
    for (number, (column, edit, floor, nurse)) in (1..).zip(edits) {
        let step = Step::new("a", number, number + 1, patch("north", vec![(column, edit)]));
        step.write(&*store).await.unwrap();
        let row = ask(&*store, Query::of(&WARDS).columns(&[FLOOR, NURSE])).await;
        assert_eq!(row, [[floor, nurse]], "{number}");
    }
    let absent = patch("south", vec![("floor", Edit::Set(Cell::Bigint(1)))]);
    Step::new("a", 6, 7, absent).write(&*store).await.unwrap();
    let missing_number =
        patch("north", vec![("floor", Edit::Add(1)), ("nurse", Edit::Once("Bo".into()))]);
    Step::new("a", 7, 8, missing_number).write(&*store).await.unwrap();
    let rows = ask(&*store, Query::of(&WARDS).columns(&[WARD, FLOOR, NURSE])).await;
    assert_eq!(rows, [["north".into(), Cell::Null, "Bo".into()]], "null and a number is null");
}

pub(super) async fn many_rows_are_written_at_once(place: Place) {
    let store = place.open().await;
    let bed = |changes: &mut Changes, bed: u64, free_at: u64| {
        let row = [("ward", "north".into()), ("bed", bed.into()), ("free_at", free_at.into())];
        changes.put(&BEDS, row);
    };
    Step::new("a", 0, 1, |changes| (0..1_000).for_each(|n| bed(changes, n, 0)))
        .write(&*store)
        .await
        .unwrap();
    let change = |changes: &mut Changes| {
        (500..1_500).for_each(|n| {
            let key = vec!["north".into(), Cell::from(n)];
            match n % 3 {
                0 => bed(changes, n, n),
                1 => changes.patch(&BEDS, key, [("free_at", Edit::Add(5))]),
                _ => changes.patch(&BEDS, key, [("moved_to", Edit::Once("south".into()))]),
            }
        });
    };
    Step::new("a", 1, 2, change).write(&*store).await.unwrap();
    let rows =
        ask(&*store, Query::of(&BEDS).ascending(BED).columns(&[BED, FREE_AT, MOVED_TO])).await;
    let expected = (0..1_500_u64).filter(|n| *n < 1_000 || n % 3 == 0).map(|n| {
        let (free_at, moved) = match (n < 500, n % 3) {
            (false, 0) => (n, None),
            (false, 1) => (5, None),
            (false, _) => (0, Some("south")),
            (true, _) => (0, None),
        };
        vec![Cell::from(n), free_at.into(), moved.into()]
    });
    assert_eq!(rows, expected.collect::<Vec<_>>());
}

pub(super) async fn everything_is_there_after_a_restart(place: Place) {
    let store = place.open().await;
    Step::new("a", 0, 5, |changes| put_ward(changes, "north", Some(1)))
        .write(&*store)
        .await
        .unwrap();
    let before = wards(&*store).await;
    drop(store);
    let store = place.open().await;
    assert_eq!(wards(&*store).await, before);
    assert_eq!(stands(&*store, "a").await, Some(Position(5)));
    assert!(Step::new("a", 0, 9, |_| ()).write(&*store).await.is_err());
    Step::new("a", 5, 9, |_| ()).write(&*store).await.unwrap();
}

pub(super) async fn a_fresh_store_is_empty_and_takes_the_place_when_told(place: Place) {
    let store = place.open().await;
    Step::new("a", 0, 5, |changes| put_ward(changes, "north", Some(1)))
        .write(&*store)
        .await
        .unwrap();
    let fresh = store.fresh().await.unwrap();
    assert!(fresh.positions().await.unwrap().is_empty());
    Step::new("a", 0, 2, |changes| put_ward(changes, "south", Some(2)))
        .write(&*fresh)
        .await
        .unwrap();
    assert_eq!(wards(&*store).await, [["north".into(), Cell::Bigint(1)]], "each on its own");
    assert_eq!(wards(&*fresh).await, [["south".into(), Cell::Bigint(2)]]);
    fresh.swap_in().await.unwrap();
    for _ in 0..2 {
        assert_eq!(wards(&*store).await, [["south".into(), Cell::Bigint(2)]]);
        assert_eq!(stands(&*store, "a").await, Some(Position(2)));
    }
    Step::new("a", 2, 5, |changes| put_ward(changes, "north", Some(1)))
        .write(&*store)
        .await
        .unwrap();
    drop(store);
    assert_eq!(wards(&*place.open().await).await.len(), 2);
}

pub(super) async fn a_fresh_store_that_is_begun_again_starts_empty(place: Place) {
    let store = place.open().await;
    Step::new("a", 0, 5, |changes| put_ward(changes, "north", Some(1)))
        .write(&*store)
        .await
        .unwrap();
    let given_up = store.fresh().await.unwrap();
    Step::new("a", 0, 2, |changes| put_ward(changes, "south", Some(2)))
        .write(&*given_up)
        .await
        .unwrap();
    drop(given_up);
    assert_eq!(wards(&*store).await.len(), 1);
    let fresh = store.fresh().await.unwrap();
    assert!(fresh.positions().await.unwrap().is_empty());
    assert_eq!(wards(&*fresh).await, Vec::<Vec<Cell>>::new());
    fresh.swap_in().await.unwrap();
    assert_eq!(wards(&*store).await, Vec::<Vec<Cell>>::new());
    assert!(store.positions().await.unwrap().is_empty());
}

pub(super) async fn questions_together_are_answered_from_one_state(place: Place) {
    let store = place.open().await;
    let writing = tokio::spawn({
        let store = Arc::clone(&store);
        async move {
            for round in 0..60 {
                let step = Step::new("a", round, round + 1, |changes| {
                    put_ward(changes, "north", Some(round));
                    put_ward(changes, "south", Some(round));
                });
                step.write(&*store).await.unwrap();
            }
        }
    });
    let floor = |ward: &str| Query::of(&WARDS).is(WARD, ward).columns(&[FLOOR]);
    while !writing.is_finished() {
        let answers = store.query(&[floor("north"), floor("south")]).await.unwrap();
        assert_eq!(answers[0], answers[1]);
    }
    writing.await.unwrap();
    assert_eq!(ask(&*store, floor("south")).await, [[Cell::Bigint(59)]]);
}

pub(super) async fn whoever_asks_during_a_swap_sees_the_one_or_the_other(place: Place) {
    let store = place.open().await;
    Step::new("a", 0, 1, |changes| put_ward(changes, "north", Some(0)))
        .write(&*store)
        .await
        .unwrap();
    let swapping = tokio::spawn({
        let store = Arc::clone(&store);
        async move {
            for round in 1..8 {
                let fresh = store.fresh().await.unwrap();
                let put = |changes: &mut Changes| put_ward(changes, "north", Some(round));
                Step::new("a", 0, 1, put).write(&*fresh).await.unwrap();
                fresh.swap_in().await.unwrap();
            }
        }
    });
    let mut seen = 0;
    while !swapping.is_finished() {
        let wards = wards(&*store).await;
        assert_eq!(wards.len(), 1);
        let Cell::Bigint(floor) = wards[0][1] else { panic!("{wards:?}") };
        assert!(floor >= seen, "it never goes back");
        seen = floor;
    }
    swapping.await.unwrap();
}
