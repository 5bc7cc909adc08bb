//! Signed notes (c2sp.org/signed-note), with the two kinds of signature Medlock makes and checks: a log's
//! own Ed25519, and a witness's timestamped cosignature (c2sp.org/tlog-cosignature v1).

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

/// Longest note that is read, bytes.
pub const NOTE_BYTES_MAX: usize = 128 * 1_024;
/// Most signatures that are looked at; the specification asks for at least 16.
const SIGNATURES_MAX: usize = 100;
/// What a signature line begins with: an em dash and a space.
const DASH: &str = "\u{2014} ";

/// What a key signs, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// Ed25519 over the note's text: logs.
    Ed25519,
    /// Ed25519 over a time and the note's text: witnesses.
    Cosignature,
}

impl KeyKind {
    const fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::Cosignature => 0x04,
        }
    }
}

/// Why a key or a note was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Not `name+hash+key`, or of a kind we do not know.
    #[error("not a verifier key: {0}")]
    Key(&'static str),
    /// Not a note.
    #[error("not a signed note: {0}")]
    Form(&'static str),
    /// A signature by a key we know does not fit.
    #[error("the signature by {0} is not right")]
    BadSignature(String),
}

/// A public key with the name it goes by: a vkey.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct VerifierKey {
    name: String,
    id: [u8; 4],
    kind: KeyKind,
    key: VerifyingKey,
}

impl VerifierKey {
    /// The key's name: a log's origin, a witness's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it signs.
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The 32 bytes of the public key.
    pub fn bytes(&self) -> [u8; 32] {
        self.key.to_bytes()
    }

    fn new(name: &str, kind: KeyKind, key: VerifyingKey) -> Self {
        Self { id: key_id(name, kind, &key.to_bytes()), name: name.to_owned(), kind, key }
    }

    /// Whether a signature line claims to be by this key.
    pub fn claims(&self, line: &SignatureLine) -> bool {
        line.name == self.name && line.id == self.id
    }

    /// Whether a line has as many bytes as this kind of key signs with: another has been cut.
    const fn fits(&self, line: &SignatureLine) -> bool {
        let time = match self.kind {
            KeyKind::Ed25519 => 0,
            KeyKind::Cosignature => size_of::<u64>(),
        };
        line.signature.len() == time + Signature::BYTE_SIZE
    }

    /// Checks a line that claims to be by this key; answers the time of a cosignature, Unix seconds.
    fn check(&self, text: &str, line: &SignatureLine) -> Option<Option<u64>> {
        match self.kind {
            KeyKind::Ed25519 => {
                let signature = Signature::from_slice(&line.signature).ok()?;
                self.key.verify_strict(text.as_bytes(), &signature).ok().map(|()| None)
            }
            KeyKind::Cosignature => {
                let (time, signature) = line.signature.split_first_chunk::<8>()?;
                let time = u64::from_be_bytes(*time);
                let signature = Signature::from_slice(signature).ok()?;
                let message = cosigned(time, text);
                self.key.verify_strict(message.as_bytes(), &signature).ok().map(|()| Some(time))
            }
        }
    }
}

/// `SHA-256(name | 0x0A | kind | public key)[:4]`.
fn key_id(name: &str, kind: KeyKind, key: &[u8; 32]) -> [u8; 4] {
    let mut hash = Sha256::new();
    hash.update(name);
    hash.update([b'\n', kind.byte()]);
    hash.update(key);
    let hash = hash.finalize();
    [hash[0], hash[1], hash[2], hash[3]]
}

