//! The contract as its source and its committed bytes say.

use alloy::primitives::Bytes;
use transparency::ports::AnchorError;

/// What `infra/contracts/compile.mjs` makes of the source; a test compiles it again.
const CREATION: &str = include_str!("../../../contracts/Anchor.bin");
/// What then stands at the contract's address.
const RUNTIME: &str = include_str!("../../../contracts/AnchorRuntime.bin");

alloy::sol!("contracts/Anchor.sol");

/// The bytes a deployment sends.
pub(super) fn creation_code() -> Result<Bytes, AnchorError> {
    decoded(CREATION)
}

/// The bytes a deployed contract has.
pub(super) fn runtime_code() -> Result<Bytes, AnchorError> {
    decoded(RUNTIME)
}

fn decoded(text: &str) -> Result<Bytes, AnchorError> {
    let bytes = hex::decode(text.trim());
    let bytes = bytes.map_err(|_| AnchorError::Refused("the contract's file is no hex".into()))?;
    Ok(bytes.into())
}
