//! What the outside must be told to anchor on a chain, and what of it cannot be.

use std::time::Duration;

use alloy::primitives::Address;
use alloy::signers::local::PrivateKeySigner;
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

/// The largest integer that every JSON parser reads exactly.
const CHAIN_ID_MAX: u64 = (1 << 53) - 1;

/// A node of a chain, and how long it is waited for.
#[derive(Clone, Debug)]
pub struct EvmNode {
    /// Where it answers JSON-RPC. A secret: addresses of hosted nodes carry a key.
    pub rpc_url: SecretString,
    /// The chain it must be on, asked at every use (EIP-155).
    pub chain_id: u64,
    /// Blocks that must stand on a transaction, its own included, before it counts; at least 1.
    pub confirmations: u64,
    /// How long it is waited for.
    pub patience: Patience,
}

/// How long a node is waited for.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For the answer to one call.
    pub call: Duration,
    /// How often a call that got no answer is made again.
    pub retries: usize,
    /// Between two looks at a transaction, and before the first repeat of a call; doubled for each further
    /// one.
    pub pause: Duration,
    /// How often a sent transaction is looked at before its turn is over; it is found again later.
    pub looks: u32,
}

impl Default for Patience {
    fn default() -> Self {
        let pause = Duration::from_secs(1);
        Self { call: Duration::from_secs(10), retries: 2, pause, looks: 120 }
    }
}

/// Who pays for transactions, and how much at most.
#[derive(Clone, Debug)]
pub struct EvmAccount {
    /// The account's private key: 32 bytes in hex, with or without `0x`. One account, one organisation: two
    /// organisations would wait for each other's transactions.
    pub private_key: SecretString,
    /// The most a unit of gas may cost, tip included, in gwei (10⁻⁹ of the chain's coin).
    pub max_fee_gwei: u64,
    /// The most gas an anchoring may use; times `max_fee_gwei` this bounds what one costs.
    pub gas_limit: u64,
}

/// A setting that cannot be.
#[derive(Debug, thiserror::Error)]
pub enum EvmSettingError {
    /// Its text is not repeated: it may carry a key.
    #[error("the node's URL is not an http or https URL")]
    Url,
    /// Zero, or too large for a receipt.
    #[error("the chain id must be between 1 and 2^53 - 1")]
    ChainId,
    /// A transaction that is in no block is on no chain.
    #[error("at least one confirmation is needed")]
    Confirmations,
    /// Nothing could ever be sent.
    #[error("the fee bound and the gas limit must be more than 0")]
    Bound,
    /// Not an address.
    #[error("{0} is no address: 0x and 40 hex digits")]
    Address(String),
    /// Its text is not repeated.
    #[error("the private key is not 32 bytes in hex, or not a key of secp256k1")]
    Key,
    /// The HTTP client could not be built: for https, most likely there are no certificates to trust.
    #[error("no HTTP client: {0}")]
    Client(String),
}

impl EvmNode {
    pub(super) fn url(&self) -> Result<reqwest::Url, EvmSettingError> {
        let url = reqwest::Url::parse(self.rpc_url.expose_secret());
        let url = url.map_err(|_| EvmSettingError::Url)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(EvmSettingError::Url);
        }
        Ok(url)
    }

    pub(super) fn check(&self) -> Result<(), EvmSettingError> {
        if !(1..=CHAIN_ID_MAX).contains(&self.chain_id) {
            return Err(EvmSettingError::ChainId);
        }
        if self.confirmations == 0 {
            return Err(EvmSettingError::Confirmations);
        }
        Ok(())
    }
}

impl EvmAccount {
    pub(super) fn check(&self) -> Result<(), EvmSettingError> {
        if self.max_fee_gwei == 0 || self.gas_limit == 0 {
            return Err(EvmSettingError::Bound);
        }
        Ok(())
    }

    pub(super) fn signer(&self) -> Result<PrivateKeySigner, EvmSettingError> {
        let text = self.private_key.expose_secret().trim();
        let text = text.strip_prefix("0x").unwrap_or(text);
        let mut bytes = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text, bytes.as_mut()).map_err(|_| EvmSettingError::Key)?;
        PrivateKeySigner::from_slice(bytes.as_ref()).map_err(|_| EvmSettingError::Key)
    }
}

/// An address, its mixed-case checksum not looked at: people copy them from tools that write small letters.
pub(super) fn address(text: &str) -> Result<Address, EvmSettingError> {
    let bad = || EvmSettingError::Address(text.chars().take(64).collect());
    text.strip_prefix("0x").ok_or_else(bad)?.parse().map_err(|_| bad())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "4f3edf983ac636a65a842ce7c78d9aa706d3b113bce9c46f30d7d21715b23b1d";

    fn account(key: &str) -> EvmAccount {
        EvmAccount { private_key: key.into(), max_fee_gwei: 30, gas_limit: 150_000 }
    }

    fn node(url: &str) -> EvmNode {
        let patience = Patience::default();
        EvmNode { rpc_url: url.into(), chain_id: 31_337, confirmations: 1, patience }
    }

    #[test]
    fn a_key_is_read_with_and_without_its_prefix() {
        let plain = account(KEY).signer().unwrap().address();
        assert_eq!(account(&format!("0x{KEY}\n")).signer().unwrap().address(), plain);
    }

    #[test]
    fn a_wrong_key_is_refused_without_repeating_it() {
        for key in ["", "0x12", &KEY[1..], &"0".repeat(64), &"f".repeat(64), &"g".repeat(64)] {
            let error = account(key).signer().unwrap_err();
            assert!(key.is_empty() || !format!("{error} {error:?}").contains(key));
        }
    }

    #[test]
    fn settings_that_cannot_be_are_refused() {
        for url in ["", "node", "ftp://node/", "file:///etc/passwd"] {
            assert!(node(url).url().is_err(), "{url}");
        }
        let good = node("http://127.0.0.1:8545");
        assert!(good.url().is_ok() && good.check().is_ok());
        assert!(EvmNode { chain_id: 0, ..good.clone() }.check().is_err());
        assert!(EvmNode { chain_id: 1 << 53, ..good.clone() }.check().is_err());
        assert!(EvmNode { confirmations: 0, ..good }.check().is_err());
        assert!(EvmAccount { gas_limit: 0, ..account(KEY) }.check().is_err());
        assert!(EvmAccount { max_fee_gwei: 0, ..account(KEY) }.check().is_err());
        assert!(address("0x5FbDB2315678afecb367f032d93F642f64180aa3").is_ok());
        for text in ["", "0x", "5FbDB2315678afecb367f032d93F642f64180aa3", "0x5fbd", "0xzz"] {
            assert!(address(text).is_err(), "{text}");
        }
    }

    #[test]
    fn neither_key_nor_url_is_in_any_debug_output() {
        let shown = format!("{:?} {:?}", account(KEY), node("https://node.example/v1/a-secret"));
        assert!(!shown.contains(KEY) && !shown.contains("a-secret"), "{shown}");
    }
}
