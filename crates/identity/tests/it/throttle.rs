//! The throttle: who guesses waits, and nobody makes another wait.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bartizan_identity::{Guess, Step, Throttle, Wait};
use bartizan_testkit::FakeClock;
use tokio::task::JoinSet;

use crate::rig::{Rig, is_wrong, secret};

fn from(number: u32) -> IpAddr {
    IpAddr::from((0xc633_0000_u32 + number).to_be_bytes())
}

#[test]
fn waits_double_up_to_a_quarter_of_an_hour() {
    let clock = Arc::new(FakeClock::default());
    let throttle = Throttle::new(clock.clone());
    let mut waits = Vec::new();
    for number in 0..20 {
        let mut waited = 0;
        let ask = || throttle.ask(Guess::Password("ada"), from(number), None);
        while let Err(Wait { seconds }) = ask() {
            waited += seconds;
            clock.advance(Duration::from_secs(seconds));
        }
        waits.push(waited);
    }
    assert_eq!(waits, [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900, 900]);
    assert!(
        throttle.ask(Guess::Password("ADA"), from(99), None).is_err(),
        "one account, however it is typed"
    );
    assert!(throttle.ask(Guess::Password("bob"), from(99), None).is_ok());
    clock.advance(Duration::from_secs(24 * 3600));
    for number in 0..5 {
        assert!(throttle.ask(Guess::Password("ada"), from(number), None).is_ok(), "forgotten");
    }
}

#[test]
fn an_address_that_fails_at_many_accounts_waits() {
    let clock = Arc::new(FakeClock::default());
    let throttle = Throttle::new(clock.clone());
    let ask = |number: u32, source: IpAddr| {
        throttle.ask(Guess::Password(&format!("person{number}")), source, None).is_ok()
    };
    let neighbour = |last: u16| IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, last]);
    let passed = (0..40).filter(|number| ask(*number, neighbour(1))).count();
    assert_eq!(passed, 30);
    assert!(!ask(100, neighbour(2)), "of the same network");
    assert!(ask(100, IpAddr::from([0x2001, 0xdb8, 0, 2, 0, 0, 0, 1])));
    clock.advance(Duration::from_secs(10));
    assert!(ask(101, neighbour(1)));
    assert!(!ask(102, neighbour(1)));
}

#[test]
fn what_succeeds_is_no_failure() {
    let throttle = Throttle::new(Arc::new(FakeClock::default()));
    for _ in 0..1000 {
        let ticket = throttle.ask(Guess::Password("ada"), from(1), None).unwrap();
        throttle.succeeded(ticket);
    }
    for _ in 0..5 {
        assert!(throttle.ask(Guess::Password("ada"), from(1), None).is_ok());
    }
    assert!(throttle.ask(Guess::Password("ada"), from(1), None).is_err());
}

#[test]
fn its_memory_is_bounded_and_an_account_under_attack_stays_in_it() {
    let throttle = Throttle::new(Arc::new(FakeClock::default()));
    for number in 0..6 {
        let _ = throttle.ask(Guess::Password("ada"), from(number), None);
    }
    for number in 0..100_000 {
        let _ = throttle.ask(Guess::Password(&number.to_string()), from(number), None);
    }
    assert!(throttle.ask(Guess::Password("ada"), from(200_000), None).is_err());
    assert!(format!("{throttle:?}").len() < 20_000_000);
}

#[tokio::test]
async fn strangers_never_delay_a_browser_that_is_known() {
    let rig = Rig::new().await;
    let ada = rig.somebody("ada").await;
    let signed_in = rig.signed_in(&ada, rig.step()).await;
    let mark = signed_in.device_mark.expose(|text| rig.flow.marks().read(text)).unwrap();
    let start = || rig.flow.attempts().start(None);
    let mut refused = 0;
    for number in 0..40 {
        let visit = rig.visit_from(from(number));
        let step = rig.flow.password(&start(), "ada", &secret("guess"), &visit).await.unwrap();
        refused += usize::from(matches!(step, Step::Wait(_)));
    }
    assert_eq!(refused, 35);
    assert_eq!(rig.last_step(), ("signin:password".into(), "throttled".into()));
    let stranger = rig.visit_from(from(77));
    let step = rig.flow.password(&start(), "ada", &ada.password, &stranger).await.unwrap();
    assert!(matches!(step, Step::Wait(1..)), "also with the right password: {step:?}");
    let mut known = rig.visit_from(from(78));
    known.device = Some(mark);
    let step = rig.flow.password(&start(), "ada", &ada.password, &known).await.unwrap();
    let Step::Next(attempt) = step else { panic!("{step:?}") };
    let code = ada.totp.code(rig.step().plus(1));
    assert!(matches!(rig.flow.second_totp(&attempt, &code, &known).await.unwrap(), Step::SignedIn(_)));

    // A mark is good for the account of whom it is, and even there guessing ends.
    let eve = rig.somebody("eve").await;
    for number in 0..5 {
        let visit = rig.visit_from(from(100 + number));
        assert!(is_wrong(&rig.flow.password(&start(), "eve", &secret("guess"), &visit).await.unwrap()));
    }
    let step = rig.flow.password(&start(), "eve", &eve.password, &known).await.unwrap();
    assert!(matches!(step, Step::Wait(_)), "{step:?}");
    for _ in 0..5 {
        assert!(is_wrong(&rig.flow.password(&start(), "ada", &secret("guess"), &known).await.unwrap()));
    }
    let step = rig.flow.password(&start(), "ada", &ada.password, &known).await.unwrap();
    assert!(matches!(step, Step::Wait(1)), "{step:?}");
    rig.clock.advance(Duration::from_secs(1));
    let step = rig.flow.password(&start(), "ada", &ada.password, &known).await.unwrap();
    assert!(matches!(step, Step::Next(_)), "{step:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_hundred_guesses_at_once_five_are_looked_at() {
    let rig = Arc::new(Rig::new().await);
    let ada = rig.somebody("ada").await;
    let attempt = Arc::new(rig.after_password(&ada).await);
    let before = rig.flow.factors().hashes();
    let (mut passwords, mut codes) = (JoinSet::new(), JoinSet::new());
    for number in 0..100_u32 {
        let guess = secret(&format!("guess number {number}"));
        let (of_password, of_code, attempt) = (rig.clone(), rig.clone(), attempt.clone());
        passwords.spawn(async move {
            let (start, visit) =
                (of_password.flow.attempts().start(None), of_password.visit_from(from(number)));
            of_password.flow.password(&start, "ada", &guess, &visit).await.unwrap()
        });
        codes.spawn(async move {
            let visit = of_code.visit_from(from(1000 + number));
            of_code.flow.second_totp(&attempt, &secret("abcdef"), &visit).await.unwrap()
        });
    }
    for steps in [passwords.join_all().await, codes.join_all().await] {
        assert_eq!(steps.iter().filter(|step| is_wrong(step)).count(), 5);
        assert_eq!(steps.iter().filter(|step| matches!(step, Step::Wait(_))).count(), 95);
    }
    assert_eq!(rig.flow.factors().hashes() - before, 5);
}
