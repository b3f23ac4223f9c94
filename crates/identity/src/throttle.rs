//! The throttle: who guesses waits, and nobody can make another wait who is known here.
//!
//! Failures are counted in three places: for an account and a browser that has signed its owner in before; for an
//! account and all other browsers together; and for a network address across accounts. The account is what was typed,
//! whether or not there is such a person. An attempt counts as a failure from its start and is given back when it turns
//! out right, so that a hundred at once are not all let through before the first has failed.
//!
//! It is in memory: who can restart the server can do worse than guess.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bartizan_model::{BootTime, Clock, UserId};
use parking_lot::Mutex;

use crate::device_marks::DeviceMark;

/// Too many attempts: ask again after this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    /// Whole seconds, at least 1.
    pub seconds: u64,
}

/// What is guessed at.
#[derive(Debug, Clone, Copy)]
pub enum Guess<'a> {
    /// The password of this login, as it was typed.
    Password(&'a str),
    /// The second factor of a person whose first was right.
    Second(UserId),
    /// A link: too long to guess, so that only the address counts.
    Link,
    /// A passkey, which nobody guesses: only the address counts. As the second factor it counts like a code.
    Passkey,
    /// The code that a device shows, by this person.
    UserCode(UserId),
    /// Nothing: a device asks for a code. Only the address counts.
    Device,
}

/// An attempt that was let through, and is a failure unless it is given back.
#[derive(Debug)]
#[must_use = "an attempt that is not given back was a failure"]
pub struct Ticket {
    account: Option<Account>,
    network: IpAddr,
}

/// The throttle of one deployment.
#[derive(Debug)]
pub struct Throttle {
    clock: Arc<dyn Clock>,
    counts: Mutex<Counts>,
}

impl Throttle {
    /// A throttle in which nobody has failed yet.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, counts: Mutex::new(Counts::default()) }
    }

    /// May this be tried now? The caller has seen that `known` is a mark of the account's owner.
    ///
    /// # Errors
    /// [`Wait`]; then nothing was counted.
    pub fn ask(&self, guess: Guess<'_>, source: IpAddr, known: Option<DeviceMark>) -> Result<Ticket, Wait> {
        let now = self.clock.boot();
        let account = Account::of(guess, known);
        let network = network(source);
        let mut counts = self.counts.lock();
        counts.make_room(now);
        let failures = account.and_then(|account| counts.accounts.get(&account).copied());
        let mut wait = failures.map_or(Duration::ZERO, |failures| failures.wait(now));
        let (left, _) = counts.networks.get(&network).map_or((BURST, now), |bucket| refilled(*bucket, now));
        if left < 1.0 {
            wait = wait.max(Duration::from_secs_f64((1.0 - left) / RATE));
        }
        if !wait.is_zero() {
            return Err(Wait { seconds: wait.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX) });
        }
        counts.networks.insert(network, (left - 1.0, now));
        if let Some(account) = account {
            let failures = counts.accounts.entry(account).or_insert(Failures {
                count: 0,
                last: now,
                longest: account.longest(),
            });
            failures.count = failures.after_rest(now).saturating_add(1);
            failures.last = now;
        }
        Ok(Ticket { account, network })
    }

    /// The attempt was right: it was no failure, and a known browser starts afresh. Others are not forgiven what
    /// strangers did.
    pub fn succeeded(&self, ticket: Ticket) {
        let starts_afresh = ticket.account.is_some_and(|account| account.is_known());
        let account = ticket.account;
        self.give_back(ticket);
        if starts_afresh && let Some(account) = account {
            self.counts.lock().accounts.remove(&account);
        }
    }

    /// The attempt was not looked at.
    #[expect(clippy::needless_pass_by_value, reason = "a ticket is given back once")]
    pub fn give_back(&self, ticket: Ticket) {
        let mut counts = self.counts.lock();
        if let Some((left, _)) = counts.networks.get_mut(&ticket.network) {
            *left = (*left + 1.0).min(BURST);
        }
        if let Some(failures) = ticket.account.and_then(|account| counts.accounts.get_mut(&account)) {
            failures.count = failures.count.saturating_sub(1);
        }
    }
}

/// An account as failures are counted: digests, so that what people type is neither kept nor long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Account {
    /// From browsers that nobody knows.
    Strangers([u8; 32]),
    /// From one that has signed the owner in.
    Known([u8; 32], [u8; 16]),
    /// The second factor, from browsers that nobody knows. Whoever comes here knows the password.
    SecondStrangers(UserId),
    /// The second factor, from a known browser.
    SecondKnown(UserId, [u8; 16]),
    /// The codes of devices, by whoever is signed in.
    UserCode(UserId),
}

