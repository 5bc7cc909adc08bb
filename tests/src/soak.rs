//! Two sizes: the share of a number that every run of the tests takes, and the whole of it, which
//! `scripts/soak` takes.

/// `full` if `MEDLOCK_SOAK` is set, else `share`.
pub fn sized(share: u64, full: u64) -> u64 {
    if soaking() { full } else { share }
}

/// Whether this run takes the whole of every number.
#[allow(clippy::disallowed_methods, reason = "what tests are told, and the product is not")]
pub fn soaking() -> bool {
    std::env::var("MEDLOCK_SOAK").is_ok_and(|said| !said.is_empty())
}
