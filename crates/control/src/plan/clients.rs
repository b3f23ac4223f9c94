//! Clients: complete, and each with a way to prove who it is that it can use.

use bartizan_identity::{ClientAuth, ClientSpec, GrantType};
use bartizan_model::ObjectKind;
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
        let value = |spec: &ClientSpec| serde_json::to_value(spec).unwrap_or(Value::Null);
        plan.put(
            ObjectKind::Client,
            name.as_str(),
            value(&spec),
            was.map(|(revision, spec)| (*revision, value(spec))),
        );
    }
}
