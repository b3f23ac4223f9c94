//! What a client asks for when it sends a person here (RFC 6749, 4.1.1; OIDC Core, 3.1.2.1; RFC 7636, 4.3).

use std::collections::BTreeSet;

use bartizan_model::ClientName;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::refusal::{Code, Refusal};
use crate::clients::{Client, GrantType, is_cli};

/// Parameters as they came: in their order, possibly several of one name.
pub(crate) type Parameters = [(String, String)];

/// Where the answer goes. It exists only where client and address belong together, so that no error is ever sent to an
/// address that nobody has registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ReturnTo {
    pub(crate) uri: String,
    pub(crate) state: Option<String>,
}

impl ReturnTo {
    /// The address for this client, if it has registered it.
    pub(crate) fn of(parameters: &Parameters, client: &Client) -> Option<Self> {
        let uri = once(parameters, "redirect_uri").ok()??;
        let known = client.spec.redirect_uris.iter().any(|known| known.admits(uri));
        // Two states: neither is sent back.
        let state = once(parameters, "state").ok().flatten().filter(|state| state.len() <= MAX_TEXT);
        known.then(|| Self { uri: uri.to_owned(), state: state.map(str::to_owned) })
    }

    /// The address with an answer (RFC 6749, 4.1.2; `iss` by RFC 9207).
    pub(crate) fn with(&self, answer: &[(&str, &str)], issuer: &str) -> String {
        let mut url = self.uri.clone();
        let mut separator = if url.contains('?') { '&' } else { '?' };
        let state = self.state.as_deref().map(|state| ("state", state));
        for (name, value) in answer.iter().copied().chain(state).chain([("iss", issuer)]) {
            url.push(separator);
            url.push_str(name);
            url.push('=');
            url.push_str(&encoded(value));
            separator = '&';
        }
        url
    }

    /// The address with what was wrong.
    pub(crate) fn refused(&self, refusal: &Refusal, issuer: &str) -> String {
        self.with(&[("error", refusal.code.as_str()), ("error_description", &refusal.why)], issuer)
    }
}

/// What is done about a person who may be signed in already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Prompt {
    /// What is needed.
    #[default]
    AsNeeded,
    /// Nothing: the client is told what would be needed.
    None,
    /// They sign in again.
    Login,
}

/// A request that is in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AuthorizationRequest {
    pub(crate) client: ClientName,
    pub(crate) to: ReturnTo,
    pub(crate) scopes: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) nonce: Option<String>,
    /// The SHA-256 of the verifier, in base64url.
    pub(crate) challenge: String,
    #[serde(default)]
    pub(crate) prompt: Prompt,
    /// Whether the person is asked whether they agree, although they have before.
    #[serde(default)]
    pub(crate) ask_consent: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) max_age: Option<u64>,
    /// Whether a strong sign-in is wanted.
    #[serde(default)]
    pub(crate) strong: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) login_hint: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) resources: BTreeSet<String>,
    /// The thumbprint of the key to which the code is bound (RFC 9449, 10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) jkt: Option<String>,
}

