//! A person's own account: where they are signed in, and what with.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use bartizan_model::{AppName, SessionId, UserId};

use super::Auth;
use super::answer::{Onward, Shown};
use super::asked::{Asked, Fields};
use super::broken::{Broken, Cause};
use super::provider::LINK;
use super::sign_in::login;
use crate::error::Error;
use crate::pages::account::Done;
use crate::pages::claim::recovery_codes;
use crate::pages::{Form, Homes, Reader, account, token};
use crate::token::TokenRequest;

pub(super) async fn show(State(auth): State<Arc<Auth>>, asked: Asked) -> Result<Response, Broken> {
    let Some((session, user)) = asked.signed_in else {
        return Ok(Onward::to("/sign-in").into_response());
    };
    Ok(page(&auth, asked.reader, session, user, None).await?.into_response())
}

pub(super) async fn page(
    auth: &Auth,
    reader: Reader,
    here: SessionId,
    user: UserId,
    done: Option<Done>,
) -> Result<Shown, Error> {
    let flow = &auth.flow;
    let attributes = flow.people().get(user).await?.and_then(|person| person.attributes);
    let (name, login) =
        attributes.map(|attributes| (attributes.display, attributes.login)).unwrap_or_default();
    let mut sessions = flow.sign_ins().list(Some(user)).await?;
    sessions.sort_by_key(|session| std::cmp::Reverse(session.created));
    let mut rows = Vec::new();
    for session in &sessions {
        let place = flow.people().place(session).await?;
        rows.push((session, place, format!("/sessions/end?id={}", session.facts.id)));
    }
    let sessions: Vec<account::Session<'_>> = rows
        .iter()
        .map(|(session, place, end_action)| account::Session {
            began: session.created,
            from: place.as_ref(),
            which: if session.facts.id == here { account::Which::This } else { account::Which::Other },
            end_action,
        })
        .collect();
    let enrolled = flow.factors().enrolled(user).await?;
    let permitted = flow.permitted(user).await?;
    let passkeys: Vec<_> = flow
        .factors()
        .passkeys(user)
        .await?
        .into_iter()
        .map(|passkey| {
            let key = passkey.key().to_string();
            let action = |verb: &str| format!("/passkeys/{verb}?key={key}");
            (action("rename"), action("remove"), key, passkey)
        })
        .collect();
    let passkeys: Vec<account::Passkey<'_>> = passkeys
        .iter()
        .map(|(rename_action, remove_action, key, known)| account::Passkey {
            known,
            key,
            rename_action,
            remove_action: permitted.remove_passkeys.contains(&known.key()).then_some(remove_action),
        })
        .collect();
    let known = flow.providers_of(&auth.federation, user).await?;
    let providers: Vec<account::Provider<'_>> = known
        .iter()
        .map(|(provider, bond)| account::Provider {
            title: provider.title(),
            bond: *bond,
            link_url: format!("/provider/{}?for={LINK}", provider.name),
            part_action: format!("/provider/{}/part", provider.name),
        })
        .collect();
    let portal = auth.portal();
    let view = account::View {
        here: "/",
        home: homes(&portal),
        csrf: &flow.form_token(here)?,
        done,
        name: &name,
        login: &login,
        sessions: &sessions,
        factors: enrolled.as_ref(),
        passkeys: &passkeys,
        add_passkey_url: "/passkeys/new",
        password: account::Ways {
            url: permitted.set_password.then_some("/password"),
            remove_action: permitted.remove_password.then_some("/password/remove"),
        },
        app: account::Ways {
            url: Some("/authenticator"),
            remove_action: permitted.remove_app.then_some("/authenticator/remove"),
        },
        providers: &providers,
        new_codes_action: "/recovery-codes",
        token_action: "/token",
        sign_out_action: "/sign-out",
        sign_out_everywhere_action: "/sign-out/everywhere",
        now: auth.clock.now(),
    };
    Ok(Shown::new(account::page(&view, reader)))
}

