//! `bartizan serve`.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bartizan_control::files::RESERVED;
use bartizan_gateway::Share;
use bartizan_model::AppFacts;
use sd_notify::NotifyState;
use serde_json::json;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{MissedTickBehavior, interval};

use super::config::{Whole, Wrong};
use crate::args::Global;
use crate::config::Service;
use crate::deployment::{Config, Deployment};
use crate::health::{Health, Parts, Server};
use crate::logging::say;
use crate::output::{CONFLICT, Ended, FAILED, Failure, data};
use crate::serving::{Bound, Serving};
use crate::sockets::Sockets;

pub(super) async fn run(global: &Global, whole: Whole, file: &Path) -> Ended {
    // First of all: who is told to read its configuration again while it starts does so when it has started.
    let mut signals = Signals::new()?;
    let dir = whole.config.data_dir.clone();
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
    // Before the rest, so that who asks while everything else starts is told that it is starting.
    let health = Health::new();
    let told = whole.config.health.map(|address| Server::start(address, Arc::clone(&health))).transpose()?;
    let mut sockets = Sockets::given();
    let bound = Bound::all(&whole.config, &mut sockets)?;
    let for_points = whole.config.points.as_ref().map(|points| sockets.listen(points.address)).transpose()?;
    sockets.name_unused();
    let (domain, acme) = (whole.config.domain.clone(), whole.authority.clone());
    let traces = whole.config.telemetry.as_ref().map_or(Share::NONE, |telemetry| telemetry.traces);
    let points = whole.config.points.as_ref().map(|points| points.public_address.clone());
    let config = Config { dir, domain, authority_valid_for: AUTHORITY, acme, traces, points };
    let deployment = Deployment::start(config).await?;
    let telemetry = whole.telemetry.clone();
    let told = (Arc::clone(&health), told);
    let mut serving = Serving::start(whole, bound, sockets, &deployment, told).await?;
    if let Some(listener) = for_points {
        deployment.serve_points(listener)?;
    }
    let watched = deployment.watched(Arc::clone(serving.gateway()));
    health.started(Parts { telemetry, ..watched });
    said(global, &serving, &deployment)?;
    tell(&[NotifyState::Ready]);
    tokio::select! {
        () = operate(&mut serving, &deployment, &health, &mut signals, file) => (),
        () = health.beat() => (),
    }
    tell(&[NotifyState::Stopping]);
    health.drain();
    let told = serving.end();
    tokio::select! {
        () = deployment.stop() => (),
        () = health.beat() => (),
    }
    if let Some(told) = told {
        told.stop().await;
    }
    Ok(())
}

/// What a process is told from outside.
struct Signals {
    end: End,
    hang_up: Signal,
}

/// To end.
struct End {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        let (interrupt, terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        Ok(Self { end: End { interrupt, terminate }, hang_up: signal(SignalKind::hangup())? })
    }
}

impl End {
    /// Cancel safe: yes; a signal that came is seen by the next who asks.
    async fn told(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => (),
            _ = self.terminate.recv() => (),
        }
    }
}

/// Does what the operator wants until they want it to end.
async fn operate(
    serving: &mut Serving,
    deployment: &Deployment,
    health: &Health,
    signals: &mut Signals,
    file: &Path,
) {
    let Signals { end, hang_up } = signals;
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let reads = tokio::select! {
            biased;
            () = end.told() => return,
            _ = hang_up.recv() => true,
            _ = looks.tick() => false,
        };
        let work = async {
            if reads {
                reload(serving, deployment, health, file).await;
            } else {
                serving.look_at_certificates().await;
            }
        };
        // Also while a file system takes its time.
        tokio::select! {
            biased;
            () = end.told() => return,
            () = work => {}
        }
    }
}

/// Reads the configuration again. All of it comes into force, or nothing does.
async fn reload(serving: &mut Serving, deployment: &Deployment, health: &Health, file: &Path) {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => tracing::warn!(%error, "the supervisor cannot be told of a reload"),
    }
    let path = file.to_owned();
    let read = tokio::task::spawn_blocking(move || Whole::read(&path)).await;
    let problem = match read {
        Ok(Ok(whole)) => serving.change(whole, deployment).await.err().map(|failure| failure.message),
        Ok(Err(Wrong::Found(findings, _))) => {
            for finding in &findings {
                tracing::error!(%finding, "the configuration is not in order");
            }
            let problems = if findings.len() == 1 { "problem" } else { "problems" };
            Some(format!("it has {} {problems}", findings.len()))
        }
        Ok(Err(Wrong::Unreadable(failure))) => Some(failure.message),
        Err(error) => Some(format!("reading it broke down, which is a bug: {error}")),
    };
    health.reloaded(problem.is_none());
    let status = match problem {
        None => {
            tracing::info!(file = %file.display(), "the configuration was read again and is in force");
            String::from("The configuration was read again and is in force")
        }
        Some(problem) => {
            tracing::error!(
                problem,
                file = %file.display(),
                "the configuration was read again and is not used; the one before stays in force"
            );
            format!("The configuration was read again and is not used: {problem}")
        }
    };
    // One line: what comes after it would be read as something else.
    let status: String = status.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    tell(&[NotifyState::Ready, NotifyState::Status(&status)]);
}

/// Says where everything is.
fn said(global: &Global, serving: &Serving, deployment: &Deployment) -> Ended {
    let domain = &serving.config().domain;
    let listening: Vec<_> = serving.listening().collect();
    let console = serving.public_port(Service::Console).map(|port| super::init::console(domain, port));
    if global.is_json() {
        let first = listening.first().map(|(address, _)| address.to_string());
        let all: Vec<_> = listening
            .iter()
            .map(|(address, serves)| json!({ "address": address.to_string(), "serves": serves }))
            .collect();
        let ready = json!({
            "domain": domain, "listen": first, "listeners": all, "ca": deployment.ca_path(), "console": console,
            "health": serving.health_address().map(|address| address.to_string()),
            "redirect": serving.plain_address().map(|address| address.to_string()),
        });
        return data(&ready.to_string());
    }
    let format = serving.config().log.format;
    for (address, serves) in &listening {
        say(format, &format!("Bartizan serves {} of {domain} on {address}", serves.join(", ")));
    }
    if let Some(address) = serving.plain_address() {
        say(format, &format!("Plain HTTP on {address} only sends people to these hosts"));
    }
    if let Some(console) = console {
        say(format, &format!("Console at {console}"));
        let own = |app: &Arc<AppFacts>| RESERVED.contains(&app.name.as_str());
        if deployment.hub.world().apps().all(own) {
            say(format, &format!("Nothing is protected yet: {console}/start leads to the first app"));
        }
    }
    if let Some(address) = serving.health_address() {
        say(format, &format!("Health at http://{address}/readyz, metrics at http://{address}/metrics"));
    }
    Ok(())
}

/// Tells a supervisor that wants to know (sd_notify(3)).
fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(%error, "the supervisor cannot be told how it stands");
    }
}

/// Ten years: clients are told to trust the authority by hand, and again when it is another.
pub(crate) const AUTHORITY: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// How often the files of certificates are looked at: who renews them does so weeks before they end.
const LOOK: Duration = Duration::from_secs(60);
