//! Samples of every event type: lines as some version of this program wrote them, decoded for ever.
//!
//! A sample is never rewritten. A fact that changes its form gets a new type and a new sample beside the
//! old one.

pub mod catalogue;

use std::fmt;
use std::fs;
use std::io;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::access::event::AccessFact;
use domain::actor::Actor;
use domain::audit::event::LogFact;
use domain::fact::Fact;
use domain::ids::{AdminId, DoctorId, LoginHash, PatientId, SessionId, StreamName};
use domain::journal::canonical;
use domain::journal::line::{Draft, Envelope};
use domain::personal_text::{CLEAR_MEMBER, SEALED_MEMBER};
use domain::samples;
use domain::time::Moment;
use serde_json::{Value, json};
use uuid::Uuid;

/// Patient Ana, in every sample.
const ANA: PatientId = PatientId::new(Uuid::from_u128(0x0192_f3c4_0000_7000_8000_0000_0000_00a1));
/// Doctor Bo.
const BO: DoctorId = DoctorId::new(Uuid::from_u128(0x0192_f3c4_0000_7000_8000_0000_0000_00b0));
/// Admin Cy.
const CY: AdminId = AdminId::new(Uuid::from_u128(0x0192_f3c4_0000_7000_8000_0000_0000_00c1));
/// Bo's session.
const SESSION: SessionId =
    SessionId::new(Uuid::from_u128(0x0192_f3c4_0000_7000_8000_0000_0000_005e));
/// 2026-11-23T08:00:00Z, in microseconds.
const TIME: i64 = 1_795_420_800_000_000;

/// Why a line is no sample, or cannot become one: a sentence for whoever adds it.
#[derive(Debug, PartialEq, Eq)]
pub struct NoSample(String);

impl fmt::Display for NoSample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn no_sample(why: impl ToString) -> NoSample {
    NoSample(why.to_string())
}

/// The file of a type's samples.
pub fn file(kind: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "golden", "events", &format!("{kind}.jsonl")].iter().collect()
}

/// A type's samples, a line each.
pub fn samples(kind: &str) -> io::Result<Vec<String>> {
    Ok(fs::read_to_string(file(kind))?.lines().map(str::to_owned).collect())
}

/// Reads a sample: a valid line of this type, whose fact says again exactly what the line says.
pub fn decode(kind: &str, line: &str) -> Result<Fact, NoSample> {
    let envelope = Envelope::read(line.as_bytes()).map_err(no_sample)?;
    if envelope.kind != kind {
        return Err(no_sample(format!("a line of type {}", envelope.kind)));
    }
    let fact = envelope.fact().map_err(no_sample)?;
    let again = canonical_data(&fact)?;
    if again != envelope.data {
        return Err(no_sample(format!("is read, but would be written as {again}")));
    }
    Ok(fact)
}

fn canonical_data(fact: &Fact) -> Result<String, NoSample> {
    let mut bytes = Vec::new();
    canonical::write(&fact.data().map_err(no_sample)?, &mut bytes).map_err(no_sample)?;
    String::from_utf8(bytes).map_err(no_sample)
}

/// Adds a sample of a type. `data` is the fact as a decision writes it, words in the clear as
/// `{"seal": "…"}`; they become a fixed sealed value. Samples that are there already stay as they are.
pub fn add(kind: &str, data: &str) -> Result<PathBuf, NoSample> {
    let file = file(kind);
    let before = if file.exists() { samples(kind).map_err(no_sample)? } else { Vec::new() };
    let line = line(kind, data, before.len())?;
    let fact = decode(kind, &line)?;
    if before.iter().any(|sample| decode(kind, sample).is_ok_and(|known| known == fact)) {
        return Err(no_sample("the same fact is a sample already"));
    }
    let text: String = before.iter().chain([&line]).flat_map(|line| [line, "\n"]).collect();
    fs::write(&file, text).map_err(no_sample)?;
    Ok(file)
}

fn line(kind: &str, data: &str, number: usize) -> Result<String, NoSample> {
    let mut data: Value = serde_json::from_str(data).map_err(no_sample)?;
    seal(&mut data, kind);
    let fact = Fact::decode(kind, &data.to_string()).map_err(no_sample)?;
    let (stream, actor) = place(&fact);
    let id = uuid(&format!("{kind} event {number}"));
    let mut salt = [0; 16];
    salt.copy_from_slice(&fixed(&format!("{kind} salt {number}"))[..16]);
    let time = Moment::from_micros(TIME);
    let draft = Draft { id, time, salt, cause: id, ..samples::draft(&stream, &actor, kind, &data) };
    String::from_utf8(draft.write().map_err(no_sample)?).map_err(no_sample)
}

/// Where a fact is written, and by whom.
fn place(fact: &Fact) -> (StreamName, Actor) {
    match fact {
        Fact::Patient(_) | Fact::Consent(_) | Fact::Access(AccessFact::Downloaded(_)) => {
            (StreamName::patient(ANA), Actor::Patient(ANA))
        }
        Fact::Records(_) | Fact::Access(_) => (StreamName::patient(ANA), Actor::Doctor(BO)),
        Fact::Doctor(_) => (StreamName::doctor(BO), Actor::Admin(CY)),
        Fact::Admin(_) => (StreamName::account(CY), Actor::Admin(CY)),
        Fact::Admins(_) => (StreamName::admins(), Actor::Admin(CY)),
        Fact::Login(_) => (StreamName::login(&LoginHash(fixed("ana@example.org"))), Actor::System),
        Fact::Session(_) => (StreamName::session(SESSION), Actor::Doctor(BO)),
        Fact::Factor(_) => (StreamName::factors(BO.uuid()), Actor::Doctor(BO)),
        Fact::Log(LogFact::Continued(_)) => (StreamName::log(1), Actor::System),
        Fact::Log(_) => (StreamName::log(0), Actor::System),
    }
}

/// Replaces clear personal text by a sealed value of the right length that nobody can open.
fn seal(value: &mut Value, label: &str) {
    match value {
        Value::Object(members) => {
            if let Some(words) = members.get(CLEAR_MEMBER).and_then(Value::as_str) {
                let blocks = words.len() / 32 + 1;
                let mut sealed = vec![0; 16 + 12 + 32 * blocks + 16];
                hasher(&format!("{label}/{words}")).finalize_xof().fill(&mut sealed);
                *value = json!({ SEALED_MEMBER: URL_SAFE_NO_PAD.encode(&sealed) });
            } else {
                members.values_mut().for_each(|member| seal(member, label));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| seal(item, label)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn hasher(label: &str) -> blake3::Hasher {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"medlock golden samples: ").update(label.as_bytes());
    hasher
}

/// Stands in for randomness: the same bytes for the same label.
fn fixed(label: &str) -> [u8; 32] {
    *hasher(label).finalize().as_bytes()
}

fn uuid(label: &str) -> Uuid {
    let mut random = [0; 10];
    random.copy_from_slice(&fixed(label)[..10]);
    let millis = u64::try_from(TIME / 1_000).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}
