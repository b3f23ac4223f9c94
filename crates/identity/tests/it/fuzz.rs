//! Any steps in any order: nobody is signed in who did not prove a first and a second factor, or has a passkey that saw them.

use std::time::Duration;

use bartizan_identity::{Attempt, CodePurpose, Step};
use bartizan_model::{PresentedCredential, UserState};
use proptest::prelude::*;

use crate::passkeys::{BACKED_UP, Device, ELIGIBLE, Lie, PRESENT, VERIFIED, party};
use crate::rig::{Rig, Somebody, secret};

#[derive(Debug, Clone)]
enum Op {
    Start,
    Password {
        who: usize,
        right: bool,
        on: prop::sample::Index,
    },
    Link {
        who: usize,
        link: prop::sample::Index,
        on: prop::sample::Index,
    },
    Totp {
        who: usize,
        shift: i64,
        right: bool,
        on: prop::sample::Index,
    },
    Recovery {
        who: usize,
        place: prop::sample::Index,
        right: bool,
        on: prop::sample::Index,
    },
    ClaimPassword {
        who: usize,
        good: bool,
        on: prop::sample::Index,
    },
    ClaimFinish {
        right: bool,
        on: prop::sample::Index,
    },
    /// `seen` says whether the authenticator saw its owner, `anew` whether what it signs was not brought before.
    Passkey {
        who: usize,
        seen: bool,
        anew: bool,
        on: prop::sample::Index,
    },
    SecondPasskey {
        who: usize,
        seen: bool,
        on: prop::sample::Index,
    },
    Seal {
        on: prop::sample::Index,
    },
    IssueLink {
        who: usize,
    },
    Advance {
        seconds: u64,
    },
    Toggle {
        who: usize,
    },
    Enrol {
        who: usize,
    },
}

fn op() -> impl Strategy<Value = Op> {
    let on = any::<prop::sample::Index>;
    let (who, right) = (0..2_usize, prop::bool::weighted(0.8));
    prop_oneof![
        1 => Just(Op::Start),
        5 => (who.clone(), right, on()).prop_map(|(who, right, on)| Op::Password { who, right, on }),
        3 => (who.clone(), on(), on()).prop_map(|(who, link, on)| Op::Link { who, link, on }),
        5 => (who.clone(), -2..=2_i64, right, on())
            .prop_map(|(who, shift, right, on)| Op::Totp { who, shift, right, on }),
        2 => (who.clone(), on(), right, on())
            .prop_map(|(who, place, right, on)| Op::Recovery { who, place, right, on }),
        2 => (who.clone(), right, on()).prop_map(|(who, good, on)| Op::ClaimPassword { who, good, on }),
        2 => (right, on()).prop_map(|(right, on)| Op::ClaimFinish { right, on }),
        3 => (who.clone(), prop::bool::weighted(0.8), prop::bool::weighted(0.7), on())
            .prop_map(|(who, seen, anew, on)| Op::Passkey { who, seen, anew, on }),
        3 => (who.clone(), any::<bool>(), on())
            .prop_map(|(who, seen, on)| Op::SecondPasskey { who, seen, on }),
        1 => on().prop_map(|on| Op::Seal { on }),
        2 => who.clone().prop_map(|who| Op::IssueLink { who }),
        2 => prop::sample::select(vec![1, 30, 61, 590, 1200]).prop_map(|seconds| Op::Advance { seconds }),
        1 => who.clone().prop_map(|who| Op::Toggle { who }),
        1 => who.prop_map(|who| Op::Enrol { who }),
    ]
}

/// What an attempt really has behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Behind {
    Nothing,
    First { who: usize, enrolment: u32 },
    Claim { who: usize, link: usize, enrolment: u32 },
}

/// What is true of a person.
struct Truth {
    person: Somebody,
    enrolment: u32,
    active: bool,
    /// The newest step accepted, and the recovery codes spent.
    step: i64,
    spent: Vec<usize>,
    /// Their passkey, and with which factors it was made: others take it away.
    device: (Device, u32),
}

