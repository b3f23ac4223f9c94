use std::io::{Read as _, Write as _};
use std::sync::Arc;

use rustls::{ClientConfig, ClientConnection, ServerConfig, ServerConnection};
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, UnixTime};

use super::*;

const DOMAIN: &str = "example.org";
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Handshakes are verified by the clock of the machine.
fn now() -> Timestamp {
    Timestamp::from_micros(i64::try_from(UnixTime::now().as_secs()).unwrap() * 1_000_000)
}

fn ago(span: Duration) -> Timestamp {
    Timestamp::from_micros(now().as_micros() - i64::try_from(span.as_micros()).unwrap())
}

fn authority() -> Authority {
    Authority::generate("example.org points", now(), Authority::LIFETIME).unwrap()
}

fn point() -> PointId {
    PointId::from_bytes([7; 16])
}

type Identity = (CertificateChain, Secret<Vec<u8>>);

fn point_identity(authority: &Authority, at: Timestamp) -> Identity {
    let (key, csr) = point_request().unwrap();
    (authority.certify_point(&csr, &point_name(DOMAIN, point()), at, DAY).unwrap(), key)
}

fn control_identity(authority: &Authority, at: Timestamp) -> Identity {
    let (key, csr) = point_request().unwrap();
    (authority.certify_control(&csr, &control_name(DOMAIN), at, DAY).unwrap(), key)
}

fn control(authority: &Authority) -> ServerConfig {
    let (chain, key) = control_identity(authority, now());
    control_tls(authority.certificate(), chain, &key).unwrap()
}

fn client(authority: &Authority, identity: Option<&Identity>) -> ClientConfig {
    let identity = identity.map(|(chain, key)| (chain.clone(), key));
    point_tls(authority.certificate(), identity).unwrap()
}

/// A whole handshake and a byte each way; what the server knows of the client.
fn meet(
    client: ClientConfig,
    server: ServerConfig,
) -> Result<Option<CertificateDer<'static>>, rustls::Error> {
    meet_at(client, server, &control_name(DOMAIN))
}

fn meet_at(
    client: ClientConfig,
    server: ServerConfig,
    name: &str,
) -> Result<Option<CertificateDer<'static>>, rustls::Error> {
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let mut client = ClientConnection::new(Arc::new(client), name)?;
    let mut server = ServerConnection::new(Arc::new(server))?;
    client.writer().write_all(b"?").unwrap();
    for _ in 0..20 {
        let mut wire = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut wire).unwrap();
        }
        let mut wire = wire.as_slice();
        while !wire.is_empty() {
            server.read_tls(&mut wire).unwrap();
            server.process_new_packets()?;
        }
        let mut wire = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut wire).unwrap();
        }
        let mut wire = wire.as_slice();
        while !wire.is_empty() {
            client.read_tls(&mut wire).unwrap();
            client.process_new_packets()?;
        }
    }
    let mut asked = [0];
    server.reader().read_exact(&mut asked).unwrap();
    assert_eq!(client.alpn_protocol(), Some(b"h2".as_slice()));
    assert_eq!(client.protocol_version(), Some(rustls::ProtocolVersion::TLSv1_3));
    assert_eq!(client.tls13_tickets_received(), 0, "nothing to come back with");
    Ok(server.peer_certificates().and_then(|chain| chain.first()).cloned())
}

#[test]
fn a_point_and_control_know_each_other() {
    let authority = authority();
    let identity = point_identity(&authority, now());
    let seen = meet(client(&authority, Some(&identity)), control(&authority)).unwrap().unwrap();
    assert_eq!(point_of(&seen, DOMAIN), Some(point()));
    assert_eq!(point_of(&seen, "example.com"), None);
    assert_eq!(point_of(&seen, "example.or"), None);
}

#[test]
fn who_has_no_certificate_is_let_in_as_nobody() {
    let authority = authority();
    assert_eq!(meet(client(&authority, None), control(&authority)), Ok(None));
}

