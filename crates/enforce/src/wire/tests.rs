//! A client and a server that are the real ones, and a control that answers what it is told to.

mod broken;
mod control;

use std::time::Duration;

use bartizan_model::{Revision, Timestamp};
use bartizan_policy::Delta;

use super::*;
use crate::{
    Applied, Batch, Evidence as _, EvidenceError, Feed as _, FeedError, Keys as _, KeysError,
    Membership as _, MembershipError, PointScope, Scope, Sessions as _, Standpoint, Ticket,
};
use control::{Control, POINT, dialed, redemption, snapshot, user};

fn standpoint() -> Standpoint {
    let interest = vec![(bartizan_model::SessionId::from_bytes([3; 16]), Ticket::from_bytes([4; 16]))];
    Standpoint { revision: Revision::new(5), version: "0.1.0".into(), interest }
}

#[tokio::test]
async fn a_snapshot_comes_whole_however_large_it_is_and_changes_follow_it() {
    let control = Control::new();
    let remote = dialed(&control, Peer::Point(POINT));
    // 40,000 people have some 4 MB, so many frames; and 40 policies of 60 KB.
    let whole = snapshot(7, 40_000, 40);
    control.feed(whole.clone()).await;
    let mut messages = remote.subscribe(POINT, standpoint()).await.unwrap();
    let told = control.standpoint();
    assert_eq!((told.revision, told.interest), (Revision::new(5), standpoint().interest));
    let got = messages.recv().await.unwrap();
    assert_eq!((got.revision, got.scope), (Revision::new(7), Scope::Snapshot));
    assert_eq!(got.subscription, whole.subscription);
    assert!(got.facts == whole.facts && got.policies == whole.policies);
    assert_eq!(got.anonymous_key, whole.anonymous_key);

    let mut change = snapshot(8, 1, 0);
    (change.scope, change.policies) = (Scope::Changes, None);
    control.feed(change.clone()).await;
    let got = messages.recv().await.unwrap();
    assert!(got.policies.is_none() && got.facts == change.facts && got.revision == Revision::new(8));

    let applied = Applied {
        subscription: whole.subscription,
        revision: Revision::new(8),
        cut: 3,
        took: Duration::from_micros(1234),
        live: Some([(bartizan_model::SessionId::from_bytes([3; 16]), 2)].into()),
        backlog: Some(9),
    };
    let acknowledged = remote.heartbeat(POINT, applied.clone()).await.unwrap();
    assert_eq!(
        (acknowledged.behind, acknowledged.now),
        (Duration::from_micros(77), Timestamp::from_micros(88))
    );
    let heard = control.applied();
    assert_eq!((heard.subscription, heard.revision), (applied.subscription, applied.revision));
    assert_eq!((heard.cut, heard.took), (applied.cut, applied.took));
    assert_eq!((heard.live, heard.backlog), (applied.live, applied.backlog));
    // Without policies is another thing than with none.
    control.feed(snapshot(9, 0, 0)).await;
    assert!(messages.recv().await.is_none(), "a second snapshot in one stream is refused");
}

#[tokio::test]
async fn every_question_has_its_answer() {
    let control = Control::new();
    let remote = dialed(&control, Peer::Point(POINT));
    let digest = |byte| bartizan_model::CredentialDigest::from_bytes([byte; 32]);
    let resolution = remote.resolve(POINT, digest(1)).await.unwrap().unwrap();
    assert_eq!((resolution.revision, &resolution.resolved), (Revision::new(11), &control::resolved()));
    assert_eq!(resolution.ticket, Ticket::from_bytes([6; 16]));
    assert!(remote.resolve(POINT, digest(2)).await.unwrap().is_none());
    let redeemed = remote.redeem(POINT, redemption()).await.unwrap().unwrap();
    assert_eq!(
        (redeemed.resolution.resolved, redeemed.called.as_deref()),
        (control::resolved(), Some("Bob"))
    );
    assert_eq!(remote.position(POINT).await.unwrap(), 41);
    let batch = |first| Batch { point: POINT, first, entries: vec![b"{}".to_vec(), b"{1}".to_vec()] };
    assert_eq!(remote.deliver(batch(42)).await.unwrap(), 43);
    assert_eq!(remote.certify(POINT, vec![1], "wiki.test").await.unwrap(), [vec![1], vec![2]]);
    assert_eq!(remote.certify_publicly(POINT, vec![1], "wiki.test").await.unwrap(), [vec![3]]);
    assert_eq!(remote.challenge("wiki.test", "token").await.as_deref(), Some("answer"));
    assert_eq!(remote.challenge("wiki.test", "other").await, None);
    remote.publish(POINT, serde_json::json!({"kty": "EC"}), Timestamp::from_micros(5)).await.unwrap();
    assert_eq!(remote.renew(POINT, vec![9]).await.unwrap().chain, [vec![9]]);
    remote.leave(POINT).await.unwrap();
}

