//! A chain with the contract on it, and an installation that anchors there.

use std::time::Duration;

use infra::anchor::evm::{EvmAccount, EvmAnchor, EvmChecker, EvmNode, Patience, deploy};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tests::anvil::Anvil;
use transparency::ports::{Anchor as _, AnchorError, AnchorRequest};

/// The log of all stories here.
pub(crate) const ORIGIN: &str = "clinic.example/log";

/// A chain with the contract on it, and an installation that anchors there under the chain's account 0.
pub(crate) struct World {
    pub(crate) node: Anvil,
    pub(crate) contract: String,
    pub(crate) anchor: EvmAnchor,
}

/// A checkpoint whose root is one byte, repeated.
pub(crate) fn checkpoint(size: u64, root: u8) -> AnchorRequest {
    let note = format!("{ORIGIN}\n{size}\n").into_bytes();
    AnchorRequest { origin: ORIGIN.into(), size, root: [root; 32], note }
}

/// How a node is asked that has each transaction's block at once, on a machine that may be slow.
pub(crate) fn asked(url: &str) -> EvmNode {
    let call = Duration::from_secs(10);
    let pause = Duration::from_millis(10);
    let patience = Patience { call, retries: 1, pause, looks: 2_000 };
    EvmNode { rpc_url: url.into(), chain_id: Anvil::CHAIN, confirmations: 1, patience }
}

/// How a node is asked that will not have the block: soon given up.
pub(crate) fn asked_briefly(url: &str) -> EvmNode {
    let asked = asked(url);
    EvmNode { patience: Patience { looks: 3, ..asked.patience }, ..asked }
}

/// An account with bounds that are far above what a new chain asks.
pub(crate) fn paid_with(key: &str) -> EvmAccount {
    EvmAccount { private_key: key.into(), max_fee_gwei: 100, gas_limit: 150_000 }
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::on(Anvil::start()).await
    }

    /// Deploys the contract on a chain.
    pub(crate) async fn on(node: Anvil) -> Self {
        let asked = asked(&node.url());
        let account = paid_with(node.key(0));
        let contract = deploy(&asked, &account).await.unwrap();
        let anchor = EvmAnchor::new(&asked, &account, &contract).unwrap();
        Self { node, contract, anchor }
    }

    /// The installation after a restart.
    pub(crate) fn again(&self) -> EvmAnchor {
        self.anchor_of(0)
    }

    /// An installation that pays with another account of the chain.
    pub(crate) fn anchor_of(&self, account: usize) -> EvmAnchor {
        self.bounded(&paid_with(self.node.key(account)))
    }

    pub(crate) fn bounded(&self, account: &EvmAccount) -> EvmAnchor {
        EvmAnchor::new(&asked(&self.node.url()), account, &self.contract).unwrap()
    }

    /// The installation after a restart, soon giving up on transactions that wait.
    pub(crate) fn impatient(&self, account: &EvmAccount) -> EvmAnchor {
        EvmAnchor::new(&asked_briefly(&self.node.url()), account, &self.contract).unwrap()
    }

    /// The account of the installation.
    pub(crate) fn account(&self) -> EvmAccount {
        paid_with(self.node.key(0))
    }

    /// Somebody with a node's address, the contract's and the account's, and no key.
    pub(crate) fn stranger(&self) -> EvmChecker {
        let asked = asked(&self.node.url());
        EvmChecker::new(&asked, &self.contract, Some(self.node.account(0))).unwrap()
    }

    /// How many transactions of the installation are in blocks or wait.
    pub(crate) async fn transactions(&self) -> Value {
        self.node.ask("eth_getTransactionCount", json!([self.node.account(0), "pending"])).await
    }

    pub(crate) async fn keccak(&self, text: &str) -> String {
        let text = format!("0x{}", hex::encode(text));
        self.node.ask("web3_sha3", json!([text])).await.as_str().unwrap().to_owned()
    }

    /// A call of the contract's `anchor` by the installation's account, built by hand.
    pub(crate) async fn call(&self, size: u64, root: u8) -> Value {
        let selector = &self.keccak("anchor(bytes32,uint64,bytes32)").await[..10];
        let origin = hex::encode(Sha256::digest(ORIGIN.as_bytes()));
        let root = hex::encode([root; 32]);
        let data = format!("{selector}{origin}{size:064x}{root}");
        json!({"from": self.node.account(0), "to": self.contract, "data": data, "gas": "0x30000"})
    }

    /// The words with which a checkpoint is refused.
    pub(crate) async fn refused(&self, request: &AnchorRequest) -> String {
        refused(self.anchor.anchor(request).await)
    }
}

/// The words of a refusal.
#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(answer: Result<T, AnchorError>) -> String {
    match answer {
        Err(AnchorError::Refused(words)) => words,
        Err(AnchorError::Later(_)) | Ok(_) => panic!("not refused: {answer:?}"),
    }
}

/// The words of a "later".
#[track_caller]
pub(crate) fn later<T: std::fmt::Debug>(answer: Result<T, AnchorError>) -> String {
    match answer {
        Err(AnchorError::Later(words)) => words,
        Err(AnchorError::Refused(_)) | Ok(_) => panic!("not put off: {answer:?}"),
    }
}

/// A receipt becomes part of an event: plain members, small integers, hex in small letters.
pub(crate) fn nothing_strange(receipt: &Value) {
    for (name, value) in receipt.as_object().expect("an object") {
        assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{name}");
        match value {
            Value::Number(number) => assert!(number.as_u64().is_some_and(|n| n < 1 << 53)),
            Value::String(text) => {
                let digits = text.strip_prefix("0x").expect("0x");
                let small = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
                assert!(digits.bytes().all(small), "{name}: {text}");
            }
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                panic!("{name}: {value}")
            }
        }
    }
}
