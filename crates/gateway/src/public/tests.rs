use bartizan_model::Clock as _;
use bartizan_testkit::{FakeClock, SeededEntropy};

use super::*;

#[test]
fn what_fails_is_tried_again_later_and_later_and_never_sooner_than_asked() {
    let (clock, entropy) = (FakeClock::default(), SeededEntropy::new(3));
    let mut known = Known::default();
    assert!(known.is_due(clock.now(), clock.boot()));
    let mut waits = Vec::new();
    for _ in 0..9 {
        let wait = known.fail(clock.boot(), Duration::ZERO, &entropy);
        assert!(!known.is_due(clock.now(), clock.boot()));
        clock.advance(wait);
        assert!(known.is_due(clock.now(), clock.boot()));
        waits.push(wait.as_secs());
    }
    assert!((300..=375).contains(&waits[0]) && (600..=750).contains(&waits[1]), "{waits:?}");
    assert!(waits[7..].iter().all(|wait| (21_600..=27_000).contains(wait)), "{waits:?}");
    let asked = Duration::from_secs(7 * 86_400);
    assert_eq!(known.fail(clock.boot(), asked, &entropy), asked);
}

#[test]
fn nothing_is_asked_for_twice_at_once_or_before_its_time() {
    let clock = FakeClock::default();
    let mut known = Known { renew_at: Some(clock.now().plus(Duration::from_secs(60))), ..Known::default() };
    assert!(!known.is_due(clock.now(), clock.boot()));
    clock.advance(Duration::from_secs(60));
    assert!(known.is_due(clock.now(), clock.boot()));
    known.working = true;
    assert!(!known.is_due(clock.now(), clock.boot()));
}
