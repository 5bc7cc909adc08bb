//! What every key vault must do. Each adapter runs all of it: see `conformance!`.

use std::collections::BTreeSet;
use std::sync::Arc;

use commands::ports::key_vault::{HashPurpose, KeyVault, ReportKey, VaultError};
use domain::ids::{EventId, LoginHash, Owner, PatientId, ReportId, StreamName};
use futures::future::join_all;
use uuid::Uuid;

/// One test for each promise, over the place that `$place` makes.
macro_rules! conformance {
    ($place:expr) => {
        use crate::vault::conformance as suite;
        crate::conformance::promises! { $place;
            first_uses_at_once_make_one_key
            every_owner_stream_and_report_has_a_key_of_its_own
            everything_is_there_after_a_restart
            what_was_never_made_is_not_there_and_looking_makes_nothing
            the_system_has_a_key_from_the_start
            a_stream_key_stays_whoever_is_named_later
            of_many_streams_those_with_a_key_are_answered
            the_stream_of_an_address_has_a_key_before_anybody_asks
            sealed_words_open_where_they_were_sealed_and_nowhere_else
            the_same_words_are_never_sealed_alike
            a_report_key_is_its_owners_and_its_versions
            a_refused_report_key_leaves_nothing
            purposes_never_hash_alike_and_parts_are_joined_with_nul
            a_note_that_was_touched_does_not_open
        }
    };
}
pub(super) use conformance;

pub(super) type Place = crate::conformance::Place<dyn KeyVault>;

pub(super) fn person(n: u128) -> (Owner, StreamName) {
    let id = PatientId::new(Uuid::from_u128(n));
    (Owner::Person(id.uuid()), StreamName::patient(id))
}

fn event(n: u128) -> EventId {
    EventId::new(Uuid::from_u128(n))
}

pub(super) fn report(n: u128) -> ReportId {
    ReportId::new(Uuid::from_u128(n))
}

fn no_key<T>(answer: Result<T, VaultError>) -> bool {
    matches!(answer, Err(VaultError::NoKey))
}

fn damaged<T>(answer: Result<T, VaultError>) -> bool {
    matches!(answer, Err(VaultError::Damaged))
}

fn bytes(key: &ReportKey) -> [u8; 32] {
    *key.key
}

pub(super) async fn first_uses_at_once_make_one_key(place: Place) {
    let vault = place.open().await;
    let (owner, stream) = person(1);
    vault.subject_key(owner).await.unwrap();
    let tasks = (0..64).map(|_| {
        let vault = Arc::clone(&vault);
        let stream = stream.clone();
        tokio::spawn(async move {
            let subject = vault.subject_key(person(2).0).await.unwrap();
            let key = vault.stream_key(&stream, owner).await.unwrap();
            let report = vault.make_report_key(owner, report(1), 1).await.unwrap();
            (subject.key_id, key.0, bytes(&report))
        })
    });
    let got: Vec<_> = join_all(tasks).await.into_iter().map(Result::unwrap).collect();
    assert!(got.iter().all(|keys| *keys == got[0]));
}

pub(super) async fn every_owner_stream_and_report_has_a_key_of_its_own(place: Place) {
    let vault = place.open().await;
    let people: Vec<_> = (1..=300).map(person).collect();
    let keys = join_all(people.iter().map(|(owner, stream)| vault.stream_key(stream, *owner)));
    let mut distinct: BTreeSet<[u8; 32]> =
        keys.await.into_iter().map(|key| key.unwrap().0).collect();
    for (n, (owner, _)) in people.iter().enumerate().take(50) {
        let key = vault.make_report_key(*owner, report(n as u128), 1).await.unwrap();
        distinct.insert(bytes(&key));
    }
    assert_eq!(distinct.len(), 350);
    let ids = join_all(people.iter().map(|(owner, _)| vault.subject_key(*owner))).await;
    let ids: BTreeSet<_> = ids.into_iter().map(|key| key.unwrap().key_id).collect();
    assert_eq!(ids.len(), 300);
}

