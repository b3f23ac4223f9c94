//! `bartizan gateway`.

use bartizan_pki::JoinToken;
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use crate::apart::{Apart, Config, listen};
use crate::args::{Gateway, Global};
use crate::output::{Ended, Failure, USAGE, data, talk};

pub(super) async fn run(global: &Global, gateway: Gateway, join: Option<JoinToken>) -> Ended {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let listener = listen(gateway.listen)?;
    let address = listener.local_addr()?;
    let started = async {
        let apart = Apart::start(Config { dir: gateway.dir, join }).await?;
        apart.ready().await;
        anyhow::Ok(apart)
    };
    let apart = tokio::select! {
        started = started => started?,
        _ = interrupt.recv() => return Ok(()),
        _ = terminate.recv() => return Ok(()),
    };
    apart.serve(listener)?;
    let (point, domain) = apart.who();
    if global.is_json() {
        data(&json!({ "point": point, "domain": domain, "listen": address.to_string() }).to_string())?;
    } else {
        talk(&format!("Bartizan serves apps of {domain} on {address}, as enforcement point {point}"));
    }
    if let Err(error) = sd_notify::notify(&[sd_notify::NotifyState::Ready]) {
        tracing::warn!(%error, "the supervisor cannot be told how it stands");
    }
    tokio::select! {
        _ = interrupt.recv() => (),
        _ = terminate.recv() => (),
    }
    apart.stop().await;
    Ok(())
}

/// What to join with: from the command line, or from a file, where other users of this machine do not see it.
pub(super) fn join_token(gateway: &Gateway) -> Result<Option<JoinToken>, Failure> {
    let text = match (&gateway.join, &gateway.join_file) {
        (Some(text), _) => text.clone(),
        (None, Some(path)) => std::fs::read_to_string(path)
            .map_err(|error| Failure::new(USAGE, format!("cannot read `{}`: {error}", path.display())))?,
        (None, None) => return Ok(None),
    };
    let token = JoinToken::parse(text.trim());
    token.map(Some).map_err(|error| Failure::new(USAGE, format!("--join: {error}")))
}
