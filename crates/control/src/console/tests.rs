mod lists;
mod points_pages;

use std::collections::BTreeSet;

use bartizan_evidence::Found;
use bartizan_model::{
    DecisionId, DenyReason, Event, EventId, EventKind, Outcome, Personal, Remedy, RemedyKind, RequestId,
    Resource, ResourceRef, Revision, SessionId, Subject, SubjectRef, Timestamp, UserId, UserState, Way,
};
use bartizan_policy::{Condition, Finding, PolicyEffect, Severity, Trace, TracedPolicy};
use bartizan_ui::{Lag, Language, Rendered, lint};
use serde_json::json;

use super::called::Named;
use super::frame::Frame;
use super::history::{Past, Told};
use super::*;
use crate::api::objects::Shown as Object;
use crate::api::sessions::Shown as Session;
use crate::why::{Asker, Explanation, Note};

/// What people may write into a name.
pub(super) const HOSTILE: &str = "\"><img src=x onerror=alert(1)>'\u{202e}😀";

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn frame() -> Frame {
    frame_in(Language::English)
}

pub(super) fn frame_in(language: Language) -> Frame {
    Frame {
        revision: Revision::new(60),
        lag: Lag::None,
        person: String::from("Ada Marten"),
        account_url: String::from("https://auth.example.com/"),
        csrf: String::from("token"),
        now: now(),
        words: super::texts::CATALOG.words(language),
        views: super::views::Views::default(),
    }
}

pub(super) fn eve() -> Named {
    Named {
        id: UserId::from_bytes([2; 16]),
        display: String::from("Eve <Castellano>"),
        login: Some(String::from("eve")),
        state: UserState::Active,
    }
}

fn event(outcome: Outcome, reason: Option<DenyReason>) -> Event {
    let resource = Resource::App("payroll".parse().unwrap());
    serde_json::from_value(json!({
        "id": EventId::from_bytes([1; 16]), "time": now(), "kind": EventKind::Decision, "outcome": outcome,
        "reason": reason, "request_id": RequestId::from_bytes([3; 16]),
        "decision_id": DecisionId::from_bytes([4; 16]), "revision": Revision::new(52),
        "subject": SubjectRef::from(&Subject::User(eve().id)), "resource": ResourceRef::from(&resource),
        "action": "http:read", "request": {"method": "GET", "host": "payroll.example.com"},
    }))
    .unwrap()
}

fn condition(text: &str, holds: bool) -> Condition {
    Condition { text: text.to_owned(), value: String::from("<met>"), holds }
}

fn policy(id: &str, effect: PolicyEffect, conditions: Vec<Condition>) -> TracedPolicy {
    let satisfied = conditions.iter().all(|condition| condition.holds);
    TracedPolicy {
        id: id.parse().unwrap(),
        effect,
        satisfied,
        about: Some(String::from("What for")),
        conditions,
    }
}

/// A decision about Eve and payroll, on these policies.
fn decision(
    outcome: Outcome,
    reason: Option<DenyReason>,
    policies: Vec<TracedPolicy>,
    remedies: Vec<Remedy>,
) -> decision::View {
    let event = event(outcome, reason);
    let request = bartizan_model::AccessRequest {
        request_id: RequestId::from_bytes([3; 16]),
        decision_id: DecisionId::from_bytes([4; 16]),
        now: now(),
        subject: Subject::User(eve().id),
        session: None,
        device: None,
        credential_ends: None,
        resource: Resource::App("payroll".parse().unwrap()),
        action: bartizan_model::Action::HttpRead,
        source: [127, 0, 0, 1].into(),
        http: None,
        user_agent: None,
    };
    let asker = Asker { request, session: None, device: None, groups: BTreeSet::new(), risk: 0 };
    decision::View {
        frame: frame(),
        person: Some(eve()),
        found: Found { log_index: 7, event, personal: Some(Personal::default()) },
        explanation: Explanation {
            trace: Trace { outcome, reason, revision: Revision::new(52), policies },
            remedies,
            request_id: None,
            decision_id: None,
            notes: vec![Note::NotKept(bartizan_model::ObjectKind::Device)],
            asker,
        },
        end: None,
    }
}

