//! What whatever keeps one-time codes must do.

use std::sync::Arc;

use commands::ports::credentials::{
    CHALLENGE_LIFE, ChallengeAnswer, ChallengeSubject, Challenges, GivenAnswer, Operation,
};
use commands::ports::world::Clock as _;
use domain::actor::Actor;
use domain::ids::ChallengeId;
use domain::time::{Moment, minutes};
use futures::future::join_all;
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::work_store::challenges::{OPEN_MAX, TRIES};
use crate::work_store::fixture::patient;

/// One test for each promise, over the place that `$place` makes.
macro_rules! conformance {
    ($place:expr) => {
        use crate::work_store::conformance::challenges as suite;
        crate::conformance::promises! { $place;
            a_code_is_six_digits_and_right_once
            what_was_made_and_tried_is_there_after_a_restart
            of_many_right_answers_at_once_one_is_right
            five_tries_and_then_even_the_right_code_is_dead
            a_code_is_worth_nothing_for_another_account_operation_or_time
            another_challenges_code_is_wrong
            a_challenge_that_nobody_made_is_dead
            a_sixth_challenge_ends_the_oldest_of_its_account_and_no_other
            challenges_made_at_once_are_all_there
            what_waits_for_an_answer_is_there_until_the_challenge_is_dead
            a_sweep_takes_what_is_dead_and_nothing_else
            a_new_code_ends_the_one_before_and_costs_a_try
            a_new_code_is_good_for_five_minutes_and_of_a_living_challenge
            what_judges_a_passkey_is_there_until_the_challenge_is_dead
            a_passkeys_answer_counts_like_a_code
        }
    };
}
pub(in crate::work_store) use conformance;

pub(in crate::work_store) type Place = crate::conformance::Place<dyn Challenges>;

const GRANT: Operation = Operation([1; 32]);
const OTHER: Operation = Operation([2; 32]);
const RIGHT: ChallengeAnswer = ChallengeAnswer::Right;
const DEAD: ChallengeAnswer = ChallengeAnswer::Dead;

/// A code that is not `code`.
fn wrong(code: &SecretString) -> SecretString {
    let number: u32 = code.expose_secret().parse().unwrap();
    SecretString::from(format!("{:06}", (number + 1) % 1_000_000))
}

fn about(n: u128) -> ChallengeSubject {
    ChallengeSubject { account: patient(n), form: None }
}

/// Whose challenge it is.
async fn account(challenges: &dyn Challenges, id: ChallengeId, now: Moment) -> Option<Actor> {
    challenges.subject(id, now).await.unwrap().map(|subject| subject.account)
}

async fn made(challenges: &dyn Challenges, now: Moment) -> (ChallengeId, SecretString) {
    challenges.make(about(1), GRANT, now).await.unwrap()
}

async fn answer(
    challenges: &dyn Challenges,
    id: ChallengeId,
    code: &SecretString,
    now: Moment,
) -> ChallengeAnswer {
    challenges.answer(id, patient(1), GRANT, GivenAnswer::Code(code), now).await.unwrap()
}

/// `times` answers with the same code, all at once.
async fn answers_at_once(
    challenges: &Arc<dyn Challenges>,
    id: ChallengeId,
    code: &SecretString,
    now: Moment,
    times: usize,
) -> Vec<ChallengeAnswer> {
    let tasks = (0..times).map(|_| {
        let (challenges, code) = (Arc::clone(challenges), code.clone());
        tokio::spawn(async move { answer(&*challenges, id, &code, now).await })
    });
    join_all(tasks).await.into_iter().map(Result::unwrap).collect()
}

pub(in crate::work_store) async fn a_code_is_six_digits_and_right_once(place: Place) {
    let (challenges, now) = (place.open().await, place.clock.now());
    let (id, code) = made(&*challenges, now).await;
    let digits = code.expose_secret();
    assert!(digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_digit()));
    assert_eq!(account(&*challenges, id, now).await, Some(patient(1)));
    assert_eq!(answer(&*challenges, id, &code, now).await, RIGHT);
    assert_eq!(account(&*challenges, id, now).await, None);
    assert_eq!(answer(&*challenges, id, &code, now).await, DEAD);
}

