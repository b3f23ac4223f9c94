//! What somebody signs in with, changed later, in a browser.

use crate::browser::run_with;
use crate::demo::Demo;

#[test]
fn what_one_signs_in_with_is_changed_on_the_account_page() {
    run_with(&Demo::start(), "factors", serde_json::json!({}));
}
