//! What was done in a person's name lately, in their words: so that they notice what was not they.

use std::sync::Arc;

use axum::extract::{Query, State};
use bartizan_evidence::{Found, Query as Search};
use bartizan_identity::Place;
use bartizan_model::DenyReason;
use bartizan_ui::{HomePlace, Icon, Rendered, Words, icon, id_chip, isolated, place, time};
use maud::{Markup, html};

use super::deed::{Deed, End, Entry, Step, entries};
use super::{Portal, Visitor, document};
use crate::api::Failure;
use crate::console::frame::Shown;
use crate::console::words::refusal;
use crate::console::{Fields, said};
use crate::error::Error;

#[derive(Debug)]
pub(super) struct View<'a> {
    pub(super) visitor: &'a Visitor,
    /// The newest first.
    pub(super) entries: Vec<Entry>,
    /// Before which entry of the log more is to be looked for, if there may be more.
    pub(super) earlier: Option<u64>,
    /// Whether these are the newest.
    pub(super) newest: bool,
}

pub(super) async fn show(
    State(portal): State<Arc<Portal>>,
    visitor: Visitor,
    Query(asked): Query<Fields>,
) -> Result<Shown, Failure> {
    let before: Option<u64> = said(&asked, "before").and_then(|before| before.parse().ok());
    let found = own(&portal, &visitor, before).await?;
    let earlier = found.last().map(|found| found.log_index).filter(|_| found.len() >= MANY);
    let view = View { visitor: &visitor, entries: entries(&found), earlier, newest: before.is_none() };
    Ok(page(&portal.auth_origin, &view).into())
}

/// The newest events of the visitor, and of nobody else; newest first.
async fn own(portal: &Portal, visitor: &Visitor, before: Option<u64>) -> Result<Vec<Found>, Failure> {
    let limit = Some(u32::try_from(MANY).unwrap_or(u32::MAX));
    let search = Search { user: Some(visitor.user.to_string()), before, limit, ..Search::default() };
    let found = portal.log.search(&search).await;
    let mut found = found.map_err(|error| Error::Evidence(error.to_string()))?;
    found.reverse();
    Ok(found)
}

pub(super) fn page(auth: &str, view: &View<'_>) -> Rendered {
    let words = view.visitor.words;
    let end = html! { a href={ (auth) "/" } { (words.say("activity-end-it")) } };
    let content = html! {
        h1 { (words.say("activity")) }
        p .lead { (words.markup("activity-not-you", &[], &[("end", end)])) }
        @if view.entries.is_empty() { p .muted { (words.say("activity-none")) } }
        @else { ul .things { @for entry in &view.entries { (row(view.visitor, entry)) } } }
        @if view.earlier.is_some() || !view.newest {
            p .row.apart {
                @if view.newest { span {} } @else { a href="/activity" { (words.say("activity-newest")) } }
                @if let Some(before) = view.earlier {
                    a href={ "/activity?before=" (before) } { (words.say("activity-earlier")) }
                }
            }
        }
    };
    let title = words.say("activity");
    document(auth, words, HomePlace::Activity, &title, &content).copies().render()
}

fn row(visitor: &Visitor, entry: &Entry) -> Markup {
    let words = visitor.words;
    let language = words.language();
    let (class, picture) = drawn(&entry.deed);
    let when = time(&entry.last.to_string(), visitor.now.since(entry.last), language);
    // What they hand to somebody who can find out more.
    let request = entry.request.as_deref().filter(|_| matches!(entry.deed, Deed::Denied(..) | Deed::Cut(..)));
    html! {
        li {
            span class=(class) { (icon(picture)) }
            div {
                p { (told(words, &entry.deed)) }
                @if let Some(why) = why(words, &entry.deed) { p .small { (why) } }
                p .small.muted {
                    (when)
                    @if entry.count > 1 { " · " (words.with("activity-times", &[("count", entry.count.into())])) }
                    @if let Some(known) = &entry.place { " · " (place(Some(Place::told(known)), language)) }
                }
            }
            @if let Some(request) = request { (id_chip(request, None, language)) }
        }
    }
}

