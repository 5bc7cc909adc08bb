//! Shares of what there is little of: what an account may have at once, and how much there is in all. Rates
//! ([`crate::throttles`]) bound how often something is begun; shares, how much of it goes on.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::actor::Actor;
use futures::{Stream, StreamExt as _};

use crate::decide::{Rejection, rejections};

rejections! {
    /// Why an account gets no more.
    ShareRejection {
        /// Of live streams.
        TooManyStreams = TooSoon, "too_many_streams", "Your account has as many live streams open as one account may.", "Close one of them, then open this one.";
        /// Of history bundles.
        TooManyBundles = TooSoon, "too_many_bundles", "A history bundle is being made for your account.", "Wait until it has come, then ask for the next.";
        /// Of receipts.
        TooManyReceipts = TooSoon, "too_many_receipts", "Your account asks for as many receipts at once as one account may.", "Wait for the receipts you asked for, then ask for the next.";
        /// Of uploads.
        TooManyUploads = TooSoon, "too_many_uploads", "Your account has as many uploads under way as one account may.", "Wait until one of them is done, then send this one with the same ticket.";
        /// Of downloads.
        TooManyDownloads = TooSoon, "too_many_downloads", "Your account has as many downloads under way as one account may.", "Wait until one of them is done, then start this one.";
    }
}

/// What there is little of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scarce {
    /// Live streams: a connection each, for as long as it is listened to.
    Stream,
    /// History bundles: a patient's whole stream is read twice, and a proof made for each event.
    Bundle,
    /// Receipts: a patient's whole stream is read.
    Receipt,
    /// Uploads: bytes on the disk that no event counts yet.
    Upload,
    /// Downloads: an open file each, for as long as it is read.
    Download,
}

impl Scarce {
    const fn refused(self) -> Rejection {
        match self {
            Self::Stream => ShareRejection::TooManyStreams.rejection(),
            Self::Bundle => ShareRejection::TooManyBundles.rejection(),
            Self::Receipt => ShareRejection::TooManyReceipts.rejection(),
            Self::Upload => ShareRejection::TooManyUploads.rejection(),
            Self::Download => ShareRejection::TooManyDownloads.rejection(),
        }
    }
}

/// How much there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShareSize {
    /// For one account.
    pub each: usize,
    /// In all.
    pub all: usize,
}

/// How much there is of everything.
#[derive(Debug, Clone, Copy)]
pub struct ShareSizes {
    /// Live streams.
    pub streams: ShareSize,
    /// History bundles.
    pub bundles: ShareSize,
    /// Receipts.
    pub receipts: ShareSize,
    /// Uploads.
    pub uploads: ShareSize,
    /// Downloads.
    pub downloads: ShareSize,
}

impl ShareSizes {
    const fn of(&self, what: Scarce) -> ShareSize {
        match what {
            Scarce::Stream => self.streams,
            Scarce::Bundle => self.bundles,
            Scarce::Receipt => self.receipts,
            Scarce::Upload => self.uploads,
            Scarce::Download => self.downloads,
        }
    }
}

/// Why there is no share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoShare {
    /// The account has all that one account may.
    #[error(transparent)]
    OfTheAccount(#[from] Rejection),
    /// Everything is given out.
    #[error("everything of this kind is given out")]
    OfAll,
}

/// What is given out. Memory alone: a restart ends whatever went on.
#[derive(Clone)]
pub struct Shares(Arc<GivenOut>);

struct GivenOut {
    sizes: ShareSizes,
    taken: Mutex<TakenShares>,
}

#[derive(Default)]
struct TakenShares {
    each: HashMap<(Scarce, Actor), usize>,
    all: HashMap<Scarce, usize>,
}

/// One share, given back when it is dropped.
pub struct Share {
    of: Shares,
    what: Scarce,
    account: Actor,
}

