use bartizan_model::Timestamp;
use bartizan_ui::{Rendered, lint};

use super::*;

const FORM: Form<'_> = Form {
    action: "/sign-in?to=wiki",
    csrf: "cmFuZG9tIHRva2Vu",
    onward: &["https://wiki.bartizan.localhost:8443"],
};
const BOB: &str = "Bob Lindgren";
const OTPAUTH: &str = "otpauth://totp/Bartizan:bob?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Bartizan";

/// Each page, each of its forms.
fn samples() -> Vec<(&'static str, Rendered)> {
    [asking(), claiming(), having(), stopped()].into_iter().flatten().collect()
}

fn asking() -> Vec<(&'static str, Rendered)> {
    let sign_in = sign_in::View { form: FORM, app: None, login: "", problem: None };
    let second = second_factor::View { form: FORM, who: BOB, problem: None, recovery_url: "/recovery" };
    let wait = wait_for_next_code(Duration::from_secs(40));
    let again = confirm_again::View {
        form: FORM,
        who: BOB,
        why: "Payroll wants a code from today.",
        problem: None,
        switch_url: "/switch",
    };
    vec![
        ("sign_in", sign_in::page(&sign_in)),
        ("sign_in_app", sign_in::page(&sign_in::View { app: Some("wiki"), login: "bob", ..sign_in })),
        (
            "sign_in_problem",
            sign_in::page(&sign_in::View {
                app: Some("wiki"),
                login: "bob",
                problem: Some("Login name and password do not belong together."),
                ..sign_in
            }),
        ),
        ("second_factor", second_factor::page(&second)),
        ("second_factor_wait", second_factor::page(&second_factor::View { problem: Some(&wait), ..second })),
        (
            "recovery_code",
            recovery_code::page(&recovery_code::View {
                form: FORM,
                who: BOB,
                problem: Some("This code is not one of yours, or has been used."),
                authenticator_url: "/code",
            }),
        ),
        ("confirm_again", confirm_again::page(&again)),
    ]
}

fn claiming() -> Vec<(&'static str, Rendered)> {
    let codes: Vec<String> = (0..10_u32).map(|n| format!("k7q{n}-x2m{n}-9fw{n}")).collect();
    let kept = claim::recovery_codes::View {
        form: FORM,
        occasion: claim::recovery_codes::Occasion::Claim,
        login: "bob",
        codes: &codes,
    };
    let password = claim::password::View { form: FORM, who: BOB, login: "bob", problem: None };
    vec![
        ("claim_password", claim::password::page(&password)),
        (
            "claim_password_problem",
            claim::password::page(&claim::password::View {
                problem: Some("This is one of the first that an attacker tries. Choose another."),
                ..password
            }),
        ),
        (
            "claim_authenticator",
            claim::authenticator::page(&claim::authenticator::View {
                form: FORM,
                secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
                otpauth_url: OTPAUTH,
                problem: None,
            }),
        ),
        ("claim_recovery_codes", claim::recovery_codes::page(&kept)),
        (
            "new_recovery_codes",
            claim::recovery_codes::page(&claim::recovery_codes::View {
                occasion: claim::recovery_codes::Occasion::Renewal,
                ..kept
            }),
        ),
    ]
}

