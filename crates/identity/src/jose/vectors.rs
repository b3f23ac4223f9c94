//! The vectors of C2SP/wycheproof for JWS and JWK, through what reads tokens here.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::jws::Jws;
use super::key::KeySet;

/// Valid by the vectors, and refused here: file, cases, why.
const REFUSED: &[(&str, &[u64], &str)] = &[
    (
        SIGNATURES,
        &[1, 348, 352, 357, 358, 359, 372, 373, 376, 377],
        "the key is symmetric: there is none here, so that no public key is ever taken for one",
    ),
    (SIGNATURES, &[346, 350], "the key is for PS256, and the header says PS384: the key decides"),
    (SIGNATURES, &[347, 351], "P-521, which the library does not have"),
    (KEYS, &[2, 13, 14, 15], "the key is symmetric"),
];

/// Invalid by the vectors, and accepted here.
const ACCEPTED: &[(&str, &[u64], &str)] = &[(
    KEYS,
    &[7],
    "an RSA key that a faulty chip made (ROCA, CVE-2017-15361): keys are registered by administrators, ours are made here",
)];

const SIGNATURES: &str = "json_web_signature_test";
const KEYS: &str = "json_web_key_test";

#[test]
#[expect(clippy::print_stderr, reason = "what was not tried is said")]
fn differences_from_wycheproof_are_known_and_explained() {
    let Some(folder) = std::env::var_os("BARTIZAN_VECTORS").map(PathBuf::from) else {
        eprintln!("SKIPPED: BARTIZAN_VECTORS names no folder with vectors of others");
        return;
    };
    let (mut refused, mut accepted, mut cases) = (BTreeSet::new(), BTreeSet::new(), 0);
    for name in [SIGNATURES, KEYS] {
        let path = folder.join("wycheproof").join(format!("{name}.json"));
        let file: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        for group in file["testGroups"].as_array().unwrap() {
            let key = group.get("public").unwrap_or(&group["private"]);
            let set = if key.get("keys").is_some() { key.clone() } else { json!({ "keys": [key] }) };
            for case in group["tests"].as_array().unwrap() {
                cases += 1;
                let verified = KeySet::of(&set).and_then(|keys| {
                    let jws = Jws::parse(case["jws"].as_str().unwrap())?;
                    jws.verify(&keys)
                });
                let id = (name.to_owned(), case["tcId"].as_u64().unwrap());
                match (verified, case["result"].as_str().unwrap()) {
                    (Ok(_), "valid") | (Err(_), "invalid") => {}
                    (Err(_), "valid") => drop(refused.insert(id)),
                    (Ok(_), "invalid") => drop(accepted.insert(id)),
                    (_, other) => panic!("a result `{other}`"),
                }
            }
        }
    }
    assert_eq!(cases, 401 + 26, "the vectors are others than those that were looked at");
    let known = |list: &[(&str, &[u64], &str)]| -> BTreeSet<(String, u64)> {
        list.iter().flat_map(|(file, ids, _)| ids.iter().map(|id| ((*file).to_owned(), *id))).collect()
    };
    assert_eq!(refused, known(REFUSED), "valid, and refused");
    assert_eq!(accepted, known(ACCEPTED), "invalid, and accepted");
}
