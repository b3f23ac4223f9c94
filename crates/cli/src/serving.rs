//! What serves under a configuration, and how it comes to serve under another while it does.
//!
//! Everything that can fail is done first: the file and those that it names are read, new addresses are listened on. Only
//! then is anything changed, and from there on nothing fails. So a configuration that is not in order changes nothing, and
//! connections that are open are not disturbed.

use std::net::SocketAddr;
use std::sync::Arc;

use bartizan_control::{Ending, Endings};
use bartizan_gateway::{Certificates, Gateway, Serves};
use bartizan_pki::Supplied;
use parking_lot::RwLock;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::certificates::FromFiles;
use crate::commands::config::Whole;
use crate::config::{Config, Listener, Service, Telemetry};
use crate::deployment::{Deployment, PublicPorts};
use crate::health::{Health, Server};
use crate::output::{FAILED, Failure};
use crate::sockets::Sockets;
use crate::system::SystemClock;

/// A configuration in force.
#[derive(Debug)]
pub(crate) struct Serving {
    config: Config,
    certificates: Vec<FromFiles>,
    sockets: Sockets,
    listeners: Vec<Listening>,
    plain: Option<Plain>,
    /// Where health is told.
    told: Option<Server>,
    health: Arc<Health>,
    gateway: Arc<Gateway>,
    endings: Arc<Endings>,
    /// Shared with the plain listener.
    ports: Arc<RwLock<PublicPorts>>,
}

/// A listener that serves.
#[derive(Debug)]
struct Listening {
    bound: SocketAddr,
    listener: Listener,
    rules: watch::Sender<Serves>,
    stop: CancellationToken,
}

/// The plain listener.
#[derive(Debug)]
struct Plain {
    bound: SocketAddr,
    stop: CancellationToken,
}

/// Sockets on which nothing is served yet.
#[derive(Debug, Default)]
pub(crate) struct Bound {
    listeners: Vec<(TcpListener, SocketAddr, Listener)>,
    plain: Option<(TcpListener, SocketAddr)>,
}

impl Bound {
    /// Listens on everything that a configuration names.
    ///
    /// # Errors
    /// The address that cannot be listened on.
    pub(crate) fn all(config: &Config, sockets: &mut Sockets) -> Result<Self, Failure> {
        let mut bound = Self::default();
        for listener in &config.listeners {
            bound.add(listener.clone(), sockets)?;
        }
        bound.plain = config.redirect.map(|address| listen(address, sockets)).transpose()?;
        Ok(bound)
    }

    fn add(&mut self, listener: Listener, sockets: &mut Sockets) -> Result<(), Failure> {
        let (socket, address) = listen(listener.address, sockets)?;
        self.listeners.push((socket, address, listener));
        Ok(())
    }
}

fn listen(address: SocketAddr, sockets: &mut Sockets) -> Result<(TcpListener, SocketAddr), Failure> {
    let socket = sockets.listen(address)?;
    let address = socket.local_addr()?;
    Ok((socket, address))
}

impl Serving {
    /// Begins to serve.
    pub(crate) async fn start(
        whole: Whole,
        bound: Bound,
        sockets: Sockets,
        deployment: &Deployment,
        (health, told): (Arc<Health>, Option<Server>),
    ) -> anyhow::Result<Self> {
        let Whole { config, certificates, authority: _, telemetry: _ } = whole;
        let mut ports =
            public_ports(bound.listeners.iter().map(|(_, address, listener)| (*address, listener)));
        elsewhere(&config, &mut ports);
        let gateway = deployment.gateway(&ports).await?;
        let mut serving = Self {
            config,
            certificates,
            sockets,
            listeners: Vec::new(),
            plain: None,
            told,
            health,
            gateway,
            endings: Arc::clone(&deployment.endings),
            ports: Arc::new(RwLock::new(ports)),
        };
        serving.supply();
        for (socket, address, listener) in bound.listeners {
            let listening = serving.serve(socket, address, listener, deployment);
            serving.listeners.push(listening);
        }
        serving.plain = bound.plain.map(|(socket, address)| serving.redirect(socket, address, deployment));
        Ok(serving)
    }

    /// The configuration that is in force.
    pub(crate) const fn config(&self) -> &Config {
        &self.config
    }

    /// What serves.
    pub(crate) const fn gateway(&self) -> &Arc<Gateway> {
        &self.gateway
    }

