//! Whole histories of control, points and the network between them, from one number each: the real hub state, the real
//! frames, the real enforcers, with every message lost, late, doubled or out of order, and either side killed at any time.
//!
//! Of each history is asked:
//! - points at one revision have the same world, as far as each is told of it: that which control had at that revision;
//! - no world goes back;
//! - whatever is open or granted was permitted by what was stored at some time within the last lease of its app, which changes,
//!   too;
//! - when a change is said to be everywhere, nothing is open or granted any more that was last permitted before it;
//! - once the faults end, every point gets there, and permits what is permitted and nothing else.

mod asked;
mod point;
mod truth;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use bartizan_enforce::wire::{Cutter, Frame};
use bartizan_enforce::{
    Acknowledged, Applied, Audience, FeedError, FeedMessage, PointScope, Resolution, Resolved, Standpoint,
    Subscription, Ticket,
};
use bartizan_model::{
    BootTime, Clock as _, CredentialKind, PointId, Revision, SessionId, Subject, Timestamp,
};
use bartizan_policy::World;
use bartizan_testkit::{FakeClock, SeededEntropy};
use tokio::sync::mpsc;

use self::point::{Point, Records};
use self::truth::{APPS, LONGEST, Truth, USERS, session_id, user_id};
use super::{State, with_margin};

/// A stream of the feed on its way.
#[derive(Debug)]
struct Link {
    messages: mpsc::Receiver<FeedMessage>,
    cutter: Cutter,
    wire: VecDeque<Frame>,
    /// Control's end is closed: what is on the wire still arrives.
    closed: bool,
}

/// A question or an answer on its way.
#[derive(Debug)]
enum Flight {
    Subscribe(Standpoint),
    Subscribed(Result<u32, FeedError>),
    Beat(BootTime, Applied),
    Answer(BootTime, Applied, Result<Acknowledged, FeedError>),
    Resolve(u8),
    Resolved(u8, Subscription, Ticket),
}

#[derive(Debug)]
struct Sim<'a> {
    random: SeededEntropy,
    runtime: &'a tokio::runtime::Runtime,
    clock: FakeClock,
    truth: Truth,
    /// As many revisions are never lost.
    kept: usize,
    /// The hub, and the revision that it is at; nothing while control is down.
    control: Option<(State, u64)>,
    points: Vec<Point>,
    links: BTreeMap<u32, Link>,
    flights: Vec<(usize, u32, Flight)>,
    /// What the worlds of each stream were at each revision.
    worlds: BTreeMap<(u64, u64), World>,
    /// Revisions that somebody waits for.
    waits: Vec<u64>,
    /// The newest revision that is everywhere.
    floor: u64,
    /// Until then points may have longer leases than control can know of: it was set back to before them.
    set_back_until: BootTime,
    /// Two machines say that they are the same point.
    cloned: bool,
    links_made: u32,
}

/// The lease on apps that say nothing of it. A point's clock may be slower than control's, within what is waited for on top.
const LEASE: Duration = Duration::from_secs(30);

impl<'a> Sim<'a> {
    fn new(seed: u64, runtime: &'a tokio::runtime::Runtime, records: &[Records; 2], truth: &Truth) -> Self {
        let random = SeededEntropy::new(seed);
        let clock = FakeClock::default();
        let rate = |random: &SeededEntropy| [980, 1000, 1020][random.below(3)];
        let mut points: Vec<Point> =
            records.iter().map(|records| Point::new(records, rate(&random))).collect();
        let cloned = random.below(8) == 0;
        if cloned {
            points.push(Point::new(&records[0], rate(&random)));
        }
        let kept = usize::try_from(truth.revision()).unwrap();
        let mut sim = Self {
            random,
            runtime,
            clock,
            truth: truth.clone(),
            kept,
            control: None,
            points,
            links: BTreeMap::new(),
            flights: Vec::new(),
            worlds: BTreeMap::new(),
            waits: Vec::new(),
            floor: 0,
            set_back_until: BootTime::default(),
            cloned,
            links_made: 0,
        };
        sim.start_control();
        sim
    }

