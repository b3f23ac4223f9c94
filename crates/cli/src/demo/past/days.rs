//! What the made-up colleagues did when: working days with mornings, lunches and afternoons, quiet weekends, and what went
//! wrong. Only what was asked is said here. How it came out is decided when it is asked.

use bartizan_model::Timestamp;

use super::colleagues::{COLLEAGUES, INES, NOOR, Post, SCRIPT, STRANGER, TESS, VIKTOR, who};
use super::dice::Dice;

/// A sign-in, from its beginning until it was last used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Visit {
    pub(super) who: usize,
    pub(super) begins: Timestamp,
    pub(super) last: Timestamp,
}

/// Something that somebody did, or that happened to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Deed {
    pub(super) at: Timestamp,
    pub(super) who: usize,
    /// Under which sign-in, if under one.
    pub(super) visit: Option<usize>,
    pub(super) source: &'static str,
    pub(super) agent: &'static str,
    pub(super) what: What,
}

/// What it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// They asked for this, and would have been there for so long (in microseconds).
    Asked { app: &'static str, writes: bool, path: String, stays: i64, bytes: i64 },
    /// They proved this of themselves, or failed to.
    Proved { act: &'static str, failed: Option<&'static str> },
    /// They were signed in.
    SignedIn,
    /// Their sign-in ended.
    Ended(&'static str),
    /// Their behaviour began to look as unusual as this.
    Risk(Option<u8>),
    /// They were disabled.
    Disabled,
}

/// All of it, in the order of time.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) visits: Vec<Visit>,
    pub(super) deeds: Vec<Deed>,
}

impl Plan {
    /// What happened in so many days before this moment.
    pub(super) fn of(days: u32, now: Timestamp) -> Self {
        let (now, mut plan) = (now.as_secs(), Self::default());
        let first = now - i64::from(days) * DAY;
        for day in first.div_euclid(DAY)..=now.div_euclid(DAY) {
            for (person, _) in (0..).zip(&COLLEAGUES) {
                let seed = u64::try_from(day).unwrap_or(0).wrapping_mul(64).wrapping_add(person);
                plan.day(usize::try_from(person).unwrap_or(0), day, &mut Dice::of(seed));
            }
        }
        let today = now.div_euclid(DAY);
        plan.guessed_at(working_day_before(today - 4));
        plan.went_through_payroll(working_day_before(today - 1));
        plan.script(now);
        plan.keep(first, now);
        plan
    }

    /// Drops what was not in this time, and what belongs to sign-ins that were not.
    fn keep(&mut self, first: i64, now: i64) {
        let [first, end] = [first, now].map(seconds);
        for visit in &mut self.visits {
            visit.last = visit.last.min(end);
        }
        let visits = &self.visits;
        self.deeds.retain(|deed| {
            let whole =
                deed.visit.and_then(|visit| visits.get(visit)).is_none_or(|visit| visit.begins >= first);
            whole && deed.at >= first && deed.at < end
        });
        self.deeds.sort_by_key(|deed| deed.at);
        // Who is disabled comes no more.
        let disabled =
            self.deeds.iter().find(|deed| deed.what == What::Disabled).map(|deed| (deed.who, deed.at));
        if let Some((who, at)) = disabled {
            let hour = at.plus(std::time::Duration::from_secs(3600));
            self.deeds.retain(|deed| deed.who != who || deed.at < hour);
        }
    }

    /// A day of one person.
    fn day(&mut self, who: usize, day: i64, dice: &mut Dice) {
        let Some(colleague) = COLLEAGUES.get(who) else { return };
        let midnight = day * DAY;
        if !is_working(day) {
            if dice.chance(20) {
                let begins = midnight + dice.between(9 * HOUR, 17 * HOUR);
                let visit = self.sign_in(who, begins, dice);
                self.work(visit, begins + dice.between(20, 70) * MINUTE, dice);
                self.end(visit, dice);
            }
            return;
        }
        if dice.chance(if colleague.post == Post::Contractor { 25 } else { 8 }) {
            return;
        }
        let begins = midnight + 7 * HOUR + dice.between(20, 125) * MINUTE + dice.between(0, 60);
        let morning = self.sign_in(who, begins, dice);
        if colleague.login == INES && dice.chance(60) {
            // No break, and at the end of the day a sign-in that is too old for payroll.
            self.work(morning, midnight + 17 * HOUR, dice);
            let late = self.last(morning) + dice.between(6, 14) * MINUTE;
            if late > begins + 8 * HOUR {
                self.ask(morning, late, dice, Some(("payroll", "/salaries")));
                let again = self.sign_in(who, late + 40, dice);
                self.ask(again, late + 110, dice, Some(("payroll", "/salaries")));
                self.end(again, dice);
            }
            self.end(morning, dice);
            return;
        }
        self.work(morning, midnight + 11 * HOUR + dice.between(30, 70) * MINUTE, dice);
        self.end(morning, dice);
        let begins = midnight + 13 * HOUR + dice.between(0, 30) * MINUTE + dice.between(0, 60);
        if dice.chance(45) && begins > self.last(morning) + HOUR {
            // The page that was left open is too old.
            self.ask(morning, begins - 20, dice, Some(("wiki", "/how-we-work")));
            if let Some(visit) = self.visits.get_mut(morning) {
                visit.last = seconds(begins - 20 - HOUR - 60);
            }
        }
        let afternoon = self.sign_in(who, begins, dice);
        self.work(afternoon, midnight + 16 * HOUR + dice.between(20, 100) * MINUTE, dice);
        self.end(afternoon, dice);
    }

