//! `EvmChecker`: re-reads receipts from a chain. It needs no key, so that anybody can check.

use alloy::primitives::Address;
use transparency::ports::{AnchorError, AnchorRequest};

use super::chain::{EvmChain, later, refused};
use super::claim::Claim;
use super::receipt::{EvmReceipt, hex};
use super::settings::{EvmNode, EvmSettingError, address};

/// Checks receipts of one contract on one chain.
pub struct EvmChecker {
    chain: EvmChain,
    contract: Address,
    by: Option<Address>,
}

impl EvmChecker {
    /// Checks through `node` what was anchored in the contract at the address `contract`; with `by`, only
    /// what that account anchored. Without it an organisation could anchor a second log under a second
    /// account.
    ///
    /// # Errors
    /// When a setting cannot be what it should be.
    pub fn new(node: &EvmNode, contract: &str, by: Option<&str>) -> Result<Self, EvmSettingError> {
        let by = by.map(address).transpose()?;
        Ok(Self { chain: EvmChain::new(node)?, contract: address(contract)?, by })
    }

    /// Whether the chain says what the receipt says, of this checkpoint.
    ///
    /// # Errors
    /// [`AnchorError::Refused`] with the first difference in words, [`AnchorError::Later`] when the node
    /// does not answer or has not seen the block yet.
    pub async fn check(
        &self,
        checkpoint: &AnchorRequest,
        receipt: &serde_json::Value,
    ) -> Result<(), AnchorError> {
        let receipt = EvmReceipt::from_value(receipt)?;
        self.is_about_us(&receipt)?;
        self.chain.has_contract(self.contract).await?;
        let Some(mined) = self.chain.receipt(receipt.transaction).await? else {
            return Err(self.unknown(&receipt).await?);
        };
        receipt.holds(&Claim::of(checkpoint), &mined)?;
        if self.chain.is_deep(receipt.block).await? {
            return Ok(());
        }
        Err(later(format!("too few blocks stand on block {} yet", receipt.block)))
    }

    fn is_about_us(&self, receipt: &EvmReceipt) -> Result<(), AnchorError> {
        if receipt.chain_id != self.chain.id() {
            let named = receipt.chain_id;
            let ours = self.chain.id();
            return Err(refused(format!("it names chain {named}, not {ours}")));
        }
        if receipt.contract != self.contract {
            let (named, ours) = (hex(receipt.contract), hex(self.contract));
            return Err(refused(format!("it names contract {named}, not {ours}")));
        }
        match self.by {
            Some(by) if by != receipt.sender => {
                let (named, by) = (hex(receipt.sender), hex(by));
                Err(refused(format!("it names sender {named}, not {by}")))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// A node that is behind has not seen the transaction yet; one that is not says that there is none.
    async fn unknown(&self, receipt: &EvmReceipt) -> Result<AnchorError, AnchorError> {
        let height = self.chain.height().await?;
        let block = receipt.block;
        Ok(if height < block {
            later(format!("the node stands at block {height}, the receipt names block {block}"))
        } else {
            refused(format!("the chain has no transaction {:#x}", receipt.transaction))
        })
    }
}
