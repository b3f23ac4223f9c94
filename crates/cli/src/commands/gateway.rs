//! `bartizan gateway`.

use std::sync::Arc;

use bartizan_pki::JoinToken;
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use crate::apart::{Apart, Config, listen};
use crate::args::{Gateway, Global};
use crate::health::{Health, Server};
use crate::output::{Ended, Failure, USAGE, data, talk};

pub(super) async fn run(global: &Global, gateway: Gateway, join: Option<JoinToken>) -> Ended {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    // Before the rest, so that who asks while it waits for control is told so.
    let health = Health::new();
    let told = gateway.health.map(|address| Server::start(address, Arc::clone(&health))).transpose()?;
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
    health.started(apart.serve(listener)?);
    let watched = told.as_ref().map(|told| told.address().to_string());
    let (point, domain) = apart.who();
    if global.is_json() {
        data(
            &json!({ "point": point, "domain": domain, "listen": address.to_string(), "health": watched })
                .to_string(),
        )?;
    } else {
        talk(&format!("Bartizan serves apps of {domain} on {address}, as enforcement point {point}"));
        if let Some(watched) = watched {
            talk(&format!("Health at http://{watched}/readyz, metrics at http://{watched}/metrics"));
        }
    }
    if let Err(error) = sd_notify::notify(&[sd_notify::NotifyState::Ready]) {
        tracing::warn!(%error, "the supervisor cannot be told how it stands");
    }
    tokio::select! {
        _ = interrupt.recv() => (),
        _ = terminate.recv() => (),
        () = health.beat() => (),
    }
    health.drain();
    apart.stop().await;
    if let Some(told) = told {
        told.stop().await;
    }
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