#[test]
fn whoever_joins_knows_control_by_the_digest_of_the_authority() {
    let authority = authority();
    let digest = sha256(authority.certificate());
    assert_eq!(meet(joining_tls(digest).unwrap(), control(&authority)), Ok(None));
    // Another authority of the same name, and a digest of nothing.
    let other = self::authority();
    assert!(meet(joining_tls(digest).unwrap(), control(&other)).is_err());
    assert!(meet(joining_tls([0; 32]).unwrap(), control(&authority)).is_err());
    // The right authority beside a certificate that it never issued.
    let (mut chain, key) = control_identity(&other, now());
    chain.push(authority.certificate().clone());
    let forged = control_tls(authority.certificate(), chain, &key).unwrap();
    assert!(meet(joining_tls(digest).unwrap(), forged).is_err());
    // The digest of the server's own certificate makes it no authority.
    let (chain, key) = control_identity(&other, now());
    let own = sha256(&chain[0]);
    let own_server =
        control_tls(authority.certificate(), vec![chain[0].clone(), chain[0].clone()], &key).unwrap();
    assert!(meet(joining_tls(own).unwrap(), own_server).is_err());
    // A point's certificate, and control's under another name.
    let (chain, key) = point_identity(&authority, now());
    let chain = vec![chain[0].clone(), authority.certificate().clone()];
    let server = control_tls(authority.certificate(), chain, &key).unwrap();
    assert!(meet(joining_tls(digest).unwrap(), server).is_err());
    assert!(meet_at(joining_tls(digest).unwrap(), control(&authority), "points.example.com").is_err());
}

#[test]
fn a_certificate_of_another_authority_is_refused_at_both_ends() {
    let (ours, theirs) = (authority(), authority());
    let stranger = point_identity(&theirs, now());
    assert!(meet(client(&ours, Some(&stranger)), control(&ours)).is_err());
    let identity = point_identity(&ours, now());
    assert!(meet(client(&ours, Some(&identity)), control(&theirs)).is_err());
}

#[test]
fn the_certificate_of_a_host_is_of_no_use_here() {
    let (points, hosts) = (authority(), authority());
    let name = control_name(DOMAIN);
    // Even for the very name, and for whom the key would fit.
    let (key, _) = point_request().unwrap();
    let pair = KeyPair::from_pkcs8_der_and_sign_algo(
        &PrivatePkcs8KeyDer::from(key.expose(Clone::clone)),
        &PKCS_ECDSA_P256_SHA256,
    )
    .unwrap();
    let csr = params_for(&name).unwrap().serialize_request(&pair).unwrap().der().to_vec();
    let host = hosts.certify(&csr, &name, now(), DAY).unwrap();
    assert!(meet(client(&points, Some(&(host.clone(), key.clone()))), control(&points)).is_err());
    let server = control_tls(points.certificate(), host, &key).unwrap();
    assert!(meet(client(&points, None), server).is_err());
    // Nor would it be if one authority served both: it is for servers.
    let host = points.certify(&csr, &name, now(), DAY).unwrap();
    assert!(meet(client(&points, Some(&(host, key))), control(&points)).is_err());
}

#[test]
fn each_end_has_its_own_kind_of_certificate() {
    let authority = authority();
    let (chain, key) = point_identity(&authority, now());
    let server = control_tls(authority.certificate(), chain, &key).unwrap();
    assert!(meet(client(&authority, None), server).is_err(), "a point as control");
    let identity = control_identity(&authority, now());
    assert!(meet(client(&authority, Some(&identity)), control(&authority)).is_err(), "control as a point");
}

#[test]
fn certificates_are_good_an_hour_early_and_not_after_their_end() {
    let authority = authority();
    let expired = point_identity(&authority, ago(DAY + Duration::from_secs(60)));
    assert!(meet(client(&authority, Some(&expired)), control(&authority)).is_err());
    let early = point_identity(&authority, now().plus(Duration::from_secs(3500)));
    assert!(meet(client(&authority, Some(&early)), control(&authority)).is_ok());
    let too_early = point_identity(&authority, now().plus(Duration::from_secs(3700)));
    assert!(meet(client(&authority, Some(&too_early)), control(&authority)).is_err());
    let (chain, key) = control_identity(&authority, ago(DAY + Duration::from_secs(60)));
    let server = control_tls(authority.certificate(), chain, &key).unwrap();
    assert!(meet(joining_tls(sha256(authority.certificate())).unwrap(), server).is_err());
}

