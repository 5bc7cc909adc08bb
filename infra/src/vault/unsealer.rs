//! The vault as the read side sees it.

use std::sync::Arc;

use async_trait::async_trait;
use commands::ports::key_vault::{KeyVault, VaultError};
use domain::ids::{EventId, Owner};
use projections::ports::{PortError, Unseal};

/// Opens sealed personal text with any key vault, and does nothing else with it.
pub struct Unsealer(pub Arc<dyn KeyVault>);

#[async_trait]
impl Unseal for Unsealer {
    async fn unseal(
        &self,
        owner: Owner,
        event: EventId,
        pointer: &str,
        sealed: &str,
    ) -> Result<Option<String>, PortError> {
        match self.0.unseal(owner, event, pointer, sealed).await {
            // Out of the wiping buffer here: from now on it is an answer that somebody reads.
            Ok(words) => Ok(Some(words.as_str().to_owned())),
            Err(VaultError::NoKey) => Ok(None),
            Err(error @ (VaultError::Damaged | VaultError::DiskFull | VaultError::Vault(_))) => {
                Err(PortError { what: "key vault", source: Box::new(error) })
            }
        }
    }
}
