//! What whatever keeps the secrets of sessions must do.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use commands::ports::credentials::{Presented, Sessions};
use commands::ports::world::Clock as _;
use domain::ids::SessionId;
use domain::time::Moment;
use futures::future::join_all;
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::work_store::fixture::patient;

/// One test for each promise, over the place that `$place` makes.
macro_rules! conformance {
    ($place:expr) => {
        use crate::work_store::conformance::sessions as suite;
        crate::conformance::promises! { $place;
            a_secret_is_its_sessions_until_its_end
            presenting_a_secret_does_not_use_it_up
            secrets_are_256_bits_that_never_repeat
            what_was_issued_and_used_is_there_after_a_restart
            of_many_rotations_at_once_one_gets_the_next_secret
            the_next_secret_ends_when_the_first_would_have
            a_guess_is_unknown_and_gets_nothing
            forgetting_a_session_takes_its_used_secrets_and_no_other
            the_sessions_of_an_account_are_those_whose_secret_lives
        }
    };
}
pub(in crate::work_store) use conformance;

pub(in crate::work_store) type Place = crate::conformance::Place<dyn Sessions>;

const MINUTE: Duration = Duration::from_secs(60);

fn session(n: u128) -> SessionId {
    SessionId::new(Uuid::from_u128(n))
}

/// What the first session of the first patient says of a secret.
async fn presented(sessions: &dyn Sessions, secret: &SecretString, now: Moment) -> Presented {
    sessions.present(secret, now).await.unwrap()
}

fn current() -> Presented {
    Presented::Current(session(1), patient(1))
}

fn reused() -> Presented {
    Presented::Reused(session(1), patient(1))
}

pub(in crate::work_store) async fn a_secret_is_its_sessions_until_its_end(place: Place) {
    let (sessions, now) = (place.open().await, place.clock.now());
    let until = now.plus(MINUTE);
    let secret = sessions.issue(session(1), patient(1), until).await.unwrap();
    let other = sessions.issue(session(2), patient(2), until).await.unwrap();
    assert_eq!(presented(&*sessions, &secret, now).await, current());
    let others = Presented::Current(session(2), patient(2));
    assert_eq!(presented(&*sessions, &other, now).await, others);
    assert_eq!(presented(&*sessions, &secret, until).await, Presented::Unknown);
    assert!(sessions.rotate(&secret, until).await.unwrap().is_none());
}

pub(in crate::work_store) async fn presenting_a_secret_does_not_use_it_up(place: Place) {
    let (sessions, now) = (place.open().await, place.clock.now());
    let secret = sessions.issue(session(1), patient(1), now.plus(MINUTE)).await.unwrap();
    for _ in 0..3 {
        assert_eq!(presented(&*sessions, &secret, now).await, current());
    }
    assert!(sessions.rotate(&secret, now).await.unwrap().is_some());
}

pub(in crate::work_store) async fn secrets_are_256_bits_that_never_repeat(place: Place) {
    let (sessions, now) = (place.open().await, place.clock.now());
    let issued = (0..40).map(|_| sessions.issue(session(1), patient(1), now.plus(MINUTE)));
    let issued: Vec<_> = join_all(issued).await.into_iter().map(Result::unwrap).collect();
    let texts: BTreeSet<_> = issued.iter().map(ExposeSecret::expose_secret).collect();
    assert_eq!(texts.len(), 40);
    assert!(texts.iter().all(|text| text.len() == 43));
    for secret in &issued {
        assert_eq!(presented(&*sessions, secret, now).await, current());
    }
}

pub(in crate::work_store) async fn what_was_issued_and_used_is_there_after_a_restart(place: Place) {
    let (sessions, now) = (place.open().await, place.clock.now());
    let first = sessions.issue(session(1), patient(1), now.plus(MINUTE)).await.unwrap();
    let second = sessions.rotate(&first, now).await.unwrap().unwrap();
    let forgotten = sessions.issue(session(2), patient(1), now.plus(MINUTE)).await.unwrap();
    sessions.forget(session(2)).await.unwrap();
    drop(sessions);
    let sessions = place.open().await;
    assert_eq!(presented(&*sessions, &first, now).await, reused());
    assert_eq!(presented(&*sessions, &second, now).await, current());
    assert_eq!(presented(&*sessions, &forgotten, now).await, Presented::Unknown);
    assert_eq!(sessions.of_account(patient(1), now).await.unwrap(), [session(1)]);
}

