//! Attacks on tokens. Those of products are named after the classes in which they were published.

use std::time::Duration;

use bartizan_model::Timestamp;
use bartizan_pki::{SigningAlgorithm, SigningKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::jws::Jws;
use super::*;

const NOW: i64 = 1_795_507_200;

fn now() -> Timestamp {
    Timestamp::from_micros(NOW * 1_000_000)
}

fn claims() -> Value {
    json!({ "iss": "https://auth.example.org", "sub": "s", "aud": "client", "iat": NOW, "exp": NOW + 60 })
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

fn expected() -> Expected<'static> {
    Expected {
        typ: Typ::AccessToken,
        issuer: "https://auth.example.org",
        audiences: &["client"],
        now: now(),
        life: Life::AtMost(Duration::from_secs(600)),
    }
}

fn key(algorithm: SigningAlgorithm) -> (SigningKey, KeySet) {
    let key = SigningKey::generate(algorithm).unwrap();
    let keys = KeySet::of(&json!({ "keys": [key.public_jwk()] })).unwrap();
    (key, keys)
}

/// A token with this header and these claims, signed with the key whatever they say.
fn token(key: &SigningKey, header: &str, claims: &str) -> String {
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()).unwrap());
    format!("{signed}.{signature}")
}

fn header(key: &SigningKey, more: &Value) -> String {
    let mut header = json!({ "alg": key.algorithm().as_str(), "kid": key.id(), "typ": "at+jwt" });
    header.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    header.to_string()
}

fn answer(key: &SigningKey, keys: &KeySet, claims: &Value) -> Result<Claims, Refused> {
    read(&token(key, &header(key, &json!({})), &claims.to_string()), &expected(), keys)
}

#[test]
fn what_is_signed_is_read_in_every_algorithm() {
    for algorithm in SigningAlgorithm::ALL {
        let (key, keys) = key(algorithm);
        let text = sign(&key, Typ::AccessToken, &claims()).unwrap();
        let read_back = read(&text, &expected(), &keys).unwrap();
        assert_eq!(read_back.required("sub"), Ok("s"));
        assert_eq!(read_back.instant("exp"), Ok(Some(now().plus(Duration::from_secs(60)))));
        let other = self::key(algorithm).1;
        assert_eq!(read(&text, &expected(), &other).unwrap_err(), Refused::NoSuchKey);
    }
}

#[test]
fn class_1_a_public_key_is_no_shared_secret() {
    let (key, keys) = key(SigningAlgorithm::Rs256);
    let jwk = key.public_jwk();
    // Every form of the public key that an attacker may take for the secret of an HMAC.
    let n = URL_SAFE_NO_PAD.decode(jwk["n"].as_str().unwrap()).unwrap();
    let secrets =
        [jwk.to_string().into_bytes(), n, jwk["n"].as_str().unwrap().as_bytes().to_vec(), Vec::new()];
    for secret in secrets {
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            let mut header = Header::new(algorithm);
            header.typ = Some("at+jwt".into());
            header.kid = Some(key.id().into());
            let forged =
                jsonwebtoken::encode(&header, &claims(), &EncodingKey::from_secret(&secret)).unwrap();
            assert_eq!(read(&forged, &expected(), &keys).unwrap_err(), Refused::Algorithm);
        }
    }
    let symmetric = json!({ "keys": [{ "kty": "oct", "k": "AAAA", "alg": "HS256" }] });
    assert!(matches!(KeySet::of(&symmetric), Err(Refused::Key(_))), "there are no symmetric keys");
}

