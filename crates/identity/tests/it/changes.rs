//! A person changes what they sign in with: by what proof, with what effect, and what is refused.

use std::time::Duration;

use bartizan_identity::{
    Attempt, Attributes, CodePurpose, Confirmation, FactorChange, NewPerson, PasswordProblem, Profile, Step,
    TotpSecret, Wrong,
};
use bartizan_model::{Clock as _, ObjectKind, Secret, SessionId, UserId};
use bartizan_store::{ChangeSet, Expect, Write};
use serde_json::json;
use tokio::task::JoinSet;

use crate::passkeys::party;
use crate::rig::{Rig, Somebody, is_over, is_wrong, secret};

const ISSUER: &str = "https://login.contoso.example";

impl Rig {
    async fn in_session(&self, who: &Somebody) -> (SessionId, UserId) {
        (self.signed_in(who, self.step()).await.session, who.user)
    }

    async fn set_password(&self, own: (SessionId, UserId), text: &str) -> FactorChange {
        self.flow.set_password(own, &secret(text), &self.visit()).await.unwrap()
    }

    async fn remove_password(&self, own: (SessionId, UserId)) -> FactorChange {
        self.flow.remove_password(own, &self.visit()).await.unwrap()
    }

    async fn remove_app(&self, own: (SessionId, UserId)) -> FactorChange {
        self.flow.remove_app(own, &self.visit()).await.unwrap()
    }

    /// Another app, with the code that it shows now.
    async fn set_app(&self, own: (SessionId, UserId)) -> (FactorChange, TotpSecret) {
        let attempt = self.flow.new_app(own.0);
        let sealed = self.flow.attempts().seal(&attempt).unwrap();
        let attempt = sealed.expose(|text| self.flow.attempts().open(text)).unwrap();
        let totp = self.shown(own, &attempt);
        let code = totp.code(self.step());
        (self.flow.set_app(own, &attempt, &code, &self.visit()).await.unwrap(), totp)
    }

    /// The secret that the page of an attempt shows.
    fn shown(&self, own: (SessionId, UserId), attempt: &Attempt) -> TotpSecret {
        attempt.added_in(own.0).cloned().unwrap()
    }

    async fn generation(&self, user: UserId) -> u64 {
        self.flow.factors().enrolled(user).await.unwrap().unwrap().generation
    }

    async fn signs_in_by(&self, who: &Somebody, password: &str) -> bool {
        let start = self.flow.attempts().start(None);
        let step = self.flow.password(&start, &who.login, &secret(password), &self.visit()).await.unwrap();
        !is_wrong(&step)
    }

    /// Somebody who is linked with a provider that has these settings.
    async fn linked(&self, login: &str, second_factor: &str) -> Somebody {
        let external = [(ISSUER.to_owned(), String::from("s-1"))].into();
        let attributes = Attributes {
            login: login.into(),
            display: String::from("Ida"),
            mail: None,
            profile: Some(Box::new(Profile { external, ..Profile::default() })),
        };
        let user = self.people.create(&NewPerson { attributes, admin: false }, "test").await.unwrap();
        let spec = json!({
            "issuer": ISSUER, "client_id": "bartizan", "auth": "none", "second_factor": second_factor,
        });
        let mut change = ChangeSet::new("test", self.clock.now());
        let (kind, name, lookups) = (ObjectKind::Provider, String::from("contoso"), Vec::new());
        change.writes.push(Write::Put { kind, name, spec, lookups, expect: Expect::Any });
        self.store.commit(change).await.unwrap();
        self.enrol(user, login).await
    }
}

