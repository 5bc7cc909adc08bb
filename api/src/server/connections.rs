//! How many connections there are, in all and from each source; one too many is refused at once, so that
//! nobody keeps the others out by holding on.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::config::{HttpSettings, Networks};
use crate::rest::peer::source;

/// Counts connections.
pub(crate) struct Connections {
    most: usize,
    most_of_one: usize,
    trusted: Networks,
    taken: Mutex<Counted>,
}

#[derive(Default)]
struct Counted {
    all: usize,
    by_source: HashMap<String, usize>,
}

/// A place of its holder, until it is dropped.
pub(crate) struct Seat {
    of: Arc<Connections>,
    counts_in_all: bool,
    source: Option<String>,
}

/// There is no place left.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Crowded;

impl Connections {
    /// As the settings say, but at most `most`. One source gets a quarter of all at the most.
    pub(crate) fn new(settings: &HttpSettings, most: usize) -> Arc<Self> {
        let most = settings.connections_max.min(most).max(1);
        let most_of_one = settings.connections_per_source_max.min(most.div_ceil(4)).max(1);
        let trusted = settings.trusted_proxies.clone();
        Arc::new(Self { most, most_of_one, trusted, taken: Mutex::default() })
    }

    /// Most connections at once.
    pub(crate) fn most(&self) -> usize {
        self.most
    }

    /// A place for a connection. Behind a trusted proxy stand many people: it is bounded by all only, and
    /// each request that it passes on takes a place of its own source.
    pub(crate) fn connect(self: &Arc<Self>, from: Option<IpAddr>) -> Result<Seat, Crowded> {
        let from = from.map(|ip| ip.to_canonical());
        let proxy = from.is_some_and(|ip| self.trusted.contains(ip));
        self.take(true, (!proxy).then(|| source(from)))
    }

    /// A place for a request that a trusted proxy passes on.
    pub(crate) fn pass_on(self: &Arc<Self>, source: String) -> Result<Seat, Crowded> {
        self.take(false, Some(source))
    }

    fn take(self: &Arc<Self>, counts: bool, source: Option<String>) -> Result<Seat, Crowded> {
        let mut taken = self.lock();
        if counts && taken.all >= self.most {
            return Err(Crowded);
        }
        if let Some(source) = &source {
            let of_one = taken.by_source.entry(source.clone()).or_default();
            if *of_one >= self.most_of_one {
                return Err(Crowded);
            }
            *of_one += 1;
        }
        taken.all += usize::from(counts);
        Ok(Seat { of: Arc::clone(self), counts_in_all: counts, source })
    }

    fn lock(&self) -> MutexGuard<'_, Counted> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.of.lock();
        taken.all -= usize::from(self.counts_in_all);
        let Some(source) = &self.source else { return };
        let left = taken.by_source.get_mut(source).map_or(0, |count| {
            *count -= 1;
            *count
        });
        if left == 0 {
            taken.by_source.remove(source);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connections(all: usize, of_one: usize) -> Arc<Connections> {
        let settings = HttpSettings {
            connections_max: all,
            connections_per_source_max: of_one,
            trusted_proxies: Networks::of(["10.0.0.1"]).unwrap(),
            ..HttpSettings::default()
        };
        Connections::new(&settings, 1_000)
    }

    fn from(ip: &str) -> Option<IpAddr> {
        ip.parse().ok()
    }

    #[test]
    fn a_place_is_anybodys_again_when_it_is_given_back() {
        let connections = connections(8, 2);
        let first = connections.connect(from("203.0.113.1")).unwrap();
        let second = connections.connect(from("::ffff:203.0.113.1")).unwrap();
        assert_eq!(connections.connect(from("203.0.113.1")).err(), Some(Crowded));
        let other = connections.connect(from("203.0.113.2")).unwrap();
        drop(first);
        let third = connections.connect(from("203.0.113.1")).unwrap();
        drop((second, other, third));
        let taken = connections.lock();
        assert!(taken.all == 0 && taken.by_source.is_empty());
    }

    #[test]
    fn one_source_has_a_quarter_of_all_at_the_most() {
        let connections = connections(8, 100);
        let one: Vec<Seat> =
            std::iter::from_fn(|| connections.connect(from("2001:db8::1")).ok()).collect();
        assert_eq!(one.len(), 2);
        let machines = (0..100_u8).map(|n| from(&format!("203.0.113.{n}")));
        let others: Vec<Seat> = machines.filter_map(|ip| connections.connect(ip).ok()).collect();
        assert_eq!(others.len(), 6, "and all together no more than all");
    }

    #[test]
    fn a_trusted_proxy_counts_by_what_it_passes_on() {
        let connections = connections(8, 2);
        let proxy: Vec<Seat> =
            (0..8).map(|_| connections.connect(from("10.0.0.1")).unwrap()).collect();
        let busy: Vec<Seat> = std::iter::from_fn(|| connections.pass_on("a".into()).ok()).collect();
        assert_eq!(busy.len(), 2);
        assert!(connections.pass_on("b".into()).is_ok());
        drop((proxy, busy));
    }
}
