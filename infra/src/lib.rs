//! Where it is kept and carried: adapters named by their technology.

pub mod anchor;
pub mod aside;
pub mod blob_store;
pub mod checkpoint_store;
pub mod clock;
#[cfg(test)]
mod conformance;
pub mod courier;
pub mod crypto;
mod durable;
pub mod entropy;
pub mod event_store;
pub mod limiter;
pub mod passkeys;
pub mod private;
pub mod process;
pub mod rasteriser;
pub mod read_store;
pub mod schemas;
pub mod secret_file;
pub mod signer;
pub mod sqlite;
pub mod tile_store;
pub mod tokens;
pub mod vault;
pub mod witness;
pub mod work_store;
