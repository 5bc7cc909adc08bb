//! What every event store must do. Each adapter runs all of it: see `conformance!`.

use std::collections::BTreeSet;
use std::sync::Arc;

use commands::ports::event_store::{
    Append, AppendError, Appended, EventStore, Length, NewLine, Request,
};
use domain::ids::{PatientId, RequestDigest, StreamName};
use domain::journal::{LINE_BYTES_MAX, Leaf, Line, Position, StreamKey, StreamVersion};
use futures::future::join_all;
use uuid::Uuid;

/// One test for each promise, over stores that `$fresh` makes.
macro_rules! conformance {
    ($fresh:expr) => {
        $crate::event_store::conformance::conformance! { $fresh;
            a_new_store_is_empty
            an_append_stands_where_it_is_said_to
            another_length_is_a_conflict
            preconditions_hold_or_nothing_is_stored
            a_repeated_request_gets_the_first_answer
            a_request_id_with_another_digest_is_refused
            racing_repeats_store_once
            one_of_many_racing_writers_wins
            positions_are_dense_under_many_writers
            newest_is_never_ahead_of_what_can_be_read
            reading_goes_on_while_writing
            lines_of_a_forbidden_length_are_refused
            reading_stops_at_its_limit
            many_lines_stand_together
            appends_in_order_stand_in_order
            the_first_refusal_of_an_order_is_its_answer
            a_refused_append_harms_no_other
        }
    };
    ($fresh:expr; $($promise:ident)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        async fn $promise() {
            let fresh = $fresh;
            $crate::event_store::conformance::$promise(fresh().await).await;
        }
    )*};
}
pub(super) use conformance;

type Store = Arc<dyn EventStore>;

pub(super) fn stream(number: u32) -> StreamName {
    let patient = Uuid::from_fields(number, 0, 0x4000, b"\x80\0\0\0\0\0\0\0");
    StreamName::patient(PatientId::new(patient))
}

/// A line that can be told from every other by `mark`.
pub(super) fn line(mark: u32) -> NewLine {
    let bytes = format!(r#"{{"line":{mark}}}"#).into_bytes();
    let leaf = Leaf::of(&StreamKey([7; 32]), StreamVersion(mark), &bytes);
    NewLine { bytes, leaf }
}

pub(super) fn append(to: u32, expected: u32, marks: &[u32]) -> Append {
    Append {
        stream: stream(to),
        expected: Length(expected),
        lines: marks.iter().map(|mark| line(*mark)).collect(),
        preconditions: Vec::new(),
        request: Request::Once(Uuid::from_u128(0)),
    }
}

pub(super) fn keyed(append: Append, id: u128, digest: u8) -> Append {
    let request = Request::Keyed { id: Uuid::from_u128(id), digest: RequestDigest([digest; 16]) };
    Append { request, ..append }
}

fn given(append: Append, preconditions: &[(u32, u32)]) -> Append {
    let pairs = preconditions.iter().map(|(name, length)| (stream(*name), Length(*length)));
    Append { preconditions: pairs.collect(), ..append }
}

fn at(first: u64, lines: u32) -> Appended {
    Appended { first: Position(first), lines, again: false }
}

fn is_conflict(verdict: &Result<Appended, AppendError>, on: u32) -> bool {
    matches!(verdict, Err(AppendError::Conflict(name)) if *name == stream(on))
}

/// The whole log, read in small pages, its positions checked.
pub(super) async fn everything(store: &dyn EventStore) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    loop {
        let from = Position(lines.len() as u64);
        let page = store.read_all(from, 97).await.unwrap();
        let leaves: Vec<Leaf> = page.iter().map(|line| line.leaf).collect();
        assert_eq!(store.leaves(from, page.len()).await.unwrap(), leaves);
        let done = page.len() < 97;
        for line in page {
            assert_eq!(line.position, Position(lines.len() as u64));
            lines.push(line);
        }
        if done {
            return lines;
        }
    }
}

