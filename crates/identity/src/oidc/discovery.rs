//! What clients may find here (OIDC Discovery, 3; RFC 8414, 2; RFC 8628, 4; Back-Channel Logout, 2.1). Nothing is announced that is not served.

use bartizan_pki::SigningAlgorithm;
use serde_json::{Value, json};

use crate::clients::{ClientAuth, GrantType};

/// Where each endpoint is.
pub(crate) mod paths {
    pub(crate) const OPENID_CONFIGURATION: &str = "/.well-known/openid-configuration";
    pub(crate) const AUTHORIZATION_SERVER: &str = "/.well-known/oauth-authorization-server";
    pub(crate) const JWKS: &str = "/oauth2/jwks";
    /// Where identity providers say that a sign-in has ended.
    pub(crate) const PROVIDER_LOGOUT: &str = "/oauth2/provider-logout";
    pub(crate) const AUTHORIZE: &str = "/oauth2/authorize";
    pub(crate) const DEVICE_AUTHORIZATION: &str = "/oauth2/device_authorization";
    /// Where people type the code that a device shows.
    pub(crate) const DEVICE: &str = "/device";
    pub(crate) const PAR: &str = "/oauth2/par";
    pub(crate) const TOKEN: &str = "/oauth2/token";
    pub(crate) const USERINFO: &str = "/oauth2/userinfo";
    pub(crate) const INTROSPECT: &str = "/oauth2/introspect";
    pub(crate) const REVOKE: &str = "/oauth2/revoke";
    pub(crate) const LOGOUT: &str = "/oauth2/logout";
}

/// The document of this issuer.
pub(crate) fn document(issuer: &str) -> Value {
    let at = |path: &str| format!("{issuer}{path}");
    let auth: Vec<&str> = ClientAuth::ALL.iter().map(|auth| auth.as_str()).collect();
    // Whoever proves nothing may not ask about tokens.
    let proving: Vec<&str> = auth.iter().copied().filter(|auth| *auth != ClientAuth::None.as_str()).collect();
    json!({
        "issuer": issuer,
        "authorization_endpoint": at(paths::AUTHORIZE),
        "pushed_authorization_request_endpoint": at(paths::PAR),
        "device_authorization_endpoint": at(paths::DEVICE_AUTHORIZATION),
        "token_endpoint": at(paths::TOKEN),
        "userinfo_endpoint": at(paths::USERINFO),
        "introspection_endpoint": at(paths::INTROSPECT),
        "revocation_endpoint": at(paths::REVOKE),
        "end_session_endpoint": at(paths::LOGOUT),
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "jwks_uri": at(paths::JWKS),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": GrantType::ALL.iter().map(|grant| grant.asked_as()).collect::<Vec<_>>(),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported":
            SigningAlgorithm::ALL.map(SigningAlgorithm::as_str),
        "scopes_supported": ["openid", "profile", "email", "groups"],
        "claims_supported": [
            "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", "sid", "act",
            "name", "preferred_username", "email", "email_verified", "groups",
        ],
        "acr_values_supported": ["basic", "strong"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": auth,
        "token_endpoint_auth_signing_alg_values_supported": SIGNATURES,
        "revocation_endpoint_auth_methods_supported": auth,
        "revocation_endpoint_auth_signing_alg_values_supported": SIGNATURES,
        "introspection_endpoint_auth_methods_supported": proving,
        "introspection_endpoint_auth_signing_alg_values_supported": SIGNATURES,
        "dpop_signing_alg_values_supported": SIGNATURES,
        "authorization_response_iss_parameter_supported": true,
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "ui_locales_supported": ["en", "de", "fr", "es"],
    })
}

/// What the keys of clients may sign with.
const SIGNATURES: [&str; 9] =
    ["ES256", "ES384", "EdDSA", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512"];
