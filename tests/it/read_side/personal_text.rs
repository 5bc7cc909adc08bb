//! Sealed personal text, opened by permit: in sentences for the patient, erased when the key is gone.

use std::path::Path;
use std::sync::Arc;

use commands::ports::key_vault::KeyVault;
use domain::access::event::{ClinicalListShown, ViewRefused};
use domain::access::ground::Ground;
use domain::access::policy::{Durable, PersonalTextPermit, Rule};
use domain::actor::Actor;
use domain::consent::event::ConsentRevoked;
use domain::consent::scope::Purpose;
use domain::fact::Fact;
use domain::identity::doctor::Standing;
use domain::identity::event::{DoctorVerified, LoginClaimed};
use domain::ids::{DoctorId, Owner, PatientId, StreamName};
use domain::journal::Position;
use domain::personal_text::PersonalText;
use domain::samples::{self, consent, doctor, noon, patient};
use infra::entropy::SeededEntropy;
use infra::vault::{MasterKey, SqliteKeyVault, Unsealer};
use projections::access::access_history::sentence::tell;
use projections::access::access_history::{AccessHistory, HistoryFilter};
use projections::access::who_can_see::{ConsentFilter, WhoCanSee};
use projections::consent::my_patients::MyPatients;
use projections::identity::people::People;
use projections::identity::verification_queue::VerificationQueue;
use projections::personal_text::{Opened, PermittedReader, PersonalTextError};
use projections::records::my_reports::MyReports;

use super::world::{
    Log, ReadSide, address, ana_registered, bo_registered, granted, uploaded, viewed,
};

const ALL: (Option<Position>, usize) = (None, 100);

async fn vault(path: &Path) -> Arc<SqliteKeyVault> {
    let master = MasterKey::from_text(&"5a".repeat(32)).unwrap();
    let entropy = Arc::new(SeededEntropy::new(path.as_os_str().as_encoded_bytes()));
    Arc::new(SqliteKeyVault::open(path, master, entropy).await.unwrap())
}

/// Personal text sealed for the event that is written next.
async fn sealed(
    vault: &dyn KeyVault,
    log: &Log,
    owner: Owner,
    at: &str,
    words: &str,
) -> PersonalText {
    vault.subject_key(owner).await.unwrap();
    PersonalText::Sealed(vault.seal(owner, log.next_id(), at, words).await.unwrap())
}

/// Ana registers, Bo registers, Ana lets Bo in, a report comes in, Bo looks.
async fn story(vault: &dyn KeyVault) -> (Log, ReadSide) {
    let mut log = Log::new();
    let read_side = ReadSide::new().await;
    let p = patient(0);
    let d = doctor(0);
    let ana = Actor::Patient(p);
    let bo = Actor::Doctor(d);
    let on_ana = StreamName::patient(p);
    let on_bo = StreamName::doctor(d);
    let mut registered = ana_registered(p);
    registered.name = sealed(vault, &log, ana.owner(), "/data/name", "Ana Alm").await;
    log.record(&on_ana, ana, registered).await;
    let mut registered = bo_registered(d);
    registered.name = sealed(vault, &log, bo.owner(), "/data/name", "Dr Bo Berg").await;
    registered.licence = sealed(vault, &log, bo.owner(), "/data/licence", "L-7").await;
    registered.issuer = sealed(vault, &log, bo.owner(), "/data/issuer", "Chamber").await;
    registered.specialty_text =
        sealed(vault, &log, bo.owner(), "/data/specialty_text", "MRI").await;
    log.record(&on_bo, bo, registered).await;
    log.record(&address(d), bo, LoginClaimed { account: bo }).await;
    let evidence = sealed(vault, &log, bo.owner(), "/data/evidence", "Saw the licence").await;
    log.record(&on_bo, Actor::Admin(samples::CY), DoctorVerified { evidence }).await;
    let mut let_in = granted(d, 0, 4, noon());
    let_in.purpose = Purpose::Treat;
    log.record(&on_ana, ana, let_in).await;
    let mut mri = uploaded(0);
    mri.title = sealed(vault, &log, ana.owner(), "/data/title", "MRI of 3 May").await;
    log.record(&on_ana, bo, mri).await;
    log.record(&on_ana, bo, viewed(d, 0, 4, noon())).await;
    let refused = ViewRefused {
        doctor: d,
        report: None,
        purpose: Purpose::Hresch,
        rule: Rule::PurposeNotCovered,
        ..samples::view_refused()
    };
    log.record(&on_ana, bo, refused).await;
    log.record(&on_ana, bo, list_shown(d)).await;
    let revoked = ConsentRevoked { consent: consent(4), ..samples::consent_revoked() };
    log.record(&on_ana, ana, revoked).await;
    read_side.models(&log).catch_up().await.unwrap();
    (log, read_side)
}

