//! What a file says of a client.

use std::collections::BTreeSet;

use bartizan_identity::{ClientAuth, ClientSpec, GrantType, IdTokenAlg, RedirectUri, Trust, built_in_client};
use bartizan_model::{ClientName, GroupName};
use serde_json::Value;

use super::app::group_names;
use super::document::{Located, Place, Table, list, short, suggestion};

/// What a file says of a client. What it leaves out stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientPatch {
    pub(crate) title: Option<Option<String>>,
    pub(crate) redirect_uris: Option<BTreeSet<RedirectUri>>,
    pub(crate) post_logout_redirect_uris: Option<BTreeSet<RedirectUri>>,
    pub(crate) backchannel_logout_uri: Option<Option<RedirectUri>>,
    pub(crate) grants: Option<BTreeSet<GrantType>>,
    pub(crate) auth: Option<ClientAuth>,
    pub(crate) jwks: Option<Option<Located<Value>>>,
    pub(crate) trust: Option<Vec<Trust>>,
    pub(crate) id_token_alg: Option<IdTokenAlg>,
    pub(crate) require_par: Option<bool>,
    pub(crate) require_dpop: Option<bool>,
    pub(crate) consent: Option<bool>,
    pub(crate) groups: Option<BTreeSet<GroupName>>,
    pub(crate) scopes: Option<BTreeSet<String>>,
    pub(crate) audiences: Option<BTreeSet<String>>,
    pub(crate) exchanges_from: Option<BTreeSet<ClientName>>,
    pub(crate) disabled: Option<bool>,
}

impl ClientPatch {
    /// The client as it will be. Its secret is no matter of files.
    pub(crate) fn onto(&self, stored: Option<&ClientSpec>) -> ClientSpec {
        let new = ClientSpec {
            grants: GrantType::USUAL.into(),
            scopes: STANDARD_SCOPES.map(str::to_owned).into(),
            ..ClientSpec::default()
        };
        let was = stored.cloned().unwrap_or(new);
        ClientSpec {
            title: self.title.clone().unwrap_or(was.title),
            redirect_uris: self.redirect_uris.clone().unwrap_or(was.redirect_uris),
            post_logout_redirect_uris: self
                .post_logout_redirect_uris
                .clone()
                .unwrap_or(was.post_logout_redirect_uris),
            backchannel_logout_uri: self.backchannel_logout_uri.clone().unwrap_or(was.backchannel_logout_uri),
            grants: self.grants.clone().unwrap_or(was.grants),
            auth: self.auth.unwrap_or(was.auth),
            jwks: self.jwks.clone().map_or(was.jwks, |jwks| jwks.map(|jwks| jwks.value)),
            trust: self.trust.clone().unwrap_or(was.trust),
            id_token_alg: self.id_token_alg.unwrap_or(was.id_token_alg),
            require_par: self.require_par.unwrap_or(was.require_par),
            require_dpop: self.require_dpop.unwrap_or(was.require_dpop),
            consent: self.consent.unwrap_or(was.consent),
            groups: self.groups.clone().unwrap_or(was.groups),
            scopes: self.scopes.clone().unwrap_or(was.scopes),
            audiences: self.audiences.clone().unwrap_or(was.audiences),
            exchanges_from: self.exchanges_from.clone().unwrap_or(was.exchanges_from),
            disabled: self.disabled.unwrap_or(was.disabled),
            secret_set: was.secret_set,
        }
    }
}

