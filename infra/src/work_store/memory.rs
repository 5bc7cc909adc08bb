//! The work store for tests: same words, no disk.

mod reactions;

pub use reactions::MemoryReactions;
