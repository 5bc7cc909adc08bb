//! Whom we believe: a c2sp.org/tlog-policy file names logs, witnesses and how many of them must have signed.

use std::collections::{BTreeMap, BTreeSet};

use super::checkpoint::Checkpoint;
use super::note::{KeyKind, Note, NoteError, Signed, VerifierKey};

/// A log or a witness that a policy names, and where it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// Its name within the policy; a log's is its origin.
    pub name: String,
    /// Its key.
    pub key: VerifierKey,
    /// Where it answers, if the policy says so.
    pub url: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum QuorumRule {
    Witness(usize),
    Group { threshold: usize, members: Vec<QuorumRule> },
}

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WitnessPolicy {
    /// The logs that may have signed.
    pub logs: Vec<Party>,
    /// The witnesses that may have cosigned.
    pub witnesses: Vec<Party>,
    quorum: Option<QuorumRule>,
}

/// Why a file is no policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the witness policy: {what}")]
pub struct PolicyError {
    /// Which line, from 1; one more than there are, where something is missing.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

/// Why a checkpoint is not believed under a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Disbelief {
    /// Not a note, not a checkpoint, or a bad signature by a known key.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// None of the logs signed it.
    #[error("no log that the policy names has signed it")]
    NoLog,
    /// A log signed under an origin that is not its own.
    #[error("it is signed by the log {signer} but says it is of {origin}")]
    Origin {
        /// Who signed.
        signer: String,
        /// What the text says.
        origin: String,
    },
    /// Not enough witnesses cosigned it.
    #[error("{signed} of the policy's {known} witnesses have cosigned it, which is no quorum")]
    NoQuorum {
        /// How many did.
        signed: usize,
        /// How many there are.
        known: usize,
    },
}

impl Disbelief {
    /// Whether it could not be read, by its form: nobody who signed it said anything false.
    pub const fn is_unread(&self) -> bool {
        matches!(self, Self::Note(NoteError::Form(_) | NoteError::Key(_)))
    }
}

/// A checkpoint that a policy believes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Believed {
    /// The tree.
    pub checkpoint: Checkpoint,
    /// Which witnesses cosigned it, and when, Unix seconds.
    pub cosigned: Vec<(String, u64)>,
}

#[derive(Default)]
struct PolicyParser {
    policy: WitnessPolicy,
    /// What a name stands for, until a group takes it in.
    names: BTreeMap<String, Option<QuorumRule>>,
    quorum_seen: bool,
}

impl WitnessPolicy {
    /// Reads a policy file.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let mut reading = PolicyParser::default();
        let mut line = 0;
        for (index, row) in text.lines().enumerate() {
            line = index + 1;
            let error = |what| PolicyError { line, what };
            if row.contains(|c: char| c.is_ascii_control() && c != '\t') {
                return Err(error("a control character".to_owned()));
            }
            let words: Vec<&str> = row.split([' ', '\t']).filter(|word| !word.is_empty()).collect();
            match words.split_first() {
                Some((word, rest)) if !word.starts_with('#') => {
                    reading.take(word, rest).map_err(error)?;
                }
                Some(_) | None => {}
            }
        }
        if reading.quorum_seen {
            Ok(reading.policy)
        } else {
            Err(PolicyError { line: line + 1, what: "there is no quorum line".to_owned() })
        }
    }

    /// A policy that believes these logs and asks for no witness.
    pub fn of_logs(keys: impl IntoIterator<Item = VerifierKey>) -> Self {
        let party = |key: VerifierKey| Party { name: key.name().to_owned(), key, url: None };
        Self { logs: keys.into_iter().map(party).collect(), ..Self::default() }
    }

    /// The same policy for this log and no other.
    #[must_use]
    pub fn of_log(self, keys: impl IntoIterator<Item = VerifierKey>) -> Self {
        Self { logs: Self::of_logs(keys).logs, ..self }
    }

    /// Whether a cosignature of anybody is asked for.
    pub const fn wants_witnesses(&self) -> bool {
        self.quorum.is_some()
    }

    /// Judges a checkpoint.
    pub fn judge(&self, note: &Note) -> Result<Believed, Disbelief> {
        let checkpoint = Checkpoint::parse(&note.text)?;
        let logs = note.signed_by(self.logs.iter().map(|log| &log.key))?;
        let signer = logs.first().ok_or(Disbelief::NoLog)?.key.name().to_owned();
        if logs.iter().all(|signed| signed.key.name() != checkpoint.origin) {
            return Err(Disbelief::Origin { signer, origin: checkpoint.origin });
        }
        let signed = note.signed_by(self.witnesses.iter().map(|witness| &witness.key))?;
        let cosigned = self.cosigned(&signed);
        let known = self.witnesses.len();
        if self.quorum.as_ref().is_none_or(|rule| self.fulfils(rule, &cosigned)) {
            Ok(Believed { checkpoint, cosigned })
        } else {
            Err(Disbelief::NoQuorum { signed: cosigned.len(), known })
        }
    }

    fn cosigned(&self, signed: &[Signed<'_>]) -> Vec<(String, u64)> {
        let time = |witness: &Party| {
            let signed = signed.iter().find(|signed| *signed.key == witness.key)?;
            Some((witness.name.clone(), signed.time?))
        };
        self.witnesses.iter().filter_map(time).collect()
    }

    fn fulfils(&self, rule: &QuorumRule, cosigned: &[(String, u64)]) -> bool {
        match rule {
            QuorumRule::Witness(index) => {
                let name = self.witnesses.get(*index).map(|witness| &witness.name);
                name.is_some_and(|name| cosigned.iter().any(|(signed, _)| signed == name))
            }
            QuorumRule::Group { threshold, members } => {
                members.iter().filter(|member| self.fulfils(member, cosigned)).count() >= *threshold
            }
        }
    }
}

