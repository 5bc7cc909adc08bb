//! Descriptors that this program was started with.

use std::fs::File;

use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};

/// What was handed over as `descriptor`; none if nothing was. What this program opened itself is not taken
/// for it: all of that is closed when another program is started, and what came from one was not.
pub(super) fn take(descriptor: u32) -> Option<File> {
    let about = std::fs::read_to_string(format!("/proc/self/fdinfo/{descriptor}")).ok()?;
    let flags = about.lines().find_map(|line| line.strip_prefix("flags:"))?;
    let flags = i32::from_str_radix(flags.trim(), 8).ok()?;
    if flags & libc::O_CLOEXEC != 0 {
        return None;
    }
    duplicate(descriptor).or_else(|| File::open(format!("/proc/self/fd/{descriptor}")).ok())
}

/// A second descriptor of the same open file, which may be one that this user could not open again.
fn duplicate(descriptor: u32) -> Option<File> {
    let own = pidfd_open(getpid(), PidfdFlags::empty()).ok()?;
    let descriptor = i32::try_from(descriptor).ok()?;
    pidfd_getfd(own, descriptor, PidfdGetfdFlags::empty()).ok().map(File::from)
}

/// Closes what was taken.
pub(super) fn close(descriptor: u32) {
    // It was open a moment ago, and nobody else knows of it.
    let _ = i32::try_from(descriptor).map(nix::unistd::close);
}