async fn newest(store: &dyn EventStore) -> Option<Position> {
    *store.newest().borrow()
}

pub(super) async fn a_new_store_is_empty(store: Store) {
    assert_eq!(newest(&*store).await, None);
    assert_eq!(everything(&*store).await, []);
    assert_eq!(store.read(&stream(1), StreamVersion(0), 10).await.unwrap(), []);
    assert_eq!(store.lengths(&[stream(1)]).await.unwrap(), [Length(0)]);
    assert_eq!(store.lengths(&[]).await.unwrap(), []);
    assert_eq!(store.request(Uuid::from_u128(1)).await.unwrap(), None);
}

pub(super) async fn an_append_stands_where_it_is_said_to(store: Store) {
    assert_eq!(store.append(append(1, 0, &[10, 11])).await.unwrap(), at(0, 2));
    assert_eq!(store.append(append(2, 0, &[20])).await.unwrap(), at(2, 1));
    assert_eq!(store.append(append(1, 2, &[12])).await.unwrap(), at(3, 1));
    assert_eq!(newest(&*store).await, Some(Position(3)));
    let expected: Vec<_> = [(1, 0, 10), (1, 1, 11), (2, 0, 20), (1, 2, 12)]
        .into_iter()
        .enumerate()
        .map(|(position, (name, version, mark))| {
            let NewLine { bytes, leaf } = line(mark);
            let position = Position(position as u64);
            Line { position, stream: stream(name), version: StreamVersion(version), bytes, leaf }
        })
        .collect();
    assert_eq!(everything(&*store).await, expected);
    let of_one = store.read(&stream(1), StreamVersion(0), 10).await.unwrap();
    assert_eq!(of_one, [expected[0].clone(), expected[1].clone(), expected[3].clone()]);
    let asked = [stream(2), stream(9), stream(1), stream(2)];
    let lengths = [Length(1), Length(0), Length(3), Length(1)];
    assert_eq!(store.lengths(&asked).await.unwrap(), lengths, "in the order asked");
}

pub(super) async fn another_length_is_a_conflict(store: Store) {
    assert!(is_conflict(&store.append(append(1, 1, &[1])).await, 1), "not there yet");
    store.append(append(1, 0, &[1, 2])).await.unwrap();
    for wrong in [0, 1, 3] {
        assert!(is_conflict(&store.append(append(1, wrong, &[3])).await, 1), "{wrong}");
    }
    assert_eq!(everything(&*store).await.len(), 2);
    assert_eq!(newest(&*store).await, Some(Position(1)));
    assert_eq!(store.append(append(1, 2, &[3])).await.unwrap(), at(2, 1));
}

pub(super) async fn preconditions_hold_or_nothing_is_stored(store: Store) {
    store.append(append(1, 0, &[1, 2])).await.unwrap();
    let met: [&[(u32, u32)]; 4] = [&[(1, 2)], &[(7, 0)], &[(7, 0), (1, 2)], &[(2, 3)]];
    for (length, preconditions) in (0..).zip(met) {
        let met = given(append(2, length, &[length]), preconditions);
        store.append(met).await.unwrap();
    }
    let unmet: [(u32, &[(u32, u32)]); 5] =
        [(1, &[(1, 1)]), (1, &[(1, 3)]), (7, &[(7, 1)]), (1, &[(7, 0), (1, 0)]), (2, &[(2, 0)])];
    for (on, preconditions) in unmet {
        let verdict = store.append(given(append(2, 4, &[9]), preconditions)).await;
        assert!(is_conflict(&verdict, on), "{preconditions:?}: {verdict:?}");
    }
    assert_eq!(everything(&*store).await.len(), 6);
    assert_eq!(store.lengths(&[stream(7)]).await.unwrap(), [Length(0)]);
}