fn having() -> Vec<(&'static str, Rendered)> {
    let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
    let began = |text: &str| text.parse::<Timestamp>().unwrap();
    let session = account::Session {
        began: began("2026-11-24T11:48:00Z"),
        from: Some("192.0.2.17"),
        which: account::Which::This,
        end_action: "/sessions/1/end",
    };
    let sessions = [
        session,
        account::Session {
            began: began("2026-11-23T08:00:00Z"),
            from: Some("2001:db8:85a3:8d3:1319:8a2e:370:7348"),
            which: account::Which::Other,
            ..session
        },
        account::Session {
            began: began("2026-11-20T08:00:00Z"),
            from: None,
            which: account::Which::Other,
            ..session
        },
    ];
    let account = account::View {
        csrf: FORM.csrf,
        done: None,
        name: BOB,
        login: "bob",
        sessions: &sessions,
        recovery_codes: Some(8),
        new_codes_action: "/codes",
        token_action: "/token",
        sign_out_action: "/sign-out",
        sign_out_everywhere_action: "/sign-out/everywhere",
        now,
    };
    vec![
        ("account", account::page(&account)),
        (
            "account_warning",
            account::page(&account::View {
                done: Some("The other session has ended."),
                sessions: &sessions[..1],
                recovery_codes: Some(1),
                ..account
            }),
        ),
        (
            "token",
            token::page(&token::View {
                app: "console",
                token: "bzn_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            }),
        ),
        ("account_no_factor", account::page(&account::View { recovery_codes: None, ..account })),
        ("account_no_codes", account::page(&account::View { recovery_codes: Some(0), ..account })),
    ]
}

fn stopped() -> Vec<(&'static str, Rendered)> {
    let out = sign_out_confirm::View {
        form: FORM,
        who: BOB,
        next: sign_out_confirm::Next::SwitchAccount,
        back_url: "/",
    };
    let unusable = |kind| link_unusable::page(&link_unusable::View { kind, sign_in_url: "/" });
    vec![
        ("link", link::page(&link::View { form: FORM, who: BOB })),
        ("link_unusable", unusable(link_unusable::Kind::SignIn)),
        ("invitation_unusable", unusable(link_unusable::Kind::Invitation)),
        ("sign_out_switch", sign_out_confirm::page(&out)),
        (
            "sign_out_confirm",
            sign_out_confirm::page(&sign_out_confirm::View {
                next: sign_out_confirm::Next::SignedOut,
                ..out
            }),
        ),
        ("signed_out", signed_out::page(&signed_out::View { sign_in_url: "/" })),
        (
            "problem",
            problem::page(&problem::View {
                title: "This page is too old",
                detail: "It was open for more than an hour. Nothing was changed.",
                way: Some(("Start again", "/")),
                request_id: Some("0192f0c1-2b3c-7d4e-8f50-112233445566"),
            }),
        ),
    ]
}

#[test]
fn every_page_keeps_what_pages_have_to_keep() {
    for (name, page) in samples() {
        assert_eq!(lint::faults(&page), Vec::<String>::new(), "{name}");
        // To look at them: BARTIZAN_PAGES=<folder> cargo test -p bartizan-identity pages
        if let Some(folder) = option_env!("BARTIZAN_PAGES") {
            std::fs::write(std::path::Path::new(folder).join(format!("{name}.html")), page.html).unwrap();
        }
    }
}

#[test]
fn words_are_calm() {
    for (name, page) in samples() {
        let body = page.html.split_once("<body>").unwrap().1.split("<script").next().unwrap();
        let words: Vec<_> = body.split('<').filter_map(|tag| Some(tag.split_once('>')?.1)).collect();
        let text = words.join(" ").to_lowercase();
        for word in ["please", "oops", "sorry", "invalid", "!", "unfortunately", "click here"] {
            assert!(!text.contains(word), "{name} says `{word}`");
        }
    }
}

#[test]
fn sign_in_leads_on_to_the_app_and_to_nothing_else() {
    let page = sign_in::page(&sign_in::View { form: FORM, app: Some("wiki"), login: "", problem: None });
    assert!(page.csp.contains("; form-action 'self' https://wiki.bartizan.localhost:8443; "));
    assert!(page.html.contains("<h1>Sign in to open wiki</h1>"));
}

#[test]
fn what_comes_from_elsewhere_is_text() {
    let bad = "<script>\"&";
    let page = sign_in::page(&sign_in::View { form: FORM, app: Some(bad), login: bad, problem: Some(bad) });
    assert!(!page.html.contains(bad));
    assert!(page.html.contains("value=\"&lt;script&gt;&quot;&amp;\""));
}

#[test]
fn a_password_is_never_sent_back() {
    let page = claim::password::page(&claim::password::View {
        form: FORM,
        who: BOB,
        login: "bob",
        problem: Some("Too short."),
    });
    let input = page.html.split("<input").find(|input| input.contains("id=\"password\"")).unwrap();
    assert!(!input.split('>').next().unwrap().contains("value="));
}

#[test]
fn who_has_to_wait_is_told_how_long() {
    assert_eq!(
        wait_for_next_code(Duration::from_millis(39_100)),
        "Too many wrong codes. Try again in 40 seconds."
    );
}