pub(in crate::work_store) async fn what_was_made_and_tried_is_there_after_a_restart(place: Place) {
    let (challenges, now) = (place.open().await, place.clock.now());
    let (id, code) = made(&*challenges, now).await;
    let (used, used_code) = made(&*challenges, now).await;
    assert_eq!(answer(&*challenges, used, &used_code, now).await, RIGHT);
    for tries_left in (1..TRIES).rev() {
        let judged = answer(&*challenges, id, &wrong(&code), now).await;
        assert_eq!(judged, ChallengeAnswer::Wrong { tries_left });
    }
    drop(challenges);
    let challenges = place.open().await;
    assert_eq!(answer(&*challenges, used, &used_code, now).await, DEAD);
    assert_eq!(account(&*challenges, id, now).await, Some(patient(1)));
    assert_eq!(answer(&*challenges, id, &code, now).await, RIGHT, "with the last try");
}

pub(in crate::work_store) async fn of_many_right_answers_at_once_one_is_right(place: Place) {
    let (challenges, now) = (place.open().await, place.clock.now());
    let (id, code) = made(&*challenges, now).await;
    let answers = answers_at_once(&challenges, id, &code, now, 50).await;
    assert_eq!(answers.iter().filter(|answer| **answer == RIGHT).count(), 1);
    assert_eq!(answers.iter().filter(|answer| **answer == DEAD).count(), 49);
}

pub(in crate::work_store) async fn five_tries_and_then_even_the_right_code_is_dead(place: Place) {
    let (challenges, now) = (place.open().await, place.clock.now());
    let (id, code) = made(&*challenges, now).await;
    let answers = answers_at_once(&challenges, id, &wrong(&code), now, 20).await;
    for tries_left in 0..TRIES {
        let same =
            answers.iter().filter(|answer| **answer == ChallengeAnswer::Wrong { tries_left });
        assert_eq!(same.count(), 1, "{tries_left}");
    }
    assert_eq!(answers.iter().filter(|answer| **answer == DEAD).count(), 15);
    assert_eq!(answer(&*challenges, id, &code, now).await, DEAD);
    assert_eq!(account(&*challenges, id, now).await, None);
}

pub(in crate::work_store) async fn a_code_is_worth_nothing_for_another_account_operation_or_time(
    place: Place,
) {
    let (challenges, now) = (place.open().await, place.clock.now());
    let (id, code) = made(&*challenges, now).await;
    for (account, operation, at) in [
        (patient(2), GRANT, now),
        (patient(1), OTHER, now),
        (patient(1), GRANT, now.plus(CHALLENGE_LIFE)),
    ] {
        for _ in 0..=TRIES {
            let answer = challenges
                .answer(id, account, operation, GivenAnswer::Code(&code), at)
                .await
                .unwrap();
            assert_eq!(answer, DEAD);
        }
    }
    assert_eq!(account(&*challenges, id, now.plus(CHALLENGE_LIFE)).await, None);
    assert_eq!(answer(&*challenges, id, &code, now).await, RIGHT, "none of these took a try");
}

pub(in crate::work_store) async fn another_challenges_code_is_wrong(place: Place) {
    let (challenges, now) = (place.open().await, place.clock.now());
    let (id, mut code) = made(&*challenges, now).await;
    let (other, other_code) = made(&*challenges, now).await;
    if code.expose_secret() == other_code.expose_secret() {
        code = wrong(&code);
    }
    let judged = answer(&*challenges, other, &code, now).await;
    assert_eq!(judged, ChallengeAnswer::Wrong { tries_left: TRIES - 1 });
    assert_eq!(account(&*challenges, id, now).await, Some(patient(1)));
    assert_eq!(answer(&*challenges, other, &other_code, now).await, RIGHT);
}

