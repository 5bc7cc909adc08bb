//! The chain anchor of the settings.

use std::sync::Arc;

use anyhow::Context as _;
pub(in crate::wiring) use infra::anchor::evm::EvmChecker as ChainChecker;
use infra::anchor::evm::{EvmAccount, EvmAnchor, EvmNode, Patience};
use transparency::ports::Anchor;

use super::asked::AskedChain;
use crate::config::EvmSettings;

/// Gas that an anchoring may use. A first one takes half of it, a later one a quarter.
const GAS_MAX: u64 = 150_000;
/// Gas that deploying may use.
const DEPLOY_GAS_MAX: u64 = 400_000;

/// The anchor on a chain, if the settings name one.
pub(in crate::wiring) fn anchor(settings: &EvmSettings) -> anyhow::Result<Option<Arc<dyn Anchor>>> {
    let (Some(contract), Some(account)) = (&settings.contract, account(settings)) else {
        return Ok(None);
    };
    let evm = EvmAnchor::new(&node(settings)?, &account, contract);
    let evm = evm.context("the settings anchors.evm do not fit")?;
    tracing::info!(account = evm.account(), contract, "checkpoints are anchored on a chain");
    Ok(Some(Arc::new(evm)))
}

/// The node the settings name.
fn node(settings: &EvmSettings) -> anyhow::Result<EvmNode> {
    let rpc_url = settings.rpc_url.clone().context("anchors.evm.rpc_url is not set")?;
    let chain_id = settings.chain_id.context("anchors.evm.chain_id is not set")?;
    Ok(EvmNode { rpc_url, chain_id, confirmations: 1, patience: Patience::default() })
}

fn account(settings: &EvmSettings) -> Option<EvmAccount> {
    let private_key = settings.key.clone()?;
    Some(EvmAccount { private_key, max_fee_gwei: settings.gwei_max, gas_limit: GAS_MAX })
}

/// Deploys the anchor contract with the account of the settings; answers its address.
pub(crate) async fn deploy_contract(settings: &EvmSettings) -> anyhow::Result<String> {
    let account = account(settings).context("anchors.evm.key is not set")?;
    let account = EvmAccount { gas_limit: DEPLOY_GAS_MAX, ..account };
    Ok(infra::anchor::evm::deploy(&node(settings)?, &account).await?)
}

/// Who asks the node that was asked for, and else the one the settings name.
pub(in crate::wiring) fn checker(
    asked: &AskedChain,
    settings: Option<&EvmSettings>,
) -> anyhow::Result<Option<ChainChecker>> {
    let configured = settings.and_then(|settings| settings.rpc_url.clone());
    let rpc_url = asked.rpc_url.clone().map(Into::into).or(configured);
    let Some(rpc_url) = rpc_url else { return Ok(None) };
    let chain_id = asked.chain_id.or(settings.and_then(|settings| settings.chain_id));
    let chain_id = chain_id.context("which chain? --evm-chain-id, from elsewhere")?;
    let contract = asked.contract.clone();
    let contract = contract.or(settings.and_then(|settings| settings.contract.clone()));
    let contract = contract.context("which contract? --evm-contract, from elsewhere")?;
    let node = EvmNode { rpc_url, chain_id, confirmations: 1, patience: Patience::default() };
    Ok(Some(ChainChecker::new(&node, &contract, asked.account.as_deref())?))
}
