//! How many files and connections this process may have open.

use std::fs::File;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Kept for databases, reports, tiles and drawing processes, whatever comes from outside.
const OUR_OWN: u64 = 256;
/// With fewer left, something is about to fail.
const FREE_MIN: usize = 16;

/// Raises the limit to what the machine lets us have.
pub(super) fn raise() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current != maximum
        && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })
    {
        tracing::warn!(%error, "the limit of open files could not be raised");
    }
}

/// How many connections the limit has room for.
pub(crate) fn room_for_connections() -> usize {
    let limit = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let room = limit - OUR_OWN.min(limit / 2);
    usize::try_from(room).unwrap_or(usize::MAX)
}

/// What is wrong, if too few are left. It is found out by taking them.
pub(crate) fn too_few() -> Option<String> {
    let taken: Result<Vec<File>, _> = (0..FREE_MIN).map(|_| File::open("/dev/null")).collect();
    taken.err().map(|error| format!("fewer than {FREE_MIN} files can be opened: {error}"))
}
