//! A log as a clinic would leave it: patients with reports and a consent, looked at visit after visit. Real
//! facts, sealed personal text of the usual length, true chains and tags; many patients at once, so that
//! streams lie interleaved.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use commands::ports::event_store::{Append, EventStore, Length, NewLine, Request};
use commands::ports::key_vault::KeyVault;
use domain::access::event::{PageShown, RecordViewed, ViewTokenIssued, ViewingEnded};
use domain::access::ground::Ground;
use domain::access::policy::v1::{TOKEN_LIFE, VIEWING_LIFE};
use domain::actor::Actor;
use domain::consent::event::{ConsentGranted, ConsentRevoked};
use domain::consent::grantee::Grantee;
use domain::consent::scope::Scope;
use domain::fact::Fact;
use domain::identity::event::{DoctorRegistered, DoctorVerified, PatientRegistered, SessionOpened};
use domain::ids::{
    AdminId, BlobHash, ChallengeId, ConsentId, DoctorId, EventHash, PatientId, ReportId, SessionId,
    StreamName, TokenHash, ViewingId,
};
use domain::journal::{self, Draft, Leaf, StreamKey, StreamVersion};
use domain::personal_text::PersonalText;
use domain::records::Category;
use domain::records::event::ReportUploaded;
use domain::samples;
use domain::time::{Moment, Period};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use super::TestBed;
use super::digest::{digest, half, uuid};

/// Visits of one patient: a token, a viewing, three pages, the end.
const VISITS: u32 = 6;
/// Events that come with one patient: their own, and a session of their doctor.
const EVENTS: u64 = 5 + 6 * VISITS as u64 + 2;
/// Patients of one doctor.
const PATIENTS_OF_A_DOCTOR: u64 = 10;
/// Patients that are made at the same time.
const AT_ONCE: usize = 256;
/// Lines of one append.
const LINES: usize = 8;
const BEGIN: i64 = 1_790_000_000_000_000;

/// The log's origin.
pub const SOURCE: &str = "bench.medlock.example/log";

/// Makes a data folder whose log has at least `events` events, and closes it.
pub(super) async fn make(bed: &dyn TestBed, data: &Path, events: u64) -> anyhow::Result<()> {
    eprintln!("making a log of {events} events …");
    let made = bed.empty_log(data).await?;
    fill(made.events(), made.vault(), events).await?;
    made.close().await?;
    Ok(())
}

/// Fills a log with at least `events` events.
pub async fn fill(
    store: &Arc<dyn EventStore>,
    vault: &Arc<dyn KeyVault>,
    events: u64,
) -> anyhow::Result<()> {
    let patients = events.div_ceil(EVENTS);
    // A doctor is verified before anybody lets them in.
    let doctors = stream::iter(0..patients.div_ceil(PATIENTS_OF_A_DOCTOR)).map(|number| {
        let (store, vault) = (Arc::clone(store), Arc::clone(vault));
        tokio::spawn(async move { doctor(&*store, &*vault, number).await })
    });
    doctors.buffer_unordered(AT_ONCE).map(|made| made?).try_collect::<()>().await?;
    let patients = stream::iter(0..patients).map(|number| {
        let (store, vault) = (Arc::clone(store), Arc::clone(vault));
        tokio::spawn(async move { patient(&*store, &*vault, number).await })
    });
    patients.buffer_unordered(AT_ONCE).map(|made| made?).try_collect().await
}

/// A stream and where it stands.
struct Stream {
    name: StreamName,
    key: StreamKey,
    length: u32,
    prev: EventHash,
}

/// Who does something.
type Deed = (Actor, Fact);

impl Stream {
    async fn new(vault: &dyn KeyVault, name: StreamName) -> anyhow::Result<Self> {
        let owner = name.owner();
        vault.subject_key(owner).await?;
        let key = vault.stream_key(&name, owner).await?;
        Ok(Self { name, key, length: 0, prev: EventHash::ZERO })
    }

    async fn append(&mut self, store: &dyn EventStore, deeds: &[Deed]) -> anyhow::Result<()> {
        for deeds in deeds.chunks(LINES) {
            let expected = Length(self.length);
            let lines: anyhow::Result<Vec<_>> = deeds.iter().map(|deed| self.line(deed)).collect();
            let request = Request::Once(uuid(&format!("{}/{}", self.name, expected.0), "request"));
            let stream = self.name.clone();
            let preconditions = Vec::new();
            let lines = lines?;
            store.append(Append { stream, expected, lines, preconditions, request }).await?;
        }
        Ok(())
    }

    fn line(&mut self, (actor, fact): &Deed) -> anyhow::Result<NewLine> {
        let place = format!("{}/{}", self.name, self.length);
        let version = StreamVersion(self.length);
        let data = fact.data()?;
        let draft = Draft {
            id: uuid(&place, "event"),
            source: SOURCE,
            time: moment(self.length),
            version,
            prev: self.prev,
            salt: half(&place, "salt"),
            cause: uuid(&place, "request"),
            ..samples::draft(&self.name, actor, fact.kind(), &data)
        };
        let bytes = draft.write()?;
        self.prev = journal::hash(&bytes);
        self.length += 1;
        let leaf = Leaf::of(&self.key, version, &bytes);
        Ok(NewLine { bytes, leaf })
    }
}

/// A doctor registers and is verified.
async fn doctor(store: &dyn EventStore, vault: &dyn KeyVault, number: u64) -> anyhow::Result<()> {
    let doctor = format!("doctor {number}");
    let stream = Stream::new(vault, StreamName::doctor(DoctorId::new(uuid(&doctor, "id"))));
    stream.await?.append(store, &doctors_story(vault, &doctor).await?).await
}

