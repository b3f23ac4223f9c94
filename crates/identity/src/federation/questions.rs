//! What a provider is asked: to sign somebody in, what a code is worth, and what else it knows of them.

use bartizan_model::Secret;
use bartizan_pki::SigningAlgorithm;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::away::{Away, Toward};
use super::{Federation, IdentityProvider, ProviderAuth, SecondFactor};
use crate::error::Error;
use crate::issuers::{Published, Question};
use crate::jose::{self, Typ, json::object};
use crate::oidc::request::encoded;

impl Federation {
    /// Where a browser goes to sign in there; or why it cannot, which is for the log.
    ///
    /// # Errors
    /// What is wrong with the provider.
    pub(crate) async fn way_there(
        &self,
        provider: &IdentityProvider,
        away: &Away,
        place: u8,
        language: &str,
    ) -> Result<String, String> {
        let published = self.issuers.published(provider.spec.issuer.as_str(), false).await?;
        let endpoint =
            published.authorization_endpoint.as_deref().ok_or("it names no `authorization_endpoint`")?;
        let scopes: Vec<&str> =
            std::iter::once("openid").chain(provider.spec.scopes.iter().map(String::as_str)).collect();
        let redirect_uri = self.redirect_uri(&provider.name);
        let (state, nonce, challenge, scope) =
            (away.state(place), away.nonce(), away.challenge(), scopes.join(" "));
        let mut asked = vec![
            ("response_type", "code"),
            ("client_id", provider.spec.client_id.as_str()),
            ("redirect_uri", redirect_uri.as_str()),
            ("scope", scope.as_str()),
            ("state", state.as_str()),
            ("nonce", nonce.as_str()),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
            ("ui_locales", language),
        ];
        let acr = provider.spec.acr.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
        if !acr.is_empty() {
            asked.push(("acr_values", acr.as_str()));
        }
        match away.toward {
            // Who is asked for that has to say when they signed in (OpenID Connect Core 1.0, 3.1.2.1).
            Toward::SignIn | Toward::Link if provider.spec.second_factor != SecondFactor::Here => {
                asked.push(("max_age", OLDEST));
            }
            Toward::SignIn | Toward::Link => {}
            Toward::Confirm => asked.extend([("prompt", "login"), ("max_age", "0")]),
        }
        let between = if endpoint.contains('?') { '&' } else { '?' };
        Ok(format!("{endpoint}{between}{}", form(&asked)))
    }

    /// What the provider gives for a code (RFC 6749, 4.1.3): an ID token, and perhaps an access token.
    pub(super) async fn spend(
        &self,
        provider: &IdentityProvider,
        published: &Published,
        away: &Away,
        (code, redirect_uri): (&str, &str),
    ) -> Result<Result<Map<String, Value>, String>, Error> {
        let Some(endpoint) = published.token_endpoint.as_deref() else {
            return Ok(Err(String::from("it names no `token_endpoint`")));
        };
        let mut asked = vec![
            ("grant_type", String::from("authorization_code")),
            ("code", code.to_owned()),
            ("redirect_uri", redirect_uri.to_owned()),
            ("code_verifier", away.verifier().expose(Clone::clone)),
        ];
        let client_id = provider.spec.client_id.as_str();
        let mut authorization = None;
        match provider.spec.auth {
            ProviderAuth::None => asked.push(("client_id", client_id.to_owned())),
            ProviderAuth::PrivateKeyJwt => {
                asked.push(("client_id", client_id.to_owned()));
                asked.push(("client_assertion_type", ASSERTION_TYPE.to_owned()));
                asked.push(("client_assertion", self.assertion(provider).await?));
            }
            ProviderAuth::ClientSecretBasic | ProviderAuth::ClientSecretPost => {
                let Some(secret) = self.secret(provider).await? else {
                    let why = "its secret is not stored here: `bartizan provider secret NAME` does that";
                    return Ok(Err(String::from(why)));
                };
                if provider.spec.auth == ProviderAuth::ClientSecretPost {
                    asked.push(("client_id", client_id.to_owned()));
                    asked.push(("client_secret", secret.expose(Clone::clone)));
                } else {
                    let pair = secret.expose(|secret| format!("{}:{}", encoded(client_id), encoded(secret)));
                    authorization = Some(Secret::new(format!("Basic {}", STANDARD.encode(pair))));
                }
            }
        }
        let pairs: Vec<(&str, &str)> = asked.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let form = Secret::new(form(&pairs));
        drop(pairs);
        for (_, value) in &mut asked {
            zeroize::Zeroize::zeroize(value);
        }
        let question = Question { url: endpoint, authorization: authorization.as_ref(), form: Some(&form) };
        Ok(self.answer(&question).await)
    }

    /// What the provider says beyond the ID token (OpenID Connect Core 1.0, 5.3).
    pub(super) async fn more(
        &self,
        published: &Published,
        access_token: &Secret<String>,
    ) -> Result<Map<String, Value>, String> {
        let endpoint = published.userinfo_endpoint.as_deref().ok_or("it names no `userinfo_endpoint`")?;
        let bearer = Secret::new(access_token.expose(|token| format!("Bearer {token}")));
        self.answer(&Question { url: endpoint, authorization: Some(&bearer), form: None }).await
    }

    /// An answer that is an object of JSON. Of a refusal the code is told, and nothing else: what else stands there may be
    /// what was sent.
    async fn answer(&self, question: &Question<'_>) -> Result<Map<String, Value>, String> {
        let url = question.url;
        let (status, body) = self.issuers.fetch()?.ask(question).await?;
        let answered = object(&body);
        if status != 200 {
            let code = answered.ok().and_then(|answer| answer.get("error")?.as_str().map(str::to_owned));
            let code =
                code.filter(|code| code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_graphic()));
            return Err(format!("`{url}` answers {status} {}", code.unwrap_or_default()));
        }
        answered.map_err(|why| format!("`{url}`: {why}"))
    }

    /// Who we are, signed with the key whose public half is published (RFC 7523, 3).
    async fn assertion(&self, provider: &IdentityProvider) -> Result<String, Error> {
        let now = self.clock.now();
        let mut id = [0; 16];
        self.entropy.fill(&mut id);
        let claims = json!({
            "iss": provider.spec.client_id,
            "sub": provider.spec.client_id,
            "aud": provider.spec.issuer.as_str(),
            "iat": now.as_secs(),
            "exp": now.as_secs().saturating_add(ASSERTION_LIVES),
            "jti": base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(id),
        });
        let key = self.keys.signing(SigningAlgorithm::Es256).await?;
        jose::sign(&key, Typ::ClientAssertion, &claims)
    }
}

/// `application/x-www-form-urlencoded`, as it stands in a query, too.
fn form(pairs: &[(&str, &str)]) -> String {
    let pairs = pairs.iter().map(|(name, value)| format!("{name}={}", encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// 12 hours, in seconds: as long as a sign-in here lasts.
const OLDEST: &str = "43200";

/// 60 seconds: it is sent at once.
const ASSERTION_LIVES: i64 = 60;