/// A link, for whom, with which factors they had, and whether it was spent.
struct Link {
    text: PresentedCredential,
    who: usize,
    enrolment: u32,
    spent: bool,
}

struct World {
    rig: Rig,
    people: Vec<Truth>,
    attempts: Vec<(Attempt, Behind)>,
    links: Vec<Link>,
    claims: Vec<Link>,
    /// What passkeys signed that was brought already.
    brought: Vec<String>,
    signed_in: usize,
    by_passkey: usize,
}

impl World {
    async fn new() -> Self {
        let rig = Rig::new().await;
        let mut people = Vec::new();
        for login in ["ada", "eve"] {
            let person = rig.somebody(login).await;
            let (device, step) = ((rig.enrol_passkey(&person).await, 0), rig.step().number());
            people.push(Truth { person, enrolment: 0, active: true, step, spent: Vec::new(), device });
        }
        let start = rig.flow.attempts().start(None);
        let attempts = vec![(start, Behind::Nothing)];
        let mut world = Self {
            rig,
            people,
            attempts,
            links: Vec::new(),
            claims: Vec::new(),
            brought: Vec::new(),
            signed_in: 0,
            by_passkey: 0,
        };
        for who in 0..2 {
            world.issue(who).await;
        }
        world
    }

    async fn issue(&mut self, who: usize) {
        let user = self.people[who].person.user;
        let enrolment = self.people[who].enrolment;
        let text = self.rig.code(CodePurpose::SignIn { user }).await;
        self.links.push(Link { text, who, enrolment, spent: false });
        let text = self.rig.code(CodePurpose::Claim { user }).await;
        self.claims.push(Link { text, who, enrolment, spent: false });
    }