/// What a cosignature signs.
fn cosigned(time: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

/// Whether a key may go by this name.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[self.kind.byte()], self.key.as_bytes().as_slice()].concat();
        write!(f, "{}+{}+{}", self.name, hex::encode(self.id), BASE64.encode(key))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for VerifierKey {
    type Err = NoteError;
    fn from_str(text: &str) -> Result<Self, NoteError> {
        let mut parts = text.splitn(3, '+');
        let name = parts.next().filter(|name| is_name(name)).ok_or(NoteError::Key("its name"))?;
        let id = parts.next().ok_or(NoteError::Key("it has no key id"))?;
        let encoded = parts.next().ok_or(NoteError::Key("it has no key"))?;
        let decoded = BASE64.decode(encoded).map_err(|_| NoteError::Key("its base64"))?;
        let (kind, bytes) = decoded.split_first().ok_or(NoteError::Key("it is empty"))?;
        let kind = match kind {
            0x01 => KeyKind::Ed25519,
            0x04 => KeyKind::Cosignature,
            _ => return Err(NoteError::Key("its kind is unknown to us")),
        };
        let point = bytes.try_into().map_err(|_| NoteError::Key("its length"))?;
        let key = VerifyingKey::from_bytes(&point).map_err(|_| NoteError::Key("no such point"))?;
        let found = Self::new(name, kind, key);
        if hex::encode(found.id) == id {
            Ok(found)
        } else {
            Err(NoteError::Key("its key id is not the hash of its name and key"))
        }
    }
}

/// A key that signs, under the name it signs as. Never printed.
pub struct NoteKey {
    key: SigningKey,
    public: VerifierKey,
}

impl NoteKey {
    /// The key that follows from a secret seed.
    pub fn new(name: &str, kind: KeyKind, seed: &[u8; 32]) -> Result<Self, NoteError> {
        if !is_name(name) {
            return Err(NoteError::Key("its name"));
        }
        let key = SigningKey::from_bytes(seed);
        let public = VerifierKey::new(name, kind, key.verifying_key());
        Ok(Self { key, public })
    }

    /// What others check its signatures with.
    pub const fn public(&self) -> &VerifierKey {
        &self.public
    }

    /// Signs a note's text; a cosignature says that it was seen at `time`, Unix seconds.
    pub fn sign(&self, text: &str, time: u64) -> SignatureLine {
        let signature = match self.public.kind {
            KeyKind::Ed25519 => self.key.sign(text.as_bytes()).to_vec(),
            KeyKind::Cosignature => {
                let signature = self.key.sign(cosigned(time, text).as_bytes());
                [time.to_be_bytes().as_slice(), &signature.to_bytes()].concat()
            }
        };
        SignatureLine { name: self.public.name.clone(), id: self.public.id, signature }
    }
}

/// One signature of a note, by whomever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureLine {
    /// The key's name.
    pub name: String,
    /// The key's id.
    pub id: [u8; 4],
    /// What follows the id; a cosignature's begins with its time.
    pub signature: Vec<u8>,
}

impl fmt::Display for SignatureLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [self.id.as_slice(), &self.signature].concat();
        writeln!(f, "{DASH}{} {}", self.name, BASE64.encode(bytes))
    }
}

impl FromStr for SignatureLine {
    type Err = NoteError;
    /// Reads one line, without its newline.
    fn from_str(line: &str) -> Result<Self, NoteError> {
        let bad = NoteError::Form("a line below the text is no signature");
        let rest = line.strip_prefix(DASH).ok_or_else(|| bad.clone())?;
        let (name, signature) = rest.split_once(' ').ok_or_else(|| bad.clone())?;
        let bytes = BASE64.decode(signature).map_err(|_| bad.clone())?;
        let (id, signature) = bytes.split_first_chunk::<4>().ok_or_else(|| bad.clone())?;
        if !is_name(name) || signature.is_empty() {
            return Err(bad);
        }
        Ok(Self { name: name.to_owned(), id: *id, signature: signature.to_vec() })
    }
}

/// A text and who signed it. Nothing in it is believed before [`Note::signed_by`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The text, its last newline included.
    pub text: String,
    /// Signatures, known and unknown.
    pub signatures: Vec<SignatureLine>,
}

/// A signature that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed<'a> {
    /// By whom.
    pub key: &'a VerifierKey,
    /// When, Unix seconds, if it is a cosignature.
    pub time: Option<u64>,
}