    /// They open an app, are sent to sign in, and do; which visit that is.
    fn sign_in(&mut self, who: usize, at: i64, dice: &mut Dice) -> usize {
        let visit = self.visits.len();
        let asked = What::Asked {
            app: dice.one_of(&["wiki", "wiki", "pulse"]),
            writes: false,
            path: String::from("/"),
            stays: 0,
            bytes: 0,
        };
        self.add(who, None, seconds(at), asked);
        let mut at = at + dice.between(8, 30);
        if dice.chance(7) {
            let failed = Some("wrong_password");
            self.add(who, None, seconds(at), What::Proved { act: "signin:password", failed });
            at += dice.between(5, 20);
        }
        self.add(who, None, seconds(at), What::Proved { act: "signin:password", failed: None });
        at += dice.between(6, 25);
        let begins = seconds(at);
        self.visits.push(Visit { who, begins, last: begins });
        self.add(who, Some(visit), begins, What::Proved { act: "signin:totp", failed: None });
        self.add(who, Some(visit), begins, What::SignedIn);
        self.ask(visit, at + 1, dice, None);
        visit
    }

    /// They ask for one thing and another until then.
    fn work(&mut self, visit: usize, until: i64, dice: &mut Dice) {
        loop {
            let last = self.last(visit);
            let busy = matches!(last.rem_euclid(DAY) / HOUR, 9 | 10 | 14 | 15);
            let pause = if busy { dice.between(12, 34) } else { dice.between(24, 50) };
            let next = last + pause * MINUTE + dice.between(0, 60);
            if next > until {
                return;
            }
            self.ask(visit, next, dice, None);
        }
    }

    /// They ask for something: for this, or for what somebody with their post may want.
    fn ask(&mut self, visit: usize, at: i64, dice: &mut Dice, what: Option<(&'static str, &'static str)>) {
        let Some(who) = self.visits.get(visit).map(|visit| visit.who) else { return };
        let post = COLLEAGUES.get(who).map_or(Post::Staff, |colleague| colleague.post);
        let (app, path) = what.unwrap_or_else(|| {
            let payroll = match post {
                Post::Finance => 30,
                Post::Staff | Post::Contractor => 2,
            };
            match dice.between(0, 100) {
                drawn if drawn < payroll => {
                    ("payroll", dice.one_of(&["/", "/salaries", "/export/november.csv"]))
                }
                drawn if drawn < payroll + 27 => ("pulse", dice.one_of(&["/sse", "/sse", "/echo", "/big"])),
                _ => ("wiki", dice.one_of(&["/", "/how-we-work", "/on-call", "/releases", "/who-to-ask"])),
            }
        });
        let stays = match path {
            "/sse" => dice.between(4 * MINUTE, 40 * MINUTE) * MICROS,
            _ => dice.between(4_000, 700_000),
        };
        let writes = app == "wiki" && dice.chance(22);
        let bytes = dice.between(900, 90_000);
        let at = Timestamp::from_micros(at * MICROS + dice.between(0, MICROS));
        let asked = What::Asked { app, writes, path: path.to_owned(), stays, bytes };
        self.add(who, Some(visit), at, asked);
        if let Some(visit) = self.visits.get_mut(visit) {
            visit.last = visit.last.max(at);
        }
    }

    /// Their sign-in ends: they sign out, or do nothing more.
    fn end(&mut self, visit: usize, dice: &mut Dice) {
        let Some(Visit { who, last, .. }) = self.visits.get(visit).cloned() else { return };
        let (after, reason) = if dice.chance(35) { (HOUR - 900, "signed_out") } else { (HOUR, "expired") };
        self.add(who, Some(visit), seconds(last.as_secs() + after), What::Ended(reason));
    }

