//! The stylesheet and the script, and the digests by which a page allows them.

use std::sync::LazyLock;

use bartizan_pki::sha256;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// All the styling there is.
pub(crate) const STYLE: &str = concat!(include_str!("style.css"), include_str!("lists.css"));

/// The same, and what the console alone has.
pub(crate) const CONSOLE_STYLE: &str =
    concat!(include_str!("style.css"), include_str!("lists.css"), include_str!("editor.css"));

/// Copies, prints, and walks through rows. Pages are whole without it.
pub(crate) const SCRIPT: &str = include_str!("island.js");

/// The same, and what the console alone has: finding while somebody types, keys for its places, choosing columns of a chart,
/// and lists that show what comes.
pub(crate) const CONSOLE_SCRIPT: &str = concat!(
    include_str!("island.js"),
    include_str!("palette.js"),
    include_str!("brush.js"),
    include_str!("live.js")
);

/// Asks the browser for a passkey, on pages that say so.
pub(crate) const PASSKEY_SCRIPT: &str = include_str!("passkey.js");

/// The source expression (CSP 3, 2.3.1) that allows the stylesheet. A pure function of a constant, computed once.
pub(crate) static STYLE_SOURCE: LazyLock<String> = LazyLock::new(|| source(STYLE));

/// The source expression that allows the script. A pure function of a constant, computed once.
pub(crate) static SCRIPT_SOURCE: LazyLock<String> = LazyLock::new(|| source(SCRIPT));

/// The source expression that allows the script for passkeys. A pure function of a constant, computed once.
pub(crate) static PASSKEY_SCRIPT_SOURCE: LazyLock<String> = LazyLock::new(|| source(PASSKEY_SCRIPT));

/// The source expression that allows an inline element with exactly this text.
pub(crate) fn source(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(sha256(text.as_bytes())))
}

#[cfg(test)]
mod tests;