    /// Where it listens, with what is served there.
    pub(crate) fn listening(&self) -> impl Iterator<Item = (SocketAddr, Vec<&'static str>)> {
        self.listeners.iter().map(|listening| {
            let serves = |service: &Service| listening.listener.serves.contains(service);
            let names = Service::ALL.iter().filter(|(_, service)| serves(service)).map(|(name, _)| *name);
            (listening.bound, names.collect())
        })
    }

    /// Where plain HTTP is answered.
    pub(crate) fn plain_address(&self) -> Option<SocketAddr> {
        self.plain.as_ref().map(|plain| plain.bound)
    }

    /// Where health is told.
    pub(crate) fn health_address(&self) -> Option<SocketAddr> {
        self.told.as_ref().map(Server::address)
    }

    /// The ports that clients use, if something serves what they come for.
    pub(crate) fn public_port(&self, service: Service) -> Option<u16> {
        self.ports.read().0.get(&service).copied()
    }

    /// Comes to serve under another configuration, or goes on under the one that is in force.
    ///
    /// # Errors
    /// Why it is not the other one; then nothing has changed.
    pub(crate) async fn change(&mut self, whole: Whole, deployment: &Deployment) -> Result<(), Failure> {
        self.can_become(&whole.config)?;
        let Whole { config, certificates, authority: _, telemetry: _ } = whole;
        // What can fail.
        let (mut kept, mut gone) = (Vec::new(), Vec::new());
        let mut wanted = config.listeners.clone();
        for (at, listening) in self.listeners.iter().enumerate() {
            match wanted.iter().position(|wanted| wanted.address == listening.listener.address) {
                Some(found) => kept.push((at, wanted.remove(found))),
                None => gone.push(at),
            }
        }
        let mut bound = Bound::default();
        for listener in wanted {
            bound.add(listener, &mut self.sockets)?;
        }
        let replaces_plain = config.redirect != self.config.redirect;
        if let Some(address) = config.redirect.filter(|_| replaces_plain) {
            bound.plain = Some(listen(address, &mut self.sockets)?);
        }
        let served =
            kept.iter().filter_map(|(at, listener)| Some((self.listeners.get(*at)?.bound, listener)));
        let served = served.chain(bound.listeners.iter().map(|(_, address, listener)| (*address, listener)));
        let mut ports = public_ports(in_order(&config, served.collect()).into_iter());
        elsewhere(&config, &mut ports);
        let (issuer, local) = deployment.own_services(&ports)?;
        let replaces_health = config.health != self.config.health;
        let told = config.health.filter(|_| replaces_health);
        let told = told.map(|address| Server::start(address, Arc::clone(&self.health))).transpose()?;
        // What cannot.
        if *self.ports.read() != ports {
            self.gateway.replace_own(&issuer, local);
            *self.ports.write() = ports;
        }
        for (at, listener) in kept {
            if let Some(listening) = self.listeners.get_mut(at) {
                listening.rules.send_replace(rules(&listener));
                listening.listener = listener;
            }
        }
        for at in gone.into_iter().rev() {
            self.listeners.remove(at).stop.cancel();
        }
        for (socket, address, listener) in bound.listeners {
            let listening = self.serve(socket, address, listener, deployment);
            self.listeners.push(listening);
        }
        if replaces_plain {
            if let Some(plain) = self.plain.take() {
                plain.stop.cancel();
            }
            self.plain = bound.plain.map(|(socket, address)| self.redirect(socket, address, deployment));
        }
        if replaces_health && let Some(before) = std::mem::replace(&mut self.told, told) {
            before.stop().await;
        }
        (self.config, self.certificates) = (config, certificates);
        self.supply();
        self.gateway.retry_orders();
        Ok(())
    }

    /// What is settled when a process starts.
    fn can_become(&self, config: &Config) -> Result<(), Failure> {
        let differs = [
            ("`domain`", config.domain != self.config.domain),
            ("`data_dir`", config.data_dir != self.config.data_dir),
            (
                "the public authority of [tls]",
                config.tls.acme.as_ref().map(asked) != self.config.tls.acme.as_ref().map(asked),
            ),
            ("[points]", config.points != self.config.points),
            (
                "[telemetry]",
                config.telemetry.as_ref().map(Telemetry::asked)
                    != self.config.telemetry.as_ref().map(Telemetry::asked),
            ),
        ];
        let changed: Vec<&str> =
            differs.iter().filter(|(_, differs)| *differs).map(|(what, _)| *what).collect();
        if changed.is_empty() {
            return Ok(());
        }
        let what = changed.join(" and ");
        Err(Failure::new(
            FAILED,
            format!(
                "{what} cannot change while it serves: restart it (no request fails if systemd holds its sockets)"
            ),
        ))
    }

