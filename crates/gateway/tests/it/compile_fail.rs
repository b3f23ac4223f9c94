//! Nothing reaches an upstream but what was decided.

use std::path::Path;

use bartizan_testkit::CompileFail;

#[test]
fn nothing_is_forwarded_but_the_request_that_a_live_grant_owns() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compile_fail");
    let pairs =
        CompileFail::with_crates(&["bartizan_gateway", "bartizan_enforce", "bartizan_model"]).check(&folder);
    assert_eq!(pairs, Ok(5));
}
