//! The event line: a CloudEvents 1.0 object in canonical form, made once and never re-serialised.

use std::fmt::Write as _;

use serde_json::Value;
use uuid::Uuid;

use super::canonical::{self, NotCanonical};
use super::{LINE_BYTES_MAX, Position, StreamVersion};
use crate::actor::Actor;
use crate::fact::{Fact, FactError};
use crate::fold::Recorded;
use crate::ids::{EventHash, EventId, RequestDigest, StreamName, parse_uuid};
use crate::time::Moment;

/// Everything a line says, before it is bytes.
#[derive(Debug)]
pub struct Draft<'a> {
    /// The event's id; of the first event of an append, the request id.
    pub id: Uuid,
    /// The log's origin: a schema-less URL without port.
    pub source: &'a str,
    /// `feature.fact.vN`.
    pub kind: &'a str,
    /// The `now` the decision used.
    pub time: Moment,
    /// The stream.
    pub stream: &'a StreamName,
    /// Place in the stream.
    pub version: StreamVersion,
    /// Hash of the stream's previous event.
    pub prev: EventHash,
    /// Fresh randomness.
    pub salt: [u8; 16],
    /// Who acted.
    pub actor: &'a Actor,
    /// On whose behalf, where somebody acts for another.
    pub behalf: Option<&'a Actor>,
    /// The request id.
    pub cause: Uuid,
    /// The event it reacts to, of what happens by itself.
    pub cause_event: Option<EventId>,
    /// Digest of the caller's canonical request, if the caller gave an idempotency key.
    pub request: Option<RequestDigest>,
    /// The fact, every word in it sealed.
    pub data: &'a Value,
}

