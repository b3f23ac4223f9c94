//! Whoever may not sign in does not, by whichever way and whenever it was decided.

use std::sync::Arc;

use bartizan_identity::{CodePurpose, Confirmation, Step};
use bartizan_model::{ObjectKind, Secret, Timestamp, UserState};
use bartizan_store::{ChangeSet, Expect, Write};

use crate::meddler::{Meddler, Meddling};
use crate::rig::{Rig, Somebody, is_over, is_wrong, secret};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blow {
    Disabled,
    Deleted,
    NoFactors,
    OtherFactors,
}

const BLOWS: [Blow; 4] = [Blow::Disabled, Blow::Deleted, Blow::NoFactors, Blow::OtherFactors];

async fn strike(rig: &Rig, ada: &Somebody, blow: Blow) {
    match blow {
        Blow::Disabled => {
            rig.people.set_state(ada.user, UserState::Disabled, "test").await.unwrap();
        }
        Blow::Deleted => {
            let mut change = ChangeSet::new("test", Timestamp::from_micros(0));
            let (kind, name, expect) = (ObjectKind::User, ada.user.to_string(), Expect::Any);
            change.writes.push(Write::Delete { kind, name, expect });
            rig.store.commit(change).await.unwrap();
        }
        Blow::NoFactors => {
            rig.flow.factors().remove(ada.user, "test").await.unwrap();
        }
        Blow::OtherFactors => {
            rig.enrol(ada.user, &ada.login).await;
        }
    }
}

#[tokio::test]
async fn by_no_way_does_anybody_sign_in_who_may_not() {
    for blow in BLOWS {
        let rig = Rig::new().await;
        let ada = rig.somebody("ada").await;
        let (flow, visit) = (&rig.flow, rig.visit());
        let start = || flow.attempts().start(None);
        // Everything is begun before, and nothing ends well after.
        let session = rig.signed_in(&ada, rig.step()).await.session;
        let link = rig.code(CodePurpose::SignIn { user: ada.user }).await;
        let used_link = rig.code(CodePurpose::SignIn { user: ada.user }).await;
        let Step::Next(after_link) = flow.link(&start(), &used_link, &visit).await.unwrap() else { panic!() };
        let after_password = rig.after_password(&ada).await;
        let claim = rig.code(CodePurpose::Claim { user: ada.user }).await;
        let password = secret("giraffe crossing teapot");
        let step = flow.claim_password(&start(), &claim, &password, &visit).await.unwrap();
        let Step::Next(claiming) = step else { panic!("{step:?}") };
        strike(&rig, &ada, blow).await;

        let code: Secret<String> = ada.totp.code(rig.step().plus(1));
        assert!(is_wrong(&flow.password(&start(), "ada", &ada.password, &visit).await.unwrap()), "{blow:?}");
        let first_code = claiming.totp_secret().unwrap().code(rig.step());
        for (way, step) in [
            ("link", flow.link(&start(), &link, &visit).await),
            ("totp", flow.second_totp(&after_password, &code, &visit).await),
            ("totp after link", flow.second_totp(&after_link, &code, &visit).await),
            ("recovery", flow.second_recovery(&after_password, &ada.recovery[0], &visit).await),
            ("recovery after link", flow.second_recovery(&after_link, &ada.recovery[0], &visit).await),
            ("claim", flow.claim_finish(&claiming, &first_code, &visit).await),
            ("claim password", flow.claim_password(&start(), &claim, &password, &visit).await),
        ] {
            assert!(is_over(&step.unwrap()), "{blow:?} {way}");
        }
        assert!(flow.claim_look(&claim).await.unwrap().is_none(), "{blow:?}");
        let confirmed = flow.confirm_again(session, ada.user, &code, &visit).await.unwrap();
        let right = match blow {
            // The session is hers still, but this is not her app any more.
            Blow::OtherFactors => matches!(confirmed, Confirmation::Wrong(_)),
            Blow::Disabled | Blow::Deleted | Blow::NoFactors => {
                matches!(confirmed, Confirmation::StartOver)
            }
        };
        assert!(right, "{blow:?} {confirmed:?}");
        assert_eq!(rig.sessions(ada.user).await, 1, "{blow:?}: the one from before");
    }
}

#[tokio::test]
async fn what_changes_while_a_session_begins_is_seen() {
    for blow in BLOWS {
        let meddling = Meddling::default();
        let rig = Rig::over(|inner| Arc::new(Meddler { inner, meddling: meddling.clone() })).await;
        let ada = rig.somebody("ada").await;
        let attempt = rig.after_password(&ada).await;
        let mut change = ChangeSet::new("test", Timestamp::from_micros(0));
        let (kind, name) = match blow {
            Blow::Disabled | Blow::Deleted => (ObjectKind::User, ada.user.to_string()),
            Blow::NoFactors | Blow::OtherFactors => (ObjectKind::Factors, ada.user.to_string()),
        };
        let mut spec = rig.store.get(kind, &name).await.unwrap().unwrap().spec;
        change.writes.push(match blow {
            Blow::Deleted | Blow::NoFactors => Write::Delete { kind, name, expect: Expect::Any },
            Blow::Disabled | Blow::OtherFactors => {
                if blow == Blow::Disabled {
                    spec["state"] = "disabled".into();
                } else {
                    spec["generation"] = 5.into();
                }
                Write::Put { kind, name, spec, lookups: Vec::new(), expect: Expect::Any }
            }
        });
        *meddling.lock() = Some(change);
        let code = ada.totp.code(rig.step());
        let step = rig.flow.second_totp(&attempt, &code, &rig.visit()).await.unwrap();
        assert!(is_over(&step), "{blow:?} {step:?}");
        assert!(meddling.lock().is_none(), "it did happen");
        assert_eq!(rig.sessions(ada.user).await, 0, "{blow:?}");
        let events = rig.events();
        let end = events.iter().find(|event| event.kind.as_str() == "session.end").unwrap();
        assert_eq!(end.reason.as_deref(), Some("changed_meanwhile"));
    }
}
