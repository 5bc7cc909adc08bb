//! Questions to a chain: what it is, what stands in the contract, where an event is.

use alloy::consensus::BlockHeader as _;
use alloy::eips::BlockId;
use alloy::network::{Ethereum, TransactionBuilder as _};
use alloy::primitives::{Address, B256};
use alloy::providers::{Provider as _, RootProvider};
use alloy::rpc::client::RpcClient;
use alloy::rpc::types::{Filter, Log, TransactionReceipt, TransactionRequest};
use alloy::sol_types::{SolCall, SolEvent as _};
use alloy::transports::{RpcError, TransportError};
use transparency::ports::AnchorError;

use super::claim::Claim;
use super::contract::Anchor::{Anchored, anchoredInCall, latestCall};
use super::contract::runtime_code;
use super::settings::{EvmNode, EvmSettingError, Patience};
use super::wire::Wire;

/// Blocks one question for events spans: hosted nodes refuse more.
const WINDOW_BLOCKS: u64 = 1_000;
/// How many windows are looked through backwards for an event that is not where the contract says, or older
/// than its newest: about three days on a chain with a block every twelve seconds.
const WINDOWS_MAX: u64 = 20;
/// Characters of a node's own words that are passed on.
const WORDS_MAX: usize = 200;

/// One chain, through one node.
pub(super) struct EvmChain {
    pub(super) provider: RootProvider<Ethereum>,
    pub(super) patience: Patience,
    id: u64,
    confirmations: u64,
}

impl EvmChain {
    pub(super) fn new(node: &EvmNode) -> Result<Self, EvmSettingError> {
        node.check()?;
        let provider = RootProvider::new(RpcClient::new(Wire::new(node)?, false));
        let (id, patience) = (node.chain_id, node.patience);
        Ok(Self { provider, patience, id, confirmations: node.confirmations })
    }

    pub(super) fn id(&self) -> u64 {
        self.id
    }

    /// A node is replaced behind its name more easily than one notices: asked at every use.
    pub(super) async fn is_the_right_one(&self) -> Result<(), AnchorError> {
        let asked = self.provider.get_chain_id().await;
        let id = asked.map_err(|error| unanswered("its chain id", &error))?;
        if id != self.id {
            return Err(refused(format!("the node is on chain {id}, not on {}", self.id)));
        }
        Ok(())
    }

    /// Only our own code keeps what our contract promises; anything may emit an event that looks like its.
    pub(super) async fn has_contract(&self, contract: Address) -> Result<(), AnchorError> {
        self.is_the_right_one().await?;
        let asked = self.provider.get_code_at(contract).block_id(BlockId::latest()).await;
        let code = asked.map_err(|error| unanswered("the contract's code", &error))?;
        if code.is_empty() {
            return Err(refused(format!("there is no contract at {contract:#x}")));
        }
        if code != runtime_code()? {
            return Err(refused(format!("the contract at {contract:#x} is another one")));
        }
        Ok(())
    }

    /// The transaction that anchored `claim` before, if there is one.
    pub(super) async fn earlier(
        &self,
        contract: Address,
        by: Address,
        claim: &Claim,
    ) -> Result<Option<B256>, AnchorError> {
        let ask = latestCall { by, origin: claim.origin };
        let newest = self.read(contract, &ask).await?;
        if newest.size < claim.size {
            return Ok(None);
        }
        if newest.size == claim.size && newest.root != claim.root {
            let (size, root) = (claim.size, newest.root);
            let words = format!("at size {size} another root was anchored: {root:#x}");
            return Err(refused(words));
        }
        let at = anchoredInCall { by, origin: claim.origin };
        let at = self.read(contract, &at).await?;
        let found = self.search(contract, by, claim, at).await?;
        if found.is_some() {
            return Ok(found);
        }
        Err(if newest.size == claim.size {
            later("it is anchored, but the node does not give the event".to_owned())
        } else {
            refused(format!("goes back to size {} after size {}", claim.size, newest.size))
        })
    }

    async fn read<C: SolCall>(
        &self,
        contract: Address,
        question: &C,
    ) -> Result<C::Return, AnchorError> {
        let call = TransactionRequest::default().with_to(contract);
        let call = call.with_input(question.abi_encode());
        // Not what will stand in a block that is not there yet: it may never be.
        let asked = self.provider.call(call).block(BlockId::latest()).await;
        let answer = asked.map_err(|error| unanswered("what is anchored", &error))?;
        C::abi_decode_returns(&answer)
            .map_err(|_| later("the node's answer for the contract cannot be read".to_owned()))
    }

