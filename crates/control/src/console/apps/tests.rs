//! The pages that protect an app, with all that may stand in them, in each language.

use std::sync::Arc;
use std::time::Duration;

use bartizan_model::{BootTime, DenyReason, Outcome, Revision};
use bartizan_policy::{Finding, Severity};
use bartizan_ui::{Language, Rendered, lint};

use super::super::Fields;
use super::super::frame::Frame;
use super::super::tests::{HOSTILE, decision_of, eve, frame_in};
use super::draft::{Asks, CA, Draft, Entering, HOST, NAME, Place, UPSTREAM, WHOM, Whom};
use super::files::files;
use super::protect::{Certificate, Trial, What, Where, Who};
use super::{attempt, steps};
use crate::probe::tests::Blind;
use crate::probe::{Answer, Distrust, Here, Leads, Looks, Made, Redirect, Seen, Shown, Stopped};

fn in_each_language(name: &str, page: impl Fn(Frame) -> Rendered) {
    for language in Language::ALL {
        let page = page(frame_in(language));
        assert_eq!(lint::faults(&page), Vec::<String>::new(), "{name} in {}", language.tag());
        assert!(!page.html.contains("<img"), "{name} in {}", language.tag());
    }
}

fn draft(fields: &[&str]) -> Draft {
    Draft::of(fields.iter().map(|name| ((*name).to_owned(), HOSTILE.to_owned())).collect::<Fields>())
}

fn place() -> Place {
    Place {
        name: "wiki".parse().unwrap(),
        host: String::from("wiki.example.com"),
        upstream: "https://wiki.internal:8443".parse().unwrap(),
        ca: None,
        pass_host: true,
        plaintext: false,
        policy: "wiki-access".parse().unwrap(),
    }
}

/// Each way in which a look can end, with what strangers may say on the way.
fn all_seen() -> Vec<Seen> {
    let said = || HOSTILE.to_owned();
    let certificate =
        Shown { names: vec![said(), said()], issuer: said(), ends: frame_in(Language::English).now };
    let met = Seen {
        addresses: vec![[10, 0, 0, 1].into(), [10, 0, 0, 2].into()],
        reached: Some(([10, 0, 0, 1], 8443).into()),
        certificate: Some(certificate),
        ..Seen::default()
    };
    let answer = |status, host: Option<&str>, to_tls| Answer {
        status,
        server: Some(said()),
        redirect: Some(Redirect { to: said(), host: host.map(String::from), to_tls }),
        asks_password: true,
    };
    let answers = [(200, None, false), (302, Some("wiki.example.com"), false), (302, Some("<img>"), false)];
    let more = [(401, None, true), (404, None, false), (421, None, false), (503, None, false)];
    let answers = answers.into_iter().chain(more).map(|(status, host, to_tls)| Seen {
        trusted: true,
        answer: Some(answer(status, host, to_tls)),
        ..met.clone()
    });
    let stops = [
        Stopped::NoName,
        Stopped::Refused,
        Stopped::Unreachable(said()),
        Stopped::NotTls,
        Stopped::Authority(said()),
        Stopped::NotHttp(said()),
        Stopped::TimedOut,
        Stopped::Untrusted(Distrust::Issuer),
        Stopped::Untrusted(Distrust::Time),
        Stopped::Untrusted(Distrust::Name),
        Stopped::Untrusted(Distrust::Other(said())),
    ];
    answers.chain(stops.into_iter().map(|stopped| Seen { stopped: Some(stopped), ..met.clone() })).collect()
}

fn made(seen: Seen, leads: Leads) -> Arc<Made> {
    Arc::new(Made::for_test(seen, leads))
}