/// Reads one `[[client]]`.
pub(super) fn read(table: &mut Table<'_>) -> Option<(Located<ClientName>, ClientPatch)> {
    let name = match table.parsed::<ClientName>("name") {
        Some(name) if built_in_client(name.value.as_str()).is_some() => {
            table.report(name.place.error_with_help(
                format!("the client name `{}` is reserved", name.value),
                "it is the deployment's own command: choose another name",
            ));
            None
        }
        other => other,
    };
    let title = table.text("title").and_then(|title| named(table, &title));
    let redirect_uris = table.texts("redirect_uris").map(|uris| addresses(table, "redirect_uris", uris));
    let post_logout_redirect_uris = table
        .texts("post_logout_redirect_uris")
        .map(|uris| addresses(table, "post_logout_redirect_uris", uris));
    let backchannel_logout_uri =
        table.text("backchannel_logout_uri").and_then(|uri| logout_address(table, &uri));
    let grants = table.texts("grants").map(|grants| grant_types(table, grants.value));
    let auths: Vec<(&str, ClientAuth)> = ClientAuth::ALL.iter().map(|auth| (auth.as_str(), *auth)).collect();
    let auth = table.word("auth", &auths).map(|auth| auth.value);
    let jwks = table.text("jwks").and_then(|jwks| keys(table, jwks));
    let trust = table.has("trust").then(|| trusts(table));
    let algs: Vec<(&str, IdTokenAlg)> = IdTokenAlg::ALL.iter().map(|alg| (alg.as_str(), *alg)).collect();
    let id_token_alg = table.word("id_token_alg", &algs).map(|alg| alg.value);
    let require_par = table.boolean("require_par").map(|flag| flag.value);
    let require_dpop = table.boolean("require_dpop").map(|flag| flag.value);
    let consent = table.boolean("consent").map(|flag| flag.value);
    let groups = table.texts("groups").map(|groups| group_names(table, groups.value));
    let scopes = table.texts("scopes").map(|scopes| tokens(table, "scopes", scopes.value, is_scope));
    let audiences =
        table.texts("audiences").map(|audiences| tokens(table, "audiences", audiences.value, is_audience));
    let exchanges_from = table.texts("exchanges_from").map(|names| client_names(table, names));
    let disabled = table.boolean("disabled").map(|flag| flag.value);
    let patch = ClientPatch {
        title,
        redirect_uris,
        post_logout_redirect_uris,
        backchannel_logout_uri,
        grants,
        auth,
        jwks,
        trust,
        id_token_alg,
        require_par,
        require_dpop,
        consent,
        groups,
        scopes,
        audiences,
        exchanges_from,
        disabled,
    };
    Some((name?, patch))
}

fn named(table: &Table<'_>, title: &Located<String>) -> Option<Option<String>> {
    let text = title.value.trim();
    if text.chars().count() > MAX_TITLE || text.chars().any(char::is_control) {
        let message = format!("`title` is longer than {MAX_TITLE} characters or has control characters");
        table.report(title.place.error(message));
        return None;
    }
    Some(Some(text.to_owned()).filter(|text| !text.is_empty()))
}

fn address(table: &Table<'_>, key: &str, uri: &Located<String>) -> Option<RedirectUri> {
    match uri.value.parse() {
        Ok(uri) => Some(uri),
        Err(error) => {
            table.report(uri.place.error(format!("`{key}`: `{}`: {error}", short(&uri.value))));
            None
        }
    }
}

/// Where a client is told that a sign-in has ended; none, if the text is empty.
fn logout_address(table: &Table<'_>, uri: &Located<String>) -> Option<Option<RedirectUri>> {
    const KEY: &str = "backchannel_logout_uri";
    if uri.value.trim().is_empty() {
        return Some(None);
    }
    let known = address(table, KEY, uri)?;
    if !known.takes_posts() {
        let message = format!("`{KEY}`: `{}` is nothing to post to: use https", short(&uri.value));
        table.report(uri.place.error(message));
        return None;
    }
    Some(Some(known))
}

fn addresses(table: &Table<'_>, key: &str, uris: Located<Vec<Located<String>>>) -> BTreeSet<RedirectUri> {
    if uris.value.len() > MAX_URIS {
        table.report(uris.place.error(format!("`{key}` has more than {MAX_URIS} addresses")));
    }
    uris.value.into_iter().take(MAX_URIS).filter_map(|uri| address(table, key, &uri)).collect()
}

fn grant_types(table: &Table<'_>, grants: Vec<Located<String>>) -> BTreeSet<GrantType> {
    let names: Vec<&str> = GrantType::ALL.iter().map(|grant| grant.as_str()).collect();
    let mut known = BTreeSet::new();
    for grant in grants {
        match GrantType::ALL.iter().find(|known| known.as_str() == grant.value) {
            Some(found) => {
                known.insert(*found);
            }
            None => {
                let help = suggestion(&grant.value, &names)
                    .unwrap_or_else(|| format!("it holds some of {}", list(&names)));
                let message = format!("`grants` cannot hold `{}`", short(&grant.value));
                table.report(grant.place.error_with_help(message, help));
            }
        }
    }
    known
}

fn tokens(
    table: &Table<'_>,
    key: &str,
    texts: Vec<Located<String>>,
    is_good: fn(&str) -> bool,
) -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    for text in texts {
        if is_good(&text.value) && known.len() < MAX_URIS {
            known.insert(text.value);
        } else {
            let message = format!("`{key}` cannot hold `{}`", short(&text.value));
            table.report(text.place.error(message));
        }
    }
    known
}

