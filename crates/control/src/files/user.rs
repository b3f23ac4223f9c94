//! What a file says of a person.

use super::document::{Located, Table};

/// What a file says of a person. What it leaves out stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserPatch {
    pub(crate) display: Option<String>,
    pub(crate) mail: Option<Option<String>>,
    pub(crate) admin: Option<bool>,
    pub(crate) disabled: Option<bool>,
}

/// Reads one `[[user]]`. Its name is the login name.
pub(super) fn read(table: &mut Table<'_>) -> Option<(Located<String>, UserPatch)> {
    let name =
        table.text("name").and_then(|Located { value, place }| match bartizan_identity::login_name(&value) {
            Ok(value) => Some(Located { value, place }),
            Err(error) => {
                table.report(place.error(format!("`name`: {error}")));
                None
            }
        });
    let display = table.text("display").and_then(|display| text(table, "display", display));
    let mail = table.text("mail").and_then(|mail| {
        if mail.value.is_empty() {
            return Some(None);
        }
        let parts = mail.value.split_once('@');
        if parts.is_none_or(|(local, domain)| local.is_empty() || domain.is_empty()) {
            table.report(mail.place.error("`mail` is not a mail address (expected NAME@DOMAIN)"));
            return None;
        }
        text(table, "mail", mail).map(Some)
    });
    let admin = table.boolean("admin").map(|flag| flag.value);
    let disabled = table.boolean("disabled").map(|flag| flag.value);
    Some((name?, UserPatch { display, mail, admin, disabled }))
}

fn text(table: &Table<'_>, key: &str, text: Located<String>) -> Option<String> {
    if text.value.chars().any(char::is_control) || text.value.chars().count() > MAX_TEXT {
        let message = format!("`{key}` is longer than {MAX_TEXT} characters or has control characters");
        table.report(text.place.error(message));
        return None;
    }
    Some(text.value)
}

/// The longest mail address (RFC 5321, 4.5.3.1.3), which is long enough for a name, too.
const MAX_TEXT: usize = 254;
