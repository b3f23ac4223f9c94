//! A new policy: what it is called and what it begins from, and then the editor.

use std::sync::Arc;

use axum::Form;
use axum::extract::State;
use bartizan_model::{AppName, GroupName, PolicyId};
use bartizan_ui::{Emphasis, Field, Rendered, button, select};
use http::request::Parts;
use maud::html;

use super::trial::{Rights, Trial};
use super::{Editing, May, Sent, View, page, taken, text_in};
use crate::api::{Api, Failure};
use crate::call::{Admitted, ReadObjects, WriteObjects, WritePeople};
use crate::console::apps::all;
use crate::console::frame::{Frame, Shown};
use crate::console::{Fields, said};
use crate::directory::ADMINS;
use crate::error::Error;
use crate::files::RESERVED;
use crate::register::Roll;

/// Where new policies are made. A policy may be called `new`; it is shown to who asks for no template.
pub(in crate::console) const PLACE: &str = "/policies/new?template=open";

/// The last part of that place.
pub(super) const NAME: &str = "new";

/// What is asked for first.
#[derive(Debug, Default)]
pub(in crate::console) struct Choice {
    name: String,
    template: String,
    group: String,
    app: String,
    groups: Vec<String>,
    apps: Vec<String>,
    /// What is wrong with the name.
    problem: Option<String>,
}

pub(super) async fn show(
    admitted: &Admitted<ReadObjects>,
    api: &Arc<Api>,
    fields: &Fields,
    parts: &mut Parts,
) -> Result<Shown, Failure> {
    let frame = Frame::of(api, admitted).await?;
    let choice = Choice::of(api, &frame, fields).await?;
    let named = choice.problem.is_none() && !choice.name.is_empty();
    let Some(template) = TEMPLATES.iter().find(|template| named && template.id == choice.template) else {
        return Ok(choice_page(&frame, &choice).into());
    };
    let text = choice.text(template, &frame);
    let rights = Rights::of(parts, api).await;
    let trial = Trial::open(rights.as_ref(), api, fields).await?;
    let mut view = View::new(frame, choice.name, May::Change);
    view.editing = Some(Editing { text, read: None, trial, clash: None });
    Ok(page(&view).into())
}

pub(in crate::console) async fn create(
    admitted: Admitted<WriteObjects>,
    people: Admitted<WritePeople>,
    read: Admitted<ReadObjects>,
    State(api): State<Arc<Api>>,
    parts: Parts,
    Form(fields): Form<Fields>,
) -> Result<Shown, Failure> {
    let unclear = || Error::Invalid(String::from("the form does not say what the policy is called"));
    let name = said(&fields, "name").ok_or_else(unclear)?;
    let id: PolicyId =
        name.parse().map_err(|form: bartizan_model::NameError| Error::Invalid(form.to_string()))?;
    let sent = Sent { id, read: None, text: text_in(&fields), fields };
    taken((&admitted, &people, &read), &api, parts, sent).await
}

impl Choice {
    async fn of(api: &Arc<Api>, frame: &Frame, fields: &Fields) -> Result<Self, Failure> {
        let (groups, apps, policies) =
            (all(api, Roll::Groups).await?, all(api, Roll::Apps).await?, all(api, Roll::Policies).await?);
        let text = |name| said(fields, name).unwrap_or_default().to_owned();
        let (name, words) = (text("name"), frame.words);
        let problem = if !fields.contains_key("name") {
            None
        } else if name.parse::<PolicyId>().is_err() {
            Some(words.say("new-name-wrong"))
        } else if policies.contains_key(name.as_str()) {
            Some(words.with("new-name-taken", &[("name", (&name).into())]))
        } else {
            None
        };
        let opened = apps.keys().filter(|name| !RESERVED.contains(&name.as_ref()));
        Ok(Self {
            name,
            template: text("template"),
            group: text("group"),
            app: text("app"),
            groups: groups.keys().take(MOST).map(ToString::to_string).collect(),
            apps: opened.take(MOST).map(ToString::to_string).collect(),
            problem,
        })
    }

    /// The text to begin from. What is not a name would be Cedar of its own, and is left out.
    fn text(&self, template: &Template, frame: &Frame) -> String {
        let group = self.group.parse::<GroupName>().map_or_else(|_form| String::from(ADMINS), String::from);
        let app = self.app.parse::<AppName>().map_or_else(|_form| String::from("wiki"), String::from);
        let reason = frame.words.with(template.reason, &[("group", (&group).into()), ("app", (&app).into())]);
        // In a string of Cedar's, quotes and backslashes would have another meaning.
        let reason: String =
            reason.chars().filter(|letter| !matches!(letter, '"' | '\\' | '\u{2068}' | '\u{2069}')).collect();
        let rule = template.rule.replace("GROUP", &group).replace("APP", &app);
        format!("@id(\"{}\")\n@reason(\"{reason}\")\n{rule}\n", self.name)
    }
}

