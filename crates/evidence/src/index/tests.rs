mod tally;

use bartizan_model::{
    AppName, DecisionId, EventKind, Outcome, Resource, ResourceRef, Sealed, SessionId, SubjectRef, Timestamp,
};
use bartizan_testkit::SeededEntropy;

use super::*;
use crate::testing::event;

/// Events that differ in what is searched for.
fn sample(count: u64) -> Vec<Found> {
    let of = |number: u64| u8::try_from(number % 256).unwrap();
    (0..count)
        .map(|number| {
            let mut event = event(number);
            event.kind = if number % 3 == 0 { EventKind::SigninStep } else { EventKind::Decision };
            event.outcome = if number % 5 == 0 { Outcome::Deny } else { Outcome::Permit };
            event.reason = (number % 5 == 0).then(|| String::from("denied_by_policy"));
            event.subject =
                Some(SubjectRef { kind: String::from("User"), id: format!("user-{}", number % 4) });
            let app: AppName = format!("app-{}", number % 2).parse().unwrap();
            event.resource = Some(ResourceRef::from(&Resource::App(app)));
            event.session = Some(SessionId::from_bytes([of(number % 7); 16]));
            event.decision_id = Some(DecisionId::from_bytes([of(number); 16]));
            event.request_id = Some(bartizan_model::RequestId::from_bytes([of(number / 2); 16]));
            let personal = Personal { path: Some(format!("/unusual-path-{number}")), ..Personal::default() };
            event.sealed = Some(Sealed { key: key(number % 4), bytes: String::from("AAAA") });
            Found { log_index: number, event, personal: Some(personal) }
        })
        .collect()
}

fn key(number: u64) -> SealingKeyId {
    SealingKeyId::from_bytes([u8::try_from(number).unwrap(); 16])
}

/// What the index gives back of an event.
fn stored(found: &Found) -> Found {
    Found { event: Event { sealed: None, ..found.event.clone() }, ..found.clone() }
}

#[tokio::test]
async fn each_filter_finds_what_it_says_oldest_first() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open(&folder.path().join("index.db")).await.unwrap();
    let events = sample(200);
    index.add(events[..120].to_vec()).await.unwrap();
    index.add(events[120..].to_vec()).await.unwrap();
    assert_eq!(index.size().await.unwrap(), 200);

    let all = Query { limit: Some(1000), ..Query::default() };
    let check = async |query: Query, wanted: &dyn Fn(&Found) -> bool| {
        let expected: Vec<Found> = events.iter().filter(|found| wanted(found)).map(stored).collect();
        assert!(!expected.is_empty() && expected.len() < 200, "{query:?}");
        assert_eq!(index.search(&query).await.unwrap(), expected, "{query:?}");
    };
    check(Query { user: Some("user-1".into()), ..all.clone() }, &|f| f.log_index % 4 == 1).await;
    check(Query { app: Some("app-1".into()), ..all.clone() }, &|f| f.log_index % 2 == 1).await;
    check(Query { kind: Some(EventKind::SigninStep), ..all.clone() }, &|f| f.log_index % 3 == 0).await;
    check(Query { outcome: Some(Outcome::Deny), ..all.clone() }, &|f| f.log_index % 5 == 0).await;
    check(Query { reason: Some("denied_by_policy".into()), ..all.clone() }, &|f| f.log_index % 5 == 0).await;
    check(Query { session: Some(SessionId::from_bytes([3; 16])), ..all.clone() }, &|f| f.log_index % 7 == 3)
        .await;
    check(Query { decision: events[9].event.decision_id, ..all.clone() }, &|f| f.log_index == 9).await;
    check(Query { request: events[9].event.request_id, ..all.clone() }, &|f| f.log_index / 2 == 4).await;
    check(Query { event: Some(events[9].event.id), ..all.clone() }, &|f| f.log_index == 9).await;
    check(Query { since: Some(events[50].event.time), ..all.clone() }, &|f| f.log_index >= 50).await;
    check(Query { until: Some(events[50].event.time), ..all.clone() }, &|f| f.log_index < 50).await;
    check(Query { before: Some(20), ..all.clone() }, &|f| f.log_index < 20).await;
    check(Query { from: Some(190), ..all.clone() }, &|f| f.log_index >= 190).await;
    check(Query { from: Some(20), before: Some(21), ..all.clone() }, &|f| f.log_index == 20).await;
    check(Query { limit: Some(7), ..all.clone() }, &|f| f.log_index >= 193).await;
    let several =
        Query { user: Some("user-1".into()), outcome: Some(Outcome::Deny), before: Some(100), ..all.clone() };
    check(several, &|f| f.log_index % 20 == 5 && f.log_index < 100).await;

    assert_eq!(index.search(&Query::default()).await.unwrap().len(), 100);
    let stranger = Query { user: Some("' OR 1 = 1 --".into()), ..all };
    assert_eq!(index.search(&stranger).await.unwrap(), []);
    assert_eq!(index.search(&Query { app: Some("objects".into()), ..Query::default() }).await.unwrap(), []);
}

