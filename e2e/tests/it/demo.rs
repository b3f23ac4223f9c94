//! A demo of our own for each test.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use bartizan_identity::{TotpSecret, TotpStep};
use bartizan_model::Timestamp;
use serde_json::Value;
use tempfile::TempDir;

use crate::apart::Gate;
use crate::ports::free_port;

/// A running `bartizan demo --json`, killed when dropped.
#[derive(Debug)]
pub(crate) struct Demo {
    child: Child,
    pub(crate) ready: Value,
    pub(crate) dir: PathBuf,
    files: TempDir,
    /// What more is in its environment when it is started once more.
    pub(crate) environment: Vec<(&'static str, String)>,
    _own_dir: Option<TempDir>,
    elsewhere: Option<Box<Elsewhere>>,
}

/// What serves the apps of a demo from outside its process.
#[derive(Debug)]
struct Elsewhere {
    gate: Gate,
    /// Its sample apps are what is behind the gateway.
    _apps: Demo,
}

/// The binary under test: the one that `cargo xtask test` has built, beside this test.
pub(crate) fn binary() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let binary = test.parent().and_then(Path::parent).unwrap().join("bartizan");
    assert!(
        binary.exists(),
        "{} is not built: run `cargo build -p bartizan --features otel`",
        binary.display()
    );
    binary
}

/// The code that an authenticator app with this secret (base32) shows so many steps of 30 s from now.
pub(crate) fn totp(secret: &str, steps: i64) -> String {
    let digit = |c| format!("{:05b}", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(c).unwrap());
    let bits: String = secret.chars().map(digit).collect();
    let bytes: Vec<u8> = (0..bits.len() / 8)
        .map(|at| u8::from_str_radix(bits.get(at * 8..at * 8 + 8).unwrap(), 2).unwrap())
        .collect();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let now = Timestamp::from_micros(i64::try_from(now.as_micros()).unwrap());
    let secret = TotpSecret::from_bytes(&bytes).unwrap();
    secret.code(TotpStep::at(now).plus(steps)).expose(Clone::clone)
}

impl Demo {
    /// A demo; with `BARTIZAN_E2E_APART` one whose apps a gateway in a process of its own serves.
    pub(crate) fn start() -> Self {
        let mut demo = Self::start_alone();
        if std::env::var_os("BARTIZAN_E2E_APART").is_some() {
            demo.serve_elsewhere();
        }
        demo
    }

