//! This build has no chain anchor.

use std::sync::Arc;

use serde_json::Value;
use transparency::ports::{Anchor, AnchorError, AnchorRequest};

use super::asked::AskedChain;
use crate::config::{EvmSettings, NO_CHAIN_ANCHOR};

/// Nobody, because no build without the feature can ask a chain.
pub(in crate::wiring) enum ChainChecker {}

impl ChainChecker {
    /// Cannot be asked.
    pub(in crate::wiring) async fn check(
        &self,
        _request: &AnchorRequest,
        _receipt: &Value,
    ) -> Result<(), AnchorError> {
        match *self {}
    }
}

/// None: the settings have refused to name one.
pub(in crate::wiring) fn anchor(
    _settings: &EvmSettings,
) -> anyhow::Result<Option<Arc<dyn Anchor>>> {
    Ok(None)
}

/// Refuses.
pub(crate) async fn deploy_contract(_settings: &EvmSettings) -> anyhow::Result<String> {
    anyhow::bail!(NO_CHAIN_ANCHOR)
}

/// Nobody, or a refusal if somebody was asked for.
pub(in crate::wiring) fn checker(
    asked: &AskedChain,
    _settings: Option<&EvmSettings>,
) -> anyhow::Result<Option<ChainChecker>> {
    let AskedChain { rpc_url, chain_id, contract, account } = asked;
    let words = [rpc_url, contract, account];
    let nothing = chain_id.is_none() && words.into_iter().all(Option::is_none);
    anyhow::ensure!(nothing, NO_CHAIN_ANCHOR);
    Ok(None)
}