    fn start_control(&mut self) {
        let first = Subscription::new(self.random.next_u64());
        let now = self.clock.boot();
        let formerly = self.truth.longest_lease_since(now.back(with_margin(LONGEST)));
        let state = State::new(self.truth.directory(), first, LEASE, formerly, now);
        self.control = Some((state, self.truth.revision()));
    }

    fn kill_control(&mut self) {
        self.control = None;
        self.waits.clear();
        for link in self.links.values_mut() {
            link.closed = true;
        }
    }

    fn fly(&mut self, point: usize, flight: Flight) {
        let run = self.points[point].run;
        self.flights.push((point, run, flight));
    }

    /// Anything that can happen, happens.
    fn step(&mut self) -> Result<(), String> {
        let point = self.random.below(self.points.len());
        match self.random.below(40) {
            0..=2 => {
                let now = self.clock.boot();
                self.truth.change(&self.random, now);
                if self.random.below(3) == 0 {
                    self.waits.push(self.truth.revision());
                }
            }
            3..=6 => self.advance(1 + self.random.below(3)),
            7..=9 => self.deliver_frame(point),
            10..=14 => self.deliver(false)?,
            15 => self.deliver(true)?,
            16 if self.random.below(2) == 0 => self.break_stream(point),
            17 | 18 => self.subscribe(point),
            19..=21 => self.apply(point)?,
            22 | 23 => self.beat(point),
            24 | 25 => {
                let began: Vec<u8> = self.truth.model().sessions.keys().copied().collect();
                if !began.is_empty() {
                    let session = began[self.random.below(began.len())];
                    self.fly(point, Flight::Resolve(session));
                }
            }
            26..=28 => self.ask(point)?,
            29..=32 => self.turn(point)?,
            33..=35 if self.control.is_none() => {
                if self.random.below(3) == 0 {
                    let by = 1 + self.random.below(6);
                    self.truth.set_back(by, self.kept, self.clock.boot());
                    self.floor = 0;
                    let now = self.clock.boot().since(BootTime::default());
                    self.set_back_until = BootTime::from_duration(now + with_margin(LONGEST));
                }
                self.start_control();
            }
            33 => self.ask(point)?,
            36 => match self.random.below(10) {
                // Whatever listens to the feed there hangs, or does so no more.
                0..=2 => self.points[point].hangs ^= true,
                3 => self.points[point].restart(),
                4 => {
                    // The log was compacted away under the hub.
                    let (directory, now) = (self.truth.directory(), self.clock.boot());
                    if let Some((state, at)) = &mut self.control {
                        state.replace(directory, now);
                        *at = self.truth.revision();
                    }
                }
                5 => self.points[point].held.clear(),
                6..=8 => self.kill_control(),
                _ => self.restart_at_the_worst_moment(),
            },
            _ => {
                let time = match self.random.below(12) {
                    0 => 5_000 + self.random.below(60_000),
                    1 => 5_000 + self.random.below(25_000),
                    2..=4 => self.random.below(1_500),
                    _ => self.random.below(100),
                };
                self.pass(Duration::from_millis(u64::try_from(time).unwrap()));
            }
        }
        self.check()
    }

    /// A lease is shortened, and control ends before it has told anybody. The next one knows the short one alone, and is asked to
    /// wait until something that is forbidden then is so everywhere, while nobody hears of anybody.
    fn restart_at_the_worst_moment(&mut self) {
        let (app, now) = (u8::try_from(self.random.below(usize::from(APPS))).unwrap(), self.clock.boot());
        self.truth.shorten(app, now);
        self.kill_control();
        self.start_control();
        self.truth.close_or_open(app, now);
        self.advance(usize::MAX);
        self.waits.push(self.truth.revision());
        let time = 32_000 + self.random.below(60_000);
        self.pass(Duration::from_millis(u64::try_from(time).unwrap()));
    }

