//! Certificates of a public authority: asked for ahead of time, for each host that is served, and kept over restarts.
//!
//! Only the hosts of apps are asked for, never what somebody names in a handshake. Until there is an answer, a host has a
//! certificate of the deployment's own authority, so that nobody is locked out by an authority that is down. What fails is
//! tried again later and later, never sooner than the authority asks for: those limit how often they are asked, and whoever
//! runs into that has no certificate for a week.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bartizan_enforce::KeysError;
use bartizan_model::{BootTime, Entropy, Secret, Timestamp};
use bartizan_pki::HostKey;
use futures_util::StreamExt as _;
use parking_lot::Mutex;
use rustls_pki_types::CertificateDer;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::counters::Order;
use crate::error::Error;
use crate::gateway::Gateway;

/// Keeps keys of this point, with their certificates, over restarts. They are secrets, and go nowhere else.
#[async_trait]
pub trait HostKeys: Send + Sync + std::fmt::Debug {
    /// What is kept for a host.
    ///
    /// # Errors
    /// [`HostKeysError`].
    async fn kept(&self, host: &str) -> Result<Option<Secret<Vec<u8>>>, HostKeysError>;

    /// Keeps this for a host, in the place of what was kept.
    ///
    /// # Errors
    /// [`HostKeysError`].
    async fn keep(&self, host: &str, value: Secret<Vec<u8>>) -> Result<(), HostKeysError>;
}

/// Nothing can be kept, or what was kept cannot be had.
#[derive(Debug, thiserror::Error)]
#[error("keys of hosts cannot be kept: {0}")]
pub struct HostKeysError(pub String);

/// The orders of this gateway.
#[derive(Debug, Default)]
pub(crate) struct Public {
    /// Hosts for which an order is open.
    open: Mutex<HashSet<String>>,
    hurry: Notify,
}

impl Public {
    /// Whether an order for this host is open.
    pub(crate) fn is_open(&self, host: &str) -> bool {
        self.open.lock().contains(host)
    }
}

/// What is known of a host.
#[derive(Debug, Default)]
struct Known {
    /// Whether it was asked what was kept.
    looked: bool,
    working: bool,
    /// Of the certificate that it has.
    renew_at: Option<Timestamp>,
    failed: Option<Failed>,
}

#[derive(Debug, Clone, Copy)]
struct Failed {
    times: u32,
    at: BootTime,
    /// How long to wait from then on, and how much of it the authority asked for.
    wait: Duration,
    asked: Duration,
}

impl Known {
    fn is_due(&self, now: Timestamp, boot: BootTime) -> bool {
        let rested = self.failed.is_none_or(|failed| boot.since(failed.at) >= failed.wait);
        !self.working && rested && self.renew_at.is_none_or(|renew_at| now >= renew_at)
    }

    fn fail(&mut self, at: BootTime, asked: Duration, entropy: &dyn Entropy) -> Duration {
        let times = self.failed.map_or(0, |failed| failed.times);
        let doubled = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(times)).min(LAST_WAIT);
        let wait = (doubled + part_of(doubled / 4, entropy)).max(asked);
        self.failed = Some(Failed { times: times.saturating_add(1), at, wait, asked });
        wait
    }

    /// Waits without having asked the authority.
    fn rest(&mut self, at: BootTime, wait: Duration) -> Duration {
        let times = self.failed.map_or(0, |failed| failed.times);
        self.failed = Some(Failed { times, at, wait, asked: Duration::ZERO });
        wait
    }
}

/// What was kept, taken up; what is known of each host from then on.
#[derive(Debug, Default)]
pub struct Recalled(HashMap<String, Known>);

/// What came of a step, and for whom.
type Stepped = (String, Result<Timestamp, Failure>);

/// Why there is no (new) certificate.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Gateway(#[from] Error),
    #[error("no answer within {} minutes", WHOLE.as_secs() / 60)]
    Late,
    /// Asking for a new one before that is known would waste what the authority permits.
    #[error("it is not known whether there is one already")]
    Unknown(#[from] HostKeysError),
}

