//! What whatever keeps passwords must do.

use std::sync::Arc;

use commands::ports::credentials::{Credentials, WorkError};
use domain::actor::Actor;
use secrecy::SecretString;

use crate::work_store::fixture::patient;

/// One test for each promise, over the place that `$place` makes.
macro_rules! conformance {
    ($place:expr) => {
        use crate::work_store::conformance::credentials as suite;
        crate::conformance::promises! { $place;
            a_password_is_its_accounts_and_no_other_is
            a_password_that_was_replaced_is_worth_nothing
            passwords_are_there_after_a_restart
            of_two_replacements_at_once_one_stands
            the_system_has_no_password_and_gets_none
        }
    };
}
pub(in crate::work_store) use conformance;

pub(in crate::work_store) type Place = crate::conformance::Place<dyn Credentials>;

fn password(text: &str) -> SecretString {
    SecretString::from(text)
}

async fn set(credentials: &dyn Credentials, account: Actor, text: &str) -> Result<(), WorkError> {
    let hash = credentials.hash(account, password(text)).await?;
    credentials.keep(account, hash).await
}

async fn matches(credentials: &dyn Credentials, account: Option<Actor>, text: &str) -> bool {
    credentials.password_matches(account, password(text)).await.unwrap()
}

pub(in crate::work_store) async fn a_password_is_its_accounts_and_no_other_is(place: Place) {
    let credentials = place.open().await;
    set(&*credentials, patient(1), "horse").await.unwrap();
    set(&*credentials, patient(2), "cow").await.unwrap();
    for (account, text, right) in [
        (Some(patient(1)), "horse", true),
        (Some(patient(2)), "cow", true),
        (Some(patient(1)), "cow", false),
        (Some(patient(1)), "Horse", false),
        (Some(patient(1)), "", false),
        (Some(patient(3)), "horse", false),
        (None, "horse", false),
    ] {
        assert_eq!(matches(&*credentials, account, text).await, right, "{account:?} {text}");
    }
}

pub(in crate::work_store) async fn a_password_that_was_replaced_is_worth_nothing(place: Place) {
    let credentials = place.open().await;
    set(&*credentials, patient(1), "old horse").await.unwrap();
    set(&*credentials, patient(1), "new horse").await.unwrap();
    assert!(matches(&*credentials, Some(patient(1)), "new horse").await);
    assert!(!matches(&*credentials, Some(patient(1)), "old horse").await);
}

pub(in crate::work_store) async fn passwords_are_there_after_a_restart(place: Place) {
    let credentials = place.open().await;
    set(&*credentials, patient(1), "horse").await.unwrap();
    drop(credentials);
    let credentials = place.open().await;
    assert!(matches(&*credentials, Some(patient(1)), "horse").await);
}

pub(in crate::work_store) async fn of_two_replacements_at_once_one_stands(place: Place) {
    let credentials = place.open().await;
    let race = ["one", "two"].map(|text| {
        let credentials = Arc::clone(&credentials);
        tokio::spawn(async move { set(&*credentials, patient(1), text).await })
    });
    for set in race {
        set.await.unwrap().unwrap();
    }
    let one = matches(&*credentials, Some(patient(1)), "one").await;
    let two = matches(&*credentials, Some(patient(1)), "two").await;
    assert!(one != two, "{one} {two}");
}

pub(in crate::work_store) async fn the_system_has_no_password_and_gets_none(place: Place) {
    let credentials = place.open().await;
    assert!(set(&*credentials, Actor::System, "x").await.is_err());
    assert!(!matches(&*credentials, Some(Actor::System), "x").await);
    assert!(!matches(&*credentials, Some(Actor::System), "").await);
}
