//! Whom whoever checks believes: keys and a policy from elsewhere, or for want of them the log's own.

use std::fmt;
use std::path::Path;

use anyhow::Context as _;
use domain::journal::checkpoint::Checkpoint;
use domain::journal::note::{KeyKind, Note, NoteError, VerifierKey};
use domain::journal::witness_policy::{Disbelief, WitnessPolicy};

use crate::text_ends::as_written;

/// Where the log's keys come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum KeysFrom {
    /// From somewhere else than what is checked.
    Elsewhere,
    /// From what is checked: they show that it agrees with itself.
    Itself,
    /// There are none, and why.
    Nowhere(String),
}

/// Whom to believe.
pub struct TrustPolicy {
    /// Keys and witnesses.
    pub policy: WitnessPolicy,
    pub(super) keys: KeysFrom,
    /// Whether a checkpoint without the policy's quorum is a wrong one, or just one that nobody vouches for.
    pub(super) quorum_needed: bool,
}

/// A checkpoint as far as it is believed.
pub(super) struct JudgedCheckpoint {
    pub(super) checkpoint: Checkpoint,
    /// Names of witnesses that cosigned.
    pub(super) cosigned: Vec<String>,
    /// Why the policy's quorum is not there, if so.
    pub(super) no_quorum: Option<String>,
}

/// Why a checkpoint is not believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unbelieved {
    /// It could not be read: cut, or no checkpoint.
    Unread(String),
    /// It was read, and is not the log's.
    Wrong(String),
}

impl fmt::Display for Unbelieved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unread(why) | Self::Wrong(why) => f.write_str(why),
        }
    }
}

impl From<Disbelief> for Unbelieved {
    fn from(why: Disbelief) -> Self {
        let said = why.to_string();
        if why.is_unread() { Self::Unread(said) } else { Self::Wrong(said) }
    }
}

impl From<NoteError> for Unbelieved {
    fn from(why: NoteError) -> Self {
        Disbelief::from(why).into()
    }
}

/// What was brought from elsewhere.
#[derive(Default)]
pub struct Brought {
    policy: Option<WitnessPolicy>,
    keys: Vec<VerifierKey>,
}

impl Brought {
    /// Reads what somebody names.
    ///
    /// # Errors
    /// If the file cannot be read or is no policy, or a key is not one of a log.
    pub fn read(policy: Option<&Path>, keys: &[VerifierKey]) -> anyhow::Result<Self> {
        let read = |file: &Path| {
            let bytes = std::fs::read(file);
            let bytes = bytes.with_context(|| format!("{} cannot be read", file.display()))?;
            let text = String::from_utf8(as_written(&bytes).into_owned());
            let text = text.with_context(|| format!("{} is no text", file.display()))?;
            let policy = WitnessPolicy::parse(&text);
            policy.with_context(|| format!("{} is no witness policy", file.display()))
        };
        let policy = policy.map(read).transpose()?;
        if let Some(other) = keys.iter().find(|key| key.kind() != KeyKind::Ed25519) {
            anyhow::bail!(
                "{other} is a witness's key; --key takes a log's, and a policy file names witnesses"
            );
        }
        Ok(Self { policy, keys: keys.to_vec() })
    }

    /// Whether nothing was brought that tells whose the log is.
    pub fn has_keys(&self) -> bool {
        !self.keys.is_empty() || self.policy.as_ref().is_some_and(|policy| !policy.logs.is_empty())
    }

    /// Fills up what was not brought: the log's own keys, and the policy of the organisation.
    pub fn trust(
        self,
        own: Result<Vec<VerifierKey>, String>,
        own_policy: Option<WitnessPolicy>,
        quorum_only: bool,
    ) -> TrustPolicy {
        let has_keys = self.has_keys();
        let quorum_needed = self.policy.is_some() || quorum_only;
        let policy = self.policy.or(own_policy).unwrap_or_default();
        if has_keys {
            let keys = KeysFrom::Elsewhere;
            let policy = if self.keys.is_empty() { policy } else { policy.of_log(self.keys) };
            return TrustPolicy { policy, keys, quorum_needed };
        }
        match own {
            Ok(own) if !own.is_empty() => {
                TrustPolicy { policy: policy.of_log(own), keys: KeysFrom::Itself, quorum_needed }
            }
            Ok(_) => TrustPolicy {
                policy,
                keys: KeysFrom::Nowhere("none came with it".to_owned()),
                quorum_needed,
            },
            Err(why) => TrustPolicy { policy, keys: KeysFrom::Nowhere(why), quorum_needed },
        }
    }
}

impl TrustPolicy {
    /// The same, believing the log's keys only: what has not been to the witnesses yet.
    pub(super) fn keys_only(&self) -> WitnessPolicy {
        WitnessPolicy::of_logs(self.policy.logs.iter().map(|log| log.key.clone()))
    }

    /// Judges a checkpoint's bytes; `witnesses`: whether it has been to them.
    pub(super) fn judge(
        &self,
        bytes: &[u8],
        witnesses: bool,
    ) -> Result<JudgedCheckpoint, Unbelieved> {
        let note = Note::parse(bytes)?;
        if matches!(self.keys, KeysFrom::Nowhere(_)) {
            let checkpoint = Checkpoint::parse(&note.text)?;
            return Ok(JudgedCheckpoint { checkpoint, cosigned: Vec::new(), no_quorum: None });
        }
        let all = if witnesses { self.policy.judge(&note) } else { self.keys_only().judge(&note) };
        let (believed, no_quorum) = match all {
            Ok(believed) => (believed, None),
            Err(why @ Disbelief::NoQuorum { .. }) => {
                let believed = self.keys_only().judge(&note)?;
                (believed, Some(why.to_string()))
            }
            Err(why) => return Err(why.into()),
        };
        let cosigned = believed.cosigned.into_iter().map(|(name, _)| name).collect();
        Ok(JudgedCheckpoint { checkpoint: believed.checkpoint, cosigned, no_quorum })
    }
}

/// Reads keys, one a line.
pub(super) fn keys(text: &[u8]) -> Result<Vec<VerifierKey>, String> {
    let text = std::str::from_utf8(text).map_err(|error| error.to_string())?;
    text.lines().map(|line| line.parse().map_err(|error| format!("keys.txt: {error}"))).collect()
}
