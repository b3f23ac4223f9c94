//! Looking at the server of an app before there is the app: whether it is found, whose certificate it shows, what it answers.
//!
//! Control reaches no server of an app by itself; what wires this process does, by the rules by which a gateway would.
//!
//! Whoever may change apps can have any server looked at that this machine reaches, as they can make any of them the
//! server of an app. So what a look tells is bounded: addresses, that something listens, the names and the issuer of its
//! certificate, a status, the `Server` field, where a redirect leads (without its query), and whether the first page asks
//! for a password. No body is ever shown or kept. A look is made by a form with the token of the session and never by
//! following a link, so that no other site has it made.

use std::collections::VecDeque;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bartizan_model::{BootTime, Timestamp, Upstream};
use parking_lot::Mutex;
use tokio::sync::Semaphore;

/// What is looked at, and as what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// The server.
    pub upstream: Upstream,
    /// The host of the app.
    pub host: String,
    /// Whether the server is asked for that host (else for its own).
    pub pass_host: bool,
    /// PEM certificates that its certificate must chain to, in the place of the system's.
    pub ca: Option<String>,
}

/// What was seen of a server, as far as it came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// The addresses of its name.
    pub addresses: Vec<IpAddr>,
    /// Where it was reached.
    pub reached: Option<SocketAddr>,
    /// What it showed, whether or not it is trusted.
    pub certificate: Option<Shown>,
    /// Whether it proved to be whom its certificate names.
    pub trusted: bool,
    /// What it answered.
    pub answer: Option<Answer>,
    /// Why it did not come further.
    pub stopped: Option<Stopped>,
}

/// A certificate that a server showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Whom it is for.
    pub names: Vec<String>,
    /// Who issued it.
    pub issuer: String,
    /// Until when it is valid.
    pub ends: Timestamp,
}

/// What a server answered to `GET /`, without its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Its field `Server`.
    pub server: Option<String>,
    /// Where it sends whoever asks, without query.
    pub redirect: Option<Redirect>,
    /// Whether its page asks for a password.
    pub asks_password: bool,
}

/// Where a server sends whoever asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// The address, as it is written, without its query.
    pub to: String,
    /// The host in it, without port, if there is one.
    pub host: Option<String>,
    /// Whether it is the same place over TLS.
    pub to_tls: bool,
}

/// Why a look ended before there was an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stopped {
    /// Its name leads nowhere.
    NoName,
    /// Nothing listens there.
    Refused,
    /// It cannot be reached; why.
    Unreachable(String),
    /// What answers does not speak TLS.
    NotTls,
    /// Its certificate is not trusted.
    Untrusted(Distrust),
    /// The certificates that it should chain to cannot be read; why.
    Authority(String),
    /// It closed the connection, or did not answer in HTTP; why.
    NotHttp(String),
    /// It took too long.
    TimedOut,
}

/// Why a certificate is not trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Distrust {
    /// Nobody who is trusted here has issued it.
    Issuer,
    /// It has ended, or is not valid yet.
    Time,
    /// It is for other names.
    Name,
    /// Something else.
    Other(String),
}

/// Where a host leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leads {
    /// To the machine of whoever asks (RFC 6761, 6.3).
    Local,
    /// To addresses, and whether one of them is this machine's.
    To(Vec<IpAddr>, Here),
    /// Nowhere.
    Nowhere,
}

/// Whether an address is this machine's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Here {
    /// It is.
    Yes,
    /// It is not: another machine has it, or something in front translates it.
    No,
}

/// Who looks at servers, and finds names.
#[async_trait]
pub trait Probe: Send + Sync + fmt::Debug {
    /// Looks at a server, for a few seconds at most.
    async fn look(&self, look: &Look) -> Seen;

    /// Where a host leads, for all that this machine knows.
    async fn leads(&self, host: &str) -> Leads;
}

/// A look that was made lately.
#[derive(Debug)]
pub(crate) struct Made {
    look: Look,
    author: String,
    at: BootTime,
    pub(crate) seen: Seen,
    /// Where the host of the app leads.
    pub(crate) leads: Leads,
}

#[cfg(test)]
impl Made {
    pub(crate) fn for_test(seen: Seen, leads: Leads) -> Self {
        let upstream = "http://127.0.0.1:1".parse().unwrap();
        let look = Look { upstream, host: String::new(), pass_host: true, ca: None };
        let at = BootTime::from_duration(Duration::ZERO);
        Self { look, author: String::new(), at, seen, leads }
    }
}

