//! What a file says of an identity provider.

use std::collections::BTreeSet;

use bartizan_identity::{GroupRule, Link, ProviderAuth, ProviderSpec, RedirectUri, SecondFactor, Trust};
use bartizan_model::{GroupName, ProviderName};

use super::document::{Located, Table, short};

/// What a file says of an identity provider. What it leaves out stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProviderPatch {
    title: Option<Option<String>>,
    issuer: Option<RedirectUri>,
    client_id: Option<String>,
    auth: Option<ProviderAuth>,
    scopes: Option<BTreeSet<String>>,
    second_factor: Option<SecondFactor>,
    acr: Option<BTreeSet<String>>,
    amr: Option<BTreeSet<String>>,
    link: Option<Link>,
    creates: Option<bool>,
    login_claim: Option<String>,
    domains: Option<BTreeSet<String>>,
    short_login: Option<bool>,
    external_claim: Option<String>,
    external_of: Option<String>,
    groups: Option<Vec<GroupRule>>,
    disabled: Option<bool>,
}

impl ProviderPatch {
    /// The provider as it will be; none if the file does not say what a new one needs. Its secret is no matter of files.
    pub(crate) fn onto(&self, stored: Option<&ProviderSpec>) -> Option<ProviderSpec> {
        let was = stored.cloned();
        let new = || {
            Some(ProviderSpec {
                title: None,
                issuer: self.issuer.clone()?,
                client_id: self.client_id.clone()?,
                auth: ProviderAuth::default(),
                scopes: USUAL_SCOPES.map(str::to_owned).into(),
                second_factor: SecondFactor::default(),
                acr: BTreeSet::new(),
                amr: BTreeSet::new(),
                link: Link::default(),
                creates: false,
                login_claim: None,
                domains: BTreeSet::new(),
                short_login: false,
                external_claim: None,
                external_of: None,
                groups: Vec::new(),
                disabled: false,
                secret_set: None,
            })
        };
        let was = was.or_else(new)?;
        Some(ProviderSpec {
            title: self.title.clone().unwrap_or(was.title),
            issuer: self.issuer.clone().unwrap_or(was.issuer),
            client_id: self.client_id.clone().unwrap_or(was.client_id),
            auth: self.auth.unwrap_or(was.auth),
            scopes: self.scopes.clone().unwrap_or(was.scopes),
            second_factor: self.second_factor.unwrap_or(was.second_factor),
            acr: self.acr.clone().unwrap_or(was.acr),
            amr: self.amr.clone().unwrap_or(was.amr),
            link: self.link.unwrap_or(was.link),
            creates: self.creates.unwrap_or(was.creates),
            login_claim: self.login_claim.clone().or(was.login_claim),
            domains: self.domains.clone().unwrap_or(was.domains),
            short_login: self.short_login.unwrap_or(was.short_login),
            external_claim: self.external_claim.clone().or(was.external_claim),
            external_of: self.external_of.clone().or(was.external_of),
            groups: self.groups.clone().unwrap_or(was.groups),
            disabled: self.disabled.unwrap_or(was.disabled),
            secret_set: was.secret_set,
        })
    }
}

/// Reads one `[[provider]]`.
pub(super) fn read(table: &mut Table<'_>) -> Option<(Located<ProviderName>, ProviderPatch)> {
    let name = table.parsed::<ProviderName>("name");
    let title = table.text("title").map(|title| {
        let text = title.value.trim().to_owned();
        if text.chars().count() > MAX_TITLE || text.chars().any(char::is_control) {
            let message = format!("`title` is longer than {MAX_TITLE} characters or has control characters");
            table.report(title.place.error(message));
        }
        Some(text).filter(|text| !text.is_empty())
    });
    let issuer = table.parsed::<RedirectUri>("issuer").and_then(|issuer| {
        if Trust::is_issuer(&issuer.value) {
            return Some(issuer.value);
        }
        table.report(issuer.place.error("`issuer` is the address of an issuer: https, without `?`"));
        None
    });
    let auths: Vec<(&str, ProviderAuth)> =
        ProviderAuth::ALL.iter().map(|auth| (auth.as_str(), *auth)).collect();
    let factors: Vec<(&str, SecondFactor)> =
        SecondFactor::ALL.iter().map(|word| (word.as_str(), *word)).collect();
    let links: Vec<(&str, Link)> = Link::ALL.iter().map(|word| (word.as_str(), *word)).collect();
    let patch = ProviderPatch {
        title,
        issuer,
        client_id: said(table, "client_id"),
        auth: table.word("auth", &auths).map(|auth| auth.value),
        scopes: set(table, "scopes"),
        second_factor: table.word("second_factor", &factors).map(|word| word.value),
        acr: set(table, "acr"),
        amr: set(table, "amr"),
        link: table.word("link", &links).map(|word| word.value),
        creates: table.boolean("creates").map(|flag| flag.value),
        login_claim: said(table, "login_claim"),
        domains: set(table, "domains")
            .map(|domains| domains.into_iter().map(|domain| domain.to_ascii_lowercase()).collect()),
        short_login: table.boolean("short_login").map(|flag| flag.value),
        external_claim: said(table, "external_claim"),
        external_of: said(table, "external_of"),
        groups: table.has("groups").then(|| rules(table)),
        disabled: table.boolean("disabled").map(|flag| flag.value),
    };
    Some((name?, patch))
}

/// A word of the provider's own, such as the name of a claim.
fn said(table: &mut Table<'_>, key: &'static str) -> Option<String> {
    let text = table.text(key)?;
    if is_word(&text.value) {
        return Some(text.value);
    }
    table.report(text.place.error(format!("`{key}` cannot be `{}`", short(&text.value))));
    None
}

fn set(table: &mut Table<'_>, key: &'static str) -> Option<BTreeSet<String>> {
    let texts = table.texts(key)?;
    let mut known = BTreeSet::new();
    for text in texts.value {
        if is_word(&text.value) && known.len() < MOST {
            known.insert(text.value);
        } else {
            table.report(text.place.error(format!("`{key}` cannot hold `{}`", short(&text.value))));
        }
    }
    Some(known)
}

/// Which groups people are in, each under `[[provider.groups]]`.
fn rules(table: &mut Table<'_>) -> Vec<GroupRule> {
    let mut rules = Vec::new();
    for mut one in table.tables("groups") {
        let (claim, value) = (said(&mut one, "claim"), said(&mut one, "value"));
        let group = one.parsed::<GroupName>("group");
        let place = one.place();
        for key in ["value", "group"] {
            if !one.has(key) {
                one.report(place.error(format!("it has no `{key}`")));
            }
        }
        if rules.len() >= MOST_RULES {
            one.report(place.error(format!("there are more than {MOST_RULES}")));
        } else if let (Some(value), Some(group)) = (value, group) {
            let claim = claim.unwrap_or_else(|| String::from("groups"));
            rules.push(GroupRule { claim, value, group: group.value });
        }
        one.finish();
    }
    rules
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_WORD && !text.chars().any(char::is_control)
}

/// What is asked for unless something else is said (OpenID Connect Core 1.0, 5.4).
const USUAL_SCOPES: [&str; 2] = ["profile", "email"];

const MAX_TITLE: usize = 100;
const MAX_WORD: usize = 256;
const MOST: usize = 20;
const MOST_RULES: usize = 100;
