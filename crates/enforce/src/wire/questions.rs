//! Questions and answers on the wire: credentials, codes, membership.

use std::collections::BTreeSet;

use bartizan_model::{
    AppName, CredentialDigest, CredentialKind, RequestId, Revision, Secret, SessionId, Timestamp,
};

use super::facts::{decode_subject, encode_service, encode_user};
use super::generated::{self as pb, resolution};
use super::{WireError, fixed, given, text};
use crate::feed::Subscription;
use crate::membership::{PointIdentity, PointScope};
use crate::sessions::{Audience, Redemption, Resolution, Resolved, Ticket};

pub(super) fn encode_resolution(resolution: &Resolution) -> pb::Resolution {
    let resolved = &resolution.resolved;
    pb::Resolution {
        subscription: resolution.subscription.get(),
        revision: resolution.revision.get(),
        session: resolved.session.as_bytes().to_vec(),
        user: encode_user(&resolved.subject),
        service: encode_service(&resolved.subject),
        kind: match resolved.kind {
            CredentialKind::SignIn => pb::Kind::SignIn,
            CredentialKind::App => pb::Kind::App,
            CredentialKind::Code => pb::Kind::Code,
            CredentialKind::Token => pb::Kind::Token,
        }
        .into(),
        audience: Some(match &resolved.audience {
            Audience::Host(host) => resolution::Audience::Host(host.clone()),
            Audience::Apps(apps) => {
                resolution::Audience::Apps(pb::Apps { names: apps.iter().map(ToString::to_string).collect() })
            }
        }),
        ends: resolved.ends.map(Timestamp::as_micros),
        ticket: resolution.ticket.as_bytes().to_vec(),
    }
}

pub(super) fn decode_resolution(resolution: pb::Resolution) -> Result<Resolution, WireError> {
    let kind = match resolution.kind() {
        pb::Kind::SignIn => CredentialKind::SignIn,
        pb::Kind::App => CredentialKind::App,
        pb::Kind::Code => CredentialKind::Code,
        pb::Kind::Token => CredentialKind::Token,
        pb::Kind::Unspecified => return Err(WireError::new("resolution.kind", resolution.kind)),
    };
    let audience = match given("resolution.audience", resolution.audience)? {
        resolution::Audience::Host(host) => Audience::Host(host),
        resolution::Audience::Apps(apps) => Audience::Apps(app_names("resolution.apps", &apps.names)?),
    };
    Ok(Resolution {
        subscription: Subscription::new(resolution.subscription),
        revision: Revision::new(resolution.revision),
        resolved: Resolved {
            session: SessionId::from_bytes(fixed("resolution.session", &resolution.session)?),
            subject: decode_subject("resolution.subject", &resolution.user, &resolution.service)?,
            kind,
            audience,
            ends: resolution.ends.map(Timestamp::from_micros),
        },
        ticket: Ticket::from_bytes(fixed("resolution.ticket", &resolution.ticket)?),
    })
}

pub(super) fn encode_redemption(redemption: &Redemption) -> pb::RedeemRequest {
    pb::RedeemRequest {
        code: redemption.code.as_bytes().to_vec(),
        host: redemption.host.clone(),
        verifier: redemption.verifier.expose(|verifier| verifier.to_vec()),
        credential: redemption.credential.as_bytes().to_vec(),
        source: redemption.source.to_string(),
        request_id: redemption.request_id.as_bytes().to_vec(),
    }
}

pub(super) fn decode_redemption(request: pb::RedeemRequest) -> Result<Redemption, WireError> {
    if request.host.len() > LONGEST_HOST {
        return Err(WireError::new("redeem.host", "longer than any host"));
    }
    Ok(Redemption {
        code: CredentialDigest::from_bytes(fixed("redeem.code", &request.code)?),
        host: request.host,
        verifier: Secret::new(fixed("redeem.verifier", &request.verifier)?),
        credential: CredentialDigest::from_bytes(fixed("redeem.credential", &request.credential)?),
        source: text("redeem.source", &request.source)?,
        request_id: RequestId::from_bytes(fixed("redeem.request_id", &request.request_id)?),
    })
}

pub(super) fn encode_scope(scope: &PointScope) -> pb::PointScope {
    match scope {
        PointScope::Apps => pb::PointScope { all: true, apps: Vec::new() },
        PointScope::Only(apps) => {
            pb::PointScope { all: false, apps: apps.iter().map(ToString::to_string).collect() }
        }
    }
}

pub(super) fn decode_scope(scope: Option<pb::PointScope>) -> Result<PointScope, WireError> {
    let scope = given("scope", scope)?;
    match (scope.all, scope.apps.is_empty()) {
        (true, true) => Ok(PointScope::Apps),
        (false, false) => Ok(PointScope::Only(app_names("scope.apps", &scope.apps)?)),
        (true, false) | (false, true) => Err(WireError::new("scope", "it is all apps, or some")),
    }
}

pub(super) fn encode_identity(identity: PointIdentity) -> pb::Identity {
    pb::Identity { chain: identity.chain, authority: identity.authority }
}

pub(super) fn decode_identity(identity: Option<pb::Identity>) -> Result<PointIdentity, WireError> {
    let pb::Identity { chain, authority } = given("identity", identity)?;
    if chain.is_empty() || authority.is_empty() {
        return Err(WireError::new("identity", "a certificate is missing"));
    }
    Ok(PointIdentity { chain, authority })
}

fn app_names(field: &'static str, names: &[String]) -> Result<BTreeSet<AppName>, WireError> {
    names.iter().map(|name| text(field, name)).collect()
}

const LONGEST_HOST: usize = 253;