    /// Somebody guesses at a password. Until it is over, the account counts as unusual: what is open is cut.
    fn guessed_at(&mut self, day: i64) {
        let (noor, midnight) = (who(NOOR), day * DAY);
        let mut dice = Dice::of(7);
        let visit = self.sign_in(noor, midnight + 13 * HOUR + 58 * MINUTE, &mut dice);
        let at = |minutes: i64| midnight + 14 * HOUR + minutes * MINUTE;
        self.ask(visit, at(3), &mut dice, Some(("payroll", "/export/november.csv")));
        self.stays(20 * MINUTE);
        self.ask(visit, at(4), &mut dice, Some(("payroll", "/salaries/live")));
        self.stays(25 * MINUTE);
        for guess in 0..38 {
            let failed = Some(if guess < 31 { "wrong_password" } else { "throttled" });
            self.add(
                noor,
                None,
                seconds(at(2) + guess * 17),
                What::Proved { act: "signin:password", failed },
            );
            if let Some(deed) = self.deeds.last_mut() {
                (deed.source, deed.agent) = (STRANGER, SCRIPT);
            }
        }
        self.add(noor, None, seconds(at(11)), What::Risk(Some(74)));
        for minutes in [12, 13, 21, 34] {
            self.ask(visit, at(minutes), &mut dice, Some(("payroll", "/salaries")));
        }
        self.ask(visit, at(36), &mut dice, Some(("wiki", "/on-call")));
        self.add(noor, None, seconds(at(70)), What::Risk(None));
        for minutes in [72, 90] {
            self.ask(visit, at(minutes), &mut dice, Some(("payroll", "/salaries")));
        }
        self.end(visit, &mut dice);
    }

    /// Somebody asks for payroll page by page, and is disabled.
    fn went_through_payroll(&mut self, day: i64) {
        let (viktor, midnight) = (who(VIKTOR), day * DAY);
        let mut dice = Dice::of(11);
        let visit = self.sign_in(viktor, midnight + 10 * HOUR + 12 * MINUTE, &mut dice);
        let at = |seconds: i64| midnight + 10 * HOUR + 31 * MINUTE + seconds;
        self.ask(visit, at(-600), &mut dice, Some(("pulse", "/sse")));
        self.stays(40 * MINUTE);
        self.ask(visit, at(-420), &mut dice, Some(("pulse", "/big")));
        self.stays(30 * MINUTE);
        for page in 0..64 {
            self.ask(visit, at(page * 12), &mut dice, Some(("payroll", "/employees")));
            if let Some(Deed { what: What::Asked { path, .. }, agent, .. }) = self.deeds.last_mut() {
                *path = format!("/employees/{}", 1001 + page);
                *agent = SCRIPT;
            }
        }
        self.add(viktor, None, seconds(at(15 * MINUTE)), What::Disabled);
        for later in [16, 17, 19, 24] {
            self.ask(visit, at(later * MINUTE), &mut dice, Some(("wiki", "/")));
        }
    }

    /// Somebody's script keeps asking for what it may not have, until just now.
    fn script(&mut self, now: i64) {
        let mut dice = Dice::of(13);
        let begins = now - 5 * HOUR - 10 * MINUTE;
        let visit = self.sign_in(who(TESS), begins, &mut dice);
        for run in 0..28 {
            self.ask(
                visit,
                begins + 2 * MINUTE + run * 11 * MINUTE,
                &mut dice,
                Some(("payroll", "/reports/weekly")),
            );
            if let Some(deed) = self.deeds.last_mut() {
                deed.agent = SCRIPT;
            }
        }
        self.ask(visit, now - 4 * MINUTE, &mut dice, Some(("wiki", "/how-we-work")));
    }

    /// What was asked last stays open for so many seconds.
    fn stays(&mut self, long: i64) {
        if let Some(Deed { what: What::Asked { stays, .. }, .. }) = self.deeds.last_mut() {
            *stays = long * MICROS;
        }
    }

    fn last(&self, visit: usize) -> i64 {
        self.visits.get(visit).map_or(0, |visit| visit.last.as_secs())
    }

    fn add(&mut self, who: usize, visit: Option<usize>, at: Timestamp, what: What) {
        if let Some(colleague) = COLLEAGUES.get(who) {
            let (source, agent) = (colleague.source, colleague.agent);
            self.deeds.push(Deed { at, who, visit, source, agent, what });
        }
    }
}

fn seconds(of: i64) -> Timestamp {
    Timestamp::from_micros(of.saturating_mul(MICROS))
}

/// Whether this day (from 1970-01-01, a Thursday, on) is from Monday to Friday.
const fn is_working(day: i64) -> bool {
    (day + 3).rem_euclid(7) < 5
}

/// The last working day that is no later than this one.
fn working_day_before(day: i64) -> i64 {
    (0..7).map(|back| day - back).find(|day| is_working(*day)).unwrap_or(day)
}

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;
const DAY: i64 = 86_400;
/// In a second.
const MICROS: i64 = 1_000_000;

#[cfg(test)]
mod tests;
