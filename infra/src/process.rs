//! This process as the kernel sees it.

use std::io;

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// Keeps keys and clear text where they are: no core is dumped, not by a program that a signal or a collector
/// hands it to either, and no other process of the same user may read this one's memory. A program that is
/// started from here may be dumped again, but has no core's size left.
///
/// # Errors
/// If the kernel does not let a process do so.
pub fn keep_memory_private() -> io::Result<()> {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    setrlimit(Resource::Core, none)?;
    Ok(set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
}