    /// For a while nothing is in this point's way but what hangs there.
    fn turn(&mut self, at: usize) -> Result<(), String> {
        self.advance(usize::MAX);
        self.subscribe(at);
        for _ in 0..3 {
            // What is on its way arrives, and so do the answers to it.
            for _ in 0..2 * self.flights.len() {
                let Some(mine) = self.flights.iter().position(|(of, ..)| *of == at) else { break };
                let flight = self.flights.swap_remove(mine);
                self.arrive(flight)?;
            }
            for _ in 0..4 {
                self.deliver_frame(at);
                self.apply(at)?;
            }
            self.beat(at);
        }
        Ok(())
    }

    fn pass(&mut self, time: Duration) {
        self.clock.advance(time);
        for point in &self.points {
            point.pass(time);
        }
    }

    /// The hub reads on in the change log.
    fn advance(&mut self, most: usize) {
        let Some((state, at)) = &mut self.control else { return };
        let Some(since) = self.truth.unread_since(*at) else { return };
        let changes = self.truth.changes(*at, most);
        if let Some(revision) = state.take(&changes, since) {
            *at = revision.get();
            for member in state.members.values().filter(|member| member.sender.is_some()) {
                self.worlds.insert((member.subscription.get(), *at), state.directory.world().clone());
            }
        }
    }

    /// The next frame of a stream arrives, unless it is lost, doubled or overtaken on the way.
    fn deliver_frame(&mut self, point: usize) {
        let Some(id) = self.points[point].link else { return };
        let link = self.links.get_mut(&id).unwrap();
        while !link.closed {
            match link.messages.try_recv() {
                Ok(message) => link.wire.extend(link.cutter.cut(&message)),
                Err(mpsc::error::TryRecvError::Empty) => break,
                Err(mpsc::error::TryRecvError::Disconnected) => link.closed = true,
            }
        }
        match self.random.below(60) {
            0 => drop(link.wire.pop_front()),
            1 if link.wire.len() > 1 => link.wire.swap(0, 1),
            2 => {
                let first = link.wire.front().cloned();
                link.wire.extend(first);
            }
            _ => (),
        }
        match link.wire.pop_front() {
            Some(frame) => drop(self.points[point].take(frame)),
            None if link.closed => self.points[point].unlink(),
            None => (),
        }
    }

    /// A connection is cut, at one end or at both.
    fn break_stream(&mut self, point: usize) {
        let Some(id) = self.points[point].link else { return };
        let which = self.random.below(3);
        if which != 0 {
            self.points[point].unlink();
        }
        if which != 1 {
            let link = self.links.get_mut(&id).unwrap();
            link.closed = true;
            link.messages.close();
        }
    }

    fn subscribe(&mut self, at: usize) {
        let point = &mut self.points[at];
        if point.link.is_none() && point.inbox.is_empty() && !point.subscribing && !point.hangs {
            point.subscribing = true;
            let standpoint = point.enforcer.standpoint();
            self.fly(at, Flight::Subscribe(standpoint));
        }
    }

    /// A point applies the next message.
    fn apply(&mut self, at: usize) -> Result<(), String> {
        let point = &mut self.points[at];
        if point.hangs {
            return Ok(());
        }
        let Some(message) = point.inbox.pop_front() else { return Ok(()) };
        let before = point.enforcer.revision();
        let applied = point.enforcer.apply(&message).map_err(|findings| format!("{findings:?}"))?;
        point.enforcer.applied(&applied);
        if message.revision < before {
            return Err(format!("a world went back from {before} to {}", message.revision));
        }
        self.compare(at, &message)
    }

    fn beat(&mut self, at: usize) {
        let point = &self.points[at];
        if let Some(mut applied) = point.enforcer.report() {
            applied.live = Some(point.enforcer.live_by_session());
            let sent = point.enforcer.clock().boot();
            self.fly(at, Flight::Beat(sent, applied));
        }
    }

