use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::index::tally::KEPT;

const HOUR: i64 = 3_600_000_000;

/// What matters of an event, drawn: when (in seconds), what, on which host, why.
type Drawn = (u32, u8, u8, u8);

fn events(drawn: &[Drawn]) -> Vec<Found> {
    (0..)
        .zip(drawn)
        .map(|(log_index, (seconds, what, host, why))| {
            let mut event = event(log_index);
            event.time = Timestamp::from_micros(HOUR + i64::from(*seconds) * 1_000_000);
            (event.kind, event.outcome) = [
                (EventKind::Decision, Outcome::Permit),
                (EventKind::Decision, Outcome::Deny),
                (EventKind::GrantEnd, Outcome::Cut),
                (EventKind::GrantEnd, Outcome::Ok),
                (EventKind::SigninStep, Outcome::Failed),
            ][usize::from(*what)];
            let resource = |kind: &str, name: &str| ResourceRef { kind: kind.into(), name: name.into() };
            event.resource = [
                None,
                Some(resource("App", "wiki")),
                Some(resource("App", "payroll")),
                Some(resource("App", "console")),
                Some(resource("Admin", "wiki")),
            ][usize::from(*host)]
            .clone();
            event.reason =
                ["denied_by_policy", "step_up_required"].get(usize::from(*why)).map(|&why| why.into());
            Found { log_index, event, personal: None }
        })
        .collect()
}

/// What the index must answer: each event looked at.
fn counted(events: &[Found], tally: &Tally) -> Vec<Count> {
    let unit = if matches!(tally.hosts, Hosts::Apps | Hosts::All) { HOUR / 12 } else { HOUR };
    let floor = |at: Timestamp| at.as_micros() / unit * unit;
    let first = floor(tally.since);
    let last = (tally.until.as_micros() + unit - 1) / unit * unit;
    let step = tally.step.map_or(i64::MAX / 4, |step| i64::try_from(step.as_micros()).unwrap());
    let mut counts = BTreeMap::new();
    for Found { event, .. } in events {
        let cut = event.kind == EventKind::GrantEnd && event.outcome == Outcome::Cut;
        let app = event.resource.as_ref().filter(|of| of.kind == "App").map(|of| of.name.clone());
        let own = event.resource.as_ref().is_some_and(|of| of.kind == "Admin" || of.name == "console");
        let meant = match &tally.hosts {
            Hosts::Apps => !own,
            Hosts::All => true,
            Hosts::App(name) => app.as_ref() == Some(name),
            Hosts::EachApp => app.is_some(),
        };
        let wanted = (event.kind == EventKind::Decision || cut)
            && meant
            && tally.outcome.is_none_or(|outcome| outcome == event.outcome)
            && (tally.reason.is_none() || tally.reason == event.reason)
            && (first..last).contains(&floor(event.time));
        if wanted {
            let at = Timestamp::from_micros(first + (floor(event.time) - first) / step * step);
            let app = app.filter(|_| tally.hosts == Hosts::EachApp);
            *counts
                .entry((at, app, event.outcome.as_str(), event.outcome, event.reason.clone()))
                .or_insert(0) += 1;
        }
    }
    let mut counts: Vec<Count> = counts
        .into_iter()
        .map(|((at, app, _, outcome, reason), count)| Count { at, app, outcome, reason, count })
        .collect();
    counts.sort_by_key(|count| (count.at, count.outcome.as_str(), count.reason.clone(), count.app.clone()));
    counts
}

fn of(hosts: Hosts, since: i64, until: i64) -> Tally {
    let [since, until] = [since, until].map(|seconds| Timestamp::from_micros(seconds * 1_000_000));
    Tally { since, until, step: None, hosts, outcome: None, reason: None }
}

