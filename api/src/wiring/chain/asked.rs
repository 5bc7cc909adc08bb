//! What whoever checks says of the chain.

/// Where to ask about what was anchored on a chain; what is not said is taken from the settings.
#[derive(Default)]
pub(crate) struct AskedChain {
    /// Where a node of the chain answers.
    pub(crate) rpc_url: Option<String>,
    /// The chain it must be on.
    pub(crate) chain_id: Option<u64>,
    /// The contract's address.
    pub(crate) contract: Option<String>,
    /// The account that anchors.
    pub(crate) account: Option<String>,
}
