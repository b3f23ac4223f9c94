use bartizan_evidence::Found;
use bartizan_model::{
    AppName, CredentialKind, DenyReason, Event, EventId, EventKind, Outcome, Personal, RequestId, Resource,
    ResourceRef, SessionId, Subject, SubjectRef,
};
use bartizan_ui::{Language, lint};

use super::apps::Open;
use super::deed::{Deed, End, Step, entries};
use super::*;

const AUTH: &str = "https://auth.example.com";

fn visitor(language: Language) -> Visitor {
    let user = UserId::from_bytes([7; 16]);
    let caller = Caller {
        subject: Subject::User(user),
        session: Some(SessionId::from_bytes([8; 16])),
        device: None,
        credential: Some(CredentialKind::App),
        credential_ends: None,
        source: [192, 0, 2, 1].into(),
        request_id: RequestId::from_bytes([9; 16]),
        user_agent: None,
    };
    Visitor { caller, user, words: CATALOG.words(language), now: "2026-11-29T12:00:00Z".parse().unwrap() }
}

/// An event at this moment, about this app if one is named.
fn event(time: &str, kind: EventKind, outcome: Outcome, app: Option<&str>) -> Found {
    let mut event = Event::new(EventId::from_bytes([1; 16]), time.parse().unwrap(), kind, outcome);
    event.subject = Some(SubjectRef::from(&Subject::User(UserId::from_bytes([7; 16]))));
    event.request_id = Some(RequestId::from_bytes([3; 16]));
    event.resource = app.map(|app| ResourceRef::from(&Resource::App(app.parse::<AppName>().unwrap())));
    let personal = Personal { source: Some(String::from("192.0.2.1")), ..Personal::default() };
    Found { log_index: 1, event, personal: Some(personal) }
}

fn because(mut found: Found, reason: &str) -> Found {
    found.event.reason = Some(reason.to_owned());
    found
}

fn doing(mut found: Found, action: &str) -> Found {
    found.event.action = Some(action.to_owned());
    found
}

/// One of each kind, the newest first.
fn everything() -> Vec<Found> {
    use EventKind::{AdminChange, Decision, GrantEnd, SessionEnd, SessionStart, SigninStep};
    let at = |minute: u8| format!("2026-11-29T11:{minute:02}:00Z");
    let (wiki, pay) = (Some("wiki"), Some("payroll"));
    vec![
        because(event(&at(59), SessionEnd, Outcome::Ok, None), "signed_out"),
        because(event(&at(58), SessionEnd, Outcome::Ok, None), "expired"),
        because(event(&at(57), SessionEnd, Outcome::Ok, None), "revoked"),
        because(event(&at(56), GrantEnd, Outcome::Cut, wiki), "session_ended"),
        event(&at(55), GrantEnd, Outcome::Ok, wiki),
        because(event(&at(54), Decision, Outcome::Deny, pay), "denied_by_policy"),
        because(event(&at(53), Decision, Outcome::Deny, pay), "step_up_required"),
        doing(event(&at(52), Decision, Outcome::Permit, wiki), "token:issue"),
        doing(event(&at(51), Decision, Outcome::Permit, wiki), "http:read"),
        event(&at(50), Decision, Outcome::Permit, Some("console")),
        event(&at(49), AdminChange, Outcome::Ok, None),
        event(&at(48), SessionStart, Outcome::Ok, None),
        doing(event(&at(47), SigninStep, Outcome::Ok, None), "signin:password"),
        doing(event(&at(46), SigninStep, Outcome::Ok, None), "signin:link"),
        doing(event(&at(45), SigninStep, Outcome::Ok, None), "signin:recovery"),
        doing(event(&at(44), SigninStep, Outcome::Ok, None), "claim:finish"),
        doing(because(event(&at(43), SigninStep, Outcome::Failed, None), "throttled"), "signin:totp"),
        doing(because(event(&at(42), SigninStep, Outcome::Failed, None), "used_code"), "signin:totp"),
        doing(
            because(event(&at(41), SigninStep, Outcome::Failed, None), "wrong_password"),
            "signin:password",
        ),
        because(event(&at(40), SessionEnd, Outcome::Ok, None), "factors_changed"),
        because(event(&at(39), SessionEnd, Outcome::Ok, None), "provider_logout"),
        doing(event(&at(38), SigninStep, Outcome::Ok, None), "passkey:add"),
        doing(event(&at(37), SigninStep, Outcome::Ok, None), "passkey:remove"),
        doing(event(&at(36), SigninStep, Outcome::Ok, None), "password:set"),
        doing(event(&at(35), SigninStep, Outcome::Ok, None), "password:remove"),
        doing(event(&at(34), SigninStep, Outcome::Ok, None), "app:add"),
        doing(event(&at(33), SigninStep, Outcome::Ok, None), "app:remove"),
        doing(event(&at(32), SigninStep, Outcome::Ok, None), "provider:link"),
        doing(event(&at(31), SigninStep, Outcome::Ok, None), "provider:unlink"),
        doing(event(&at(30), SigninStep, Outcome::Ok, None), "codes:new"),
    ]
}

