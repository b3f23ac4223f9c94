//! The page of the first steps.

use bartizan_ui::{Emphasis, Icon, Rendered, Words, button, command, form, icon, link_button};
use maud::{Markup, html};

use super::super::apps::steps::{certified, leading};
use super::super::decisions::who;
use super::super::words::{badge, many, to_do, when};
use super::{Glance, Stage, Step, View};

pub(super) fn page(view: &View) -> Rendered {
    let words = view.frame.words;
    let done = view.stages.iter().filter(|(_, stage)| *stage == Stage::Done).count();
    let open = view.stages.iter().any(|(_, stage)| matches!(stage, Stage::Next | Stage::Open));
    let values = [("done", many(done).into()), ("all", many(view.stages.len()).into())];
    let content = html! {
        p .lead {
            @if open { (words.with("start-so-far", &values)) " " (words.say("start-go-on")) }
            @else { (words.say("start-over")) }
        }
        @for (number, (step, stage)) in view.stages.iter().enumerate() {
            section .panel id=(step.as_str()) aria-labelledby={ (step.as_str()) "-title" } {
                div .row.apart {
                    h2 id={ (step.as_str()) "-title" } { (number + 1) ". " (words.say(title(*step))) }
                    (standing(words, *stage))
                }
                (told(view, *step))
                @let commands = commands(view, *step);
                @if !commands.is_empty() {
                    p .muted { (words.say("start-by-command")) }
                    @for each in &commands { (command(each, words.language())) }
                }
                (leaving(view, *step, *stage))
            }
        }
    };
    view.frame.page("/", &words.say("start-title"), &content)
}

const fn title(step: Step) -> &'static str {
    match step {
        Step::SignIn => "start-sign-in",
        Step::Domain => "start-domain",
        Step::App => "start-app",
        Step::Second => "start-second",
        Step::Denial => "start-denial",
    }
}

fn standing(words: Words, stage: Stage) -> Markup {
    let (class, picture, text) = match stage {
        Stage::Done => ("badge permit", Icon::Permit, "start-done"),
        Stage::Next => ("badge step", Icon::StepUp, "start-next"),
        Stage::Open => ("badge", Icon::Unknown, "start-open"),
        Stage::Later => ("badge", Icon::Clock, "start-later"),
    };
    html! { span class=(class) { (icon(picture)) (words.say(text)) } }
}

/// What can be left out for now, or taken up again. What is done can be neither.
fn leaving(view: &View, step: Step, stage: Stage) -> Markup {
    let words = view.frame.words;
    let ask = |again: bool| {
        let verb = if again { "start-take-up" } else { "start-leave" };
        // Which one it is about is heard, too: there are several on the page.
        let verb = words.with(verb, &[("step", (&words.say(title(step))).into())]);
        form(
            "/start",
            &view.frame.csrf,
            &html! {
                input type="hidden" name="step" value=(step.as_str());
                @if again { input type="hidden" name="again" value="1"; }
                (button(&verb, Emphasis::Quiet))
            },
        )
    };
    match stage {
        Stage::Done => html! {},
        Stage::Next | Stage::Open => ask(false),
        Stage::Later => ask(true),
    }
}

fn told(view: &View, step: Step) -> Markup {
    match step {
        Step::SignIn => sign_in(view),
        Step::Domain => hosts(view),
        Step::App => app(view),
        Step::Second => second(view),
        Step::Denial => denial(view),
    }
}

/// A way on, which stands out where it is the next.
fn onward(view: &View, step: Step, text: &str, url: &str) -> Markup {
    let next = view.stages.contains(&(step, Stage::Next));
    let emphasis = if next { Emphasis::Primary } else { Emphasis::Secondary };
    html! { p { (link_button(text, url, emphasis)) } }
}

fn sign_in(view: &View) -> Markup {
    let (frame, words, me) = (&view.frame, view.frame.words, &view.me);
    html! {
        @match &me.enrolled {
            Some(enrolled) => {
                p { (words.markup("start-you-are", &[], &[("login", html! { code { (me.login) } })])) }
                dl .facts {
                    @for (name, at) in [("start-password", enrolled.password_set), ("start-authenticator", enrolled.totp_enrolled)] {
                        @if let Some(at) = at { dt { (words.say(name)) } dd { (when(frame, at)) } }
                    }
                    dt { (words.say("start-passkeys")) }
                    dd { (words.with("start-passkeys-count", &[("count", u64::from(enrolled.passkeys).into())])) }
                    dt { (words.say("start-codes")) }
                    dd { (words.with("start-codes-left", &[("count", u64::from(enrolled.recovery_left).into())])) }
                }
            }
            None => p { (words.say("start-no-factors")) },
        }
        (onward(view, Step::SignIn, &words.say("start-to-account"), &me.account))
    }
}

