//! What can be asked about a text before it is saved: one request, policy tests, and who would get in otherwise.

mod cases;
mod effect;
mod sample;

use std::sync::Arc;

use axum::extract::FromRequestParts as _;
use bartizan_ui::{Field, Words, select, text_area};
use http::request::Parts;
use maud::{Markup, html};

use self::cases::Cases;
use self::effect::Effect;
use self::sample::Sample;
use super::Draft;
use crate::api::{Api, Failure};
use crate::call::{Admitted, ReadLog, ReadPeople};
use crate::console::apps::all;
use crate::console::frame::Frame;
use crate::console::{Fields, said};
use crate::files::RESERVED;
use crate::register::Roll;

/// What asking takes: explaining decisions, and knowing who there is.
#[derive(Debug)]
pub(super) struct Rights {
    log: Admitted<ReadLog>,
    people: Admitted<ReadPeople>,
}

impl Rights {
    /// The rights of who makes this request. Whoever lacks one is not offered what it takes.
    pub(super) async fn of(parts: &mut Parts, api: &Arc<Api>) -> Option<Self> {
        let log = Admitted::from_request_parts(parts, api).await.ok()?;
        let people = Admitted::from_request_parts(parts, api).await.ok()?;
        Some(Self { log, people })
    }
}

/// What is asked about a text, as it was typed, and what came of it.
#[derive(Debug, Default)]
pub(in crate::console) struct Trial {
    person: String,
    app: String,
    method: String,
    path: String,
    /// Policy tests, in the form of their files.
    cases: String,
    /// The apps that can be chosen.
    apps: Vec<String>,
    /// What is wrong with a field, by its name.
    problem: Option<(&'static str, String)>,
    sample: Option<Sample>,
    ran: Option<Cases>,
    effect: Option<Effect>,
}

impl Trial {
    /// With what was typed before; nothing for who may not ask.
    pub(super) async fn open(
        rights: Option<&Rights>,
        api: &Arc<Api>,
        fields: &Fields,
    ) -> Result<Option<Self>, Failure> {
        if rights.is_none() {
            return Ok(None);
        }
        let apps = all(api, Roll::Apps).await?;
        let opened = apps.keys().filter(|name| !RESERVED.contains(&name.as_ref())).take(MOST_APPS);
        let text = |name| said(fields, name).unwrap_or_default().to_owned();
        Ok(Some(Self {
            person: text("person"),
            app: text("app"),
            method: text("method"),
            path: text("path"),
            cases: fields.get("cases").map(|text| text.replace("\r\n", "\n")).unwrap_or_default(),
            apps: opened.map(ToString::to_string).collect(),
            ..Self::default()
        }))
    }

    /// Asks all that was typed about a text that has been tried.
    pub(super) async fn ask(
        &mut self,
        rights: &Rights,
        api: &Arc<Api>,
        words: Words,
        draft: &Draft,
    ) -> Result<(), Failure> {
        if !self.person.is_empty() {
            match sample::asked(rights, api, words, draft, self).await? {
                Ok(sample) => self.sample = Some(sample),
                Err(problem) => self.problem = Some(problem),
            }
        }
        if !self.cases.trim().is_empty() {
            self.ran = Some(cases::run(&rights.people, api, words, draft, &self.cases).await?);
        }
        self.effect = effect::counted(&rights.people, api, draft).await?;
        Ok(())
    }

    pub(super) fn markup(&self, frame: &Frame) -> Markup {
        html! {
            @if let Some(effect) = &self.effect { (effect.markup(frame)) }
            (self.request(frame))
            div .panel { (self.tests(frame)) }
        }
    }

    fn request(&self, frame: &Frame) -> Markup {
        let words = frame.words;
        let problem = |name| {
            self.problem.as_ref().filter(|(field, _)| *field == name).map(|(_, problem)| problem.as_str())
        };
        let (person, method, path) =
            (words.say("try-person"), words.say("try-method"), words.say("try-path"));
        let choices: Vec<(&str, &str)> = self.apps.iter().map(|app| (app.as_str(), app.as_str())).collect();
        let or = |text: &str, other: &str| if text.is_empty() { other.to_owned() } else { text.to_owned() };
        html! {
            div .panel {
                h2 { (words.say("try")) }
                p .muted { (words.say("try-what")) }
                (Field::text("person", &person).value(&self.person).problem(problem("person")).optional())
                (select("app", &words.say("app"), &choices, &self.app))
                div .pair {
                    (Field::text("method", &method).value(&or(&self.method, "GET")).problem(problem("method")).optional())
                    (Field::text("path", &path).value(&or(&self.path, "/")).problem(problem("path")).optional())
                }
                button type="submit" .button name="run" value="dry" { (words.say("try-verb")) }
                @if let Some(sample) = &self.sample { (sample.markup(frame)) }
            }
        }
    }

    fn tests(&self, frame: &Frame) -> Markup {
        let words = frame.words;
        let hint = words.say("try-tests-hint");
        html! {
            details .disclosure open[!self.cases.is_empty()] {
                summary { (words.say("try-tests")) }
                div .stack {
                    (text_area("cases", &words.say("try-cases"), &self.cases, &hint))
                    button type="submit" .button name="run" value="dry" { (words.say("try-run")) }
                    @if let Some(ran) = &self.ran { (ran.markup(frame)) }
                }
            }
        }
    }
}

/// 500 apps can be chosen from: a list that somebody still finds something in.
const MOST_APPS: usize = 500;