impl AuthorizationRequest {
    /// Reads it. The address to which a refusal may be sent is known by then.
    pub(crate) fn parse(parameters: &Parameters, client: &Client, to: ReturnTo) -> Result<Self, Refusal> {
        let bad = |why: &str| Refusal::new(Code::InvalidRequest, why);
        if parameters.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() > MAX_REQUEST {
            return Err(bad("the request is longer than 1200 bytes"));
        }
        // RFC 6749, A: visible ASCII and spaces.
        if parameters.iter().any(|(_, value)| !value.bytes().all(|byte| (0x20..0x7f).contains(&byte))) {
            return Err(bad("a parameter has characters beyond ASCII"));
        }
        let one = |name| once(parameters, name);
        for name in ["request", "registration", "claims"] {
            if one(name)?.is_some() {
                return Err(Refusal::new(Code::RequestNotSupported, format!("`{name}` is not supported")));
            }
        }
        if !client.spec.grants.contains(&GrantType::AuthorizationCode) {
            let why = "this client may not use the authorization code flow";
            return Err(Refusal::new(Code::UnauthorizedClient, why));
        }
        match one("response_type")? {
            Some("code") => {}
            None => return Err(bad("`response_type` is missing")),
            Some(_) => {
                let why = "`code` is the only `response_type`";
                return Err(Refusal::new(Code::UnsupportedResponseType, why));
            }
        }
        if one("response_mode")?.is_some_and(|mode| mode != "query") {
            return Err(bad("`query` is the only `response_mode`"));
        }
        // RFC 7636, 4.4.1. `plain` would show the verifier to whoever sees the request.
        let challenge =
            one("code_challenge")?.ok_or_else(|| bad("`code_challenge` is missing (RFC 7636)"))?;
        if one("code_challenge_method")? != Some("S256") {
            return Err(bad("`S256` is the only `code_challenge_method`"));
        }
        if !is_digest(challenge) {
            return Err(bad("`code_challenge` is no SHA-256 in base64url"));
        }
        let nonce = one("nonce")?;
        if nonce.is_some_and(|nonce| nonce.len() > MAX_TEXT)
            || one("state")?.is_some_and(|s| s.len() > MAX_TEXT)
        {
            return Err(bad("`nonce` and `state` have at most 512 bytes"));
        }
        let (prompt, ask_consent) = prompt(one("prompt")?)?;
        let max_age = match one("max_age")? {
            None => None,
            Some(text) => Some(text.parse().map_err(|_form| bad("`max_age` is no number of seconds"))?),
        };
        let jkt = one("dpop_jkt")?;
        if jkt.is_some_and(|jkt| !is_digest(jkt)) {
            return Err(bad("`dpop_jkt` is no thumbprint"));
        }
        let request = Self {
            client: client.name.clone(),
            to,
            scopes: scopes(one("scope")?, client)?,
            nonce: nonce.map(str::to_owned),
            challenge: challenge.to_owned(),
            prompt,
            // Whoever calls itself our command may be any program there.
            ask_consent: ask_consent || is_cli(&client.name),
            max_age,
            // OIDC Core, 5.5.1.1: the wish is met if it can be; what was reached is told in the token. All that anybody
            // can wish for beyond a sign-in is a strong one.
            strong: one("acr_values")?.is_some_and(|values| values.split(' ').next() == Some("strong")),
            login_hint: one("login_hint")?.filter(|hint| hint.len() <= MAX_TEXT).map(str::to_owned),
            resources: resources(parameters, &client.spec.audiences)?,
            jkt: jkt.map(str::to_owned),
        };
        // Quotes take twice the place in a cookie.
        if serde_json::to_vec(&request).map_or(0, |form| form.len()) > MAX_SEALED {
            return Err(bad("the request is too long: send a shorter `state` or `nonce`"));
        }
        Ok(request)
    }
}

/// OIDC Core, 3.1.2.1: several words, but `none` stands alone.
fn prompt(text: Option<&str>) -> Result<(Prompt, bool), Refusal> {
    let words: BTreeSet<&str> = text.unwrap_or_default().split(' ').filter(|word| !word.is_empty()).collect();
    if words.contains("none") {
        let why = "`none` stands alone in `prompt`";
        return if words.len() == 1 {
            Ok((Prompt::None, false))
        } else {
            Err(Refusal::new(Code::InvalidRequest, why))
        };
    }
    // Whoever is to choose an account is to sign in: one is signed in at a time.
    let login = words.contains("login") || words.contains("select_account");
    Ok((if login { Prompt::Login } else { Prompt::AsNeeded }, words.contains("consent")))
}

impl Client {
    /// Whether it may ask for this scope.
    pub(crate) fn allows(&self, scope: &str) -> bool {
        scope == OPENID || self.spec.scopes.contains(scope)
    }
}

/// The scopes that are asked for, each of which the client may ask for.
pub(crate) fn scopes(text: Option<&str>, client: &Client) -> Result<BTreeSet<String>, Refusal> {
    let asked: BTreeSet<&str> =
        text.unwrap_or_default().split(' ').filter(|scope| !scope.is_empty()).collect();
    for scope in &asked {
        if !client.allows(scope) {
            let why =
                "this client may not ask for one of the scopes: its administrator lists them in `scopes`";
            return Err(Refusal::new(Code::InvalidScope, why));
        }
    }
    Ok(asked.into_iter().map(str::to_owned).collect())
}

/// The servers for which tokens are asked for (RFC 8707, 2), each of which the client may ask for.
pub(crate) fn resources(
    parameters: &Parameters,
    allowed: &BTreeSet<String>,
) -> Result<BTreeSet<String>, Refusal> {
    let asked: BTreeSet<&str> =
        parameters.iter().filter(|(name, _)| name == "resource").map(|(_, value)| value.as_str()).collect();
    match asked.iter().find(|resource| !allowed.contains(**resource)) {
        Some(_) => {
            let why = "this client may not ask for tokens for one of the resources: its administrator lists them in `audiences`";
            Err(Refusal::new(Code::InvalidTarget, why))
        }
        None => Ok(asked.into_iter().map(str::to_owned).collect()),
    }
}

