//! What whatever keeps the public keys of passkeys must do.

use commands::ports::passkeys::{KeptPasskey, PasskeyStore};
use domain::ids::FactorId;
use uuid::Uuid;

use crate::work_store::fixture::patient;

/// One test for each promise, over the place that `$place` makes.
macro_rules! conformance {
    ($place:expr) => {
        use crate::work_store::conformance::passkeys as suite;
        crate::conformance::promises! { $place;
            a_passkey_is_kept_for_its_account_and_no_other
            a_passkey_is_kept_anew_in_its_own_place
            a_passkey_that_was_forgotten_is_gone_after_a_restart
        }
    };
}
pub(in crate::work_store) use conformance;

pub(in crate::work_store) type Place = crate::conformance::Place<dyn PasskeyStore>;

fn passkey(factor: u128, credential: &str) -> KeptPasskey {
    let factor = FactorId::new(Uuid::from_u128(factor));
    KeptPasskey { factor, credential: credential.to_owned() }
}

pub(in crate::work_store) async fn a_passkey_is_kept_for_its_account_and_no_other(place: Place) {
    let store = place.open().await;
    store.keep(patient(1), passkey(1, "a")).await.unwrap();
    store.keep(patient(1), passkey(2, "b")).await.unwrap();
    store.keep(patient(2), passkey(3, "c")).await.unwrap();
    let kept = store.of(patient(1)).await.unwrap();
    assert_eq!(kept, [passkey(1, "a"), passkey(2, "b")]);
    assert_eq!(store.of(patient(2)).await.unwrap(), [passkey(3, "c")]);
    assert_eq!(store.of(patient(3)).await.unwrap(), []);
}

pub(in crate::work_store) async fn a_passkey_is_kept_anew_in_its_own_place(place: Place) {
    let store = place.open().await;
    store.keep(patient(1), passkey(1, "a")).await.unwrap();
    store.keep(patient(1), passkey(1, "moved")).await.unwrap();
    assert_eq!(store.of(patient(1)).await.unwrap(), [passkey(1, "moved")]);
    store.keep(patient(2), passkey(1, "taken")).await.unwrap();
    assert_eq!(store.of(patient(1)).await.unwrap(), [passkey(1, "moved")], "whose it is stays");
    assert_eq!(store.of(patient(2)).await.unwrap(), []);
}

pub(in crate::work_store) async fn a_passkey_that_was_forgotten_is_gone_after_a_restart(
    place: Place,
) {
    let store = place.open().await;
    for n in [1, 2] {
        store.keep(patient(1), passkey(n, "a")).await.unwrap();
    }
    store.forget(passkey(1, "a").factor).await.unwrap();
    store.forget(passkey(9, "a").factor).await.unwrap();
    drop(store);
    assert_eq!(place.open().await.of(patient(1)).await.unwrap(), [passkey(2, "a")]);
}