pub(in crate::console) fn choice_page(frame: &Frame, choice: &Choice) -> Rendered {
    let words = frame.words;
    let (name, hint) = (words.say("new-name"), words.say("new-name-hint"));
    let (groups, apps) = (options(&choice.groups), options(&choice.apps));
    let chosen = TEMPLATES.iter().find(|template| template.id == choice.template).or(TEMPLATES.first());
    let content = html! {
        p .lead { (words.say("new-what")) }
        form .panel method="get" action="/policies/new" novalidate {
            div .narrow { (Field::text("name", &name).value(&choice.name).hint(&hint).problem(choice.problem.as_deref()).first()) }
            fieldset .templates {
                legend { (words.say("new-template")) }
                @for template in TEMPLATES {
                    @let id = format!("template-{}", template.id);
                    div {
                        input type="radio" name="template" id=(id) value=(template.id)
                            checked[chosen.is_some_and(|chosen| chosen.id == template.id)];
                        label for=(id) { (words.say(template.name)) }
                    }
                }
            }
            div .two.narrow {
                (select("group", &words.say("new-group"), &groups, &choice.group))
                (select("app", &words.say("app"), &apps, &choice.app))
            }
            div .row {
                (button(&words.say("new-on"), Emphasis::Primary))
                a href="/policies" { (words.say("confirm-leave")) }
            }
        }
    };
    frame.page("/policies", &words.say("policy-new"), &content)
}

fn options(names: &[String]) -> Vec<(&str, &str)> {
    names.iter().map(|name| (name.as_str(), name.as_str())).collect()
}

/// What a policy can begin from.
#[derive(Debug)]
struct Template {
    id: &'static str,
    /// What it does, to be chosen by.
    name: &'static str,
    /// What the policy says that it is for.
    reason: &'static str,
    /// Its text, with `GROUP` and `APP` in the places of names.
    rule: &'static str,
}

/// What is asked for most.
const TEMPLATES: &[Template] = &[
    Template {
        id: "open",
        name: "new-open",
        reason: "new-open-reason",
        rule: "permit (principal in Group::\"GROUP\", action in Action::\"http\", resource == App::\"APP\");",
    },
    Template {
        id: "strong",
        name: "new-strong",
        reason: "new-strong-reason",
        rule: "permit (principal in Group::\"GROUP\", action in Action::\"http\", resource == App::\"APP\")\n\
               when { context.session.level == \"strong\" && context.session.mfa_age < 28800 && context.risk < 40 };",
    },
    Template {
        id: "device",
        name: "new-device",
        reason: "new-device-reason",
        rule: "permit (principal in Group::\"GROUP\", action in Action::\"http\", resource == App::\"APP\")\n\
               when { context.device.known && context.device.compliant };",
    },
    Template {
        id: "read",
        name: "new-read",
        reason: "new-read-reason",
        rule: "permit (principal in Group::\"GROUP\", action == Action::\"http:read\", resource == App::\"APP\");",
    },
    Template {
        id: "hours",
        name: "new-hours",
        reason: "new-hours-reason",
        rule: "permit (principal in Group::\"GROUP\", action in Action::\"http\", resource == App::\"APP\")\n\
               when { context.time.weekday <= 5 && context.time.hour >= 7 && context.time.hour < 19 };",
    },
    Template {
        id: "never",
        name: "new-never",
        reason: "new-never-reason",
        rule: "forbid (principal in Group::\"GROUP\", action in Action::\"http\", resource == App::\"APP\");",
    },
];

/// 500 groups and apps can be chosen from; others are written into the text.
const MOST: usize = 500;

#[cfg(test)]
mod tests {
    use bartizan_model::Revision;
    use bartizan_policy::{Engine, split_file};
    use bartizan_ui::{Language, lint};

    use super::*;
    use crate::console::tests::frame_in;

    #[test]
    fn every_template_is_in_order_in_every_language() {
        for language in Language::ALL {
            let frame = frame_in(language);
            for template in TEMPLATES {
                let (name, group, app) =
                    (String::from("a"), String::from("finance"), String::from("payroll"));
                let choice = Choice { name, group, app, ..Choice::default() };
                let text = choice.text(template, &frame);
                assert!(text.contains("Group::\"finance\"") && text.contains("App::\"payroll\""), "{text}");
                let sources = split_file("a.cedar", &text).unwrap();
                let engine = Engine::compile(Revision::new(1), &sources, None).unwrap();
                assert!(engine.findings().is_empty(), "{text}: {:?}", engine.findings());
            }
        }
    }

    #[test]
    fn what_is_no_name_does_not_get_into_the_text() {
        let group = String::from("x\") || principal in Group::\"everybody");
        let choice =
            Choice { name: String::from("a"), group, app: String::from("\u{202e}"), ..Choice::default() };
        for template in TEMPLATES {
            let text = choice.text(template, &frame_in(Language::English));
            assert!(!text.contains("everybody") && !text.contains('\u{202e}'), "{text}");
        }
    }

    #[test]
    fn the_page_that_asks_what_it_begins_from_is_in_order() {
        for language in Language::ALL {
            let problem = Some(String::from("<b>"));
            let choice = Choice { problem, groups: vec![String::from("<i>")], ..Choice::default() };
            let page = choice_page(&frame_in(language), &choice);
            assert_eq!(lint::faults(&page), Vec::<String>::new());
        }
    }
}