pub(in crate::work_store) async fn a_challenge_that_nobody_made_is_dead(place: Place) {
    let (challenges, now) = (place.open().await, place.clock.now());
    let nobodys = ChallengeId::new(Uuid::from_u128(7));
    let (_, code) = made(&*challenges, now).await;
    assert_eq!(answer(&*challenges, nobodys, &code, now).await, DEAD);
    assert_eq!(account(&*challenges, nobodys, now).await, None);
}

pub(in crate::work_store) async fn a_sixth_challenge_ends_the_oldest_of_its_account_and_no_other(
    place: Place,
) {
    let (challenges, now) = (place.open().await, place.clock.now());
    let (others, _) = challenges.make(about(2), GRANT, now).await.unwrap();
    let mut made_so_far = Vec::new();
    for _ in 0..=OPEN_MAX {
        made_so_far.push(made(&*challenges, now).await);
    }
    let (oldest, code) = made_so_far.remove(0);
    assert_eq!(account(&*challenges, oldest, now).await, None);
    assert_eq!(answer(&*challenges, oldest, &code, now).await, DEAD);
    for (id, _) in &made_so_far {
        assert_eq!(account(&*challenges, *id, now).await, Some(patient(1)));
    }
    assert_eq!(account(&*challenges, others, now).await, Some(patient(2)));
}

pub(in crate::work_store) async fn challenges_made_at_once_are_all_there(place: Place) {
    let (challenges, now) = (place.open().await, place.clock.now());
    let all = (1..=40).map(|n| challenges.make(about(n), GRANT, now));
    for (n, made) in (1..).zip(join_all(all).await) {
        let (id, code) = made.unwrap();
        assert_eq!(account(&*challenges, id, now).await, Some(patient(n)));
        let judged =
            challenges.answer(id, patient(n), GRANT, GivenAnswer::Code(&code), now).await.unwrap();
        assert_eq!(judged, RIGHT);
    }
}

pub(in crate::work_store) async fn what_waits_for_an_answer_is_there_until_the_challenge_is_dead(
    place: Place,
) {
    let (challenges, now) = (place.open().await, place.clock.now());
    let subject = ChallengeSubject { form: Some("sealed".to_owned()), ..about(1) };
    let (id, code) = challenges.make(subject.clone(), GRANT, now).await.unwrap();
    let (used, used_code) = challenges.make(subject.clone(), GRANT, now).await.unwrap();
    drop(challenges);
    let challenges = place.open().await;
    assert_eq!(challenges.subject(id, now).await.unwrap(), Some(subject.clone()));
    let judged = answer(&*challenges, id, &wrong(&code), now).await;
    assert_eq!(judged, ChallengeAnswer::Wrong { tries_left: TRIES - 1 });
    assert_eq!(challenges.subject(id, now).await.unwrap(), Some(subject));
    assert_eq!(answer(&*challenges, used, &used_code, now).await, RIGHT);
    assert_eq!(challenges.subject(used, now).await.unwrap(), None);
    assert_eq!(challenges.subject(id, now.plus(CHALLENGE_LIFE)).await.unwrap(), None);
}

pub(in crate::work_store) async fn a_sweep_takes_what_is_dead_and_nothing_else(place: Place) {
    let (challenges, now) = (place.open().await, place.clock.now());
    let then = now.plus(CHALLENGE_LIFE);
    let (dead, _) = made(&*challenges, now).await;
    let (alive, code) = made(&*challenges, then).await;
    challenges.sweep(then).await.unwrap();
    assert_eq!(account(&*challenges, dead, now).await, None, "even by a clock that is set back");
    assert_eq!(answer(&*challenges, alive, &code, then).await, RIGHT);
}

