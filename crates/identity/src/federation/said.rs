//! What a provider said of somebody who came back from there, once it is verified.

use std::collections::BTreeSet;

use bartizan_model::{GroupName, ProviderName, Secret, Timestamp};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::away::Away;
use super::{Federation, IdentityProvider, SecondFactor};
use crate::error::Error;
use crate::issuers::Published;
use crate::jose::{self, Claims, Expected, Life, Refused, Typ};
use crate::people::{Attributes, login_name};

/// What came back with a browser (RFC 6749, 4.1.2; RFC 9207, 2).
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Brought<'a> {
    pub(crate) code: Option<&'a str>,
    pub(crate) error: Option<&'a str>,
    pub(crate) iss: Option<&'a str>,
}

/// Why what came back is no sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unsaid {
    /// The provider says that it did not sign anybody in.
    Refused,
    /// It does not answer, or not as it must.
    Unreachable,
    /// What it gave is not what it must be.
    NotBelieved,
}

/// What a provider said of somebody. There is no way to one but that it was verified.
#[derive(Debug)]
#[must_use = "whoever it is about is looked up"]
pub(crate) struct Said {
    pub(super) provider: IdentityProvider,
    pub(super) subject: String,
    pub(super) session: Option<String>,
    /// What the ID token and the provider's own endpoint say.
    pub(super) claims: Map<String, Value>,
    pub(super) signed_in: Option<Timestamp>,
    pub(super) marker: [u8; 32],
}

/// By which provider somebody signed in, as it stays with the sign-in. Of what the provider calls them only digests do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignedInBy {
    pub(crate) provider: ProviderName,
    /// Of issuer and subject, in base64url.
    pub(crate) subject: String,
    /// Of issuer and `sid` (OpenID Connect Back-Channel Logout 1.0, 2.1), if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) session: Option<String>,
}

impl Federation {
    /// What the provider says for what a browser brought back; why it says nothing stands in the log.
    pub(crate) async fn said(
        &self,
        provider: IdentityProvider,
        away: &Away,
        brought: Brought<'_>,
    ) -> Result<Result<Said, Unsaid>, Error> {
        let name = provider.name.clone();
        let unsaid = |unsaid: Unsaid, why: &str| {
            tracing::warn!(provider = %name, why, "an identity provider signed nobody in");
            Ok(Err(unsaid))
        };
        let issuer = provider.spec.issuer.as_str().to_owned();
        let mut published = match self.issuers.published(&issuer, false).await {
            Ok(published) => published,
            Err(why) => return unsaid(Unsaid::Unreachable, &why),
        };
        // Whoever answers in the place of another is told apart before any code is sent to anybody (RFC 9207, 2.4).
        match brought.iss {
            Some(iss) if iss != issuer => return unsaid(Unsaid::NotBelieved, "`iss` names another issuer"),
            None if published.names_itself => return unsaid(Unsaid::NotBelieved, "`iss` is missing"),
            Some(_) | None => {}
        }
        let Some(code) = brought.code.filter(|code| code.len() <= MAX_CODE) else {
            let said = brought.error.filter(|error| error.len() <= 64).unwrap_or("there is no code");
            return unsaid(Unsaid::Refused, said);
        };
        let answer = match self.spend(&provider, &published, away, (code, &self.redirect_uri(&name))).await? {
            Ok(answer) => answer,
            Err(why) => return unsaid(Unsaid::Unreachable, &why),
        };
        let text = |name: &str| answer.get(name).and_then(Value::as_str);
        let Some(token) = text("id_token") else {
            return unsaid(Unsaid::NotBelieved, "there is no `id_token`");
        };
        let mut read = self.read(token, &provider, away, &published);
        if matches!(read, Err(Refused::NoSuchKey)) {
            // It may be newer than what is known of its issuer.
            published = match self.issuers.published(&issuer, true).await {
                Ok(published) => published,
                Err(why) => return unsaid(Unsaid::Unreachable, &why),
            };
            read = self.read(token, &provider, away, &published);
        }
        let mut said = match read {
            Ok((claims, subject, signed_in)) => {
                let session = claims.says("sid");
                let claims = claims.into_members();
                Said { provider, subject, session, claims, signed_in, marker: away.marker() }
            }
            Err(why) => return unsaid(Unsaid::NotBelieved, &why.to_string()),
        };
        if said.lacks_something() && published.userinfo_endpoint.is_some() {
            let access = Secret::new(text("access_token").unwrap_or_default().to_owned());
            let more = match self.more(&published, &access).await {
                Ok(more) => more,
                Err(why) => return unsaid(Unsaid::Unreachable, &why),
            };
            // Else somebody could be told what is true of somebody else (OpenID Connect Core 1.0, 5.3.2).
            if more.get("sub").and_then(Value::as_str) != Some(said.subject.as_str()) {
                return unsaid(Unsaid::NotBelieved, "`userinfo_endpoint` answers about somebody else");
            }
            for (name, value) in more {
                // What is signed counts.
                said.claims.entry(name).or_insert(value);
            }
        }
        Ok(Ok(said))
    }

