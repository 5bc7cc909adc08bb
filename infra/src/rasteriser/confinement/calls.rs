//! The system calls of a process that draws. What is not here is refused (`EPERM`); what no decoder and no
//! C library tries by accident ends the process, so that it is noticed.

use std::collections::BTreeMap;

use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition,
    SeccompFilter, SeccompRule, TargetArch,
};

/// Memory, the end, and what the Rust and C libraries ask for on the way, a panic and an abort included.
const ALLOWED: [i64; 23] = [
    libc::SYS_brk,
    libc::SYS_clock_getres,
    libc::SYS_clock_gettime,
    libc::SYS_close,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_futex,
    libc::SYS_getpid,
    libc::SYS_getrandom,
    libc::SYS_gettid,
    libc::SYS_gettimeofday,
    libc::SYS_madvise,
    libc::SYS_mremap,
    libc::SYS_munmap,
    libc::SYS_restart_syscall,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_yield,
    libc::SYS_sigaltstack,
    libc::SYS_nanosleep,
    libc::SYS_clock_nanosleep,
];

/// Another program, the network, another process: whoever tries is led by somebody.
const ENDING: [i64; 12] = [
    libc::SYS_bind,
    libc::SYS_bpf,
    libc::SYS_connect,
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_io_uring_setup,
    libc::SYS_mount,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_ptrace,
    libc::SYS_socket,
    libc::SYS_unshare,
];

/// Takes the lists into force for this thread and all it starts.
///
/// # Errors
/// If this kernel has no seccomp, or this processor has no list.
pub fn restrict() -> Result<(), seccompiler::Error> {
    // The list that ends the process first: the other one takes away what installs a list.
    seccompiler::apply_filter(&ending()?)?;
    seccompiler::apply_filter(&allowing()?)
}

fn architecture() -> Result<TargetArch, BackendError> {
    std::env::consts::ARCH.try_into()
}

fn ending() -> Result<BpfProgram, BackendError> {
    let calls = ENDING.into_iter().map(|call| (call, Vec::new())).collect();
    let (matched, other) = (SeccompAction::KillProcess, SeccompAction::Allow);
    SeccompFilter::new(calls, other, matched, architecture()?)?.try_into()
}

fn allowing() -> Result<BpfProgram, BackendError> {
    let mut calls: BTreeMap<i64, Vec<SeccompRule>> =
        ALLOWED.into_iter().map(|call| (call, Vec::new())).collect();
    calls.insert(libc::SYS_read, vec![only_if(0, SeccompCmpOp::Eq, 0)?]);
    for call in [libc::SYS_write, libc::SYS_writev] {
        calls
            .insert(call, vec![only_if(0, SeccompCmpOp::Eq, 1)?, only_if(0, SeccompCmpOp::Eq, 2)?]);
    }
    // Memory that can be run is never made anew: what the document says stays data.
    let executable = u64::from(libc::PROT_EXEC.unsigned_abs());
    for call in [libc::SYS_mmap, libc::SYS_mprotect] {
        calls.insert(call, vec![only_if(2, SeccompCmpOp::MaskedEq(executable), 0)?]);
    }
    // An abort is a signal to oneself, and to nobody else.
    let own = u64::from(std::process::id());
    calls.insert(libc::SYS_tgkill, vec![only_if(0, SeccompCmpOp::Eq, own)?]);
    let refused = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    SeccompFilter::new(calls, refused, SeccompAction::Allow, architecture()?)?.try_into()
}

/// A rule about the argument at `index`.
fn only_if(index: u8, compare: SeccompCmpOp, value: u64) -> Result<SeccompRule, BackendError> {
    let condition = SeccompCondition::new(index, SeccompCmpArgLen::Dword, compare, value)?;
    SeccompRule::new(vec![condition])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_become_filters_and_no_call_is_on_both() {
        assert!(!ending().unwrap().is_empty() && !allowing().unwrap().is_empty());
        let both: Vec<_> = ALLOWED.iter().filter(|call| ENDING.contains(call)).collect();
        assert!(both.is_empty(), "{both:?}");
    }
}