/// How a decision about Eve came about, on policies of each kind.
pub(super) fn decision_of(outcome: Outcome, reason: Option<DenyReason>) -> Explanation {
    let met = || condition("principal in Group::\"finance\"", outcome == Outcome::Permit);
    let policies = vec![
        policy("near", PolicyEffect::Permit, vec![met()]),
        policy("forbids", PolicyEffect::Forbid, vec![condition("risk <x>", outcome == Outcome::Deny)]),
        policy("far", PolicyEffect::Permit, vec![condition("resource == App::\"other\"", false)]),
    ];
    let remedies = match reason {
        Some(DenyReason::StepUpRequired) => vec![Remedy::new(Way::Confirm, Some("Ask <img>"))],
        Some(_) | None => Vec::new(),
    };
    decision(outcome, reason, policies, remedies).explanation
}

fn object(name: &str, spec: serde_json::Value, revision: u64) -> Object {
    Object::for_test(name, spec, Revision::new(revision), now())
}

fn session(id: u8, live_grants: u64) -> Session {
    Session {
        id: SessionId::from_bytes([id; 16]),
        user: String::from("eve"),
        user_id: eve().id,
        display: Some(eve().display),
        created: now(),
        last_seen: now(),
        amr: vec![String::from("otp"), String::from("pwd")],
        live_grants,
    }
}

fn in_order(name: &str, page: &Rendered) {
    assert_eq!(lint::faults(page), Vec::<String>::new(), "{name}");
}

const FINANCE: &str = "@id(\"p\")\n@reason(\"Finance <only>\")\npermit (principal, action, resource);\n";

#[test]
fn every_page_keeps_what_pages_have_to_keep_in_every_language() {
    for language in Language::ALL {
        every_page_is_in_order(&frame_in(language));
    }
}

fn every_page_is_in_order(frame: &Frame) {
    let row = decisions::Row {
        id: String::from("id"),
        time: now(),
        person: Some(eve()),
        outcome: Outcome::Deny,
        reason: Some(String::from("denied_by_policy")),
        action: String::from("http:read"),
        resource: String::from("payroll"),
        path: Some(String::from("/<x>")),
        policies: vec![String::from("p")],
        request: Some(String::from("0192f0c1-2b3c-7d4e-8f50-112233445566")),
    };
    for rows in [Vec::new(), vec![row]] {
        let page = overview::page(&overview::View {
            frame: frame.clone(),
            activity: activity::Activity::new(activity::Span::Day, false, now()),
            notes: vec![attention::Note::Person(eve().id.to_string(), 12, 0, 6)],
            named: BTreeMap::from([(eve().id.to_string(), (eve().display, String::from("eve")))]),
            log: overview::Log { size: 1_234, indexed: 30, signed: Some(now()), checked: None },
            endings: vec![crate::Ending { names: vec![String::from("<host>")], ends: now() }],
            sessions: 1,
            people: 1,
            live: 3,
            points: standing::Tally { up_to_date: 2, behind: 1, away: 1 },
            decisions: rows.clone(),
            cuts: rows.clone(),
            start: if rows.is_empty() { start::Glance::First } else { start::Glance::Open(2) },
        });
        in_order("overview", &page);
        let page = decisions::page(&decisions::View {
            frame: frame.clone(),
            asked: list::Asked::new(
                "/decisions",
                Fields::from([
                    (String::from("user"), String::from("\"><x>")),
                    (String::from("live"), String::from("1")),
                ]),
            ),
            from: 7,
            problems: vec![("user", String::from("<x>"))],
            apps: vec![String::from("wiki")],
            rows,
            limit: 50,
        });
        in_order("decisions", &page);
        assert!(!page.html.contains("<x>"));
    }
    let finance = || {
        policy(
            "payroll-finance",
            PolicyEffect::Permit,
            vec![condition("principal in Group::\"finance\"", false)],
        )
    };
    let remedy = Remedy { kind: RemedyKind::StepUp, text: String::from("Confirm"), url: None, said: None };
    for (reason, policies, remedies) in [
        (
            Some(DenyReason::DeniedByPolicy),
            vec![finance(), policy("f", PolicyEffect::Forbid, vec![])],
            vec![],
        ),
        (Some(DenyReason::StepUpRequired), vec![finance()], vec![remedy]),
        (Some(DenyReason::SubjectDisabled), vec![], vec![]),
        (None, vec![policy("p", PolicyEffect::Permit, vec![])], vec![]),
    ] {
        let outcome = if reason.is_some() { Outcome::Deny } else { Outcome::Permit };
        let end = (outcome == Outcome::Permit).then(|| Found {
            log_index: 9,
            event: event(Outcome::Cut, Some(DenyReason::RiskTooHigh)),
            personal: None,
        });
        let view =
            decision::View { frame: frame.clone(), end, ..decision(outcome, reason, policies, remedies) };
        in_order("decision", &decision::page(&view));
    }
    for sessions in [Vec::new(), vec![session(1, 3), session(2, 0)]] {
        let own = Some(SessionId::from_bytes([1; 16]));
        in_order("ask", &sessions::ask_page(frame, own, &sessions, &[("user", "eve")]));
        let done = Some(String::from("Done"));
        let asked = list::Asked::new("/sessions", Fields::new());
        let sessions = list::Part { total: sessions.len(), rows: sessions, from: 0 };
        let (of_person, all) = ([(eve().id, (2, 3))].into(), (2, 1));
        let view = sessions::View { frame: frame.clone(), asked, done, own, sessions, of_person, all };
        in_order("sessions", &sessions::page(&view));
    }
}