    /// Some question or answer arrives, or is lost: who asked gives up then, and may be answered still.
    fn deliver(&mut self, lost: bool) -> Result<(), String> {
        if self.flights.is_empty() {
            return Ok(());
        }
        let (at, run, flight) = self.flights.swap_remove(self.random.below(self.flights.len()));
        if lost {
            self.give_up(at, run, &flight);
            // A question whose answer nobody waits for may yet come.
            let late = matches!(flight, Flight::Subscribe(_) | Flight::Beat(..) | Flight::Resolve(_));
            if late && self.random.below(2) == 0 {
                self.flights.push((at, u32::MAX, flight));
            }
            return Ok(());
        }
        self.arrive((at, run, flight))
    }

    fn arrive(&mut self, (at, run, flight): (usize, u32, Flight)) -> Result<(), String> {
        let id = self.points[at].id;
        match flight {
            Flight::Subscribe(_) | Flight::Beat(..) | Flight::Resolve(_) => {
                // Who asks to subscribe goes on waiting for that alone.
                let subscribes = matches!(flight, Flight::Subscribe(_));
                match self.answer(id, flight) {
                    Some(answer) => self.flights.push((at, run, answer)),
                    None if subscribes && self.points[at].run == run => self.points[at].subscribing = false,
                    None => (),
                }
            }
            answer if self.points[at].run == run => self.receive(at, answer)?,
            _ => (),
        }
        Ok(())
    }

    /// Who asked this hears nothing.
    fn give_up(&mut self, at: usize, run: u32, flight: &Flight) {
        if self.points[at].run == run && matches!(flight, Flight::Subscribe(_) | Flight::Subscribed(_)) {
            self.points[at].subscribing = false;
        }
    }

    /// Control answers, if it is there and knows.
    fn answer(&mut self, id: PointId, flight: Flight) -> Option<Flight> {
        let now = self.clock.boot();
        let (state, at) = self.control.as_mut()?;
        Some(match flight {
            Flight::Subscribe(standpoint) => {
                let met: Vec<SessionId> = standpoint
                    .interest
                    .iter()
                    .filter(|(session, ticket)| self::ticket(id, *session) == *ticket)
                    .map(|(session, _)| *session)
                    .collect();
                let subscribed = state.subscribe(id, standpoint, &met, now).map(|messages| {
                    let subscription = state.members[&id].subscription.get();
                    self.worlds.insert((subscription, *at), state.directory.world().clone());
                    self.links_made += 1;
                    let cutter = Cutter::new(1);
                    let link = Link { messages, cutter, wire: VecDeque::new(), closed: false };
                    self.links.insert(self.links_made, link);
                    self.links_made
                });
                Flight::Subscribed(subscribed)
            }
            Flight::Beat(sent, applied) => {
                let heard = state.heard(id, applied.clone(), now);
                // As the hub does: what it has not read yet nobody was told of.
                let unread = self.truth.unread_since(*at).map_or(Duration::ZERO, |since| now.since(since));
                let answer = heard.map(|behind| Acknowledged {
                    behind: behind.max(unread),
                    now: Timestamp::from_micros(0),
                });
                Flight::Answer(sent, applied, answer)
            }
            Flight::Resolve(session) => {
                // Whose it is stands in the store: that a session has ended is seen there first.
                let stored = self.truth.model().sessions.contains_key(&session);
                match state.introduce(id, session_id(session), now) {
                    Ok(Some((subscription, _))) if stored => {
                        let world = state.directory.world().clone();
                        self.worlds.insert((subscription.get(), *at), world);
                        Flight::Resolved(session, subscription, ticket(id, session_id(session)))
                    }
                    Ok(_) | Err(_) => return None,
                }
            }
            Flight::Subscribed(_) | Flight::Answer(..) | Flight::Resolved(..) => return None,
        })
    }

