//! From a head to a request of somebody: whose credential does it carry, and is it good here?
//!
//! A credential that nobody knows, or that is for another place, is as good as none: the request is nobody's, and goes on as
//! such, so that its refusal is a decision like any other, with evidence.

use std::sync::Arc;

use bartizan_enforce::{Audience, Caller, Enforcer, ResolveError, Resolved};
use bartizan_model::{Action, AppFacts, CredentialKind, HttpFacts, PresentedCredential, Resource, Subject};

use crate::request::{BadRequest, CanonicalRequest, Head, Presented};

/// Whose host a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HostKind {
    /// Of Bartizan itself: sign-in, portal, console.
    Own,
    /// The same, at a path that programs call from anywhere.
    OwnCalled,
    /// The same, at a path below which programs call with a token of ours.
    OwnWithToken,
    /// Of an app behind the gateway.
    App,
}

/// Why it could not be said whose a request is.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unauthenticated {
    /// The credential is of the wrong kind for this host.
    #[error(transparent)]
    Bad(#[from] BadRequest),
    /// Another site makes a person's browser do this.
    #[error("the request comes from another site")]
    CrossSite,
    /// Nothing could be asked about the credential.
    #[error(transparent)]
    Unresolved(#[from] ResolveError),
}

/// Finds out whose the request is.
pub(crate) async fn authenticate(
    head: Arc<Head>,
    app: &AppFacts,
    kind: HostKind,
    enforcer: &Enforcer,
) -> Result<CanonicalRequest, Unauthenticated> {
    if kind == HostKind::OwnCalled {
        // Nothing that a browser brings along by itself says who calls.
        return Ok(of_somebody(head, app, None, enforcer));
    }
    if kind == HostKind::OwnWithToken {
        let resolved = match head.presented() {
            Some(Presented::Token(token)) => resolve(token, &head, app, enforcer).await?,
            // A cookie goes wherever a browser goes.
            Some(Presented::Cookie(_)) | None => None,
        };
        return Ok(of_somebody(head, app, resolved.as_deref(), enforcer));
    }
    check_form(&head, app)?;
    let resolved = match head.presented() {
        None => None,
        Some(Presented::Token(token)) => resolve(token, &head, app, enforcer).await?,
        Some(Presented::Cookie(cookie)) => {
            check_cookie_kind(cookie, app)?;
            check_site(&head, kind)?;
            resolve(cookie, &head, app, enforcer).await?
        }
    };
    Ok(of_somebody(head, app, resolved.as_deref(), enforcer))
}

async fn resolve(
    credential: &PresentedCredential,
    head: &Head,
    app: &AppFacts,
    enforcer: &Enforcer,
) -> Result<Option<Arc<Resolved>>, ResolveError> {
    let resolved = enforcer.resolve(credential, head.source()).await?;
    let resolved =
        resolved.filter(|resolved| resolved.kind == credential.kind() && is_for(&resolved.audience, app));
    // A sign-in that is worth nothing any more must not stand in the way of the next: where people sign in, it is
    // nobody's.
    let sign_in = app.name.as_str() == SIGN_IN;
    Ok(resolved.filter(|resolved| !sign_in || enforcer.stands(resolved)))
}

/// Whether a credential is good at this app.
fn is_for(audience: &Audience, app: &AppFacts) -> bool {
    match audience {
        Audience::Host(host) => *host == app.host,
        Audience::Apps(apps) => apps.contains(&app.name),
    }
}

/// The sign-in cookie is good at sign-in only, the cookie of an app everywhere else.
fn check_cookie_kind(cookie: &PresentedCredential, app: &AppFacts) -> Result<(), BadRequest> {
    let expected = if app.name.as_str() == SIGN_IN { CredentialKind::SignIn } else { CredentialKind::App };
    if cookie.kind() == expected { Ok(()) } else { Err(BadRequest::Credentials) }
}

/// A browser sends a cookie whoever made it send the request. On our own hosts nothing may be changed for another site; at an
/// app that is the app's to say, except for a WebSocket, which no same-origin rule protects (RFC 6455, 10.2).
fn check_site(head: &Head, kind: HostKind) -> Result<(), Unauthenticated> {
    let must_be_same = match kind {
        HostKind::Own | HostKind::OwnCalled | HostKind::OwnWithToken => {
            !head.method().is_safe() || head.is_websocket()
        }
        HostKind::App => head.is_websocket(),
    };
    if must_be_same && !head.is_same_origin() { Err(Unauthenticated::CrossSite) } else { Ok(()) }
}

/// A sign-in form is believed only from a page of ours, though it carries no cookie yet: else another site could sign
/// somebody's browser in as the attacker.
fn check_form(head: &Head, app: &AppFacts) -> Result<(), Unauthenticated> {
    let form = app.name.as_str() == SIGN_IN && !head.method().is_safe();
    let by_token = matches!(head.presented(), Some(Presented::Token(_)));
    if form && !by_token && !head.is_same_origin() { Err(Unauthenticated::CrossSite) } else { Ok(()) }
}

fn of_somebody(
    head: Arc<Head>,
    app: &AppFacts,
    resolved: Option<&Resolved>,
    enforcer: &Enforcer,
) -> CanonicalRequest {
    let device =
        resolved.and_then(|resolved| enforcer.session(resolved.session)).and_then(|session| session.device);
    let caller = Caller {
        subject: resolved.map_or(Subject::Anonymous, |resolved| resolved.subject.clone()),
        session: resolved.map(|resolved| resolved.session),
        device,
        credential: resolved.map(|resolved| resolved.kind),
        credential_ends: resolved.and_then(|resolved| resolved.ends),
        source: head.source(),
        request_id: head.request_id(),
        user_agent: head.user_agent().map(Arc::clone),
    };
    let (clock, entropy) = (enforcer.clock().as_ref(), enforcer.entropy().as_ref());
    let action = Action::of_method(head.method().as_str());
    let mut access = caller.asks(Resource::App(app.name.clone()), action, clock, entropy);
    access.http = Some(Arc::new(HttpFacts {
        method: head.method().as_str().to_owned(),
        host: head.host().to_owned(),
        path: head.path().to_owned(),
    }));
    CanonicalRequest::new(head, access, caller)
}

/// The name of our own app that signs people in.
pub(crate) const SIGN_IN: &str = "auth";