#[test]
fn what_happened_is_told_as_the_person_would_and_what_goes_without_saying_is_not() {
    let (wiki, pay) = (|| String::from("wiki"), || String::from("payroll"));
    let told: Vec<Deed> = entries(&everything()).into_iter().map(|entry| entry.deed).collect();
    let expected = [
        Deed::Ended(End::SignedOut),
        Deed::Ended(End::Over),
        Deed::Ended(End::Revoked),
        Deed::Cut(wiki(), DenyReason::SessionEnded),
        Deed::Denied(pay(), DenyReason::DeniedByPolicy),
        Deed::Denied(pay(), DenyReason::StepUpRequired),
        Deed::Token(wiki()),
        Deed::Used(wiki()),
        Deed::SignedIn,
        Deed::Step(Step::Link),
        Deed::Step(Step::RecoveryCode),
        Deed::Step(Step::SetUp),
        Deed::Step(Step::TooMany),
        Deed::Step(Step::WrongCode),
        Deed::Step(Step::WrongPassword),
        Deed::Ended(End::Changed),
        Deed::Ended(End::AtProvider),
        Deed::Step(Step::PasskeyAdded),
        Deed::Step(Step::PasskeyRemoved),
        Deed::Step(Step::PasswordSet),
        Deed::Step(Step::PasswordRemoved),
        Deed::Step(Step::AppAdded),
        Deed::Step(Step::AppRemoved),
        Deed::Step(Step::ProviderLinked),
        Deed::Step(Step::ProviderUnlinked),
        Deed::Step(Step::NewCodes),
    ];
    assert_eq!(told, expected);
}

#[test]
fn what_was_done_again_soon_from_the_same_place_is_one_entry() {
    let used = |time: &str, app| event(time, EventKind::Decision, Outcome::Permit, Some(app));
    let mut elsewhere = used("2026-11-29T11:40:00Z", "wiki");
    elsewhere.personal.as_mut().unwrap().source = Some(String::from("192.0.2.99"));
    let found = [
        used("2026-11-29T11:59:00Z", "wiki"),
        used("2026-11-29T11:58:00Z", "pulse"),
        used("2026-11-29T11:45:00Z", "wiki"),
        elsewhere,
        used("2026-11-29T11:20:00Z", "wiki"),
        used("2026-11-29T10:49:00Z", "wiki"),
    ];
    let entries = entries(&found);
    let counts: Vec<(u64, String, String)> =
        entries.iter().map(|entry| (entry.count, entry.last.to_string(), entry.first.to_string())).collect();
    let times = |count, last: &str, first: &str| {
        let time = |clock: &str| format!("2026-11-29T{clock}:00.000000Z");
        (count, time(last), time(first))
    };
    let expected = [
        times(3, "11:59", "11:20"),
        times(1, "11:58", "11:58"),
        times(1, "11:40", "11:40"),
        // 31 minutes before the one before it.
        times(1, "10:49", "10:49"),
    ];
    assert_eq!(counts, expected);
}

#[test]
fn pages_are_in_order_in_every_language_and_names_are_text() {
    for language in Language::ALL {
        let visitor = visitor(language);
        let open = |name: &str, asks_again| Open {
            name: name.to_owned(),
            host: format!("{name}.example.com"),
            url: String::from("https://wiki.example.com/"),
            asks_again,
        };
        let many: Vec<Open> = (0..20).map(|n| open(&format!("app{n}"), false)).collect();
        let view = apps::View {
            visitor: &visitor,
            name: String::from("Bob </main><script>"),
            login: String::from("bob"),
            sought: "",
            apps: vec![open("wiki", false), open("payroll", true)],
            all: 2,
            console: Some(open("console", false)),
        };
        let one = apps::page(AUTH, &view);
        assert!(one.html.contains("Bob &lt;/main&gt;&lt;script&gt;"), "{}", one.html);
        let view = apps::View { apps: many, all: 20, sought: "\"<a", console: None, ..view };
        let searched = apps::page(AUTH, &view);
        assert!(searched.html.contains("value=\"&quot;&lt;a\""), "{}", searched.html);
        let nothing = apps::page(AUTH, &apps::View { apps: Vec::new(), ..view });
        let view = apps::View {
            apps: Vec::new(),
            all: 0,
            sought: "",
            visitor: &visitor,
            name: String::new(),
            login: String::new(),
            console: None,
        };
        let none = apps::page(AUTH, &view);
        let view = activity::View {
            visitor: &visitor,
            entries: entries(&everything()),
            earlier: Some(7),
            newest: false,
        };
        let done = activity::page(AUTH, &view);
        let quiet = activity::View { entries: Vec::new(), earlier: None, newest: true, ..view };
        let quiet = activity::page(AUTH, &quiet);
        for page in [one, searched, nothing, none, done, quiet] {
            assert_eq!(lint::faults(&page), Vec::<String>::new(), "{}", language.tag());
            assert!(page.html.contains("href=\"https://auth.example.com/\""), "the way to the sign-ins");
        }
    }
}
