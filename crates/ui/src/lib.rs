//! The look that all pages share: one stylesheet, one set of icons, and parts that are functions.
//!
//! A page is a pure function of a view model. It works without scripts, and its `Content-Security-Policy` names by
//! digest the scripts that it may use, so nothing that slips into a page can run. What they look like they have in them,
//! or, in the console, take by address from their own host. Text reaches a page only through maud, which escapes it.

mod assets;
mod badge;
mod button;
mod chart;
mod checks;
mod chip;
mod codes;
mod diff;
mod editor;
mod field;
mod form;
mod icon;
mod language;
mod languages;
mod layout;
pub mod lint;
mod listing;
mod look;
mod map;
mod mark;
mod notice;
mod page;
mod passkey;
mod place;
mod qr;
mod select;
mod shell;
mod table;
mod texts;
mod time;
mod words;

pub use assets::Asset;
pub use badge::{Outcome, outcome_badge};
pub use button::{Emphasis, button, link_button, print_button};
pub use chart::{Chart, Part, STACK, Scale, Series, Span};
pub use checks::{Check, checks};
pub use chip::{PersonState, id_chip, id_whole, person_chip};
pub use codes::{code_list, command, secret, secret_text};
pub use diff::diff;
pub use editor::{Editor, Found, text_area};
pub use field::{Field, InputMode};
pub use form::{filter, form, named_filter};
pub use icon::{Icon, icon};
pub use language::Language;
pub use languages::languages;
pub use layout::{Home, HomePlace, denial_layout, person_layout};
pub use listing::{Remark, listing};
pub use map::{Line, Node, Nodes, map};
pub use mark::mark;
pub use notice::{Tone, disclosure, notice};
pub use page::{Page, Rendered};
pub use passkey::{Asking, PasskeyForm, passkey_form};
pub use place::place;
pub use qr::qr;
pub use select::select;
pub use shell::{Lag, Shell, ShellLink};
pub use table::{Align, Column, Direction, Sort, Table};
pub use time::{ago, moment, time, wait};
pub use words::{Catalog, Texts, Value, Words, isolated};