    async fn run(&mut self, op: Op) {
        let (flow, visit) = (self.rig.flow.clone(), self.rig.visit());
        match op {
            Op::Start => self.attempts.push((flow.attempts().start(None), Behind::Nothing)),
            Op::Password { who, right, on } => {
                let truth = &self.people[who];
                let password =
                    if right { truth.person.password.clone() } else { secret("zebra wrong teapot") };
                let attempt = &self.attempts[on.index(self.attempts.len())].0;
                let step = flow.password(attempt, &truth.person.login, &password, &visit).await.unwrap();
                let proved = right && truth.active;
                self.first(step, proved, Behind::First { who, enrolment: truth.enrolment });
            }
            Op::Link { who, link, on } => {
                let place = link.index(self.links.len());
                let link = &self.links[place];
                let truth = &self.people[link.who];
                let attempt = &self.attempts[on.index(self.attempts.len())].0;
                let step = flow.link(attempt, &link.text, &visit).await.unwrap();
                let proved = !link.spent && truth.active && link.enrolment == truth.enrolment;
                let behind = Behind::First { who: link.who, enrolment: truth.enrolment };
                self.links[place].spent |= matches!(step, Step::Next(_));
                self.first(step, proved, behind);
                // A link in the place of a claim, and a claim in the place of a link, are neither.
                let claim = self.claims[who].text.clone();
                let step = flow.link(&flow.attempts().start(None), &claim, &visit).await.unwrap();
                assert!(matches!(step, Step::StartOver(_) | Step::Wait(_)), "{step:?}");
            }
            Op::Totp { who, shift, right, on } => {
                let (attempt, behind) = &self.attempts[on.index(self.attempts.len())];
                let step = self.rig.step().plus(shift);
                let code = if right { self.people[who].person.totp.code(step) } else { secret("12345x") };
                let fits = right && shift.abs() <= 1 && step.number() > self.people[who].step;
                let answer = flow.second_totp(attempt, &code, &visit).await.unwrap();
                let behind = *behind;
                if self.second(&answer, behind, who, fits) {
                    self.people[who].step = step.number();
                }
            }
            Op::Recovery { who, place, right, on } => {
                let (attempt, behind) = &self.attempts[on.index(self.attempts.len())];
                let place = place.index(10);
                let code = if right { self.people[who].person.recovery.get(place).cloned() } else { None };
                let fits = code.is_some() && !self.people[who].spent.contains(&place);
                let code = code.unwrap_or_else(|| secret("k7qd-k7qd-k7qd-k7qd"));
                let answer = flow.second_recovery(attempt, &code, &visit).await.unwrap();
                let behind = *behind;
                if self.second(&answer, behind, who, fits) {
                    self.people[who].spent.push(place);
                }
            }
            Op::ClaimPassword { who, good, on } => {
                let place =
                    (0..self.claims.len()).rev().find(|place| self.claims[*place].who == who).unwrap();
                let claim = &self.claims[place];
                let password = secret(if good { "giraffe crossing teapot" } else { "password" });
                let attempt = &self.attempts[on.index(self.attempts.len())].0;
                let step = flow.claim_password(attempt, &claim.text, &password, &visit).await.unwrap();
                let truth = &self.people[who];
                let proved = good && truth.active && !claim.spent && claim.enrolment == truth.enrolment;
                self.first(step, proved, Behind::Claim { who, link: place, enrolment: truth.enrolment });
            }
            Op::ClaimFinish { right, on } => {
                let (attempt, behind) = &self.attempts[on.index(self.attempts.len())];
                let totp = attempt.totp_secret().cloned();
                let code = match (&totp, right) {
                    (Some(totp), true) => totp.code(self.rig.step()),
                    _ => secret("000000"),
                };
                let step = flow.claim_finish(attempt, &code, &visit).await.unwrap();
                let behind = *behind;
                if let Step::SignedIn(signed_in) = step {
                    let Behind::Claim { who, link, enrolment } = behind else { panic!("{behind:?}") };
                    let number = self.rig.step().number();
                    let truth = &mut self.people[who];
                    assert!(
                        right && truth.active && truth.enrolment == enrolment && !self.claims[link].spent
                    );
                    assert_eq!(signed_in.user, truth.person.user);
                    self.claims[link].spent = true;
                    truth.enrolment += 1;
                    truth.person.password = secret("giraffe crossing teapot");
                    truth.person.totp = totp.unwrap();
                    truth.person.recovery = signed_in.recovery_codes.unwrap().codes().to_vec();
                    truth.step = number;
                    truth.spent.clear();
                    assert_eq!(self.rig.sessions(signed_in.user).await, 1, "older sessions are gone");
                    self.signed_in += 1;
                }
            }
            Op::Passkey { who, seen, anew, on } => {
                let attempt = &self.attempts[on.index(self.attempts.len())].0;
                let ask = flow.ask_any_passkey(attempt, &party()).unwrap();
                let truth = &self.people[who];
                let flags = PRESENT | ELIGIBLE | BACKED_UP | if seen { VERIFIED } else { 0 };
                let said = match (&ask, anew, self.brought.last()) {
                    (Some(ask), true, _) => truth.device.0.say(&ask.options, &Lie { flags, ..Lie::none() }),
                    (_, _, Some(brought)) => brought.clone(),
                    (..) => String::new(),
                };
                let step = flow.passkey(attempt, &party(), &said, &visit).await.unwrap();
                let fits = seen && truth.active && truth.device.1 == truth.enrolment;
                match step {
                    Step::SignedIn(signed_in) => {
                        assert!(fits && ask.is_some() && !self.brought.contains(&said));
                        assert_eq!(signed_in.user, truth.person.user);
                        self.brought.push(said);
                        self.by_passkey += 1;
                    }
                    Step::Next(_) => panic!("a passkey leads to a session or nowhere"),
                    Step::Wrong(_) | Step::Wait(_) | Step::StartOver(_) => {}
                }
            }
            Op::SecondPasskey { who, seen, on } => {
                let (attempt, behind) = &self.attempts[on.index(self.attempts.len())];
                let (truth, behind) = (&self.people[who], *behind);
                let flags = PRESENT | ELIGIBLE | BACKED_UP | if seen { VERIFIED } else { 0 };
                let ask = flow.ask_any_passkey(attempt, &party()).unwrap();
                let said = ask.map(|ask| truth.device.0.say(&ask.options, &Lie { flags, ..Lie::none() }));
                let said = said.unwrap_or_default();
                let fits = truth.device.1 == truth.enrolment && !self.brought.contains(&said);
                let step = flow.second_passkey(attempt, &party(), &said, &visit).await.unwrap();
                if self.second(&step, behind, who, fits) {
                    self.brought.push(said);
                }
            }
            Op::Seal { on } => {
                // An attempt as it was before, brought again.
                let (attempt, behind) = &self.attempts[on.index(self.attempts.len())];
                let sealed = flow.attempts().seal(attempt).unwrap();
                if let Some(again) = sealed.expose(|text| flow.attempts().open(text)) {
                    self.attempts.push((again, *behind));
                }
            }
            Op::IssueLink { who } => self.issue(who).await,
            Op::Advance { seconds } => self.rig.clock.advance(Duration::from_secs(seconds)),
            Op::Toggle { who } => {
                let truth = &mut self.people[who];
                truth.active = !truth.active;
                let state = if truth.active { UserState::Active } else { UserState::Disabled };
                self.rig.people.set_state(truth.person.user, state, "test").await.unwrap();
            }
            Op::Enrol { who } => {
                let (user, login) = (self.people[who].person.user, self.people[who].person.login.clone());
                let person = self.rig.enrol(user, &login).await;
                let step = self.rig.step().plus(-1).number();
                let truth = &mut self.people[who];
                (truth.person, truth.step) = (person, step);
                truth.enrolment += 1;
                truth.spent.clear();
            }
        }
    }

