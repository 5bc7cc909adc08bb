//! The witnesses' cosignatures as an anchor: who outside has seen this checkpoint, and when.

use async_trait::async_trait;
use domain::journal::note::{Note, SignatureLine};
use domain::journal::witness_policy::WitnessPolicy;
use serde_json::{Value, json};
use transparency::ports::{Anchor, AnchorError, AnchorRequest};

/// Keeps the cosignatures that a published checkpoint carries.
pub struct WitnessAnchor {
    policy: WitnessPolicy,
}

impl WitnessAnchor {
    /// Cosignatures count as `policy` says.
    pub const fn new(policy: WitnessPolicy) -> Self {
        Self { policy }
    }

    /// The cosignature lines of a note that are by known witnesses and right.
    fn cosignatures(&self, note: &Note) -> Result<Vec<SignatureLine>, AnchorError> {
        let known = || self.policy.witnesses.iter().map(|witness| &witness.key);
        let signed = note.signed_by(known());
        let signed = signed.map_err(|error| AnchorError::Refused(error.to_string()))?;
        let by = |line: &&SignatureLine| signed.iter().any(|signed| signed.key.claims(line));
        Ok(note.signatures.iter().filter(by).cloned().collect())
    }
}

fn parse(note: &[u8]) -> Result<Note, AnchorError> {
    Note::parse(note).map_err(|error| AnchorError::Refused(error.to_string()))
}

#[async_trait]
impl Anchor for WitnessAnchor {
    fn name(&self) -> &'static str {
        "witness"
    }

    async fn anchor(&self, request: &AnchorRequest) -> Result<Value, AnchorError> {
        let cosignatures = self.cosignatures(&parse(&request.note)?)?;
        if cosignatures.is_empty() {
            return Err(AnchorError::Later("no witness has cosigned it yet".to_owned()));
        }
        let lines: Vec<String> =
            cosignatures.iter().map(|line| line.to_string().trim().to_owned()).collect();
        Ok(json!({ "cosignatures": lines }))
    }

    async fn check(&self, request: &AnchorRequest, receipt: &Value) -> Result<(), AnchorError> {
        let refused = |why: &str| AnchorError::Refused(why.to_owned());
        let texts = receipt["cosignatures"]
            .as_array()
            .filter(|texts| !texts.is_empty())
            .ok_or_else(|| refused("the receipt holds no cosignatures"))?;
        let signatures = texts
            .iter()
            .map(|text| text.as_str()?.parse::<SignatureLine>().ok())
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| refused("a line of the receipt is no cosignature"))?;
        let note = Note { text: parse(&request.note)?.text, signatures };
        if self.cosignatures(&note)?.len() == note.signatures.len() {
            Ok(())
        } else {
            Err(refused("a cosignature is by nobody that the policy names"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::journal::note::{KeyKind, NoteKey};

    #[tokio::test]
    async fn a_cosignature_is_a_receipt_as_long_as_the_policy_knows_its_witness() {
        let witness = NoteKey::new("w1", KeyKind::Cosignature, &[1; 32]).unwrap();
        let policy = format!("witness one {}\nquorum one\n", witness.public());
        let anchor = WitnessAnchor::new(WitnessPolicy::parse(&policy).unwrap());
        let text = "a/log\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n".to_owned();
        let log = NoteKey::new("a/log", KeyKind::Ed25519, &[2; 32]).unwrap();
        let mut note = Note { signatures: vec![log.sign(&text, 0)], text };
        let request = |note: &Note| AnchorRequest {
            origin: "a/log".into(),
            size: 1,
            root: [0; 32],
            note: note.to_string().into_bytes(),
        };
        assert!(matches!(anchor.anchor(&request(&note)).await, Err(AnchorError::Later(_))));
        note.signatures.push(witness.sign(&note.text, 77));
        let receipt = anchor.anchor(&request(&note)).await.unwrap();
        anchor.check(&request(&note), &receipt).await.unwrap();
        let other = Note { text: note.text.replacen("\n1\n", "\n2\n", 1), ..note.clone() };
        let other = Note { signatures: vec![log.sign(&other.text, 0)], ..other };
        let error = anchor.check(&request(&other), &receipt).await.unwrap_err().to_string();
        assert!(error.contains("the signature by w1 is not right"), "{error}");
        let stranger = WitnessAnchor::new(WitnessPolicy::default());
        let error = stranger.check(&request(&note), &receipt).await.unwrap_err().to_string();
        assert!(error.contains("nobody that the policy names"), "{error}");
    }
}
