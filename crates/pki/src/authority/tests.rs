use std::sync::Arc;

use proptest::prelude::*;
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls_pki_types::{ServerName, UnixTime};
use x509_parser::prelude::FromDer as _;

use super::*;
use crate::HostKey;

const NOW: Timestamp = Timestamp::from_micros(1_795_507_200_000_000);
const DAY: Duration = Duration::from_secs(24 * 3600);

fn authority() -> Authority {
    Authority::generate("Bartizan test", NOW, Authority::LIFETIME).unwrap()
}

/// Verifies as a TLS client does.
fn verify(
    authority: &Authority,
    chain: &CertificateChain,
    host: &str,
    at: Timestamp,
) -> Result<(), rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.add(authority.certificate().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
    let at = UnixTime::since_unix_epoch(Duration::from_secs(at.as_secs().try_into().unwrap()));
    let name = ServerName::try_from(host.to_owned()).unwrap();
    verifier.verify_server_cert(&chain[0], &chain[1..], &name, &[], at).map(|_| ())
}

#[test]
fn a_certificate_is_good_for_its_host_and_for_no_other() {
    let authority = authority();
    let key = HostKey::generate().unwrap();
    let csr = key.csr_der("wiki.example.org").unwrap();
    let chain = authority.certify(&csr, "wiki.example.org", NOW, DAY).unwrap();
    assert_eq!(verify(&authority, &chain, "wiki.example.org", NOW), Ok(()));
    for other in ["payroll.example.org", "example.org", "a.wiki.example.org"] {
        assert!(verify(&authority, &chain, other, NOW).is_err(), "{other}");
    }
    assert!(verify(&self::authority(), &chain, "wiki.example.org", NOW).is_err(), "another authority");
    assert!(key.certified_key(chain.clone()).is_ok());
    let stranger = HostKey::generate().unwrap();
    assert!(matches!(stranger.certified_key(chain), Err(Error::CertifiedKey { .. })));
}

#[test]
fn a_certificate_is_short_lived_and_never_outlives_its_authority() {
    let authority = authority();
    let csr = HostKey::generate().unwrap().csr_der("wiki.example.org").unwrap();
    let chain = authority.certify(&csr, "wiki.example.org", NOW, DAY).unwrap();
    assert_eq!(verify(&authority, &chain, "wiki.example.org", NOW.plus(DAY)), Ok(()));
    assert!(verify(&authority, &chain, "wiki.example.org", NOW.plus(DAY + Duration::from_secs(1))).is_err());
    let skewed = Timestamp::from_micros(NOW.as_micros() - 299_000_000);
    assert_eq!(verify(&authority, &chain, "wiki.example.org", skewed), Ok(()));

    let brief = Authority::generate("brief", NOW, DAY).unwrap();
    let chain = brief.certify(&csr, "wiki.example.org", NOW, DAY * 30).unwrap();
    let (_, leaf) = x509(&chain[0]);
    assert_eq!(leaf, NOW.plus(DAY).as_secs());
    assert!(matches!(
        brief.certify(&csr, "wiki.example.org", NOW.plus(DAY), DAY),
        Err(Error::AuthorityExpired)
    ));
}

/// The serial number and the end of validity, read with the certificate parser that rcgen brings.
fn x509(der: &CertificateDer<'_>) -> (Vec<u8>, i64) {
    let (_, certificate) = x509_parser::parse_x509_certificate(der).unwrap();
    (certificate.raw_serial().to_vec(), certificate.validity().not_after.timestamp())
}

#[test]
fn serial_numbers_are_random_and_positive() {
    let authority = authority();
    let csr = HostKey::generate().unwrap().csr_der("wiki.example.org").unwrap();
    let mut serials: Vec<Vec<u8>> =
        (0..50).map(|_| x509(&authority.certify(&csr, "wiki.example.org", NOW, DAY).unwrap()[0]).0).collect();
    assert!(serials.iter().all(|serial| serial.len() == 16 && serial[0] < 0x80));
    serials.sort();
    serials.dedup();
    assert_eq!(serials.len(), 50);
}

#[test]
fn a_certificate_says_server_authentication_and_one_name() {
    let chain =
        authority().certify(&HostKey::generate().unwrap().csr_der("a.b").unwrap(), "a.b", NOW, DAY).unwrap();
    let (_, certificate) = x509_parser::parse_x509_certificate(&chain[0]).unwrap();
    let usage = certificate.extended_key_usage().unwrap().unwrap().value;
    assert!(usage.server_auth && !usage.client_auth && !usage.any);
    assert_eq!(certificate.subject_alternative_name().unwrap().unwrap().value.general_names.len(), 1);
    assert!(!certificate.basic_constraints().unwrap().unwrap().value.ca);
}