#[test]
fn a_page_of_a_policy_shows_findings_beside_the_text_and_says_that_nothing_changed() {
    for language in Language::ALL {
        let page = policy::page(&changed_policy(language));
        in_order("policy", &page);
        assert!(page.html.contains("no &lt;such&gt; thing") && page.html.contains("other.cedar:3:9"));
        let view = changed_policy(language);
        let view = policy::View { editing: None, told: Told::Nothing, findings: Vec::new(), ..view };
        in_order("policy", &policy::page(&view));
    }
    let html = policy::page(&changed_policy(Language::English)).html;
    for text in ["Line 3, column 9", "did you mean", "Nothing was changed.", "Not saved: 2 mistakes"] {
        assert!(html.contains(text), "{text}");
    }
    assert!(html.contains("name=\"revision\" value=\"2\""));
}

#[test]
fn a_page_of_two_who_change_one_policy_shows_both_and_saves_over_what_it_showed() {
    for language in Language::ALL {
        let mine = format!("// <mine>\n{FINANCE}");
        let theirs = json!({"text": format!("// <theirs>\n{FINANCE}")});
        for (spec, read) in
            [(Some(theirs), "name=\"revision\" value=\"7\""), (None, "name=\"name\" value=\"p\"")]
        {
            let mut newest = object("p", json!({}), 7);
            newest.spec = spec;
            let changes = vec![newest, object("p", json!({"text": FINANCE}), 2)];
            let mut view = policy::View {
                past: Past { changes, back: true },
                told: Told::Nothing,
                findings: Vec::new(),
                ..changed_policy(language)
            };
            let editing = view.editing.as_mut().unwrap();
            (editing.text, editing.trial) = (mine.clone(), Some(Default::default()));
            editing.clashes(&view.past.changes);
            let page = policy::page(&view);
            in_order("policy", &page);
            assert!(page.html.contains("&lt;mine&gt;") && page.html.contains(read), "{}", page.html);
        }
    }
}

