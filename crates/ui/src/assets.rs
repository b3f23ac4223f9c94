//! What pages of the console take by address: stylesheet and scripts, each under a name that has the digest of its
//! content in it. So a browser keeps one for good, and what a new release brings has another name.
//!
//! Only these are ever compressed, because nothing in them is secret and nothing in them comes from a request. Pages hold
//! tokens beside what was asked for, and how well such a page packs tells whoever watches the wire about the token (BREACH).

use std::io::Write as _;
use std::sync::{LazyLock, OnceLock};

use bartizan_pki::sha256;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::look;

/// Something that pages take by address.
#[derive(Debug)]
pub struct Asset {
    name: String,
    kind: &'static str,
    text: &'static str,
    packed: OnceLock<Option<Vec<u8>>>,
    digest: String,
}

impl Asset {
    fn new(stem: &str, kind: Kind, text: &'static str) -> Self {
        let sum = sha256(text.as_bytes());
        let short: String = URL_SAFE_NO_PAD.encode(sum).chars().take(NAMED).collect();
        let (ending, kind) = match kind {
            Kind::Style => ("css", "text/css; charset=utf-8"),
            Kind::Script => ("js", "text/javascript; charset=utf-8"),
        };
        Self {
            name: format!("{stem}.{short}.{ending}"),
            kind,
            text,
            packed: OnceLock::new(),
            digest: format!("sha256-{}", STANDARD.encode(sum)),
        }
    }

    /// The asset of this name, if there is one.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        [&*CONSOLE_STYLE, &*CONSOLE, &*CODEMIRROR, &*EDITOR].into_iter().find(|asset| asset.name == name)
    }

    /// Its media type.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        self.kind
    }

    /// What is in it, as it is.
    #[must_use]
    pub const fn bytes(&self) -> &'static [u8] {
        self.text.as_bytes()
    }

    /// The same, packed by gzip (RFC 1952) when it is first asked for.
    #[must_use]
    pub fn gzip(&self) -> Option<&[u8]> {
        self.packed.get_or_init(|| packed(self.text)).as_deref()
    }

    /// Its address on the host of the page.
    pub(crate) fn address(&self) -> String {
        format!("{ASSETS}{}", self.name)
    }

    /// Its digest, as `integrity` spells it (Subresource Integrity, 3.5).
    pub(crate) fn digest(&self) -> &str {
        &self.digest
    }
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Style,
    Script,
}

/// The stylesheet.
pub(crate) static CONSOLE_STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("style", Kind::Style, look::CONSOLE_STYLE));

/// The script of the console.
pub(crate) static CONSOLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("console", Kind::Script, look::CONSOLE_SCRIPT));

/// CodeMirror, for the page that edits.
pub(crate) static CODEMIRROR: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("codemirror", Kind::Script, include_str!("../vendor/codemirror.js")));

/// What we make of it.
pub(crate) static EDITOR: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("editor", Kind::Script, include_str!("editor.js")));

fn packed(text: &str) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish()).ok()
}

/// Where they are.
const ASSETS: &str = "/assets/";

/// 16 characters of the digest, 96 bits: the address only has to change with the content. That it is the content is
/// held by `integrity`.
const NAMED: usize = 16;

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::GzDecoder;

    use super::*;

    #[test]
    fn what_is_packed_is_what_is_named() {
        for asset in [&*CONSOLE_STYLE, &*CONSOLE, &*CODEMIRROR, &*EDITOR] {
            let found = Asset::named(&asset.name).unwrap();
            let mut text = String::new();
            GzDecoder::new(found.gzip().unwrap()).read_to_string(&mut text).unwrap();
            assert_eq!(text.as_bytes(), found.bytes(), "{}", asset.name);
            assert!(found.gzip().unwrap().len() < text.len() / 2, "{}", asset.name);
            assert!(asset.name.is_ascii() && !asset.name.contains('/'), "{}", asset.name);
        }
        assert!(Asset::named("style.css").is_none() && Asset::named("").is_none());
    }

    #[test]
    fn another_content_has_another_name() {
        let (one, other) = (Asset::new("a", Kind::Script, "1"), Asset::new("a", Kind::Script, "2"));
        assert_ne!(one.address(), other.address());
    }
}