#[test]
fn a_request_for_another_name_is_refused() {
    let authority = authority();
    let key = KeyPair::generate().unwrap();
    let ask = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        CertificateParams::new(names).unwrap().serialize_request(&key).unwrap().der().to_vec()
    };
    assert!(authority.certify(&ask(&["wiki.example.org"]), "wiki.example.org", NOW, DAY).is_ok());
    for names in [
        &["payroll.example.org"][..],
        &["wiki.example.org", "payroll.example.org"],
        &["wiki.example.org", "127.0.0.1"],
        &["*.example.org"],
        &["127.0.0.1"],
        &[],
    ] {
        let refused = authority.certify(&ask(names), "wiki.example.org", NOW, DAY);
        assert!(matches!(refused, Err(Error::OtherName { .. })), "{names:?}");
    }
    let wildcard = authority.certify(&ask(&["*.example.org"]), "*.example.org", NOW, DAY);
    assert!(matches!(wildcard, Err(Error::Host { .. })));
}

#[test]
fn a_request_for_another_kind_of_key_is_refused() {
    for kind in [&rcgen::PKCS_ED25519, &rcgen::PKCS_ECDSA_P384_SHA384] {
        let key = KeyPair::generate_for(kind).unwrap();
        let csr = CertificateParams::new(vec![String::from("a.b")]).unwrap().serialize_request(&key).unwrap();
        assert!(matches!(authority().certify(csr.der(), "a.b", NOW, DAY), Err(Error::RequestKey)));
    }
}

#[test]
fn a_kept_authority_is_the_same_authority() {
    let authority = authority();
    let again = Authority::from_secret(&authority.to_secret()).unwrap();
    assert_eq!(again.cert_pem(), authority.cert_pem());
    assert_eq!(again.valid_until(), authority.valid_until());
    let csr = HostKey::generate().unwrap().csr_der("a.b").unwrap();
    let chain = again.certify(&csr, "a.b", NOW, DAY).unwrap();
    assert_eq!(verify(&authority, &chain, "a.b", NOW), Ok(()));

    let other = self::authority();
    let (mine, theirs) = (authority.to_secret(), other.to_secret());
    let key_of_mine_certificate_of_theirs = mine.expose(|mine| {
        theirs.expose(|theirs| {
            let head = HEAD_LEN + authority.issuer.key().serialized_der().len();
            [&mine[..head], &theirs[HEAD_LEN + other.issuer.key().serialized_der().len()..]].concat()
        })
    });
    let mixed = Authority::from_secret(&Secret::new(key_of_mine_certificate_of_theirs));
    assert!(matches!(mixed, Err(Error::CertifiedKey { .. })));
    assert!(Authority::from_secret(&Secret::new(Vec::new())).is_err());
}

#[test]
fn the_pem_form_is_read_back_by_rustls() {
    use rustls_pki_types::pem::PemObject as _;
    let authority = authority();
    let read = CertificateDer::from_pem_slice(authority.cert_pem().as_bytes()).unwrap();
    assert_eq!(&read, authority.certificate());
    assert!(authority.cert_pem().lines().all(|line| line.len() <= 64));
}

#[test]
fn debug_output_shows_no_key() {
    let shown = format!("{:?}", authority());
    assert!(shown.starts_with("Authority { valid_until") && shown.len() < 80, "{shown}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_request_whose_content_was_changed_is_refused(at: prop::sample::Index, with: u8) {
        let authority = authority();
        let mut csr = HostKey::generate().unwrap().csr_der("a.b").unwrap();
        // What is signed is the first element (RFC 2986, 4.2); of what follows, some encodings mean the same.
        let (_, read) = x509_parser::certification_request::X509CertificationRequest::from_der(&csr).unwrap();
        let signed = read.certification_request_info.raw.to_vec();
        let start = csr.windows(signed.len()).position(|window| window == signed).unwrap();
        let at = start + at.index(signed.len());
        prop_assume!(csr[at] != with);
        csr[at] = with;
        prop_assert!(authority.certify(&csr, "a.b", NOW, DAY).is_err());
    }

    #[test]
    fn arbitrary_bytes_are_no_request(bytes: Vec<u8>) {
        prop_assert!(authority().certify(&bytes, "a.b", NOW, DAY).is_err());
    }
}