/// The other pages of the person.
const fn homes(portal: &str) -> Homes<'_> {
    // These pages are on this host.
    Homes { portal, account: "" }
}

/// Ends one of the person's own sessions.
pub(super) async fn end_session(
    State(auth): State<Arc<Auth>>,
    asked: Asked,
    fields: Fields,
) -> Result<Response, Broken> {
    let (session, user) = own(&auth, &asked, &fields)?;
    let meant: Option<SessionId> = asked.parameter("id").and_then(|id| id.parse().ok());
    let theirs = auth.flow.sign_ins().list(Some(user)).await?;
    let theirs: Vec<_> =
        theirs.iter().map(|record| record.facts.id).filter(|id| Some(*id) == meant).collect();
    let ended = auth.flow.sign_ins().end(&theirs, "signed_out", &user.to_string()).await?;
    let done = match ended.sessions.is_empty() {
        false => Done::Ended,
        true => Done::HadEnded,
    };
    Ok(page(&auth, asked.reader, session, user, Some(done)).await?.into_response())
}

/// New recovery codes in the place of the old. Whoever finds a browser open cannot take the account over by them: a code
/// of the app is asked for, unless one was just given.
pub(super) async fn new_codes(
    State(auth): State<Arc<Auth>>,
    asked: Asked,
    fields: Fields,
) -> Result<Response, Broken> {
    let (session, user) = own(&auth, &asked, &fields)?;
    let Some(codes) = auth.flow.new_codes((session, user), &asked.visit).await? else {
        return Ok(Onward::to("/confirm").into_response());
    };
    let codes: Vec<String> = codes.codes().iter().map(|code| code.expose(Clone::clone)).collect();
    let login = login(&auth, user).await?;
    let view = recovery_codes::View {
        form: Form { action: "/kept", csrf: &auth.flow.form_token(session)?, onward: &[] },
        occasion: recovery_codes::Occasion::Renewal,
        login: &login,
        codes: &codes,
    };
    Ok(Shown::new(recovery_codes::page(&view, asked.reader)).into_response())
}

/// A token for the commands of this person, at one app. Whether they may have it is decided as everything is.
pub(super) async fn new_token(
    State(auth): State<Arc<Auth>>,
    asked: Asked,
    fields: Fields,
) -> Result<Response, Broken> {
    own(&auth, &asked, &fields)?;
    let name = fields.text("app");
    let no_app = || {
        let shown: String = name.trim().chars().take(64).collect();
        Broken::bad(Cause::NoToken { app: shown }).of(&asked.caller)
    };
    let app: AppName = name.trim().parse().map_err(|_form| no_app())?;
    let enforcer = &auth.enforcer;
    let request =
        TokenRequest::new(&asked.caller, app.clone(), enforcer.clock().as_ref(), enforcer.entropy().as_ref());
    let granted = enforcer.admit(request).await.map_err(|denial| {
        tracing::info!(reason = %denial.reason, app = %app, "a token was denied");
        no_app()
    })?;
    let issued = auth.flow.sign_ins().issue_token(&[granted], None).await?;
    let portal = auth.portal();
    let home = homes(&portal);
    let view = |token: &str| token::page(&token::View { home, app: app.as_str(), token }, asked.reader);
    Ok(Shown::new(issued.text.expose(|text| view(text))).into_response())
}

/// The person has kept their codes: nothing changes, but the page with them is left.
pub(super) async fn kept() -> Response {
    Onward::to("/").into_response()
}

/// The session whose page a form is of.
pub(super) fn own(auth: &Auth, asked: &Asked, fields: &Fields) -> Result<(SessionId, UserId), Broken> {
    let own = asked.signed_in.filter(|(session, _)| fields.is_of_session(auth, *session));
    own.ok_or_else(|| Broken::stale(String::from("/")).of(&asked.caller))
}
