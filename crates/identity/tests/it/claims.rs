//! Claiming an account.

use bartizan_identity::{CodePurpose, Step};
use bartizan_model::{ObjectKind, PresentedCredential, UserId};
use tokio::task::JoinSet;

use std::sync::Arc;

use crate::rig::{Rig, is_over, is_wrong, secret};

async fn claim(rig: &Rig, user: UserId) -> PresentedCredential {
    rig.code(CodePurpose::Claim { user }).await
}

const PASSWORD: &str = "giraffe crossing teapot";

#[tokio::test]
async fn a_newcomer_chooses_password_and_app_and_is_signed_in() {
    let rig = Rig::new().await;
    let ada = rig.newcomer("ada").await;
    let (flow, visit, link) = (&rig.flow, rig.visit(), claim(&rig, ada).await);
    let claimant = flow.claim_look(&link).await.unwrap().unwrap();
    assert_eq!((claimant.user, claimant.attributes.unwrap().login.as_str()), (ada, "ada"));
    let start = flow.attempts().start(None);
    for weak in ["short", "martenquist", "rowing club", "password123"] {
        let step = flow.claim_password(&start, &link, &secret(weak), &visit).await.unwrap();
        assert!(is_wrong(&step), "{weak}: {step:?}");
        assert_eq!(rig.last_step(), ("claim:password".into(), "weak_password".into()));
    }
    let step = flow.claim_password(&start, &link, &secret(PASSWORD), &visit).await.unwrap();
    let Step::Next(attempt) = step else { panic!("{step:?}") };
    let sealed = flow.attempts().seal(&attempt).unwrap();
    assert!(sealed.expose(String::len) < 2500);
    let attempt = sealed.expose(|text| flow.attempts().open(text)).unwrap();
    assert!(is_wrong(&flow.claim_finish(&attempt, &secret("000000"), &visit).await.unwrap()));
    assert_eq!(rig.flow.factors().enrolled(ada).await.unwrap(), None);
    let code = attempt.totp_secret().unwrap().code(rig.step());
    let step = flow.claim_finish(&attempt, &code, &visit).await.unwrap();
    let Step::SignedIn(signed_in) = step else { panic!("{step:?}") };
    assert_eq!((signed_in.user, signed_in.recovery_codes.unwrap().codes().len()), (ada, 10));
    assert!(is_over(&flow.claim_finish(&attempt, &code, &visit).await.unwrap()), "once");
    assert!(flow.claim_look(&link).await.unwrap().is_none());
    let start = flow.attempts().start(None);
    let step = flow.password(&start, "ada", &secret(PASSWORD), &visit).await.unwrap();
    assert!(matches!(step, Step::Next(_)));
}

#[tokio::test]
async fn a_claim_ends_the_sessions_that_the_account_had() {
    let rig = Rig::new().await;
    let (ada, eve) = (rig.somebody("ada").await, rig.somebody("eve").await);
    rig.signed_in(&ada, rig.step()).await;
    rig.signed_in(&ada, rig.step().plus(1)).await;
    let of_eve = rig.signed_in(&eve, rig.step()).await.session;
    let (first, second) = (claim(&rig, ada.user).await, claim(&rig, ada.user).await);
    let step = rig
        .flow
        .claim_password(&rig.flow.attempts().start(None), &first, &secret(PASSWORD), &rig.visit())
        .await
        .unwrap();
    let Step::Next(attempt) = step else { panic!("{step:?}") };
    let code = attempt.totp_secret().unwrap().code(rig.step());
    let step = rig.flow.claim_finish(&attempt, &code, &rig.visit()).await.unwrap();
    let Step::SignedIn(signed_in) = step else { panic!("{step:?}") };
    let sessions = rig.sign_ins.list(None).await.unwrap();
    let mut left: Vec<_> = sessions.iter().map(|session| session.facts.id).collect();
    left.sort();
    let mut expected = [of_eve, signed_in.session];
    expected.sort();
    assert_eq!(left, expected);
    let ended = rig.events().into_iter().filter(|event| event.reason.as_deref() == Some("factors_replaced"));
    assert_eq!(ended.count(), 2);
    assert!(
        rig.flow.claim_look(&second).await.unwrap().is_none(),
        "the other link is for what she had before"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_finish_one_claim_one_has_the_account() {
    let rig = Arc::new(Rig::new().await);
    let ada = rig.newcomer("ada").await;
    let link = claim(&rig, ada).await;
    let mut tasks = JoinSet::new();
    for number in 0..8_u8 {
        let (rig, link) = (rig.clone(), link.clone());
        tasks.spawn(async move {
            let (flow, visit) = (&rig.flow, rig.visit_from([198, 51, 100, number]));
            let password = secret(&format!("{PASSWORD} {number}"));
            let start = flow.attempts().start(None);
            let step = flow.claim_password(&start, &link, &password, &visit).await.unwrap();
            let Step::Next(attempt) = step else { return (password, false) };
            let code = attempt.totp_secret().unwrap().code(rig.step());
            (password, matches!(flow.claim_finish(&attempt, &code, &visit).await.unwrap(), Step::SignedIn(_)))
        });
    }
    let ends = tasks.join_all().await;
    assert_eq!(ends.iter().filter(|(_, won)| *won).count(), 1);
    for (password, won) in ends {
        let proof = rig.flow.factors().check_password(Some(ada), &password).await.unwrap();
        assert_eq!(proof.is_some(), won);
    }
    assert_eq!(rig.sessions(ada).await, 1);
    assert!(rig.store.list(ObjectKind::Code, None, 10).await.unwrap().is_empty());
}
