//! What is asked of each history.

use std::time::Duration;

use bartizan_enforce::FeedMessage;
use bartizan_model::{AppName, Clock as _, Revision};

use super::truth::{APPS, session_id};
use super::{Flight, LEASE, Sim, with_margin};

impl Sim<'_> {
    /// A point's world is what control's was at the revision of its newest message, as far as it is told of it.
    pub(super) fn compare(&self, at: usize, message: &FeedMessage) -> Result<(), String> {
        let point = &self.points[at];
        let wrong = |what: &str| Err(format!("point {at} at {}: {what} is not as it was", message.revision));
        let whole = &self.worlds[&(message.subscription.get(), message.revision.get())];
        let world = point.enforcer.world().unwrap();
        let sees = |app: &AppName| at != 1 || app.to_string() == "a0";
        if !world.apps().eq(whole.apps().filter(|app| sees(&app.name))) || !world.groups().eq(whole.groups())
        {
            return wrong("an app, or a group");
        }
        for session in (1..=self.truth.began()).map(session_id) {
            let Some(here) = world.session(session) else { continue };
            let user = here.user().unwrap();
            let same = Some(here) == whole.session(session) && world.user(user) == whole.user(user);
            if !same || world.risk(user) != whole.risk(user) {
                return wrong("a session, its person or their risk");
            }
        }
        // Of what it was told it forgets nothing that there still is.
        let told = point.met.iter().filter(|(_, of)| **of == message.subscription);
        for session in told.map(|(session, _)| session_id(*session)) {
            if world.session(session) != whole.session(session) {
                return wrong("a session that it has met");
            }
        }
        Ok(())
    }

    /// Nothing is open that nobody has permitted for a lease; nothing that was forbidden by what is said to be everywhere.
    pub(super) fn check(&mut self) -> Result<(), String> {
        let now = self.clock.boot();
        if now < self.set_back_until {
            self.waits.clear();
        }
        if let Some((state, _)) = &mut self.control {
            let floor = &mut self.floor;
            self.waits.retain(|revision| match state.applied(Revision::new(*revision), now) {
                Ok(_) => {
                    *floor = (*floor).max(*revision);
                    false
                }
                Err(_later) => true,
            });
        }
        for (at, point) in self.points.iter_mut().enumerate() {
            point.held.retain(|held| held.live.cut_reason().is_none());
            let world = point.enforcer.world().unwrap_or_default();
            for held in &point.held {
                let floor = if self.cloned || !self.truth.model().has(point.id) { 0 } else { self.floor };
                let who = (point.id, held.session, held.app);
                let app = world.app(&format!("a{}", held.app).parse().unwrap());
                let lease = app.and_then(|app| app.lease).unwrap_or(LEASE);
                if !self.truth.permitted_since(now.back(with_margin(lease)), floor, who) {
                    return Err(format!(
                        "point {at} at {:?} holds open what is not permitted since {floor}: session {} at a{}",
                        point.enforcer.revision(),
                        held.session,
                        held.app
                    ));
                }
            }
        }
        Ok(())
    }

    /// The faults are over: everybody gets there.
    pub(super) fn settle(&mut self) -> Result<(), String> {
        if self.control.is_none() {
            self.start_control();
        }
        let newest = self.points.iter().map(|point| point.enforcer.revision().get()).max().unwrap_or(0);
        while self.truth.revision() <= newest {
            self.truth.change(&self.random, self.clock.boot());
        }
        self.points.truncate(2);
        self.flights.clear();
        for at in 0..self.points.len() {
            let point = &mut self.points[at];
            (point.subscribing, point.hangs) = (false, false);
            point.inbox.clear();
            point.unlink();
        }
        for _ in 0..12 {
            self.advance(usize::MAX);
            for at in 0..self.points.len() {
                self.subscribe(at);
                for _ in 0..8 {
                    self.calm_frame(at);
                }
                for _ in 0..8 {
                    self.apply(at)?;
                }
                if self.truth.model().has(self.points[at].id) {
                    let known: Vec<u8> = self.truth.model().sessions.keys().copied().collect();
                    known.into_iter().for_each(|session| self.fly(at, Flight::Resolve(session)));
                }
                self.beat(at);
            }
            while !self.flights.is_empty() {
                self.deliver(false)?;
            }
            self.pass(Duration::from_millis(100));
            self.check()?;
        }
        for at in 0..self.points.len() {
            let id = self.points[at].id;
            if !self.truth.model().has(id) {
                continue;
            }
            let point = &mut self.points[at];
            if point.enforcer.revision().get() != self.truth.revision()
                || point.enforcer.lease_left().is_none()
            {
                return Err(format!("point {at} does not get to {}", self.truth.revision()));
            }
            point.held.clear();
            let apps = if at == 1 { 1 } else { APPS };
            for (session, user) in self.truth.model().sessions.clone() {
                for app in 0..apps {
                    let granted = point.ask(self.runtime, session, user, app);
                    if granted != self.truth.model().permits(id, session, app) {
                        return Err(format!("point {at}: session {session} at a{app} is granted: {granted}"));
                    }
                }
            }
        }
        Ok(())
    }

    fn calm_frame(&mut self, at: usize) {
        let Some(id) = self.points[at].link else { return };
        let link = self.links.get_mut(&id).unwrap();
        while let Ok(message) = link.messages.try_recv() {
            link.wire.extend(link.cutter.cut(&message));
        }
        if let Some(frame) = link.wire.pop_front() {
            self.points[at].take(frame);
        }
    }
}