pub(in crate::work_store) async fn a_new_code_ends_the_one_before_and_costs_a_try(place: Place) {
    let (challenges, now) = (place.open().await, place.clock.now());
    let (id, first) = made(&*challenges, now).await;
    assert_eq!(challenges.operation(id, now).await.unwrap(), Some(GRANT));
    let second = challenges.renew(id, GRANT, now).await.unwrap().unwrap();
    let tries_left = TRIES - 2;
    if first.expose_secret() != second.expose_secret() {
        let judged = answer(&*challenges, id, &first, now).await;
        assert_eq!(judged, ChallengeAnswer::Wrong { tries_left });
    }
    drop(challenges);
    let challenges = place.open().await;
    assert_eq!(answer(&*challenges, id, &second, now).await, RIGHT);
    assert_eq!(challenges.operation(id, now).await.unwrap(), None);

    let (id, _) = made(&*challenges, now).await;
    for _ in 1..TRIES {
        assert!(challenges.renew(id, GRANT, now).await.unwrap().is_some());
    }
    assert!(challenges.renew(id, GRANT, now).await.unwrap().is_none(), "the last try is left");
    assert_eq!(account(&*challenges, id, now).await, Some(patient(1)));
}

pub(in crate::work_store) async fn a_new_code_is_good_for_five_minutes_and_of_a_living_challenge(
    place: Place,
) {
    let (challenges, now) = (place.open().await, place.clock.now());
    let (id, _) = made(&*challenges, now).await;
    let soon = now.plus(CHALLENGE_LIFE - minutes(1));
    assert!(challenges.renew(id, OTHER, soon).await.unwrap().is_none());
    let code = challenges.renew(id, GRANT, soon).await.unwrap().unwrap();
    let end = soon.plus(CHALLENGE_LIFE);
    assert!(challenges.renew(id, GRANT, end).await.unwrap().is_none());
    assert_eq!(answer(&*challenges, id, &code, end).await, DEAD);
    assert_eq!(answer(&*challenges, id, &code, now.plus(CHALLENGE_LIFE)).await, RIGHT);
    assert!(challenges.renew(id, GRANT, now).await.unwrap().is_none());
    let nobodys = ChallengeId::new(Uuid::from_u128(7));
    assert!(challenges.renew(nobodys, GRANT, now).await.unwrap().is_none());
}

pub(in crate::work_store) async fn what_judges_a_passkey_is_there_until_the_challenge_is_dead(
    place: Place,
) {
    let (challenges, now) = (place.open().await, place.clock.now());
    let (id, code) = made(&*challenges, now).await;
    assert_eq!(challenges.passkey_asked(id, now).await.unwrap(), None);
    for waiting in ["first", "second"] {
        challenges.wait_for_passkey(id, waiting.to_owned(), now).await.unwrap();
        assert_eq!(challenges.passkey_asked(id, now).await.unwrap().as_deref(), Some(waiting));
    }
    let end = now.plus(CHALLENGE_LIFE);
    assert_eq!(challenges.passkey_asked(id, end).await.unwrap(), None);
    challenges.wait_for_passkey(id, "late".to_owned(), end).await.unwrap();
    drop(challenges);
    let challenges = place.open().await;
    assert_eq!(challenges.passkey_asked(id, now).await.unwrap().as_deref(), Some("second"));
    assert_eq!(answer(&*challenges, id, &code, now).await, RIGHT);
    assert_eq!(challenges.passkey_asked(id, now).await.unwrap(), None);
}

pub(in crate::work_store) async fn a_passkeys_answer_counts_like_a_code(place: Place) {
    let (challenges, now) = (place.open().await, place.clock.now());
    let (id, code) = made(&*challenges, now).await;
    let judged = async |id, right| {
        let given = GivenAnswer::Judged { right };
        challenges.answer(id, patient(1), GRANT, given, now).await.unwrap()
    };
    assert_eq!(judged(id, false).await, ChallengeAnswer::Wrong { tries_left: TRIES - 1 });
    assert_eq!(judged(id, true).await, RIGHT);
    assert_eq!(judged(id, true).await, DEAD);
    assert_eq!(answer(&*challenges, id, &code, now).await, DEAD, "the code died with it");
    let (id, _) = made(&*challenges, now).await;
    for _ in 0..TRIES {
        judged(id, false).await;
    }
    assert_eq!(judged(id, true).await, DEAD);
}