    /// OpenID Connect Core 1.0, 3.1.3.7.
    fn read(
        &self,
        token: &str,
        provider: &IdentityProvider,
        away: &Away,
        published: &Published,
    ) -> Result<(Claims, String, Option<Timestamp>), Refused> {
        let client_id = provider.spec.client_id.as_str();
        let now = self.clock.now();
        let expected = Expected {
            typ: Typ::ForeignIdToken,
            issuer: provider.spec.issuer.as_str(),
            audiences: &[client_id],
            now,
            life: Life::AtMost(LONGEST),
        };
        let claims = jose::read(token, &expected, &published.keys)?;
        // One that is said to others as well must be meant for us.
        let meant = claims.text("azp")?;
        if meant.is_some_and(|azp| azp != client_id) || (meant.is_none() && claims.audience().is_none()) {
            return Err(Refused::Audience);
        }
        if Secret::new(claims.required("nonce")?.to_owned()) != Secret::new(away.nonce()) {
            return Err(Refused::Nonce);
        }
        claims.instant("iat")?.ok_or(Refused::Missing("iat"))?;
        let subject = claims.required("sub")?.to_owned();
        if subject.is_empty() || subject.len() > MAX_SUBJECT {
            return Err(Refused::WrongType("sub"));
        }
        let signed_in = claims.instant("auth_time")?.map(|at| at.min(now));
        Ok((claims, subject, signed_in))
    }
}

impl Said {
    /// Who says it.
    pub(crate) const fn provider(&self) -> &IdentityProvider {
        &self.provider
    }

    /// What the provider calls them.
    pub(crate) fn subject(&self) -> &str {
        &self.subject
    }

    /// When they signed in there, as far as it says.
    pub(crate) const fn signed_in(&self) -> Option<Timestamp> {
        self.signed_in
    }

    /// What it is known by once it was used.
    pub(crate) const fn marker(&self) -> [u8; 32] {
        self.marker
    }

    /// What stays of it with the sign-in.
    pub(crate) fn by(&self) -> SignedInBy {
        let issuer = self.provider.spec.issuer.as_str();
        SignedInBy {
            provider: self.provider.name.clone(),
            subject: digest(issuer, &self.subject),
            session: self.session.as_ref().map(|session| digest(issuer, session)),
        }
    }

    /// How they signed in there (RFC 8176), as far as it says; and that it was elsewhere.
    pub(crate) fn amr(&self) -> BTreeSet<String> {
        let good = |method: &&str| {
            (1..=MAX_METHOD).contains(&method.len()) && method.bytes().all(|byte| byte.is_ascii_graphic())
        };
        let said = self.values("amr").into_iter().filter(good).take(MAX_METHODS);
        said.chain([FEDERATED]).map(str::to_owned).collect()
    }

    /// Whether that was two factors, or one that is both, by the rule of whoever administers us.
    pub(crate) fn is_strong(&self) -> bool {
        let spec = &self.provider.spec;
        match spec.second_factor {
            SecondFactor::Here => false,
            SecondFactor::There => true,
            SecondFactor::Said => {
                let acr = self.claims.get("acr").and_then(Value::as_str);
                acr.is_some_and(|acr| spec.acr.contains(acr))
                    || self.values("amr").iter().any(|method| spec.amr.contains(*method))
            }
        }
    }