impl Gateway {
    /// Takes up what is kept for the hosts that there are. Before anything is served, so that who has met the certificate of a
    /// host before a restart is not shown another one after it.
    pub async fn recall(&self, kept: &dyn HostKeys) -> Recalled {
        let mut known = HashMap::new();
        self.look_around(&mut known);
        let hosts: Vec<String> = known.keys().cloned().collect();
        let now = self.enforcer().clock().now();
        let mut taken = futures_util::stream::iter(hosts)
            .map(async |host| (self.take_up_kept(kept, &host, now).await, host))
            .buffer_unordered(READS);
        while let Some((done, host)) = taken.next().await {
            let Some(known) = known.get_mut(&host) else { continue };
            match done {
                Ok(renew_at) => (known.looked, known.renew_at) = (true, renew_at),
                Err(failure) => {
                    tracing::error!(error = chain(&failure), host, "what is kept for a host cannot be had");
                }
            }
        }
        drop(taken);
        Recalled(known)
    }

    /// Has the hosts of all apps certified by the public authority, and renews what they have, until `stop`.
    ///
    /// Cancel safe: yes; orders that are open are given up.
    pub async fn certify_hosts(
        self: Arc<Self>,
        kept: Arc<dyn HostKeys>,
        recalled: Recalled,
        stop: CancellationToken,
    ) {
        let Recalled(mut known) = recalled;
        let mut running: JoinSet<Stepped> = JoinSet::new();
        let mut seen = None;
        loop {
            // Only what changes, or comes to its end, makes another picture; with thousands of hosts that is worth a thought.
            let boot = self.enforcer().clock().boot();
            let picture = (self.enforcer().revision(), Arc::as_ptr(&self.hosts().certificates()).addr());
            if !seen.is_some_and(|(same, at)| same == picture && boot.since(at) < LOOK_ANYWAY) {
                seen = Some((picture, boot));
                self.look_around(&mut known);
            }
            let now = self.enforcer().clock().now();
            for (host, known) in &mut known {
                if running.len() >= ORDERS {
                    break;
                }
                if known.is_due(now, boot) {
                    known.working = true;
                    let (gateway, kept, host) = (Arc::clone(&self), Arc::clone(&kept), host.clone());
                    let looked = std::mem::replace(&mut known.looked, true);
                    running.spawn(async move {
                        let done = gateway.step(kept.as_ref(), &host, looked).await;
                        (host, done)
                    });
                }
            }
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                Some(done) = running.join_next() => match done {
                    Ok((host, done)) => {
                        seen = None;
                        if let Some(known) = known.get_mut(&host) {
                            self.learn(&host, known, done);
                        }
                    }
                    Err(error) => {
                        tracing::error!(%error, "an order for a certificate broke down: this is a bug");
                        known.values_mut().for_each(|known| known.working = false);
                    }
                },
                () = self.public().hurry.notified() => {
                    known.values_mut().for_each(|known| {
                        known.failed = known.failed.map(|failed| Failed { wait: failed.asked, ..failed });
                    });
                }
                () = tokio::time::sleep(ROUND) => {}
            }
        }
    }

    /// Something was mended: what failed is tried again, unless the authority asked to be left alone.
    pub fn retry_orders(&self) {
        self.public().hurry.notify_one();
    }

    /// Which hosts there are now that need a certificate.
    fn look_around(&self, known: &mut HashMap<String, Known>) {
        let mut hosts = self.enforcer().hosts();
        let supplied = self.hosts().certificates();
        let now = self.enforcer().clock().now();
        hosts.retain(|host| supplied.for_host(host).is_none_or(|supplied| supplied.ends() <= now));
        known.retain(|host, _| hosts.contains(host));
        for host in hosts {
            known.entry(host).or_default();
        }
        let held = known.keys().filter(|host| self.hosts().has_public(host, now)).count();
        self.counters().set_public(held, known.len().saturating_sub(held));
    }

    fn learn(&self, host: &str, known: &mut Known, done: Result<Timestamp, Failure>) {
        known.working = false;
        match done {
            Ok(renew_at) => {
                known.renew_at = Some(renew_at);
                known.failed = None;
            }
            Err(failure) => {
                let enforcer = self.enforcer();
                let (boot, entropy) = (enforcer.clock().boot(), enforcer.entropy().as_ref());
                let wait = match &failure {
                    Failure::Gateway(Error::Certificate {
                        source: KeysError::Later { wait, .. }, ..
                    }) => known.fail(boot, *wait, entropy),
                    Failure::Gateway(_) | Failure::Late => known.fail(boot, Duration::ZERO, entropy),
                    Failure::Unknown(_) => {
                        known.looked = false;
                        known.rest(boot, SHORT_WAIT)
                    }
                };
                let (seconds, error) = (wait.as_secs(), chain(&failure));
                tracing::warn!(
                    host,
                    error,
                    seconds,
                    "no certificate by the public authority; tried again later"
                );
            }
        }
    }

    /// Takes up what was kept, or has a new key certified; returns when that is to be renewed.
    async fn step(&self, kept: &dyn HostKeys, host: &str, looked: bool) -> Result<Timestamp, Failure> {
        let now = self.enforcer().clock().now();
        let taken = if looked { None } else { self.take_up_kept(kept, host, now).await? };
        if let Some(renew_at) = taken.filter(|renew_at| *renew_at > now) {
            return Ok(renew_at);
        }
        let done = match tokio::time::timeout(WHOLE, self.order(kept, host)).await {
            Ok(done) => done.map_err(Failure::from),
            Err(_elapsed) => Err(Failure::Late),
        };
        self.counters().count_order(if done.is_ok() { Order::Ok } else { Order::Failed });
        done
    }

    async fn take_up_kept(
        &self,
        kept: &dyn HostKeys,
        host: &str,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Failure> {
        let Some(secret) = kept.kept(host).await? else { return Ok(None) };
        let taken = HostKey::from_secret(&secret)
            .map_err(|source| Error::Key { host: host.to_owned(), source })
            .and_then(|(key, chain)| self.hosts().take_up(host, &key, &chain));
        Ok(match taken {
            Ok((begins, ends)) if begins <= now && now < ends => Some(self.renewal(begins, ends)),
            Ok(_over) => None,
            Err(error) => {
                tracing::error!(error = chain(&error), host, "the certificate that was kept is of no use");
                None
            }
        })
    }

    async fn order(&self, kept: &dyn HostKeys, host: &str) -> Result<Timestamp, Error> {
        let named = || host.to_owned();
        let key = HostKey::generate().map_err(|source| Error::Key { host: named(), source })?;
        let csr = key.csr_der(host).map_err(|source| Error::Key { host: named(), source })?;
        let open = Open::new(self.public(), host);
        let certified = self.hosts().keys().certify_publicly(self.enforcer().point(), csr, host).await;
        drop(open);
        let certified = certified.map_err(|source| Error::Certificate { host: named(), source })?;
        let chain = certified.into_iter().map(CertificateDer::from).collect();
        let (begins, ends) = self.hosts().take_up(host, &key, &chain)?;
        if let Err(error) = kept.keep(host, key.to_secret(&chain)).await {
            // It is served all the same; only the next start has to ask again.
            tracing::error!(%error, host, "a new certificate is served and could not be kept");
        }
        tracing::info!(host, %ends, "a host has a new certificate by the public authority");
        Ok(self.renewal(begins, ends))
    }

    /// Two thirds through its life, and not all at once.
    fn renewal(&self, begins: Timestamp, ends: Timestamp) -> Timestamp {
        let life = ends.since(begins);
        begins.plus(life * 2 / 3 + part_of(life / 12, self.enforcer().entropy().as_ref()))
    }
}

