//! The mark: a turret corbelled from the corner of a wall, one window lit.

use maud::{Markup, PreEscaped, html};

/// The mark, 28 px, beside the name.
#[must_use]
pub fn mark() -> Markup {
    html! {
        svg .mark width="28" height="28" viewBox="0 0 16 16" fill="currentColor" aria-hidden="true" focusable="false" {
            path d=(WALL) {}
            path .lit d=(WINDOW) {}
        }
    }
}

/// The mark as the icon of a tab. It brings its own ground, because a tab may be dark or light.
pub(crate) fn favicon() -> PreEscaped<String> {
    // Only what a `data:` address and an attribute cannot hold as it stands is encoded.
    PreEscaped(format!(
        "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='-1.5 -1.5 19 19'%3E\
         %3Crect x='-1.5' y='-1.5' width='19' height='19' rx='3.5' fill='%230B5C7A'/%3E\
         %3Cpath fill='%23fff' d='{WALL}'/%3E%3Cpath fill='%23F0B65E' d='{WINDOW}'/%3E%3C/svg%3E"
    ))
}

/// The wall to the left, and the turret that hangs at its corner on three steps of corbels; the window is left out.
const WALL: &str = "M1 7h5v3h1v2h1.5v2h1v1H1z\
                    M7 1h2v1.5h1V1h2v1.5h1V1h2v8h-1v2h-1.5v2h-1v2h-1v-2h-1v-2H8V9H7z\
                    M10 8h2V5.5a1 1 0 0 0-2 0z";

/// The window.
const WINDOW: &str = "M10 8h2V5.5a1 1 0 0 0-2 0z";