const fn drawn(deed: &Deed) -> (&'static str, Icon) {
    match deed {
        Deed::Used(_) => ("permit", Icon::Permit),
        Deed::Token(_)
        | Deed::Step(
            Step::RecoveryCode
            | Step::Link
            | Step::PasskeyAdded
            | Step::PasskeyRemoved
            | Step::PasswordSet
            | Step::PasswordRemoved
            | Step::AppAdded
            | Step::AppRemoved
            | Step::ProviderLinked
            | Step::ProviderUnlinked
            | Step::NewCodes,
        ) => ("muted", Icon::Key),
        Deed::Denied(_, DenyReason::StepUpRequired) => ("step", Icon::StepUp),
        Deed::Denied(..) => ("deny", Icon::Deny),
        Deed::Cut(..) => ("cut", Icon::Cut),
        Deed::SignedIn | Deed::Step(Step::SetUp) => ("muted", Icon::Person),
        Deed::Ended(_) => ("muted", Icon::SignOut),
        Deed::Step(Step::WrongPassword | Step::WrongCode | Step::TooMany | Step::WrongPasskey) => {
            ("step", Icon::Warning)
        }
    }
}

fn told(words: Words, deed: &Deed) -> Markup {
    let about = |id: &'static str, app: &str| words.markup(id, &[], &[("app", isolated(app))]);
    let plain = match deed {
        Deed::Used(app) => return about("deed-used", app),
        Deed::Token(app) => return about("deed-token", app),
        Deed::Denied(app, DenyReason::StepUpRequired) => return about("deed-asked-again", app),
        Deed::Denied(app, _) => return about("deed-denied", app),
        Deed::Cut(app, _) => return about("deed-cut", app),
        Deed::SignedIn => "deed-signed-in",
        Deed::Ended(End::SignedOut) => "deed-signed-out",
        Deed::Ended(End::Revoked) => "deed-revoked",
        Deed::Ended(End::Over) => "deed-over",
        Deed::Ended(End::Changed) => "deed-ended-by-change",
        Deed::Ended(End::AtProvider) => "deed-ended-at-provider",
        Deed::Step(Step::WrongPassword) => "deed-wrong-password",
        Deed::Step(Step::WrongCode) => "deed-wrong-code",
        Deed::Step(Step::TooMany) => "deed-too-many",
        Deed::Step(Step::SetUp) => "deed-set-up",
        Deed::Step(Step::RecoveryCode) => "deed-recovery-code",
        Deed::Step(Step::Link) => "deed-link",
        Deed::Step(Step::WrongPasskey) => "deed-wrong-passkey",
        Deed::Step(Step::PasskeyAdded) => "deed-passkey-added",
        Deed::Step(Step::PasskeyRemoved) => "deed-passkey-removed",
        Deed::Step(Step::PasswordSet) => "deed-password-set",
        Deed::Step(Step::PasswordRemoved) => "deed-password-removed",
        Deed::Step(Step::AppAdded) => "deed-app-added",
        Deed::Step(Step::AppRemoved) => "deed-app-removed",
        Deed::Step(Step::ProviderLinked) => "deed-provider-linked",
        Deed::Step(Step::NewCodes) => "deed-codes-new",
        Deed::Step(Step::ProviderUnlinked) => "deed-provider-unlinked",
    };
    html! { (words.say(plain)) }
}

/// Why something was refused or closed, where that is not said already.
fn why(words: Words, deed: &Deed) -> Option<String> {
    match deed {
        Deed::Denied(_, DenyReason::StepUpRequired) => None,
        Deed::Denied(_, reason) | Deed::Cut(_, reason) => Some(refusal(words, *reason)),
        _ => None,
    }
}

/// So many events are looked at for one page.
const MANY: usize = 400;