fn list_shown(doctor: DoctorId) -> ClinicalListShown {
    let ground = Ground::Consent { consent: consent(4) };
    let viewer = Actor::Doctor(doctor);
    ClinicalListShown { viewer, ground, ..samples::clinical_list_shown() }
}

async fn sentences(read_side: &ReadSide, reader: PermittedReader<'_>) -> Vec<String> {
    let page = AccessHistory::of(&*read_side.store, patient(0), HistoryFilter::default(), ALL)
        .await
        .unwrap();
    let sentences = tell(page.items, reader).await.unwrap();
    sentences.into_iter().map(|sentences| sentences.sentence).collect()
}

#[tokio::test]
async fn ana_reads_what_happened_in_plain_sentences() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(&folder.path().join("vault.db")).await;
    let (_, read_side) = story(&*vault).await;
    let unsealer = Unsealer(vault);
    let permit = PersonalTextPermit::own(Actor::Patient(patient(0)));
    assert_eq!(
        sentences(&read_side, PermittedReader::new(&permit, &unsealer)).await,
        [
            "You revoked your consent of 23 November 2026 (UTC), given to Dr Bo Berg.",
            "Dr Bo Berg looked at the list of your reports, which shows the titles of those that you \
             let them see at that time.",
            "Dr Bo Berg asked to open a report that does not exist for research and was refused: \
             no consent you gave them covers this purpose.",
            "Dr Bo Berg opened *MRI of 3 May* for treatment, allowed by your consent of \
             23 November 2026 (UTC). No page was shown.",
            "Dr Bo Berg added *MRI of 3 May*.",
            "You let Dr Bo Berg see every report of yours, those to come included, for treatment \
             until 23 November 2026, 12:05 UTC, 2 viewings at most.",
        ]
    );
}

#[tokio::test]
async fn after_erasure_the_history_stands_without_its_words() {
    let folder = tempfile::tempdir().unwrap();
    let (_, read_side) = story(&*vault(&folder.path().join("vault.db")).await).await;
    // A vault under the same master key that does not have the subjects' keys any more.
    let unsealer = Unsealer(vault(&folder.path().join("forgotten.db")).await);
    let permit = PersonalTextPermit::own(Actor::Patient(patient(0)));
    let reader = PermittedReader::new(&permit, &unsealer);
    assert_eq!(
        sentences(&read_side, reader).await[3],
        "Somebody whose name was erased opened a report whose title was erased for treatment, \
         allowed by your consent of 23 November 2026 (UTC). No page was shown."
    );
    let consents = WhoCanSee::of(&*read_side.store, patient(0), ConsentFilter::Every, noon(), ALL);
    let name = consents.await.unwrap().items[0].grantee_name.clone().unwrap();
    let opened = reader.open_text(&name).await.unwrap();
    assert_eq!((opened.as_str(), &opened), ("erased", &Opened::Erased));
}

fn durable(stream: StreamName, actor: Actor, fact: impl Into<Fact>) -> Durable {
    Durable::vouch(samples::recorded(stream, actor, fact))
}

