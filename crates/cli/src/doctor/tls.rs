//! Certificates of others: those that were supplied can be served for what they are for, and an authority that is asked can
//! look at the hosts.

use std::collections::BTreeSet;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bartizan_model::{Clock as _, ObjectKind, Timestamp};
use bartizan_pki::Supplied;
use bartizan_store::{MasterKey, SqliteStore};

use super::Complaint;
use crate::certificates::{self, FromFiles};
use crate::config::{CertificateFiles, Config};
use crate::deployment::own_hosts;
use crate::system::{SystemClock, SystemEntropy};

/// What is wrong with all of them.
pub(super) async fn certificates(config: &Config, running: bool) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let hosts = if config.tls.certificates.is_empty() { None } else { hosts(&config.data_dir).await };
    for files in &config.tls.certificates {
        complaints.extend(one(files, hosts.as_ref(), SystemClock.now()));
    }
    if let Some(acme) = &config.tls.acme {
        if let Err(findings) = certificates::directory(acme) {
            let mend =
                "name the PEM file of the authority's own root as `ca` in [tls.acme], or leave `ca` out";
            complaints
                .extend(findings.iter().map(|found| Complaint::error("tls.acme_ca", &found.message, mend)));
        }
        complaints.extend(reachable(config, running).await);
    }
    complaints
}

fn one(files: &CertificateFiles, hosts: Option<&BTreeSet<String>>, now: Timestamp) -> Vec<Complaint> {
    let read = match FromFiles::read(files, now) {
        Ok(read) => read,
        Err(unusable) => {
            let mend = unusable.finding.help.unwrap_or_default();
            return vec![Complaint::error(unusable.code, unusable.finding.message, mend)];
        }
    };
    about(read.supplied(), &files.chain.path, hosts, now)
}

fn about(
    supplied: &Arc<Supplied>,
    path: &Path,
    hosts: Option<&BTreeSet<String>>,
    now: Timestamp,
) -> Vec<Complaint> {
    let (path, mut complaints) = (path.display(), Vec::new());
    if supplied.ends().since(now) < SOON {
        complaints.push(Complaint::warning(
            "tls.expires",
            format!("the certificate in `{path}` expires on {}", supplied.ends()),
            "have it renewed; a new file is taken up within a minute, or at once by `systemctl reload bartizan`",
        ));
    }
    if !supplied.leads_on() {
        complaints.push(Complaint::warning(
            "tls.chain_incomplete",
            format!("`{path}` holds the certificate of the host and none of its issuers: browsers may not trust it"),
            "append the certificates of its issuers, but for the root; certbot calls such a file fullchain.pem",
        ));
    }
    if let Some(name) = supplied.names().iter().find(|name| name.starts_with("*.")) {
        complaints.push(Complaint::warning(
            "tls.wildcard",
            format!("`{path}` is for `{name}`: browsers may use one connection for several hosts, which is refused (421) and asked for again on another"),
            "have a certificate issued for each host; whoever gets the key of a wildcard can pretend to be all of them",
        ));
    }
    let serves = |host: &String| supplied.covers(host);
    if let Some(hosts) = hosts {
        let used = |name: &String| match name.strip_prefix("*.") {
            Some(_) => hosts.iter().any(serves),
            None => hosts.contains(name),
        };
        for name in supplied.names().iter().filter(|name| !used(name)) {
            complaints.push(Complaint::warning(
                "tls.no_app",
                format!("`{path}` is for `{name}`, and no app has such a host"),
                format!(
                    "`bartizan apply` an app with host = \"{name}\", or take the name off the certificate"
                ),
            ));
        }
    }
    complaints
}

/// The hosts of all apps; nothing if they cannot be read, which is complained of elsewhere.
async fn hosts(dir: &Path) -> Option<BTreeSet<String>> {
    let (key, file) = (dir.join("keys").join("master"), dir.join("bartizan.db"));
    // Nothing is made here.
    if !key.is_file() || !file.is_file() {
        return None;
    }
    let master = MasterKey::load_or_create(&key, &SystemEntropy).ok()?;
    let mut glance = SqliteStore::glance(&file, &master, Arc::new(SystemEntropy)).await.ok()?;
    if glance.migrates() {
        return None;
    }
    let apps = glance.list(ObjectKind::App, MAX_APPS).await.ok()?;
    Some(apps.iter().filter_map(|app| app.spec.get("host")?.as_str().map(str::to_owned)).collect())
}

/// Whether an authority elsewhere can ask at a host of ours, as far as this machine can tell.
async fn reachable(config: &Config, running: bool) -> Vec<Complaint> {
    let (Some(address), [(_, auth), ..]) = (config.redirect, own_hosts(&config.domain)) else {
        return Vec::new();
    };
    if address.ip().is_loopback() {
        return vec![Complaint::warning(
            "tls.acme_unreachable",
            format!("[redirect] listens on {address}, where no authority elsewhere can look at the hosts"),
            "set `address` of [redirect] to an address that others reach, such as 0.0.0.0:80",
        )];
    }
    let (looked, name) = (auth.clone(), auth.clone());
    let found = tokio::task::spawn_blocking(move || looked_up(&looked));
    match tokio::time::timeout(PATIENCE, found).await {
        Ok(Ok(Ok(places))) if running => match answers(&places, &name).await {
            Ok(()) => Vec::new(),
            Err(why) => vec![Complaint::warning(
                "tls.acme_unreachable",
                format!("http://{name}/ does not lead here: {why}"),
                format!("have port 80 of {name} lead to {address}: the authority asks there"),
            )],
        },
        Ok(Ok(Ok(_places))) => Vec::new(),
        Ok(Ok(Err(why))) => vec![unnamed(&name, &why)],
        Ok(Err(_)) | Err(_) => vec![unnamed(&name, "no answer in time")],
    }
}

fn unnamed(host: &str, why: &str) -> Complaint {
    let message = format!("`{host}` has no address: {why}");
    Complaint::warning("tls.acme_no_address", message, format!("point {host} at this machine in the DNS"))
}

fn looked_up(host: &str) -> Result<Vec<SocketAddr>, String> {
    (host, 80).to_socket_addrs().map(Iterator::collect).map_err(|error| error.to_string())
}

/// Whether what answers there sends people to this host over TLS, as `[redirect]` does.
async fn answers(places: &[SocketAddr], host: &str) -> Result<(), String> {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let asked = async {
        let mut stream = tokio::net::TcpStream::connect(places).await?;
        let ask = format!("HEAD / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(ask.as_bytes()).await?;
        let mut head = Vec::new();
        stream.take(MAX_HEAD).read_to_end(&mut head).await?;
        Ok::<_, std::io::Error>(String::from_utf8_lossy(&head).to_ascii_lowercase())
    };
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(head)) if head.contains(&format!("location: https://{host}")) => Ok(()),
        Ok(Ok(_other)) => Err(String::from("something else answers")),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_late) => Err(String::from("no answer in time")),
    }
}

/// Time to find out why it is not renewed.
const SOON: Duration = Duration::from_secs(14 * 24 * 3600);

const PATIENCE: Duration = Duration::from_secs(3);

/// As many apps as a deployment can have, and then some.
const MAX_APPS: u32 = 100_000;

const MAX_HEAD: u64 = 8192;