    /// Looks at the files of certificates; those that were renewed are shown to new connections.
    pub(crate) async fn look_at_certificates(&mut self) {
        if self.certificates.is_empty() {
            return;
        }
        let mut certificates = self.certificates.clone();
        let looked = tokio::task::spawn_blocking(move || {
            let now = bartizan_model::Clock::now(&SystemClock);
            let mut changed = false;
            for certificate in &mut certificates {
                changed |= certificate.look_again(now);
            }
            (certificates, changed)
        });
        match looked.await {
            Ok((certificates, changed)) => {
                self.certificates = certificates;
                if changed {
                    self.supply();
                }
            }
            Err(error) => {
                tracing::error!(%error, "the files of certificates could not be looked at: this is a bug")
            }
        }
    }

    /// Ends what is not the deployment's to end; returns what tells health, which is told to the last.
    pub(crate) fn end(self) -> Option<Server> {
        self.told
    }

    fn supply(&self) {
        let supplied = self.certificates.iter().map(|certificate| Arc::clone(certificate.supplied()));
        let ending = |one: &Arc<Supplied>| Ending { names: one.names().to_vec(), ends: one.ends() };
        self.endings.supplied(supplied.clone().map(|supplied| ending(&supplied)).collect());
        self.gateway.supply(Certificates::new(supplied, self.config.tls.hsts));
    }

    fn serve(
        &self,
        socket: TcpListener,
        bound: SocketAddr,
        listener: Listener,
        deployment: &Deployment,
    ) -> Listening {
        let (rules, serves) = watch::channel(rules(&listener));
        let gateway = Arc::clone(&self.gateway);
        let mut stop = CancellationToken::new();
        deployment.spawn(|stopping| {
            stop = stopping;
            gateway.serve(socket, serves, stop.clone())
        });
        Listening { bound, listener, rules, stop }
    }

    fn redirect(&self, socket: TcpListener, bound: SocketAddr, deployment: &Deployment) -> Plain {
        let (gateway, ports) = (Arc::clone(&self.gateway), Arc::clone(&self.ports));
        let mut stop = CancellationToken::new();
        deployment.spawn(|stopping| {
            stop = stopping;
            gateway.redirect(socket, move |app| ports.read().of_app(app), stop.clone())
        });
        Plain { bound, stop }
    }
}

fn rules(listener: &Listener) -> Serves {
    let own = listener.serves.iter().flat_map(|service| service.own_apps());
    let own = own.filter_map(|app| app.parse().ok());
    Serves::new(listener.serves.contains(&Service::Apps), own).behind(listener.proxies.clone())
}

/// Where something stands in a file says nothing about what it means.
fn asked(acme: &crate::config::Acme) -> (&str, &[String], Option<&std::path::Path>) {
    (&acme.directory, &acme.contact, acme.ca.as_ref().map(|ca| ca.path.as_path()))
}

/// What is served, in the order of the configuration.
fn in_order<'a>(
    config: &Config,
    mut served: Vec<(SocketAddr, &'a Listener)>,
) -> Vec<(SocketAddr, &'a Listener)> {
    let place = |listener: &Listener| config.listeners.iter().position(|known| known == listener);
    served.sort_by_key(|(_, listener)| place(listener));
    served
}

/// Clients use the port of the first listener that serves what they come for.
fn public_ports<'a>(listeners: impl Iterator<Item = (SocketAddr, &'a Listener)>) -> PublicPorts {
    let mut ports = PublicPorts::default();
    for (bound, listener) in listeners {
        // Told to listen on a port of the system's choice (0), clients use that one.
        let port = if listener.public_port == 0 { bound.port() } else { listener.public_port };
        for service in &listener.serves {
            ports.0.entry(*service).or_insert(port);
        }
    }
    ports
}

/// Where nothing here serves apps, gateways on other machines do.
fn elsewhere(config: &Config, ports: &mut PublicPorts) {
    if let Some(port) = config.points.as_ref().and_then(|points| points.apps_port) {
        ports.0.entry(Service::Apps).or_insert(port);
    }
}