    fn start_alone() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut demo = Self::start_in(dir.path(), &[]);
        demo._own_dir = Some(dir);
        demo
    }

    /// From now on it is control alone, and its apps are served by a gateway that has joined it.
    fn serve_elsewhere(&mut self) {
        let apps = Self::start_alone();
        let (points, gate) = (free_port(), free_port());
        let listens = format!("[points]\naddress = \"127.0.0.1:{points}\"\napps_port = {gate}\n");
        let listener = format!("address = {}\nserves = [\"auth\", \"console\"]", self.ready["listen"]);
        self.go_on_listening(&listener, &listens, Stdio::inherit());
        let files = tempfile::tempdir().unwrap();
        let names = ["wiki", "payroll", "pulse"].map(|app| {
            let upstream = &apps.json(&["get", "app", app])["spec"]["upstream"];
            format!("[[app]]\nname = \"{app}\"\nupstream = {upstream}\n")
        });
        std::fs::write(files.path().join("apps.toml"), names.concat()).unwrap();
        self.json(&["apply", "-f", files.path().to_str().unwrap()]);
        let token = self.json(&["join-token", "create", "--role", "gateway"]);
        let gate = Gate::join_at(token["token"].as_str().unwrap(), &format!("127.0.0.1:{gate}"));
        self.elsewhere = Some(Box::new(Elsewhere { gate, _apps: apps }));
    }

    /// Where its apps are, if they are not where its own hosts are.
    pub(crate) fn apps_port(&self) -> Option<u16> {
        self.elsewhere.as_ref().map(|elsewhere| elsewhere.gate.port())
    }

    pub(crate) fn start_in(dir: &Path, more: &[&str]) -> Self {
        Self::started(Command::new(binary()), dir, more)
    }

    /// Under a limit that a shell sets.
    pub(crate) fn start_limited(dir: &Path, limit: &str) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("{limit} && exec \"$0\" \"$@\"")]).arg(binary());
        Self::started(shell, dir, &[])
    }

    fn started(mut command: Command, dir: &Path, more: &[&str]) -> Self {
        // At a port that it finds again when it is started once more.
        let mut child = command
            .args(["demo", "--json", "--listen", &format!("127.0.0.1:{}", free_port()), "--dir"])
            .arg(dir)
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap_or_else(|_| {
            let _ = child.kill();
            panic!("the demo did not get ready; it said {line:?}")
        });
        let demo = Self {
            child,
            dir: dir.canonicalize().unwrap(),
            files: tempfile::tempdir().unwrap(),
            environment: Vec::new(),
            _own_dir: None,
            elsewhere: None,
            ready,
        };
        std::fs::write(demo.files.path().join("admin"), demo.ready["admin_token"].as_str().unwrap()).unwrap();
        demo
    }

    pub(crate) fn token(&self, person: &str) -> String {
        self.ready["people"][person]["token"].as_str().unwrap().to_owned()
    }

    pub(crate) fn password(&self, person: &str) -> String {
        self.ready["people"][person]["password"].as_str().unwrap().to_owned()
    }

    /// The code that a person's authenticator app shows so many steps of 30 s from now. One step around now is taken.
    pub(crate) fn code(&self, person: &str, steps: i64) -> String {
        totp(self.ready["people"][person]["totp_secret"].as_str().unwrap(), steps)
    }

    pub(crate) fn port(&self) -> u16 {
        self.ready["listen"].as_str().unwrap().rsplit_once(':').unwrap().1.parse().unwrap()
    }

    pub(crate) fn ca(&self) -> Vec<u8> {
        std::fs::read(self.ready["ca"].as_str().unwrap()).unwrap()
    }

    /// How much memory it has, in bytes.
    pub(crate) fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
    }

    /// How many files and connections it has open.
    pub(crate) fn files_open(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap().count()
    }

    /// Runs a command of the same binary against this deployment.
    pub(crate) fn cli(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// The same, to be run as a test likes.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let console = self.ready["console"].as_str().unwrap();
        let mut command = Command::new(binary());
        command
            .args(["--server", console, "--ca", self.ready["ca"].as_str().unwrap(), "--token-file"])
            .arg(self.files.path().join("admin"))
            .args(args)
            .stdin(Stdio::null());
        command
    }

    /// The same, and what it printed as JSON; it must have gone well.
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let output = self.cli(&[args, &["--json"]].concat());
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Stops the demo, and has `bartizan serve` go on with its deployment on the same port, with health on another. The
    /// sample apps end with the demo.
    pub(crate) fn go_on_served(&mut self) -> std::net::SocketAddr {
        self.go_on_served_with("", Stdio::inherit())
    }

    /// The same with more in the configuration, and with its log written elsewhere.
    pub(crate) fn go_on_served_with(&mut self, more: &str, log: Stdio) -> std::net::SocketAddr {
        let listener =
            format!("address = {}\nserves = [\"apps\", \"auth\", \"console\"]", self.ready["listen"]);
        self.go_on_listening(&listener, more, log)
    }

    /// The same with a listener of one's own.
    pub(crate) fn go_on_listening(&mut self, listener: &str, more: &str, log: Stdio) -> std::net::SocketAddr {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
        let config = self.config();
        let text = format!(
            "domain = \"bartizan.localhost\"\ndata_dir = {:?}\n[[listener]]\n{listener}\n\
             [health]\naddress = \"127.0.0.1:0\"\n{more}",
            self.dir
        );
        std::fs::write(&config, text).unwrap();
        let (child, ready) = crate::running::serve_with(&config, log);
        self.child = child;
        ready["health"].as_str().unwrap().parse().unwrap()
    }

    /// Stops what goes on being served, and starts it again.
    pub(crate) fn restart(&mut self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
        self.again();
    }

    /// Its machine is set back to how it was when `was` was copied: it is killed, and goes on with that.
    pub(crate) fn set_back(&mut self, was: &Path) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        std::fs::remove_dir_all(&self.dir).unwrap();
        assert!(Command::new("cp").arg("-a").args([was, &self.dir]).status().unwrap().success());
        self.again();
    }

    /// Copies all that it keeps while it stands still, and goes on.
    pub(crate) fn copied(&mut self, to: &Path) {
        self.terminate();
        assert!(self.child.wait().unwrap().success());
        assert!(Command::new("cp").arg("-a").args([&self.dir, to]).status().unwrap().success());
        self.again();
    }

    /// Starts it again where it was.
    pub(crate) fn again(&mut self) {
        self.child = crate::running::serve_under(&self.config(), Stdio::inherit(), &self.environment).0;
    }

    /// The configuration with which it goes on being served.
    pub(crate) fn config(&self) -> PathBuf {
        self.files.path().join("bartizan.toml")
    }

    /// Tells it to read its configuration again.
    pub(crate) fn reload(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-HUP", &pid]).status().unwrap().success());
    }

    /// Tells it to stop, as a service manager does, and does not wait.
    pub(crate) fn terminate(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    }

    /// Waits until it has stopped; whether that was in order.
    pub(crate) fn wait(mut self) -> bool {
        self.child.wait().unwrap().success()
    }

    /// Ends it as a power cut would end the process.
    pub(crate) fn kill(mut self) {
        self.power_off();
    }

    /// The same, to be started [`again`](Self::again).
    pub(crate) fn power_off(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends it as Ctrl-C does, and copies what it leaves on disk.
    pub(crate) fn interrupt_keeping(self, dir: &Path, to: &Path) -> bool {
        let own = self._own_dir.is_some();
        let pid = self.child.id().to_string();
        assert!(own && Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        let mut demo = self;
        let ended = demo.child.wait().unwrap().success();
        let copied = Command::new("cp").arg("-r").arg(dir.join(".")).arg(to).status().unwrap().success();
        ended && copied
    }

    /// Ends it as Ctrl-C does, and waits.
    pub(crate) fn interrupt(mut self) -> bool {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        self.child.wait().unwrap().success()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
