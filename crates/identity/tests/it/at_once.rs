//! Many at once: what may be used once is used once.

use std::sync::Arc;

use bartizan_identity::{CodePurpose, Factors, Flow, NoProof, Step};
use bartizan_model::{ObjectKind, SessionId, Timestamp};
use bartizan_pki::StateKey;
use bartizan_store::{ChangeSet, Expect, SecretWrite, Write};
use parking_lot::Mutex;
use tokio::task::JoinSet;

use crate::meddler::Meddler;
use crate::rig::Rig;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_who_bring_one_totp_step_one_is_right() {
    let rig = Rig::new().await;
    let ada = rig.somebody("ada").await;
    let mut tasks = JoinSet::new();
    for _ in 0..50 {
        let (factors, code, user): (Factors, _, _) =
            (rig.flow.factors().clone(), ada.totp.code(rig.step()), ada.user);
        tasks.spawn(async move { factors.check_totp(user, &code).await.unwrap().map(|_| ()) });
    }
    let answers = tasks.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert_eq!(answers.iter().filter(|answer| **answer == Err(NoProof::Used)).count(), 49);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_recovery_code_is_spent_once_and_all_can_be() {
    let rig = Rig::new().await;
    let ada = rig.somebody("ada").await;
    let mut tasks = JoinSet::new();
    for code in ada.recovery.iter().flat_map(|code| std::iter::repeat_n(code.clone(), 5)) {
        let (factors, user) = (rig.flow.factors().clone(), ada.user);
        tasks.spawn(async move { factors.spend_recovery(user, &code).await.unwrap().map(|(_, left)| left) });
    }
    let answers = tasks.join_all().await;
    let mut left: Vec<u8> = answers.into_iter().filter_map(Result::ok).collect();
    left.sort_unstable();
    assert_eq!(left, (0..10).collect::<Vec<_>>());
    assert_eq!(rig.flow.factors().enrolled(ada.user).await.unwrap().unwrap().recovery_left, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_who_spend_one_code_one_gets_it() {
    let rig = Rig::new().await;
    let session = SessionId::from_bytes([1; 16]);
    let purpose = CodePurpose::App { session, host: "wiki.example.org".into(), challenge: [9; 32] };
    let presented = rig.code(purpose.clone()).await;
    assert_eq!(rig.flow.codes().look(&presented).await.unwrap().unwrap().0, purpose);
    let mut tasks = JoinSet::new();
    for _ in 0..50 {
        let (codes, presented) = (rig.flow.codes().clone(), presented.clone());
        tasks.spawn(async move { codes.spend(&presented, "test").await.unwrap() });
    }
    let got: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
    assert_eq!(got, [purpose]);
    assert_eq!(rig.flow.codes().look(&presented).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_who_finish_one_attempt_one_is_signed_in() {
    let rig = Arc::new(Rig::new().await);
    let ada = rig.somebody("ada").await;
    let mut tasks = JoinSet::new();
    for last in 0..20 {
        let (rig, ada) = (rig.clone(), ada.clone());
        let attempt = rig.after_password(&ada).await;
        tasks.spawn(async move {
            let visit = rig.visit_from([198, 51, 100, last]);
            rig.flow.second_totp(&attempt, &ada.totp.code(rig.step()), &visit).await.unwrap()
        });
    }
    let steps = tasks.join_all().await;
    assert_eq!(steps.iter().filter(|step| matches!(step, Step::SignedIn(_))).count(), 1);
    assert_eq!(rig.sessions(ada.user).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_who_open_at_once_share_one_state_key() {
    let rig = Rig::new().await;
    let mut change = ChangeSet::new("test", Timestamp::from_micros(0));
    change.secrets.push(SecretWrite::Delete { name: "state-key".into() });
    rig.store.commit(change).await.unwrap();
    let mut tasks = JoinSet::new();
    for _ in 0..10 {
        let (store, people, sign_ins) = (rig.store.clone(), rig.people.clone(), rig.sign_ins.clone());
        let (recorder, clock, entropy) = (rig.recorder.clone(), rig.clock.clone(), rig.entropy.clone());
        tasks.spawn(async move {
            Flow::open(store, people, sign_ins, recorder, clock, entropy, "x".into()).await.unwrap()
        });
    }
    let flows = tasks.join_all().await;
    let sealed = flows[0].attempts().seal(&flows[0].attempts().start(None)).unwrap();
    assert!(flows.iter().all(|flow| sealed.expose(|text| flow.attempts().open(text)).is_some()));
    assert!(sealed.expose(|text| rig.flow.attempts().open(text)).is_none());
    assert_eq!(rig.store.list(ObjectKind::Code, None, 10).await.unwrap().len(), 0);
}

#[tokio::test]
async fn who_opens_second_takes_the_key_of_who_was_first() {
    let theirs = StateKey::generate().unwrap().to_secret();
    let mut change = ChangeSet::new("test", Timestamp::from_micros(0));
    let (kind, name) = (ObjectKind::Code, String::from("theirs"));
    let (spec, lookups) = (serde_json::Value::Null, Vec::new());
    change.writes.push(Write::Put { kind, name: name.clone(), spec, lookups, expect: Expect::Absent });
    change.writes.push(Write::Delete { kind, name, expect: Expect::Any });
    change.secrets.push(SecretWrite::Put { name: "state-key".into(), value: theirs.clone() });
    let meddling = Arc::new(Mutex::new(Some(change)));
    let rig = Rig::over(|inner| Arc::new(Meddler { inner, meddling: meddling.clone() })).await;
    assert!(meddling.lock().is_none());
    assert!(rig.store.secret("state-key").await.unwrap().unwrap() == theirs);
}