pub(super) async fn a_repeated_request_gets_the_first_answer(store: Store) {
    let once = append(1, 0, &[1, 2]);
    store.append(append(9, 0, &[0])).await.unwrap();
    assert_eq!(store.append(keyed(once.clone(), 5, 1)).await.unwrap(), at(1, 2));
    store.append(append(1, 2, &[3])).await.unwrap();
    let again = Appended { again: true, ..at(1, 2) };
    for repeat in [once.clone(), given(append(8, 3, &[4]), &[(1, 0)])] {
        let answer = store.append(keyed(repeat, 5, 1)).await.unwrap();
        assert_eq!(answer, again, "though its lengths are long past");
    }
    assert_eq!(everything(&*store).await.len(), 4);
    let known = store.request(Uuid::from_u128(5)).await.unwrap();
    let (appended, digest) = known.unwrap();
    assert_eq!((appended.first, appended.lines), (Position(1), 2));
    assert_eq!(digest, RequestDigest([1; 16]));
    let unkeyed = Append { request: Request::Once(Uuid::from_u128(6)), ..append(2, 0, &[5]) };
    store.append(unkeyed).await.unwrap();
    assert_eq!(store.request(Uuid::from_u128(6)).await.unwrap(), None);
}

pub(super) async fn a_request_id_with_another_digest_is_refused(store: Store) {
    store.append(keyed(append(1, 0, &[1]), 5, 1)).await.unwrap();
    let other = store.append(keyed(append(1, 1, &[2]), 5, 2)).await;
    assert!(matches!(other, Err(AppendError::RequestReused)), "{other:?}");
    let refused = store.append(keyed(append(1, 0, &[2]), 6, 1)).await;
    assert!(is_conflict(&refused, 1), "{refused:?}");
    let retried = store.append(keyed(append(1, 1, &[2]), 6, 1)).await.unwrap();
    assert_eq!(retried, at(1, 1), "a refused request is not remembered");
}

pub(super) async fn racing_repeats_store_once(store: Store) {
    for round in 0..10 {
        let race = (0..16).map(|racer| {
            let store = Arc::clone(&store);
            let request = keyed(append(round, 0, &[1, 2]), 100 + u128::from(round), racer % 2);
            tokio::spawn(async move { store.append(request).await })
        });
        let (mut fresh, mut again, mut reused) = (0, 0, 0);
        for verdict in join_all(race).await {
            match verdict.unwrap() {
                Ok(answer) => {
                    assert_eq!(answer.first, Position(2 * u64::from(round)));
                    if answer.again { again += 1 } else { fresh += 1 }
                }
                Err(error) => {
                    assert!(matches!(error, AppendError::RequestReused), "{error:?}");
                    reused += 1;
                }
            }
        }
        assert_eq!((fresh, again, reused), (1, 7, 8));
    }
    assert_eq!(everything(&*store).await.len(), 20);
}

pub(super) async fn one_of_many_racing_writers_wins(store: Store) {
    for round in 0..10 {
        let race = (0..16).map(|racer| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.append(append(1, round, &[racer])).await })
        });
        let verdicts = join_all(race).await.into_iter().map(Result::unwrap);
        let (won, lost): (Vec<_>, Vec<_>) = verdicts.partition(Result::is_ok);
        assert_eq!((won.len(), lost.len()), (1, 15));
        assert!(lost.iter().all(|verdict| is_conflict(verdict, 1)));
    }
    assert_eq!(store.lengths(&[stream(1)]).await.unwrap(), [Length(10)]);
}