pub(in crate::work_store) async fn of_many_rotations_at_once_one_gets_the_next_secret(
    place: Place,
) {
    let (sessions, now) = (place.open().await, place.clock.now());
    let first = sessions.issue(session(1), patient(1), now.plus(MINUTE)).await.unwrap();
    let tasks = (0..32).map(|_| {
        let (sessions, first) = (Arc::clone(&sessions), first.clone());
        tokio::spawn(async move { sessions.rotate(&first, now).await.unwrap() })
    });
    let next: Vec<_> = join_all(tasks).await.into_iter().filter_map(Result::unwrap).collect();
    assert_eq!(next.len(), 1);
    assert_eq!(presented(&*sessions, &first, now).await, reused());
    assert_eq!(presented(&*sessions, &next[0], now).await, current());
    let third = sessions.rotate(&next[0], now).await.unwrap().unwrap();
    assert_eq!(presented(&*sessions, &next[0], now).await, reused());
    assert_eq!(presented(&*sessions, &third, now).await, current());
}

pub(in crate::work_store) async fn the_next_secret_ends_when_the_first_would_have(place: Place) {
    let (sessions, now) = (place.open().await, place.clock.now());
    let until = now.plus(MINUTE);
    let first = sessions.issue(session(1), patient(1), until).await.unwrap();
    let later = Moment::from_micros(until.micros() - 1);
    let second = sessions.rotate(&first, later).await.unwrap().unwrap();
    assert_eq!(presented(&*sessions, &second, later).await, current());
    assert_eq!(presented(&*sessions, &second, until).await, Presented::Unknown);
    assert_eq!(presented(&*sessions, &first, until).await, Presented::Unknown);
}

pub(in crate::work_store) async fn a_guess_is_unknown_and_gets_nothing(place: Place) {
    let (sessions, now) = (place.open().await, place.clock.now());
    let secret = sessions.issue(session(1), patient(1), now.plus(MINUTE)).await.unwrap();
    let cut = &secret.expose_secret()[..42];
    for guess in ["", "A", &"A".repeat(43), cut] {
        let guess = SecretString::from(guess);
        assert_eq!(presented(&*sessions, &guess, now).await, Presented::Unknown);
        assert!(sessions.rotate(&guess, now).await.unwrap().is_none());
    }
    assert_eq!(presented(&*sessions, &secret, now).await, current());
}

pub(in crate::work_store) async fn forgetting_a_session_takes_its_used_secrets_and_no_other(
    place: Place,
) {
    let (sessions, now) = (place.open().await, place.clock.now());
    let until = now.plus(MINUTE);
    let first = sessions.issue(session(1), patient(1), until).await.unwrap();
    let second = sessions.rotate(&first, now).await.unwrap().unwrap();
    let other = sessions.issue(session(2), patient(1), until).await.unwrap();
    sessions.forget(session(1)).await.unwrap();
    sessions.forget(session(1)).await.unwrap();
    for secret in [&first, &second] {
        assert_eq!(presented(&*sessions, secret, now).await, Presented::Unknown);
        assert!(sessions.rotate(secret, now).await.unwrap().is_none());
    }
    let others = Presented::Current(session(2), patient(1));
    assert_eq!(presented(&*sessions, &other, now).await, others);
    assert_eq!(sessions.of_account(patient(1), now).await.unwrap(), [session(2)]);
}

pub(in crate::work_store) async fn the_sessions_of_an_account_are_those_whose_secret_lives(
    place: Place,
) {
    let (sessions, now) = (place.open().await, place.clock.now());
    assert_eq!(sessions.of_account(patient(1), now).await.unwrap(), []);
    for n in 1..=3 {
        let until = now.plus(MINUTE * u32::try_from(n).unwrap());
        let secret = sessions.issue(session(n), patient(1), until).await.unwrap();
        sessions.rotate(&secret, now).await.unwrap().unwrap();
    }
    sessions.issue(session(9), patient(2), now.plus(MINUTE)).await.unwrap();
    for (at, living) in [(0, 1..=3), (1, 2..=3), (2, 3..=3)] {
        let mut of = sessions.of_account(patient(1), now.plus(MINUTE * at)).await.unwrap();
        of.sort_unstable();
        assert_eq!(of, living.map(session).collect::<Vec<_>>(), "after {at} minutes");
    }
    assert_eq!(sessions.of_account(patient(1), now.plus(MINUTE * 3)).await.unwrap(), []);
}