    /// First in block `at`, then backwards from the newest: where a chain counts blocks otherwise for
    /// contracts than for everybody else, `at` leads nowhere.
    async fn search(
        &self,
        contract: Address,
        by: Address,
        claim: &Claim,
        at: u64,
    ) -> Result<Option<B256>, AnchorError> {
        let all = Filter::new().address(contract).event_signature(Anchored::SIGNATURE_HASH);
        let all = all.topic1(by.into_word()).topic2(claim.origin);
        let mut newest = self.height().await?;
        if at <= newest {
            let found = self.among(all.clone().from_block(at).to_block(at), claim).await?;
            if found.is_some() {
                return Ok(found);
            }
        }
        for _ in 0..WINDOWS_MAX {
            let oldest = newest.saturating_sub(WINDOW_BLOCKS - 1);
            let window = all.clone().from_block(oldest).to_block(newest);
            let found = self.among(window, claim).await?;
            if found.is_some() || oldest == 0 {
                return Ok(found);
            }
            newest = oldest - 1;
        }
        Ok(None)
    }

    async fn among(&self, filter: Filter, claim: &Claim) -> Result<Option<B256>, AnchorError> {
        let asked = self.provider.get_logs(&filter).await;
        let logs = asked.map_err(|error| unanswered("the contract's events", &error))?;
        let ours = logs.iter().find(|log| says(log, claim));
        Ok(ours.and_then(|log| log.transaction_hash))
    }

    pub(super) async fn height(&self) -> Result<u64, AnchorError> {
        let asked = self.provider.get_block_number().await;
        asked.map_err(|error| unanswered("its newest block", &error))
    }

    pub(super) async fn receipt(
        &self,
        transaction: B256,
    ) -> Result<Option<TransactionReceipt>, AnchorError> {
        let asked = self.provider.get_transaction_receipt(transaction).await;
        asked.map_err(|error| unanswered("what became of a transaction", &error))
    }

    /// Whether enough blocks stand on `block`, itself included.
    pub(super) async fn is_deep(&self, block: u64) -> Result<bool, AnchorError> {
        Ok((self.height().await? + 1).saturating_sub(block) >= self.confirmations)
    }

    /// What gas costs in the next block at least, and what is usually given on top, in wei.
    pub(super) async fn fees(&self) -> Result<(u128, u128), AnchorError> {
        let newest = self.provider.get_block(BlockId::latest()).await;
        let block = newest
            .map_err(|error| unanswered("its newest block", &error))?
            .ok_or_else(|| later("the node has no newest block".to_owned()))?;
        let base = block
            .header
            .base_fee_per_gas()
            .ok_or_else(|| refused("the chain knows no EIP-1559 fees".to_owned()))?;
        let usual = self.provider.get_max_priority_fee_per_gas().await;
        let tip = usual.map_err(|error| unanswered("the usual tip", &error))?;
        Ok((base.into(), tip))
    }
}

fn says(log: &Log, claim: &Claim) -> bool {
    let event = Anchored::decode_log(&log.inner);
    event.is_ok_and(|event| event.size == claim.size && event.root == claim.root)
}

pub(super) fn later(words: String) -> AnchorError {
    AnchorError::Later(words)
}

pub(super) fn refused(words: String) -> AnchorError {
    AnchorError::Refused(words)
}

/// The node did not say `what`.
pub(super) fn unanswered(what: &str, error: &TransportError) -> AnchorError {
    later(format!("the node did not say {what}: {}", words(error)))
}

/// A node's words are a stranger's: one line of bounded length.
pub(super) fn words(error: &TransportError) -> String {
    let words = match error {
        RpcError::ErrorResp(answer) => answer.message.to_string(),
        RpcError::Transport(kind) => kind.to_string(),
        RpcError::NullResp => "it answered nothing".to_owned(),
        RpcError::DeserError { .. } => "its answer cannot be read".to_owned(),
        RpcError::UnsupportedFeature(_) | RpcError::LocalUsageError(_) | RpcError::SerError(_) => {
            "the question could not be asked".to_owned()
        }
    };
    let plain = words.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.take(WORDS_MAX).collect()
}
