//! The demo's people and their sign-ins.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};

use anyhow::Context as _;
use bartizan_enforce::Caller;
use bartizan_identity::{Attributes, NewPerson, People, SignIn, TokenRequest};
use bartizan_model::{
    AppName, AuthLevel, CredentialKind, PresentedCredential, RequestId, Secret, SessionId, Subject, UserId,
};

use crate::deployment::{Deployment, own_hosts};

/// Tokens of the demo's people.
#[derive(Debug)]
pub(super) struct Tokens {
    pub(super) people: BTreeMap<String, String>,
    pub(super) admin: String,
}

const PEOPLE: [(&str, &str, bool); 3] =
    [("ada", "Ada Marten", true), ("bob", "Bob Lindgren", false), ("eve", "Eve Castellano", false)];

/// Makes the people who are not there yet.
pub(super) async fn make(people: &People) -> anyhow::Result<BTreeMap<&'static str, UserId>> {
    let mut made = BTreeMap::new();
    for (login, display, admin) in PEOPLE {
        let id = match people.find(login).await? {
            Some(id) => id,
            None => {
                let attributes = Attributes {
                    login: login.into(),
                    display: display.into(),
                    mail: Some(format!("{login}@{}", super::DOMAIN)),
                };
                people.create(&NewPerson { attributes, admin }, "system").await?
            }
        };
        made.insert(login, id);
    }
    Ok(made)
}

/// Opens a session for each of them and asks for their tokens, as they would.
pub(super) async fn sign_in(
    deployment: &Deployment,
    people: &BTreeMap<&'static str, UserId>,
    apps: &[&str],
) -> anyhow::Result<Tokens> {
    let mut tokens = BTreeMap::new();
    for (login, user) in people {
        let session = open(deployment, *user).await?;
        tokens.insert((*login).to_owned(), token(deployment, *user, session, apps).await?);
    }
    let ada = *people.get("ada").context("there is no administrator")?;
    let session = open(deployment, ada).await?;
    let admin = token(deployment, ada, session, &["console"]).await?;
    Ok(Tokens { people: tokens, admin })
}

async fn open(deployment: &Deployment, user: UserId) -> anyhow::Result<SessionId> {
    let sign_in =
        SignIn { user, amr: ["pwd", "otp"].map(String::from).into(), level: AuthLevel::Strong, source: HERE };
    let session = deployment.sign_ins.begin(sign_in).await?;
    // The enforcement point gets to know the session by a credential of it, as it does when a person signs in.
    let [(_, auth), _] = own_hosts(super::DOMAIN);
    let issued = deployment.sign_ins.issue_sign_in(session, &auth).await?;
    let presented = issued.text.expose(|text| PresentedCredential::parse(text))?;
    deployment.enforcer.resolve(&presented, HERE).await?.context("the new session is not known")?;
    Ok(session)
}

async fn token(
    deployment: &Deployment,
    user: UserId,
    session: SessionId,
    apps: &[&str],
) -> anyhow::Result<String> {
    let (clock, entropy) = (deployment.clock.as_ref(), deployment.entropy.as_ref());
    let caller = Caller {
        subject: Subject::User(user),
        session: Some(session),
        device: None,
        credential: Some(CredentialKind::SignIn),
        credential_ends: None,
        source: HERE,
        request_id: RequestId::ordered(clock.now(), entropy),
        user_agent: None,
    };
    let mut granted = Vec::new();
    for app in apps.iter().collect::<BTreeSet<_>>() {
        let request = TokenRequest::new(&caller, app.parse::<AppName>()?, clock, entropy);
        let live = deployment.enforcer.admit(request).await;
        granted.push(live.map_err(|denial| anyhow::anyhow!("no token for {app}: {}", denial.reason))?);
    }
    let issued = deployment.sign_ins.issue_token(&granted, None).await?;
    let text: Secret<String> = issued.text;
    Ok(text.expose(Clone::clone))
}

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