/// Everything that happens to one patient.
async fn patient(store: &dyn EventStore, vault: &dyn KeyVault, number: u64) -> anyhow::Result<()> {
    let doctor = format!("doctor {}", number / PATIENTS_OF_A_DOCTOR);
    let name = format!("patient {number}");
    let patient = PatientId::new(uuid(&name, "id"));
    let session = SessionId::new(uuid(&name, "session"));
    let mut session_stream = Stream::new(vault, StreamName::session(session)).await?;
    let mut patient_stream = Stream::new(vault, StreamName::patient(patient)).await?;
    let story = patients_story(vault, &name, DoctorId::new(uuid(&doctor, "id"))).await?;
    let [opened, ended] = session_of(session, DoctorId::new(uuid(&doctor, "id")));
    session_stream.append(store, &[opened]).await?;
    patient_stream.append(store, &story).await?;
    session_stream.append(store, &[ended]).await
}

async fn doctors_story(vault: &dyn KeyVault, name: &str) -> anyhow::Result<Vec<Deed>> {
    let doctor = DoctorId::new(uuid(name, "id"));
    let registered = DoctorRegistered {
        doctor,
        name: words(64),
        email: words(64),
        licence: words(32),
        issuer: words(32),
        specialty_text: words(32),
        key: vault.subject_key(Actor::Doctor(doctor).owner()).await?,
        ..samples::doctor_registered()
    };
    let verified = DoctorVerified { evidence: words(96), ..samples::doctor_verified() };
    let admin = Actor::Admin(AdminId::new(uuid("admin", "id")));
    Ok(vec![(Actor::Doctor(doctor), registered.into()), (admin, verified.into())])
}

fn session_of(session: SessionId, doctor: DoctorId) -> [Deed; 2] {
    let account = Actor::Doctor(doctor);
    let until = moment(9_999);
    let opened = SessionOpened { session, account, until, ..samples::session_opened() };
    [(account, opened.into()), (account, samples::session_ended().into())]
}

async fn patients_story(
    vault: &dyn KeyVault,
    name: &str,
    doctor: DoctorId,
) -> anyhow::Result<Vec<Deed>> {
    let patient = PatientId::new(uuid(name, "id"));
    let me = Actor::Patient(patient);
    let key = vault.subject_key(me.owner()).await?;
    let key_id = key.key_id;
    let registered = PatientRegistered {
        patient,
        name: words(64),
        birth_date: words(32),
        email: words(64),
        key,
        ..samples::patient_registered()
    };
    let mut story = vec![(me, registered.into())];
    let reports = ["first report", "second report"].map(|which| ReportId::new(uuid(name, which)));
    for report in reports {
        let uploaded = ReportUploaded {
            report,
            title: words(64),
            size: 120_000,
            blob: BlobHash(digest(name, "blob")),
            key_id,
            ..samples::report_uploaded()
        };
        story.push((me, uploaded.into()));
    }
    let consent = ConsentId::new(uuid(name, "consent"));
    let granted = ConsentGranted {
        consent,
        grantee: Grantee::Doctor(doctor),
        scope: Scope::Categories { categories: BTreeSet::from([Category::Laboratory]) },
        period: Period { from: moment(0), until: moment(9_999) },
        step_up: ChallengeId::new(uuid(name, "step-up")),
        ..samples::consent_granted()
    };
    story.push((me, granted.into()));
    for visit in 0..VISITS {
        let now = u32::try_from(story.len())?;
        story.extend(visits(name, (visit, now), (doctor, consent, reports[0])));
    }
    story.push((me, ConsentRevoked { consent, ..samples::consent_revoked() }.into()));
    Ok(story)
}

fn visits(
    name: &str,
    (visit, now): (u32, u32),
    (doctor, consent, report): (DoctorId, ConsentId, ReportId),
) -> Vec<Deed> {
    let visit = format!("{name}/{visit}");
    let token_hash = TokenHash(digest(&visit, "token"));
    let session = SessionId::new(uuid(name, "session"));
    let viewing = ViewingId::new(uuid(&visit, "viewing"));
    let ground = Ground::Consent { consent };
    let token = ViewTokenIssued {
        token_hash,
        doctor,
        session,
        report,
        ground,
        until: moment(now).plus(TOKEN_LIFE),
        ..samples::view_token_issued()
    };
    let viewed = RecordViewed {
        viewing,
        token_hash,
        doctor,
        session,
        report,
        ground,
        until: moment(now + 1).plus(VIEWING_LIFE),
        ..samples::record_viewed()
    };
    let page =
        |page| PageShown { viewing, report, doctor, page, ground, ..samples::page_shown() }.into();
    let pages = (1..=3).map(page);
    let ended = ViewingEnded { viewing, ..samples::viewing_ended() };
    let facts = [token.into(), viewed.into()].into_iter().chain(pages).chain([ended.into()]);
    facts.map(|fact: Fact| (Actor::Doctor(doctor), fact)).collect()
}

/// As long as sealed personal text of `length` bytes are: key id, nonce and tag besides, in base64.
fn words(length: usize) -> PersonalText {
    samples::sealed(&"A".repeat(((16 + 12 + length + 16) * 4).div_ceil(3)))
}

fn moment(second: u32) -> Moment {
    Moment::from_micros(BEGIN).plus(Duration::from_secs(second.into()))
}