impl Shares {
    /// Of these sizes.
    pub fn new(sizes: ShareSizes) -> Self {
        Self(Arc::new(GivenOut { sizes, taken: Mutex::default() }))
    }

    /// Takes one for an account.
    pub fn take(&self, what: Scarce, account: Actor) -> Result<Share, NoShare> {
        let size = self.0.sizes.of(what);
        let mut taken = self.taken();
        let each = taken.each.get(&(what, account)).copied().unwrap_or_default();
        if each >= size.each {
            return Err(what.refused().after(std::time::Duration::from_secs(1)).into());
        }
        let all = taken.all.entry(what).or_default();
        if *all >= size.all {
            return Err(NoShare::OfAll);
        }
        *all += 1;
        taken.each.insert((what, account), each + 1);
        Ok(Share { of: self.clone(), what, account })
    }

    fn taken(&self) -> MutexGuard<'_, TakenShares> {
        self.0.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let (what, whose) = (self.what, (self.what, self.account));
        let mut taken = self.of.taken();
        if let Some(all) = taken.all.get_mut(&what) {
            *all -= 1;
        }
        if let Some(each) = taken.each.get_mut(&whose) {
            *each -= 1;
            if *each == 0 {
                taken.each.remove(&whose);
            }
        }
    }
}

impl Share {
    /// The same stream, which gives the share back when it is over or nobody reads it any more.
    pub fn held_by<S: Stream>(self, stream: S) -> impl Stream<Item = S::Item> {
        stream.inspect(move |_| {
            let _: &Self = &self;
        })
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::DoctorId;
    use domain::samples::{ANA, BO};

    use super::*;

    const FEW: ShareSize = ShareSize { each: 2, all: 3 };
    const BO_HIMSELF: Actor = Actor::Doctor(BO);

    fn shares() -> Shares {
        let other = ShareSize { each: 1, all: 1 };
        Shares::new(ShareSizes {
            streams: FEW,
            bundles: other,
            receipts: other,
            uploads: other,
            downloads: other,
        })
    }

    #[test]
    fn an_account_has_its_share_and_no_more_until_one_is_given_back() {
        let shares = shares();
        let take = |account| shares.take(Scarce::Stream, account);
        let (first, _second) = (take(BO_HIMSELF).unwrap(), take(BO_HIMSELF).unwrap());
        let Err(NoShare::OfTheAccount(no)) = take(BO_HIMSELF).map(drop) else { panic!("a third") };
        assert_eq!(no.code, "too_many_streams");
        let _ana = take(Actor::Patient(ANA)).unwrap();
        drop(first);
        take(BO_HIMSELF).unwrap();
    }

    #[test]
    fn all_together_have_no_more_than_there_is() {
        let shares = shares();
        let account = |n| Actor::Doctor(DoctorId::new(uuid::Uuid::from_u128(n)));
        let taken: Vec<Share> =
            (0..3).map(|n| shares.take(Scarce::Stream, account(n)).unwrap()).collect();
        assert_eq!(shares.take(Scarce::Stream, account(3)).map(drop), Err(NoShare::OfAll));
        let _of_another_kind = shares.take(Scarce::Bundle, account(3)).unwrap();
        drop(taken);
        shares.take(Scarce::Stream, account(3)).unwrap();
    }

    #[test]
    fn a_stream_holds_its_share_until_it_is_dropped() {
        let shares = shares();
        let share = shares.take(Scarce::Bundle, BO_HIMSELF).unwrap();
        let mut held = Box::pin(share.held_by(futures::stream::iter([1, 2])));
        assert_eq!(futures::executor::block_on(held.next()), Some(1));
        assert!(shares.take(Scarce::Bundle, BO_HIMSELF).is_err());
        drop(held);
        shares.take(Scarce::Bundle, BO_HIMSELF).unwrap();
        assert!(shares.0.taken.lock().unwrap().each.is_empty(), "nothing is kept of nobody");
    }
}