#[test]
fn class_2_a_malformed_claim_is_not_an_absent_one() {
    let (key, keys) = key(SigningAlgorithm::EdDsa);
    for name in ["iss", "sub", "jti", "nonce", "aud"] {
        for wrong in [json!(1), json!(null), json!({}), json!(true), json!([1]), json!([["client"]])] {
            let refused = answer(&key, &keys, &with(name, wrong)).unwrap_err();
            assert_eq!(refused, Refused::WrongType(name));
        }
    }
    let issuers = with("iss", json!(["https://auth.example.org"]));
    assert_eq!(answer(&key, &keys, &issuers).unwrap_err(), Refused::WrongType("iss"), "an issuer is one");
    for name in ["exp", "nbf", "iat", "auth_time"] {
        for wrong in
            [json!("1795507260"), json!(null), json!([]), json!(-1), json!(1e300), json!({}), json!(false)]
        {
            let refused = answer(&key, &keys, &with(name, wrong.clone())).unwrap_err();
            assert_eq!(refused, Refused::WrongType(name), "{wrong}");
        }
    }
    for name in ["iss", "aud", "exp"] {
        assert_eq!(answer(&key, &keys, &without(name)).unwrap_err(), Refused::Missing(name));
    }
}

#[test]
fn class_34_what_one_check_accepts_another_does_not() {
    // The same token against other expectations, one after the other: nothing is remembered between them.
    let (key, keys) = key(SigningAlgorithm::Es256);
    let text = sign(&key, Typ::AccessToken, &claims()).unwrap();
    assert!(read(&text, &expected(), &keys).is_ok());
    let (issuer, audiences) = ("https://auth.example.com", &["other"][..]);
    assert_eq!(read(&text, &Expected { issuer, ..expected() }, &keys).unwrap_err(), Refused::Issuer);
    assert_eq!(read(&text, &Expected { audiences, ..expected() }, &keys).unwrap_err(), Refused::Audience);
    assert!(read(&text, &Expected { audiences: &[], ..expected() }, &keys).is_ok());
    for typ in [Typ::IdToken, Typ::ClientAssertion, Typ::DpopProof] {
        assert_eq!(read(&text, &Expected { typ, ..expected() }, &keys).unwrap_err(), Refused::Type);
    }
}

#[test]
fn a_token_is_believed_in_its_time_only() {
    let (key, keys) = key(SigningAlgorithm::EdDsa);
    let at = |seconds: i64| json!(NOW + seconds);
    assert_eq!(answer(&key, &keys, &with("exp", at(0))).unwrap_err(), Refused::Expired);
    assert_eq!(answer(&key, &keys, &with("exp", at(700))).unwrap_err(), Refused::TooLongLived);
    for name in ["iat", "nbf"] {
        assert!(answer(&key, &keys, &with(name, at(29))).is_ok());
        assert_eq!(answer(&key, &keys, &with(name, at(31))).unwrap_err(), Refused::TooEarly);
    }
    let old = token(&key, &header(&key, &json!({})), &with("exp", at(-9999)).to_string());
    assert!(read(&old, &Expected { life: Life::Whenever, ..expected() }, &keys).is_ok());
}

#[test]
fn alg_none_is_refused_however_it_is_spelled() {
    let (key, keys) = key(SigningAlgorithm::Es256);
    for alg in ["none", "None", "NONE", "nOnE", ""] {
        let head = json!({ "alg": alg, "typ": "at+jwt" }).to_string();
        let bare =
            format!("{}.{}.", URL_SAFE_NO_PAD.encode(head), URL_SAFE_NO_PAD.encode(claims().to_string()));
        assert_eq!(read(&bare, &expected(), &keys).unwrap_err(), Refused::Algorithm, "{alg}");
        let head = header(&key, &json!({ "alg": alg }));
        let signed = token(&key, &head, &claims().to_string());
        assert_eq!(read(&signed, &expected(), &keys).unwrap_err(), Refused::Algorithm, "{alg}");
    }
    for alg in [json!(null), json!(["ES256"]), json!({ "ES256": 1 })] {
        let signed = token(&key, &header(&key, &json!({ "alg": alg })), &claims().to_string());
        assert_eq!(read(&signed, &expected(), &keys).unwrap_err(), Refused::Algorithm);
    }
}

