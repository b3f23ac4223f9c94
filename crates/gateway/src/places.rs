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

/// The places that there are, together and for one source.
#[derive(Debug)]
pub(crate) struct Places {
    all: Arc<Semaphore>,
    capacity: usize,
    lobby: Arc<Semaphore>,
    sources: Arc<Mutex<HashMap<IpAddr, usize>>>,
    per_source: usize,
}

/// A place of one connection, given back when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    _permit: OwnedSemaphorePermit,
    crowded: bool,
    source: IpAddr,
    sources: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl Places {
    pub(crate) fn new(all: usize, per_source: usize) -> Self {
        let capacity = all.min(Semaphore::MAX_PERMITS);
        Self {
            all: Arc::new(Semaphore::new(capacity)),
            capacity,
            lobby: Arc::new(Semaphore::new(LOBBY)),
            sources: Arc::default(),
            per_source,
        }
    }

    /// A place for a connection from there; none if its source has its share, or not even the lobby has room.
    pub(crate) fn take(&self, address: IpAddr) -> Option<Place> {
        let (permit, crowded) = match Arc::clone(&self.all).try_acquire_owned() {
            Ok(permit) => (permit, false),
            Err(_none) => (Arc::clone(&self.lobby).try_acquire_owned().ok()?, true),
        };
        let source = network(address);
        let mut sources = self.sources.lock();
        let open = sources.entry(source).or_insert(0);
        if *open >= self.per_source {
            return None;
        }
        *open += 1;
        drop(sources);
        Some(Place { _permit: permit, crowded, source, sources: Arc::clone(&self.sources) })
    }

    /// Whether nine of ten places are taken.
    pub(crate) fn are_scarce(&self) -> bool {
        self.all.available_permits() <= self.capacity / 10
    }
}

impl Place {
    /// Whether it is in the lobby.
    pub(crate) const fn is_crowded(&self) -> bool {
        self.crowded
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut sources = self.sources.lock();
        if let Some(open) = sources.get_mut(&self.source) {
            *open = open.saturating_sub(1);
            if *open == 0 {
                sources.remove(&self.source);
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
        Places::new(1, 1).take(IpAddr::from([127, 0, 0, 1])).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_limited_together_and_by_source_and_given_back() {
        let places = Places::new(3, 2);
        let (a, b) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let first = places.take(a).unwrap();
        let _second = places.take(a).unwrap();
        assert!(places.take(a).is_none(), "a source has two places");
        let third = places.take(b).unwrap();
        assert!(places.are_scarce());
        assert!(
            places.take(b).is_some_and(|place| place.is_crowded()),
            "there are three places, and a lobby"
        );
        drop(first);
        assert!(places.take(b).is_some_and(|place| !place.is_crowded()));
        drop(third);
        let neighbours: [IpAddr; 2] = ["2001:db8::1".parse().unwrap(), "2001:db8::2".parse().unwrap()];
        assert_eq!(network(neighbours[0]), network(neighbours[1]));
    }
}
