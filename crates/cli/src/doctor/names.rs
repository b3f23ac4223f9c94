//! The names by which the deployment is reached, and those by which it reaches apps.

use std::collections::BTreeSet;
use std::net::{IpAddr, UdpSocket};
use std::time::Duration;

use bartizan_control::AppSpec;
use tokio::task::JoinSet;

use super::Complaint;
use crate::config::Config;
use crate::deployment::own_hosts;

/// Hosts lead here, and the servers of apps can be found.
pub(super) async fn resolve(config: &Config, apps: &[AppSpec]) -> Vec<Complaint> {
    let own = own_hosts(&config.domain).into_iter().map(|(_, host)| host);
    let hosts = own.chain(apps.iter().map(|app| app.host.clone())).filter(|host| !is_local(host));
    let servers = apps.iter().filter_map(|app| Some(app.upstream.as_ref()?.host().to_owned()));
    let servers =
        servers.filter(|host| !is_local(host) && host.trim_matches(['[', ']']).parse::<IpAddr>().is_err());
    let (hosts, servers): (BTreeSet<String>, BTreeSet<String>) = (hosts.collect(), servers.collect());
    let asked: BTreeSet<String> = hosts.union(&servers).take(MOST).cloned().collect();
    let answers = ask(asked).await;
    let in_front = is_behind_something(config);
    let mut complaints = Vec::new();
    for (name, answer) in &answers {
        match answer {
            Err(why) if hosts.contains(name) => complaints.push(Complaint::warning(
                "dns.missing",
                format!("nobody finds `{name}`: {why}"),
                match name == &config.domain {
                    // A wildcard does not stand for the name that it is below.
                    true => format!("add an A or AAAA record for {name} that leads to this machine"),
                    false => format!(
                        "add an A or AAAA record for {name} (or *.{}) that leads to this machine",
                        config.domain
                    ),
                },
            )),
            Ok(addresses)
                if hosts.contains(name) && !in_front && !addresses.iter().any(|ip| is_ours(*ip)) =>
            {
                let shown: Vec<String> = addresses.iter().take(4).map(ToString::to_string).collect();
                complaints.push(Complaint::warning(
                    "dns.elsewhere",
                    format!("`{name}` leads to {}, which is no address of this machine", shown.join(", ")),
                    "change the record; if something in front translates addresses, say so with `public_port` or `trusted_proxies`",
                ));
            }
            Ok(_) | Err(_) => {}
        }
        if let (Err(why), true) = (answer, servers.contains(name)) {
            complaints.push(Complaint::warning(
                "dns.upstream",
                format!("the server of an app is not found: `{name}`: {why}"),
                "mend the name in DNS or in /etc/hosts, or change `upstream` of the app",
            ));
        }
    }
    complaints
}

/// Everybody at once, for a while; who has not answered by then did not.
async fn ask(names: BTreeSet<String>) -> Vec<(String, Result<Vec<IpAddr>, String>)> {
    let mut asking = JoinSet::new();
    for name in names {
        asking.spawn(async move {
            let looked = async {
                let found = tokio::net::lookup_host((name.as_str(), 443)).await?;
                Ok::<_, std::io::Error>(found.map(|address| address.ip().to_canonical()).collect::<Vec<_>>())
            };
            let answer = match tokio::time::timeout(PATIENCE, looked).await {
                Ok(Ok(found)) => Ok(found),
                Ok(Err(error)) => Err(error.to_string()),
                Err(_late) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
            };
            (name, answer)
        });
    }
    let mut answers = asking.join_all().await;
    answers.sort();
    answers
}

/// RFC 6761, 6.3: these are this machine, whatever a resolver says.
pub(crate) fn is_local(host: &str) -> bool {
    host == "localhost" || host.ends_with(".localhost")
}

/// An address that one can be called from is an address that one has.
pub(crate) fn is_ours(ip: IpAddr) -> bool {
    UdpSocket::bind((ip, 0)).is_ok()
}

/// Whether the configuration says that clients come by way of something else.
fn is_behind_something(config: &Config) -> bool {
    config.listeners.iter().any(|listener| {
        listener.public_port != listener.address.port()
            || listener.proxies != bartizan_gateway::Proxies::default()
    })
}

/// A resolver that is down is waited for about that long.
const PATIENCE: Duration = Duration::from_secs(5);

/// More names than that say nothing new.
const MOST: usize = 200;

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn app(host: &str, upstream: &str) -> AppSpec {
        serde_json::from_value(serde_json::json!({ "host": host, "upstream": upstream })).unwrap()
    }

    async fn codes(listener: &str, apps: &[AppSpec]) -> Vec<&'static str> {
        let text = format!(
            "domain = \"access.localhost\"\n[[listener]]\naddress = \"0.0.0.0:8443\"\nserves = [\"apps\", \"auth\"]\n{listener}"
        );
        let config = Config::read("b.toml", &text, Path::new("/d")).unwrap();
        resolve(&config, apps).await.iter().map(|complaint| complaint.code).collect()
    }

    #[tokio::test]
    async fn hosts_that_lead_nowhere_or_elsewhere_and_servers_that_are_not_found() {
        let [here, elsewhere, nowhere] = ["127.0.0.1", "192.0.2.7", "no-such-host.invalid"];
        assert_eq!(codes("", &[app("wiki.localhost", "http://127.0.0.1:1")]).await, Vec::<&str>::new());
        assert_eq!(codes("", &[app(here, "http://localhost:1")]).await, Vec::<&str>::new());
        assert_eq!(codes("", &[app(elsewhere, "http://[::1]:1")]).await, ["dns.elsewhere"]);
        assert_eq!(codes("public_port = 443", &[app(elsewhere, "http://[::1]:1")]).await, Vec::<&str>::new());
        let both = codes("", &[app(nowhere, "https://no-such-server.invalid")]).await;
        assert_eq!(both, ["dns.missing", "dns.upstream"]);
    }
}