#[tokio::test]
async fn a_password_that_is_changed_ends_what_the_old_one_began() {
    let rig = Rig::new().await;
    let ada = rig.somebody("ada").await;
    let elsewhere = rig.in_session(&ada).await;
    rig.clock.advance(Duration::from_secs(60));
    let here = rig.in_session(&ada).await;
    rig.clock.advance(Duration::from_secs(60));
    let under_way = rig.after_password(&ada).await;
    let before = rig.generation(ada.user).await;

    let refused = rig.set_password(here, "martenquist").await;
    assert_eq!(refused, FactorChange::Wrong(Wrong::NewPassword(PasswordProblem::AboutYou)));
    assert_eq!(rig.last_step(), ("password:set".into(), "weak_password".into()));
    let refused = rig.set_password(here, "v7#kQ2m").await;
    assert_eq!(refused, FactorChange::Wrong(Wrong::NewPassword(PasswordProblem::TooShort)));
    assert_eq!((rig.generation(ada.user).await, rig.sessions(ada.user).await), (before, 2));

    assert_eq!(rig.set_password(here, "giraffe crossing teapot").await, FactorChange::OthersEnded);
    assert_eq!(rig.last_step(), ("password:set".into(), "ok".into()));
    assert_eq!(rig.generation(ada.user).await, before + 1);
    let left: Vec<_> = rig.sign_ins.list(Some(ada.user)).await.unwrap();
    assert_eq!(left.iter().map(|session| session.facts.id).collect::<Vec<_>>(), [here.0]);
    let ended = rig.events().into_iter().find(|event| event.reason.as_deref() == Some("factors_changed"));
    assert_eq!(ended.unwrap().session, Some(elsewhere.0));
    // What was proved with the old one, and the session that has ended, are worth nothing.
    let code = ada.totp.code(rig.step());
    assert!(is_over(&rig.flow.second_totp(&under_way, &code, &rig.visit()).await.unwrap()));
    assert_eq!(rig.set_password(elsewhere, "another crossing teapot").await, FactorChange::NotFresh);
    assert!(!rig.signs_in_by(&ada, &ada.password.expose(Clone::clone)).await);
    assert!(rig.signs_in_by(&ada, "giraffe crossing teapot").await);
}

#[tokio::test]
async fn factors_are_changed_by_who_has_just_proved_who_they_are() {
    let rig = Rig::new().await;
    let ada = rig.somebody("ada").await;
    rig.enrol_passkey(&ada).await;
    rig.clock.advance(Duration::from_secs(60));
    let own = rig.in_session(&ada).await;
    let attempt = rig.flow.new_app(own.0);
    rig.clock.advance(Duration::from_secs(601));
    let before = rig.generation(ada.user).await;
    assert_eq!(rig.set_password(own, "giraffe crossing teapot").await, FactorChange::NotFresh);
    assert_eq!(rig.set_password(own, "short").await, FactorChange::NotFresh, "nothing is looked at before");
    assert_eq!(rig.remove_password(own).await, FactorChange::NotFresh);
    assert_eq!(rig.remove_app(own).await, FactorChange::NotFresh);
    assert_eq!(rig.set_app(own).await.0, FactorChange::NotFresh);
    assert!(rig.flow.new_codes(own, &rig.visit()).await.unwrap().is_none());
    assert_eq!(rig.generation(ada.user).await, before);
    // A newer proof, and the page of the app that was shown before it is over.
    let code = ada.totp.code(rig.step());
    let confirmed = rig.flow.confirm_again(own.0, own.1, &code, &rig.visit()).await.unwrap();
    assert!(matches!(confirmed, Confirmation::Confirmed));
    let code = rig.shown(own, &attempt).code(rig.step());
    let late = rig.flow.set_app(own, &attempt, &code, &rig.visit()).await.unwrap();
    assert_eq!(late, FactorChange::Late);
    assert!(rig.flow.new_codes(own, &rig.visit()).await.unwrap().is_some());
    assert_eq!(rig.last_step(), ("codes:new".into(), "ok".into()));
    assert_eq!(rig.remove_password(own).await, FactorChange::OthersEnded);
}

