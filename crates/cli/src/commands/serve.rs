//! `bartizan serve`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use sd_notify::NotifyState;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::args::Global;
use crate::config::{Config, Service};
use crate::deployment::{self, Deployment};
use crate::health::{Health, Server};
use crate::logging::say;
use crate::output::{CONFLICT, Ended, FAILED, Failure, data};
use crate::sockets::Sockets;

pub(super) async fn run(global: &Global, config: Config) -> Ended {
    let dir = config.data_dir.clone();
    if !dir.is_dir() {
        let message = format!(
            "there is no data directory `{}`: `bartizan init` makes one, with a first administrator",
            dir.display()
        );
        return Err(Failure::new(FAILED, message));
    }
    if let crate::lock::Claim::Theirs(process) = crate::lock::claim(&dir)? {
        let who = process.map_or_else(|| String::from("another process"), |id| format!("process {id}"));
        let message = format!("the data directory `{}` is in use by {who}: stop it first", dir.display());
        return Err(Failure::new(CONFLICT, message));
    }
    // First, so that who asks while everything else starts is told that it is starting.
    let health = Health::new();
    let told = config.health.map(|address| Server::start(address, Arc::clone(&health))).transpose()?;
    let (mut sockets, mut listeners) = (Sockets::given(), Vec::new());
    for listener in &config.listeners {
        let bound = sockets.listen(listener.address)?;
        listeners.push((bound, listener.serves.clone(), listener.proxies.clone()));
    }
    let plain = config.redirect.map(|address| sockets.listen(address)).transpose()?;
    let plain_address = plain.as_ref().map(TcpListener::local_addr).transpose()?;
    sockets.rest();
    let deployment = Deployment::start(deployment::Config {
        dir,
        domain: config.domain.clone(),
        authority_valid_for: AUTHORITY,
    })
    .await?;
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let mut ports = BTreeMap::new();
    let mut listening = Vec::new();
    for ((bound, serves, _), listener) in listeners.iter().zip(&config.listeners) {
        let address = bound.local_addr()?;
        // Told to listen on a port of the system's choice (0), clients use that one.
        let port = if listener.public_port == 0 { address.port() } else { listener.public_port };
        for service in serves {
            ports.entry(*service).or_insert(port);
        }
        let names = Service::ALL.iter().filter(|(_, service)| serves.contains(service));
        let names: Vec<&str> = names.map(|(name, _)| *name).collect();
        listening.push((address, names));
    }
    let counters = deployment.serve_on(listeners, plain, &ports)?;
    health.started(deployment.watched(counters));
    let health_address = told.as_ref().map(Server::address);
    let console = ports.get(&Service::Console).map(|port| super::init::console(&config.domain, *port));
    if global.is_json() {
        let ca = deployment.ca_path();
        let first = listening.first().map(|(address, _)| address.to_string());
        let all: Vec<_> = listening
            .iter()
            .map(|(address, serves)| json!({ "address": address.to_string(), "serves": serves }))
            .collect();
        let ready = json!({
            "domain": config.domain, "listen": first, "listeners": all, "ca": ca, "console": console,
            "health": health_address.map(|address| address.to_string()),
            "redirect": plain_address.map(|address| address.to_string()),
        });
        data(&ready.to_string())?;
    } else {
        for (address, serves) in &listening {
            say(
                config.log.format,
                &format!("Bartizan serves {} of {} on {address}", serves.join(", "), config.domain),
            );
        }
        if let Some(address) = plain_address {
            say(config.log.format, &format!("Plain HTTP on {address} only sends people to these hosts"));
        }
        if let Some(console) = console {
            say(config.log.format, &format!("Console at {console}"));
        }
        if let Some(address) = health_address {
            say(
                config.log.format,
                &format!("Health at http://{address}/readyz, metrics at http://{address}/metrics"),
            );
        }
    }
    tell(NotifyState::Ready);
    tokio::select! {
        _ = interrupt.recv() => (),
        _ = terminate.recv() => (),
        () = health.beat() => (),
    }
    tell(NotifyState::Stopping);
    health.drain();
    tokio::select! {
        () = deployment.stop() => (),
        () = health.beat() => (),
    }
    if let Some(told) = told {
        told.stop().await;
    }
    Ok(())
}

/// Tells a supervisor that wants to know (sd_notify(3)).
fn tell(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "the supervisor cannot be told how it stands");
    }
}

/// Ten years: clients are told to trust the authority by hand, and again when it is another.
pub(crate) const AUTHORITY: Duration = Duration::from_secs(10 * 365 * 24 * 3600);