async fn made(folder: &tempfile::TempDir) -> Index {
    Index::open(&folder.path().join("index.db")).await.unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn the_roll_up_equals_counting_the_events_one_by_one(
        drawn in prop::collection::vec((0_u32..40_000, 0_u8..5, 0_u8..5, 0_u8..3), 1..120),
        sizes in prop::collection::vec((1_usize..40, 0_usize..5), 1..8),
        asked in prop::collection::vec((0_i64..40_000, 1_i64..50_000, 0_u8..4, 0_u8..4, 0_u8..4, 0_u8..3), 12),
    ) {
        let events = events(&drawn);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let index = made(&folder).await;
            // In batches that begin with some of what is there already.
            let mut next = 0;
            for (size, again) in sizes.iter().cycle() {
                let end = (next + size).min(events.len());
                index.add(events[next.min(next.saturating_sub(*again))..end].to_vec()).await.unwrap();
                next = end;
                if next == events.len() { break }
            }
            for (since, length, hosts, outcome, reason, step) in asked {
                let hosts = [Hosts::Apps, Hosts::All, Hosts::App("wiki".into()), Hosts::EachApp][usize::from(hosts)].clone();
                let mut tally = of(hosts, since, since + length);
                tally.outcome = [Outcome::Permit, Outcome::Deny, Outcome::Cut].get(usize::from(outcome)).copied();
                tally.reason = ["denied_by_policy", "step_up_required", "never"].get(usize::from(reason)).map(|&why| why.into());
                tally.step = [3600, 7200].get(usize::from(step)).map(|&seconds| Duration::from_secs(seconds));
                let mut counts = index.tally(&tally).await.unwrap();
                counts.sort_by_key(|count| (count.at, count.outcome.as_str(), count.reason.clone(), count.app.clone()));
                prop_assert_eq!(counts, counted(&events, &tally), "{:?}", tally);
            }
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn five_minutes_are_the_shortest_span_and_begin_on_the_clock() {
    let folder = tempfile::tempdir().unwrap();
    let index = made(&folder).await;
    index.add(events(&[(299, 1, 1, 0), (300, 1, 1, 0), (301, 0, 1, 2), (899, 2, 1, 0)])).await.unwrap();
    let mut tally = of(Hosts::Apps, 3600 + 10, 3600 + 610);
    tally.step = Some(Duration::from_secs(300));
    let counts = index.tally(&tally).await.unwrap();
    let seen: Vec<_> = counts
        .iter()
        .map(|count| (count.at.as_secs() - 3600, count.outcome, count.reason.as_deref(), count.count))
        .collect();
    let denied = Some("denied_by_policy");
    let expected = [
        (0, Outcome::Deny, denied, 1),
        (300, Outcome::Deny, denied, 1),
        (300, Outcome::Permit, None, 1),
        (600, Outcome::Cut, denied, 1),
    ];
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn only_so_many_spans_are_kept_and_one_time_of_the_far_future_takes_none_away() {
    let folder = tempfile::tempdir().unwrap();
    let index = made(&folder).await;
    let day = 86_400;
    // One event in each five minutes of forty days, after one that is said to be of thousands of years from now.
    let mut all = events(&[(0, 1, 1, 0)]);
    all[0].event.time = Timestamp::from_micros(200_000_000_000_000_000);
    let drawn: Vec<Drawn> = (0..40 * 288).map(|number| (number * 300, 1, 1, 0)).collect();
    for (log_index, found) in (1..).zip(events(&drawn)) {
        all.push(Found { log_index, ..found });
    }
    for part in all.chunks(1000) {
        index.add(part.to_vec()).await.unwrap();
    }
    let (kept, by_app): (i64, i64) =
        sqlx::query_as("SELECT (SELECT count(*) FROM tally), (SELECT count(*) FROM app_tally)")
            .fetch_one(&index.pool)
            .await
            .unwrap();
    assert!((KEPT..KEPT + 288).contains(&kept), "{kept}");
    assert!((KEPT / 12..KEPT / 12 + 26).contains(&by_app), "{by_app}");
    let last = 3600 + 40 * day;
    for hosts in [Hosts::Apps, Hosts::App("wiki".into())] {
        let counts = index.tally(&of(hosts, last - 30 * day, last)).await.unwrap();
        assert_eq!(counts.iter().map(|count| count.count).sum::<u64>(), 30 * 288);
    }
}

#[tokio::test]
async fn no_tally_walks_the_events_and_none_says_who_asked() {
    let folder = tempfile::tempdir().unwrap();
    let index = made(&folder).await;
    for hosts in [Hosts::Apps, Hosts::All, Hosts::App("wiki".into()), Hosts::EachApp] {
        let explain = format!("EXPLAIN QUERY PLAN {}", of(hosts, 0, 9).select().sql().as_str());
        let rows: Vec<(i64, i64, i64, String)> =
            sqlx::query_as(sqlx::AssertSqlSafe(explain)).fetch_all(&index.pool).await.unwrap();
        let plan: Vec<String> = rows.into_iter().map(|(_, _, _, step)| step).collect();
        assert!(plan.iter().any(|step| step.contains("PRIMARY KEY") && step.contains("bucket")), "{plan:?}");
        assert!(!plan.iter().any(|step| step.contains("event")), "{plan:?}");
    }
    let columns: Vec<(String,)> = sqlx::query_as(
        "SELECT name FROM pragma_table_info('tally') UNION SELECT name FROM pragma_table_info('app_tally')",
    )
    .fetch_all(&index.pool)
    .await
    .unwrap();
    let columns: Vec<&str> = columns.iter().map(|(name,)| name.as_str()).collect();
    assert_eq!(columns, ["app", "bucket", "count", "outcome", "own", "reason"]);
}

#[tokio::test]
async fn who_was_denied_is_counted_apart_from_who_could_sign_in_better() {
    let folder = tempfile::tempdir().unwrap();
    let index = made(&folder).await;
    let denied = |seconds, why| (seconds, 1, 1, why);
    let mut events =
        events(&[denied(0, 0), denied(10, 0), denied(20, 0), denied(30, 1), denied(40, 0), (50, 0, 1, 2)]);
    for (found, who) in events.iter_mut().zip(["a", "b", "a", "a", "anonymous", "a"]) {
        found.event.subject = Some(SubjectRef { kind: String::from("User"), id: String::from(who) });
    }
    index.add(events).await.unwrap();
    let at = |seconds: i64| Timestamp::from_micros((3600 + seconds) * 1_000_000);
    let person = |id: &str, recent, before| DeniedPerson { id: String::from(id), recent, before };
    let all = index.denied(at(0), at(15)).await.unwrap();
    assert_eq!(all, Denied { since: at(0), people: vec![person("a", 1, 1), person("b", 0, 1)] });
    let later = index.denied(at(5), at(15)).await.unwrap();
    assert_eq!(later.people, [person("a", 1, 0), person("b", 0, 1)]);
}