#[test]
fn the_first_step_is_in_order_whatever_was_typed_and_seen() {
    let view = |frame, seen: Option<Seen>| Where {
        frame,
        draft: draft(&[UPSTREAM, NAME, HOST, CA, WHOM]),
        domain: HOSTILE.to_owned(),
        problems: [UPSTREAM, NAME, HOST, CA].map(|field| (field, HOSTILE.to_owned())).into(),
        problem: Some(HOSTILE.to_owned()),
        seen: seen.map(|seen| (place(), made(seen, Leads::Local))),
        elsewhere: true,
    };
    in_each_language("where", |frame| steps::of_where(&view(frame, None)));
    for seen in all_seen() {
        in_each_language(&format!("{seen:?}"), |frame| steps::of_where(&view(frame, Some(seen.clone()))));
    }
}

#[test]
fn the_other_steps_are_in_order_whatever_would_be() {
    in_each_language("who", |frame| {
        let groups = vec![(String::from("ops"), 1), (HOSTILE.to_owned(), 7)];
        let problems = ["whom", "group", "members"].map(|field| (field, HOSTILE.to_owned())).into();
        let (draft, logins) = (draft(&["group", "members"]), vec![HOSTILE.to_owned()]);
        steps::of_who(&Who { frame, draft, place: place(), groups, logins, problems })
    });
    let finding = Finding {
        file: String::from("wiki.cedar"),
        line: 3,
        column: 1,
        severity: Severity::Warning,
        message: HOSTILE.to_owned(),
        help: Some(HOSTILE.to_owned()),
    };
    let trials =
        [Err(vec![HOSTILE.to_owned()]), Ok(Some((0, 3))), Ok(Some((1, 3))), Ok(Some((2, 3))), Ok(None)];
    let ways = [
        (Leads::Local, Certificate::Own),
        (Leads::To(vec![[10, 0, 0, 1].into()], Here::Yes), Certificate::Supplied),
        (Leads::To(vec![[10, 0, 0, 1].into()], Here::No), Certificate::Public(HOSTILE.to_owned())),
        (Leads::Nowhere, Certificate::Own),
        (Leads::Nowhere, Certificate::Own),
    ];
    for (trial, (leads, certificate)) in trials.into_iter().zip(ways) {
        in_each_language(&format!("what: {trial:?}"), |frame| {
            let trial = trial.clone().map(|enter| Trial {
                created: vec![HOSTILE.to_owned(), String::from("app/wiki")],
                findings: vec![finding.clone()],
                enter,
            });
            let entering = Entering { whom: Whom::Everybody, asks: Asks::Strong };
            let (files, url) = (files(frame.words, &place(), &entering), HOSTILE.to_owned());
            let seen = Some(made(Seen::default(), leads.clone()));
            let (draft, certificate) = (draft(&[WHOM]), certificate.clone());
            steps::of_what(&What { frame, draft, place: place(), files, trial, seen, certificate, url })
        });
    }
}

#[test]
fn trying_an_app_is_in_order_whoever_tries_it() {
    let tried = [
        None,
        Some((Outcome::Permit, None)),
        Some((Outcome::Deny, Some(DenyReason::DeniedByPolicy))),
        Some((Outcome::Deny, Some(DenyReason::StepUpRequired))),
    ];
    for tried in tried {
        in_each_language(&format!("tried: {tried:?}"), |frame| {
            attempt::page(&attempt::View {
                frame,
                app: String::from("wiki"),
                url: String::from("https://wiki.example.com/"),
                made: tried.is_none().then(|| (Revision::new(7), false)),
                typed: HOSTILE.to_owned(),
                problem: tried.is_none().then(|| HOSTILE.to_owned()),
                some: vec![(String::from("eve"), HOSTILE.to_owned())],
                tried: tried.map(|(outcome, reason)| (eve(), decision_of(outcome, reason))),
            })
        });
    }
}

#[tokio::test]
async fn a_look_that_somebody_made_is_theirs() {
    let looks = Looks::new(Arc::new(Blind(Duration::ZERO)));
    let at = BootTime::from_duration(Duration::from_secs(5));
    looks.look(place().look(), String::from("ada"), at).await.unwrap();
    assert!(looks.made(&place().look(), "ada", at).is_some());
    let other = Place { ca: Some(String::from("x")), ..place() };
    assert!(looks.made(&other.look(), "ada", at).is_none(), "what it was checked against is part of it");
}