pub(super) async fn everything_is_there_after_a_restart(place: Place) {
    let vault = place.open().await;
    let (owner, stream) = person(1);
    let key = vault.subject_key(owner).await.unwrap();
    let stream_key = vault.stream_key(&stream, owner).await.unwrap();
    let sealed = vault.seal(owner, event(1), "/data/name", "Ana").await.unwrap();
    let report_key = vault.make_report_key(owner, report(1), 2).await.unwrap();
    let hash = vault.keyed_hash(HashPurpose::Login, &[b"ana@example"]);
    let requests = vault.request_key();
    let note = vault.seal_note(b"note");
    drop(vault);

    let vault = place.open().await;
    assert_eq!(vault.subject_key(owner).await.unwrap(), key);
    let known = vault.known_stream_keys(std::slice::from_ref(&stream)).await.unwrap();
    assert_eq!(known[0].1.as_ref().unwrap().0, stream_key.0);
    assert_eq!(vault.stream_key(&stream, owner).await.unwrap().0, stream_key.0);
    let words = vault.unseal(owner, event(1), "/data/name", &sealed).await.unwrap();
    assert_eq!(words.as_str(), "Ana");
    let again = vault.report_key(owner, report(1), 2).await.unwrap();
    assert_eq!((bytes(&again), again.wrapped_by), (bytes(&report_key), key.key_id));
    let again = vault.make_report_key(owner, report(1), 2).await.unwrap();
    assert_eq!(bytes(&again), bytes(&report_key));
    assert_eq!(vault.keyed_hash(HashPurpose::Login, &[b"ana@example"]), hash);
    assert_eq!(vault.request_key().0, requests.0);
    assert_eq!(vault.open_note(&note).unwrap().as_slice(), b"note");
}

pub(super) async fn what_was_never_made_is_not_there_and_looking_makes_nothing(place: Place) {
    let vault = place.open().await;
    let (owner, stream) = person(1);
    for _ in 0..2 {
        let known = vault.known_stream_keys(std::slice::from_ref(&stream)).await.unwrap();
        assert!(known.is_empty());
        assert!(no_key(vault.seal(owner, event(1), "/data/name", "Ana").await));
        assert!(no_key(vault.unseal(owner, event(1), "/data/name", "Ana").await));
        assert!(no_key(vault.make_report_key(owner, report(1), 1).await));
        assert!(no_key(vault.report_key(owner, report(1), 1).await));
    }
    vault.subject_key(owner).await.unwrap();
    assert!(no_key(vault.report_key(owner, report(1), 1).await));
}

pub(super) async fn the_system_has_a_key_from_the_start(place: Place) {
    let vault = place.open().await;
    let sealed = vault.seal(Owner::System, event(1), "/data/name", "ours").await.unwrap();
    let words = vault.unseal(Owner::System, event(1), "/data/name", &sealed).await.unwrap();
    assert_eq!(words.as_str(), "ours");
}

pub(super) async fn a_stream_key_stays_whoever_is_named_later(place: Place) {
    let vault = place.open().await;
    let (owner, stream) = person(1);
    let key = vault.stream_key(&stream, owner).await.unwrap();
    assert_eq!(vault.stream_key(&stream, Owner::System).await.unwrap().0, key.0);
    drop(vault);
    let vault = place.open().await;
    assert_eq!(vault.stream_key(&stream, person(2).0).await.unwrap().0, key.0);
    assert!(vault.seal(owner, event(1), "/data/name", "Ana").await.is_ok(), "its owner has a key");
}

pub(super) async fn of_many_streams_those_with_a_key_are_answered(place: Place) {
    let vault = place.open().await;
    let mut made = Vec::new();
    for n in (1..=60).step_by(2) {
        let (owner, stream) = person(n);
        let key = vault.stream_key(&stream, owner).await.unwrap();
        made.push((stream, key.0));
    }
    let asked: Vec<_> = (1..=60).rev().map(|n| person(n).1).collect();
    let known = vault.known_stream_keys(&asked).await.unwrap();
    let mut known: Vec<_> =
        known.into_iter().map(|(stream, key)| (stream, key.unwrap().0)).collect();
    known.sort_unstable();
    assert_eq!(known, made);
    assert!(vault.known_stream_keys(&[]).await.unwrap().is_empty());
}

pub(super) async fn the_stream_of_an_address_has_a_key_before_anybody_asks(place: Place) {
    let vault = place.open().await;
    let streams = [1, 2].map(|n| StreamName::login(&LoginHash([n; 32])));
    let known = vault.known_stream_keys(&streams).await.unwrap();
    let known: Vec<_> = known.into_iter().map(|(_, key)| key.unwrap().0).collect();
    assert!(known.len() == 2 && known[0] != known[1]);
    drop(vault);
    let vault = place.open().await;
    for (stream, known) in streams.iter().zip(known) {
        assert_eq!(vault.stream_key(stream, Owner::System).await.unwrap().0, known);
    }
}

