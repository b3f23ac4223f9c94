//! How many refreshes a second clients get: each has a family of tokens of its own, and asks with the newest.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{answer, basic, post};
use crate::demo::Demo;
use crate::load::{Done, Target};

/// The client to which somebody has signed in.
pub(super) const CLIENT: &str = "shop";

/// Families of tokens, each with its newest refresh token.
pub(super) struct Families {
    pub(super) path: &'static str,
    pub(super) authorization: String,
    pub(super) newest: Vec<String>,
}

impl Families {
    /// So many that come of one sign-in with us, which a browser of Node makes; none if it is not installed.
    pub(super) fn ours(demo: &Demo, secret: &str, count: usize) -> anyhow::Result<Option<Self>> {
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../e2e/node");
        if !scripts.join("node_modules/openid-client").is_dir() {
            println!("SKIPPED refreshes: openid-client is not installed (npm ci --prefix e2e/node)\n");
            return Ok(None);
        }
        let port = demo.running.address()?.port();
        let given = json!({
            "issuer": format!("https://auth.{}:{port}", demo.running.text("/domain")?),
            "ca": demo.running.text("/ca")?,
            "person": demo.running.ready["people"]["bob"],
            "client": CLIENT, "secret": secret, "count": count,
        });
        let output = Command::new("node")
            .arg("bench-signed-in.mjs")
            .current_dir(scripts)
            .env("BARTIZAN_E2E", given.to_string())
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()?;
        anyhow::ensure!(output.status.success(), "nobody could be signed in");
        let newest = serde_json::from_slice(&output.stdout)?;
        Ok(Some(Self { path: "/oauth2/token", authorization: basic(CLIENT, secret), newest }))
    }

    /// All of them at once, each one refresh after the other. `ready` is called when the connections are open and warm.
    pub(super) fn refresh(
        &mut self,
        target: &Target,
        length: Duration,
        ready: impl FnOnce(),
    ) -> anyhow::Result<Done> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (path, authorization) = (self.path, self.authorization.clone());
        let newest = std::mem::take(&mut self.newest);
        let (done, newest) = runtime.block_on(async {
            let mut open = Vec::new();
            for token in newest {
                let mut stream = target.connect().await?;
                let token =
                    next(&answer(&mut stream, &request(target, path, &authorization, &token)).await?)?;
                open.push((stream, token));
            }
            ready();
            let began = Instant::now();
            let mut tasks = JoinSet::new();
            for (mut stream, mut token) in open {
                let (target, authorization) = (target.clone(), authorization.clone());
                tasks.spawn(async move {
                    let mut requests = 0_u64;
                    while began.elapsed() < length {
                        let asked = request(&target, path, &authorization, &token);
                        token = next(&answer(&mut stream, &asked).await?)?;
                        requests += 1;
                    }
                    Ok::<_, anyhow::Error>((requests, token))
                });
            }
            let (mut requests, mut newest) = (0, Vec::new());
            while let Some(done) = tasks.join_next().await {
                let (some, token) = done??;
                requests += some;
                newest.push(token);
            }
            Ok::<_, anyhow::Error>((Done { requests, seconds: began.elapsed().as_secs_f64() }, newest))
        })?;
        self.newest = newest;
        Ok(done)
    }
}

fn request(target: &Target, path: &str, authorization: &str, token: &str) -> Vec<u8> {
    post(&target.host, path, authorization, &format!("grant_type=refresh_token&refresh_token={token}"))
}

/// The refresh token that takes the place of the one that was spent.
fn next(answer: &Value) -> anyhow::Result<String> {
    let token = answer["refresh_token"].as_str();
    Ok(token.with_context(|| format!("it was not refreshed: {answer}"))?.to_owned())
}
