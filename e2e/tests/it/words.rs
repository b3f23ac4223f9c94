//! Pages in the languages of their readers, in a real browser.

use serde_json::json;

use crate::browser::run_with;
use crate::demo::Demo;

#[test]
fn whoever_reads_another_language_meets_no_page_in_english() {
    run_with(&Demo::start(), "words", json!({}));
}
