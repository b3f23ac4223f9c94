//! The pages of the steps that protect an app.

use bartizan_policy::Finding;
use bartizan_ui::{
    Check, Emphasis, Field, Remark, Rendered, Tone, Words, button, checks, command, form, listing, notice,
    select, text_area,
};
use maud::{Markup, html};

use super::super::policy::{place, remark};
use super::super::words::together;
use super::draft::{
    ANY, ASKS, CA, Draft, EVERYBODY, GROUP, HOST, MEMBERS, NAME, NEW, OF_WHERE, OF_WHO, OWN_NAME, PLAINTEXT,
    Problems, STRONG, TODAY, UPSTREAM, WHOM,
};
use super::protect::{Certificate, Trial, WAS, WHAT, WHERE, WHO, What, Where, Who, group_for};
use super::seen::{answers, seen};
use crate::probe::{Here, Leads};

/// Where a step stands among the others; those before it are a way back that loses nothing.
fn progress(words: Words, draft: &Draft, here: &str) -> Markup {
    let steps = [(WHERE, "protect-step-where"), (WHO, "protect-step-who"), (WHAT, "protect-step-what")];
    let at = steps.iter().position(|(step, _)| *step == here).unwrap_or(0);
    html! {
        nav aria-label=(words.say("protect-steps")) {
            ul .row {
                @for (number, (step, text)) in steps.iter().enumerate() {
                    li aria-current=[(number == at).then_some("step")] {
                        @if number < at { a href=(draft.url(step)) { (number + 1) ". " (words.say(text)) } }
                        @else if number == at { strong { (number + 1) ". " (words.say(text)) } }
                        @else { span .muted { (number + 1) ". " (words.say(text)) } }
                    }
                }
            }
        }
    }
}

fn problem<'a>(problems: &'a Problems, field: &str) -> Option<&'a str> {
    problems.iter().find(|(name, _)| *name == field).map(|(_, problem)| problem.as_str())
}

/// A form that goes on to another step, with all that was typed before.
fn onward(draft: &Draft, without: &[&str], step: &str, content: &Markup) -> Markup {
    html! {
        form method="get" action="/apps/new" novalidate {
            (draft.carried(without))
            input type="hidden" name="step" value=(step);
            (content)
        }
    }
}

pub(super) fn of_where(view: &Where) -> Rendered {
    let (frame, words, draft) = (&view.frame, view.frame.words, &view.draft);
    let problem = |field| problem(&view.problems, field);
    let (plaintext, own_name) = (words.say("protect-plaintext"), words.say("protect-own-name"));
    let boxes = [
        Check { name: PLAINTEXT, label: &plaintext, ticked: !draft.get(PLAINTEXT).is_empty() },
        Check { name: OWN_NAME, label: &own_name, ticked: !draft.get(OWN_NAME).is_empty() },
    ];
    let special =
        OF_WHERE.iter().skip(3).any(|field| !draft.get(field).is_empty() || problem(field).is_some());
    let host_hint = words.with("protect-host-hint", &[("domain", (&view.domain).into())]);
    let (server, hint) = (words.say("protect-server"), words.say("protect-server-hint"));
    let server =
        Field::text(UPSTREAM, &server).value(draft.get(UPSTREAM)).hint(&hint).problem(problem(UPSTREAM));
    let server = if draft.is_empty() { server.first() } else { server };
    let look = if view.seen.is_some() { Emphasis::Secondary } else { Emphasis::Primary };
    let fields = html! {
        (draft.carried(&OF_WHERE))
        @if !draft.get(NAME).is_empty() { input type="hidden" name=(WAS) value=(draft.get(NAME)); }
        (server)
        (Field::text(NAME, &words.say("protect-name")).value(draft.get(NAME)).hint(&words.say("protect-name-hint")).problem(problem(NAME)))
        (Field::text(HOST, &words.say("app-host")).value(draft.get(HOST)).hint(&host_hint).problem(problem(HOST)))
        details .disclosure open[special] {
            summary { (words.say("protect-special")) }
            div .stack {
                (checks("special", &words.say("protect-special-server"), &words.say("protect-special-hint"), problem(PLAINTEXT), &boxes))
                @if let Some(problem) = problem(CA) { (notice(Tone::Failure, &html! { (problem) })) }
                (text_area(CA, &words.say("protect-ca"), draft.get(CA), &words.say("protect-ca-hint")))
            }
        }
        (button(&words.say("protect-look"), look))
    };
    let content = html! {
        (progress(words, draft, WHERE))
        @if let Some(problem) = &view.problem { (notice(Tone::Failure, &html! { (problem) })) }
        p .muted.lead { (words.say("protect-what")) }
        section .panel.narrow { (form("/apps/new/look", &frame.csrf, &fields)) }
        @if let Some((place, made)) = &view.seen {
            section .panel {
                h2 { (words.say("protect-seen")) }
                (seen(frame, place, &made.seen))
                @if !place.host.ends_with(&format!(".{}", view.domain)) {
                    @let values = [("host", (&place.host).into()), ("domain", (&view.domain).into())];
                    p { (words.with("protect-host-other", &values)) }
                }
                p .muted {
                    (words.say("protect-seen-here"))
                    @if view.elsewhere { " " (words.say("protect-seen-elsewhere")) }
                }
                @let next = if answers(&made.seen) { "protect-next-who" } else { "protect-next-anyway" };
                (onward(draft, &[], WHO, &button(&words.say(next), Emphasis::Primary)))
            }
        }
    };
    frame.page("/apps", &words.say("protect-title"), &content)
}