#[test]
fn a_certificate_without_its_key_or_with_a_changed_byte_is_refused() {
    let authority = authority();
    let (chain, _) = point_identity(&authority, now());
    let (_, other_key) = point_identity(&authority, now());
    assert!(matches!(
        point_tls(authority.certificate(), Some((chain.clone(), &other_key))),
        Err(Error::Tls { .. })
    ));
    let (chain, key) = point_identity(&authority, now());
    let mut changed = chain[0].to_vec();
    *changed.last_mut().unwrap() ^= 1;
    let forged = (vec![CertificateDer::from(changed)], key);
    assert!(meet(client(&authority, Some(&forged)), control(&authority)).is_err());
}

#[test]
fn no_name_of_the_request_gets_into_the_certificate() {
    let authority = authority();
    let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let mut params = params_for("wiki.example.org").unwrap();
    let other = point_name(DOMAIN, PointId::from_bytes([9; 16]));
    params.subject_alt_names.push(SanType::URI(other.as_str().try_into().unwrap()));
    params.distinguished_name.push(rcgen::DnType::CommonName, "control");
    let csr = params.serialize_request(&pair).unwrap().der().to_vec();
    let chain = authority.certify_point(&csr, &point_name(DOMAIN, point()), now(), DAY).unwrap();
    assert_eq!(point_of(&chain[0], DOMAIN), Some(point()));
    let (_, read) = x509_parser::parse_x509_certificate(&chain[0]).unwrap();
    assert_eq!(read.subject().iter().count(), 0);
    let chain = authority.certify_control(&csr, &control_name(DOMAIN), now(), DAY).unwrap();
    let (_, read) = x509_parser::parse_x509_certificate(&chain[0]).unwrap();
    let names = read.subject_alternative_name().unwrap().unwrap();
    assert_eq!(names.value.general_names, [GeneralName::DNSName("points.example.org")]);
    assert_eq!(chain[1], *authority.certificate());
}

#[test]
fn a_request_that_does_not_prove_its_key_is_refused() {
    let authority = authority();
    let (_, mut csr) = point_request().unwrap();
    *csr.last_mut().unwrap() ^= 1;
    let name = point_name(DOMAIN, point());
    assert!(authority.certify_point(&csr, &name, now(), DAY).is_err());
    assert!(authority.certify_point(b"", &name, now(), DAY).is_err());
    let p384 = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
    let csr = nameless().serialize_request(&p384).unwrap().der().to_vec();
    assert!(matches!(authority.certify_point(&csr, &name, now(), DAY), Err(Error::RequestKey)));
}

#[test]
fn only_one_name_of_a_point_names_a_point() {
    let authority = authority();
    let (_, csr) = point_request().unwrap();
    let id = PointId::from_bytes([0xab; 16]).to_string();
    for bad in [
        format!("spiffe://{DOMAIN}/point/{}", id.to_uppercase()),
        format!("spiffe://{DOMAIN}/points/{id}"),
        format!("spiffe://{DOMAIN}/point/{id}/"),
        format!("spiffe://{DOMAIN}/point/x/{id}"),
        format!("https://{DOMAIN}/point/{id}"),
        format!("spiffe://evil.{DOMAIN}/point/{id}"),
        id.clone(),
        String::new(),
    ] {
        let chain = authority.certify_point(&csr, &bad, now(), DAY).unwrap();
        assert_eq!(point_of(&chain[0], DOMAIN), None, "{bad}");
    }
    let good = authority.certify_point(&csr, &format!("spiffe://{DOMAIN}/point/{id}"), now(), DAY).unwrap();
    assert_eq!(point_of(&good[0], DOMAIN), Some(PointId::from_bytes([0xab; 16])));
    let mut longer = good[0].to_vec();
    longer.push(0);
    assert_eq!(point_of(&longer, DOMAIN), None);
    for len in 0..good[0].len() {
        assert_eq!(point_of(&good[0][..len], DOMAIN), None);
    }
    let control = authority.certify_control(&csr, &control_name(DOMAIN), now(), DAY).unwrap();
    assert_eq!(point_of(&control[0], DOMAIN), None);
}