/// What looks: a few at a time, and what was seen is kept for whoever had it made, while they go on.
#[derive(Debug)]
pub struct Looks {
    probe: Arc<dyn Probe>,
    places: Semaphore,
    made: Mutex<VecDeque<Arc<Made>>>,
}

impl Looks {
    /// Looks by this.
    #[must_use]
    pub fn new(probe: Arc<dyn Probe>) -> Self {
        Self { probe, places: Semaphore::new(AT_ONCE), made: Mutex::default() }
    }

    /// Looks, unless too many do.
    pub(crate) async fn look(&self, look: Look, author: String, at: BootTime) -> Option<Arc<Made>> {
        let _place = self.places.try_acquire().ok()?;
        let (seen, leads) = tokio::join!(self.probe.look(&look), self.probe.leads(&look.host));
        let made = Arc::new(Made { look, author, at, seen, leads });
        let mut all = self.made.lock();
        all.retain(|other| other.look != made.look || other.author != made.author);
        all.truncate(KEPT - 1);
        all.push_front(Arc::clone(&made));
        Some(made)
    }

    /// What they saw when they had the same looked at, if that was lately.
    pub(crate) fn made(&self, look: &Look, author: &str, now: BootTime) -> Option<Arc<Made>> {
        let made = self.made.lock();
        let same = |made: &&Arc<Made>| made.look == *look && made.author == author;
        made.iter().find(same).filter(|made| now.since(made.at) < LATELY).cloned()
    }

    /// Where hosts lead, each in its order.
    pub(crate) async fn lead(&self, hosts: &[String]) -> Vec<Leads> {
        futures_util::future::join_all(hosts.iter().map(|host| self.probe.leads(host))).await
    }
}

/// 4 looks at a time: each takes 5 s at most, and administrators are few.
const AT_ONCE: usize = 4;

/// 32 looks are kept.
const KEPT: usize = 32;

/// What was seen 10 minutes ago is not said any more.
const LATELY: Duration = Duration::from_secs(600);

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Sees nothing, after as long as it is told.
    #[derive(Debug)]
    pub(crate) struct Blind(pub(crate) Duration);

    #[async_trait]
    impl Probe for Blind {
        async fn look(&self, _look: &Look) -> Seen {
            tokio::time::sleep(self.0).await;
            Seen { stopped: Some(Stopped::Refused), ..Seen::default() }
        }

        async fn leads(&self, _host: &str) -> Leads {
            Leads::Nowhere
        }
    }

    const fn at_second(second: u64) -> BootTime {
        BootTime::from_duration(Duration::from_secs(second))
    }

    fn at(port: u16) -> Look {
        let upstream = format!("http://127.0.0.1:{port}").parse().unwrap();
        Look { upstream, host: String::from("a.example.com"), pass_host: true, ca: None }
    }

    #[tokio::test]
    async fn what_was_seen_is_kept_for_who_had_it_looked_at_and_not_for_long() {
        let looks = Looks::new(Arc::new(Blind(Duration::ZERO)));
        let began = at_second(1000);
        let ada = || String::from("ada");
        assert!(looks.made(&at(1), "ada", began).is_none());
        assert_eq!(looks.look(at(1), ada(), began).await.unwrap().seen.stopped, Some(Stopped::Refused));
        assert!(looks.made(&at(1), "ada", began).is_some());
        assert!(looks.made(&at(1), "bob", began).is_none(), "somebody else has to look themselves");
        assert!(looks.made(&at(2), "ada", began).is_none(), "another server was not looked at");
        assert!(looks.made(&Look { pass_host: false, ..at(1) }, "ada", began).is_none());
        assert!(looks.made(&at(1), "ada", at_second(1600)).is_none(), "it was long ago");
        for port in 100..200 {
            looks.look(at(port), ada(), began).await.unwrap();
        }
        assert_eq!(looks.made.lock().len(), KEPT);
    }

    #[tokio::test]
    async fn few_look_at_once() {
        let looks = Looks::new(Arc::new(Blind(Duration::from_millis(50))));
        let all = (1..=6).map(|port| looks.look(at(port), String::new(), at_second(1000)));
        let made = futures_util::future::join_all(all).await;
        assert_eq!(made.iter().filter(|made| made.is_some()).count(), AT_ONCE);
        assert!(looks.look(at(1), String::new(), at_second(1000)).await.is_some(), "places are free again");
    }
}
