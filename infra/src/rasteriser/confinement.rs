//! What the drawing process gives up before it reads a byte, and how much of that the kernel granted.
//!
//! Three layers, none of which trusts another: limits of the process, Landlock (no file, no port, no signal),
//! and a list of system calls ([`calls`]). They are for good: a decoder that a hostile document has taken
//! over can compute, read its one pipe and write its two, and nothing else. One that waits for its document
//! has given up the same before it waits.

pub mod calls;

use std::fmt;
use std::io;
use std::os::fd::RawFd;

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, CompatLevel, Compatible as _, Ruleset, RulesetAttr as _,
    RulesetError, RulesetStatus, Scope,
};
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, Signal, set_dumpable_behavior,
    set_parent_process_death_signal, setrlimit,
};
use serde::{Deserialize, Serialize};

use super::limits::DrawingLimits;

/// The newest Landlock these rules were tried with; an older kernel enforces what it knows of them.
const LANDLOCK: ABI = ABI::V7;
/// Input, output and errors: what the process keeps.
const DESCRIPTORS: RawFd = 3;

/// Which layers the kernel granted besides the limits, which every kernel has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confined {
    /// Landlock refuses files, ports and signals: whole, or as much as this kernel knows.
    pub landlock: bool,
    /// Every system call that drawing does not need is refused.
    pub seccomp: bool,
}

impl Confined {
    /// Whether any of them holds. Either alone keeps a document from files and from the network.
    pub fn at_all(self) -> bool {
        self.landlock || self.seccomp
    }

    /// Whether both hold.
    pub fn wholly(self) -> bool {
        self.landlock && self.seccomp
    }
}

/// As a log line says it.
impl fmt::Display for Confined {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = |held: bool| if held { "in force" } else { "not to be had" };
        write!(out, "Landlock {}, seccomp {}", held(self.landlock), held(self.seccomp))
    }
}

/// Gives up, for good, whatever drawing does not need, and dies with whoever started it. Call it in a process
/// with a single thread.
///
/// # Errors
/// If a limit could not be taken or a descriptor not be closed. A layer that this kernel does not have is no
/// error: what was granted is answered.
pub fn confine(limits: &DrawingLimits) -> io::Result<Confined> {
    close_inherited()?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    // Nobody is left to read what it draws, nor to end it.
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let landlock = landlock().unwrap_or(false);
    take_limits(limits)?;
    let seccomp = calls::restrict().is_ok();
    Ok(Confined { landlock, seccomp })
}

/// Refuses every file, every port, every signal to others. Whether this kernel does, at least in part.
///
/// # Errors
/// If the kernel has Landlock and did not take the rules.
pub fn landlock() -> Result<bool, RulesetError> {
    let nothing_allowed = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(LANDLOCK))?
        .handle_access(AccessNet::from_all(LANDLOCK))?
        .scope(Scope::from_all(LANDLOCK))?
        .create()?;
    let status = nothing_allowed.restrict_self()?;
    Ok(status.ruleset != RulesetStatus::NotEnforced)
}

/// Whatever the service inherited, from a shell or from systemd, and did not close.
fn close_inherited() -> io::Result<()> {
    let entries = std::fs::read_dir("/proc/self/fd")?;
    let open: Vec<RawFd> =
        entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    for descriptor in open.into_iter().filter(|descriptor| *descriptor >= DESCRIPTORS) {
        // The one the list was read from is closed already.
        let _ = nix::unistd::close(descriptor);
    }
    Ok(())
}

/// Memory and processor time beyond the bounds, files, new descriptors, new processes, core dumps.
fn take_limits(limits: &DrawingLimits) -> io::Result<()> {
    let set = |resource, value| {
        let limit = Rlimit { current: Some(value), maximum: Some(value) };
        setrlimit(resource, limit).map_err(io::Error::from)
    };
    set(Resource::Core, 0)?;
    set(Resource::Fsize, 0)?;
    set(Resource::Nofile, DESCRIPTORS.unsigned_abs().into())?;
    // Holds for everybody but root, who may start processes whatever the limit says.
    set(Resource::Nproc, 0)?;
    set(Resource::As, limits.memory_bytes_max)?;
    // The soft limit sends a signal the parent can tell apart, the hard one kills.
    let soft = limits.cpu_seconds_max;
    let hard = limits.cpu_seconds_max.saturating_add(1);
    let time = Rlimit { current: Some(soft), maximum: Some(hard) };
    setrlimit(Resource::Cpu, time).map_err(io::Error::from)
}
