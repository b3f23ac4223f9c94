//! `bartizan demo`: a whole deployment on this machine, with sample apps and people.

mod apps;
mod people;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use bartizan_control::{AppSpec, GroupSpec, PolicySpec};
use bartizan_model::{Audit, GroupName, ObjectKind, Upstream, UserId};
use bartizan_store::ChangeSet;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::args::{Demo, Global};
use crate::deployment::{Config, Deployment, put};
use crate::output::{Ended, FAILED, Failure, USAGE, data, talk};

/// The demo's domain: browsers take everything under `localhost` for this machine.
const DOMAIN: &str = "bartizan.localhost";

pub(crate) async fn run(global: &Global, demo: Demo) -> Ended {
    if !demo.listen.ip().is_loopback() {
        return Err(Failure::new(
            USAGE,
            format!(
                "the demo has well-known people in it: it listens on loopback only, not on {}",
                demo.listen
            ),
        ));
    }
    let mine = demo.upstream.as_deref().map(mine).transpose()?;
    let listener = TcpListener::bind(demo.listen).await.map_err(|error| {
        Failure::new(
            FAILED,
            format!(
                "cannot listen on {}: {error} (is another demo running? --listen takes another address)",
                demo.listen
            ),
        )
    })?;
    let temporary = match &demo.dir {
        Some(_) => None,
        None => Some(tempfile::Builder::new().prefix("bartizan-demo-").tempdir()?),
    };
    let dir = match (&demo.dir, &temporary) {
        (Some(dir), _) => dir.clone(),
        (None, Some(temporary)) => temporary.path().to_owned(),
        (None, None) => PathBuf::from("."),
    };
    std::fs::create_dir_all(&dir).with_context(|| format!("cannot make `{}`", dir.display()))?;
    let dir = dir.canonicalize()?;
    let deployment = Deployment::start(Config {
        dir: dir.clone(),
        domain: DOMAIN.into(),
        authority_valid_for: Duration::from_secs(30 * 24 * 3600),
    })
    .await?;

    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    let mut upstreams: Vec<(&str, Upstream)> = Vec::new();
    for (name, app) in
        [("wiki", apps::App::Wiki), ("payroll", apps::App::Payroll), ("pulse", apps::App::Pulse)]
    {
        let address = apps::start(app, &tasks, &stop).await?;
        upstreams.push((name, format!("http://{address}").parse()?));
    }
    upstreams.extend(mine.map(|upstream| ("mine", upstream)));
    let people = people::make(&deployment.people).await?;
    stock(&deployment, &upstreams, &people).await?;
    deployment.caught_up().await?;
    let port = listener.local_addr()?.port();
    let names: Vec<&str> = upstreams.iter().map(|(name, _)| *name).collect();
    let tokens = people::sign_in(&deployment, &people, &names).await?;
    let listen = listener.local_addr()?;
    deployment.serve(listener)?;

    // Not in the data directory, where no credential is ever in clear.
    let handed_out = tempfile::Builder::new().prefix("bartizan-demo-tokens-").tempdir()?;
    let url = |host: &str| format!("https://{host}.{DOMAIN}:{port}");
    let urls: BTreeMap<&str, String> = names.iter().map(|name| (*name, url(name))).collect();
    if global.is_json() {
        let ready = json!({
            "domain": DOMAIN,
            "listen": listen.to_string(),
            "dir": dir,
            "ca": deployment.ca_path(),
            "console": url("console"),
            "apps": urls,
            "people": tokens.people.iter()
                .map(|(name, token)| (name.clone(), json!({ "token": token })))
                .collect::<serde_json::Map<_, _>>(),
            "admin_token": tokens.admin,
        });
        data(&ready.to_string())?;
    } else {
        let admin_token = handed_out.path().join("admin.token");
        let bob = handed_out.path().join("bob.token");
        write_private(&admin_token, &tokens.admin)?;
        write_private(&bob, tokens.people.get("bob").map_or("", String::as_str))?;
        let (ca, console) = (deployment.ca_path(), url("console"));
        let (ca, admin_token, bob) = (ca.display(), admin_token.display(), bob.display());
        talk(&format!("Bartizan demo at {} · data in {}", listen, dir.display()));
        talk("  people   ada (administrator)  bob (finance)  eve (contractor)");
        for (name, url) in &urls {
            talk(&format!("  app      {name:<8} {url}"));
        }
        talk("\nTry, in another terminal:");
        talk(&format!("  curl --cacert {ca} -H \"Bartizan-Token: $(cat {bob})\" {}/", url("wiki")));
        let options = format!("--server {console} --ca {ca} --token-file {admin_token}");
        talk(&format!("  bartizan {options} why --user eve --app payroll"));
        talk(&format!("  bartizan {options} log search --limit 20"));
        talk(&format!("  bartizan {options} session revoke --user bob --wait"));
        talk("\nCtrl-C stops it.");
    }
    wait_for_the_end().await?;
    stop.cancel();
    deployment.stop().await;
    tasks.close();
    tasks.wait().await;
    Ok(())
}

