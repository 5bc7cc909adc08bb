//! What commands need from the world: roles, each an object-safe trait over plain data. Adapters live
//! elsewhere and are named by their technology.

pub mod blob_store;
pub mod credentials;
pub mod cursors;
pub mod due_list;
pub mod event_store;
pub mod factor_secrets;
pub mod key_vault;
pub mod leases;
pub mod page_region;
pub mod passkeys;
pub mod rasteriser;
pub mod receipts;
pub mod world;