/// A policy that was changed, and is not in order.
fn changed_policy(language: Language) -> policy::View {
    let old = object("p", json!({"text": FINANCE}), 2);
    let finding = |file: &str| Finding {
        file: file.to_owned(),
        line: 3,
        column: 9,
        severity: Severity::Error,
        message: String::from("no <such> thing"),
        help: Some(String::from("did you mean `risk`?")),
    };
    policy::View {
        frame: frame_in(language),
        name: String::from("p"),
        past: Past { changes: vec![old], back: true },
        told: Told::Problem(
            String::from("That would lock everybody out"),
            String::from("Nobody would be left."),
        ),
        findings: vec![finding("p.cedar"), finding("other.cedar")],
        editing: Some(policy::Editing {
            text: FINANCE.to_owned(),
            read: Some(Revision::new(2)),
            ..policy::Editing::default()
        }),
        may: policy::May::Change,
    }
}

#[test]
fn the_page_of_a_policy_changes_no_other() {
    let id = "p".parse().unwrap();
    assert_eq!(policy::only_this(frame().words, &id, FINANCE), Ok(()));
    for (text, found) in [
        (FINANCE.replace("\"p\"", "\"q\""), "this is another policy, `q`"),
        (format!("{FINANCE}{}", FINANCE.replace("\"p\"", "\"q\"")), "this is another policy, `q`"),
        (String::from("// nothing"), "there is no policy in this text"),
    ] {
        assert_eq!(policy::only_this(frame().words, &id, &text).unwrap_err()[0].message, found);
    }
}

#[test]
fn the_answer_is_said_in_a_sentence() {
    let in_group = |group: &str, holds| condition(&format!("principal in Group::\"{group}\""), holds);
    let finance = |holds| policy("payroll-finance", PolicyEffect::Permit, vec![in_group("finance", holds)]);
    let forbid =
        || policy("payroll-no-contractors", PolicyEffect::Forbid, vec![in_group("contractors", true)]);
    let other = || {
        policy("tokens", PolicyEffect::Permit, vec![condition("action == Action::\"token:issue\"", false)])
    };
    for (reason, policies, expected) in [
        (
            Some(DenyReason::DeniedByPolicy),
            vec![forbid(), finance(true)],
            "Denied: Eve <Castellano> may not read payroll: policy payroll-no-contractors forbids it.",
        ),
        (
            Some(DenyReason::DeniedByPolicy),
            vec![other(), finance(false)],
            "Denied: Eve <Castellano> may not read payroll: no policy permits it; of payroll-finance one condition does not hold.",
        ),
        (
            Some(DenyReason::DeniedByPolicy),
            vec![other()],
            "Denied: Eve <Castellano> may not read payroll: no policy is about it.",
        ),
        (
            Some(DenyReason::StepUpRequired),
            vec![finance(false)],
            "Not yet: Eve <Castellano> may not read payroll: policy payroll-finance wants a stronger or newer sign-in.",
        ),
        (
            Some(DenyReason::SubjectDisabled),
            vec![],
            "Denied: Eve <Castellano> may not read payroll: the account is disabled.",
        ),
        (
            None,
            vec![finance(true)],
            "Permitted: Eve <Castellano> may read payroll: policy payroll-finance permits it.",
        ),
    ] {
        let outcome = if reason.is_some() { Outcome::Deny } else { Outcome::Permit };
        assert_eq!(decision::headline(&decision(outcome, reason, policies, Vec::new())), expected);
    }
}

