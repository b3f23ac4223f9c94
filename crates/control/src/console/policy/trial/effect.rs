//! Who would get in otherwise if the text were saved: each person and each app that the policy can be about, before and
//! after.

use std::sync::Arc;

use bartizan_model::{AppName, Outcome};
use bartizan_policy::About;
use bartizan_ui::{Icon, icon};
use maud::{Markup, html};

use super::Draft;
use crate::access::Access;
use crate::api::{Api, Failure};
use crate::call::{Admitted, ReadPeople};
use crate::console::frame::Frame;
use crate::console::people::person as person_of;
use crate::console::words::many;
use crate::error::Error;
use crate::register::{Entries, Known, Roll};

/// What came of it.
#[derive(Debug)]
pub(super) enum Effect {
    /// Of each app for whom it would become another, who gains and who loses it.
    Counted(Vec<Turn>),
    /// There are more people and apps than each can be asked about.
    TooMany,
}

/// Who would get in otherwise to one app.
#[derive(Debug)]
pub(super) struct Turn {
    app: AppName,
    gain: Vec<String>,
    lose: Vec<String>,
}

/// Counts. Nothing if the policy is about no app, or as long as the people have not all been read.
pub(super) async fn counted(
    people: &Admitted<ReadPeople>,
    api: &Arc<Api>,
    draft: &Draft,
) -> Result<Option<Effect>, Failure> {
    // Our own hosts have nothing behind them.
    let apps = draft.directory.world().apps().filter(|app| app.upstream.is_some());
    let concerned: Vec<AppName> = apps
        .map(|app| app.name.clone())
        .filter(|app| draft.about.iter().any(|about| can_be_about(about, app)))
        .collect();
    let Known::All(entries) = api.register.of(Roll::People).await? else { return Ok(None) };
    if concerned.is_empty() {
        return Ok(None);
    }
    if entries.len().saturating_mul(concerned.len()) > MOST {
        return Ok(Some(Effect::TooMany));
    }
    let before = Access::now(api, people.asked())?.under(Arc::clone(&draft.before));
    let after = before.under(Arc::clone(&draft.after));
    // Each answer takes some microseconds, and there may be thousands: not where others wait for theirs.
    let turns = tokio::task::spawn_blocking(move || turns(&before, &after, &entries, &concerned));
    let turns =
        turns.await.map_err(|error| Error::Invalid(format!("the effect could not be counted: {error}")))?;
    Ok(Some(Effect::Counted(turns)))
}

fn can_be_about(about: &About, app: &AppName) -> bool {
    match about {
        About::Anything | About::Apps => true,
        About::App(one) => one == app,
        About::Clients | About::Client(_) | About::Administration => false,
    }
}

fn turns(before: &Access, after: &Access, people: &Entries, apps: &[AppName]) -> Vec<Turn> {
    let mut turns: Vec<Turn> =
        apps.iter().map(|app| Turn { app: app.clone(), gain: Vec::new(), lose: Vec::new() }).collect();
    for entry in people.values() {
        let Some(person) = person_of(entry) else { continue };
        let name =
            person.attributes.as_ref().map_or_else(|| entry.name.to_string(), |known| known.display.clone());
        let verdicts = before.verdicts(person.id, apps).into_iter().zip(after.verdicts(person.id, apps));
        for (turn, (was, is)) in turns.iter_mut().zip(verdicts) {
            match (was.outcome() == Outcome::Permit, is.outcome() == Outcome::Permit) {
                (false, true) => turn.gain.push(name.clone()),
                (true, false) => turn.lose.push(name.clone()),
                (true, true) | (false, false) => {}
            }
        }
    }
    turns.retain(|turn| !turn.gain.is_empty() || !turn.lose.is_empty());
    turns
}

impl Effect {
    pub(super) fn markup(&self, frame: &Frame) -> Markup {
        let words = frame.words;
        html! {
            div .panel {
                h2 { (words.say("effect")) }
                @match self {
                    Self::TooMany => p .muted { (words.say("effect-too-many")) },
                    Self::Counted(turns) if turns.is_empty() => p { (words.say("effect-none")) },
                    Self::Counted(turns) => {
                        ul .steps {
                            @for turn in turns {
                                (side(frame, turn, &turn.gain, "effect-gain", Icon::Permit, "permit"))
                                (side(frame, turn, &turn.lose, "effect-lose", Icon::Deny, "deny"))
                            }
                        }
                        p .muted { (words.say("effect-supposed")) }
                    }
                }
            }
        }
    }
}

fn side(
    frame: &Frame,
    turn: &Turn,
    who: &[String],
    says: &'static str,
    picture: Icon,
    class: &str,
) -> Markup {
    let words = frame.words;
    let count = [("count", many(who.len()).into())];
    let app = html! { a href={ "/access?app=" (turn.app) } { (turn.app) } };
    let more = who.len().saturating_sub(NAMED);
    html! {
        @if !who.is_empty() {
            li {
                span class=(class) { (icon(picture)) }
                span {
                    (words.markup(says, &count, &[("app", app)]))
                    @for (number, name) in who.iter().take(NAMED).enumerate() {
                        @if number > 0 { "," } " " bdi { (name) }
                    }
                    @if more > 0 { " " (words.with("effect-more", &[("count", many(more).into())])) }
                }
            }
        }
    }
}

/// 20,000 pairs of a person and an app, each decided twice: half a second.
const MOST: usize = 20_000;

/// 5 are named, the others counted.
const NAMED: usize = 5;