impl Account {
    fn of(guess: Guess<'_>, known: Option<DeviceMark>) -> Option<Self> {
        match (guess, known) {
            (Guess::Password(login), None) => Some(Self::Strangers(login_digest(login))),
            (Guess::Password(login), Some(mark)) => Some(Self::Known(login_digest(login), mark.id)),
            (Guess::Second(user), None) => Some(Self::SecondStrangers(user)),
            (Guess::Second(user), Some(mark)) => Some(Self::SecondKnown(user, mark.id)),
            (Guess::UserCode(user), _) => Some(Self::UserCode(user)),
            (Guess::Link | Guess::Passkey | Guess::Device, _) => None,
        }
    }

    const fn is_known(&self) -> bool {
        match self {
            Self::Known(..) | Self::SecondKnown(..) => true,
            Self::Strangers(_) | Self::SecondStrangers(_) | Self::UserCode(_) => false,
        }
    }

    /// The longest wait. A known browser waits little for a password, which is long; a code of six digits needs the
    /// long wait everywhere, and nobody is shut out by it who did not prove a first factor.
    const fn longest(&self) -> Duration {
        match self {
            Self::Known(..) => LONGEST_KNOWN,
            Self::Strangers(_) | Self::SecondStrangers(_) | Self::SecondKnown(..) | Self::UserCode(_) => {
                LONGEST
            }
        }
    }
}

/// Failures in a row, and when the last began.
#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    last: BootTime,
    longest: Duration,
}

impl Failures {
    /// How long the next has to wait.
    fn wait(&self, now: BootTime) -> Duration {
        let Some(beyond) = self.count.checked_sub(FREE) else { return Duration::ZERO };
        let full = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(beyond)).min(self.longest);
        full.saturating_sub(now.since(self.last))
    }

    /// How many are remembered after a rest.
    fn after_rest(&self, now: BootTime) -> u32 {
        if now.since(self.last) >= FORGOTTEN_AFTER { 0 } else { self.count }
    }
}

#[derive(Debug, Default)]
struct Counts {
    accounts: HashMap<Account, Failures>,
    /// Attempts that are left to an address, and when that was.
    networks: HashMap<IpAddr, (f64, BootTime)>,
}

impl Counts {
    /// Makes room for one more in each map. What says least goes first: whoever fills the maps with single failures
    /// does not wash out an account that is being guessed at.
    fn make_room(&mut self, now: BootTime) {
        if self.accounts.len() >= ACCOUNTS {
            self.accounts.retain(|_, failures| failures.after_rest(now) > 0);
            keep_half(&mut self.accounts, ACCOUNTS, |failures| i64::from(failures.count));
        }
        if self.networks.len() >= NETWORKS {
            self.networks.retain(|_, bucket| refilled(*bucket, now).0 < BURST);
            #[expect(clippy::cast_possible_truncation, reason = "a bucket holds 0 to 30")]
            keep_half(&mut self.networks, NETWORKS, |bucket| -(refilled(*bucket, now).0.floor() as i64));
        }
    }
}

/// If the map is full still, keeps the half that weighs most.
fn keep_half<K: Eq + Hash + Copy, V>(map: &mut HashMap<K, V>, limit: usize, weight: impl Fn(&V) -> i64) {
    if map.len() < limit {
        return;
    }
    let mut all: Vec<(i64, K)> = map.iter().map(|(key, value)| (weight(value), *key)).collect();
    all.sort_unstable_by_key(|(weight, _)| *weight);
    for (_, key) in all.iter().take(limit / 2) {
        map.remove(key);
    }
}

fn refilled((left, since): (f64, BootTime), now: BootTime) -> (f64, BootTime) {
    ((left + now.since(since).as_secs_f64() * RATE).min(BURST), now)
}

fn login_digest(login: &str) -> [u8; 32] {
    bartizan_pki::sha256(login.to_ascii_lowercase().as_bytes())
}

/// One customer's network: an IPv4 address, or an IPv6 /64.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        address @ IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
    }
}

/// People mistype.
const FREE: u32 = 5;

/// The wait after the first failure that is not free; each further one doubles it.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// At 15 minutes a stranger has 96 guesses a day.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// What may be asked of somebody at their own browser.
const LONGEST_KNOWN: Duration = Duration::from_secs(60);

/// After a day without any, failures are forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(24 * 3600);

/// Failures that one address may have across accounts at once, and then each second: an office has many people.
const BURST: f64 = 30.0;
const RATE: f64 = 0.1;

/// Accounts and addresses of which a count is kept; about 100 bytes each.
const ACCOUNTS: usize = 20_000;
const NETWORKS: usize = 20_000;
