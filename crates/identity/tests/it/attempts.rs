//! Attempts: what a browser holds, and what it can do with it.

use bartizan_identity::{Asks, CodePurpose, Opening, Step};

use crate::rig::{Rig, is_over, secret};

#[tokio::test]
async fn an_attempt_survives_the_browser_and_knows_what_it_opens() {
    let rig = Rig::new().await;
    let ada = rig.somebody("ada").await;
    let attempts = rig.flow.attempts();
    let start = attempts.start(Some(Opening::App { host: "h".repeat(253), n: 3, challenge: [0xee; 32] }));
    let step = rig.flow.password(&start, "ada", &ada.password, &rig.visit()).await.unwrap();
    let Step::Next(first) = step else { panic!("{step:?}") };
    assert_eq!((start.asks(), first.asks(), first.user()), (Asks::First, Asks::Second, Some(ada.user)));
    assert!(*start.csrf() != *first.csrf(), "a new token with every step");
    let sealed = attempts.seal(&first).unwrap();
    let opened = sealed.expose(|text| attempts.open(text)).unwrap();
    assert_eq!(opened.opening(), first.opening());
    assert!(*opened.csrf() == *first.csrf());
    assert!(sealed.expose(String::len) < 2500);
    assert!(sealed.expose(|text| rig.flow.marks().read(text)).is_none(), "another purpose");
    let mark = rig.flow.marks().mark(ada.user).unwrap();
    assert!(mark.expose(|text| attempts.open(text)).is_none(), "another purpose");
    assert_eq!(mark.expose(|text| rig.flow.marks().read(text)).unwrap().user(), ada.user);
}

#[tokio::test]
async fn no_changed_attempt_opens() {
    let rig = Rig::new().await;
    let ada = rig.somebody("ada").await;
    let attempt = rig.after_password(&ada).await;
    let sealed = rig.flow.attempts().seal(&attempt).unwrap().expose(Clone::clone);
    for place in 0..sealed.len() {
        let mut bytes = sealed.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        assert!(rig.flow.attempts().open(&changed).is_none(), "{place}");
    }
}

#[tokio::test]
async fn an_attempt_of_one_flow_does_not_open_another() {
    let rig = Rig::new().await;
    let ada = rig.somebody("ada").await;
    let claim = rig.code(CodePurpose::Claim { user: ada.user }).await;
    let (flow, visit) = (&rig.flow, rig.visit());
    let start = flow.attempts().start(None);
    let step = flow.claim_password(&start, &claim, &secret("giraffe crossing teapot"), &visit).await.unwrap();
    let Step::Next(claiming) = step else { panic!("{step:?}") };
    assert_eq!((claiming.asks(), claiming.user()), (Asks::FirstCode, Some(ada.user)));
    let first = rig.after_password(&ada).await;
    let code = ada.totp.code(rig.step());
    let of_claim = claiming.totp_secret().unwrap().code(rig.step());
    let link = rig.code(CodePurpose::SignIn { user: ada.user }).await;
    for step in [
        flow.second_totp(&start, &code, &visit).await,
        flow.second_totp(&claiming, &code, &visit).await,
        flow.second_totp(&claiming, &of_claim, &visit).await,
        flow.second_recovery(&start, &ada.recovery[0], &visit).await,
        flow.second_recovery(&claiming, &ada.recovery[0], &visit).await,
        flow.claim_finish(&start, &code, &visit).await,
        flow.claim_finish(&first, &code, &visit).await,
        flow.claim_password(&first, &claim, &secret("giraffe crossing teapot"), &visit).await,
        flow.password(&claiming, "ada", &ada.password, &visit).await,
        flow.link(&claiming, &link, &visit).await,
        flow.claim_password(&start, &link, &secret("giraffe crossing teapot"), &visit).await,
    ] {
        assert!(is_over(&step.unwrap()));
    }
    assert_eq!(rig.sessions(ada.user).await, 0);
    assert!(flow.codes().look(&link).await.unwrap().is_some(), "a link in the wrong place is not spent");
    let step = flow.second_totp(&first, &code, &visit).await.unwrap();
    assert!(matches!(step, Step::SignedIn(_)), "nothing was used up meanwhile");
}
