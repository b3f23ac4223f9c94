//! Whose credential is this? Asked once, remembered, and bounded against who tries credentials out.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bartizan_model::{BootTime, CredentialDigest};
use parking_lot::Mutex;

use crate::memory::Generations;
use crate::sessions::Resolved;

/// A credential could not be looked up.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ResolveError {
    /// This address has presented too many credentials that nobody knows.
    #[error("too many unknown credentials from this address")]
    Throttled,
    /// The control plane did not answer.
    #[error("credentials cannot be looked up: {0}")]
    Unavailable(String),
}

/// What this point knows of credentials.
#[derive(Debug)]
pub(crate) struct Credentials {
    pub(crate) known: Generations<CredentialDigest, Arc<Resolved>>,
    unknown: Generations<CredentialDigest, BootTime>,
    asking: Mutex<HashMap<CredentialDigest, Arc<tokio::sync::Mutex<()>>>>,
    budget: Budget,
}

impl Credentials {
    pub(crate) fn new() -> Self {
        Self {
            known: Generations::new(KNOWN),
            unknown: Generations::new(UNKNOWN),
            asking: Mutex::new(HashMap::new()),
            budget: Budget::default(),
        }
    }

    pub(crate) fn known_unknown(&self, digest: &CredentialDigest, now: BootTime) -> bool {
        self.unknown.get(digest).is_some_and(|since| now.since(since) < NEGATIVE)
    }

    pub(crate) fn found_unknown(&self, digest: CredentialDigest, now: BootTime) {
        self.unknown.insert(digest, now);
    }

    /// May this address have another credential looked up? What is found to be known is given back.
    pub(crate) fn spend(&self, source: IpAddr, now: BootTime) -> Result<(), ResolveError> {
        self.budget.spend(source, now)
    }

    pub(crate) fn give_back(&self, source: IpAddr) {
        self.budget.give_back(source);
    }

    /// The turn for one credential: of many requests that bring it at once, one asks and the others learn.
    pub(crate) fn turn(&self, digest: CredentialDigest) -> Arc<tokio::sync::Mutex<()>> {
        Arc::clone(self.asking.lock().entry(digest).or_default())
    }

    pub(crate) fn turn_over(&self, digest: &CredentialDigest) {
        self.asking.lock().remove(digest);
    }
}

/// A bucket for each address; IPv6 by /64, which is what one customer has.
#[derive(Debug, Default)]
struct Budget {
    buckets: Mutex<HashMap<IpAddr, (f64, BootTime)>>,
}

impl Budget {
    fn spend(&self, source: IpAddr, now: BootTime) -> Result<(), ResolveError> {
        let mut buckets = self.buckets.lock();
        if buckets.len() >= ADDRESSES {
            // Full buckets say nothing; without any, everybody starts with a full one, which is the lesser evil.
            buckets.retain(|_, (left, since)| *left + now.since(*since).as_secs_f64() * RATE < BURST);
            if buckets.len() >= ADDRESSES {
                buckets.clear();
            }
        }
        let (left, since) = buckets.entry(network(source)).or_insert((BURST, now));
        *left = (*left + now.since(*since).as_secs_f64() * RATE).min(BURST);
        *since = now;
        if *left < 1.0 {
            return Err(ResolveError::Throttled);
        }
        *left -= 1.0;
        Ok(())
    }

    fn give_back(&self, source: IpAddr) {
        if let Some((left, _)) = self.buckets.lock().get_mut(&network(source)) {
            *left = (*left + 1.0).min(BURST);
        }
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
    }
}

/// How long "nobody knows it" is believed.
const NEGATIVE: Duration = Duration::from_secs(1);

/// Credentials that are remembered, twice over; about 200 bytes each.
const KNOWN: usize = 100_000;

/// Unknown credentials that are remembered, twice over.
const UNKNOWN: usize = 10_000;

/// Addresses of which an account is kept.
const ADDRESSES: usize = 20_000;

/// Unknown credentials that one address may try at once, and then each second.
const BURST: f64 = 50.0;
const RATE: f64 = 10.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_runs_out_of_tries_and_gets_them_back_with_time() {
        let credentials = Credentials::new();
        let source = IpAddr::from([127, 0, 0, 9]);
        let at = |seconds| BootTime::from_duration(Duration::from_secs(seconds));
        for _ in 0..50 {
            assert!(credentials.spend(source, at(1)).is_ok());
        }
        assert!(matches!(credentials.spend(source, at(1)), Err(ResolveError::Throttled)));
        assert!(credentials.spend(IpAddr::from([127, 0, 0, 10]), at(1)).is_ok(), "others are not affected");
        assert!(credentials.spend(source, at(2)).is_ok());
        let neighbours = [1u16, 2].map(|last| IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, last]));
        assert_eq!(network(neighbours[0]), network(neighbours[1]));
    }
}
