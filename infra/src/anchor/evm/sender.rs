//! Signs, sends and waits, so that one wish is one transaction.
//!
//! A transaction always takes the account's first free place: the number of those that are in blocks, not
//! of those that wait. Whatever waits there from before a crash and what is sent now exclude each other:
//! the chain takes one.

use alloy::eips::BlockId;
use alloy::eips::eip2718::Encodable2718 as _;
use alloy::network::{EthereumWallet, NetworkTransactionBuilder as _, TransactionBuilder as _};
use alloy::primitives::{Address, B256, Bytes, utils::format_units};
use alloy::providers::Provider as _;
use alloy::rpc::types::{TransactionReceipt, TransactionRequest};
use alloy::transports::TransportError;
use transparency::ports::AnchorError;

use super::chain::{EvmChain, later, refused, unanswered, words};
use super::contract::Anchor::AnchorErrors;
use super::settings::{EvmAccount, EvmSettingError};

const WEI_IN_GWEI: u128 = 1_000_000_000;

/// One account on one chain.
pub(super) struct Sender {
    chain: EvmChain,
    wallet: EthereumWallet,
    address: Address,
    max_fee: u128,
    gas_limit: u64,
}

impl Sender {
    pub(super) fn new(chain: EvmChain, account: &EvmAccount) -> Result<Self, EvmSettingError> {
        account.check()?;
        let signer = account.signer()?;
        let address = signer.address();
        let max_fee = u128::from(account.max_fee_gwei) * WEI_IN_GWEI;
        let wallet = EthereumWallet::from(signer);
        Ok(Self { chain, wallet, address, max_fee, gas_limit: account.gas_limit })
    }

    pub(super) fn chain(&self) -> &EvmChain {
        &self.chain
    }

    pub(super) fn address(&self) -> Address {
        self.address
    }

    /// Calls a contract; answers the transaction's hash. What it would refuse is asked first, for nothing.
    pub(super) async fn call(&self, to: Address, input: Vec<u8>) -> Result<B256, AnchorError> {
        let call = TransactionRequest::default().with_from(self.address).with_to(to);
        let call = call.with_input(input).with_gas_limit(self.gas_limit);
        let tried = self.chain.provider.call(call.clone()).block(BlockId::latest()).await;
        tried.map_err(|error| would_fail(&error))?;
        self.send(call).await
    }

    /// Makes a contract; answers the transaction's hash.
    pub(super) async fn create(&self, code: Bytes, gas_max: u64) -> Result<B256, AnchorError> {
        let create = TransactionRequest::default().with_from(self.address);
        self.send(create.with_deploy_code(code).with_gas_limit(gas_max)).await
    }

    /// A node lets a transaction take the place of one that waits only if it offers more of everything, the
    /// tip too. So a tip that is refused is doubled once, within the bound: whoever raises the bound gets an
    /// old transaction out of the way, and below the old bound the node goes on refusing.
    async fn send(&self, wish: TransactionRequest) -> Result<B256, AnchorError> {
        let (base, tip) = self.affordable().await?;
        let count = self.chain.provider.get_transaction_count(self.address);
        let asked = count.block_id(BlockId::latest()).await;
        let place =
            asked.map_err(|error| unanswered("how many transactions there were", &error))?;
        let wish = wish.with_chain_id(self.chain.id()).with_nonce(place);
        match self.offer(wish.clone(), tip).await {
            Err(AnchorError::Later(_)) if base.saturating_add(tip * 2) <= self.max_fee => {
                self.offer(wish, tip * 2).await
            }
            sent => sent,
        }
    }

    async fn offer(&self, wish: TransactionRequest, tip: u128) -> Result<B256, AnchorError> {
        let wish = wish.with_max_fee_per_gas(self.max_fee).with_max_priority_fee_per_gas(tip);
        let signed = wish.build(&self.wallet).await;
        // The error's own words could hold the whole request; there is nothing in it that changes from try
        // to try.
        let signed = signed.map_err(|_| refused("the transaction cannot be signed".to_owned()))?;
        let hash = *signed.tx_hash();
        let sent = self.chain.provider.send_raw_transaction(&signed.encoded_2718()).await;
        match sent {
            Ok(_) => Ok(hash),
            Err(error) => self.known(hash, &error).await,
        }
    }

    /// A node that refuses a transaction may have it already: from before a crash, or from a try whose answer
    /// was lost. Otherwise another one of this account waits in its place, or the account has no money.
    async fn known(&self, hash: B256, error: &TransportError) -> Result<B256, AnchorError> {
        let asked = self.chain.provider.get_transaction_by_hash(hash).await;
        match asked.map_err(|error| unanswered("whether it has a transaction", &error))? {
            Some(_) => Ok(hash),
            None => Err(later(format!("the node took no transaction: {}", words(error)))),
        }
    }

    /// What gas costs, and what is given on top, if both together are within the bound. The most that may be
    /// paid is always offered: a chain takes only what it asks for, and a transaction whose price rises waits
    /// instead of being sent again.
    async fn affordable(&self) -> Result<(u128, u128), AnchorError> {
        let (base, tip) = self.chain.fees().await?;
        let asked = base.saturating_add(tip);
        if asked > self.max_fee {
            let (asked, bound) = (gwei(asked), gwei(self.max_fee));
            return Err(later(format!("gas costs {asked} gwei, the bound is {bound} gwei")));
        }
        Ok((base, tip))
    }

    /// Waits until a transaction is in a block that is deep enough.
    pub(super) async fn mined(&self, hash: B256) -> Result<TransactionReceipt, AnchorError> {
        for look in 0..self.chain.patience.looks.max(1) {
            if look > 0 {
                tokio::time::sleep(self.chain.patience.pause).await;
            }
            let Some(receipt) = self.chain.receipt(hash).await? else { continue };
            if !receipt.status() {
                return Err(refused(format!("transaction {hash:#x} was reverted")));
            }
            let Some(block) = receipt.block_number else { continue };
            // Read anew at every look: a block can still be replaced by another one.
            if self.chain.is_deep(block).await? {
                return Ok(receipt);
            }
        }
        Err(later(format!("transaction {hash:#x} still waits for its blocks")))
    }
}

/// A call that was only tried out and failed: because the contract refuses, or because the node does not
/// answer.
fn would_fail(error: &TransportError) -> AnchorError {
    let answer = error.as_error_resp();
    let reason = answer.and_then(|answer| answer.as_decoded_interface_error::<AnchorErrors>());
    match reason {
        Some(AnchorErrors::GoesBack(no)) => {
            refused(format!("goes back to size {} after size {}", no.size, no.newest))
        }
        Some(AnchorErrors::Contradicts(no)) => {
            refused(format!("at size {} another root was anchored: {:#x}", no.size, no.root))
        }
        Some(AnchorErrors::Empty(_)) => refused("the empty log has nothing to anchor".to_owned()),
        None => unanswered("what the contract would do", error),
    }
}

fn gwei(wei: u128) -> String {
    let text = format_units(wei, "gwei").unwrap_or_default();
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