#[tokio::test]
async fn events_that_are_added_twice_are_there_once() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open(&folder.path().join("index.db")).await.unwrap();
    let events = sample(20);
    index.add(events[..10].to_vec()).await.unwrap();
    index.add(events[5..].to_vec()).await.unwrap();
    index.add(Vec::new()).await.unwrap();
    assert_eq!(index.search(&Query::default()).await.unwrap().len(), 20);
    assert_eq!(index.size().await.unwrap(), 20);
}

/// Whether any file of the folder holds the bytes.
fn lies_in(folder: &Path, text: &str) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    })
}

#[tokio::test]
async fn what_is_forgotten_lies_in_no_file_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open(&folder.path().join("index.db")).await.unwrap();
    let mut events = sample(400);
    // One that is larger than a page of the database.
    if let Some(personal) = &mut events[1].personal {
        personal.user_agent = Some("unusual-agent ".repeat(1000));
    }
    index.add(events.clone()).await.unwrap();
    assert!(lies_in(folder.path(), "/unusual-path-1\"") && lies_in(folder.path(), "unusual-agent"));
    assert_eq!(index.forget(key(1)).await.unwrap(), 100);
    for event in events.iter().filter(|found| found.log_index % 4 == 1) {
        assert!(!lies_in(folder.path(), &format!("/unusual-path-{}\"", event.log_index)));
    }
    assert!(!lies_in(folder.path(), "unusual-agent"));
    // The events are still found; those of others keep what they had.
    let found = index.search(&Query { limit: Some(1000), ..Query::default() }).await.unwrap();
    assert_eq!(found.len(), 400);
    assert!(found.iter().all(|found| found.personal.is_none() == (found.log_index % 4 == 1)));
    assert_eq!(index.forget(key(1)).await.unwrap(), 0);
}

#[tokio::test]
async fn a_key_that_several_subjects_or_none_share_is_forgotten_with_all_that_it_sealed() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open(&folder.path().join("index.db")).await.unwrap();
    let mut events = sample(120);
    for found in &mut events {
        if found.log_index % 3 == 0 {
            found.event.subject = None;
        }
        found.event.sealed = Some(Sealed { key: key(found.log_index % 5), bytes: String::from("AAAA") });
    }
    for part in events.chunks(50) {
        index.add(part.to_vec()).await.unwrap();
    }
    assert_eq!(index.forget(key(9)).await.unwrap(), 0);
    assert_eq!(index.forget(key(2)).await.unwrap(), 24);
    let found = index.search(&Query { limit: Some(1000), ..Query::default() }).await.unwrap();
    assert_eq!(found.len(), 120);
    assert!(found.iter().all(|found| found.personal.is_none() == (found.log_index % 5 == 2)));
    // One that comes later, before the log knows that the key is destroyed.
    let late = Found { log_index: 500, ..events[2].clone() };
    index.add(vec![late]).await.unwrap();
    assert_eq!(index.forget(key(2)).await.unwrap(), 1);
}

#[tokio::test]
async fn nobody_else_reads_the_files() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open(&folder.path().join("index.db")).await.unwrap();
    index.add(sample(3)).await.unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", entry.file_name());
    }
}

#[tokio::test]
async fn a_damaged_or_foreign_database_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index.db");
    for damage in
        [b"not a database, but long enough to be taken for one at first".to_vec(), vec![0xa5; 100_000]]
    {
        std::fs::write(&path, damage).unwrap();
        let index = Index::open(&path).await.unwrap();
        assert_eq!(index.size().await.unwrap(), 0);
        index.add(sample(3)).await.unwrap();
        index.close().await;
    }
    let index = Index::open(&path).await.unwrap();
    assert_eq!(index.size().await.unwrap(), 3);
    sqlx::query("UPDATE state SET version = 99").execute(&index.pool).await.unwrap();
    index.close().await;
    assert_eq!(Index::open(&path).await.unwrap().size().await.unwrap(), 0);
}

#[tokio::test]
async fn time_is_compared_to_the_microsecond() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open(&folder.path().join("index.db")).await.unwrap();
    index.add(sample(3)).await.unwrap();
    let query = Query { since: Some(at(1)), until: Some(at(2)), ..Query::default() };
    let found = index.search(&query).await.unwrap();
    assert_eq!(found.iter().map(|found| found.log_index).collect::<Vec<_>>(), [1]);
}

