//! Histories of points that deliver what they recorded, each from one number: over a network that loses, delays, doubles and
//! swaps, to a log whose machine loses its power. Whatever happens, what was acknowledged is in the log, and once.

use super::*;

/// A point: what it has recorded is on its disk, and is delivered in order, one batch at a time.
#[derive(Debug, Default)]
struct Sender {
    recorded: u64,
    /// Up to where the log is, as far as it knows.
    position: Option<u64>,
    acknowledged: u64,
    /// The call that it waits for.
    waits: Option<u64>,
}

#[derive(Debug, Clone, Copy)]
enum Flight {
    Position,
    Deliver { first: u64, last: u64 },
    Answer(u64),
}

struct Sim<'a> {
    chance: SeededEntropy,
    key: &'a NoteKey,
    files: Arc<MemFiles>,
    log: Option<LogWriter>,
    senders: [Sender; 2],
    /// Whose call, which, and what.
    flights: Vec<(usize, u64, Flight)>,
    calls: u64,
}

impl Sim<'_> {
    fn step(&mut self) -> Result<(), String> {
        let at = self.chance.below(2);
        match self.chance.below(20) {
            0..=2 => self.senders[at].recorded += 1 + u64::try_from(self.chance.below(3)).unwrap(),
            3..=7 => self.call(at),
            8..=13 => {
                if let Some(flight) = self.pick() {
                    self.arrive(flight)?;
                }
            }
            14 => {
                if let Some((of, call, flight)) = self.pick() {
                    self.give_up(of, call);
                    // It was only late: nobody waits for the answer any more.
                    if !matches!(flight, Flight::Answer(_)) && self.chance.below(2) == 0 {
                        self.flights.push((of, call, flight));
                    }
                }
            }
            15 => {
                let twice = self.flights.iter().find(|(.., flight)| !matches!(flight, Flight::Answer(_)));
                self.flights.extend(twice.copied());
            }
            16 if self.chance.below(2) == 0 => {
                self.log = None;
                self.files = Arc::new(self.files.after_power_failure(&self.chance));
            }
            16..=18 if self.log.is_none() => self.open()?,
            // The process of the point ends, and begins anew.
            19 => (self.senders[at].position, self.senders[at].waits) = (None, None),
            _ => (),
        }
        Ok(())
    }

    fn open(&mut self) -> Result<(), String> {
        let log = open(&self.files, self.key).map_err(|error| error.to_string())?;
        for (at, sender) in self.senders.iter().enumerate() {
            let newest = log.newest().get(&of(at)).copied().unwrap_or(0);
            if newest < sender.acknowledged {
                return Err(format!("{} was acknowledged, and the log is at {newest}", sender.acknowledged));
            }
        }
        self.log = Some(log);
        Ok(())
    }

    fn pick(&mut self) -> Option<(usize, u64, Flight)> {
        let one = self.chance.below(self.flights.len());
        (!self.flights.is_empty()).then(|| self.flights.swap_remove(one))
    }

    /// A point asks how far the log is, or delivers what comes next.
    fn call(&mut self, at: usize) {
        let sender = &mut self.senders[at];
        let flight = match sender.position {
            _ if sender.waits.is_some() => return,
            None => Flight::Position,
            Some(position) if position < sender.recorded => {
                let most = position + 1 + u64::try_from(self.chance.below(4)).unwrap();
                Flight::Deliver { first: position + 1, last: most.min(sender.recorded) }
            }
            Some(_) => return,
        };
        self.calls += 1;
        sender.waits = Some(self.calls);
        self.flights.push((at, self.calls, flight));
    }

    fn give_up(&mut self, at: usize, call: u64) {
        let sender = &mut self.senders[at];
        if sender.waits == Some(call) {
            (sender.waits, sender.position) = (None, None);
        }
    }

    fn arrive(&mut self, (at, call, flight): (usize, u64, Flight)) -> Result<(), String> {
        let answer = match (flight, &mut self.log) {
            (Flight::Answer(through), _) => {
                let sender = &mut self.senders[at];
                if sender.waits == Some(call) {
                    (sender.waits, sender.position) = (None, Some(through));
                    sender.acknowledged = sender.acknowledged.max(through);
                }
                return Ok(());
            }
            (_, None) => None,
            (Flight::Position, Some(log)) => Some(log.newest().get(&of(at)).copied().unwrap_or(0)),
            (Flight::Deliver { first, last }, Some(log)) => {
                let number = u8::try_from(at).unwrap() + 1;
                let taken = log.append(records(number, first..=last)).map_err(|error| error.to_string())?;
                if !taken.gaps.is_empty() {
                    return Err(format!("{:?} where nothing was lost", taken.gaps));
                }
                Some(taken.acknowledged[&of(at)])
            }
        };
        match answer {
            Some(through) => self.flights.push((at, call, Flight::Answer(through))),
            None => self.give_up(at, call),
        }
        Ok(())
    }

    /// Nothing goes wrong any more: all of it arrives.
    fn settle(&mut self) -> Result<(), String> {
        if self.log.is_none() {
            self.open()?;
        }
        for sender in &mut self.senders {
            (sender.position, sender.waits) = (None, None);
        }
        while self.senders.iter().any(|sender| sender.position != Some(sender.recorded)) {
            self.call(0);
            self.call(1);
            while let Some(flight) = self.flights.pop() {
                self.arrive(flight)?;
            }
        }
        let content = content(&*self.files, self.key);
        for (at, sender) in self.senders.iter().enumerate() {
            let here = content.iter().filter(|(point, _)| *point == of(at)).map(|(_, sequence)| *sequence);
            if !here.eq(1..=sender.recorded) {
                return Err(format!("of {} records of point {at} the log has {content:?}", sender.recorded));
            }
        }
        Ok(())
    }
}

fn of(at: usize) -> PointId {
    point(u8::try_from(at).unwrap() + 1)
}

/// How many histories; with `BARTIZAN_LONG` as many as are promised.
fn histories() -> u64 {
    if std::env::var_os("BARTIZAN_LONG").is_some() { 100_000 } else { 2_000 }
}

#[test]
fn whatever_is_lost_late_or_doubled_what_is_acknowledged_is_in_the_log_once() {
    let key = key();
    for seed in 0..histories() {
        let files = Arc::new(MemFiles::default());
        let log = Some(open(&files, &key).unwrap());
        let chance = SeededEntropy::new(seed);
        let mut sim =
            Sim { chance, key: &key, files, log, senders: Default::default(), flights: Vec::new(), calls: 0 };
        let went = (0..80).try_for_each(|_| sim.step()).and_then(|()| sim.settle());
        went.unwrap_or_else(|why| panic!("history {seed}: {why}"));
    }
}
