use bartizan_model::{
    AppName, DecisionId, EventKind, Outcome, Resource, ResourceRef, Sealed, SessionId, SubjectRef, Timestamp,
};

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
    index.add(&events[..120]).await.unwrap();
    index.add(&events[120..]).await.unwrap();
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
    index.add(&events[..10]).await.unwrap();
    index.add(&events[5..]).await.unwrap();
    index.add(&[]).await.unwrap();
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
    index.add(&events).await.unwrap();
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
async fn nobody_else_reads_the_files() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open(&folder.path().join("index.db")).await.unwrap();
    index.add(&sample(3)).await.unwrap();
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
        index.add(&sample(3)).await.unwrap();
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
    index.add(&sample(3)).await.unwrap();
    let at = |micros: i64| Some(Timestamp::from_micros(1_795_507_200_000_000 + micros));
    let found = index.search(&Query { since: at(1), until: at(2), ..Query::default() }).await.unwrap();
    assert_eq!(found.iter().map(|found| found.log_index).collect::<Vec<_>>(), [1]);
}