/// An order that is open until this is dropped.
struct Open<'a> {
    public: &'a Public,
    host: &'a str,
}

impl<'a> Open<'a> {
    fn new(public: &'a Public, host: &'a str) -> Self {
        public.open.lock().insert(host.to_owned());
        Self { public, host }
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.public.open.lock().remove(self.host);
    }
}

/// Any part of it.
fn part_of(whole: Duration, entropy: &dyn Entropy) -> Duration {
    let mut bytes = [0; 2];
    entropy.fill(&mut bytes);
    whole * u32::from(u16::from_be_bytes(bytes)) / u32::from(u16::MAX)
}

/// An error with what is behind it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// How many orders are open at once: enough for some thousand hosts in an hour, and few enough for any authority.
const ORDERS: usize = 4;

/// How many hosts are looked up at once.
const READS: usize = 16;

/// Certificates end without anybody's doing.
const LOOK_ANYWAY: Duration = Duration::from_secs(30);

/// How soon a new app is seen.
const ROUND: Duration = Duration::from_secs(1);

/// For an order; the authority looks at the host meanwhile.
const WHOLE: Duration = Duration::from_secs(600);

/// Let's Encrypt permits five failures an hour and host: with this and doubling there are four.
const FIRST_WAIT: Duration = Duration::from_secs(300);

/// Until it is asked again what is kept.
const SHORT_WAIT: Duration = Duration::from_secs(10);

/// What was mended is noticed within a working day.
const LAST_WAIT: Duration = Duration::from_secs(6 * 3600);

#[cfg(test)]
mod tests;
