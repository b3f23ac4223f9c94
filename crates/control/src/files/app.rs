//! What a file says of an app.

use std::collections::BTreeSet;
use std::time::Duration;

use bartizan_model::{AppFacts, AppName, Audit, GroupName, Relaxation, Upstream, WireRules};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::document::{Located, Table, short};
use crate::spec::{AppSpec, Plaintext};

/// The apps that are ours.
pub const RESERVED: [&str; 3] = ["auth", "portal", "console"];

/// What a file says of an app. What it leaves out stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AppPatch {
    pub(crate) host: Option<Located<String>>,
    pub(crate) upstream: Option<Located<Upstream>>,
    pub(crate) ca: Option<Option<String>>,
    pub(crate) pass_host: Option<bool>,
    pub(crate) audit: Option<Audit>,
    pub(crate) groups: Option<BTreeSet<GroupName>>,
    pub(crate) plaintext: Option<Option<Plaintext>>,
    pub(crate) relax: Option<BTreeSet<Relaxation>>,
    pub(crate) methods: Option<BTreeSet<String>>,
    /// Zero takes the limit away.
    pub(crate) max_body: Option<u64>,
    pub(crate) lease_seconds: Option<u64>,
}

impl AppPatch {
    /// The app as it will be; without a host there is none.
    pub(crate) fn onto(&self, stored: Option<&AppSpec>) -> Option<AppSpec> {
        let host = self.host.as_ref().map(|host| host.value.clone());
        let kept = |of: fn(&AppSpec) -> &Option<String>| stored.and_then(|stored| of(stored).clone());
        Some(AppSpec {
            host: host.or_else(|| stored.map(|stored| stored.host.clone()))?,
            upstream: match &self.upstream {
                Some(upstream) => Some(upstream.value.clone()),
                None => stored.and_then(|stored| stored.upstream.clone()),
            },
            ca: self.ca.clone().unwrap_or_else(|| kept(|stored| &stored.ca)),
            pass_host: self.pass_host.unwrap_or_else(|| stored.is_none_or(|stored| stored.pass_host)),
            audit: self.audit.unwrap_or_else(|| stored.map(|stored| stored.audit).unwrap_or_default()),
            groups: self
                .groups
                .clone()
                .unwrap_or_else(|| stored.map(|stored| stored.groups.clone()).unwrap_or_default()),
            upstream_plaintext: self
                .plaintext
                .unwrap_or_else(|| stored.and_then(|stored| stored.upstream_plaintext)),
            relax: self
                .relax
                .clone()
                .unwrap_or_else(|| stored.map(|stored| stored.relax.clone()).unwrap_or_default()),
            methods: self
                .methods
                .clone()
                .unwrap_or_else(|| stored.map(|stored| stored.methods.clone()).unwrap_or_default()),
            max_body: match self.max_body {
                Some(limit) => Some(limit).filter(|limit| *limit > 0),
                None => stored.and_then(|stored| stored.max_body),
            },
            lease_seconds: self.lease_seconds.or_else(|| stored.and_then(|stored| stored.lease_seconds)),
        })
    }
}