/// Other clients, by their names.
fn client_names(table: &Table<'_>, names: Located<Vec<Located<String>>>) -> BTreeSet<ClientName> {
    const KEY: &str = "exchanges_from";
    if names.value.len() > MAX_URIS {
        table.report(names.place.error(format!("`{KEY}` has more than {MAX_URIS} clients")));
    }
    let mut known = BTreeSet::new();
    for name in names.value.into_iter().take(MAX_URIS) {
        match name.value.parse::<ClientName>() {
            Ok(client) if built_in_client(client.as_str()).is_some() => {
                let message = format!("`{KEY}` cannot hold `{client}`: its tokens are for the console alone");
                table.report(name.place.error(message));
            }
            Ok(client) => {
                known.insert(client);
            }
            Err(error) => table.report(name.place.error(format!("`{KEY}`: {error}"))),
        }
    }
    known
}

/// A scope (RFC 6749, 3.3).
fn is_scope(text: &str) -> bool {
    let part = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
    !text.is_empty() && text.len() <= 64 && text.bytes().all(part)
}

/// The address of a server for which a token is (RFC 8707, 2).
fn is_audience(text: &str) -> bool {
    text.parse::<RedirectUri>().is_ok()
}

/// Public keys, as a text of JSON (RFC 7517, 5). A private one has no business here.
fn keys(table: &Table<'_>, jwks: Located<String>) -> Option<Option<Located<Value>>> {
    if jwks.value.trim().is_empty() {
        return Some(None);
    }
    let problem = |place: &Place, message: &str| {
        let help = "put the set of public keys here as JSON: {\"keys\": [{\"kty\": …, \"kid\": …}]}";
        table.report(place.error_with_help(format!("`jwks` {message}"), help));
    };
    if jwks.value.len() > MAX_JWKS {
        problem(&jwks.place, "is longer than 16 KiB");
        return None;
    }
    let Ok(value) = serde_json::from_str::<Value>(&jwks.value) else {
        problem(&jwks.place, "is not JSON");
        return None;
    };
    let Some(keys) = value.get("keys").and_then(Value::as_array).filter(|keys| !keys.is_empty()) else {
        problem(&jwks.place, "has no `keys`");
        return None;
    };
    if keys.iter().any(|key| PRIVATE.iter().any(|member| key.get(*member).is_some())) {
        problem(&jwks.place, "holds a private or a symmetric key, which only the client may have");
        return None;
    }
    Some(Some(Located { value, place: jwks.place }))
}

/// Whose tokens are taken for the client, each under `[[client.trust]]`.
fn trusts(table: &mut Table<'_>) -> Vec<Trust> {
    let mut trusts = Vec::new();
    for mut one in table.tables("trust") {
        let issuer = one.parsed::<RedirectUri>("issuer");
        let audience = one.text("audience").map(|audience| audience.value);
        let jwks = one.text("jwks").and_then(|jwks| keys(&one, jwks)).flatten().map(|jwks| jwks.value);
        let claims = one.named_texts("claims");
        let place = one.place();
        if let Some(issuer) = issuer.as_ref().filter(|issuer| !Trust::is_issuer(&issuer.value)) {
            one.report(issuer.place.error("`issuer` is the address of an issuer: https, without `?`"));
        }
        if !one.has("issuer") {
            one.report(place.error("it has no `issuer`"));
        }
        if !one.has("claims") || claims.as_ref().is_some_and(|claims| claims.value.is_empty()) {
            let help = "an issuer gives tokens to many: say which are this client's, such as claims = { sub = \"…\" }";
            one.report(place.error_with_help("it has no `claims`", help));
        }
        if let Some(claims) = claims.as_ref().filter(|claims| claims.value.len() > MAX_URIS) {
            one.report(claims.place.error(format!("`claims` has more than {MAX_URIS}")));
        }
        if let (Some(issuer), Some(claims)) = (issuer, claims) {
            let claims = claims.value.into_iter().map(|(name, text)| (name, text.value)).collect();
            trusts.push(Trust { issuer: issuer.value, audience, jwks, claims });
        }
        one.finish();
    }
    trusts
}

/// What a new client may ask for (OpenID Connect Core 1.0, 5.4, and the groups that it is told of).
const STANDARD_SCOPES: [&str; 4] = ["profile", "email", "groups", "offline_access"];

/// The members of a JWK that are secret (RFC 7518, 6).
const PRIVATE: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "k"];

const MAX_TITLE: usize = 100;
const MAX_URIS: usize = 20;
const MAX_JWKS: usize = 16 * 1024;