/// The value of a parameter. One that is empty is not there (RFC 6749, 3.1), and one that is there twice is refused.
pub(crate) fn once<'a>(parameters: &'a Parameters, name: &str) -> Result<Option<&'a str>, Refusal> {
    let mut found = parameters.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
    match (found.next(), found.next()) {
        (_, Some(_)) => Err(Refusal::new(Code::InvalidRequest, format!("`{name}` is there more than once"))),
        (value, None) => Ok(value.filter(|value| !value.is_empty())),
    }
}

/// Whether this is a SHA-256 in the one spelling that it has.
pub(crate) fn is_digest(text: &str) -> bool {
    URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == 32)
}

/// A value as it stands in a query (RFC 3986, 3.4): everything is escaped that could be taken for something else.
pub(crate) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

pub(crate) const OPENID: &str = "openid";

const MAX_REQUEST: usize = 1200;

/// What goes with an attempt in a cookie has to fit there, beside the attempt.
const MAX_SEALED: usize = 1500;

/// Clients put a random number, or a sealed state of theirs, there.
const MAX_TEXT: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::ClientSpec;

    fn client() -> Client {
        let uris =
            ["https://app.example.org/cb", "http://127.0.0.1/cb", "http://[::1]/cb", "org.example.app:/cb"];
        let spec = ClientSpec {
            redirect_uris: uris.iter().map(|uri| uri.parse().unwrap()).collect(),
            grants: GrantType::ALL.iter().copied().collect(),
            scopes: ["profile".to_owned()].into(),
            audiences: ["https://api.example.org".to_owned()].into(),
            ..ClientSpec::default()
        };
        Client { name: "web".parse().unwrap(), spec, revision: bartizan_model::Revision::new(1) }
    }

    fn parameters(more: &[(&str, &str)]) -> Vec<(String, String)> {
        let usual = [
            ("response_type", "code"),
            ("redirect_uri", "https://app.example.org/cb"),
            ("scope", "openid"),
            ("state", "s"),
            ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            ("code_challenge_method", "S256"),
        ];
        let kept = usual.iter().filter(|(name, _)| !more.iter().any(|(other, _)| name == other));
        kept.chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn asked(more: &[(&str, &str)]) -> Result<AuthorizationRequest, Code> {
        let (client, parameters) = (client(), parameters(more));
        let to = ReturnTo::of(&parameters, &client).unwrap();
        AuthorizationRequest::parse(&parameters, &client, to).map_err(|refusal| refusal.code)
    }

    /// CVE class 14, and what else has been tried on others.
    const NOT_REGISTERED: [&str; 60] = [
        "https://app.example.org/cb/",
        "https://app.example.org/cb/..;/evil",
        "https://app.example.org/cb/../evil",
        "https://app.example.org/cb/%2e%2e/evil",
        "https://app.example.org/cb/..%2fevil",
        "https://app.example.org/cb%00",
        "https://app.example.org/cb%0d%0aSet-Cookie:x",
        "https://app.example.org/cb?",
        "https://app.example.org/cb?x=y",
        "https://app.example.org/cb#",
        "https://app.example.org/cb#@evil.example",
        "https://app.example.org/cb;x",
        "https://app.example.org/cb%3fx",
        "https://app.example.org/Cb",
        "https://app.example.org/%63b",
        "https://app.example.org//cb",
        "https://app.example.org/./cb",
        "https://app.example.org/x/../cb",
        "https://app.example.org",
        "https://app.example.org/",
        "https://app.example.org:443/cb",
        "https://app.example.org:8443/cb",
        "https://app.example.org./cb",
        "https://APP.example.org/cb",
        "HTTPS://app.example.org/cb",
        "http://app.example.org/cb",
        "https://app.example.org@evil.example/cb",
        "https://app.example.org%40evil.example/cb",
        "https://app.example.org%252f@evil.example/cb",
        "https://app.example.org:x@evil.example/cb",
        "https://user@app.example.org/cb",
        "https://evil.example/app.example.org/cb",
        "https://evil.example/cb",
        "https://evil.example/?https://app.example.org/cb",
        "https://evil.example/#https://app.example.org/cb",
        "https://evil.example\\app.example.org/cb",
        "https://app.example.org\\@evil.example/cb",
        "https:/app.example.org/cb",
        "https:app.example.org/cb",
        "//app.example.org/cb",
        "///app.example.org/cb",
        "/cb",
        "cb",
        "app.example.org/cb",
        " https://app.example.org/cb",
        "https://app.example.org/cb ",
        "https://app.example.org.evil.example/cb",
        "https://xapp.example.org/cb",
        "https://app.example.orgx/cb",
        "https://app\u{ff0e}example.org/cb",
        "https://\u{430}pp.example.org/cb",
        "javascript:alert(1)",
        "data:text/html,x",
        "http://127.0.0.1:8000/cb/",
        "http://127.0.0.2:8000/cb",
        "http://localhost:8000/cb",
        "https://127.0.0.1:8000/cb",
        "http://127.0.0.1:8000@evil.example/cb",
        "org.example.app:/cb/",
        "org.example.application:/cb",
    ];

    #[test]
    fn class_14_an_answer_goes_to_an_address_that_was_registered_and_nowhere_else() {
        let client = client();
        for uri in NOT_REGISTERED {
            assert_eq!(ReturnTo::of(&parameters(&[("redirect_uri", uri)]), &client), None, "{uri}");
        }
        let unique: BTreeSet<&str> = NOT_REGISTERED.into();
        assert_eq!(unique.len(), 60);
        for uri in [
            "https://app.example.org/cb",
            "http://127.0.0.1/cb",
            "http://127.0.0.1:51004/cb",
            "http://[::1]:51004/cb",
            "org.example.app:/cb",
        ] {
            assert_eq!(ReturnTo::of(&parameters(&[("redirect_uri", uri)]), &client).unwrap().uri, uri);
        }
        let mut twice = parameters(&[]);
        twice.push(("redirect_uri".into(), "https://app.example.org/cb".into()));
        assert_eq!(ReturnTo::of(&twice, &client), None);
        assert_eq!(ReturnTo::of(&[], &client), None, "it is named, however few there are");
    }

    #[test]
    fn class_13_a_challenge_is_there_and_is_a_digest() {
        assert!(asked(&[]).is_ok());
        for more in [
            [("code_challenge", ""), ("code_challenge_method", "S256")],
            [
                ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
                ("code_challenge_method", "plain"),
            ],
            [
                ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
                ("code_challenge_method", ""),
            ],
            [("code_challenge", "short"), ("code_challenge_method", "S256")],
            [
                ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cN"),
                ("code_challenge_method", "S256"),
            ],
        ] {
            assert_eq!(asked(&more), Err(Code::InvalidRequest), "{more:?}");
        }
    }

    #[test]
    fn what_is_not_supported_or_not_in_order_is_refused_by_its_name() {
        for (name, value, code) in [
            ("response_type", "token", Code::UnsupportedResponseType),
            ("response_type", "code id_token", Code::UnsupportedResponseType),
            ("response_type", "", Code::InvalidRequest),
            ("response_mode", "fragment", Code::InvalidRequest),
            ("request", "e30.e30.", Code::RequestNotSupported),
            ("claims", "{}", Code::RequestNotSupported),
            ("scope", "openid admin", Code::InvalidScope),
            ("resource", "https://api.example.com", Code::InvalidTarget),
            ("prompt", "none login", Code::InvalidRequest),
            ("max_age", "-1", Code::InvalidRequest),
            ("max_age", "x", Code::InvalidRequest),
            ("dpop_jkt", "x", Code::InvalidRequest),
            ("state", "\u{e9}", Code::InvalidRequest),
            ("nonce", "a\nb", Code::InvalidRequest),
        ] {
            assert_eq!(asked(&[(name, value)]), Err(code), "{name}={value}");
        }
        let long = "a".repeat(1200);
        assert_eq!(asked(&[("ui_locales", &long)]), Err(Code::InvalidRequest));
        let (client, mut twice) = (client(), parameters(&[]));
        twice.push(("scope".into(), "openid".into()));
        let to = ReturnTo::of(&twice, &client).unwrap();
        let refused = AuthorizationRequest::parse(&twice, &client, to).unwrap_err();
        assert_eq!(refused.code, Code::InvalidRequest);
    }

    #[test]
    fn what_is_asked_for_is_read() {
        let request = asked(&[
            ("prompt", "consent select_account"),
            ("acr_values", "strong basic"),
            ("max_age", "60"),
            ("resource", "https://api.example.org"),
            ("scope", "profile openid"),
        ])
        .unwrap();
        assert_eq!((request.prompt, request.ask_consent, request.strong), (Prompt::Login, true, true));
        assert_eq!((request.max_age, request.resources.len(), request.scopes.len()), (Some(60), 1, 2));
    }

    #[test]
    fn an_answer_cannot_be_made_another_by_what_is_in_it() {
        let to =
            ReturnTo { uri: "https://app.example.org/cb?a=1".into(), state: Some("x&error=y#\r\n%".into()) };
        assert_eq!(
            to.with(&[("code", "c")], "https://auth.example.org:8443"),
            "https://app.example.org/cb?a=1&code=c&state=x%26error%3Dy%23%0D%0A%25&iss=https%3A%2F%2Fauth.example.org%3A8443"
        );
    }
}