/// Reads one `[[app]]`.
pub(super) fn read(table: &mut Table<'_>) -> Option<(Located<AppName>, AppPatch)> {
    let name = match table.parsed::<AppName>("name") {
        Some(name) if RESERVED.contains(&name.value.as_str()) => {
            table.report(name.place.error_with_help(
                format!("the app name `{}` is reserved", name.value),
                "auth, portal and console are the deployment's own hosts: choose another name",
            ));
            None
        }
        other => other,
    };
    let host = table.text("host").and_then(|host| checked_host(table, host));
    let upstream = table.parsed::<Upstream>("upstream");
    let ca = table.text("ca").and_then(|ca| {
        if ca.value.trim().is_empty() {
            return Some(None);
        }
        if has_certificate(&ca.value) {
            return Some(Some(ca.value));
        }
        table.report(ca.place.error_with_help(
            "`ca` holds no certificate in PEM form",
            "put the text of the certificates here, from BEGIN CERTIFICATE to END CERTIFICATE",
        ));
        None
    });
    if let Some(certificate) = table.text("client_cert") {
        // Accepted and not done, it would look as if the upstream knew who calls.
        table.report(certificate.place.error_with_help(
            "`client_cert` is not supported yet: no certificate would be shown to the upstream",
            "leave it out",
        ));
    }
    let pass_host = table.boolean("pass_host").map(|flag| flag.value);
    let audits = [("normal", Audit::Normal), ("strict", Audit::Strict)];
    let audit = table.word("audit", &audits).map(|audit| audit.value);
    let groups = table.texts("groups").map(|groups| group_names(table, groups.value));
    let answers = [("accepted", Some(Plaintext::Accepted)), ("refused", None)];
    let plaintext = table.word("upstream_plaintext", &answers).map(|answer| answer.value);
    let relax = table.texts("relax").map(|forms| relaxations(table, forms.value));
    let methods = table.texts("methods").map(|methods| method_names(table, methods.value));
    let max_body = table.number("max_body").map(|limit| limit.value);
    let lease_seconds = table.number("lease").and_then(|lease| {
        if AppFacts::LEASES.contains(&Duration::from_secs(lease.value)) {
            return Some(lease.value);
        }
        let (least, most) = (AppFacts::LEASES.start().as_secs(), AppFacts::LEASES.end().as_secs());
        table.report(lease.place.error_with_help(
            format!("`lease` cannot be {}", lease.value),
            format!("it is {least} to {most}, in seconds"),
        ));
        None
    });
    let patch = AppPatch {
        host,
        upstream,
        ca,
        pass_host,
        audit,
        groups,
        plaintext,
        relax,
        methods,
        max_body,
        lease_seconds,
    };
    Some((name?, patch))
}

fn relaxations(table: &Table<'_>, forms: Vec<Located<String>>) -> BTreeSet<Relaxation> {
    let names = Relaxation::ALL.map(Relaxation::as_str);
    let mut relax = BTreeSet::new();
    for form in forms {
        match Relaxation::ALL.into_iter().find(|known| known.as_str() == form.value) {
            Some(known) => {
                relax.insert(known);
            }
            None => table.report(form.place.error_with_help(
                format!("`relax` cannot hold `{}`", short(&form.value)),
                format!("it holds some of {}", names.join(", ")),
            )),
        }
    }
    relax
}

fn method_names(table: &Table<'_>, methods: Vec<Located<String>>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for method in methods {
        if WireRules::is_method(&method.value) {
            names.insert(method.value);
        } else {
            table.report(method.place.error_with_help(
                format!("`{}` is no method that can pass", short(&method.value)),
                "use capitals, digits and hyphens, such as PURGE; TRACE, TRACK and CONNECT never pass",
            ));
        }
    }
    names
}

pub(super) fn group_names(table: &Table<'_>, groups: Vec<Located<String>>) -> BTreeSet<GroupName> {
    let mut names = BTreeSet::new();
    for group in groups {
        match group.value.parse() {
            Ok(name) => {
                names.insert(name);
            }
            Err(error) => table.report(group.place.error(format!("`groups`: {error}"))),
        }
    }
    names
}

fn checked_host(table: &Table<'_>, host: Located<String>) -> Option<Located<String>> {
    let lower = host.value.to_ascii_lowercase();
    let message = format!("`{}` is not a host name", short(&host.value));
    if is_host(&host.value) {
        return Some(host);
    }
    let bare = lower.trim_start_matches("https://").trim_start_matches("http://");
    let bare = bare.split(['/', ':']).next().unwrap_or_default().trim_end_matches('.');
    let help = if is_host(bare) {
        format!("write `{bare}`: lower case, without scheme, port or path")
    } else {
        String::from("use labels of a-z, 0-9 and `-`, with dots between, such as wiki.example.com")
    };
    table.report(host.place.error_with_help(message, help));
    None
}

/// Whether requests can name it: the same form that the gateway reads, in lower case.
pub(crate) fn is_host(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_'))
    };
    // An address is no name: no certificate of ours is for one, and no client sends it as SNI (RFC 6066, 3).
    text.len() <= 253 && text.split('.').all(label) && text.parse::<std::net::IpAddr>().is_err()
}

/// Whether it holds a certificate in PEM form.
pub(crate) fn has_certificate(pem: &str) -> bool {
    let Some((_, rest)) = pem.split_once("-----BEGIN CERTIFICATE-----") else { return false };
    let Some((body, _)) = rest.split_once("-----END CERTIFICATE-----") else { return false };
    let body: String = body.split_whitespace().collect();
    !body.is_empty() && STANDARD.decode(body).is_ok()
}
