use std::time::Duration;

use rcgen::{
    CertificateParams, ExtendedKeyUsagePurpose, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384,
    PKCS_ECDSA_P521_SHA512, PKCS_ED25519, PKCS_RSA_SHA256, SignatureAlgorithm,
};

use super::*;

const NOW: Timestamp = Timestamp::from_micros(1_795_507_200_000_000);

fn made(
    names: &[&str],
    algorithm: &'static SignatureAlgorithm,
    change: impl FnOnce(&mut CertificateParams),
) -> (String, String) {
    let key = KeyPair::generate_for(algorithm).unwrap();
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    let at =
        |seconds: i64| rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(seconds.try_into().unwrap());
    params.not_before = at(NOW.as_secs() - 3600);
    params.not_after = at(NOW.as_secs() + 86_400);
    change(&mut params);
    (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
}

fn read(chain: &str, key: &str) -> Result<Supplied, SuppliedError> {
    Supplied::from_pem(chain.as_bytes(), &Secret::new(key.as_bytes().to_vec()), NOW)
}

fn is_chain(found: &Result<Supplied, SuppliedError>, expected: &str) {
    assert!(
        matches!(found, Err(SuppliedError::Chain { problem, .. }) if problem.contains(expected)),
        "{expected}: {found:?}"
    );
}

fn is_key(found: &Result<Supplied, SuppliedError>, expected: &str) {
    assert!(
        matches!(found, Err(SuppliedError::Key { problem, .. }) if problem.contains(expected)),
        "{expected}: {found:?}"
    );
}

#[test]
fn keys_of_the_kinds_that_every_client_knows_are_served() {
    for algorithm in [&PKCS_ECDSA_P256_SHA256, &PKCS_ECDSA_P384_SHA384, &PKCS_ED25519, &PKCS_RSA_SHA256] {
        let (chain, key) = made(&["Wiki.example.com", "*.apps.example.com"], algorithm, |_| ());
        let supplied = read(&chain, &key).unwrap();
        assert_eq!(supplied.names(), ["*.apps.example.com", "wiki.example.com"]);
        assert_eq!(supplied.ends().as_secs(), NOW.as_secs() + 86_400);
        assert!(!format!("{supplied:?}").contains("PRIVATE"));
    }
    let (chain, key) = made(&["wiki.example.com"], &PKCS_ECDSA_P521_SHA512, |_| ());
    is_chain(&read(&chain, &key), "neither RSA");
}

#[test]
fn a_wildcard_stands_for_one_label() {
    let (chain, key) = made(&["wiki.example.com", "*.apps.example.com"], &PKCS_ECDSA_P256_SHA256, |_| ());
    let supplied = read(&chain, &key).unwrap();
    for (host, covered) in [
        ("wiki.example.com", true),
        ("a.apps.example.com", true),
        ("apps.example.com", false),
        ("a.b.apps.example.com", false),
        ("other.example.com", false),
        ("*.apps.example.com", true),
        ("", false),
    ] {
        assert_eq!(supplied.covers(host), covered, "{host}");
    }
}

#[test]
fn what_would_fail_at_a_handshake_is_found_when_it_is_read() {
    let (chain, key) = made(&["wiki.example.com"], &PKCS_ECDSA_P256_SHA256, |_| ());
    let (other_chain, other_key) = made(&["wiki.example.com"], &PKCS_ECDSA_P256_SHA256, |_| ());
    is_key(&read(&chain, &other_key), "not the one of the certificate");
    // An issuer's certificate in front of the host's own.
    is_key(&read(&format!("{other_chain}{chain}"), &key), "not the one of the certificate");
    is_chain(&read("", &key), "there is no certificate");
    is_chain(&read(&key, &key), "there is no certificate");
    is_chain(&read(&chain.replace("MII", "M!I"), &key), "not PEM");
    is_chain(&read(&chain.repeat(11), &key), "more than 10");
    is_key(&read(&chain, ""), "no private key in it");
    is_key(&read(&chain, &chain), "no private key in it");
    is_key(&read(&chain, &key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY")), "behind a passphrase");
    let torn: String =
        key.lines().enumerate().filter(|(at, _)| *at != 1).map(|(_, line)| format!("{line}\n")).collect();
    is_key(&read(&chain, &torn), "its key cannot be used");

    let (nameless, key) = made(&[], &PKCS_ECDSA_P256_SHA256, |_| ());
    is_chain(&read(&nameless, &key), "it names no host");
    let client = |params: &mut CertificateParams| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]
    };
    let (chain, key) = made(&["wiki.example.com"], &PKCS_ECDSA_P256_SHA256, client);
    is_chain(&read(&chain, &key), "not for servers");
}

#[test]
fn a_certificate_is_served_in_its_time_only() {
    let at =
        |seconds: i64| rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(seconds.try_into().unwrap());
    let (chain, key) =
        made(&["a.example.com"], &PKCS_ECDSA_P256_SHA256, |params| params.not_after = at(NOW.as_secs()));
    assert!(matches!(read(&chain, &key), Err(SuppliedError::Expired { at }) if at == NOW));
    let (chain, key) =
        made(&["a.example.com"], &PKCS_ECDSA_P256_SHA256, |params| params.not_before = at(NOW.as_secs() + 1));
    is_chain(&read(&chain, &key), "not valid before");
}

#[test]
fn changed_files_are_read_without_a_panic() {
    let (chain, key) = made(&["wiki.example.com"], &PKCS_ECDSA_P256_SHA256, |_| ());
    let random = bartizan_testkit::SeededEntropy::new(0x71_5e);
    for _ in 0..2000 {
        let mut changed = chain.clone().into_bytes();
        for _ in 0..=random.below(3) {
            let at = random.below(changed.len());
            changed[at] = b"AZaz09+/=-\n "[random.below(12)];
        }
        let _ = Supplied::from_pem(&changed, &Secret::new(key.clone().into_bytes()), NOW);
        let _ = Supplied::from_pem(chain.as_bytes(), &Secret::new(changed), NOW);
    }
}
