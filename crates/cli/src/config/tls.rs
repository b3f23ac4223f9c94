//! Who vouches for hosts: certificates that were supplied, a public authority, or the deployment's own.

use std::path::{Path, PathBuf};

use bartizan_control::files::{Located, Place, Table, short};
use bartizan_policy::Finding;

/// What `[tls]` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tls {
    /// The public authority, if one is to be asked.
    pub(crate) acme: Option<Acme>,
    /// Whether browsers are told to come over TLS only, where they trust the certificate anyway.
    pub(crate) hsts: bool,
    /// Files of certificates, in order.
    pub(crate) certificates: Vec<CertificateFiles>,
}

/// A public authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Acme {
    /// Its directory.
    pub(crate) directory: String,
    /// Where it reaches the operator.
    pub(crate) contact: Vec<String>,
    /// What its own certificate is checked against in the place of the machine's roots.
    pub(crate) ca: Option<LocatedPath>,
}

/// The two files of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CertificateFiles {
    /// The chain, the host's own certificate first.
    pub(crate) chain: LocatedPath,
    /// The private key.
    pub(crate) key: LocatedPath,
}

/// A file, and where it was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LocatedPath {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// Where it was named.
    pub(crate) place: Place,
}

/// `[tls]` as it stands there.
#[derive(Debug, Default)]
pub(super) struct RawTls {
    authority: Option<Located<Authority>>,
    hsts: Option<Located<bool>>,
    certificates: Vec<RawCertificate>,
    acme: Option<RawAcme>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Authority {
    Own,
    Acme,
}

#[derive(Debug)]
struct RawCertificate {
    chain: Option<Located<String>>,
    key: Option<Located<String>>,
}

#[derive(Debug)]
struct RawAcme {
    place: Place,
    directory: Option<Located<String>>,
    contact: Option<Located<Vec<Located<String>>>>,
    terms_agreed: Option<Located<bool>>,
    ca: Option<Located<String>>,
}

impl RawTls {
    pub(super) fn read(mut table: Table<'_>) -> Self {
        let authority = table.word("authority", &[("own", Authority::Own), ("acme", Authority::Acme)]);
        let hsts = table.boolean("hsts");
        let certificates = table.tables("certificate").into_iter().map(RawCertificate::read).collect();
        let acme = table.table("acme").map(RawAcme::read);
        table.finish();
        Self { authority, hsts, certificates, acme }
    }
}

impl RawCertificate {
    fn read(mut table: Table<'_>) -> Self {
        let read = Self { chain: table.text("chain"), key: table.text("key") };
        for key in ["chain", "key"] {
            if !table.has(key) {
                let help = "chain = \"fullchain.pem\", key = \"privkey.pem\"";
                table.report(table.place().error_with_help(format!("this certificate has no `{key}`"), help));
            }
        }
        table.finish();
        read
    }
}

impl RawAcme {
    fn read(mut table: Table<'_>) -> Self {
        let read = Self {
            place: table.place(),
            directory: table.text("directory"),
            contact: table.texts("contact"),
            terms_agreed: table.boolean("terms_agreed"),
            ca: table.text("ca"),
        };
        table.finish();
        read
    }
}

/// What is meant. Paths are relative to `folder`.
pub(super) fn checked(raw: RawTls, folder: &Path, has_redirect: bool, findings: &mut Vec<Finding>) -> Tls {
    let RawTls { authority, hsts, certificates, acme } = raw;
    let located = |text: Located<String>| LocatedPath { path: folder.join(text.value), place: text.place };
    let certificates = certificates
        .into_iter()
        .filter_map(|raw| Some(CertificateFiles { chain: located(raw.chain?), key: located(raw.key?) }))
        .collect();
    let asks = authority.as_ref().filter(|authority| authority.value == Authority::Acme);
    let acme = match (asks, acme) {
        (Some(authority), acme) => checked_acme(&authority.place, acme, folder, has_redirect, findings),
        (None, Some(acme)) => {
            let help = "set `authority = \"acme\"` in [tls], or leave [tls.acme] out";
            findings.push(acme.place.error_with_help("no public authority is asked", help));
            None
        }
        (None, None) => None,
    };
    Tls { acme, hsts: hsts.is_none_or(|hsts| hsts.value), certificates }
}

fn checked_acme(
    authority: &Place,
    raw: Option<RawAcme>,
    folder: &Path,
    has_redirect: bool,
    findings: &mut Vec<Finding>,
) -> Option<Acme> {
    let before = findings.len();
    if !has_redirect {
        findings.push(authority.error_with_help(
            "the authority could not look at the hosts: there is no [redirect]",
            "[redirect] address = \"0.0.0.0:80\": it asks over plain HTTP on port 80 of each host",
        ));
    }
    let agreed =
        "terms_agreed = true in [tls.acme], once you have read the terms of service of the authority";
    let Some(raw) = raw else {
        findings.push(authority.error_with_help("its terms of service are not agreed to", agreed));
        return None;
    };
    if !raw.terms_agreed.as_ref().is_some_and(|agreed| agreed.value) {
        let place = raw.terms_agreed.as_ref().map_or(&raw.place, |agreed| &agreed.place);
        findings.push(place.error_with_help("its terms of service are not agreed to", agreed));
    }
    if let Some(directory) = &raw.directory
        && !is_secure_url(&directory.value)
    {
        findings.push(directory.place.error_with_help(
            format!("`{}` is not the directory of an authority", short(&directory.value)),
            format!("write its URL, which begins with https://, such as {LETS_ENCRYPT}"),
        ));
    }
    let contact = raw.contact.map(|contact| contact.value).unwrap_or_default();
    for Located { value, place } in &contact {
        if !is_mail(value) {
            let message = format!("`{}` is not a contact", short(value));
            findings
                .push(place.error_with_help(message, "write a mail address, such as mailto:ops@example.com"));
        }
    }
    (findings.len() == before).then(|| Acme {
        directory: raw.directory.map_or_else(|| LETS_ENCRYPT.to_owned(), |directory| directory.value),
        contact: contact.into_iter().map(|contact| contact.value).collect(),
        ca: raw.ca.map(|ca| LocatedPath { path: folder.join(ca.value), place: ca.place }),
    })
}

fn is_secure_url(text: &str) -> bool {
    let parsed = text.parse::<http::Uri>().ok();
    parsed.is_some_and(|uri| {
        uri.scheme_str() == Some("https")
            && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'))
    })
}

fn is_mail(text: &str) -> bool {
    let plain = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_graphic() && !b",?<>@".contains(&byte))
    };
    let parts = text.strip_prefix("mailto:").and_then(|mail| mail.split_once('@'));
    parts.is_some_and(|(local, domain)| plain(local) && plain(domain) && domain.contains('.'))
}

const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";