    /// A step that may yield an attempt yields one only if the first factor was right.
    fn first(&mut self, step: Step, proved: bool, behind: Behind) {
        match step {
            Step::Next(attempt) => {
                assert!(proved, "{behind:?}");
                self.attempts.push((attempt, behind));
            }
            Step::SignedIn(_) => panic!("by one factor"),
            Step::Wrong(_) | Step::Wait(_) | Step::StartOver(_) => {}
        }
    }

    /// A step that may yield a session yields one only if both factors were right, and of one person. Says whether.
    fn second(&mut self, step: &Step, behind: Behind, who: usize, fits: bool) -> bool {
        match step {
            Step::SignedIn(signed_in) => {
                let truth = &self.people[who];
                let expected = Behind::First { who, enrolment: truth.enrolment };
                assert!(fits && truth.active && behind == expected, "{behind:?} {expected:?} {fits}");
                assert_eq!(signed_in.user, truth.person.user);
                self.signed_in += 1;
                true
            }
            Step::Next(_) => panic!("a second factor leads to a session or nowhere"),
            Step::Wrong(_) | Step::Wait(_) | Step::StartOver(_) => false,
        }
    }
}

#[test]
fn no_sequence_of_steps_begins_a_session_without_two_factors() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let config = ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() };
    let (signed_in, by_passkey) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    proptest!(config, |(ops in proptest::collection::vec(op(), 20..60))| {
        runtime.block_on(async {
            let mut world = World::new().await;
            for op in ops {
                world.run(op).await;
            }
            for session in world.rig.sign_ins.list(None).await.unwrap() {
                let amr = &session.facts.amr;
                let alone = *amr == ["swk", "user"].map(String::from).into();
                assert!(alone || amr.iter().filter(|method| *method != "user").count() == 2, "{amr:?}");
            }
            signed_in.set(signed_in.get() + world.signed_in);
            by_passkey.set(by_passkey.get() + world.by_passkey);
        });
    });
    assert!(signed_in.get() > 0 && by_passkey.get() > 0, "some of them did sign in");
}