impl Note {
    /// Reads a note's bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        let bad = NoteError::Form;
        if bytes.len() > NOTE_BYTES_MAX {
            return Err(bad("longer than 128 KiB"));
        }
        let whole = std::str::from_utf8(bytes).map_err(|_| bad("not UTF-8"))?;
        if whole.chars().any(|c| c < ' ' && c != '\n') {
            return Err(bad("a control character"));
        }
        // The last empty line counts: a text may have empty lines of its own.
        let at = whole.rfind("\n\n").ok_or(bad("no empty line before the signatures"))?;
        let (text, below) = (&whole[..=at], &whole[at + 2..]);
        let lines = below.strip_suffix('\n').ok_or(bad("the last line does not end"))?;
        let signatures: Result<Vec<_>, _> = lines.split('\n').map(str::parse).collect();
        let signatures = signatures?;
        if signatures.len() > SIGNATURES_MAX {
            return Err(bad("more than 100 signatures"));
        }
        Ok(Self { text: text.to_owned(), signatures })
    }

    /// Whether every signature has as many bytes as those of the kinds we know: one that was cut has not.
    pub fn is_whole(&self) -> bool {
        let known = [Signature::BYTE_SIZE, size_of::<u64>() + Signature::BYTE_SIZE];
        self.signatures.iter().all(|line| known.contains(&line.signature.len()))
    }

    /// Checks every signature by a known key. Signatures by others are ignored, a second one by the same key
    /// as well; a bad one by a known key makes the note a bad one, and one that was cut makes it none.
    pub fn signed_by<'a>(
        &self,
        keys: impl IntoIterator<Item = &'a VerifierKey>,
    ) -> Result<Vec<Signed<'a>>, NoteError> {
        let mut found = Vec::new();
        for key in keys {
            let Some(line) = self.signatures.iter().find(|line| key.claims(line)) else { continue };
            if !key.fits(line) {
                return Err(NoteError::Form("a signature has not its length"));
            }
            match key.check(&self.text, line) {
                Some(time) => found.push(Signed { key, time }),
                None => return Err(NoteError::BadSignature(key.name.clone())),
            }
        }
        Ok(found)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|line| line.fmt(f))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str, kind: KeyKind, seed: u8) -> NoteKey {
        NoteKey::new(name, kind, &[seed; 32]).unwrap()
    }

    /// The example of the specification.
    const EXAMPLE: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

    #[test]
    fn a_verifier_key_has_one_spelling() {
        let known: VerifierKey = EXAMPLE.parse().unwrap();
        assert_eq!((known.to_string().as_str(), known.name()), (EXAMPLE, "PeterNeumann"));
        for wrong in ["", "a+b", &EXAMPLE.replace("c74f", "c74e"), &EXAMPLE.replace("ARpc", "BRpc")]
        {
            assert!(wrong.parse::<VerifierKey>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_note_is_read_as_it_was_written_and_believed_only_by_known_keys() {
        let (log, witness) = (key("a/log", KeyKind::Ed25519, 1), key("w", KeyKind::Cosignature, 2));
        let text = "one\n\ntwo\n".to_owned();
        let signatures = vec![log.sign(&text, 0), witness.sign(&text, 1_700_000_000)];
        let note = Note { text, signatures };
        let mut read = Note::parse(note.to_string().as_bytes()).unwrap();
        assert_eq!(read, note);
        let both = [log.public(), witness.public()];
        let times: Vec<_> = read.signed_by(both).unwrap().iter().map(|s| s.time).collect();
        assert_eq!(times, [None, Some(1_700_000_000)]);
        let stranger = key("a/log", KeyKind::Ed25519, 3);
        assert_eq!(read.signed_by([stranger.public()]).unwrap(), []);
        read.signatures[1].signature[7] ^= 1;
        assert_eq!(read.signed_by([log.public()]).unwrap().len(), 1);
        assert_eq!(read.signed_by(both), Err(NoteError::BadSignature("w".to_owned())));
        assert!(read.is_whole());
        read.signatures[1].signature.truncate(71);
        assert!(!read.is_whole());
        let cut = NoteError::Form("a signature has not its length");
        assert_eq!(read.signed_by(both), Err(cut.clone()), "it was cut, and is not false");
        read.signatures[0].signature.truncate(32);
        assert_eq!(read.signed_by([log.public()]), Err(cut));
        read.signatures[0] = log.sign(&read.text, 0);
        read.text.push('x');
        assert_eq!(
            read.signed_by([log.public()]),
            Err(NoteError::BadSignature("a/log".to_owned()))
        );
    }

    #[test]
    fn what_is_no_note_is_refused() {
        let note = Note {
            text: "t\n".into(),
            signatures: vec![key("n", KeyKind::Ed25519, 1).sign("t\n", 0)],
        };
        let good = note.to_string();
        assert!(Note::parse(good.as_bytes()).is_ok());
        let tabbed = good.replace('t', "\t");
        let cut = good.trim_end();
        for wrong in
            ["", "t\n", "t\n\n", &tabbed, cut, &good.replace(DASH, "- "), &format!("{good}\n")]
        {
            assert!(Note::parse(wrong.as_bytes()).is_err(), "{wrong:?}");
        }
        assert!(Note::parse(&vec![b'x'; NOTE_BYTES_MAX + 1]).is_err());
    }
}
