//! Facts become lines: sealed, chained, each with its leaf.

use std::sync::Arc;

use domain::fact::Fact;
use domain::fold::Recorded;
use domain::ids::{EventHash, EventId, Owner, StreamName};
use domain::journal::{self, Draft, Envelope, Leaf, Position, StreamVersion};
use domain::personal_text::{CLEAR_MEMBER, SEALED_MEMBER};
use domain::time::Moment;
use serde_json::Value;

use super::caller::Caller;
use super::error::ExecuteError;
use crate::folds::Placed;
use crate::ports::event_store::{Length, NewLine, Request};
use crate::ports::key_vault::KeyVault;
use crate::ports::world::Entropy;

/// What every line of one append shares.
pub(super) struct Making<'a> {
    pub(super) caller: Caller,
    /// The caller's; another one for a refusal, which is decided anew when the request comes again.
    pub(super) request: Request,
    pub(super) now: Moment,
    pub(super) stream: &'a StreamName,
    pub(super) owner: Owner,
}

/// What a line that was made will stand for once it is durable. Its fact is not read back from the bytes:
/// they were made of it.
pub(super) struct MadeLine {
    id: EventId,
    version: StreamVersion,
    fact: Fact,
    hash: EventHash,
}

impl MadeLine {
    /// The event, at the place that the store gave it.
    pub(super) fn placed(self, making: &Making<'_>, position: Position) -> Placed {
        let Self { id, version, fact, hash } = self;
        let Caller { actor, behalf, cause_event, .. } = making.caller;
        let stream = making.stream.clone();
        let time = making.now;
        let recorded =
            Recorded { position, stream, version, id, time, actor, behalf, cause_event, fact };
        Placed { recorded, hash }
    }
}

/// Makes lines: what they are sealed and salted with, and the log they name.
pub(super) struct LineMaker {
    vault: Arc<dyn KeyVault>,
    entropy: Arc<dyn Entropy>,
    source: String,
}

impl LineMaker {
    pub(super) const fn new(
        vault: Arc<dyn KeyVault>,
        entropy: Arc<dyn Entropy>,
        source: String,
    ) -> Self {
        Self { vault, entropy, source }
    }

    /// The name of the log, which every line carries.
    pub(super) fn source(&self) -> &str {
        &self.source
    }

    /// Makes the lines of one append: each hashed into the next, personal text sealed, a leaf for each.
    pub(super) async fn make(
        &self,
        making: &Making<'_>,
        facts: Vec<Fact>,
        length: Length,
        head: EventHash,
    ) -> Result<(Vec<NewLine>, Vec<MadeLine>), ExecuteError> {
        let stream_key = self.vault.stream_key(making.stream, making.owner).await?;
        let mut prev = head;
        let (mut lines, mut made) = (Vec::new(), Vec::new());
        for (version, fact) in (length.0..).zip(facts) {
            let first = version == length.0;
            let id = if first { making.request.id() } else { self.entropy.uuid(making.now) };
            let (fact, data) = self.seal(making.owner, EventId::new(id), fact).await?;
            let mut salt = [0; 16];
            self.entropy.fill(&mut salt);
            let digest = match making.request {
                Request::Keyed { digest, .. } if first => Some(digest),
                Request::Keyed { .. } | Request::Once(_) => None,
            };
            let draft = Draft {
                id,
                source: &self.source,
                kind: fact.kind(),
                time: making.now,
                stream: making.stream,
                version: StreamVersion(version),
                prev,
                salt,
                actor: &making.caller.actor,
                behalf: making.caller.behalf.as_ref(),
                cause: making.request.id(),
                cause_event: making.caller.cause_event,
                request: digest,
                data: &data,
            };
            let bytes = draft.write()?;
            prev = journal::hash(&bytes);
            let leaf = Leaf::of(&stream_key, StreamVersion(version), &bytes);
            debug_assert!(says(&bytes, &fact), "a line does not say what was decided");
            lines.push(NewLine { bytes, leaf });
            let id = EventId::new(id);
            let version = StreamVersion(version);
            made.push(MadeLine { id, version, fact, hash: prev });
        }
        Ok((lines, made))
    }

    /// A fact as it stands in the log, and its data. Only a fact that holds personal text is another one
    /// then.
    async fn seal(
        &self,
        owner: Owner,
        event: EventId,
        fact: Fact,
    ) -> Result<(Fact, Value), ExecuteError> {
        let mut data = fact.data().map_err(|_| ExecuteError::Defect("a fact without data"))?;
        if !self.seal_text(owner, event, &mut data).await? {
            return Ok((fact, data));
        }
        let sealed = Fact::decode(fact.kind(), &data.to_string());
        let sealed = sealed.map_err(|_| ExecuteError::Defect("a fact that cannot be sealed"))?;
        Ok((sealed, data))
    }

    /// Replaces clear personal text by sealed ones, wherever they stand; answers whether there were any.
    async fn seal_text(
        &self,
        owner: Owner,
        event: EventId,
        data: &mut Value,
    ) -> Result<bool, ExecuteError> {
        let mut found = Vec::new();
        find_clear_text(data, "/data", &mut found);
        let any = !found.is_empty();
        for (pointer, words) in found {
            let sealed = self.vault.seal(owner, event, &pointer, &words).await?;
            if let Some(place) = data.pointer_mut(&pointer["/data".len()..]) {
                *place = serde_json::json!({ SEALED_MEMBER: sealed });
            }
        }
        Ok(any)
    }
}

/// Whether a line says this fact: what the write loop takes for granted of what it has just made.
fn says(bytes: &[u8], fact: &Fact) -> bool {
    let said = Envelope::read(bytes).ok().and_then(|envelope| envelope.fact().ok());
    said.as_ref() == Some(fact)
}

/// Clear personal text and the RFC 6901 pointers, from the event's root, of where they stand.
fn find_clear_text(value: &Value, pointer: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) => {
            if let (Some(Value::String(words)), 1) = (members.get(CLEAR_MEMBER), members.len()) {
                found.push((pointer.to_owned(), words.clone()));
                return;
            }
            for (name, member) in members {
                find_clear_text(member, &format!("{pointer}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                find_clear_text(item, &format!("{pointer}/{i}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
