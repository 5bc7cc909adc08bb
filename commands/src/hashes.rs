//! Hashes that stand for what is not kept: addresses, sources, tokens.

use domain::ids::{LoginHash, SourceHash, TokenHash};
use secrecy::{ExposeSecret, SecretString};

use crate::ports::key_vault::{HashPurpose, KeyVault};

/// Keyed hash of a normalised address.
pub(crate) fn login_hash(vault: &dyn KeyVault, normalised: &SecretString) -> LoginHash {
    let address = normalised.expose_secret().as_bytes();
    LoginHash(vault.keyed_hash(HashPurpose::Login, &[address]))
}

/// Keyed hash of where a request came from (an IP address, a /64 for IPv6).
pub(crate) fn source_hash(vault: &dyn KeyVault, source: &str) -> SourceHash {
    let hash = vault.keyed_hash(HashPurpose::Source, &[source.as_bytes()]);
    let mut first = [0; 16];
    first.copy_from_slice(&hash[..16]);
    SourceHash(first)
}

/// Hash of a token as it was handed out. Not keyed: a token is 256 random bits.
pub fn token_hash(text: &str) -> TokenHash {
    TokenHash(blake3::hash(text.as_bytes()).into())
}
