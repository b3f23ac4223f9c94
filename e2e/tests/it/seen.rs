//! Pages are usable by everybody: with any eyes, by keyboard alone, by ear, whatever others are called.

use serde_json::json;

use crate::browser::run_with;
use crate::demo::Demo;

/// Runs a script against a demo, unless this machine lacks what it looks with.
fn look(script: &str, demo: &[&str]) {
    if !std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/node/node_modules/axe-core")).exists() {
        println!("SKIPPED {script} in a browser: there is no axe-core");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    run_with(&Demo::start_in(dir.path(), demo), script, json!({}));
}

#[test]
fn every_page_is_in_order_in_every_look_size_and_language() {
    look("seen", &["--past", "7"]);
}

#[test]
fn everything_is_done_by_keyboard_alone_and_the_focus_is_seen() {
    look("seen-keys", &["--past", "7"]);
}

#[test]
fn pages_are_heard_as_was_agreed_on() {
    look("seen-heard", &[]);
}

#[test]
fn pages_keep_their_shape_whatever_people_are_called() {
    look("seen-names", &[]);
}

#[test]
fn what_comes_is_shown_in_place_and_columns_are_chosen() {
    look("seen-live", &["--past", "7"]);
}