fn hosts(view: &View) -> Markup {
    let words = view.frame.words;
    let own = view.hosts.iter().any(|host| host.certificate == super::Certificate::Own);
    let (file, days) = &view.authority;
    html! {
        @for host in &view.hosts {
            p {
                (leading(words, &host.name, Some(&host.leads)))
                @let from = certified(words, &host.certificate);
                span .under.muted { (words.markup("start-certificate", &[], &[("from", from)])) }
            }
        }
        @if own {
            p {
                (words.markup("start-trust", &[], &[("file", html! { code { (file) } })])) " "
                (words.with("overview-days-left", &[("days", (*days).into())])) "."
            }
        }
    }
}

fn app(view: &View) -> Markup {
    let words = view.frame.words;
    html! {
        @match &view.app {
            Some((name, url)) => p {
                (words.markup("start-app-there", &[], &[
                    ("app", html! { a href={ "/apps/" (name) } { (name) } }), ("url", html! { a href=(url) { (url) } }),
                ]))
            },
            None => p { (words.say("start-app-none")) },
        }
        @if view.may.protect { (onward(view, Step::App, &words.say("protect-app"), "/apps/new")) }
    }
}

fn second(view: &View) -> Markup {
    let words = view.frame.words;
    html! {
        @match &view.second {
            Some(person) => p {
                (words.markup("start-second-there", &[], &[
                    ("name", html! { a href={ "/people/" (person.id) } { bdi { (person.display) } } }),
                ]))
            },
            None => p { (words.say("start-second-none")) },
        }
        @match (&view.second, &view.app) {
            (None, _) => @if view.may.invite { (onward(view, Step::Second, &words.say("invite-new"), "/people#login")) },
            (Some(_), Some((name, _))) => {
                @let url = format!("/apps/{name}/try");
                (onward(view, Step::Second, &words.with("protect-try-title", &[("app", name.into())]), &url))
            },
            (Some(_), None) => {}
        }
    }
}

fn denial(view: &View) -> Markup {
    let (frame, words) = (&view.frame, view.frame.words);
    match &view.denial {
        Some(row) => html! {
            p .row {
                (badge(words, row.outcome, row.reason.as_deref()))
                (who(words, row.person.as_ref()))
                (to_do(words, &row.action, &row.resource)) " " (when(frame, row.time))
            }
            (onward(view, Step::Denial, &words.say("start-to-denial"), &format!("/decisions/{}", row.id)))
        },
        None => html! { p { (words.say("start-denial-none")) } },
    }
}

/// The same by command, with the names that there are.
fn commands(view: &View, step: Step) -> Vec<String> {
    let who = view.second.as_ref().and_then(|person| person.login.as_deref());
    let app = view.app.as_ref().map(|(name, _)| name.as_str());
    match step {
        Step::SignIn => vec![format!("bartizan session list --user {}", view.me.login)],
        Step::Domain => vec![String::from("bartizan doctor --config bartizan.toml")],
        Step::App => match app {
            Some(name) => vec![format!("bartizan get app {name}")],
            None => vec![String::from("bartizan apply -f DIR")],
        },
        Step::Second => match (who, app) {
            (None, _) => vec![String::from("bartizan user invite NAME")],
            (Some(who), Some(app)) => vec![format!("bartizan why --user {who} --app {app}")],
            (Some(who), None) => vec![format!("bartizan user link {who}")],
        },
        Step::Denial => match view.denial.as_ref().and_then(|row| row.request.as_deref()) {
            Some(request) => vec![format!("bartizan why {request}")],
            None => vec![String::from("bartizan log search --outcome deny --limit 1")],
        },
    }
}

/// What the overview says of the steps, if anything is open.
pub(in crate::console) fn card(words: Words, glance: Glance) -> Markup {
    match glance {
        Glance::First => html! {
            section .panel {
                h2 { (words.say("start-first")) }
                p { (words.say("start-first-how")) }
                p { (link_button(&words.say("start-begin"), "/start", Emphasis::Primary)) }
            }
        },
        Glance::Open(count) => html! {
            p .row {
                (icon(Icon::Info))
                a href="/start" { (words.with("start-still-open", &[("count", count.into())])) }
            }
        },
        Glance::Nothing => html! {},
    }
}
