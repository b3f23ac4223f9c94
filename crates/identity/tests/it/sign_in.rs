//! Signing in, as people do and as others try.

use std::time::Duration;

use bartizan_identity::{CodePurpose, Confirmation, Step};

use crate::rig::{Rig, is_over, is_wrong, secret};

#[tokio::test]
async fn password_and_app_begin_a_session_that_says_so() {
    let rig = Rig::new().await;
    let ada = rig.somebody("ada").await;
    let signed_in = rig.signed_in(&ada, rig.step()).await;
    let session = &rig.sign_ins.list(Some(ada.user)).await.unwrap()[0];
    assert_eq!(session.facts.id, signed_in.session);
    assert_eq!(session.facts.amr, ["otp", "pwd"].map(String::from).into());
    assert_eq!((session.facts.level.as_str(), session.facts.mfa_time), ("strong", Some(session.created)));
    let events = rig.events();
    let shown: Vec<_> = events.iter().map(|event| (event.kind.as_str(), event.outcome.as_str())).collect();
    assert_eq!(shown, [("signin.step", "ok"), ("signin.step", "ok"), ("session.start", "ok")]);
    assert!(events.iter().all(|event| event.sealed.as_ref().is_some_and(|s| s.key != rig.anonymous)));
    assert!(events.iter().all(|event| event.subject.as_ref().unwrap().id == ada.user.to_string()));
}

#[tokio::test]
async fn a_link_is_a_first_factor_and_no_more() {
    let rig = Rig::new().await;
    let ada = rig.somebody("ada").await;
    let link = rig.code(CodePurpose::SignIn { user: ada.user }).await;
    let start = || rig.flow.attempts().start(None);
    let Step::Next(attempt) = rig.flow.link(&start(), &link, &rig.visit()).await.unwrap() else { panic!() };
    assert_eq!(rig.sessions(ada.user).await, 0);
    assert!(is_over(&rig.flow.link(&start(), &link, &rig.visit()).await.unwrap()), "it is spent");
    assert_eq!(rig.last_step(), ("signin:link".into(), "used_code".into()));
    let step = rig.flow.second_recovery(&attempt, &ada.recovery[3], &rig.visit()).await.unwrap();
    let Step::SignedIn(signed_in) = step else { panic!("{step:?}") };
    assert_eq!(signed_in.recovery_left, Some(9));
    let amr = rig.sign_ins.list(Some(ada.user)).await.unwrap()[0].facts.amr.clone();
    assert_eq!(amr, ["link", "recovery"].map(String::from).into());
}

#[tokio::test]
async fn links_die_with_time_and_with_the_factors_they_were_made_for() {
    let rig = Rig::new().await;
    let ada = rig.somebody("ada").await;
    let start = || rig.flow.attempts().start(None);
    let old = rig.code(CodePurpose::SignIn { user: ada.user }).await;
    rig.clock.advance(Duration::from_secs(15 * 60));
    assert!(is_over(&rig.flow.link(&start(), &old, &rig.visit()).await.unwrap()));
    assert_eq!(rig.last_step().1, "expired");
    let outdated = rig.code(CodePurpose::SignIn { user: ada.user }).await;
    rig.enrol(ada.user, "ada").await;
    assert!(is_over(&rig.flow.link(&start(), &outdated, &rig.visit()).await.unwrap()));
    assert_eq!(rig.last_step().1, "factors_changed");
    let claim = rig.code(CodePurpose::Claim { user: ada.user }).await;
    assert!(is_over(&rig.flow.link(&start(), &claim, &rig.visit()).await.unwrap()), "another purpose");
}

