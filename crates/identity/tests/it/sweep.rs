//! What has ended is swept away, and nothing else.

use std::time::Duration;

use bartizan_identity::{CodePurpose, Sweeper, Swept};
use bartizan_model::{Clock as _, ObjectKind, UserId};
use bartizan_store::{ChangeSet, Expect, Write};

use crate::rig::Rig;

#[tokio::test]
async fn what_has_ended_is_swept_away_and_recorded() {
    let rig = Rig::new().await;
    let (ada, eve) = (rig.somebody("ada").await, rig.somebody("eve").await);
    let sweeper = Sweeper::new(rig.sign_ins.clone());
    let old = rig.signed_in(&ada, rig.step()).await.session;
    rig.sign_ins.issue_sign_in(old, "auth.example.org").await.unwrap();
    rig.code(CodePurpose::SignIn { user: ada.user }).await;
    rig.code(CodePurpose::Claim { user: ada.user }).await;
    assert_eq!(sweeper.sweep().await.unwrap(), Swept::default());
    rig.clock.advance(Duration::from_secs(3599));
    let new = rig.signed_in(&eve, rig.step()).await.session;
    let ended = rig.signed_in(&eve, rig.step().plus(1)).await.session;
    for session in [new, ended] {
        rig.sign_ins.issue_sign_in(session, "auth.example.org").await.unwrap();
    }
    rig.sign_ins.end(&[ended], "test", "test").await.unwrap();
    rig.clock.advance(Duration::from_secs(1));
    let swept = sweeper.sweep().await.unwrap();
    assert_eq!(swept, Swept { sessions: 1, credentials: 2, codes: 1, ..Swept::default() });
    assert_eq!(sweeper.sweep().await.unwrap(), Swept::default());
    let left = |kind| rig.store.list(kind, None, 10);
    assert_eq!(left(ObjectKind::Session).await.unwrap()[0].name, new.to_string());
    assert_eq!(left(ObjectKind::Credential).await.unwrap().len(), 1);
    assert_eq!(left(ObjectKind::Code).await.unwrap().len(), 1);
    let events = rig.events();
    let end = events.iter().rfind(|event| event.kind.as_str() == "session.end").unwrap();
    assert_eq!((end.reason.as_deref(), end.session), (Some("expired"), Some(old)));
}

#[tokio::test]
async fn what_a_deleted_person_signed_in_with_is_destroyed() {
    let rig = Rig::new().await;
    let (ada, eve) = (rig.somebody("ada").await, rig.somebody("eve").await);
    let secret = async |user: UserId| rig.store.secret(&format!("factors/{user}")).await.unwrap().is_some();
    let sweeper = Sweeper::new(rig.sign_ins.clone());
    assert_eq!(sweeper.sweep().await.unwrap(), Swept::default());
    assert!(secret(ada.user).await && secret(eve.user).await);
    let name = ada.user.to_string();
    let mut change = ChangeSet::new("test", rig.clock.now());
    change.writes.push(Write::Delete { kind: ObjectKind::User, name: name.clone(), expect: Expect::Any });
    rig.store.commit(change).await.unwrap();
    assert_eq!(sweeper.sweep().await.unwrap(), Swept { factors: 1, ..Swept::default() });
    assert!(rig.store.get(ObjectKind::Factors, &name).await.unwrap().is_none());
    assert!(!secret(ada.user).await && secret(eve.user).await);
    assert_eq!(sweeper.sweep().await.unwrap(), Swept::default());
}
