//! How many connections may be open, and who is served when there are too many.
//!
//! When all places are taken, a few more connections are let in to a lobby: their handshake tells for which host they are.
//! Administration goes on there, so that an attack can be ended by who sees it; everybody else is told to come back. Whoever
//! only stands in the lobby, and has asked for nothing yet, gives way to who comes later: it takes milliseconds to ask, and
//! to keep everybody else out who wants to would take more connections than that in such a time. When places are getting
//! scarce, strangers lose theirs first.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::counters::{Counters, Limit};

/// The places that there are, together and for one source.
#[derive(Debug)]
pub(crate) struct Places {
    all: Arc<Semaphore>,
    capacity: usize,
    lobby: Arc<Lobby>,
    sources: Arc<Mutex<HashMap<IpAddr, usize>>>,
    per_source: usize,
    counters: Arc<Counters>,
}

/// A place of one connection, given back when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    _permit: Option<OwnedSemaphorePermit>,
    /// If it is in the lobby.
    standing: Option<Standing>,
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
            lobby: Arc::default(),
            sources: Arc::default(),
            per_source,
            counters,
        }
    }

    /// A place for a connection from there, or from who is not known yet; or the limit that leaves none: its source has its
    /// share, or not even the lobby has room.
    pub(crate) fn take(&self, source: Option<IpAddr>) -> Result<Place, Limit> {
        match Arc::clone(&self.all).try_acquire_owned() {
            Ok(permit) => self.placed(Some(permit), None, source),
            Err(_none) => {
                // Who has their share already pushes nobody out.
                if source.is_some_and(|source| self.has_share(source)) {
                    return Err(Limit::Source);
                }
                let standing = self.lobby.enter().ok_or(Limit::All)?;
                let place = self.placed(None, Some(standing), source)?;
                self.counters.count_crowded();
                Ok(place)
            }
        }
    }

    /// The same, where there is nothing for which the lobby is kept.
    pub(crate) fn take_ordinary(&self, source: IpAddr) -> Result<Place, Limit> {
        let permit = Arc::clone(&self.all).try_acquire_owned().map_err(|_none| Limit::All)?;
        self.placed(Some(permit), None, Some(source))
    }

    fn has_share(&self, source: IpAddr) -> bool {
        self.sources.lock().get(&network(source)).is_some_and(|open| *open >= self.per_source)
    }

    fn placed(
        &self,
        permit: Option<OwnedSemaphorePermit>,
        standing: Option<Standing>,
        source: Option<IpAddr>,
    ) -> Result<Place, Limit> {
        let (sources, share) = (Arc::clone(&self.sources), self.per_source);
        let counters = Arc::clone(&self.counters);
        counters.count_opened();
        let mut place = Place { _permit: permit, standing, source: None, sources, share, counters };
        match source {
            Some(source) if !place.belongs_to(source) => Err(Limit::Source),
            _ => Ok(place),
        }
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
        self.standing.is_some()
    }

    /// Cancelled when it has to give way to who came later; none if it never has to.
    pub(crate) fn pushed_out(&self) -> Option<CancellationToken> {
        self.standing.as_ref().map(|standing| standing.out.clone())
    }

    /// From now on it gives way to nobody: something was asked for.
    pub(crate) fn settle(&self) {
        if let Some(standing) = &self.standing {
            standing.lobby.settle(standing.number);
        }
    }
}

// === impl Lobby ===

/// Connections that are let in although all places are taken.
#[derive(Debug, Default)]
struct Lobby {
    numbers: AtomicU64,
    inside: Mutex<Inside>,
}

#[derive(Debug, Default)]
struct Inside {
    /// Those that have asked for nothing yet, in the order in which they came.
    waiting: VecDeque<(u64, CancellationToken)>,
    /// The others.
    settled: Vec<u64>,
}

/// A place in the lobby, given back when dropped.
#[derive(Debug)]
struct Standing {
    lobby: Arc<Lobby>,
    number: u64,
    out: CancellationToken,
}

impl Lobby {
    /// A place, if need be that of who has waited longest; none if everybody there is being answered.
    fn enter(self: &Arc<Self>) -> Option<Standing> {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let mut inside = self.inside.lock();
        if inside.waiting.len() + inside.settled.len() >= LOBBY {
            let (_, out) = inside.waiting.pop_front()?;
            out.cancel();
        }
        let out = CancellationToken::new();
        inside.waiting.push_back((number, out.clone()));
        drop(inside);
        Some(Standing { lobby: Arc::clone(self), number, out })
    }

    fn settle(&self, number: u64) {
        let mut inside = self.inside.lock();
        if let Some(at) = inside.waiting.iter().position(|(waiting, _)| *waiting == number) {
            inside.waiting.remove(at);
            inside.settled.push(number);
        }
    }
}

impl Drop for Standing {
    fn drop(&mut self) {
        let mut inside = self.lobby.inside.lock();
        inside.waiting.retain(|(waiting, _)| *waiting != self.number);
        inside.settled.retain(|settled| *settled != self.number);
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

/// How many connections fit into the lobby.
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
        let kept: Vec<_> = (0..65).map(|_| places.take(None).unwrap()).collect();
        // One took the place that was left, and 64 stand in the lobby. Who comes next takes the place of who came first.
        let out: Vec<_> = kept.iter().filter_map(Place::pushed_out).collect();
        assert_eq!((out.len(), out.iter().filter(|out| out.is_cancelled()).count()), (64, 0));
        kept.iter().skip(2).for_each(Place::settle);
        let late = places.take(None).unwrap();
        assert!(out[0].is_cancelled() && !out[1].is_cancelled());
        late.settle();
        assert_eq!(places.take(None).unwrap_err(), Limit::All, "everybody there is being answered");
        assert_eq!(places.take_ordinary(b).unwrap_err(), Limit::All);
        drop(kept);
        assert!(places.take(None).is_ok_and(|place| !place.is_crowded()));
        assert_eq!(places.lobby.inside.lock().settled.len(), 1, "who was pushed out gave nothing back twice");
        drop(third);
        let neighbours: [IpAddr; 2] = ["2001:db8::1".parse().unwrap(), "2001:db8::2".parse().unwrap()];
        assert_eq!(network(neighbours[0]), network(neighbours[1]));
    }
}
