//! An authenticator in software: what a browser and a security key make of the options of a passkey (W3C Web
//! Authentication, level 3, §6 and §7; ES256, attestation `none`). It has one key, and does what it is told
//! even where a browser would not.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const PRESENT_AND_VERIFIED: u8 = 0x05;
const ATTESTED: u8 = 0x40;

/// One passkey, and the page it is used on.
#[derive(Debug, Clone)]
pub struct Authenticator {
    key: SigningKey,
    credential: [u8; 16],
    counter: u32,
    origin: String,
}

impl Authenticator {
    /// One of many, on a page of `http://localhost`.
    pub fn numbered(number: u8) -> Self {
        let mut scalar = [0; 32];
        scalar[31] = number;
        Self {
            key: SigningKey::from_slice(&scalar).expect("a small number is a key"),
            credential: [number; 16],
            counter: 0,
            origin: "http://localhost:8480".to_owned(),
        }
    }

    /// The same key on another page, as no browser would have it.
    pub fn on(&self, origin: &str) -> Self {
        Self { origin: origin.to_owned(), ..self.clone() }
    }

    /// A copy of the key that was never used.
    pub fn copied(&self) -> Self {
        Self { counter: 0, ..self.clone() }
    }

    /// `navigator.credentials.create`: what is made for these options.
    pub fn create(&mut self, options: &Value) -> Value {
        let asked = &options["publicKey"];
        let client = self.client_data("webauthn.create", asked);
        let mut data = self.head(asked["rp"]["id"].as_str(), PRESENT_AND_VERIFIED | ATTESTED);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.credential.len()).expect("short").to_be_bytes());
        data.extend(self.credential);
        data.extend(self.public_key());
        // {"fmt": "none", "attStmt": {}, "authData": <bytes>} as CBOR.
        let mut attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        attestation.push(u8::try_from(data.len()).expect("short"));
        attestation.extend(data);
        json!({
            "id": encode(&self.credential),
            "rawId": encode(&self.credential),
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": encode(client.as_bytes()),
                "attestationObject": encode(&attestation),
                "transports": ["internal", "hybrid"],
            },
        })
    }

    /// `navigator.credentials.get`: what answers these options.
    pub fn get(&mut self, options: &Value) -> Value {
        let asked = &options["publicKey"];
        let client = self.client_data("webauthn.get", asked);
        let data = self.head(asked["rpId"].as_str(), PRESENT_AND_VERIFIED);
        let signed = [&data[..], &Sha256::digest(client.as_bytes())[..]].concat();
        let signature: Signature = self.key.sign(&signed);
        json!({
            "id": encode(&self.credential),
            "rawId": encode(&self.credential),
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": encode(client.as_bytes()),
                "authenticatorData": encode(&data),
                "signature": encode(signature.to_der().as_bytes()),
                "userHandle": null,
            },
        })
    }

    fn client_data(&self, kind: &str, asked: &Value) -> String {
        let (challenge, origin) = (&asked["challenge"], &self.origin);
        json!({ "type": kind, "challenge": challenge, "origin": origin, "crossOrigin": false })
            .to_string()
    }

    /// The relying party, the flags, and the counter, moved.
    fn head(&mut self, party: Option<&str>, flags: u8) -> Vec<u8> {
        self.counter += 1;
        let mut data = Sha256::digest(party.expect("a relying party").as_bytes()).to_vec();
        data.push(flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// {1: 2, 3: -7, -1: 1, -2: x, -3: y} as CBOR: a COSE key of ES256.
    fn public_key(&self) -> Vec<u8> {
        let point = self.key.verifying_key().to_sec1_point(false);
        let coordinate = |bytes: Option<_>| Vec::from_iter(bytes.into_iter().flatten().copied());
        let (x, y) = (coordinate(point.x()), coordinate(point.y()));
        [&b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20"[..], &x, b"\x22\x58\x20", &y].concat()
    }
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