#[tokio::test]
async fn a_refusal_says_what_is_to_be_done() {
    let control = Control::new();
    let remote = dialed(&control, Peer::Point(POINT));
    for error in [FeedError::Removed, FeedError::Unknown, older()] {
        control.refuse(error.clone());
        let said = remote.subscribe(POINT, standpoint()).await.unwrap_err();
        assert_eq!(said.to_string(), error.to_string());
        control.refuse(error.clone());
        let said = remote.heartbeat(POINT, Applied::default()).await.unwrap_err();
        assert_eq!(std::mem::discriminant(&said), std::mem::discriminant(&error));
    }
    control.refuse(FeedError::Unreachable("the store is down\r\n".into()));
    let said = remote.subscribe(POINT, standpoint()).await.unwrap_err();
    assert!(matches!(&said, FeedError::Unreachable(why) if !why.contains(char::is_control)), "{said:?}");
    let refused = remote.certify(POINT, vec![0], "wiki.test").await.unwrap_err();
    assert!(matches!(refused, KeysError::Refused(_)));
    let later = remote.certify_publicly(POINT, vec![0], "wiki.test").await.unwrap_err();
    assert!(matches!(later, KeysError::Later { wait, .. } if wait == Duration::from_secs(90)), "{later:?}");
    let batch = Batch { point: POINT, first: 1, entries: vec![b"bad".to_vec()] };
    assert!(matches!(remote.deliver(batch).await, Err(EvidenceError::Refused(_))));
    assert!(matches!(remote.renew(POINT, vec![0]).await, Err(MembershipError::Removed)));
    // What is malformed is not passed on.
    let batch = Batch { point: POINT, first: 0, entries: vec![b"{}".to_vec()] };
    assert!(matches!(remote.deliver(batch).await, Err(EvidenceError::Unreachable(_))));
}

fn older() -> FeedError {
    FeedError::Older { here: Revision::new(9), there: Revision::new(8) }
}

#[tokio::test]
async fn a_stranger_may_join_and_nothing_else() {
    let control = Control::new();
    let remote = dialed(&control, Peer::Stranger);
    let token = || bartizan_model::Secret::new([8; 32]);
    let joined = remote.join(token(), POINT, vec![5]).await.unwrap();
    assert_eq!(joined.scope, PointScope::Only(["wiki".parse().unwrap()].into()));
    assert_eq!((joined.domain.as_str(), joined.issuer.as_str()), ("test", "https://auth.test"));
    assert_eq!(joined.identity.chain, [vec![5]]);
    let wrong = remote.join(bartizan_model::Secret::new([9; 32]), POINT, vec![5]).await.unwrap_err();
    assert!(matches!(wrong, MembershipError::Refused(_)));

    assert!(remote.subscribe(POINT, standpoint()).await.is_err());
    assert!(remote.heartbeat(POINT, Applied::default()).await.is_err());
    assert!(remote.resolve(POINT, bartizan_model::CredentialDigest::from_bytes([1; 32])).await.is_err());
    assert!(remote.redeem(POINT, redemption()).await.is_err());
    assert!(remote.position(POINT).await.is_err());
    assert!(remote.deliver(Batch { point: POINT, first: 1, entries: vec![b"{}".to_vec()] }).await.is_err());
    assert!(remote.certify(POINT, vec![1], "wiki.test").await.is_err());
    assert!(remote.certify_publicly(POINT, vec![1], "wiki.test").await.is_err());
    assert_eq!(remote.challenge("wiki.test", "token").await, None);
    assert!(remote.publish(POINT, serde_json::json!({}), Timestamp::from_micros(5)).await.is_err());
    assert!(remote.renew(POINT, vec![9]).await.is_err());
    assert!(remote.leave(POINT).await.is_err());
    assert_eq!(control.asked(), 0, "something came through");
}

#[test]
fn every_fact_comes_back_as_it_went() {
    for fact in control::every_fact() {
        let there = facts::encode(&fact);
        assert_eq!(facts::decode(there).unwrap(), fact);
    }
    // What a newer form may say, and this release does not know.
    assert!(facts::decode(generated::Fact { fact: None }).is_err());
    let Delta::User(user) = user(1) else { panic!() };
    let mut odd = facts::encode(&Delta::User(user));
    if let Some(generated::fact::Fact::User(user)) = &mut odd.fact {
        user.state = 77;
    }
    assert!(facts::decode(odd).is_err());
    // A lease that no app can have.
    for (micros, good) in
        [(0, false), (4_999_999, false), (5_000_000, true), (3_600_000_000, true), (u64::MAX, false)]
    {
        let app = control::every_fact().into_iter().find(|fact| matches!(fact, Delta::App(_))).unwrap();
        let mut odd = facts::encode(&app);
        if let Some(generated::fact::Fact::App(app)) = &mut odd.fact {
            app.lease = Some(micros);
        }
        assert_eq!(facts::decode(odd).is_ok(), good, "{micros}");
    }
}