#[test]
fn an_encrypted_token_is_not_taken_for_a_signed_one() {
    let (key, keys) = key(SigningAlgorithm::Es256);
    let text = sign(&key, Typ::AccessToken, &claims()).unwrap();
    for other in
        [format!("{text}.AA.AA"), format!("{text}."), text.replacen('.', "", 1), String::new(), "..".into()]
    {
        assert!(read(&other, &expected(), &keys).is_err(), "{other}");
    }
    let head = header(&key, &json!({ "enc": "A256GCM" }));
    let refused = read(&token(&key, &head, &claims().to_string()), &expected(), &keys).unwrap_err();
    assert_eq!(refused, Refused::Unsupported("enc"));
}

#[test]
fn a_key_id_is_compared_and_nothing_else() {
    let (key, keys) = key(SigningAlgorithm::Es256);
    for id in [
        "../../../../dev/null",
        "x' UNION SELECT 'key",
        "/proc/self/environ",
        "http://evil.example/",
        "%00",
        "",
    ] {
        let forged = token(&key, &header(&key, &json!({ "kid": id })), &claims().to_string());
        assert_eq!(read(&forged, &expected(), &keys).unwrap_err(), Refused::NoSuchKey, "{id}");
    }
    for id in [json!(1), json!(null), json!(["a"])] {
        let forged = token(&key, &header(&key, &json!({ "kid": id })), &claims().to_string());
        assert_eq!(read(&forged, &expected(), &keys).unwrap_err(), Refused::NoSuchKey);
    }
}

#[test]
fn keys_are_not_taken_from_a_token() {
    let ((key, keys), (own, _)) = (key(SigningAlgorithm::Es256), self::key(SigningAlgorithm::Es256));
    for name in ["jku", "x5u", "x5c", "jwk"] {
        let value = if name == "jwk" { own.public_jwk().clone() } else { json!("https://evil.example/keys") };
        for signer in [&own, &key] {
            let head = header(&key, &json!({ name: value }));
            let refused = read(&token(signer, &head, &claims().to_string()), &expected(), &keys).unwrap_err();
            assert_eq!(refused, Refused::ForeignKey(name));
        }
    }
    let head = header(&key, &json!({ "crit": ["exp"] }));
    let refused = read(&token(&key, &head, &claims().to_string()), &expected(), &keys).unwrap_err();
    assert_eq!(refused, Refused::Unsupported("crit"));
}

#[test]
fn a_signature_of_zeros_is_none() {
    let (key, keys) = key(SigningAlgorithm::Es256);
    let text = sign(&key, Typ::AccessToken, &claims()).unwrap();
    let (signed, _) = text.rsplit_once('.').unwrap();
    for length in [0, 1, 32, 64, 65, 70, 128] {
        let forged = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(vec![0; length]));
        assert_eq!(read(&forged, &expected(), &keys).unwrap_err(), Refused::Signature, "{length} zeros");
    }
}