#[tokio::test]
async fn an_app_counts_once_it_has_shown_a_code_and_the_old_one_no_more() {
    let rig = Rig::new().await;
    let ada = rig.somebody("ada").await;
    let other = rig.in_session(&ada).await;
    rig.clock.advance(Duration::from_secs(60));
    let own = rig.in_session(&ada).await;
    let before = rig.generation(ada.user).await;
    let attempt = rig.flow.new_app(own.0);
    let wrong = rig.flow.set_app(own, &attempt, &ada.totp.code(rig.step()), &rig.visit()).await.unwrap();
    assert_eq!(wrong, FactorChange::Wrong(Wrong::FirstCode));
    assert_eq!(rig.last_step(), ("app:add".into(), "wrong_code".into()));
    // It is of the session in which it was shown.
    let code = rig.shown(own, &attempt).code(rig.step());
    let elsewhere = rig.flow.set_app(other, &attempt, &code, &rig.visit()).await.unwrap();
    assert_eq!(elsewhere, FactorChange::Late);
    assert_eq!((rig.generation(ada.user).await, rig.sessions(ada.user).await), (before, 2));

    let set = rig.flow.set_app(own, &attempt, &code, &rig.visit()).await.unwrap();
    assert_eq!(set, FactorChange::OthersEnded);
    assert_eq!((rig.generation(ada.user).await, rig.sessions(ada.user).await), (before + 1, 1));
    // Brought again it does nothing; above all it makes no used code a new one.
    let again = rig.flow.set_app(own, &attempt, &code, &rig.visit()).await.unwrap();
    assert_eq!(again, FactorChange::Made);
    assert_eq!(rig.generation(ada.user).await, before + 1);
    let check = async |code: Secret<String>| rig.flow.factors().check_totp(ada.user, &code).await.unwrap();
    assert!(check(code).await.is_err(), "its first code is used up");
    rig.clock.advance(Duration::from_secs(60));
    assert!(check(ada.totp.code(rig.step())).await.is_err());
    assert!(check(rig.shown(own, &attempt).code(rig.step())).await.is_ok());
}

#[tokio::test]
async fn nobody_changes_away_their_last_way_in() {
    let rig = Rig::new().await;
    let ada = rig.somebody("ada").await;
    let own = rig.in_session(&ada).await;
    let other = rig.flow.factors().new_recovery_codes(ada.user, "test").await.unwrap();
    assert!(other.is_some(), "recovery codes are no way");
    for (act, change) in
        [("password:remove", rig.remove_password(own).await), ("app:remove", rig.remove_app(own).await)]
    {
        assert_eq!(change, FactorChange::Wrong(Wrong::LastFactor), "{act}");
        assert!(rig.steps().contains(&(act.into(), "last_way".into())));
    }
    // With a passkey neither is needed; and then the passkey is.
    rig.clock.advance(Duration::from_secs(60));
    rig.enrol_passkey(&ada).await;
    let before = rig.generation(ada.user).await;
    assert_eq!(rig.remove_app(own).await, FactorChange::OthersEnded);
    assert_eq!(rig.remove_app(own).await, FactorChange::Made, "it is gone");
    assert_eq!(rig.remove_password(own).await, FactorChange::OthersEnded);
    assert_eq!(rig.generation(ada.user).await, before + 2);
    let key = rig.flow.factors().passkeys(ada.user).await.unwrap()[0].key();
    let last = rig.flow.remove_passkey(own, key, &rig.visit()).await.unwrap();
    assert_eq!(last, FactorChange::Wrong(Wrong::LastWay));
    // Added again, one after the other: that disturbs nothing.
    let after = rig.generation(ada.user).await;
    assert_eq!(rig.set_password(own, "giraffe crossing teapot").await, FactorChange::Made);
    assert_eq!(rig.set_app(own).await.0, FactorChange::Made);
    assert_eq!(rig.generation(ada.user).await, after);
    assert_eq!(rig.sessions(ada.user).await, 1);
}