/// Four events in each block of the log, whose times are in no order.
fn disordered() -> Vec<Found> {
    let chance = SeededEntropy::new(17);
    let event = |number: u64| {
        let mut event = event(0);
        let late = if number.is_multiple_of(9) { 13 } else { 0 };
        let time = i64::try_from(number + u64::try_from(chance.below(6)).unwrap()).unwrap() - late;
        event.time = at(time);
        event.subject = Some(SubjectRef { kind: String::from("User"), id: format!("user-{}", number % 2) });
        Found { log_index: number * schema::BLOCK / 4, event, personal: None }
    };
    (0..40).map(event).collect()
}

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(1_795_507_200_000_000 + micros)
}

#[tokio::test]
async fn times_in_no_order_are_searched_as_if_each_event_was_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open(&folder.path().join("index.db")).await.unwrap();
    let events = disordered();
    // The second begins within a block.
    index.add(events[..18].to_vec()).await.unwrap();
    index.add(events[17..].to_vec()).await.unwrap();
    let bounds = || std::iter::once(None).chain((-15..50).step_by(3).map(|micros| Some(at(micros))));
    for (since, until) in bounds().flat_map(|since| bounds().map(move |until| (since, until))) {
        for (user, before) in
            [(None, None), (Some(1), None), (None, Some(20 * schema::BLOCK / 4)), (Some(0), Some(0))]
        {
            let user = user.map(|number| format!("user-{number}"));
            let query = Query { user: user.clone(), since, until, before, ..Query::default() };
            let expected: Vec<u64> = events
                .iter()
                .filter(|found| since.is_none_or(|since| found.event.time >= since))
                .filter(|found| until.is_none_or(|until| found.event.time < until))
                .filter(|found| before.is_none_or(|before| found.log_index < before))
                .filter(|found| {
                    user.is_none() || found.event.subject.as_ref().map(|s| &s.id) == user.as_ref()
                })
                .map(|found| found.log_index)
                .collect();
            let found = index.search(&query).await.unwrap();
            assert_eq!(found.iter().map(|f| f.log_index).collect::<Vec<_>>(), expected, "{query:?}");
        }
    }
}

/// Queries by every choice of what can be asked for, each with two values.
fn queries() -> Vec<Query> {
    let mut queries = vec![Query { limit: Some(1000), ..Query::default() }];
    let mut each = |set: &dyn Fn(&mut Query, bool)| {
        let mut more = Vec::new();
        for query in &queries {
            for which in [false, true] {
                let mut query = query.clone();
                set(&mut query, which);
                more.push(query);
            }
        }
        queries.append(&mut more);
    };
    let either = |which, one: &str, other: &str| Some(String::from(if which { one } else { other }));
    each(&|query, which| query.user = either(which, "user-1", "user-2"));
    each(&|query, which| query.app = either(which, "app-1", "app-0"));
    each(&|query, which| {
        query.kind = Some(if which { EventKind::Decision } else { EventKind::SigninStep });
    });
    each(&|query, which| query.outcome = Some(if which { Outcome::Permit } else { Outcome::Deny }));
    each(&|query, which| query.reason = either(which, "denied_by_policy", "never"));
    each(&|query, which| query.session = Some(SessionId::from_bytes([if which { 1 } else { 5 }; 16])));
    let others = queries.iter().map(|query| Query { without_own: true, ..query.clone() });
    queries.extend(others.collect::<Vec<_>>());
    queries
}

#[tokio::test]
async fn every_choice_of_filters_finds_what_looking_at_each_event_finds() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open(&folder.path().join("index.db")).await.unwrap();
    let mut events = sample(120);
    // Reasons that everyday events have, and what is no app but has an app's name.
    events[43].event.reason = Some(String::from("denied_by_policy"));
    events[61].event.resource =
        Some(ResourceRef { kind: String::from("Admin"), name: String::from("app-1") });
    for found in events.iter_mut().filter(|found| found.log_index % 11 < 2) {
        let own = if found.log_index.is_multiple_of(2) { ("App", "console") } else { ("Admin", "log") };
        found.event.resource = Some(ResourceRef { kind: own.0.to_owned(), name: own.1.to_owned() });
    }
    index.add(events.clone()).await.unwrap();
    for query in queries() {
        let wanted = |found: &&Found| {
            let Event { kind, outcome, reason, subject, resource, session, .. } = &found.event;
            let app = resource.as_ref().filter(|resource| resource.kind == "App").map(|app| &app.name);
            (query.user.is_none() || query.user.as_ref() == subject.as_ref().map(|subject| &subject.id))
                && (query.app.is_none() || query.app.as_ref() == app)
                && query.kind.is_none_or(|wanted| wanted == *kind)
                && query.outcome.is_none_or(|wanted| wanted == *outcome)
                && (query.reason.is_none() || query.reason == *reason)
                && (query.session.is_none() || query.session == *session)
                && !(query.without_own && schema::is_own(&found.event))
        };
        let expected: Vec<Found> = events.iter().filter(wanted).map(stored).collect();
        assert_eq!(index.search(&query).await.unwrap(), expected, "{query:?}");
    }
}

