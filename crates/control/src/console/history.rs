//! What an object was over time, and making it that again: one way for every kind that has a page.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, Query, State};
use bartizan_model::Revision;
use bartizan_ui::{Emphasis, Rendered, Tone, diff, link_button, notice};
use http::StatusCode;
use maud::{Markup, html};

use super::confirm::{Confirm, confirm};
use super::failure::explained;
use super::frame::{Frame, Shown};
use super::words::when;
use super::{Fields, said};
use crate::api::failure::kind_of;
use crate::api::objects::{MAX_PAGE, Shelf, Shown as Object, To, changes_of, rolled_back};
use crate::api::{Api, Failure};
use crate::call::Admitted;
use crate::error::Error;

/// A kind whose objects have a page with a history.
pub(super) trait Drawn: Shelf {
    /// Where its objects are: `/apps`.
    const PLACE: &'static str;

    /// What an object says, as lines of text that can be compared.
    fn text(object: &Object) -> String;

    /// What an object is called on its page.
    fn title(name: &str, _changes: &[Object]) -> String {
        name.to_owned()
    }

    /// The page of the object, with what was done just now.
    fn drawn(
        read: &Admitted<Self::Read>,
        api: &Arc<Api>,
        name: String,
        told: Told,
    ) -> impl Future<Output = Result<Rendered, Failure>> + Send;
}

/// What stands above a page about what was just done.
#[derive(Debug, Default)]
pub(super) enum Told {
    #[default]
    Nothing,
    Done(String),
    /// A title, and a sentence.
    Problem(String, String),
}

impl Told {
    pub(super) fn markup(&self, frame: &Frame) -> Markup {
        match self {
            Self::Nothing => html! {},
            Self::Done(done) => notice(Tone::Done, &html! { (done) }),
            Self::Problem(title, detail) => notice(
                Tone::Failure,
                &html! { strong { (title) } p { (detail) } p { (frame.words.say("history-unchanged")) } },
            ),
        }
    }
}

/// What an object was.
#[derive(Debug)]
pub(super) struct Past {
    /// Newest first.
    pub(super) changes: Vec<Object>,
    /// Whether its reader may make it that again.
    pub(super) back: bool,
}

pub(super) async fn past<D: Drawn>(
    admitted: &Admitted<D::Read>,
    api: &Api,
    name: &str,
) -> Result<Past, Failure> {
    // One more than is shown: the oldest that is has one before it, too.
    let read = u32::try_from(MOST + 1).unwrap_or(MAX_PAGE);
    let changes = changes_of::<D>(admitted, api, name, read).await?;
    Ok(Past { changes, back: admitted.may::<D::Write>(api) })
}

/// What the object was, newest first, with what each change changed.
pub(super) fn history<D: Drawn>(frame: &Frame, name: &str, past: &Past) -> Markup {
    let (words, changes) = (frame.words, &past.changes);
    let olds = changes.iter().skip(1).map(Some).chain(std::iter::once(None));
    html! {
        section {
            h2 { (words.say("history")) }
            ol .changes {
                @for (number, (change, old)) in changes.iter().zip(olds).enumerate().take(MOST) {
                    li {
                        div .row.apart {
                            p {
                                (words.markup(
                                    "history-change",
                                    &[("revision", (&change.revision.to_string()).into())],
                                    &[("author", html! { bdi { (change.author) } }), ("when", when(frame, change.time))],
                                ))
                                span .muted {
                                    @match (&change.spec, old) {
                                        (None, _) => { " · " (words.say("history-deleted")) }
                                        (Some(_), None) => { " · " (words.say("history-first")) }
                                        (Some(_), Some(_)) => {}
                                    }
                                }
                            }
                            @if number > 0 && past.back {
                                (link_button(
                                    &words.with("history-back", &[("revision", (&change.revision.to_string()).into())]),
                                    &format!("{}/{name}/rollback?to={}", D::PLACE, change.revision),
                                    Emphasis::Secondary,
                                ))
                            }
                        }
                        @if let Some(old) = old {
                            @let label = words.with("history-diff", &[("revision", (&change.revision.to_string()).into())]);
                            (diff(&label, &D::text(old), &D::text(change), words.language()))
                        }
                    }
                }
            }
            @if changes.len() > MOST { p .muted { (words.say("history-more")) } }
        }
    }
}

