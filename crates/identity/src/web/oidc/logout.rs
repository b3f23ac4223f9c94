//! A client sends somebody here to sign out (OpenID Connect RP-Initiated Logout 1.0).

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use bartizan_model::ClientName;

use crate::oidc::request::encoded;
use crate::web::Auth;
use crate::web::answer::Onward;
use crate::web::asked::Asked;
use crate::web::broken::Broken;
use crate::web::cookies;

/// Signs out at once whoever the hint is about; everybody else is asked, for anybody can send a browser here.
pub(super) async fn logout(State(auth): State<Arc<Auth>>, asked: Asked) -> Result<Response, Broken> {
    let issuer = auth.issuer();
    let hinted = match asked.parameter("id_token_hint") {
        Some(hint) => auth.provider.hinted(hint, &issuer).await?,
        None => None,
    };
    let Some((client, session)) = hinted else { return Ok(Onward::to("/sign-out").into_response()) };
    let named = asked.parameter("client_id").is_none_or(|named| named == client);
    let to = match client.parse::<ClientName>() {
        Ok(name) if named => after(&auth, &asked, &name).await?,
        Ok(_) | Err(_) => None,
    };
    match asked.signed_in {
        Some((here, user)) if here.to_string() == session => {
            auth.flow.sign_ins().end(&[here], "signed_out", &user.to_string()).await?;
            let to = to.unwrap_or_else(|| String::from("/signed-out"));
            Ok(Onward::to(to).cookie(cookies::remove(cookies::SIGN_IN)).into_response())
        }
        // Somebody else, or another sign-in: theirs is not for this client to end.
        Some(_) => Ok(Onward::to("/sign-out").into_response()),
        None => Ok(Onward::to(to.unwrap_or_else(|| String::from("/signed-out"))).into_response()),
    }
}

/// Where the client wants them to go then, if it has registered that.
async fn after(auth: &Auth, asked: &Asked, client: &ClientName) -> Result<Option<String>, Broken> {
    let Some(uri) = asked.parameter("post_logout_redirect_uri") else { return Ok(None) };
    let client = auth.provider.client(client).await?;
    let known = client
        .is_some_and(|client| client.spec.post_logout_redirect_uris.iter().any(|known| known.admits(uri)));
    let state = asked.parameter("state").map(|state| {
        let separator = if uri.contains('?') { '&' } else { '?' };
        format!("{separator}state={}", encoded(state))
    });
    Ok(known.then(|| format!("{uri}{}", state.unwrap_or_default())))
}
