//! `EvmAnchor`: a checkpoint's size and root as an event of a contract on an EVM chain.
//!
//! The contract is `infra/contracts/Anchor.sol`. It remembers the newest checkpoint of each account, so
//! nothing has to be remembered here: after a crash the chain is asked what an earlier try left.

mod chain;
mod checker;
mod claim;
mod contract;
mod receipt;
mod sender;
mod settings;
mod wire;

use alloy::primitives::{Address, B256};
use alloy::sol_types::SolCall as _;
use async_trait::async_trait;
use tokio::sync::Mutex;
use transparency::ports::{Anchor, AnchorError, AnchorRequest};

pub use checker::EvmChecker;
pub use settings::{EvmAccount, EvmNode, EvmSettingError, Patience};

use chain::EvmChain;
use claim::Claim;
use contract::Anchor::anchorCall;
use receipt::EvmReceipt;
use sender::Sender;

/// Gas a deployment may use; a third of it is what it takes.
const DEPLOY_GAS_MAX: u64 = 600_000;

/// Anchors checkpoints under one account in one contract on one chain.
pub struct EvmAnchor {
    sender: Sender,
    checker: EvmChecker,
    contract: Address,
    /// One try at a time: a second one would take the same place in the account's row of transactions.
    turn: Mutex<()>,
}

impl EvmAnchor {
    /// Anchors through `node`, paid for by `account`, in the contract at the address `contract`. Asks the
    /// node nothing yet.
    ///
    /// # Errors
    /// When a setting cannot be what it should be.
    pub fn new(
        node: &EvmNode,
        account: &EvmAccount,
        contract: &str,
    ) -> Result<Self, EvmSettingError> {
        let sender = Sender::new(EvmChain::new(node)?, account)?;
        let checker = EvmChecker::new(node, contract, None)?;
        let contract = settings::address(contract)?;
        Ok(Self { sender, checker, contract, turn: Mutex::new(()) })
    }

    /// The account's address in lower-case hex: who checks this log asks for it.
    #[must_use]
    pub fn account(&self) -> String {
        receipt::hex(self.sender.address())
    }

    async fn anchored(&self, claim: &Claim) -> Result<EvmReceipt, AnchorError> {
        if claim.size == 0 {
            return Err(AnchorError::Refused("the empty log has nothing to anchor".to_owned()));
        }
        let chain = self.sender.chain();
        chain.has_contract(self.contract).await?;
        let earlier = chain.earlier(self.contract, self.sender.address(), claim).await?;
        let transaction = match earlier {
            Some(transaction) => transaction,
            None => self.send(claim).await?,
        };
        let mined = self.sender.mined(transaction).await?;
        EvmReceipt::of(chain.id(), self.contract, claim, &mined)
    }

    async fn send(&self, claim: &Claim) -> Result<B256, AnchorError> {
        let call = anchorCall { origin: claim.origin, size: claim.size, root: claim.root };
        self.sender.call(self.contract, call.abi_encode()).await
    }
}

#[async_trait]
impl Anchor for EvmAnchor {
    fn name(&self) -> &'static str {
        "evm"
    }

    async fn anchor(&self, checkpoint: &AnchorRequest) -> Result<serde_json::Value, AnchorError> {
        let _turn = self.turn.lock().await;
        Ok(self.anchored(&Claim::of(checkpoint)).await?.to_value())
    }

    async fn check(
        &self,
        checkpoint: &AnchorRequest,
        receipt: &serde_json::Value,
    ) -> Result<(), AnchorError> {
        self.checker.check(checkpoint, receipt).await
    }
}

impl std::fmt::Debug for EvmAnchor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("EvmAnchor");
        shown.field("chain", &self.sender.chain().id());
        shown.field("contract", &self.contract).field("account", &self.sender.address());
        shown.finish_non_exhaustive()
    }
}

/// Deploys the contract and answers its address in lower-case hex. Not idempotent: each call is a new
/// contract.
///
/// # Errors
/// [`AnchorError::Later`] when the chain does not answer or is too dear, [`AnchorError::Refused`] for a
/// setting that cannot be, another chain than expected, or a deployment that failed.
pub async fn deploy(node: &EvmNode, account: &EvmAccount) -> Result<String, AnchorError> {
    let chain = EvmChain::new(node).map_err(|error| AnchorError::Refused(error.to_string()))?;
    let sender = Sender::new(chain, account).map_err(|e| AnchorError::Refused(e.to_string()))?;
    sender.chain().is_the_right_one().await?;
    let transaction = sender.create(contract::creation_code()?, DEPLOY_GAS_MAX).await?;
    let mined = sender.mined(transaction).await?;
    let address = mined.contract_address.ok_or_else(|| {
        AnchorError::Refused(format!("transaction {transaction:#x} made no contract"))
    })?;
    sender.chain().has_contract(address).await?;
    Ok(receipt::hex(address))
}
