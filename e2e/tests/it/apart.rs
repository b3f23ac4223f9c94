//! The gateway on a machine of its own: the same guarantees over the wire.

mod clock;
mod console;
mod faults;
mod hosts;
mod link;
mod outages;
mod proxy;
mod skew;
mod spread;
mod story;
mod streams;
mod tap;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::demo::{Demo, binary};
use crate::health::{metrics, readiness};
use crate::http::{Client, block_on};
use crate::live::{End, open, open2, watch, web_socket};
use crate::ports::free_port;

/// Control, which serves no app itself, and the servers of the apps.
pub(crate) struct Apart {
    pub(crate) control: Demo,
    /// Its sample apps are what is behind the gateways.
    _apps: Demo,
    _files: TempDir,
}

impl Apart {
    pub(crate) fn start() -> Self {
        Self::start_at(free_port(), "")
    }

    /// With control at this port for gateways, and more to say of that.
    pub(crate) fn start_at(port: u16, more: &str) -> Self {
        let apps = Demo::start();
        let mut control = Demo::start();
        let points = format!("[points]\naddress = \"127.0.0.1:{port}\"\n{more}");
        control.go_on_served_with(&points, Stdio::inherit());
        let files = tempfile::tempdir().unwrap();
        let mut text = String::new();
        for app in ["wiki", "payroll", "pulse"] {
            let upstream = &apps.json(&["get", "app", app])["spec"]["upstream"];
            text.push_str(&format!("[[app]]\nname = \"{app}\"\nupstream = {upstream}\n"));
        }
        std::fs::write(files.path().join("apps.toml"), text).unwrap();
        control.json(&["apply", "-f", files.path().to_str().unwrap()]);
        Self { control, _apps: apps, _files: files }
    }

    pub(crate) fn token(&self, scope: &[&str]) -> String {
        let scopes = scope.iter().flat_map(|scope| ["--scope", scope]);
        let args: Vec<&str> =
            ["join-token", "create", "--role", "gateway"].into_iter().chain(scopes).collect();
        self.control.json(&args)["token"].as_str().unwrap().to_owned()
    }

    /// The only point that has joined, as `point list` tells it.
    pub(crate) fn listed(&self) -> Value {
        let listed = self.control.json(&["point", "list"]);
        let [point] = listed.as_array().unwrap().as_slice() else { panic!("{listed}") };
        point.clone()
    }
}

/// A gateway, killed when dropped.
#[derive(Debug)]
pub(crate) struct Gate {
    child: Child,
    pub(crate) ready: Value,
    dir: TempDir,
    listen: String,
    environment: Vec<(&'static str, String)>,
}

impl Gate {
    pub(crate) fn join(token: &str) -> Self {
        Self::join_at(token, "127.0.0.1:0")
    }

    pub(crate) fn join_at(token: &str, listen: &str) -> Self {
        Self::join_under(token, listen, Vec::new())
    }

