//! How many connections may be open, and who is served when there are too many.
//!
//! When all places are taken, a few more connections are let in to a lobby: their handshake tells for which host they are.
//! Administration goes on there, so that an attack can be ended by who sees it; everybody else is told to come back. When
//! places are getting scarce, strangers lose theirs first.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::counters::{Counters, Limit};

/// The places that there are, together and for one source.
#[derive(Debug)]
pub(crate) struct Places {
    all: Arc<Semaphore>,
    capacity: usize,
    lobby: Arc<Semaphore>,
    sources: Arc<Mutex<HashMap<IpAddr, usize>>>,
    per_source: usize,
    counters: Arc<Counters>,
}

/// A place of one connection, given back when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    _permit: OwnedSemaphorePermit,
    crowded: bool,
    source: Option<IpAddr>,
    sources: Arc<Mutex<HashMap<IpAddr, usize>>>,
    /// How many one source may have.
    share: usize,
    counters: Arc<Counters>,
}

impl Places {
    pub(crate) fn new(all: usize, per_source: usize, counters: Arc<Counters>) -> Self {
        let capacity = all.min(Semaphore::MAX_PERMITS);
        Self {
            all: Arc::new(Semaphore::new(capacity)),
            capacity,
            lobby: Arc::new(Semaphore::new(LOBBY)),
            sources: Arc::default(),
            per_source,
            counters,
        }
    }

    /// A place for a connection from there, or from who is not known yet; or the limit that leaves none: its source has its
    /// share, or not even the lobby has room.
    pub(crate) fn take(&self, source: Option<IpAddr>) -> Result<Place, Limit> {
        let (permit, crowded) = match Arc::clone(&self.all).try_acquire_owned() {
            Ok(permit) => (permit, false),
            Err(_none) => {
                let lobby = Arc::clone(&self.lobby).try_acquire_owned();
                (lobby.map_err(|_full| Limit::All)?, true)
            }
        };
        let (sources, share) = (Arc::clone(&self.sources), self.per_source);
        let counters = Arc::clone(&self.counters);
        counters.count_opened();
        let mut place = Place { _permit: permit, crowded, source: None, sources, share, counters };
        if let Some(source) = source
            && !place.belongs_to(source)
        {
            return Err(Limit::Source);
        }
        if crowded {
            self.counters.count_crowded();
        }
        Ok(place)
    }

    /// Whether nine of ten places are taken.
    pub(crate) fn are_scarce(&self) -> bool {
        self.all.available_permits() <= self.capacity / 10
    }
}

impl Place {
    /// Counts it for this source, as the one of nobody that it was until then; whether the source has one left.
    pub(crate) fn belongs_to(&mut self, address: IpAddr) -> bool {
        let source = network(address);
        let mut sources = self.sources.lock();
        let open = sources.entry(source).or_insert(0);
        if *open >= self.share {
            return false;
        }
        *open += 1;
        self.source = Some(source);
        true
    }

    /// Whether it is in the lobby.
    pub(crate) const fn is_crowded(&self) -> bool {
        self.crowded
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.counters.count_closed();
        let Some(source) = self.source else { return };
        let mut sources = self.sources.lock();
        if let Some(open) = sources.get_mut(&source) {
            *open = open.saturating_sub(1);
            if *open == 0 {
                sources.remove(&source);
            }
        }
    }
}

/// What one customer has: an IPv4 address or an IPv6 /64.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// Connections that are let in although all places are taken.
const LOBBY: usize = 64;

#[cfg(test)]
impl Place {
    pub(crate) fn for_tests() -> Self {
        Places::new(1, 1, Arc::default()).take(None).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_limited_together_and_by_source_and_given_back() {
        let counters = Arc::<Counters>::default();
        let places = Places::new(3, 2, Arc::clone(&counters));
        let (a, b) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let first = places.take(Some(a)).unwrap();
        let _second = places.take(Some(a)).unwrap();
        assert_eq!(places.take(Some(a)).unwrap_err(), Limit::Source, "a source has two places");
        let third = places.take(Some(b)).unwrap();
        assert!(places.are_scarce());
        assert!(
            places.take(Some(b)).is_ok_and(|place| place.is_crowded()),
            "there are three places, and a lobby"
        );
        assert_eq!((counters.open_connections(), counters.crowded_connections()), (3, 1));
        drop(first);
        assert!(places.take(Some(b)).is_ok_and(|place| !place.is_crowded()));
        assert_eq!((counters.open_connections(), counters.crowded_connections()), (2, 1));
        let kept: Vec<_> = (0..=65).map(|_| places.take(None)).collect();
        assert_eq!(kept.last().unwrap().as_ref().unwrap_err(), &Limit::All, "the lobby has an end");
        drop(third);
        let neighbours: [IpAddr; 2] = ["2001:db8::1".parse().unwrap(), "2001:db8::2".parse().unwrap()];
        assert_eq!(network(neighbours[0]), network(neighbours[1]));
    }
}