#[tokio::test]
async fn whoever_signs_in_elsewhere_needs_nothing_here_but_no_password_stays_alone() {
    let rig = Rig::new().await;
    let ida = rig.linked("ida", "said").await;
    let own = rig.in_session(&ida).await;
    assert_eq!(rig.remove_app(own).await, FactorChange::Wrong(Wrong::PasswordAlone));
    assert_eq!(rig.last_step(), ("app:remove".into(), "no_second_factor".into()));
    assert_eq!(rig.remove_password(own).await, FactorChange::OthersEnded);
    assert_eq!(rig.remove_app(own).await, FactorChange::OthersEnded);
    // Now there is nothing with which a password could go.
    let alone = rig.set_password(own, "giraffe crossing teapot").await;
    assert_eq!(alone, FactorChange::Wrong(Wrong::NoSecondFactor));
    assert_eq!(rig.last_step(), ("password:set".into(), "no_second_factor".into()));
    assert_eq!(rig.set_app(own).await.0, FactorChange::Made);
    assert_eq!(rig.set_password(own, "giraffe crossing teapot").await, FactorChange::Made);

    // A provider that asks for one factor is a way with a second one here.
    let rig = Rig::new().await;
    let ida = rig.linked("ida", "here").await;
    let own = rig.in_session(&ida).await;
    assert_eq!(rig.remove_app(own).await, FactorChange::Wrong(Wrong::LastFactor));
    assert_eq!(rig.remove_password(own).await, FactorChange::OthersEnded);
    assert_eq!(rig.remove_app(own).await, FactorChange::Wrong(Wrong::LastFactor));
}

#[tokio::test]
async fn links_and_claims_that_are_under_way_end_with_what_is_replaced() {
    let rig = Rig::new().await;
    let ada = rig.somebody("ada").await;
    let own = rig.in_session(&ada).await;
    rig.clock.advance(Duration::from_secs(60));
    let link = rig.code(CodePurpose::SignIn { user: ada.user }).await;
    assert_eq!(rig.set_app(own).await.0, FactorChange::OthersEnded);
    let start = rig.flow.attempts().start(None);
    assert!(is_over(&rig.flow.link(&start, &link, &rig.visit()).await.unwrap()));
    assert_eq!(rig.last_step(), ("signin:link".into(), "factors_changed".into()));
    // Whose session ended while an app was set up signs in from there.
    let adding = rig.flow.new_app(own.0);
    let step = rig.flow.password(&adding, &ada.login, &ada.password, &rig.visit()).await.unwrap();
    assert!(matches!(step, Step::Next(_)), "{step:?}");
    let ask = rig.flow.ask_any_passkey(&adding, &party()).unwrap();
    assert!(ask.is_some());
}

#[tokio::test]
async fn of_many_who_change_one_password_at_once_one_session_is_left() {
    let rig = Rig::new().await;
    let ada = rig.somebody("ada").await;
    let mut own = Vec::new();
    for _ in 0..4 {
        rig.clock.advance(Duration::from_secs(30));
        own.push(rig.in_session(&ada).await);
    }
    let mut asking = JoinSet::new();
    for (at, own) in own.iter().copied().enumerate() {
        let (flow, visit) = (rig.flow.clone(), rig.visit());
        let password = secret(&format!("giraffe {at} crossing teapot"));
        asking.spawn(async move { (own.0, flow.set_password(own, &password, &visit).await.unwrap()) });
    }
    let answers = asking.join_all().await;
    let made: Vec<_> = answers.iter().filter(|(_, change)| *change == FactorChange::OthersEnded).collect();
    assert_eq!(made.len(), 1, "{answers:?}");
    assert!(
        answers
            .iter()
            .all(|(_, change)| matches!(change, FactorChange::OthersEnded | FactorChange::NotFresh))
    );
    let left = rig.sign_ins.list(Some(ada.user)).await.unwrap();
    assert_eq!(left.iter().map(|session| session.facts.id).collect::<Vec<_>>(), [made[0].0]);
}
