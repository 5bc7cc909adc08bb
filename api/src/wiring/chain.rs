//! The anchor on a chain, and who asks the chain whether a receipt holds: in builds with the feature `evm`.
//! In others nobody can be asked, and whoever wants to is told so.

mod asked;
#[cfg(feature = "evm")]
mod evm;
#[cfg(not(feature = "evm"))]
mod none;

pub(crate) use self::asked::AskedChain;
#[cfg(feature = "evm")]
pub(crate) use self::evm::deploy_contract;
#[cfg(feature = "evm")]
pub(super) use self::evm::{ChainChecker, anchor, checker};
#[cfg(not(feature = "evm"))]
pub(crate) use self::none::deploy_contract;
#[cfg(not(feature = "evm"))]
pub(super) use self::none::{ChainChecker, anchor, checker};
