//! People who sign in at identity providers of others.

use std::path::Path;

use serde_json::json;

use crate::browser::run_with;
use crate::demo::Demo;

#[test]
fn people_sign_in_at_a_provider_that_others_wrote() {
    if !Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/node/node_modules/oidc-provider")).exists() {
        println!("SKIPPED provider in a browser: there is no oidc-provider");
        return;
    }
    run_with(&Demo::start(), "provider", json!({}));
}