/// Why bytes are not a line, or a draft has none.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// The bytes are not their own RFC 8785 form.
    #[error(transparent)]
    NotCanonical(#[from] NotCanonical),
    /// More than 65,536 bytes.
    #[error("a line of {0} bytes is longer than 65,536")]
    TooLong(usize),
    /// A member is missing or not of its form.
    #[error("member {0:?} is missing or not of its form")]
    BadMember(&'static str),
    /// Clear personal text, where only sealed ones may stand.
    #[error("a member {0:?} would store clear personal text")]
    ClearWords(&'static str),
}

impl Draft<'_> {
    /// The line's bytes. Refuses what [`Envelope::read`] would refuse, and clear personal text anywhere.
    pub fn write(&self) -> Result<Vec<u8>, LineError> {
        refuse_clear_text(self.data)?;
        let mut text = String::with_capacity(640);
        // Writing to a String cannot fail; members stand in byte order, as RFC 8785 wants them.
        let _ = write!(text, r#"{{"actor":"{}""#, self.actor);
        if let Some(behalf) = self.behalf {
            let _ = write!(text, r#","behalf":"{behalf}""#);
        }
        let _ = write!(text, r#","cause":"{}""#, self.cause);
        if let Some(event) = self.cause_event {
            let _ = write!(text, r#","causeevent":"{event}""#);
        }
        text.push_str(r#","data":"#);
        let mut line = text.into_bytes();
        canonical::write(self.data, &mut line)?;
        let mut tail = String::with_capacity(400);
        let _ = write!(tail, r#","id":"{}","prev":"{}""#, self.id, self.prev);
        if let Some(digest) = &self.request {
            let _ = write!(tail, r#","request":"{digest}""#);
        }
        let _ = write!(
            tail,
            r#","salt":"{}","source":"{}","specversion":"1.0","stream":"{}","time":"{}","type":"{}","version":{}}}"#,
            hex::encode(self.salt),
            self.source,
            self.stream,
            self.time,
            self.kind,
            self.version
        );
        line.extend_from_slice(tail.as_bytes());
        if line.len() > LINE_BYTES_MAX {
            return Err(LineError::TooLong(line.len()));
        }
        Envelope::read(&line)?;
        Ok(line)
    }
}

fn refuse_clear_text(data: &Value) -> Result<(), LineError> {
    match data {
        Value::Object(members) => members.iter().try_for_each(|(name, member)| {
            if name == crate::personal_text::CLEAR_MEMBER {
                return Err(LineError::ClearWords(crate::personal_text::CLEAR_MEMBER));
            }
            refuse_clear_text(member)
        }),
        Value::Array(items) => items.iter().try_for_each(refuse_clear_text),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

/// A line's members, read from its exact bytes.
#[derive(Debug, Clone)]
pub struct Envelope<'a> {
    /// The event's id.
    pub id: EventId,
    /// The log's origin.
    pub source: &'a str,
    /// `feature.fact.vN`.
    pub kind: &'a str,
    /// The time the decision used.
    pub time: Moment,
    /// The stream.
    pub stream: StreamName,
    /// Place in the stream.
    pub version: StreamVersion,
    /// Hash of the previous line.
    pub prev: EventHash,
    /// Who acted; kept as text, for an actor of a later version is verified like any other.
    pub actor: &'a str,
    /// On whose behalf, as text for the same reason.
    pub behalf: Option<&'a str>,
    /// The request id.
    pub cause: &'a str,
    /// The event it reacts to.
    pub cause_event: Option<EventId>,
    /// Digest of the caller's request.
    pub request: Option<RequestDigest>,
    /// The fact, as raw JSON.
    pub data: &'a str,
}

#[derive(Default)]
struct Raw<'a> {
    actor: Option<&'a str>,
    behalf: Option<&'a str>,
    cause: Option<&'a str>,
    cause_event: Option<&'a str>,
    data: Option<&'a str>,
    id: Option<&'a str>,
    prev: Option<&'a str>,
    request: Option<&'a str>,
    salt: Option<&'a str>,
    source: Option<&'a str>,
    specversion: Option<&'a str>,
    stream: Option<&'a str>,
    time: Option<&'a str>,
    kind: Option<&'a str>,
    version: Option<&'a str>,
}

impl<'a> Raw<'a> {
    /// Files a member under its name. Unknown members are hashed and verified like any other.
    fn take(&mut self, name: &str, value: &'a str) {
        let slot = match name {
            "actor" => &mut self.actor,
            "behalf" => &mut self.behalf,
            "cause" => &mut self.cause,
            "causeevent" => &mut self.cause_event,
            "data" => &mut self.data,
            "id" => &mut self.id,
            "prev" => &mut self.prev,
            "request" => &mut self.request,
            "salt" => &mut self.salt,
            "source" => &mut self.source,
            "specversion" => &mut self.specversion,
            "stream" => &mut self.stream,
            "time" => &mut self.time,
            "type" => &mut self.kind,
            "version" => &mut self.version,
            _ => return,
        };
        *slot = Some(value);
    }
}

/// The inside of a JSON string that holds no escape: no envelope member needs one.
fn plain<'a>(name: &'static str, raw: Option<&'a str>) -> Result<&'a str, LineError> {
    raw.and_then(|raw| raw.strip_prefix('"')?.strip_suffix('"'))
        .filter(|text| !text.contains('\\') && !text.is_empty())
        .ok_or(LineError::BadMember(name))
}

fn read<T: std::str::FromStr>(name: &'static str, raw: Option<&str>) -> Result<T, LineError> {
    plain(name, raw)?.parse().map_err(|_| LineError::BadMember(name))
}

/// `feature.fact.vN`, N without leading zeros.
fn is_kind(kind: &str) -> bool {
    let word = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'))
    };
    let number = |text: &str| {
        text.starts_with(|c| matches!(c, '1'..='9')) && text.bytes().all(|b| b.is_ascii_digit())
    };
    let mut parts = kind.splitn(3, '.');
    parts.next().is_some_and(word)
        && parts.next().is_some_and(word)
        && parts.next().and_then(|version| version.strip_prefix('v')).is_some_and(number)
}

impl<'a> Envelope<'a> {
    /// Reads and checks a line: canonical bytes, length, and the form of every member of the envelope.
    /// Does not look at the fact: see [`Envelope::fact`].
    pub fn read(line: &'a [u8]) -> Result<Self, LineError> {
        if line.len() > LINE_BYTES_MAX {
            return Err(LineError::TooLong(line.len()));
        }
        let mut raw = Raw::default();
        canonical::members(line, |name, value| raw.take(name, value))?;
        if plain("specversion", raw.specversion)? != "1.0" {
            return Err(LineError::BadMember("specversion"));
        }
        let salt = plain("salt", raw.salt)?;
        if salt.len() != 32 || !salt.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(LineError::BadMember("salt"));
        }
        let version = raw.version.and_then(|text| text.parse::<u32>().ok());
        let version = version.filter(|v| i32::try_from(*v).is_ok());
        let data = raw.data.filter(|data| data.starts_with('{'));
        let kind = plain("type", raw.kind)?;
        if !is_kind(kind) {
            return Err(LineError::BadMember("type"));
        }
        let cause = plain("cause", raw.cause)?;
        parse_uuid(cause).ok_or(LineError::BadMember("cause"))?;
        Ok(Self {
            id: read("id", raw.id)?,
            source: plain("source", raw.source)?,
            kind,
            time: read("time", raw.time)?,
            stream: read("stream", raw.stream)?,
            version: StreamVersion(version.ok_or(LineError::BadMember("version"))?),
            prev: read("prev", raw.prev)?,
            actor: plain("actor", raw.actor)?,
            behalf: raw.behalf.map(|_| plain("behalf", raw.behalf)).transpose()?,
            cause,
            cause_event: raw
                .cause_event
                .map(|_| read("causeevent", raw.cause_event))
                .transpose()?,
            request: raw.request.map(|_| read("request", raw.request)).transpose()?,
            data: data.ok_or(LineError::BadMember("data"))?,
        })
    }

    /// The fact this line records.
    pub fn fact(&self) -> Result<Fact, FactError> {
        Fact::decode(self.kind, self.data)
    }

    /// The fact as it stands in the log at `position`.
    pub fn recorded(&self, position: Position) -> Result<Recorded, UnreadableEvent> {
        let account = |name, text: &str| text.parse().map_err(|_| LineError::BadMember(name));
        let actor = account("actor", self.actor)?;
        let behalf = self.behalf.map(|behalf| account("behalf", behalf)).transpose()?;
        Ok(Recorded {
            position,
            stream: self.stream.clone(),
            version: self.version,
            id: self.id,
            time: self.time,
            actor,
            behalf,
            cause_event: self.cause_event,
            fact: self.fact()?,
        })
    }
}

/// Why a stored line could not be folded.
#[derive(Debug, thiserror::Error)]
pub enum UnreadableEvent {
    /// The bytes are not a line.
    #[error(transparent)]
    Line(#[from] LineError),
    /// The fact is not one this version knows.
    #[error(transparent)]
    Fact(#[from] FactError),
}

impl super::Line {
    /// Reads the stored bytes as a fact that can be folded.
    pub fn recorded(&self) -> Result<Recorded, UnreadableEvent> {
        Envelope::read(&self.bytes)?.recorded(self.position)
    }
}
