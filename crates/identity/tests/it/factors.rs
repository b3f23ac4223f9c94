//! Factors: what is enrolled, what proves, and what does not any more.

use std::time::Duration;

use bartizan_identity::{EnrolProblem, Enrolment, NoProof, PasswordProblem, TotpSecret};

use crate::rig::{Rig, secret};

#[tokio::test]
async fn a_step_older_than_one_that_was_accepted_is_refused() {
    let rig = Rig::new().await;
    let ada = rig.somebody("ada").await;
    let factors = rig.flow.factors();
    let step = rig.step();
    let check = async |shift| factors.check_totp(ada.user, &ada.totp.code(step.plus(shift))).await.unwrap();
    assert!(matches!(check(-1).await, Err(NoProof::Used)), "the app was enrolled with it");
    assert!(check(1).await.is_ok());
    assert!(matches!(check(0).await, Err(NoProof::Used)));
    assert!(matches!(check(1).await, Err(NoProof::Used)));
    assert!(matches!(check(2).await, Err(NoProof::Wrong)));
    rig.clock.advance(Duration::from_secs(30));
    assert!(matches!(check(1).await, Err(NoProof::Used)));
    assert!(check(2).await.is_ok());
}

#[tokio::test]
async fn nothing_is_enrolled_without_a_good_password_and_a_right_code() {
    let rig = Rig::new().await;
    let ada = rig.newcomer("ada").await;
    let totp = TotpSecret::generate(rig.entropy.as_ref());
    let enrol = async |password: &str, code| {
        let enrolment = Enrolment {
            password: secret(password),
            about: vec!["ada".into(), "Martenquist".into()],
            totp_secret: totp.clone(),
            first_code: code,
        };
        rig.flow.factors().enrol(ada, enrolment, "test").await.unwrap()
    };
    let code = || totp.code(rig.step());
    let refused = enrol("martenquist", code()).await.unwrap_err();
    assert_eq!(refused, EnrolProblem::Password(PasswordProblem::AboutYou));
    let refused = enrol("zebra crossing teapot", secret("000000")).await.unwrap_err();
    assert_eq!(refused, EnrolProblem::FirstCode);
    assert_eq!(rig.flow.factors().enrolled(ada).await.unwrap(), None);
    enrol("zebra crossing teapot", code()).await.unwrap();
    let first = rig.flow.factors().enrolled(ada).await.unwrap().unwrap();
    enrol("giraffe crossing teapot", code()).await.unwrap();
    let second = rig.flow.factors().enrolled(ada).await.unwrap().unwrap();
    assert_eq!(second.generation, first.generation + 1);
    let check = async |text| rig.flow.factors().check_password(Some(ada), &secret(text)).await.unwrap();
    assert!(check("zebra crossing teapot").await.is_none());
    assert!(check("giraffe crossing teapot").await.is_some());
}

#[tokio::test]
async fn factors_that_were_removed_and_made_anew_are_others() {
    let rig = Rig::new().await;
    let ada = rig.somebody("ada").await;
    let factors = rig.flow.factors();
    let before = factors.enrolled(ada.user).await.unwrap().unwrap().generation;
    assert!(factors.remove(ada.user, "test").await.unwrap());
    assert!(!factors.remove(ada.user, "test").await.unwrap());
    assert!(factors.check_password(Some(ada.user), &ada.password).await.unwrap().is_none());
    rig.enrol(ada.user, "ada").await;
    assert!(factors.enrolled(ada.user).await.unwrap().unwrap().generation > before + 1000);
}

#[tokio::test]
async fn new_recovery_codes_replace_the_old() {
    let rig = Rig::new().await;
    let ada = rig.somebody("ada").await;
    let factors = rig.flow.factors();
    let (_, left) = factors.spend_recovery(ada.user, &ada.recovery[0]).await.unwrap().unwrap();
    assert_eq!(left, 9);
    assert!(matches!(factors.spend_recovery(ada.user, &ada.recovery[0]).await.unwrap(), Err(NoProof::Used)));
    let new = factors.new_recovery_codes(ada.user, "test").await.unwrap().unwrap();
    assert!(matches!(factors.spend_recovery(ada.user, &ada.recovery[1]).await.unwrap(), Err(NoProof::Wrong)));
    let (_, left) = factors.spend_recovery(ada.user, &new.codes()[9]).await.unwrap().unwrap();
    assert_eq!(left, 9);
}
