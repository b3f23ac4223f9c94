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
        "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='-1 -1 18 18'%3E\
         %3Crect x='-1' y='-1' width='18' height='18' rx='3.5' fill='%230B5C7A'/%3E\
         %3Cpath fill='%23fff' d='{WALL}'/%3E%3Cpath fill='%23F0B65E' d='{WINDOW}'/%3E%3C/svg%3E"
    ))
}

/// The wall to the left, the turret over its corner, three corbels under it; the window is left out.
const WALL: &str = "M6 1.5h2V3h1.25V1.5h2V3h1.25V1.5h2v8.25H13v1.75h-1.5v1.75H10v1.25H1.5V7.5H6z\
                    M9.25 8.75h2V6.5a1 1 0 0 0-2 0z";

/// The window.
const WINDOW: &str = "M9.25 8.75h2V6.5a1 1 0 0 0-2 0z";
