//! A proof cannot be made, copied or kept by anybody but who checked, and no session begins but by the flow.

use std::path::Path;

use bartizan_testkit::CompileFail;

#[test]
fn proofs_and_sessions_come_from_checks_alone() {
    let programs = CompileFail::with_crates(&["bartizan_identity", "bartizan_model"]);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compile_fail");
    match programs.check(&folder) {
        Ok(pairs) => assert_eq!(pairs, 4),
        Err(problems) => panic!("{}", problems.join("\n")),
    }
}
