//! `bartizan serve`.

use std::time::Duration;

use serde_json::json;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::config::load;
use crate::args::{Global, Serve};
use crate::deployment::{Config, Deployment};
use crate::output::{CONFLICT, Ended, FAILED, Failure, data, talk};

pub(super) async fn run(global: &Global, serve: &Serve) -> Ended {
    let config = load(&serve.config)?;
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
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|error| Failure::new(FAILED, format!("cannot listen on {}: {error}", config.listen)))?;
    let deployment =
        Deployment::start(Config { dir, domain: config.domain.clone(), authority_valid_for: AUTHORITY })
            .await?;
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let listen = listener.local_addr()?;
    // Told to listen on a port of the system's choice (0), clients use that one.
    let public_port = if config.public_port == 0 { listen.port() } else { config.public_port };
    deployment.serve_as(listener, public_port)?;
    let console = super::init::console(&config.domain, public_port);
    if global.is_json() {
        let ca = deployment.ca_path();
        let ready =
            json!({ "domain": config.domain, "listen": listen.to_string(), "ca": ca, "console": console });
        data(&ready.to_string())?;
    } else {
        talk(&format!("Bartizan serves {} on {listen}; console at {console}", config.domain));
    }
    tokio::select! {
        _ = interrupt.recv() => (),
        _ = terminate.recv() => (),
    }
    deployment.stop().await;
    Ok(())
}

/// Ten years: clients are told to trust the authority by hand, and again when it is another.
pub(super) const AUTHORITY: Duration = Duration::from_secs(10 * 365 * 24 * 3600);
