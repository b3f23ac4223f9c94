//! What was seen of a server, in words: how far it goes, and what mends the rest.

use bartizan_ui::{Icon, Words, icon};
use maud::{Markup, html};

use super::super::frame::Frame;
use super::super::words::{length, together};
use super::draft::Place;
use crate::probe::{Answer, Distrust, Look, Redirect, Seen, Shown, Stopped};

/// One thing that was seen, and what to do about it.
struct Line {
    kind: Kind,
    said: Markup,
    help: Option<String>,
}

#[derive(Clone, Copy)]
enum Kind {
    Good,
    Careful,
    Bad,
    Known,
}

/// What was seen, one line after the other.
pub(super) fn seen(frame: &Frame, place: &Place, seen: &Seen) -> Markup {
    let look = place.look();
    html! {
        ol .steps {
            @for line in lines(frame, &look, seen) {
                li {
                    @match line.kind {
                        Kind::Good => span .permit { (icon(Icon::Permit)) },
                        Kind::Careful => span .step { (icon(Icon::Warning)) },
                        Kind::Bad => span .deny { (icon(Icon::Deny)) },
                        Kind::Known => span .muted { (icon(Icon::Info)) },
                    }
                    span {
                        (line.said)
                        @if let Some(help) = line.help { " " span .muted { (help) } }
                    }
                }
            }
        }
    }
}

/// Whether people would get an answer of it.
pub(super) fn answers(seen: &Seen) -> bool {
    seen.answer.as_ref().is_some_and(|answer| answer.status < 500)
}

fn lines(frame: &Frame, look: &Look, seen: &Seen) -> Vec<Line> {
    let words = frame.words;
    let line = |kind, said: Markup, help: Option<&'static str>| Line {
        kind,
        said,
        help: help.map(|help| words.say(help)),
    };
    let mut lines = Vec::new();
    let host = look.upstream.host();
    if host.parse::<std::net::IpAddr>().is_err() && !seen.addresses.is_empty() {
        let addresses: Vec<String> = seen.addresses.iter().map(ToString::to_string).collect();
        let addresses = html! { code { (together(words, &addresses)) } };
        let pieces = [("host", code(host)), ("addresses", addresses)];
        lines.push(line(Kind::Good, words.markup("protect-seen-name", &[], &pieces), None));
    }
    if let Some(reached) = seen.reached {
        let pieces = [("address", code(&reached.to_string()))];
        lines.push(line(Kind::Good, words.markup("protect-seen-reached", &[], &pieces), None));
    }
    if let Some(shown) = seen.certificate.as_ref().filter(|_| seen.trusted) {
        let id = if look.ca.is_some() { "protect-seen-own-ca" } else { "protect-seen-public-ca" };
        lines.push(line(Kind::Good, certificate(frame, id, shown), None));
    }
    if let Some(answer) = &seen.answer {
        answered(words, look, answer, &mut lines);
    }
    if let Some(stopped) = &seen.stopped {
        let (said, help) = stop(frame, look, seen, stopped);
        lines.push(line(Kind::Bad, said, Some(help)));
    }
    lines
}

fn code(text: &str) -> Markup {
    html! { code { (text) } }
}

/// What is said of a certificate: for whom it is, by whom, and how long.
fn certificate(frame: &Frame, id: &'static str, shown: &Shown) -> Markup {
    let words = frame.words;
    let left = length(words, shown.ends.since(bartizan_model::Timestamp::min(frame.now, shown.ends)));
    let pieces = [
        ("names", code(&together(words, &shown.names))),
        ("issuer", html! { bdi { (shown.issuer) } }),
        ("ends", html! { span title=(shown.ends) { (left) } }),
    ];
    words.markup(id, &[], &pieces)
}

fn answered(words: Words, look: &Look, answer: &Answer, lines: &mut Vec<Line>) {
    let status = answer.status.to_string();
    let pieces = [
        ("status", code(&status)),
        ("server", html! { bdi { (answer.server.as_deref().unwrap_or_default()) } }),
    ];
    let said = if answer.server.is_some() { "protect-seen-answer-of" } else { "protect-seen-answer" };
    let said = words.markup(said, &[], &pieces);
    let (kind, help) = match answer.status {
        401 | 403 => (Kind::Good, Some("protect-seen-refuses")),
        404 => (Kind::Careful, Some("protect-seen-empty")),
        400 | 421 => (Kind::Careful, Some("protect-seen-wrong-host")),
        500.. => (Kind::Careful, Some("protect-seen-trouble")),
        _ => (Kind::Good, None),
    };
    lines.push(Line { kind, said, help: help.map(|help| words.say(help)) });
    if let Some(redirect) = &answer.redirect {
        let Redirect { to, host, to_tls } = redirect;
        let away = host.as_ref().is_some_and(|host| *host != look.host);
        let (kind, id, help) = match (away, to_tls) {
            (_, true) => (Kind::Careful, "protect-seen-sends-away", Some("protect-seen-wants-tls")),
            (true, false) => (Kind::Careful, "protect-seen-sends-away", Some("protect-seen-past")),
            (false, false) => (Kind::Known, "protect-seen-sends", None),
        };
        let said = words.markup(id, &[], &[("to", code(to))]);
        lines.push(Line { kind, said, help: help.map(|help| words.say(help)) });
    }
    if answer.asks_password || answer.status == 401 {
        let said = html! { (words.say("protect-seen-password")) };
        lines.push(Line { kind: Kind::Known, said, help: None });
    }
}

/// Why it went no further, and what mends it.
fn stop(frame: &Frame, look: &Look, seen: &Seen, stopped: &Stopped) -> (Markup, &'static str) {
    let words = frame.words;
    let at = look.upstream.authority();
    let of_it = |id| words.markup(id, &[], &[("address", code(&at))]);
    let because = |id, why: &str| {
        let pieces = [("address", code(&at)), ("why", html! { bdi { (why) } })];
        words.markup(id, &[], &pieces)
    };
    match stopped {
        Stopped::NoName => {
            let said = words.markup("protect-stop-name", &[], &[("host", code(look.upstream.host()))]);
            (said, "protect-stop-name-help")
        }
        Stopped::Refused => (of_it("protect-stop-refused"), "protect-stop-refused-help"),
        Stopped::Unreachable(why) => {
            (because("protect-stop-unreachable", why), "protect-stop-unreachable-help")
        }
        Stopped::NotTls => (of_it("protect-stop-no-tls"), "protect-stop-no-tls-help"),
        Stopped::Authority(why) => (because("protect-stop-authority", why), "protect-ca-form"),
        Stopped::NotHttp(why) => (because("protect-stop-no-http", why), "protect-stop-no-http-help"),
        Stopped::TimedOut => (of_it("protect-stop-late"), "protect-stop-late-help"),
        Stopped::Untrusted(why) => {
            let (id, help) = match why {
                Distrust::Issuer => ("protect-stop-issuer", "protect-stop-issuer-help"),
                Distrust::Time => ("protect-stop-ended", "protect-stop-ended-help"),
                Distrust::Name => ("protect-stop-names", "protect-stop-names-help"),
                Distrust::Other(_) => ("protect-stop-certificate", "protect-stop-certificate-help"),
            };
            let said = match (&seen.certificate, why) {
                (_, Distrust::Other(why)) => because(id, why),
                (Some(shown), _) => certificate(frame, id, shown),
                (None, _) => of_it("protect-stop-late"),
            };
            (said, help)
        }
    }
}
