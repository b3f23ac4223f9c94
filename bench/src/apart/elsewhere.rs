//! Points in a process of their own, as the one that measures sees them: asked and answered in lines of JSON.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use bartizan_model::PointId;
use bartizan_store::Store;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::CHILD;
use super::control::enrol;
use crate::demo;

/// A process of points; ended when dropped.
#[derive(Debug)]
pub(super) struct Elsewhere {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    pub(super) requests: Vec<(PointId, Vec<u8>)>,
    _folder: tempfile::TempDir,
}

/// When a point was where, in milliseconds since the machine was started.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moments {
    /// It asked for the feed, with success.
    pub(super) asked: f64,
    /// It had applied the snapshot, and control had acknowledged that.
    pub(super) leased: f64,
    /// The least that was left of its lease since it was last asked, in milliseconds.
    pub(super) least: f64,
}

impl Elsewhere {
    /// So many points that have joined nothing yet.
    pub(super) fn start(number: usize) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut child = Command::new(std::env::current_exe()?)
            .arg(CHILD)
            .arg(folder.path())
            .arg(number.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = child.stdin.take().context("no input")?;
        let output = BufReader::new(child.stdout.take().context("no output")?);
        let mut points = Self { child, input, output, requests: Vec::new(), _folder: folder };
        for made in points.answer()?.as_array().context("no points")? {
            let point = made["point"].as_str().context("no id")?.parse()?;
            points.requests.push((point, STANDARD.decode(made["request"].as_str().context("no request")?)?));
        }
        Ok(points)
    }

    /// Makes them members of the deployment of this store, which is reached there.
    pub(super) async fn join(
        &mut self,
        store: &Arc<dyn Store>,
        domain: &str,
        scope: &Value,
        address: SocketAddr,
    ) -> anyhow::Result<()> {
        let identities = enrol(store, domain, scope, &self.requests).await?;
        let one = |identity: &bartizan_enforce::PointIdentity| {
            let chain: Vec<String> = identity.chain.iter().map(|der| STANDARD.encode(der)).collect();
            json!({ "chain": chain, "authority": STANDARD.encode(&identity.authority) })
        };
        let identities: Vec<Value> = identities.iter().map(one).collect();
        self.ask(&json!({ "domain": domain, "address": address, "identities": identities })).map(drop)
    }

    /// Asks for something, and waits for the answer.
    pub(super) fn ask(&mut self, what: &Value) -> anyhow::Result<Value> {
        self.say(what)?;
        self.answer()
    }

    /// Asks, and does not wait: `answer` is to be called later.
    pub(super) fn say(&mut self, what: &Value) -> anyhow::Result<()> {
        writeln!(self.input, "{what}")?;
        Ok(self.input.flush()?)
    }

    pub(super) fn answer(&mut self) -> anyhow::Result<Value> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        let answer: Value =
            serde_json::from_str(&line).with_context(|| format!("the points said {line:?}"))?;
        match answer.get("failed") {
            Some(why) => bail!("at the points: {why}"),
            None => Ok(answer),
        }
    }

    /// Starts them, or starts them again, and waits until each has a lease.
    pub(super) fn begin(&mut self) -> anyhow::Result<Vec<Moments>> {
        let since = super::since_boot();
        self.ask(&json!({ "do": "start" }))?;
        self.leased_since(since)
    }

    /// Waits until each has got a lease after this moment.
    pub(super) fn leased_since(&mut self, since: f64) -> anyhow::Result<Vec<Moments>> {
        self.say(&json!({ "do": "leased", "since": since }))?;
        self.moments()
    }

    /// The answer to that.
    pub(super) fn moments(&mut self) -> anyhow::Result<Vec<Moments>> {
        let answer = self.answer()?;
        let points = answer["points"].as_array().context("no points")?;
        let one = |point: &Value| {
            let of = |what: &str| point[what].as_f64().unwrap_or(f64::NAN);
            Moments { asked: of("asked"), leased: of("leased"), least: of("least") }
        };
        Ok(points.iter().map(one).collect())
    }

    /// Lets each point be brought the tokens of these people. How many seconds that took.
    pub(super) fn meet(&mut self, people: usize) -> anyhow::Result<f64> {
        let met = self.ask(&json!({ "do": "meet", "people": people }))?;
        met["seconds"].as_f64().context("no time")
    }

    /// How often all of them together have subscribed.
    pub(super) fn subscribed(&mut self) -> anyhow::Result<u64> {
        self.ask(&json!({ "do": "stand" }))?["subscribed"].as_u64().context("no count")
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        demo::end(&mut self.child);
    }
}
