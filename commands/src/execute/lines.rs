//! Facts become lines: sealed, chained, each with its leaf.

use domain::fact::Fact;
use domain::ids::{EventHash, EventId, Owner, StreamName};
use domain::journal::{self, Draft, Leaf, StreamVersion};
use domain::time::Moment;
use domain::words::{CLEAR_MEMBER, SEALED_MEMBER};
use serde_json::Value;

use super::{Caller, ExecuteError, Executor};
use crate::ports::event_store::{Length, NewLine, Request};

/// What every line of one append shares.
pub(super) struct Making<'a> {
    pub(super) caller: Caller,
    /// The caller's; another one for a refusal, which is decided anew when the request comes again.
    pub(super) request: Request,
    pub(super) now: Moment,
    pub(super) stream: &'a StreamName,
    pub(super) owner: Owner,
}

impl Executor {
    /// Makes the lines of one append: each hashed into the next, words sealed, a leaf for each.
    pub(super) async fn make_lines(
        &self,
        making: &Making<'_>,
        facts: &[Fact],
        length: Length,
        head: EventHash,
    ) -> Result<Vec<NewLine>, ExecuteError> {
        let stream_key = self.vault.stream_key(making.stream, making.owner).await?;
        let mut prev = head;
        let mut lines = Vec::with_capacity(facts.len());
        for (version, fact) in (length.0..).zip(facts) {
            let first = version == length.0;
            let id = if first { making.request.id() } else { self.entropy.uuid(making.now) };
            let mut data = fact.data().map_err(|_| ExecuteError::Defect("a fact without data"))?;
            self.seal_words(making.owner, EventId::new(id), &mut data).await?;
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
            lines.push(NewLine { bytes, leaf });
        }
        Ok(lines)
    }

    /// Replaces clear words by sealed ones, wherever they stand.
    async fn seal_words(
        &self,
        owner: Owner,
        event: EventId,
        data: &mut Value,
    ) -> Result<(), ExecuteError> {
        let mut found = Vec::new();
        find_clear_words(data, "/data", &mut found);
        for (pointer, words) in found {
            let sealed = self.vault.seal(owner, event, &pointer, &words).await?;
            if let Some(place) = data.pointer_mut(&pointer["/data".len()..]) {
                *place = serde_json::json!({ SEALED_MEMBER: sealed });
            }
        }
        Ok(())
    }
}

/// Clear words and the RFC 6901 pointers, from the event's root, of where they stand.
fn find_clear_words(value: &Value, pointer: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) => {
            if let (Some(Value::String(words)), 1) = (members.get(CLEAR_MEMBER), members.len()) {
                found.push((pointer.to_owned(), words.clone()));
                return;
            }
            for (name, member) in members {
                find_clear_words(member, &format!("{pointer}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                find_clear_words(item, &format!("{pointer}/{i}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