pub(super) async fn sealed_words_open_where_they_were_sealed_and_nowhere_else(place: Place) {
    let vault = place.open().await;
    let (ana, eve) = (person(1).0, person(2).0);
    vault.subject_key(ana).await.unwrap();
    vault.subject_key(eve).await.unwrap();
    let long = "wörter ".repeat(2_000);
    for words in ["", "Ana", "\0\n\"", &long] {
        let sealed = vault.seal(ana, event(1), "/data/name", words).await.unwrap();
        assert!(words.is_empty() || !sealed.contains(words));
        let opened = vault.unseal(ana, event(1), "/data/name", &sealed).await.unwrap();
        assert_eq!(opened.as_str(), words);
        assert!(damaged(vault.unseal(ana, event(1), "/data/email", &sealed).await));
        assert!(damaged(vault.unseal(ana, event(2), "/data/name", &sealed).await));
        assert!(damaged(vault.unseal(eve, event(1), "/data/name", &sealed).await));
        let cut = &sealed[..sealed.len() - 1];
        assert!(damaged(vault.unseal(ana, event(1), "/data/name", cut).await));
    }
    assert!(damaged(vault.unseal(ana, event(1), "/data/name", "Ana").await));
}

pub(super) async fn the_same_words_are_never_sealed_alike(place: Place) {
    let vault = place.open().await;
    let mut sealed = BTreeSet::new();
    for _ in 0..20 {
        sealed.insert(vault.seal(Owner::System, event(1), "/data/name", "Ana").await.unwrap());
        sealed.insert(vault.seal_note(b"Ana"));
    }
    assert_eq!(sealed.len(), 40);
}

pub(super) async fn a_report_key_is_its_owners_and_its_versions(place: Place) {
    let vault = place.open().await;
    let (ana, eve) = (person(1).0, person(2).0);
    vault.subject_key(ana).await.unwrap();
    vault.subject_key(eve).await.unwrap();
    let first = vault.make_report_key(ana, report(1), 1).await.unwrap();
    let second = vault.make_report_key(ana, report(1), 2).await.unwrap();
    assert_ne!(bytes(&first), bytes(&second));
    assert!(no_key(vault.report_key(eve, report(1), 1).await));
    assert!(no_key(vault.report_key(ana, report(1), 3).await));
    assert!(no_key(vault.report_key(ana, report(2), 1).await));
}

pub(super) async fn a_refused_report_key_leaves_nothing(place: Place) {
    let vault = place.open().await;
    let (ana, eve) = (person(1).0, person(2).0);
    vault.subject_key(ana).await.unwrap();
    assert!(no_key(vault.make_report_key(eve, report(1), 1).await), "eve has no key");
    vault.subject_key(eve).await.unwrap();
    let made = vault.make_report_key(ana, report(1), 1).await.unwrap();
    assert!(no_key(vault.make_report_key(eve, report(1), 1).await), "it is ana's");
    assert!(no_key(vault.report_key(eve, report(1), 1).await));
    assert_eq!(bytes(&vault.report_key(ana, report(1), 1).await.unwrap()), bytes(&made));
}

pub(super) async fn purposes_never_hash_alike_and_parts_are_joined_with_nul(place: Place) {
    let vault = place.open().await;
    let hashes = HashPurpose::ALL.map(|purpose| vault.keyed_hash(purpose, &[b"a", b"b"]));
    assert_eq!(BTreeSet::from(hashes).len(), HashPurpose::ALL.len());
    for purpose in HashPurpose::ALL {
        let hash = |parts: &[&[u8]]| vault.keyed_hash(purpose, parts);
        assert_eq!(hash(&[b"a", b"b"]), hash(&[b"a\0b"]));
        assert_ne!(hash(&[b"a", b"b"]), hash(&[b"ab"]));
        assert_ne!(hash(&[b"a", b""]), hash(&[b"a"]));
    }
}

pub(super) async fn a_note_that_was_touched_does_not_open(place: Place) {
    let vault = place.open().await;
    for note in [&b""[..], b"upload 7", &[0; 2_000]] {
        let sealed = vault.seal_note(note);
        assert_eq!(vault.open_note(&sealed).unwrap().as_slice(), note);
        assert!(vault.open_note(&sealed[1..]).is_none());
        assert!(vault.open_note(&sealed[..sealed.len() - 1]).is_none());
        let other = if sealed.starts_with('A') { "B" } else { "A" };
        assert!(vault.open_note(&format!("{other}{}", &sealed[1..])).is_none());
        assert!(vault.open_note(&format!("{sealed}A")).is_none());
    }
    assert!(vault.open_note("").is_none());
    assert!(vault.open_note("not ours, not even base64").is_none());
}
