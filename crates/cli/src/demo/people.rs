//! The demo's people: made, given a password and an authenticator app, and signed in as they would.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use anyhow::{Context as _, bail};
use bartizan_enforce::Caller;
use bartizan_identity::{
    Attributes, CodePurpose, EnrolProblem, Enrolment, NewPerson, People, Step, TokenRequest, TotpSecret,
    TotpStep, Visit,
};
use bartizan_model::{
    AppName, CredentialKind, Entropy, PresentedCredential, RequestId, Secret, SessionId, Subject, UserId,
};

use crate::deployment::{Deployment, own_hosts};

/// What the demo hands out.
#[derive(Debug)]
pub(super) struct Tokens {
    pub(super) people: BTreeMap<String, Account>,
    pub(super) admin: String,
}

/// What one of the demo's people signs in with.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) password: Secret<String>,
    pub(super) totp: TotpSecret,
    pub(super) token: String,
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
                people.create(&NewPerson { attributes: attributes(login, display), admin }, "system").await?
            }
        };
        made.insert(login, id);
    }
    Ok(made)
}

/// Gives each of them new factors, opens a session and asks for their tokens, as they would.
pub(super) async fn sign_in(
    deployment: &Deployment,
    people: &BTreeMap<&'static str, UserId>,
    apps: &[&str],
) -> anyhow::Result<Tokens> {
    let mut accounts = BTreeMap::new();
    let mut admin = None;
    for (login, display, is_admin) in PEOPLE {
        let user = *people.get(login).context("a person was not made")?;
        let password = password(deployment.entropy.as_ref());
        let passing = TotpSecret::generate(deployment.entropy.as_ref());
        let totp = TotpSecret::generate(deployment.entropy.as_ref());
        // A code is accepted once, and one step around now. The sessions of the tokens use up those of an app that nobody
        // keeps, so that those of the app that is handed out are all there for whoever signs in next.
        let now = enrol(deployment, user, &[login, display], &password, &passing).await?;
        let session = open(deployment, login, &password, &passing.code(now)).await?;
        let token = token(deployment, user, session, apps).await?;
        if is_admin {
            let session = open(deployment, login, &password, &passing.code(now.plus(1))).await?;
            admin = Some(self::token(deployment, user, session, &["console"]).await?);
        }
        enrol(deployment, user, &[login, display], &password, &totp).await?;
        accounts.insert(login.to_owned(), Account { password, totp, token });
    }
    Ok(Tokens { people: accounts, admin: admin.context("there is no administrator")? })
}

/// A sign-in link for each of them: the first factor, once. It lives as long as somebody may play with a demo.
pub(super) async fn links(
    deployment: &Deployment,
    people: &BTreeMap<&'static str, UserId>,
    auth: &str,
) -> anyhow::Result<BTreeMap<&'static str, String>> {
    let mut links = BTreeMap::new();
    for (login, user) in people {
        let purpose = CodePurpose::SignIn { user: *user };
        let code = deployment.flow.codes().issue(purpose, LINK_LIVES_FOR, "system").await?;
        links.insert(*login, code.text.expose(|code| format!("{auth}/link?t={code}")));
    }
    Ok(links)
}

/// Gives somebody a password and an app. A code is accepted once, and one step around now: the app is enrolled with the
/// step before, so that the one that is returned and the next are left.
async fn enrol(
    deployment: &Deployment,
    user: UserId,
    about: &[&str],
    password: &Secret<String>,
    totp: &TotpSecret,
) -> anyhow::Result<TotpStep> {
    loop {
        let now = TotpStep::at(deployment.clock.now());
        let enrolment = Enrolment {
            password: password.clone(),
            about: about.iter().map(|text| (*text).to_owned()).collect(),
            totp_secret: totp.clone(),
            first_code: totp.code(now.plus(-1)),
        };
        match deployment.flow.factors().enrol(user, enrolment, "system").await? {
            Ok(_) => return Ok(now),
            // The next step began while the password was hashed.
            Err(EnrolProblem::FirstCode) if TotpStep::at(deployment.clock.now()) != now => {}
            Err(problem) => return Err(problem.into()),
        }
    }
}

fn attributes(login: &str, display: &str) -> Attributes {
    Attributes {
        login: login.into(),
        display: display.into(),
        mail: Some(format!("{login}@{}", super::DOMAIN)),
        profile: None,
    }
}

/// Eighty random bits, as easy to type as that can be.
fn password(entropy: &dyn Entropy) -> Secret<String> {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes);
    let mut text = String::with_capacity(19);
    for (place, byte) in bytes.iter().enumerate() {
        if place > 0 && place % 4 == 0 {
            text.push('-');
        }
        text.push(char::from(LETTERS.get(usize::from(byte % 32)).copied().unwrap_or(b'x')));
    }
    Secret::new(text)
}

async fn open(
    deployment: &Deployment,
    login: &str,
    password: &Secret<String>,
    code: &Secret<String>,
) -> anyhow::Result<SessionId> {
    let flow = &deployment.flow;
    let visit = Visit {
        source: HERE,
        user_agent: None,
        request_id: RequestId::ordered(deployment.clock.now(), deployment.entropy.as_ref()),
        device: None,
        provider: None,
    };
    let attempt = flow.attempts().start(None);
    let Step::Next(attempt) = flow.password(&attempt, login, password, &visit).await? else {
        bail!("{login} cannot sign in with the new password");
    };
    let Step::SignedIn(signed_in) = flow.second_totp(&attempt, code, &visit).await? else {
        bail!("{login} cannot sign in with the new app (did the clock of this machine just jump?)");
    };
    // The enforcement point gets to know the session by a credential of it, as it does when a person signs in.
    let [(_, auth), ..] = own_hosts(super::DOMAIN);
    let issued = deployment.sign_ins.issue_sign_in(signed_in.session, &auth).await?;
    let presented = issued.text.expose(|text| PresentedCredential::parse(text))?;
    deployment.enforcer.resolve(&presented, HERE).await?.context("the new session is not known")?;
    Ok(signed_in.session)
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

const LINK_LIVES_FOR: Duration = Duration::from_secs(12 * 3600);

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Thirty-two letters and digits of which none is taken for another.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
