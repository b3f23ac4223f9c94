//! A grant cannot be had but from a decision.

use std::path::Path;

use bartizan_testkit::CompileFail;

#[test]
fn a_grant_cannot_be_built_copied_or_read_from_somewhere() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compile_fail");
    let pairs = CompileFail::with_crates(&["bartizan_policy", "serde"]).check(&folder);
    assert_eq!(pairs, Ok(5));
}
