//! The icons: 16 px, a stroke of 1.5, in the colour of the text beside them.

use maud::{Markup, PreEscaped, html};

/// A picture for a word. It never stands alone: what it means is said beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    /// Allowed, or in order.
    Permit,
    /// Refused, or broken.
    Deny,
    /// Ended while it was under way.
    Cut,
    /// A stronger sign-in is wanted.
    StepUp,
    /// Not known, or not reached.
    Unknown,
    /// A credential.
    Key,
    /// A person.
    Person,
    /// A time.
    Clock,
    /// Copy this.
    Copy,
    /// Print this.
    Print,
    /// Look out.
    Warning,
    /// Good to know.
    Info,
    /// A device.
    Device,
    /// Sign out.
    SignOut,
    /// Something closed.
    Lock,
    /// Leads elsewhere.
    External,
    /// Opens a menu.
    Menu,
}

/// An icon, hidden from readers that speak: the word beside it is what they say.
#[must_use]
pub fn icon(icon: Icon) -> Markup {
    html! {
        svg .icon width="16" height="16" viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.5"
            stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false" {
            (PreEscaped(drawing(icon)))
        }
    }
}

const fn drawing(icon: Icon) -> &'static str {
    match icon {
        Icon::Permit => r#"<circle cx="8" cy="8" r="6.25"/><path d="M5.25 8.25 7.25 10.25 10.9 6"/>"#,
        Icon::Deny => r#"<circle cx="8" cy="8" r="6.25"/><path d="m5.75 5.75 4.5 4.5m0-4.5-4.5 4.5"/>"#,
        Icon::Cut => {
            r#"<circle cx="4" cy="4.25" r="1.75"/><circle cx="4" cy="11.75" r="1.75"/><path d="m5.5 5.25 8 6.25m-8-.75 8-6.25"/>"#
        }
        Icon::StepUp => r#"<path d="M1.75 13.25h3.5v-3.5h3.5v-3.5h3.5V2.5m-2.25 2.25L12.25 2.5l2.25 2.25"/>"#,
        Icon::Unknown => r#"<circle cx="8" cy="8" r="6.25" stroke-dasharray="2.2 2.7"/>"#,
        Icon::Key => r#"<circle cx="5.25" cy="10.75" r="2.75"/><path d="m7.25 8.75 6-6m-2.5 2.5 2 2"/>"#,
        Icon::Person => {
            r#"<circle cx="8" cy="5" r="2.75"/><path d="M2.75 13.75c.5-3 2.5-4.25 5.25-4.25s4.75 1.25 5.25 4.25"/>"#
        }
        Icon::Clock => r#"<circle cx="8" cy="8" r="6.25"/><path d="M8 4.5V8l2.5 1.5"/>"#,
        Icon::Copy => {
            r#"<rect x="5.75" y="5.75" width="7.5" height="7.5" rx="1.25"/><path d="M3.25 10.25a.75.75 0 0 1-.75-.75V3.75c0-.7.55-1.25 1.25-1.25H9.5c.4 0 .75.35.75.75"/>"#
        }
        Icon::Print => {
            r#"<path d="M4.5 6V2.5h7V6m-7 5.5h-2V7.25c0-.7.55-1.25 1.25-1.25h8.5c.7 0 1.25.55 1.25 1.25v4.25h-2"/><path d="M4.5 9.5h7v4h-7z"/>"#
        }
        Icon::Warning => r#"<path d="M8 2.25 14.25 13.25H1.75zM8 6.5v3m0 1.9v.1"/>"#,
        Icon::Info => r#"<circle cx="8" cy="8" r="6.25"/><path d="M8 7.5V11m0-6v.1"/>"#,
        Icon::Device => {
            r#"<rect x="2.25" y="2.75" width="11.5" height="8" rx="1"/><path d="M5.5 13.5h5M8 10.75v2.75"/>"#
        }
        Icon::SignOut => {
            r#"<path d="M6.5 2.75H3.5a.75.75 0 0 0-.75.75v9c0 .4.35.75.75.75h3M10.25 5l3 3-3 3m3-3h-7"/>"#
        }
        Icon::Lock => {
            r#"<rect x="3.25" y="7" width="9.5" height="6.5" rx="1"/><path d="M5.25 7V5a2.75 2.75 0 0 1 5.5 0v2"/>"#
        }
        Icon::External => {
            r#"<path d="M9.25 2.75h4v4m0-4L7.5 8.5m4.25 1.25v2.75c0 .4-.35.75-.75.75H3.5a.75.75 0 0 1-.75-.75V5c0-.4.35-.75.75-.75h2.75"/>"#
        }
        Icon::Menu => r#"<path d="M2.5 4.5h11M2.5 8h11m-11 3.5h11"/>"#,
    }
}
