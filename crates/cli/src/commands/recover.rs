//! `bartizan recover`: a deployment that nobody can administer any more is mended from its own machine.

use std::path::Path;
use std::sync::Arc;

use bartizan_control::{Recovery, RolledBack};
use bartizan_model::Revision;
use serde_json::json;

use super::config::load_alone;
use super::table;
use crate::args::{Global, Recover};
use crate::config::{Config, Service};
use crate::deployment::{self, Deployment, auth_origin};
use crate::output::{CONFLICT, Ended, FAILED, Failure, INVALID, data, talk};
use bartizan_gateway::Share;

pub(super) async fn run(global: &Global, recover: Recover) -> Ended {
    let path = config_of(&recover);
    let config = load_alone(path)?;
    let deployment = opened(&config, path).await?;
    let recovery = Recovery {
        store: Arc::clone(&deployment.store),
        hub: Arc::clone(&deployment.hub),
        people: deployment.people.clone(),
        sign_ins: deployment.sign_ins.clone(),
        flow: Arc::clone(&deployment.flow),
        enforcer: Arc::clone(&deployment.enforcer),
    };
    let ended = match &recover {
        Recover::Admin { name, keep_factors, .. } => {
            admin(global, &recovery, &config, name, *keep_factors).await
        }
        Recover::Changes { limit, .. } => changes(global, &recovery, *limit).await,
        Recover::Rollback { to, .. } => rollback(global, &recovery, *to).await,
    };
    deployment.stop().await;
    ended
}

const fn config_of(recover: &Recover) -> &std::path::PathBuf {
    match recover {
        Recover::Admin { config, .. }
        | Recover::Changes { config, .. }
        | Recover::Rollback { config, .. } => config,
    }
}

/// Starts the deployment for nobody but us.
async fn opened(config: &Config, path: &Path) -> Result<Deployment, Failure> {
    let dir = &config.data_dir;
    if !dir.join("bartizan.db").is_file() {
        let message =
            format!("there is no deployment in `{}` (data_dir of {})", dir.display(), path.display());
        return Err(Failure::new(FAILED, message));
    }
    crate::lock::as_owner(dir)?;
    if let crate::lock::Claim::Theirs(process) = crate::lock::claim(dir)? {
        let who = process.map_or_else(|| String::from("another process"), |id| format!("process {id}"));
        let message = format!(
            "the deployment is running ({who}): stop it first (systemctl stop bartizan); who is signed in is cut then"
        );
        return Err(Failure::new(CONFLICT, message));
    }
    Ok(Deployment::start(deployment::Config {
        dir: dir.clone(),
        domain: config.domain.clone(),
        authority_valid_for: super::serve::AUTHORITY,
        acme: None,
        traces: Share::NONE,
        points: None,
    })
    .await?)
}

async fn admin(
    global: &Global,
    recovery: &Recovery,
    config: &Config,
    name: &str,
    keep_factors: bool,
) -> Ended {
    let made = recovery.administrator(name, keep_factors).await;
    let made =
        made.map_err(|error| Failure::new(FAILED, format!("{name} is no administrator yet: {error}")))?;
    let origin = auth_origin(&config.domain, config.port_of(Service::Auth));
    let link = made.code.as_ref().map(|(code, _)| code.expose(|code| format!("{origin}/claim?t={code}")));
    let expires = made.code.as_ref().map(|(_, until)| *until);
    if global.is_json() {
        let said = json!({
            "id": made.id.to_string(), "name": name, "created": made.created, "sessions_ended": made.sessions_ended,
            "link": link, "expires": expires, "shut": made.shut,
        });
        return data(&said.to_string());
    }
    let new = if made.created { ", and is new" } else { "" };
    talk(&format!(
        "{name} administers the deployment{new}; {} sessions of theirs were ended",
        made.sessions_ended
    ));
    if let Some(why) = &made.shut {
        still_shut(why);
    }
    if let (Some(link), Some(expires)) = (link, expires) {
        talk(&format!(
            "Start the deployment, then open this; it works once, until {expires}, and sets password and second factor:"
        ));
        data(&link)?;
    }
    Ok(())
}

async fn changes(global: &Global, recovery: &Recovery, limit: u32) -> Ended {
    let changes = recovery.changes(limit).await?;
    if global.is_json() {
        return data(&json!(changes).to_string());
    }
    let rows: Vec<Vec<String>> = changes
        .iter()
        .map(|change| {
            let what = if change.spec.is_some() { "written" } else { "deleted" };
            vec![
                change.revision.to_string(),
                change.time.to_string(),
                change.author.clone(),
                format!("{}/{}", change.kind, change.name),
                what.to_owned(),
            ]
        })
        .collect();
    data(&table(&["REVISION", "TIME", "AUTHOR", "OBJECT", "WHAT"], &rows))?;
    talk("To undo the newest of these: bartizan recover rollback --to with a revision below it");
    Ok(())
}

async fn rollback(global: &Global, recovery: &Recovery, to: u64) -> Ended {
    let done = recovery.roll_back(Revision::new(to)).await;
    let RolledBack { revision, changed, shut } = done.map_err(|error| {
        let code = if matches!(error, bartizan_control::Error::Invalid(_)) { INVALID } else { FAILED };
        Failure::new(code, error.to_string())
    })?;
    if global.is_json() {
        return data(&json!({ "revision": revision, "changed": changed, "shut": shut }).to_string());
    }
    if changed.is_empty() {
        data(&format!("apps, groups and policies are as they were at revision {to} already"))?;
    } else {
        for name in &changed {
            data(name)?;
        }
        talk(&format!(
            "{} objects are as they were at revision {to}; that is revision {revision}",
            changed.len()
        ));
    }
    if let Some(why) = &shut {
        still_shut(why);
    }
    Ok(())
}

fn still_shut(why: &str) {
    talk(&format!("But the door is still shut: {why}."));
    talk("`bartizan recover changes` shows what was changed, `bartizan recover rollback --to N` undoes it,");
    talk("`bartizan recover admin NAME` makes an administrator.");
}