async fn wait_for_the_end() -> anyhow::Result<()> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        _ = interrupt.recv() => (),
        _ = terminate.recv() => (),
    }
    Ok(())
}

fn mine(url: &str) -> Result<Upstream, Failure> {
    let upstream: Upstream =
        url.parse().map_err(|error| Failure::new(USAGE, format!("--upstream: {error}")))?;
    if !upstream.is_loopback() && !upstream.tls() {
        return Err(Failure::new(
            USAGE,
            "--upstream: a plain http server must be on this machine (127.0.0.1, ::1 or localhost)",
        ));
    }
    Ok(upstream)
}

/// The demo's apps, groups and policies. With `--dir`, apps move to the new ports and the rest stays as it was left.
async fn stock(
    deployment: &Deployment,
    upstreams: &[(&str, Upstream)],
    people: &BTreeMap<&'static str, UserId>,
) -> anyhow::Result<()> {
    let store = &deployment.store;
    let mut change = ChangeSet::new("system", deployment.clock.now());
    for (name, upstream) in upstreams {
        let spec = AppSpec {
            host: format!("{name}.{DOMAIN}"),
            upstream: Some(upstream.clone()),
            ca: None,
            pass_host: true,
            audit: if *name == "payroll" { Audit::Strict } else { Audit::Normal },
            groups: ["staff", "finance"].iter().map(|group| group.parse()).collect::<Result<_, _>>()?,
            upstream_plaintext: None,
        };
        change.writes.push(bartizan_store::Write::Put {
            kind: ObjectKind::App,
            name: (*name).to_owned(),
            spec: serde_json::to_value(&spec)?,
            lookups: Vec::new(),
            expect: bartizan_store::Expect::Any,
        });
    }
    let groups: [(&str, &[&str], &[&str]); 4] = [
        ("staff", &["ada"], &["finance"]),
        ("finance", &["bob"], &[]),
        ("contractors", &["eve"], &[]),
        ("everybody", &[], &["staff", "contractors"]),
    ];
    for (name, users, members) in groups {
        if store.history(ObjectKind::Group, name, 1).await?.is_empty() {
            let spec = GroupSpec {
                users: users.iter().filter_map(|user| people.get(user).copied()).collect(),
                groups: members.iter().map(|group| group.parse::<GroupName>()).collect::<Result<_, _>>()?,
            };
            change.writes.push(put(ObjectKind::Group, name, serde_json::to_value(&spec)?));
        }
    }
    let policies = bartizan_policy::split_file("demo.cedar", include_str!("demo/demo.cedar"))
        .map_err(|findings| anyhow::anyhow!("demo policies: {findings:?}"))?;
    for policy in policies {
        let name = policy.id.to_string();
        if store.history(ObjectKind::Policy, &name, 1).await?.is_empty() {
            let spec = PolicySpec { text: policy.text.clone() };
            change.writes.push(put(ObjectKind::Policy, &name, serde_json::to_value(&spec)?));
        }
    }
    store.commit(change).await?;
    Ok(())
}

fn write_private(path: &std::path::Path, text: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    writeln!(options.open(path)?, "{text}")?;
    Ok(())
}
