//! The work store for tests: same words, no disk.

#[cfg(test)]
mod challenges;
#[cfg(test)]
mod credentials;
#[cfg(test)]
mod familiar_sources;
#[cfg(test)]
mod leases;
mod reactions;
#[cfg(test)]
mod sessions;

pub use reactions::MemoryReactions;
