use super::*;

fn now() -> Timestamp {
    // A Wednesday.
    "2026-03-11T15:30:00Z".parse().unwrap()
}

#[test]
fn the_same_days_are_always_the_same() {
    let plan = Plan::of(7, now());
    assert_eq!(plan, Plan::of(7, now()));
    // A longer past has the same days in it, and more before them.
    let longer = Plan::of(14, now());
    let day = |plan: &Plan| -> Vec<(Timestamp, usize)> {
        let [first, end] = ["2026-03-06T00:00:00Z", "2026-03-07T00:00:00Z"].map(|at| at.parse().unwrap());
        let deeds = plan.deeds.iter().filter(|deed| deed.at >= first && deed.at < end);
        deeds.map(|deed| (deed.at, deed.who)).collect()
    };
    assert_eq!(day(&plan), day(&longer));
    assert!(longer.deeds.len() > plan.deeds.len() * 3 / 2);
}

#[test]
fn nothing_lies_outside_of_the_days_and_all_is_in_the_order_of_time() {
    for days in [0, 1, 7, 30] {
        let plan = Plan::of(days, now());
        let first = seconds(now().as_secs() - i64::from(days) * DAY);
        assert!(plan.deeds.iter().all(|deed| deed.at >= first && deed.at < now()), "{days}");
        assert!(plan.deeds.is_sorted_by_key(|deed| deed.at));
        assert_eq!(plan.deeds.is_empty(), days == 0);
    }
}

#[test]
fn a_week_is_two_or_three_thousand_events_with_a_rhythm() {
    let plan = Plan::of(7, now());
    let asked: Vec<&Deed> =
        plan.deeds.iter().filter(|deed| matches!(deed.what, What::Asked { .. })).collect();
    // Most of what is asked has an end of its own.
    let events = plan.deeds.len() + asked.len();
    assert!((1_800..3_200).contains(&events), "{events}");
    let at = |wanted: &dyn Fn(i64) -> bool| asked.iter().filter(|deed| wanted(deed.at.as_secs())).count();
    let weekend = at(&|at| !is_working(at.div_euclid(DAY)));
    assert!(weekend > 0 && weekend * 10 < asked.len(), "{weekend} of {}", asked.len());
    let night = at(&|at| !(6..20).contains(&(at.rem_euclid(DAY) / HOUR)));
    assert!(night * 20 < asked.len(), "{night} of {}", asked.len());
}

#[test]
fn what_went_wrong_is_in_each_week_on_days_apart() {
    for day in 0..14 {
        let now = seconds(now().as_secs() + day * DAY);
        let plan = Plan::of(7, now);
        let at = |what: &dyn Fn(&What) -> bool| {
            let deed = plan.deeds.iter().find(|deed| what(&deed.what)).unwrap();
            deed.at.as_secs().div_euclid(DAY)
        };
        let risk = at(&|what| matches!(what, What::Risk(Some(_))));
        let disabled = at(&|what| *what == What::Disabled);
        assert!(risk < disabled && is_working(risk) && is_working(disabled), "{now}");
        let refused = plan.deeds.iter().filter(|deed| deed.who == who(VIKTOR));
        assert!(refused.clone().any(|deed| deed.at.as_secs().div_euclid(DAY) == disabled));
        assert!(refused.clone().all(|deed| deed.at.as_secs().div_euclid(DAY) <= disabled), "{now}");
    }
}

#[test]
fn a_sign_in_is_used_while_it_lives_but_for_the_one_that_was_left_open() {
    let plan = Plan::of(30, now());
    let mut late = 0;
    for deed in &plan.deeds {
        let (What::Asked { .. }, Some(visit)) = (&deed.what, deed.visit) else { continue };
        let visit = &plan.visits[visit];
        assert_eq!(visit.who, deed.who);
        assert!(deed.at >= visit.begins);
        late += usize::from(deed.at.since(visit.last).as_secs() > 3600);
    }
    assert!((20..200).contains(&late), "{late}");
}