/// How SQLite goes about a query.
async fn plan(index: &Index, query: &Query) -> String {
    let explain = format!("EXPLAIN QUERY PLAN {}", query.select().sql().as_str());
    let rows: Vec<(i64, i64, i64, String)> =
        sqlx::query_as(sqlx::AssertSqlSafe(explain)).fetch_all(&index.pool).await.unwrap();
    rows.into_iter().map(|(_, _, _, step)| step).collect::<Vec<_>>().join("; ")
}

#[tokio::test]
async fn no_search_sorts_or_walks_all_where_an_index_leads_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open(&folder.path().join("index.db")).await.unwrap();
    let between = |query: Query| Query { since: Some(at(0)), until: Some(at(9)), before: Some(9), ..query };
    for query in queries() {
        for (query, range) in [(query.clone(), ""), (between(query), "log_index>? AND log_index<?")] {
            let plan = plan(&index, &query).await;
            assert!(!plan.contains("TEMP B-TREE"), "{query:?}: {plan}");
            assert!(plan.contains(range) || plan.contains("rowid>? AND rowid<?"), "{query:?}: {plan}");
        }
    }
    let check = async |query: Query, expected: &str| {
        let plan = plan(&index, &query).await;
        assert!(plan.contains(expected), "{query:?}: {plan}");
    };
    let all = Query::default;
    let [user, app] = ["user-1", "app-1"].map(|name| Some(String::from(name)));
    let (deny, permit) = (Some(Outcome::Deny), Some(Outcome::Permit));
    check(Query { user: user.clone(), app: app.clone(), ..all() }, "event_subject (subject=?)").await;
    check(Query { user: user.clone(), outcome: permit, ..all() }, "event_subject (subject=?)").await;
    check(Query { user, outcome: deny, ..all() }, "notable_subject (subject=?)").await;
    check(Query { app: app.clone(), ..all() }, "event_app (app=?)").await;
    check(Query { app: app.clone(), outcome: deny, ..all() }, "notable_app (app=?)").await;
    check(Query { app, outcome: permit, ..all() }, "event_app (app=?)").await;
    check(Query { outcome: deny, ..all() }, "notable_outcome (outcome=?)").await;
    check(Query { outcome: permit, ..all() }, "SCAN event").await;
    check(Query { kind: Some(EventKind::SigninStep), ..all() }, "notable_kind (kind=?)").await;
    check(Query { kind: Some(EventKind::Decision), ..all() }, "SCAN event").await;
    let others = Query { kind: Some(EventKind::Decision), without_own: true, ..all() };
    check(others.clone(), "event_others (kind=?)").await;
    check(Query { from: Some(5), ..others.clone() }, "event_others (kind=? AND log_index>?)").await;
    check(Query { outcome: permit, ..others.clone() }, "event_others (kind=?)").await;
    check(Query { outcome: deny, ..others }, "notable_outcome (outcome=?)").await;
    // What never was would be looked for in all of the log.
    let never = Query { kind: Some(EventKind::Decision), outcome: Some(Outcome::Ok), ..all() };
    check(never, "notable_outcome (outcome=?)").await;
}

#[tokio::test]
async fn an_index_of_another_version_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index.db");
    let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
    let first = SqlitePoolOptions::new().connect_with(options).await.unwrap();
    // What the first version had, as far as it matters.
    let schema = "CREATE TABLE state (version INTEGER NOT NULL, size INTEGER NOT NULL, whole_size INTEGER, whole_root BLOB);
        INSERT INTO state VALUES (1, 9, NULL, NULL);
        CREATE TABLE event (log_index INTEGER PRIMARY KEY, id BLOB NOT NULL, time INTEGER NOT NULL, kind TEXT NOT NULL) STRICT;";
    sqlx::raw_sql(schema).execute(&first).await.unwrap();
    first.close().await;
    let index = Index::open(&path).await.unwrap();
    assert_eq!(index.size().await.unwrap(), 0);
    index.add(sample(3)).await.unwrap();
    assert_eq!(index.search(&Query::default()).await.unwrap().len(), 3);
}