#[tokio::test]
async fn unknown_wrong_and_disabled_get_one_answer_after_the_same_work() {
    let rig = Rig::new().await;
    let (ada, eve) = (rig.somebody("ada").await, rig.somebody("eve").await);
    rig.newcomer("new").await;
    rig.people.set_state(eve.user, bartizan_model::UserState::Disabled, "test").await.unwrap();
    let tries = [
        ("nobody", secret("whatever it is"), "unknown_person"),
        ("no such/login", secret("whatever it is"), "unknown_person"),
        ("ada", secret("whatever it is"), "wrong_password"),
        ("new", secret("whatever it is"), "wrong_password"),
        ("eve", eve.password.clone(), "disabled"),
        ("eve", ada.password.clone(), "wrong_password"),
    ];
    let mut answers = Vec::new();
    for (login, password, reason) in tries {
        let before = rig.flow.factors().hashes();
        let start = rig.flow.attempts().start(None);
        let step = rig.flow.password(&start, login, &password, &rig.visit()).await.unwrap();
        let hashes = rig.flow.factors().hashes() - before;
        answers.push((format!("{step:?}"), hashes));
        assert!(is_wrong(&step));
        assert_eq!(rig.last_step(), ("signin:password".into(), reason.into()), "{login}");
        let event = rig.events().pop().unwrap();
        let nobody = reason == "unknown_person";
        assert_eq!(event.sealed.unwrap().key == rig.anonymous, nobody, "{login}");
        assert_eq!(event.subject.unwrap().kind, if nobody { "Anonymous" } else { "User" });
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
}

#[tokio::test]
async fn an_attempt_ends_after_ten_minutes() {
    let rig = Rig::new().await;
    let ada = rig.somebody("ada").await;
    let attempt = rig.after_password(&ada).await;
    let sealed = rig.flow.attempts().seal(&attempt).unwrap();
    rig.clock.advance(Duration::from_secs(600));
    assert!(sealed.expose(|text| rig.flow.attempts().open(text)).is_none());
    let step = rig.flow.second_totp(&attempt, &ada.totp.code(rig.step()), &rig.visit()).await.unwrap();
    assert!(is_over(&step));
    assert_eq!(rig.last_step(), ("signin:totp".into(), "expired".into()));
    let step = rig.flow.password(&attempt, "ada", &ada.password, &rig.visit()).await.unwrap();
    assert!(is_over(&step));
}

#[tokio::test]
async fn a_code_that_was_used_does_not_work_again() {
    let rig = Rig::new().await;
    let ada = rig.somebody("ada").await;
    rig.signed_in(&ada, rig.step()).await;
    let attempt = rig.after_password(&ada).await;
    let step = rig.flow.second_totp(&attempt, &ada.totp.code(rig.step()), &rig.visit()).await.unwrap();
    assert!(is_wrong(&step));
    assert_eq!(rig.last_step(), ("signin:totp".into(), "used_code".into()));
    let step = rig.flow.second_totp(&attempt, &ada.totp.code(rig.step().plus(1)), &rig.visit()).await;
    assert!(matches!(step.unwrap(), Step::SignedIn(_)), "the attempt stands where it stood");
}

#[tokio::test]
async fn a_live_session_is_confirmed_by_its_own_person_only() {
    let rig = Rig::new().await;
    let (ada, eve) = (rig.somebody("ada").await, rig.somebody("eve").await);
    let session = rig.signed_in(&ada, rig.step()).await.session;
    rig.clock.advance(Duration::from_secs(300));
    let confirm =
        async |user, code| rig.flow.confirm_again(session, user, &code, &rig.visit()).await.unwrap();
    let code = || ada.totp.code(rig.step());
    assert!(matches!(confirm(eve.user, eve.totp.code(rig.step())).await, Confirmation::StartOver));
    assert!(matches!(confirm(ada.user, secret("123456")).await, Confirmation::Wrong(_)));
    assert!(matches!(confirm(ada.user, code()).await, Confirmation::Confirmed));
    assert!(matches!(confirm(ada.user, code()).await, Confirmation::Wrong(_)), "used");
    let facts = rig.sign_ins.list(Some(ada.user)).await.unwrap()[0].facts.clone();
    assert_eq!(facts.mfa_time.unwrap().since(facts.auth_time), Duration::from_secs(300));
    rig.sign_ins.end(&[session], "test", "test").await.unwrap();
    assert!(matches!(confirm(ada.user, ada.totp.code(rig.step().plus(1))).await, Confirmation::StartOver));
    assert_eq!(rig.last_step(), ("signin:confirm".into(), "session_ended".into()));
}

#[tokio::test]
async fn what_cannot_be_recorded_lets_nobody_in() {
    let rig = Rig::new().await;
    let ada = rig.somebody("ada").await;
    let attempt = rig.after_password(&ada).await;
    let key = rig.anonymous.to_string();
    let mut change = bartizan_store::ChangeSet::new("test", bartizan_model::Timestamp::from_micros(0));
    for object in rig.store.list(bartizan_model::ObjectKind::SealingKey, None, 10).await.unwrap() {
        let (kind, expect) = (object.kind, bartizan_store::Expect::Any);
        change.writes.push(bartizan_store::Write::Delete { kind, name: object.name, expect });
    }
    rig.store.commit(change).await.unwrap();
    let start = rig.flow.attempts().start(None);
    let unknown = rig.flow.password(&start, "nobody", &secret("whatever it is"), &rig.visit()).await;
    assert!(matches!(unknown, Err(bartizan_identity::Error::Evidence(_))), "{key} is gone");
    rig.stop.cancel();
    let (code, visit) = (ada.totp.code(rig.step()), rig.visit());
    let step = rig.flow.second_totp(&attempt, &code, &visit);
    let step = tokio::time::timeout(Duration::from_millis(300), step).await;
    assert!(step.is_err(), "nothing becomes durable any more: {step:?}");
    assert_eq!(rig.sessions(ada.user).await, 0);
}
