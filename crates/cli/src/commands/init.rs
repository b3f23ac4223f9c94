//! `bartizan init`: a configuration, a data directory, and somebody who may administer.

use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, lchown};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use bartizan_identity::{Attributes, CodePurpose, NewPerson, login_name};
use bartizan_model::UserId;
use serde_json::json;

use super::serve::AUTHORITY;
use crate::args::{Global, Init};
use crate::config::{Config, HEALTH, Service};
use crate::deployment::{self, Deployment};
use crate::output::{CONFLICT, Ended, Failure, USAGE, data, talk};
use bartizan_gateway::Share;

pub(super) async fn run(global: &Global, init: &Init) -> Ended {
    let login = login_name(&init.admin).map_err(|error| Failure::new(USAGE, format!("--admin: {error}")))?;
    let path = init.dir.join("bartizan.toml");
    let data_dir = match &init.data_dir {
        None => String::from("data"),
        Some(dir) => absolute(dir)?,
    };
    let text = commented(&init.domain, init.listen, &data_dir);
    let config = Config::read("bartizan.toml", &text, &init.dir).map_err(|findings| {
        let said: Vec<String> = findings.iter().map(|finding| finding.message.clone()).collect();
        Failure::new(USAGE, said.join("; "))
    })?;
    if path.exists() {
        let message = format!("`{}` is there already: nothing was made", path.display());
        return Err(Failure::new(CONFLICT, message));
    }
    let empty = std::fs::read_dir(&config.data_dir).into_iter().flatten().next().is_none();
    // What lies there is made private.
    if !empty && !config.data_dir.join("bartizan.db").exists() {
        let message = format!(
            "`{}` has other things than a deployment's data in it: name a folder that is empty, or none",
            config.data_dir.display()
        );
        return Err(Failure::new(CONFLICT, message));
    }
    // An empty one may have been made for the user of the service, who is to find its own data in it, though root makes it.
    let owner = std::fs::metadata(&config.data_dir).ok().map(|metadata| (metadata.uid(), metadata.gid()));
    let others = owner.filter(|(user, _)| empty && *user != 0 && rustix::process::geteuid().is_root());
    if others.is_some() {
        lchown(&config.data_dir, Some(0), Some(0))?;
    }
    // The data may be elsewhere than the configuration.
    for folder in [&init.dir, &config.data_dir] {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
    }
    let made = make(&config, &login).await;
    if let Some((user, group)) = others {
        give(&config.data_dir, user, group)
            .with_context(|| format!("`{}` cannot be given to user {user}", config.data_dir.display()))?;
    }
    let (link, ca) = made?;
    // Last, so that a file which is there belongs to a directory that is whole.
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o644).open(&path)?;
    file.write_all(text.as_bytes())?;
    let console = console(&config.domain, config.port_of(Service::Console));
    if global.is_json() {
        let made = json!({
            "config": path, "data_dir": config.data_dir, "domain": config.domain, "listen": init.listen.to_string(),
            "console": console, "ca": ca, "admin": { "name": login, "link": link },
        });
        return data(&made.to_string());
    }
    data(&format!("made {} and {}", path.display(), config.data_dir.display()))?;
    talk("\nNext:");
    talk(&format!("  1. point {0} and *.{0} at this machine", config.domain));
    talk(&format!("  2. bartizan serve --config {}", path.display()));
    talk(&format!("  3. trust {} on the machines of your people", ca.display()));
    talk(&format!("  4. as {login}, open this within 7 days; it sets password and second factor, once:"));
    talk(&format!("     {link}"));
    talk(&format!("  5. protect your first app at {console}/start, or with `bartizan apply -f DIR`"));
    Ok(())
}

/// Makes what is in the data directory: the link for the first administrator, and where the authority's certificate is.
async fn make(config: &Config, login: &str) -> anyhow::Result<(String, PathBuf)> {
    let deployment = Deployment::start(deployment::Config {
        dir: config.data_dir.clone(),
        domain: config.domain.clone(),
        authority_valid_for: AUTHORITY,
        acme: None,
        traces: Share::NONE,
        points: None,
    })
    .await?;
    let made = first_administrator(&deployment, login).await;
    let issuer = deployment::auth_origin(&config.domain, config.port_of(Service::Auth));
    let link = match &made {
        Ok(id) => first_claim_link(&deployment, *id, &issuer).await,
        Err(_) => Ok(String::new()),
    };
    let ca = deployment.ca_path();
    deployment.stop().await;
    made?;
    Ok((link?, ca))
}