    /// The login name that they have by what is said, if there is a rule for one and what is said fits it.
    pub(crate) fn login(&self) -> Option<String> {
        let spec = &self.provider.spec;
        let claim = spec.login_claim.as_deref().unwrap_or(LOGIN);
        let said = self.claims.get(claim)?.as_str()?;
        // An address that nobody has verified may be typed by anybody.
        if claim == "email" && self.claims.get("email_verified") != Some(&Value::Bool(true)) {
            return None;
        }
        let name = match said.rsplit_once('@') {
            Some((_, domain)) if !spec.domains.contains(&domain.to_ascii_lowercase()) => return None,
            Some((local, _)) if spec.short_login => local,
            Some(_) | None => said,
        };
        login_name(name).ok()
    }

    /// What a directory calls them, if there is a rule for that.
    pub(crate) fn external(&self) -> Option<(&str, &str)> {
        let spec = &self.provider.spec;
        let claim = spec.external_claim.as_deref()?;
        let said = self.claims.get(claim)?.as_str().filter(|said| (1..=MAX_SUBJECT).contains(&said.len()))?;
        Some((spec.external_of.as_deref()?, said))
    }

    /// What a new account is to say of them.
    pub(crate) fn attributes(&self) -> Option<Attributes> {
        let login = self.login()?;
        let named = |claim: &str| {
            let said = self.claims.get(claim)?.as_str()?.trim();
            let good =
                !said.is_empty() && said.chars().count() <= MAX_NAMED && !said.chars().any(char::is_control);
            good.then(|| said.to_owned())
        };
        // Only an address that the provider may name people by, so that nobody gives themselves somebody else's.
        let mail = named("email").filter(|mail| {
            let domain = mail.rsplit_once('@').map(|(_, domain)| domain.to_ascii_lowercase());
            self.claims.get("email_verified") == Some(&Value::Bool(true))
                && domain.is_some_and(|domain| self.provider.spec.domains.contains(&domain))
        });
        let display = named("name").unwrap_or_else(|| login.clone());
        Some(Attributes { login, display, mail, profile: None })
    }

    /// Of the groups that there are rules for: those in which they are, and those in which they are not.
    pub(crate) fn groups(&self) -> (BTreeSet<GroupName>, BTreeSet<GroupName>) {
        let rules = &self.provider.spec.groups;
        let holds = |claim: &str, value: &str| self.values(claim).contains(&value);
        let joins: BTreeSet<GroupName> = rules
            .iter()
            .filter(|rule| holds(&rule.claim, &rule.value))
            .map(|rule| rule.group.clone())
            .collect();
        let leaves =
            rules.iter().map(|rule| rule.group.clone()).filter(|group| !joins.contains(group)).collect();
        (joins, leaves)
    }

    /// Whether a rule reads a claim that is not there.
    fn lacks_something(&self) -> bool {
        let spec = &self.provider.spec;
        let mut read: Vec<&str> = spec.groups.iter().map(|rule| rule.claim.as_str()).collect();
        read.extend(spec.external_claim.as_deref());
        if spec.creates || spec.link == super::Link::Login {
            read.push(spec.login_claim.as_deref().unwrap_or(LOGIN));
        }
        if spec.creates {
            read.push("name");
        }
        read.iter().any(|claim| !self.claims.contains_key(*claim))
    }

    /// The values of a claim that is a text, or an array of them.
    fn values(&self, claim: &str) -> Vec<&str> {
        match self.claims.get(claim) {
            Some(Value::String(one)) => vec![one.as_str()],
            Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
            Some(_) | None => Vec::new(),
        }
    }
}

/// What stays with a sign-in of what a provider calls somebody, or a sign-in there.
pub(super) fn digest(issuer: &str, what: &str) -> String {
    URL_SAFE_NO_PAD.encode(bartizan_pki::sha256(format!("{issuer}\0{what}").as_bytes()))
}

/// As others write it who take such sign-ins (RFC 8176 has no word for it).
pub(crate) const FEDERATED: &str = "fed";

/// OpenID Connect Core 1.0, 5.1.
const LOGIN: &str = "preferred_username";

/// An ID token is read at once; some providers give it the life of their sign-in.
const LONGEST: std::time::Duration = std::time::Duration::from_secs(24 * 3600);

/// OpenID Connect Core 1.0, 2: at most 255 characters.
const MAX_SUBJECT: usize = 255;

const MAX_CODE: usize = 4096;
const MAX_METHOD: usize = 32;
const MAX_METHODS: usize = 8;
const MAX_NAMED: usize = 200;