/// What a policy says to those who check with it: keys, groups and the quorum. Where somebody answers, and
/// what is noted beside it, is the business of whoever asks: an address may hold a password.
pub fn without_addresses(text: &str) -> String {
    let mut said = String::new();
    for row in text.lines() {
        let words: Vec<&str> = row.split([' ', '\t']).filter(|word| !word.is_empty()).collect();
        let kept = match words.first().copied() {
            None => continue,
            Some(comment) if comment.starts_with('#') => continue,
            Some("log") => words.len().min(2),
            Some("witness") => words.len().min(3),
            Some(_) => words.len(),
        };
        said += &words[..kept].join(" ");
        said.push('\n');
    }
    said
}

impl PolicyParser {
    fn take(&mut self, word: &str, rest: &[&str]) -> Result<(), String> {
        match (word, rest) {
            ("log", [key] | [key, _]) => {
                let key = read_key(key, KeyKind::Ed25519)?;
                let name = key.name().to_owned();
                fresh(&self.policy.logs, &key)?;
                let url = rest.get(1).map(|url| (*url).to_owned());
                self.policy.logs.push(Party { name, key, url });
            }
            ("witness", [name, key] | [name, key, _]) => {
                let key = read_key(key, KeyKind::Cosignature)?;
                fresh(&self.policy.witnesses, &key)?;
                self.name(name, QuorumRule::Witness(self.policy.witnesses.len()))?;
                let url = rest.get(2).map(|url| (*url).to_owned());
                self.policy.witnesses.push(Party { name: (*name).to_owned(), key, url });
            }
            ("group", [name, threshold, members @ ..]) if !members.is_empty() => {
                let group = self.group(threshold, members)?;
                self.name(name, group)?;
            }
            ("quorum", [name]) => self.quorum(name)?,
            _ => return Err(format!("{word:?} and what follows it say nothing a policy can say")),
        }
        Ok(())
    }

    fn name(&mut self, name: &str, rule: QuorumRule) -> Result<(), String> {
        if name == "none" || self.names.contains_key(name) {
            return Err(format!("the name {name:?} is taken"));
        }
        self.names.insert(name.to_owned(), Some(rule));
        Ok(())
    }

    /// A name counts in one group only, so that nobody counts twice.
    fn member(&mut self, name: &str) -> Result<QuorumRule, String> {
        let rule =
            self.names.get_mut(name).ok_or_else(|| format!("{name:?} is not named before"))?;
        rule.take().ok_or_else(|| format!("{name:?} is in a group already"))
    }

    fn group(&mut self, threshold: &str, members: &[&str]) -> Result<QuorumRule, String> {
        let threshold = match threshold {
            "any" => 1,
            "all" => members.len(),
            number => number.parse().map_err(|_| format!("{number:?} is no number"))?,
        };
        if threshold == 0 || threshold > members.len() {
            return Err(format!("{threshold} of {} members", members.len()));
        }
        let once: BTreeSet<&&str> = members.iter().collect();
        if once.len() < members.len() {
            return Err("a member stands twice".to_owned());
        }
        let members: Result<Vec<QuorumRule>, String> =
            members.iter().map(|name| self.member(name)).collect();
        Ok(QuorumRule::Group { threshold, members: members? })
    }

    fn quorum(&mut self, name: &str) -> Result<(), String> {
        if self.quorum_seen {
            return Err("there is a quorum line already".to_owned());
        }
        self.quorum_seen = true;
        if name != "none" {
            self.policy.quorum = Some(self.member(name)?);
        }
        Ok(())
    }
}

fn read_key(text: &str, kind: KeyKind) -> Result<VerifierKey, String> {
    let key: VerifierKey = text.parse().map_err(|error: NoteError| error.to_string())?;
    if key.kind() == kind { Ok(key) } else { Err("the key is of the wrong kind here".to_owned()) }
}