pub(super) fn of_who(view: &Who) -> Rendered {
    let (frame, words, draft) = (&view.frame, view.frame.words, &view.draft);
    let problem = |field| problem(&view.problems, field);
    let groups: Vec<(String, String)> = view
        .groups
        .iter()
        .map(|(name, people)| {
            let values = [("group", name.into()), ("count", (*people).into())];
            (format!("group:{name}"), words.with("protect-whom-group", &values))
        })
        .collect();
    let (new, everybody) = (words.say("protect-whom-new"), words.say("protect-whom-everybody"));
    let whom: Vec<(&str, &str)> = [(NEW, new.as_str()), (EVERYBODY, everybody.as_str())]
        .into_iter()
        .chain(groups.iter().map(|(value, text)| (value.as_str(), text.as_str())))
        .collect();
    let asks = [(STRONG, "protect-asks-strong"), (TODAY, "protect-asks-today"), (ANY, "protect-asks-any")];
    let asks = asks.map(|(value, text)| (value, words.say(text)));
    let asks = asks.each_ref().map(|(value, text)| (*value, text.as_str()));
    let suggested = group_for(&view.place, &view.groups);
    let group = Some(draft.get(GROUP)).filter(|group| !group.is_empty()).unwrap_or(&suggested);
    let mut members_hint = words.say("protect-members-hint");
    if !view.logins.is_empty() {
        let logins = view.logins.join(", ");
        members_hint =
            format!("{members_hint} {}", words.with("protect-members-are", &[("logins", (&logins).into())]));
    }
    let fields = html! {
        @if let Some(problem) = problem(WHOM) { (notice(Tone::Failure, &html! { (problem) })) }
        (select(WHOM, &words.say("protect-whom"), &whom, draft.get(WHOM)))
        (Field::text(GROUP, &words.say("protect-group")).value(group).optional().problem(problem(GROUP)))
        (Field::text(MEMBERS, &words.say("protect-members")).value(draft.get(MEMBERS)).optional()
            .hint(&members_hint).problem(problem(MEMBERS)))
        (select(ASKS, &words.say("protect-asks"), &asks, draft.get(ASKS)))
        div .row {
            (button(&words.say("protect-next-what"), Emphasis::Primary))
            a href=(draft.url(WHERE)) { (words.say("protect-back")) }
        }
    };
    let content = html! {
        (progress(words, draft, WHO))
        p .muted.lead { (words.with("protect-who", &[("app", view.place.name.as_str().into())])) }
        section .panel.narrow { (onward(draft, &OF_WHO, WHAT, &fields)) }
    };
    frame.page("/apps", &words.say("protect-title"), &content)
}

