//! Passkeys through the binary: in Chromium with virtual authenticators, and with an emulator that others wrote and that
//! says whatever one likes.

use std::path::Path;

use crate::browser::run_with;
use crate::demo::Demo;

#[test]
fn passkeys_are_made_used_and_refused_in_a_browser() {
    run_with(&Demo::start(), "passkeys", serde_json::json!({}));
}

/// Runs a script against a demo, unless this machine lacks what it takes.
fn with(package: &str, script: &str) {
    if !Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/node/node_modules")).join(package).exists() {
        println!("SKIPPED {script} in a browser: there is no {package}");
        return;
    }
    run_with(&Demo::start(), script, serde_json::json!({}));
}

#[test]
fn class_4_15_16_17_forged_passkeys_are_refused_and_the_record_says_why() {
    with("nid-webauthn-emulator", "passkeys-forged");
}

#[test]
fn pages_with_passkeys_are_in_order_in_every_look_size_and_language() {
    with("axe-core", "passkeys-seen");
}