/// Two names for one key would let one party count twice.
fn fresh(parties: &[Party], key: &VerifierKey) -> Result<(), String> {
    match parties.iter().find(|party| party.key.bytes() == key.bytes()) {
        Some(party) => Err(format!("the key is that of {} already", party.name)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::note::NoteKey;

    #[test]
    fn without_addresses_a_policy_believes_the_same_and_names_no_place() {
        let text = policy().replace("https://", "https://ana:hunter2@") + "# hunter2 is for Y1\n";
        let told = without_addresses(&text);
        assert!(!told.contains("hunter2") && !told.contains("https"), "{told}");
        let mut whole = WitnessPolicy::parse(&text).unwrap();
        whole.witnesses.iter_mut().for_each(|witness| witness.url = None);
        assert_eq!(WitnessPolicy::parse(&told).unwrap(), whole);
    }

    fn log() -> NoteKey {
        NoteKey::new("a/log", KeyKind::Ed25519, &[9; 32]).unwrap()
    }

    fn witness(seed: u8) -> NoteKey {
        NoteKey::new(&format!("w{seed}"), KeyKind::Cosignature, &[seed; 32]).unwrap()
    }

    /// Two of X1..X3 and any of Y1, Y2.
    fn policy() -> String {
        let mut text = format!("# ours\nlog {}\n\n", log().public());
        for (name, seed) in [("X1", 1), ("X2", 2), ("X3", 3), ("Y1", 4), ("Y2", 5)] {
            text += &format!(" witness\t{name} {} https://{name}/\n", witness(seed).public());
        }
        text + "group X 2 X1 X2 X3\ngroup Y any Y1 Y2\ngroup both all X Y\nquorum both\n"
    }

    fn note(origin: &str, cosigners: &[u8]) -> Note {
        let text = Checkpoint { origin: origin.into(), size: 1, root: [0; 32] }.text();
        let mut signatures = vec![log().sign(&text, 0)];
        signatures.extend(cosigners.iter().map(|seed| witness(*seed).sign(&text, 7)));
        Note { text, signatures }
    }

    #[test]
    fn a_quorum_is_a_quorum() {
        let policy = WitnessPolicy::parse(&policy()).unwrap();
        assert_eq!(policy.witnesses[0].url.as_deref(), Some("https://X1/"));
        for (cosigners, enough) in [
            (&[1, 2, 4][..], true),
            (&[1, 3, 5], true),
            (&[1, 2, 3], false),
            (&[1, 4, 5], false),
            (&[], false),
            (&[1, 1, 4], false),
            (&[1, 2, 3, 4, 5], true),
        ] {
            let judged = policy.judge(&note("a/log", cosigners));
            assert_eq!(judged.is_ok(), enough, "{cosigners:?}: {judged:?}");
        }
        let believed = policy.judge(&note("a/log", &[1, 2, 4])).unwrap();
        assert_eq!(believed.cosigned[0], ("X1".to_owned(), 7));
    }

    #[test]
    fn a_log_speaks_for_itself_only() {
        let policy = WitnessPolicy::of_logs([log().public().clone()]);
        assert!(policy.judge(&note("a/log", &[])).is_ok());
        assert!(matches!(policy.judge(&note("b/log", &[])), Err(Disbelief::Origin { .. })));
        let stranger = WitnessPolicy::of_logs([NoteKey::new("a/log", KeyKind::Ed25519, &[8; 32])
            .unwrap()
            .public()
            .clone()]);
        assert_eq!(stranger.judge(&note("a/log", &[])), Err(Disbelief::NoLog));
    }

    #[test]
    fn a_bad_cosignature_by_a_known_witness_spoils_the_note() {
        let policy = WitnessPolicy::parse(&policy()).unwrap();
        let mut forged = note("a/log", &[1, 2, 4]);
        forged.signatures[1].signature[20] ^= 1;
        let error = policy.judge(&forged).unwrap_err().to_string();
        assert_eq!(error, "the signature by w1 is not right");
    }

    #[test]
    fn what_is_no_policy_is_refused_with_its_line() {
        let good = policy();
        let vkey = witness(1).public().to_string();
        for (from, to, line) in [
            ("quorum both\n", "", 12),
            ("quorum both\n", "quorum both\nquorum none\n", 13),
            ("quorum both\n", "quorum X\n", 12),
            ("group Y any", "group Y 3", 10),
            ("group Y any", "group Y 0", 10),
            ("any Y1 Y2", "any Y1 X1", 10),
            ("any Y1 Y2", "any Y1 Y1", 10),
            ("any Y1 Y2", "any Y1 Y3", 10),
            ("group Y ", "group none ", 10),
            ("# ours\n", &format!("witness X9 {vkey}\n"), 4),
            ("# ours\n", "log x\n", 1),
            ("# ours\n", &format!("log {vkey}\n"), 1),
            ("# ours\n", "logs\n", 1),
        ] {
            let error = WitnessPolicy::parse(&good.replacen(from, to, 1)).unwrap_err();
            assert_eq!(error.line, line, "{to}: {error}");
        }
    }
}
