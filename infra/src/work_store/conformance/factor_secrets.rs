//! What whatever keeps seeds and recovery codes must do.

use commands::ports::factor_secrets::{FactorSecrets, KeptSeed};
use domain::ids::FactorId;
use futures::future::join_all;
use uuid::Uuid;

use crate::work_store::fixture::patient;

/// One test for each promise, over the place that `$place` makes.
macro_rules! conformance {
    ($place:expr) => {
        use crate::work_store::conformance::factor_secrets as suite;
        crate::conformance::promises! { $place;
            a_step_and_those_before_it_count_once
            of_one_step_used_many_times_at_once_one_counts
            of_one_code_used_many_times_at_once_one_counts
            a_code_is_good_in_its_own_set
            what_is_not_in_force_is_forgotten_and_what_is_survives_a_restart
        }
    };
}
pub(in crate::work_store) use conformance;

pub(in crate::work_store) type Place = crate::conformance::Place<dyn FactorSecrets>;

fn factor(n: u128) -> FactorId {
    FactorId::new(Uuid::from_u128(n))
}

fn seed(n: u128, step: u64) -> KeptSeed {
    KeptSeed { factor: factor(n), sealed: format!("sealed {n}"), step }
}

pub(in crate::work_store) async fn a_step_and_those_before_it_count_once(place: Place) {
    let store = place.open().await;
    store.keep_seed(patient(1), seed(1, 10)).await.unwrap();
    for (step, counts) in [(9, false), (10, false), (12, true), (12, false), (11, false)] {
        assert_eq!(store.use_step(factor(1), step).await.unwrap(), counts, "{step}");
    }
    assert_eq!(store.seed(factor(1)).await.unwrap(), Some(seed(1, 12)));
    assert!(!store.use_step(factor(2), 99).await.unwrap(), "an app nobody has");
    assert_eq!(store.seed(factor(2)).await.unwrap(), None);
}

pub(in crate::work_store) async fn of_one_step_used_many_times_at_once_one_counts(place: Place) {
    let store = place.open().await;
    store.keep_seed(patient(1), seed(1, 10)).await.unwrap();
    let uses = join_all((0..16).map(|_| store.use_step(factor(1), 11))).await;
    assert_eq!(uses.into_iter().filter(|used| *used.as_ref().unwrap()).count(), 1);
}

pub(in crate::work_store) async fn of_one_code_used_many_times_at_once_one_counts(place: Place) {
    let store = place.open().await;
    store.keep_codes(patient(1), factor(1), vec![[1; 32], [2; 32]]).await.unwrap();
    let uses = join_all((0..16).map(|_| store.use_code(factor(1), [1; 32]))).await;
    assert_eq!(uses.into_iter().filter(|used| *used.as_ref().unwrap()).count(), 1);
    assert_eq!(store.codes_left(factor(1)).await.unwrap(), 1);
}

pub(in crate::work_store) async fn a_code_is_good_in_its_own_set(place: Place) {
    let store = place.open().await;
    store.keep_codes(patient(1), factor(1), vec![[1; 32]]).await.unwrap();
    store.keep_codes(patient(1), factor(2), vec![[2; 32]]).await.unwrap();
    assert!(!store.use_code(factor(2), [1; 32]).await.unwrap());
    assert!(!store.use_code(factor(1), [3; 32]).await.unwrap());
    assert!(store.use_code(factor(1), [1; 32]).await.unwrap());
    let left = (store.codes_left(factor(1)).await, store.codes_left(factor(2)).await);
    assert_eq!((left.0.unwrap(), left.1.unwrap()), (0, 1));
}

pub(in crate::work_store) async fn what_is_not_in_force_is_forgotten_and_what_is_survives_a_restart(
    place: Place,
) {
    let store = place.open().await;
    for n in [1, 2] {
        store.keep_seed(patient(1), seed(n, 1)).await.unwrap();
        store.keep_codes(patient(1), factor(n + 2), vec![[1; 32]]).await.unwrap();
    }
    store.keep_seed(patient(2), seed(9, 1)).await.unwrap();
    store.forget_but(patient(1), &[factor(2), factor(4)]).await.unwrap();
    drop(store);
    let store = place.open().await;
    assert_eq!(store.seed(factor(1)).await.unwrap(), None);
    assert_eq!(store.seed(factor(2)).await.unwrap(), Some(seed(2, 1)));
    assert_eq!(store.seed(factor(9)).await.unwrap(), Some(seed(9, 1)), "somebody else's");
    assert_eq!(store.codes_left(factor(3)).await.unwrap(), 0);
    assert_eq!(store.codes_left(factor(4)).await.unwrap(), 1);
}