    /// In an environment with more in it.
    pub(crate) fn join_under(token: &str, listen: &str, environment: Vec<(&'static str, String)>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("token");
        std::fs::write(&file, token).unwrap();
        let join = ["--join-file", file.to_str().unwrap()];
        let (child, ready) = Self::started(&dir, listen, &join, &environment);
        Self { child, ready, dir, listen: listen.to_owned(), environment }
    }

    fn command(dir: &Path, more: &[&str]) -> Command {
        Self::listening(dir, "127.0.0.1:0", more)
    }

    fn listening(dir: &Path, listen: &str, more: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(["gateway", "--json", "--health", "127.0.0.1:0", "--listen", listen, "--dir"]);
        command.arg(dir.join("point"));
        command.args(more).stdin(Stdio::null());
        command
    }

    fn started(
        dir: &TempDir,
        listen: &str,
        more: &[&str],
        environment: &[(&'static str, String)],
    ) -> (Child, Value) {
        let mut command = Self::listening(dir.path(), listen, more);
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready = serde_json::from_str(&line).unwrap_or_else(|_| panic!("the gateway said {line:?}"));
        (child, ready)
    }

    /// Tells it to stop, as a service manager does, and waits.
    pub(crate) fn stop(&mut self) {
        assert!(
            Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap().success()
        );
        assert!(self.child.wait().unwrap().success(), "SIGTERM is an ordinary end");
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again where it was; it has joined already.
    pub(crate) fn again(&mut self) {
        (self.child, self.ready) = Self::started(&self.dir, &self.listen, &[], &self.environment);
    }

    /// Where it tells how it is.
    pub(crate) fn health(&self) -> std::net::SocketAddr {
        self.ready["health"].as_str().unwrap().parse().unwrap()
    }

    pub(crate) fn port(&self) -> u16 {
        self.ready["listen"].as_str().unwrap().rsplit_once(':').unwrap().1.parse().unwrap()
    }

    pub(crate) fn client(&self, apart: &Apart) -> Client {
        Client::of(&apart.control.ca(), self.port())
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Everything that lasts, opened by somebody.
pub(crate) async fn everything(client: &Client, token: &str) -> Vec<JoinHandle<End>> {
    vec![
        watch("sse", open(client, "/sse", token).await),
        watch("download", open(client, "/big?mb=500", token).await),
        watch("sse over h2", open2(client, "/sse", token).await),
        watch("download over h2", open2(client, "/big?mb=500", token).await),
        web_socket(client, token).await,
    ]
}

/// How all of it ended; within `bound`, and none of it so that it looks complete.
pub(crate) async fn ended(cause: &str, began: Instant, bound: Duration, open: Vec<JoinHandle<End>>) {
    for open in open {
        let end = tokio::time::timeout(bound + Duration::from_secs(5), open).await;
        let end = end.expect("something stays open").unwrap();
        println!(
            "MEASURED apart · {cause} · {}: last byte {:.1} ms, end {:.1} ms after; {}",
            end.what,
            end.last_byte.saturating_duration_since(began).as_secs_f64() * 1000.0,
            end.at.saturating_duration_since(began).as_secs_f64() * 1000.0,
            end.how
        );
        assert_ne!(end.how, "complete", "{} looks complete", end.what);
        assert!(end.at.saturating_duration_since(began) < bound, "{end:?}");
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_gateway_elsewhere_serves_its_scope_and_nothing_else() {
    let apart = Apart::start();
    let token = apart.token(&["app:pulse"]);
    let gate = Gate::join(&token);
    let client = gate.client(&apart);
    let bob = apart.control.token("bob");

    let answer = block_on(client.get("pulse", "/echo", Some(&bob)));
    assert_eq!(answer.status, 200);
    let seen = answer.json()["headers"].to_string().to_lowercase();
    assert!(seen.contains("bartizan-assertion") && !seen.contains(&bob.to_lowercase()), "{seen}");
    // What was decided there is explained here, once it has come.
    let why = apart.control.json(&["why", answer.request_id()]);
    assert_eq!(why["outcome"], "permit");
    let denied =
        block_on(client.get("pulse", "/echo", Some("bzn_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")));
    assert_eq!((denied.status, &denied.json()["reason"]), (401, &"sign_in_required".into()));

    // It says how it is, of what there is there.
    assert_eq!(readiness(gate.health()), (true, BTreeMap::new()));
    let counted = metrics(gate.health());
    assert!(
        counted["bartizan_enforce_lease_remaining_seconds"] > 20.0
            && !counted.contains_key("bartizan_log_entries")
    );
    // Other apps and our own hosts are not there at all.
    for host in ["wiki", "payroll", "auth", "console", "portal"] {
        let name = crate::http::name_of(host);
        assert!(block_on(client.try_tls(&name, b"http/1.1")).is_err(), "{host}");
    }
    let listed = apart.listed();
    assert_eq!((&listed["id"], &listed["role"]), (&gate.ready["point"], &"gateway".into()));
    assert_eq!(listed["scope"], serde_json::json!(["pulse"]));
    assert_eq!((&listed["connected"], &listed["version"]), (&true.into(), &env!("CARGO_PKG_VERSION").into()));
    assert!(listed["lease_ms"].as_u64().unwrap() > 20_000, "{listed}");

    // A token lets one machine join.
    let other = tempfile::tempdir().unwrap();
    let again = Gate::command(other.path(), &["--join", &token]).output().unwrap();
    assert!(!again.status.success() && !said(&again).contains(&token), "{}", said(&again));
    let twice = Gate::command(gate.dir.path(), &["--join", &token]).output().unwrap();
    assert!(!twice.status.success(), "{}", said(&twice));
}

#[test]
fn a_token_for_what_is_not_an_app_of_others_is_refused() {
    let apart = Apart::start();
    for scope in ["app:auth", "app:nothing", "app:console", "wiki", "app:"] {
        let refused = apart.control.cli(&["join-token", "create", "--role", "gateway", "--scope", scope]);
        assert!(matches!(refused.status.code(), Some(2 | 3)), "{scope}: {}", said(&refused));
    }
    let garbage = tempfile::tempdir().unwrap();
    for token in ["", "bzj_", "bzj_AAAA", "bzn_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        let refused = Gate::command(garbage.path(), &["--join", token]).output().unwrap();
        assert_eq!(refused.status.code(), Some(2), "{token}: {}", said(&refused));
    }
    let never = Gate::command(garbage.path(), &[]).output().unwrap();
    assert!(said(&never).contains("join-token create"), "{}", said(&never));
}

#[test]
fn what_is_open_at_a_gateway_elsewhere_is_cut_within_a_second() {
    let apart = Apart::start();
    let gate = Gate::join(&apart.token(&[]));
    let client = gate.client(&apart);
    let (bob, eve) = (apart.control.token("bob"), apart.control.token("eve"));
    block_on(async {
        let open = everything(&client, &bob).await;
        let other = watch("eve", self::open(&client, "/sse", &eve).await);
        let began = Instant::now();
        let revoke = ["session", "revoke", "--user", "bob", "--wait"];
        let revoked = tokio::task::block_in_place(|| apart.control.json(&revoke));
        assert_eq!(revoked["cut"], 5);
        ended("session revoked", began, Duration::from_secs(1), open).await;
        assert_eq!(client.get("pulse", "/", Some(&bob)).await.status, 401);
        assert!(!other.is_finished(), "somebody else was cut, too");

        let began = Instant::now();
        let open = vec![other];
        tokio::task::block_in_place(|| apart.control.json(&["user", "disable", "eve"]));
        ended("person disabled", began, Duration::from_secs(1), open).await;
        assert_eq!(client.get("pulse", "/", Some(&eve)).await.status, 403);
    });
}

#[test]
fn a_point_that_is_removed_is_out_at_once() {
    let apart = Apart::start();
    let gate = Gate::join(&apart.token(&[]));
    let client = gate.client(&apart);
    let bob = apart.control.token("bob");
    let name = apart.listed()["name"].as_str().unwrap().to_owned();
    block_on(async {
        let open = everything(&client, &bob).await;
        let began = Instant::now();
        let removed =
            tokio::task::block_in_place(|| apart.control.json(&["point", "remove", &name, "--wait"]));
        assert!(removed["applied_ms"].as_f64().unwrap() < 1000.0, "{removed}");
        ended("point removed", began, Duration::from_secs(1), open).await;
        let answer = client.get("pulse", "/", Some(&bob)).await;
        assert_eq!((answer.status, &answer.json()["reason"]), (503, &"lease_expired".into()));
        let (ready, wrong) = readiness(gate.health());
        assert!(!ready && wrong.contains_key("lease"), "{wrong:?}");
    });
    assert_eq!(apart.control.json(&["point", "list"]), serde_json::json!([]));
    assert_eq!(apart.control.cli(&["point", "remove", &name]).status.code(), Some(6));
}
