//! A text as a QR code, drawn in one path.

use std::fmt::Write as _;

use maud::{Markup, html};
use qrcodegen::{QrCode, QrCodeEcc};

/// A text as a QR code. `None` if it is longer than one holds (2,331 bytes).
///
/// `label` is what is said of it; the text itself has to stand beside it for who cannot scan.
#[must_use]
pub fn qr(text: &str, label: &str) -> Option<Markup> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let size = code.size();
    let mut path = String::new();
    for y in 0..size {
        for x in (0..size).filter(|x| code.get_module(*x, y)) {
            // Writing to a string does not fail.
            let _ = write!(path, "M{x} {y}h1v1h-1z");
        }
    }
    let side = size.saturating_add(QUIET.saturating_mul(2));
    let view = format!("-{QUIET} -{QUIET} {side} {side}");
    // A shape ends where it says so: in SVG, unlike in HTML, no element is empty by its name.
    Some(html! {
        svg .qr viewBox=(view) role="img" aria-label=(label) shape-rendering="crispEdges" {
            rect .ground x={ "-" (QUIET) } y={ "-" (QUIET) } width=(side) height=(side) {}
            path d=(path) {}
        }
    })
}

/// The margin that ISO/IEC 18004 asks for, in modules.
const QUIET: i32 = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_becomes_modules_within_a_quiet_margin() {
        let drawn = qr("otpauth://totp/x?secret=ABCD", "QR code").unwrap().into_string();
        // 28 bytes at level M fit version 3, which has 29 modules a side; the finder begins at the origin.
        assert!(drawn.contains("viewBox=\"-4 -4 37 37\""));
        assert!(drawn.contains("d=\"M0 0h1v1h-1zM1 0h1v1h-1z"));
        assert!(drawn.contains("role=\"img\" aria-label=\"QR code\""));
    }

    #[test]
    fn a_text_that_is_too_long_is_not_drawn() {
        assert!(qr(&"x".repeat(2332), "QR code").is_none());
    }
}