    /// An answer arrives at a point.
    fn receive(&mut self, at: usize, answer: Flight) -> Result<(), String> {
        let point = &mut self.points[at];
        match answer {
            Flight::Subscribed(subscribed) => {
                point.subscribing = false;
                match subscribed {
                    Ok(link) => point.link = Some(link),
                    Err(error) => point.enforcer.refused(&error),
                }
            }
            Flight::Answer(sent, said, answer) => point.enforcer.answered(sent, &said, &answer),
            Flight::Resolved(session, subscription, ticket) => {
                let resolved = resolved(session, subscription, ticket);
                if point.enforcer.has_come(&resolved) == Some(true) {
                    point.met.insert(session, subscription);
                }
            }
            Flight::Subscribe(_) | Flight::Beat(..) | Flight::Resolve(_) => {
                return Err(String::from("a question is no answer"));
            }
        }
        Ok(())
    }

    /// Somebody asks a point for access.
    fn ask(&mut self, at: usize) -> Result<(), String> {
        let point = &mut self.points[at];
        let (Some(world), false) = (point.enforcer.world(), point.met.is_empty()) else { return Ok(()) };
        if point.held.len() > 4 {
            return Ok(());
        }
        let sessions: Vec<u8> = point.met.keys().copied().collect();
        let session = sessions[self.random.below(sessions.len())];
        let app = u8::try_from(self.random.below(usize::from(APPS))).unwrap();
        let Some(user) = world.session(session_id(session)).and_then(|session| session.user()) else {
            return Ok(());
        };
        let user = (0..USERS).find(|number| user_id(*number) == user).unwrap();
        point.ask(self.runtime, session, user, app);
        Ok(())
    }
}

/// With it a point shows that it was told of a session.
fn ticket(point: PointId, session: SessionId) -> Ticket {
    let mut bytes = *session.as_bytes();
    for (byte, of_point) in bytes.iter_mut().zip(point.as_bytes()) {
        *byte ^= of_point;
    }
    Ticket::from_bytes(bytes)
}

/// What control answers for a credential of a session.
fn resolved(session: u8, subscription: Subscription, ticket: Ticket) -> Resolution {
    let resolved = Resolved {
        session: session_id(session),
        subject: Subject::User(user_id(0)),
        kind: CredentialKind::Token,
        audience: Audience::Apps((0..APPS).map(|app| format!("a{app}").parse().unwrap()).collect()),
        ends: None,
    };
    Resolution { subscription, revision: Revision::new(u64::MAX), resolved, ticket }
}

/// Plays through so many histories; says which of them went wrong, and how.
fn play(from: u64, histories: u64) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let mut done = 0;
    while done < histories {
        // Where they record is full at some time.
        let records = [Records::new(from + done), Records::new(!(from + done))];
        let scopes = [PointScope::Apps, PointScope::Only(["a0".parse().unwrap()].into())];
        let points: Vec<_> = records.iter().map(Records::point).zip(scopes).collect();
        let truth = Truth::new(&points, FakeClock::default().boot());
        for _ in 0..200.min(histories - done) {
            let seed = from + done;
            let mut sim = Sim::new(seed, &runtime, &records, &truth);
            // What two machines do to each other takes longer to show.
            let steps = if sim.cloned { 3 * STEPS } else { STEPS };
            let went = (0..steps).try_for_each(|_| sim.step()).and_then(|()| sim.settle());
            went.map_err(|why| format!("history {seed}: {why}"))?;
            done += 1;
        }
    }
    Ok(())
}

const STEPS: u32 = 120;

/// How many are played through; with `BARTIZAN_LONG` as many as are promised.
fn histories() -> u64 {
    if std::env::var_os("BARTIZAN_LONG").is_some() { 100_000 } else { 4_000 }
}

#[test]
#[expect(clippy::print_stdout, reason = "so that the seeds are known")]
fn whatever_is_lost_late_or_killed_nothing_is_open_beyond_its_lease() {
    // Among these, one point came to life again after somebody was told that its lease was over.
    play(83_200, 200).unwrap();
    let half = histories() / 2;
    let went = std::thread::scope(|scope| {
        let other = scope.spawn(move || play(half, half));
        [play(0, half), other.join().unwrap()]
    });
    println!(
        "MEASURED apart · {} histories of feed, leases and grants, seeds 0 to {}",
        half * 2,
        half * 2 - 1
    );
    went.into_iter().collect::<Result<(), String>>().unwrap();
}
