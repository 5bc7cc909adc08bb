//! What is kept of an anchoring, and how it is held against what the chain says.

use alloy::primitives::{Address, B256};
use alloy::rpc::types::{Log, TransactionReceipt};
use alloy::sol_types::SolEvent as _;
use serde::{Deserialize, Serialize};
use transparency::ports::AnchorError;

use super::chain::{later, refused};
use super::claim::Claim;
use super::contract::Anchor::Anchored;

/// Where on a chain a checkpoint's event is. Size, root and origin are not repeated: they are the
/// checkpoint's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EvmReceipt {
    pub(super) chain_id: u64,
    pub(super) contract: Address,
    pub(super) sender: Address,
    pub(super) transaction: B256,
    pub(super) block: u64,
    pub(super) block_hash: B256,
    pub(super) log_index: u64,
}

/// An address as receipts write it.
pub(super) fn hex(address: Address) -> String {
    format!("{address:#x}")
}

impl EvmReceipt {
    /// The receipt of `claim`'s event in a transaction that is in a block.
    pub(super) fn of(
        chain_id: u64,
        contract: Address,
        claim: &Claim,
        mined: &TransactionReceipt,
    ) -> Result<Self, AnchorError> {
        let (hash, sender) = (mined.transaction_hash, mined.from);
        let logs = mined.inner.logs().iter();
        let log = logs.filter(|log| says_all(log, contract, sender, claim).is_ok()).last();
        let log = log.ok_or_else(|| {
            refused(format!("transaction {hash:#x} has no event of this checkpoint"))
        })?;
        let place = (mined.block_number, mined.block_hash, log.log_index);
        let (Some(block), Some(block_hash), Some(log_index)) = place else {
            return Err(later(format!("transaction {hash:#x} is in no block")));
        };
        let transaction = hash;
        Ok(Self { chain_id, contract, sender, transaction, block, block_hash, log_index })
    }

    /// Reads a receipt. One that is written otherwise than we write it is refused: whoever compares
    /// receipts as text must not find two for one event.
    pub(super) fn from_value(value: &serde_json::Value) -> Result<Self, AnchorError> {
        let bad = |why: &str| refused(format!("not a receipt of an evm anchor: {why}"));
        let read = Self::deserialize(value).map_err(|error| bad(&error.to_string()))?;
        if read.to_value() != *value {
            return Err(bad("hex is written in small letters, after 0x"));
        }
        Ok(read)
    }

    pub(super) fn to_value(&self) -> serde_json::Value {
        let hash = |hash: B256| format!("{hash:#x}");
        serde_json::json!({
            "chain_id": self.chain_id,
            "contract": hex(self.contract),
            "sender": hex(self.sender),
            "transaction": hash(self.transaction),
            "block": self.block,
            "block_hash": hash(self.block_hash),
            "log_index": self.log_index,
        })
    }

    /// Holds the receipt and the checkpoint against the transaction as the chain has it; the first difference
    /// is named.
    pub(super) fn holds(
        &self,
        claim: &Claim,
        mined: &TransactionReceipt,
    ) -> Result<(), AnchorError> {
        let (seen, transaction) = (Some(mined.transaction_hash), Some(self.transaction));
        same("is", "the receipt's", seen, transaction)?;
        if !mined.status() {
            return Err(refused("its transaction was reverted".to_owned()));
        }
        let contract = Some(self.contract);
        same("is a call of", "the contract", mined.to, contract)?;
        same("was sent by", "the receipt's sender", Some(mined.from), Some(self.sender))?;
        same("is in block", "the receipt's", mined.block_number, Some(self.block))?;
        let block_hash = Some(self.block_hash);
        same("is in a block with hash", "the receipt's", mined.block_hash, block_hash)?;
        let mut logs = mined.inner.logs().iter();
        let log = logs.find(|log| log.log_index == Some(self.log_index));
        let log =
            log.ok_or_else(|| refused(format!("its transaction has no event {}", self.log_index)))?;
        says_all(log, self.contract, self.sender, claim)
    }
}

/// Two values that must be equal; what the chain says comes first.
fn same<T: PartialEq + std::fmt::Debug>(
    says: &str,
    ought: &str,
    seen: Option<T>,
    expected: Option<T>,
) -> Result<(), AnchorError> {
    if seen == expected {
        return Ok(());
    }
    let shown = |value: Option<T>| value.map_or("none".to_owned(), |value| format!("{value:?}"));
    let (seen, expected) = (shown(seen), shown(expected));
    Err(refused(format!("its transaction {says} {seen}, {ought} is {expected}")))
}

/// Whether an event is the contract's and says all of the claim.
fn says_all(log: &Log, contract: Address, by: Address, claim: &Claim) -> Result<(), AnchorError> {
    if log.address() != contract {
        return Err(refused(format!("its event is one of {:#x}", log.address())));
    }
    let event = Anchored::decode_log(&log.inner);
    let event = event.map_err(|_| refused("its event is not one of an anchoring".to_owned()))?;
    if event.by != by {
        return Err(refused(format!("its event was caused by {:#x}", event.by)));
    }
    if event.origin != claim.origin {
        return Err(refused("its event anchors another log".to_owned()));
    }
    if event.size != claim.size {
        return Err(refused(format!("its event anchors size {}, not {}", event.size, claim.size)));
    }
    if event.root != claim.root {
        let (seen, expected) = (event.root, claim.root);
        return Err(refused(format!("its event anchors root {seen:#x}, not {expected:#x}")));
    }
    Ok(())
}