pub(super) async fn ask_back<D: Drawn>(
    admitted: Admitted<D::Read>,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
    Query(asked): Query<Fields>,
) -> Result<Shown, Failure> {
    let changes = changes_of::<D>(&admitted, &api, &name, MAX_PAGE).await?;
    let frame = Frame::of(&api, &admitted).await?;
    let to = said(&asked, "to").unwrap_or_default();
    let then = changes.iter().find(|change| change.revision.get().to_string() == to);
    let missing = || Error::NotFound { what: "revision of it", name: to.chars().take(64).collect() };
    let (then, now) = then.zip(changes.first()).ok_or_else(missing)?;
    let title = D::title(&name, &changes);
    Ok(back_page::<D>(&frame, (&name, &title), now, then).into())
}

pub(super) fn back_page<D: Drawn>(
    frame: &Frame,
    (name, title): (&str, &str),
    now: &Object,
    then: &Object,
) -> Rendered {
    let words = frame.words;
    let pieces = [("author", html! { bdi { (then.author) } }), ("when", when(frame, then.time))];
    let effect = html! {
        p { (words.markup("back-becomes", &[("name", title.into())], &pieces)) }
        @if then.spec.is_none() { p { (words.say("back-deleted")) } }
        (diff(&words.say("back-changes"), &D::text(now), &D::text(then), words.language()))
        p { (words.say("back-cuts")) }
    };
    let (to, read) = (then.revision.get().to_string(), now.revision.get().to_string());
    let asked = Confirm {
        title: &words.with("back-title", &[("name", title.into()), ("revision", (&to).into())]),
        effect: &effect,
        action: &format!("{}/{name}/rollback", D::PLACE),
        fields: &[("to", &to), ("revision", &read)],
        verb: &words.with("history-back", &[("revision", (&to).into())]),
        back: &format!("{}/{name}", D::PLACE),
        emphasis: Emphasis::Danger,
    };
    confirm(frame, D::PLACE, &asked)
}

pub(super) async fn back<D: Drawn>(
    admitted: Admitted<D::Write>,
    read: Admitted<D::Read>,
    State(api): State<Arc<Api>>,
    Path(name): Path<String>,
    Form(sent): Form<Fields>,
) -> Result<Shown, Failure> {
    let number = |field| said(&sent, field).and_then(|text| text.parse().ok()).map(Revision::new);
    let unclear = || Error::Invalid(String::from("the form does not say which revision is meant"));
    let asked = To { revision: number("to").ok_or_else(unclear)?, if_revision: number("revision") };
    let to = asked.revision.to_string();
    let frame = Frame::of(&api, &read).await?;
    let (told, status) = match rolled_back::<D>(&admitted, &api, name.clone(), asked).await {
        Ok(written) => {
            let revision = written.revision.to_string();
            let values =
                [("to", (&to).into()), ("revision", (&revision).into()), ("cut", written.cut.into())];
            (Told::Done(frame.words.with("back-done", &values)), StatusCode::OK)
        }
        Err(Failure::Failed(error)) => {
            let status = StatusCode::from_u16(kind_of(&error).0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let (title, detail) = explained(frame.words, &error);
            (Told::Problem(title, detail), status)
        }
        Err(other) => return Err(other),
    };
    Ok(Shown::from(D::drawn(&read, &api, name, told).await?).status(status))
}

/// What an object says in the words of object files, for comparing; nothing if it was deleted.
pub(super) fn lines(object: &Object) -> String {
    let Some(serde_json::Value::Object(fields)) = &object.spec else { return String::new() };
    let said: serde_json::Map<_, _> = fields
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    toml::to_string_pretty(&said).unwrap_or_else(|_unusual| serde_json::Value::Object(said).to_string())
}

/// 50 changes are shown, with what each changed.
const MOST: usize = 50;
