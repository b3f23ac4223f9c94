//! `bartizan demo`: a whole deployment on this machine, with sample apps and people.

mod apps;
mod handout;
mod past;
mod people;
mod place;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use bartizan_control::{AppSpec, GroupSpec, PolicySpec};
use bartizan_model::{Audit, GroupName, ObjectKind, Timestamp, Upstream, UserId};
use bartizan_store::ChangeSet;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::args::{Demo, Global};
use crate::deployment::{Config, Deployment, put};
use crate::output::{Ended, FAILED, Failure, USAGE, data, talk};
use bartizan_gateway::Share;
use handout::Handout;
pub(crate) use handout::code;
use past::Past;
use people::Tokens;
pub(crate) use place::Place;

/// The demo's domain: browsers take everything under `localhost` for this machine.
const DOMAIN: &str = "bartizan.localhost";

/// How many days of a past there are, unless it is said, or a script starts it.
const PAST: u32 = 7;

pub(crate) async fn run(global: &Global, demo: Demo, place: &Place) -> Ended {
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
    let dir = place.dir.clone();
    let deployment = Deployment::start(Config {
        dir: dir.clone(),
        domain: DOMAIN.into(),
        authority_valid_for: Duration::from_secs(30 * 24 * 3600),
        acme: None,
        traces: Share::NONE,
        points: None,
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
    // Where there was a demo before, there is a past already.
    let past = match demo.past.unwrap_or(if global.is_json() { 0 } else { PAST }) {
        0 => None,
        days if deployment.people.find("ada").await?.is_none() => Some(Past::begin(&deployment, days).await?),
        _ => None,
    };
    let people = people::make(&deployment.people).await?;
    let mut everybody = people.clone();
    everybody.extend(past.iter().flat_map(Past::people));
    let began = past.as_ref().map_or(deployment.clock.now(), Past::begins);
    stock(&deployment, &upstreams, &everybody, began).await?;
    if let (Some(past), Some(ada)) = (&past, people.get("ada")) {
        past.happen(&deployment, *ada).await?;
    }
    deployment.caught_up().await?;
    let port = listener.local_addr()?.port();
    let names: Vec<&str> = upstreams.iter().map(|(name, _)| *name).collect();
    let tokens = people::sign_in(&deployment, &people, &names).await?;
    let listen = listener.local_addr()?;
    let auth = format!("https://auth.{DOMAIN}:{port}");
    let links = people::links(&deployment, &people, &auth).await?;
    deployment.serve(listener).await?;

    // Before it says that it is ready: whoever hears that may end it at once.
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let handout = Handout::write(&dir, tokens.people.iter(), &tokens.admin)?;
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
                .map(|(name, account)| (name.clone(), json!({
                    "password": account.password.expose(Clone::clone),
                    "totp_secret": account.totp.base32().expose(Clone::clone),
                    "link": links.get(name.as_str()),
                    "token": account.token,
                })))
                .collect::<serde_json::Map<_, _>>(),
            "admin_token": tokens.admin,
        });
        data(&ready.to_string())?;
    } else {
        let ca = deployment.ca_path();
        welcome(
            &Welcome {
                listen,
                dir: &dir,
                ca: &ca,
                urls: &urls,
                console: &url("console"),
                past: past.as_ref(),
            },
            &tokens,
            &handout,
        );
    }
    tokio::select! {
        _ = interrupt.recv() => (),
        _ = terminate.recv() => (),
    }
    stop.cancel();
    deployment.stop().await;
    tasks.close();
    tasks.wait().await;
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