pub(super) fn of_what(view: &What) -> Rendered {
    let (frame, words, draft) = (&view.frame, view.frame.words, &view.draft);
    let name = view.place.name.as_str();
    let app = [("app", name.into())];
    let made = html! {
        (draft.carried(&[]))
        div .row {
            (button(&words.with("protect-make", &app), Emphasis::Primary))
            a href=(draft.url(WHO)) { (words.say("protect-back")) }
        }
    };
    let content = html! {
        (progress(words, draft, WHAT))
        @match &view.trial {
            Ok(trial) => (would_be(view, trial)),
            Err(why) => (notice(Tone::Failure, &html! {
                strong { (words.say("protect-refused")) }
                ul .ways { @for each in why { li { (each) } } }
                p { (words.say("history-unchanged")) }
            })),
        }
        @if view.trial.is_ok() { (form("/apps/new", &frame.csrf, &made)) }
        @else { p { a href=(draft.url(WHERE)) { (words.say("protect-back")) } } }
        section {
            h2 { (words.say("protect-same")) }
            p .muted { (words.say("protect-same-how")) }
            @for (file, text) in &view.files {
                h3 { code { (file) } }
                (command(text.trim_end(), words.language()))
            }
            (command(&format!("bartizan apply -f {name}"), words.language()))
        }
    };
    frame.page("/apps", &words.with("protect-title-of", &app), &content)
}

fn would_be(view: &What, trial: &Trial) -> Markup {
    let (words, name) = (view.frame.words, view.place.name.as_str());
    let [_, (file, policy)] = &view.files;
    let own = trial.findings.iter().filter(|finding| finding.file == *file);
    let own: Vec<(&Finding, String)> = own.map(|finding| (finding, place(words, finding))).collect();
    let remarks: Vec<Remark<'_>> = own.iter().map(|(finding, place)| remark(finding, place)).collect();
    let created = together(words, &trial.created);
    let leads = view.seen.as_ref().map(|made| &made.leads);
    html! {
        @match trial.enter {
            Some((0, _)) => (notice(Tone::Warning, &html! { (words.with("protect-nobody", &[("app", name.into())])) })),
            Some((count, all)) => p .lead {
                (words.with("protect-enter", &[("app", name.into()), ("count", count.into()), ("all", all.into())]))
            },
            None => p .lead { (words.with("protect-enter-many", &[("app", name.into())])) },
        }
        div .two {
            section .panel {
                h2 { (words.say("protect-reached")) }
                dl .facts {
                    dt { (words.say("protect-opened-at")) } dd { code { (view.url) } }
                    dt { (words.say("app-server")) } dd { code { (view.place.upstream) } }
                    dt { (words.say("protect-name-leads")) } dd { (leading(words, &view.place.host, leads)) }
                    dt { (words.say("protect-certificate")) } dd { (certified(words, &view.certificate)) }
                }
            }
            section .panel {
                h2 { (words.say("protect-made")) }
                p { (words.with("protect-created", &[("names", (&created).into())])) }
                (listing(&words.say("policy-text-of"), policy, &remarks))
            }
        }
    }
}

/// Where the name of a host leads, and what to do if that is not here.
pub(in crate::console) fn leading(words: Words, host: &str, leads: Option<&Leads>) -> Markup {
    let host = html! { code { (host) } };
    match leads {
        None => html! { span .muted { (words.say("protect-leads-unseen")) } },
        Some(Leads::Local) => html! { (words.markup("protect-leads-local", &[], &[("host", host)])) },
        Some(Leads::To(_, Here::Yes)) => {
            html! { (words.markup("protect-leads-here", &[], &[("host", host)])) }
        }
        Some(Leads::To(addresses, Here::No)) => {
            let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
            let addresses = html! { code { (together(words, &addresses)) } };
            html! { (words.markup("protect-leads-away", &[], &[("host", host), ("addresses", addresses)])) }
        }
        Some(Leads::Nowhere) => html! { (words.markup("protect-leads-nowhere", &[], &[("host", host)])) },
    }
}

/// Whose certificate a host is shown with.
pub(in crate::console) fn certified(words: Words, certificate: &Certificate) -> Markup {
    match certificate {
        Certificate::Supplied => html! { (words.say("protect-certified-supplied")) },
        Certificate::Own => html! { (words.say("protect-certified-own")) },
        Certificate::Public(authority) => {
            let authority = html! { code { (authority) } };
            words.markup("protect-certified-public", &[], &[("authority", authority)])
        }
    }
}