/// Appends `times` times to a stream of its own and then to stream 0, which everybody writes.
async fn write(store: Store, own: u32, times: u32) -> Vec<Position> {
    let mut positions = Vec::new();
    for time in 0..times {
        let mark = own * 1_000 + time;
        positions.push(store.append(append(own, time, &[mark])).await.unwrap().first);
        loop {
            let length = store.lengths(&[stream(0)]).await.unwrap()[0];
            match store.append(append(0, length.0, &[mark])).await {
                Ok(answer) => break positions.push(answer.first),
                Err(AppendError::Conflict(_)) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }
    positions
}

pub(super) async fn positions_are_dense_under_many_writers(store: Store) {
    let writers = (1..=8).map(|own| tokio::spawn(write(Arc::clone(&store), own, 10)));
    let mut answered = BTreeSet::new();
    for positions in join_all(writers).await {
        let positions = positions.unwrap();
        assert!(positions.is_sorted(), "a later append stands later");
        answered.extend(positions);
    }
    assert_eq!(answered, (0..160).map(Position).collect());
    let lines = everything(&*store).await;
    assert_eq!(lines.len(), 160);
    assert_eq!(newest(&*store).await, Some(Position(159)));
    for own in 0..=8 {
        let versions = lines.iter().filter(|line| line.stream == stream(own));
        let expected = if own == 0 { 80 } else { 10 };
        assert!(versions.map(|line| line.version.0).eq(0..expected), "stream {own}");
    }
}

pub(super) async fn newest_is_never_ahead_of_what_can_be_read(store: Store) {
    let mut newest = store.newest();
    let watched = Arc::clone(&store);
    let watcher = tokio::spawn(async move {
        let mut seen = 0;
        while seen < 159 {
            newest.changed().await.unwrap();
            let position = newest.borrow_and_update().unwrap();
            assert!(position.0 >= seen, "it never goes back");
            seen = position.0;
            let read = watched.read_all(position, 1).await.unwrap();
            assert_eq!(read.len(), 1, "{position} was announced");
        }
    });
    let writers = (1..=8).map(|own| tokio::spawn(write(Arc::clone(&store), own, 10)));
    for positions in join_all(writers).await {
        positions.unwrap();
    }
    watcher.await.unwrap();
}

pub(super) async fn reading_goes_on_while_writing(store: Store) {
    let writers: Vec<_> =
        (1..=4).map(|own| tokio::spawn(write(Arc::clone(&store), own, 25))).collect();
    let mut held = 0;
    while held < 200 {
        let lines = everything(&*store).await;
        assert!(lines.len() >= held, "what was read once is there");
        held = lines.len();
        let lengths = store.lengths(&[stream(1), stream(0)]).await.unwrap();
        let known = lines.iter().filter(|line| line.stream == stream(1)).count();
        assert!(lengths[0].0 as usize >= known);
    }
    for positions in join_all(writers).await {
        positions.unwrap();
    }
}

pub(super) async fn lines_of_a_forbidden_length_are_refused(store: Store) {
    let of = |length| NewLine { bytes: vec![b'x'; length], leaf: line(0).leaf };
    for (lines, answered) in [
        (vec![], 0),
        (vec![of(0)], 0),
        (vec![of(LINE_BYTES_MAX + 1)], LINE_BYTES_MAX + 1),
        (vec![of(10), of(LINE_BYTES_MAX + 2)], LINE_BYTES_MAX + 2),
    ] {
        let verdict = store.append(Append { lines, ..append(1, 0, &[]) }).await;
        assert!(matches!(verdict, Err(AppendError::LineLength(n)) if n == answered), "{verdict:?}");
    }
    assert_eq!(everything(&*store).await, []);
    let longest = Append { lines: vec![of(LINE_BYTES_MAX)], ..append(1, 0, &[]) };
    assert_eq!(store.append(longest).await.unwrap(), at(0, 1));
    assert_eq!(everything(&*store).await[0].bytes.len(), LINE_BYTES_MAX);
}

pub(super) async fn reading_stops_at_its_limit(store: Store) {
    for version in 0..10 {
        store.append(append(1, version, &[version])).await.unwrap();
        store.append(append(2, version, &[version])).await.unwrap();
    }
    for (from, limit, expected) in [
        (0, 3, 0..3),
        (4, 3, 4..7),
        (8, 3, 8..10),
        (10, 3, 0..0),
        (u32::MAX, 3, 0..0),
        (3, 0, 0..0),
        (2, usize::MAX, 2..10),
    ] {
        let lines = store.read(&stream(2), StreamVersion(from), limit).await.unwrap();
        assert!(lines.iter().map(|line| line.version.0).eq(expected), "{from} {limit}");
        let from = if from == u32::MAX { u64::MAX } else { u64::from(from) * 2 };
        let all = store.read_all(Position(from), limit).await.unwrap();
        let held = 20_u64.saturating_sub(from);
        assert_eq!(all.len() as u64, held.min(limit as u64), "{from} {limit}");
        assert!(all.iter().map(|line| line.position.0).eq(from..from + all.len() as u64));
    }
}

pub(super) async fn many_lines_stand_together(store: Store) {
    let marks: Vec<u32> = (0..333).collect();
    let appends = (1..=6).map(|own| {
        let store = Arc::clone(&store);
        let append = keyed(append(own, 0, &marks), u128::from(own), 1);
        tokio::spawn(async move { store.append(append).await.unwrap() })
    });
    let answers = join_all(appends).await;
    let lines = everything(&*store).await;
    assert_eq!(lines.len(), 6 * 333);
    for (own, answer) in (1..).zip(answers) {
        let first = usize::try_from(answer.unwrap().first.0).unwrap();
        for (mark, stored) in (0..).zip(&lines[first..first + 333]) {
            assert_eq!((&stored.stream, stored.version.0), (&stream(own), mark));
            assert_eq!(stored.bytes, line(mark).bytes);
        }
    }
}

/// More than any queue, batch or turn of a task holds.
const IN_ORDER: u32 = 2_500;

pub(super) async fn appends_in_order_stand_in_order(store: Store) {
    // Every stream comes back, so that a later one in front of an earlier one would be a conflict, too.
    let of = |n: u32| append(n % 1_000, n / 1_000, &[n]);
    let answers = store.append_in_order((0..IN_ORDER).map(of).collect()).await.unwrap();
    assert!(answers.iter().map(|answer| answer.first.0).eq(0..u64::from(IN_ORDER)));
    let lines = everything(&*store).await;
    assert!(
        lines.iter().map(|stored| &stored.bytes).eq((0..IN_ORDER)
            .map(line)
            .map(|l| l.bytes)
            .collect::<Vec<_>>()
            .iter())
    );
}

pub(super) async fn the_first_refusal_of_an_order_is_its_answer(store: Store) {
    let order = vec![append(1, 0, &[1]), append(2, 7, &[2]), append(3, 7, &[3])];
    assert!(is_conflict(&store.append_in_order(order).await.map(|_| at(0, 0)), 2));
    assert_eq!(everything(&*store).await[0].bytes, line(1).bytes);
    assert_eq!(store.append_in_order(Vec::new()).await.unwrap(), []);
}

pub(super) async fn a_refused_append_harms_no_other(store: Store) {
    store.append(keyed(append(99, 0, &[0]), 99, 1)).await.unwrap();
    let mut oversized = append(98, 0, &[1]);
    oversized.lines[0].bytes = vec![b'x'; LINE_BYTES_MAX + 1];
    let mut requests = Vec::new();
    for own in 1..=20 {
        requests.push(append(own, 0, &[own]));
        requests.push(append(99, 0, &[own]));
        requests.push(keyed(append(own + 100, 0, &[own]), 99, 2));
        requests.push(given(append(own + 200, 0, &[own]), &[(99, 7)]));
        requests.push(oversized.clone());
    }
    let verdicts = join_all(requests.into_iter().map(|request| store.append(request))).await;
    for five in verdicts.chunks(5) {
        assert!(five[0].is_ok(), "{:?}", five[0]);
        assert!(is_conflict(&five[1], 99));
        assert!(matches!(five[2], Err(AppendError::RequestReused)));
        assert!(is_conflict(&five[3], 99));
        assert!(matches!(five[4], Err(AppendError::LineLength(_))));
    }
    let lines = everything(&*store).await;
    assert_eq!(lines.len(), 21);
    assert!(lines[1..].iter().all(|line| line.version.0 == 0));
}
