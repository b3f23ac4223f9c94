//! The binary under test, running.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::Value;

/// The release binary, which lies beside this one.
pub(crate) fn binary() -> anyhow::Result<PathBuf> {
    let binary = std::env::current_exe()?.with_file_name("bartizan");
    if !binary.exists() {
        bail!("there is no binary beside this one: build it first, or use `cargo xtask bench`");
    }
    Ok(binary)
}

/// A process of ours that says in one line that it is ready; it is ended when dropped.
#[derive(Debug)]
pub(crate) struct Running {
    child: Ended,
    pub(crate) ready: Value,
}

/// A process that is ended when this is dropped.
#[derive(Debug)]
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        end(&mut self.0);
    }
}

impl Running {
    pub(crate) fn start(args: &[&str]) -> anyhow::Result<Self> {
        let child = Command::new(binary()?)
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()?;
        let mut child = Ended(child);
        let mut line = String::new();
        let out = child.0.stdout.take().context("no output")?;
        BufReader::new(out).read_line(&mut line)?;
        let ready = serde_json::from_str(&line).with_context(|| format!("it said {line:?}"))?;
        Ok(Self { child, ready })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.0.id()
    }

    pub(crate) fn text(&self, pointer: &str) -> anyhow::Result<&str> {
        self.ready.pointer(pointer).and_then(Value::as_str).with_context(|| format!("no {pointer}"))
    }

    pub(crate) fn address(&self) -> anyhow::Result<SocketAddr> {
        Ok(self.text("/listen")?.parse()?)
    }
}

/// Asks a process to end, and ends it if it does not within ten seconds.
pub(crate) fn end(child: &mut Child) {
    let asked =
        rustix::process::kill_process(rustix::process::Pid::from_child(child), rustix::process::Signal::TERM);
    let began = Instant::now();
    while asked.is_ok() && began.elapsed() < Duration::from_secs(10) {
        if matches!(child.try_wait(), Ok(Some(_))) {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// `bartizan demo` before an app of ours.
#[derive(Debug)]
pub(crate) struct Demo {
    pub(crate) running: Running,
    folder: tempfile::TempDir,
}

impl Demo {
    pub(crate) fn start(upstream: SocketAddr) -> anyhow::Result<Self> {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0)), upstream)
    }

    /// The same, listening there.
    pub(crate) fn start_at(listen: SocketAddr, upstream: SocketAddr) -> anyhow::Result<Self> {
        let listen = listen.to_string();
        let folder = tempfile::tempdir()?;
        let upstream = format!("http://{upstream}");
        let dir = folder.path().join("data");
        let dir = dir.to_str().context("a folder's name is not text")?;
        let args = ["demo", "--json", "--listen", &listen, "--dir", dir, "--upstream", &upstream];
        let demo = Self { running: Running::start(&args)?, folder };
        std::fs::write(demo.folder.path().join("admin"), demo.running.text("/admin_token")?)?;
        Ok(demo)
    }

    /// Ends it.
    pub(crate) fn stop(&mut self) {
        end(&mut self.running.child.0);
    }

    /// Serves what it has made, once it was ended, with points on other machines reaching it there.
    pub(crate) fn serve(&mut self, points: SocketAddr) -> anyhow::Result<()> {
        let config = self.folder.path().join("bartizan.toml");
        let text = format!(
            "domain = {:?}\ndata_dir = {:?}\n[[listener]]\naddress = {:?}\nserves = [\"apps\", \"auth\", \"console\"]\n\
             [health]\naddress = \"127.0.0.1:0\"\n[points]\naddress = \"{points}\"\n",
            self.running.text("/domain")?,
            self.data(),
            self.running.text("/listen")?,
        );
        std::fs::write(&config, text)?;
        let config = config.to_str().context("a folder's name is not text")?;
        // What it said of itself as a demo still holds.
        self.running.child = Running::start(&["serve", "--json", "--config", config])?.child;
        Ok(())
    }

    /// Where everything is kept.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn authority(&self) -> anyhow::Result<Vec<u8>> {
        Ok(std::fs::read(self.running.text("/ca")?)?)
    }

    pub(crate) fn host(&self) -> anyhow::Result<String> {
        Ok(format!("mine.{}", self.running.text("/domain")?))
    }

    pub(crate) fn bob(&self) -> anyhow::Result<&str> {
        self.running.text("/people/bob/token")
    }

    /// A command of the same binary, run as the administrator.
    pub(crate) fn command(&self, args: &[&str]) -> anyhow::Result<Value> {
        let token: &Path = &self.folder.path().join("admin");
        let output = Command::new(binary()?)
            .args(["--json", "--server", self.running.text("/console")?, "--ca", self.running.text("/ca")?])
            .arg("--token-file")
            .arg(token)
            .args(args)
            .stdin(Stdio::null())
            .output()?;
        if !output.status.success() {
            bail!("{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }
}
