//! `bartizan login`, `bartizan logout`, `bartizan whoami`.

use std::time::Duration;

use serde_json::{Value, json};

use crate::args::{Global, Login};
use crate::client::{Client, Trust};
use crate::login::{Browser, Folder, Kept, Provider, in_the_browser, on_another_device};
use crate::output::{Ended, FAILED, Failure, NOT_SIGNED_IN, USAGE, data, talk};

/// Signs in, and keeps what came of it.
pub(super) async fn login(global: &Global, asked: &Login) -> Ended {
    if global.token_file.is_some() {
        talk("note: --token-file has no part in this: the token is made, and kept");
    }
    let folder = Folder::of_user().ok_or_else(|| {
        Failure::new(FAILED, "there is no place to keep a sign-in: set HOME or XDG_CONFIG_HOME")
    })?;
    // Whoever signs in again need not say where.
    let before = folder.read()?;
    let server = global.server.clone().or_else(|| before.as_ref().map(|kept| kept.server.clone()));
    let server = server.ok_or_else(|| {
        Failure::new(USAGE, "say which deployment: bartizan login --server https://console.example.com")
    })?;
    let known = before.as_ref().filter(|kept| kept.server == server);
    let trust = match (&global.ca, known) {
        (Some(file), _) => Trust::of_file(file)?,
        (None, Some(kept)) => kept.trust(),
        (None, None) => Trust::Machine,
    };
    let provider = Provider::of(&server, &trust).await?;
    let browser = if asked.no_browser { None } else { Browser::of_user() };
    let here = match browser {
        Some(browser) => in_the_browser(&provider, &browser).await?,
        None => None,
    };
    let given = match here {
        Some(given) => given,
        None => on_another_device(&provider).await?,
    };
    if let Some(before) = &before {
        let server = &before.server;
        match tokio::time::timeout(PATIENCE, end(before)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => {
                talk(&format!(
                    "note: the token that was kept for {server} could not be ended; it ends with its sign-in"
                ));
            }
        }
    }
    let kept = Kept::new(server, provider.issuer.clone(), &trust, &given.token, given.expires);
    folder.write(&kept)?;
    talk(&format!("Signed in to {} until {} at the latest.", kept.server, kept.expires));
    if global.is_json() {
        return data(&json!({ "server": kept.server, "expires": kept.expires }).to_string());
    }
    Ok(())
}

/// Ends it.
pub(super) async fn logout(_global: &Global) -> Ended {
    let Some(folder) = Folder::of_user() else { return nobody() };
    let Some(kept) = folder.read()? else { return nobody() };
    let ended = end(&kept).await;
    // Whether or not it could be ended there: here nobody uses it any more.
    folder.remove()?;
    ended.map_err(|failure| {
        let then = "it is forgotten here, but may be good until the sign-in ends: end that on the page of your account";
        Failure::new(failure.code, format!("the token could not be ended ({}): {then}", failure.message))
    })?;
    talk(&format!("Signed out of {}.", kept.server));
    Ok(())
}

/// Ends a token where it was made.
async fn end(kept: &Kept) -> Ended {
    let provider = Provider::kept(&kept.server, &kept.issuer, &kept.trust())?;
    provider.revoke(&kept.any_token()).await
}

fn nobody() -> Ended {
    Err(Failure::new(NOT_SIGNED_IN, "nobody is signed in here: sign in with `bartizan login --server URL`"))
}

/// Says whose the token is.
pub(super) async fn whoami(global: &Global) -> Ended {
    let found = Client::from_options(global)?.get("/api/v1/whoami").await?;
    if global.is_json() {
        return data(&found.to_string());
    }
    let text = |of: &Value, field: &str| of.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let session = found.get("session").cloned().unwrap_or_default();
    data(&format!("{} ({})", text(&found, "user"), text(&found, "display")))?;
    let level = text(&session, "level");
    data(&format!(
        "signed in {}, {level}, until {} at the latest",
        text(&session, "auth_time"),
        text(&session, "ends")
    ))
}

/// 5 seconds: the deployment of the sign-in before may be gone.
const PATIENCE: Duration = Duration::from_secs(5);