/// A path that is written into a configuration, from wherever this was called.
fn absolute(path: &Path) -> Result<String, Failure> {
    let path = std::path::absolute(path)?;
    let text = path.to_str().filter(|text| !text.chars().any(|c| c.is_control() || matches!(c, '"' | '\\')));
    let wrong =
        || Failure::new(USAGE, format!("--data-dir: `{}` is no path for a configuration", path.display()));
    text.map(str::to_owned).ok_or_else(wrong)
}

/// Gives a folder and what is in it to a user, unless they have it.
fn give(folder: &Path, user: u32, group: u32) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            give(&entry.path(), user, group)?;
        } else if entry.metadata()?.uid() != user {
            lchown(entry.path(), Some(user), Some(group))?;
        }
    }
    if std::fs::metadata(folder)?.uid() != user {
        lchown(folder, Some(user), Some(group))?;
    }
    Ok(())
}

async fn first_administrator(deployment: &Deployment, login: &str) -> anyhow::Result<UserId> {
    if let Some(id) = deployment.people.find(login).await? {
        return Ok(id);
    }
    let attributes =
        Attributes { login: login.to_owned(), display: login.to_owned(), mail: None, profile: None };
    Ok(deployment.people.create(&NewPerson { attributes, admin: true }, "system").await?)
}

/// The single-use link with which the first administrator sets password and second factor.
async fn first_claim_link(deployment: &Deployment, admin: UserId, issuer: &str) -> anyhow::Result<String> {
    let purpose = CodePurpose::Claim { user: admin };
    let lives_for = purpose.lives_for();
    let code = deployment.flow.codes().issue(purpose, lives_for, "system").await?;
    Ok(code.text.expose(|code| format!("{issuer}/claim?t={code}")))
}

/// Where the console is.
pub(super) fn console(domain: &str, port: u16) -> String {
    if port == 443 { format!("https://console.{domain}") } else { format!("https://console.{domain}:{port}") }
}

fn commented(domain: &str, listen: SocketAddr, data_dir: &str) -> String {
    let health = health(listen);
    format!(
        "# Boots a Bartizan process. Apps, groups, people and policies are objects: `bartizan apply -f DIR`.\n\
         # Check it with `bartizan config check FILE`.\n\n\
         # Own hosts are DOMAIN (what people may open), auth.DOMAIN (sign-in) and console.DOMAIN (administration).\n\
         domain = \"{domain}\"\n\n\
         # Database, log and keys; relative to this file. Back it up as one, and keep it private.\n\
         data_dir = \"{data_dir}\"\n\n\
         # What a listener does not serve does not exist there: the console may have one of its own.\n\
         [[listener]]\n\
         address = \"{listen}\"\n\
         serves = [\"apps\", \"auth\", \"console\"]\n\
         # The port that clients use, if something in front of this process translates it.\n\
         # public_port = 443\n\n\
         [tls]\n\
         # Certificates come from the deployment's own authority ({data_dir}/ca.pem). With \"acme\", [tls.acme] terms_agreed = true\n\
         # and a [redirect] on port 80, from Let's Encrypt; with [[tls.certificate]] chain and key, from files.\n\
         authority = \"own\"\n{health}"
    )
}

/// The part on health; none where its port is not free for it, or where ports are of the system's choice, as in trials.
fn health(listen: SocketAddr) -> String {
    let ours = HEALTH.parse::<SocketAddr>().map_or(0, |address| address.port());
    if [0, ours].contains(&listen.port()) {
        return String::new();
    }
    format!(
        "\n# Is it well? Plain HTTP for this machine only: /livez, /readyz, and /metrics for Prometheus.\n\
         [health]\n\
         address = \"{HEALTH}\"\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_init_writes_is_a_valid_configuration() {
        let text = commented("access.example.com", "0.0.0.0:8443".parse().unwrap(), "data");
        let config = Config::read("bartizan.toml", &text, Path::new("/srv")).unwrap();
        assert_eq!((config.domain.as_str(), config.port_of(Service::Auth)), ("access.example.com", 8443));
        assert_eq!(config.data_dir, Path::new("/srv/data"));
        assert_eq!(config.health, Some(HEALTH.parse().unwrap()));
        for listen in ["127.0.0.1:0", "0.0.0.0:9464"] {
            let text = commented("access.example.com", listen.parse().unwrap(), "/var/lib/bartizan");
            let config = Config::read("bartizan.toml", &text, Path::new("/srv")).unwrap();
            assert_eq!(config.health, None, "{listen}");
        }
    }
}