#[test]
fn the_answer_is_a_whole_sentence_in_every_language() {
    let misses = || condition("principal in Group::\"finance\"", false);
    let finance = || policy("payroll-finance", PolicyEffect::Permit, vec![misses(), misses()]);
    let forbids = |id: &str| policy(id, PolicyEffect::Forbid, vec![]);
    let said = |language, policies| {
        let mut view = decision(Outcome::Deny, Some(DenyReason::DeniedByPolicy), policies, Vec::new());
        view.frame = frame_in(language);
        decision::headline(&view)
    };
    for (language, missing, forbidden) in [
        (
            Language::German,
            "Verweigert: Eve <Castellano> darf payroll nicht lesen: keine Richtlinie erlaubt es; von payroll-finance, der nächsten, sind 2 Bedingungen nicht erfüllt.",
            "Verweigert: Eve <Castellano> darf payroll nicht lesen: die Richtlinien a und b verbieten es.",
        ),
        (
            Language::French,
            "Refusé\u{a0}: Eve <Castellano> ne peut pas lire payroll\u{a0}: aucune politique ne le permet\u{a0}; 2 conditions de payroll-finance, la plus proche, ne sont pas remplies.",
            "Refusé\u{a0}: Eve <Castellano> ne peut pas lire payroll\u{a0}: les politiques a et b l’interdisent.",
        ),
        (
            Language::Spanish,
            "Denegado: Eve <Castellano> no puede leer payroll: ninguna política lo permite; 2 condiciones de payroll-finance, la más cercana, no se cumplen.",
            "Denegado: Eve <Castellano> no puede leer payroll: las políticas a y b lo prohíben.",
        ),
    ] {
        assert_eq!(said(language, vec![finance()]), missing);
        assert_eq!(said(language, vec![forbids("a"), forbids("b")]), forbidden);
    }
}

#[test]
fn a_way_out_is_said_in_the_language_of_the_reader() {
    let finance = policy("f", PolicyEffect::Permit, vec![condition("context.mfa", false)]);
    let remedy = Remedy::new(bartizan_model::Way::Confirm, Some("Ask <Ada>."));
    let reason = Some(DenyReason::StepUpRequired);
    let mut view = decision(Outcome::Deny, reason, vec![finance], vec![remedy]);
    view.frame = frame_in(Language::German);
    let html = decision::page(&view).html;
    for text in [
        "Mit einem zweiten Faktor die Identität bestätigen. Ask &lt;Ada&gt;. <span",
        "Kleinste Änderung: mit einem zweiten Faktor die Identität bestätigen. Ask &lt;Ada&gt;.</span>",
        "gerade eben",
    ] {
        assert!(html.contains(text), "{text}: {html}");
    }
}

#[test]
fn what_stands_in_the_way_is_marked_and_what_is_given_is_not() {
    let other =
        policy("tokens", PolicyEffect::Permit, vec![condition("action == Action::\"token:issue\"", false)]);
    let finance = policy(
        "payroll-finance",
        PolicyEffect::Permit,
        vec![condition("principal in Group::\"finance\"", false), condition("context.risk < 40", true)],
    );
    let page = decision::page(&decision(
        Outcome::Deny,
        Some(DenyReason::DeniedByPolicy),
        vec![other, finance],
        Vec::new(),
    ));
    assert_eq!(page.html.matches("class=\"marked\"").count(), 1);
    assert!(page.html.contains("Smallest change: this alone is missing."));
    assert_eq!(page.html.matches("Nearest to a yes").count(), 1);
    assert!(page.html.contains("1 policy further away"));
}

#[test]
fn a_button_says_what_it_ends() {
    for (sessions, live, whose, expected) in [
        (1, 3, Some("Bob Lindgren"), "End 3 live streams of Bob Lindgren"),
        (1, 1, None, "End 1 live stream"),
        (1, 0, Some("Bob"), "End the sign-in of Bob"),
        (2, 0, Some("Bob"), "End all 2 sign-ins of Bob"),
    ] {
        assert_eq!(sessions::verb(frame().words, sessions, live, whose), expected);
    }
    let page = sessions::ask_page(&frame(), None, &[session(1, 3)], &[("user", "eve"), ("id", "")]);
    assert!(page.html.contains("<input type=\"hidden\" name=\"user\" value=\"eve\">"));
    assert!(!page.html.contains("name=\"id\""), "what was not asked for is not sent on");
    assert!(page.html.contains("with 3 live streams"));
}