/// The demo's apps, groups and policies, as from this time on. With `--dir`, apps move to the new ports and the rest stays
/// as it was left.
async fn stock(
    deployment: &Deployment,
    upstreams: &[(&str, Upstream)],
    people: &BTreeMap<&'static str, UserId>,
    at: Timestamp,
) -> anyhow::Result<()> {
    let store = &deployment.store;
    let mut change = ChangeSet::new("system", at);
    for (name, upstream) in upstreams {
        let spec = AppSpec {
            host: format!("{name}.{DOMAIN}"),
            upstream: Some(upstream.clone()),
            ca: None,
            pass_host: true,
            relax: std::collections::BTreeSet::new(),
            methods: std::collections::BTreeSet::new(),
            max_body: None,
            lease_seconds: None,
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
        ("staff", &["ada", "mara", "jonas", "lucia", "tomasz", "amelie", "kenji", "priya"], &["finance"]),
        ("finance", &["bob", "noor", "ines", "walter"], &[]),
        ("contractors", &["eve", "tess", "viktor"], &[]),
        ("everybody", &[], &["staff", "contractors"]),
    ];
    for (name, users, members) in groups {
        if store.history(ObjectKind::Group, name, 1).await?.is_empty() {
            let spec = GroupSpec {
                users: users.iter().filter_map(|user| people.get(user).copied()).collect(),
                groups: members.iter().map(|group| group.parse::<GroupName>()).collect::<Result<_, _>>()?,
                provisioned: None,
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

/// What somebody who starts the demo for the first time reads.
struct Welcome<'a> {
    listen: std::net::SocketAddr,
    dir: &'a Path,
    ca: &'a Path,
    urls: &'a BTreeMap<&'a str, String>,
    console: &'a str,
    past: Option<&'a Past>,
}

fn welcome(demo: &Welcome<'_>, tokens: &Tokens, handout: &Handout) {
    let me = me();
    talk(&format!("Bartizan demo at {} · data in {}", demo.listen, demo.dir.display()));
    talk("\n  person  password             is");
    for (name, is) in [("ada", "administrator"), ("bob", "finance"), ("eve", "contractor")] {
        if let Some(account) = tokens.people.get(name) {
            account.password.expose(|password| talk(&format!("  {name:<7} {password:<20} {is}")));
        }
    }
    talk("");
    for (name, url) in demo.urls {
        talk(&format!("  {name:<8} {url}"));
    }
    talk(&format!("  {:<8} {}   as ada: what was decided, and why", "console", demo.console));
    if let Some(past) = demo.past {
        let days = if past.days() == 1 { String::from("a day") } else { format!("{} days", past.days()) };
        talk(&format!("           with a past of {days}, of made-up colleagues (--past 0: without)"));
    }
    talk("\nIn a browser: open wiki, sign in as bob, then open payroll as eve and see why not.");
    talk("  The 6-digit code that an authenticator app would show:");
    talk(&format!("    {me} demo code bob"));
    talk("  Certificates are the demo's own. Until you trust them, the browser warns:");
    talk(&format!("    {}", demo.ca.display()));
    talk("\nIn another terminal, as ada:");
    let admin = handout.path("admin.token");
    let options =
        format!("--server {} --ca {} --token-file {}", demo.console, demo.ca.display(), admin.display());
    talk(&format!("  {me} {options} why --user eve --app payroll"));
    talk(&format!("  {me} {options} log search --limit 20"));
    talk(&format!("  {me} {options} session revoke --user bob --wait"));
    let (ca, bob) = (demo.ca.display(), handout.path("bob.token"));
    if let Some(wiki) = demo.urls.get("wiki") {
        let bob = bob.display();
        talk(&format!(
            "As a program, as bob:\n  curl --cacert {ca} -H \"Bartizan-Token: $(cat {bob})\" {wiki}/"
        ));
    }
    talk("\nCtrl-C stops it.");
}

/// This program, as one types it.
fn me() -> String {
    let Ok(exe) = std::env::current_exe() else { return String::from("bartizan") };
    let on_path = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join("bartizan") == exe));
    if on_path {
        return String::from("bartizan");
    }
    let here = std::env::current_dir().ok();
    let short = here.and_then(|here| exe.strip_prefix(here).ok().map(Path::to_owned));
    short.unwrap_or(exe).display().to_string()
}
