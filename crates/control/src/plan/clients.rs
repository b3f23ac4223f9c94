//! Clients: complete, and each with a way to prove who it is that it can use.

use bartizan_identity::{ClientAuth, ClientSpec, GrantType};
use bartizan_model::{ClientName, ObjectKind};
use bartizan_policy::Finding;
use serde_json::Value;

use super::{Plan, Stored};
use crate::files::Files;

pub(super) fn plan(stored: &Stored, files: &Files, plan: &mut Plan, findings: &mut Vec<Finding>) {
    for (name, declared) in &files.clients {
        let was = stored.clients.get(name);
        let spec = declared.patch.onto(was.map(|(_, spec)| spec));
        let mut missing = |message: String, help: &str| {
            findings.push(declared.place.error_with_help(message, help));
        };
        if spec.grants.contains(&GrantType::AuthorizationCode) && spec.redirect_uris.is_empty() {
            missing(
                format!("client `{name}` has no `redirect_uris`"),
                "say where it may be answered: the program's documentation has the address",
            );
        }
        if spec.auth == ClientAuth::PrivateKeyJwt && spec.jwks.is_none() {
            missing(
                format!("client `{name}` has no `jwks`, by which `private_key_jwt` is checked"),
                "put its public keys there as JSON",
            );
        }
        if spec.auth != ClientAuth::PrivateKeyJwt && spec.jwks.is_some() {
            missing(
                format!("client `{name}` has `jwks`, which nothing uses"),
                "say auth = \"private_key_jwt\", or leave `jwks` out",
            );
        }
        if spec.auth == ClientAuth::FederatedJwt && spec.trust.is_empty() {
            missing(
                format!("client `{name}` has no `[[client.trust]]`, by which `federated_jwt` is checked"),
                "say whose tokens are its: issuer, and the claims that they have",
            );
        }
        if spec.auth != ClientAuth::FederatedJwt && !spec.trust.is_empty() {
            missing(
                format!("client `{name}` has `[[client.trust]]`, which nothing uses"),
                "say auth = \"federated_jwt\", or leave it out",
            );
        }
        let exchanges = spec.grants.contains(&GrantType::TokenExchange);
        if exchanges && spec.auth == ClientAuth::None {
            missing(
                format!("client `{name}` proves nothing, so it may not have `token_exchange`"),
                "give it another `auth`: whoever knows its name could act in its place",
            );
        }
        if exchanges && spec.consent {
            missing(
                format!("client `{name}` has `consent`, so it may not have `token_exchange`"),
                "nobody is there to be asked when it brings a token: leave one of the two out",
            );
        }
        if exchanges && !spec.exchanges_from.is_empty() && spec.audiences.is_empty() {
            missing(
                format!(
                    "client `{name}` has no `audiences`, so no token is said to it that it could exchange"
                ),
                "list its own address there, and those of the servers that it calls",
            );
        }
        if !exchanges && !spec.exchanges_from.is_empty() {
            missing(
                format!("client `{name}` has `exchanges_from`, which nothing uses"),
                "add \"token_exchange\" to its `grants`, or leave it out",
            );
        }
        let unknown =
            |from: &&ClientName| !stored.clients.contains_key(*from) && !files.clients.contains_key(*from);
        if let Some(from) = declared.patch.exchanges_from.iter().flatten().find(unknown) {
            missing(
                format!("client `{name}` has `{from}` in `exchanges_from`, and there is no such client"),
                "whoever made a client of that name later would be trusted: declare it first",
            );
        }
        let value = |spec: &ClientSpec| serde_json::to_value(spec).unwrap_or(Value::Null);
        plan.put(
            ObjectKind::Client,
            name.as_str(),
            value(&spec),
            was.map(|(revision, spec)| (*revision, value(spec))),
        );
    }
}
