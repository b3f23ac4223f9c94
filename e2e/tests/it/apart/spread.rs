//! A deployment that is spread over hosts: control on one, gateways on two, people on a fourth.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::Stdio;
use std::sync::Arc;

use serde_json::Value;
use tempfile::TempDir;

use super::Gate;
use super::hosts::{Host, Hosts};
use super::tap::Tap;
use crate::demo::Demo;
use crate::http::Client;

pub(crate) struct Spread {
    pub(crate) control: Demo,
    pub(crate) tap: Tap,
    /// Its sample apps are what the gateways reach on their loopback.
    _apps: Demo,
    _dir: TempDir,
    pub(crate) hosts: Arc<Hosts>,
}

impl Spread {
    /// Control, started on its host; `apps` are the apps, each with the sample app that it is.
    pub(crate) fn start(hosts: Hosts, apps: &[(&str, &str)]) -> Self {
        let servers = Demo::start();
        let dir = tempfile::tempdir().unwrap();
        // `mine` is an app of everybody's, too.
        let unused = format!("http://127.0.0.1:{FIRST}");
        let mut control = hosts.control.inside(|| Demo::start_in(dir.path(), &["--upstream", &unused]));
        let (port, address) = (control.port(), hosts.control.address);
        let listener = format!("address = \"0.0.0.0:{port}\"\nserves = [\"auth\", \"console\"]");
        let points = format!("[points]\naddress = \"{address}:8444\"\napps_port = {port}\n");
        hosts.control.inside(|| control.go_on_listening(&listener, &points, Stdio::inherit()));
        let (mut listeners, mut files) = (Vec::new(), String::new());
        for (port, (app, sample)) in (FIRST..).zip(apps) {
            files += &format!("[[app]]\nname = \"{app}\"\nupstream = \"http://127.0.0.1:{port}\"\n");
            let server = servers.json(&["get", "app", sample])["spec"]["upstream"].clone();
            let server: SocketAddr =
                server.as_str().unwrap().strip_prefix("http://").unwrap().parse().unwrap();
            for host in [&hosts.one, &hosts.two] {
                let listener = host.inside(|| TcpListener::bind((Ipv4Addr::LOCALHOST, port)));
                listeners.push((listener.unwrap(), server));
            }
        }
        let spread =
            Self { control, tap: Tap::start(listeners), _apps: servers, _dir: dir, hosts: Arc::new(hosts) };
        spread.apply("apps.toml", &files);
        spread
    }

    /// What an administrator does, on control's host.
    pub(crate) fn admin(&self, args: &[&str]) -> Value {
        self.hosts.control.inside(|| self.control.json(args))
    }

    /// Applies one file.
    pub(crate) fn apply(&self, name: &str, text: &str) -> Value {
        let files = tempfile::tempdir().unwrap();
        std::fs::write(files.path().join(name), text).unwrap();
        self.admin(&["apply", "-f", files.path().to_str().unwrap()])
    }

    /// A gateway on one of the hosts.
    pub(crate) fn gate(&self, host: &Host, scope: &[&str]) -> Gate {
        let args = scope.iter().flat_map(|scope| ["--scope", *scope]);
        let args: Vec<&str> = ["join-token", "create", "--role", "gateway"].into_iter().chain(args).collect();
        let token = self.admin(&args)["token"].as_str().unwrap().to_owned();
        let listen = format!("{}:{}", host.address, self.control.port());
        host.inside(|| Gate::join_at(&token, &listen))
    }

    /// A person's client, to be used on the host where people are; apps are where it is said.
    pub(crate) fn client(&self, apps: &[(&str, &Host)]) -> Client {
        let mut client = Client::of(&self.control.ca(), self.control.port());
        client.from = Ipv4Addr::UNSPECIFIED;
        let own = ["auth", "console", "portal"].map(|name| (name, &self.hosts.control));
        let places = own.into_iter().chain(apps.iter().copied());
        client.places = places.map(|(name, host)| (name.to_owned(), host.address)).collect();
        client
    }
}

/// The first port on which apps are to be had, on loopback of each gateway's host.
const FIRST: u16 = 9_001;