#[test]
fn what_two_readers_would_read_differently_is_read_by_nobody() {
    let (key, keys) = key(SigningAlgorithm::EdDsa);
    let good = claims().to_string();
    let twice = [
        good.replacen('{', r#"{"sub":"admin","#, 1),
        good.replacen('{', r#"{"x":{"a":1,"a":2},"#, 1),
        good.replacen('{', r#"{"\u0073ub":"admin","#, 1),
    ];
    for payload in twice {
        let text = token(&key, &header(&key, &json!({})), &payload);
        assert_eq!(read(&text, &expected(), &keys).unwrap_err(), Refused::DuplicateMember, "{payload}");
    }
    let head = header(&key, &json!({})).replacen('{', r#"{"alg":"none","#, 1);
    assert_eq!(read(&token(&key, &head, &good), &expected(), &keys).unwrap_err(), Refused::DuplicateMember);
    let text = token(&key, &header(&key, &json!({})), &good);
    assert_eq!(read(&format!("{text}="), &expected(), &keys).unwrap_err(), Refused::Base64);
    for not_an_object in ["[]", "\"x\"", "1", "", "{", "{}x"] {
        let text = token(&key, &header(&key, &json!({})), not_an_object);
        assert_eq!(read(&text, &expected(), &keys).unwrap_err(), Refused::NotAnObject);
    }
    let deep = format!("{{\"x\":{}1{}}}", "[".repeat(4000), "]".repeat(4000));
    let text = token(&key, &header(&key, &json!({})), &deep);
    assert_eq!(read(&text, &expected(), &keys).unwrap_err(), Refused::NotAnObject);
}

#[test]
fn a_token_of_more_than_16_kib_is_not_decoded() {
    let (key, keys) = key(SigningAlgorithm::EdDsa);
    let long = with("x", json!("a".repeat(13_000)));
    assert_eq!(answer(&key, &keys, &long).unwrap_err(), Refused::TooLong);
    assert_eq!(read(&"a".repeat(1 << 20), &expected(), &keys).unwrap_err(), Refused::TooLong);
}

#[test]
fn keys_are_public_strong_for_signatures_and_not_ambiguous() {
    let (key, _) = key(SigningAlgorithm::Rs256);
    let jwk = |name: &str, value: Value| {
        let mut jwk = key.public_jwk().clone();
        jwk[name] = value;
        KeySet::of(&json!({ "keys": [jwk] }))
    };
    assert!(jwk("use", json!("sig")).is_ok());
    for (name, value) in [
        ("use", json!("enc")),
        ("use", json!(["sig"])),
        ("key_ops", json!(["encrypt"])),
        ("key_ops", json!("verify")),
        ("alg", json!("RSA-OAEP")),
        ("alg", json!("ES256")),
        ("kty", json!("oct")),
        ("d", json!("AAAA")),
        ("e", json!("AQ")),
        ("e", json!("AQAA")),
        ("n", json!("AQAB")),
    ] {
        assert!(matches!(jwk(name, value.clone()), Err(Refused::Key(_))), "{name} {value}");
    }
    let twice = json!({ "keys": [key.public_jwk(), key.public_jwk()] });
    assert_eq!(KeySet::of(&twice).unwrap_err(), Refused::DuplicateKey);
    for none in [json!({}), json!({ "keys": [] }), json!({ "keys": {} }), json!([])] {
        assert!(KeySet::of(&none).is_err());
    }
}

#[test]
fn a_proof_brings_the_key_that_it_proves_and_nothing_private() {
    let key = SigningKey::generate(SigningAlgorithm::Es256).unwrap();
    let head = |jwk: &Value| json!({ "alg": "ES256", "typ": "dpop+jwt", "jwk": jwk }).to_string();
    let claims = json!({ "jti": "1", "htm": "POST", "htu": "https://a/", "iat": NOW }).to_string();
    let (_, proved) = read_proof(&token(&key, &head(key.public_jwk()), &claims)).unwrap();
    assert_eq!(proved.thumbprint(), key.id());
    let other = SigningKey::generate(SigningAlgorithm::Es256).unwrap();
    let refused = read_proof(&token(&other, &head(key.public_jwk()), &claims)).unwrap_err();
    assert_eq!(refused, Refused::Signature);
    let mut private = key.public_jwk().clone();
    private["d"] = json!("AAAA");
    assert!(matches!(read_proof(&token(&key, &head(&private), &claims)), Err(Refused::Key(_))));
    assert!(read_proof(&token(&key, &header(&key, &json!({})), &claims)).is_err(), "another type");
}

proptest! {
    #[test]
    fn whatever_comes_is_refused(text in "[A-Za-z0-9_.-]{0,200}", keys in "\\PC{0,100}") {
        read_anything(&text, &keys);
        prop_assert!(Jws::parse(&text).is_err() || text.matches('.').count() == 2);
    }

    #[test]
    fn one_changed_character_spoils_a_token(at in 0usize..400, to in "[A-Za-z0-9_-]") {
        let (key, keys) = key(SigningAlgorithm::EdDsa);
        let text = sign(&key, Typ::AccessToken, &claims()).unwrap();
        let at = at % text.len();
        let mut changed = text.clone();
        changed.replace_range(at..=at, &to);
        if changed != text {
            prop_assert!(read(&changed, &expected(), &keys).is_err());
        }
    }
}