/// What every list shows of its sealed text: reports, consents, patients, the directory, the queue.
async fn opened_lists(read_side: &ReadSide, unsealer: &Unsealer) -> Vec<Vec<String>> {
    let store = &*read_side.store;
    let (p, d) = (patient(0), doctor(0));
    let text = |opened: Option<Opened>| opened.map(String::from).unwrap_or_default();
    let own = PersonalTextPermit::own(Actor::Patient(p));
    let shown = durable(StreamName::doctor(d), Actor::Doctor(d), samples::doctor_name_list_shown());
    let names = PersonalTextPermit::from_durable(&shown).unwrap();
    let own = PermittedReader::new(&own, unsealer);
    let names = PermittedReader::new(&names, unsealer);

    let found = MyReports::of(store, p, ALL).await.unwrap();
    let report = MyReports::opened(found, own).await.unwrap().items.remove(0);
    let found = WhoCanSee::of(store, p, ConsentFilter::Every, noon(), ALL).await.unwrap();
    let consent_given = WhoCanSee::opened(found, own).await.unwrap().items.remove(0);
    let whose = (p, consent_given.entry.consent.granted.consent);
    let again = WhoCanSee::grantee_name(store, whose, noon(), own).await.unwrap();
    let found = MyPatients::of(store, d, ALL).await.unwrap();
    let mine = MyPatients::opened(found, names).await.unwrap().items.remove(0);
    let found = People::verified_doctors(store, None, ALL).await.unwrap();
    let listed = People::opened(found, names).await.unwrap().items.remove(0);
    let found = VerificationQueue::of(store, Standing::Verified, ALL).await.unwrap();
    let queued = VerificationQueue::opened(found, names).await.unwrap().items.remove(0);
    let queued =
        [Some(queued.name), queued.licence, queued.issuer, queued.specialty_text, queued.note];
    vec![
        vec![String::from(report.title), text(report.uploaded_by_name)],
        vec![text(consent_given.grantee_name), text(again)],
        vec![text(mine.name)],
        vec![String::from(listed.name), text(listed.specialty_text)],
        queued.map(text).into(),
    ]
}

#[tokio::test]
async fn every_list_is_opened_by_its_permit_and_says_what_is_erased() {
    let folder = tempfile::tempdir().unwrap();
    let vault_kept = vault(&folder.path().join("vault.db")).await;
    let (_, read_side) = story(&*vault_kept).await;
    let bo = "Dr Bo Berg";
    assert_eq!(
        opened_lists(&read_side, &Unsealer(vault_kept)).await,
        [
            vec!["MRI of 3 May", bo],
            vec![bo, bo],
            vec!["Ana Alm"],
            vec![bo, "MRI"],
            vec![bo, "L-7", "Chamber", "MRI", "Saw the licence"],
        ]
    );
    let forgotten = Unsealer(vault(&folder.path().join("forgotten.db")).await);
    for list in opened_lists(&read_side, &forgotten).await {
        assert!(list.iter().all(|text| text == "erased"), "{list:?}");
    }
}

#[tokio::test]
async fn a_permit_opens_what_it_is_for_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(&folder.path().join("vault.db")).await;
    let (_, read_side) = story(&*vault).await;
    let unsealer = Unsealer(vault);
    let store = &*read_side.store;
    let d = doctor(0);
    let bo = Actor::Doctor(d);
    let title = MyReports::of(store, patient(0), ALL).await.unwrap().items[0].title.clone();
    let patients = MyPatients::of(store, d, ALL).await.unwrap();
    let name = patients.items[0].name.clone().unwrap();
    let email = People::find(store, Actor::Patient(patient(0))).await.unwrap().unwrap().email;

    let names = durable(StreamName::doctor(d), bo, samples::doctor_name_list_shown());
    let names = PersonalTextPermit::from_durable(&names).unwrap();
    let record = |whose: PatientId| {
        let shown = durable(StreamName::patient(whose), bo, list_shown(d));
        PersonalTextPermit::from_durable(&shown).unwrap()
    };
    let (anas, anothers) = (record(patient(0)), record(patient(1)));
    let own = PersonalTextPermit::own(bo);
    // Permit, opens the name, opens the title.
    for (permit, opens_name, opens_title) in
        [(&names, true, false), (&anas, true, true), (&anothers, true, false), (&own, false, false)]
    {
        let reader = PermittedReader::new(permit, &unsealer);
        let (name, title) = (reader.open_text(&name).await, reader.open_text(&title).await);
        assert_eq!(name.is_ok_and(|name| name.as_str() == "Ana Alm"), opens_name);
        match title {
            Ok(title) => assert_eq!((title.as_str(), opens_title), ("MRI of 3 May", true)),
            Err(PersonalTextError::NotPermitted) => assert!(!opens_title),
            Err(PersonalTextError::Port(error)) => panic!("{error}"),
        }
    }
    let reader = PermittedReader::new(&names, &unsealer);
    assert!(matches!(reader.open_text(&email).await, Err(PersonalTextError::NotPermitted)));
}
