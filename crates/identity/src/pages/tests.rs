use std::time::Duration;

use bartizan_model::Timestamp;
use bartizan_ui::{Rendered, lint};

use super::*;
use crate::factors::Enrolled;
use crate::flow::{Bond, PasskeyAsk, Wrong};
use crate::passwords::PasswordProblem;
use crate::place::Place;

const FORM: Form<'_> = Form {
    action: "/sign-in?to=wiki",
    csrf: "cmFuZG9tIHRva2Vu",
    onward: &["https://wiki.bartizan.localhost:8443"],
};
const HOMES: Homes<'_> = Homes { portal: "https://bartizan.localhost:8443", account: "" };
const BOB: &str = "Bob Lindgren";
const OTPAUTH: &str = "otpauth://totp/Bartizan:bob?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Bartizan";

/// What a browser is asked for.
fn ask() -> PasskeyAsk {
    let options = r#"{"challenge":"AAAA","rpId":"auth.bartizan.localhost","allowCredentials":[]}"#;
    PasskeyAsk { options: options.to_owned(), seconds: 290 }
}

/// A passkey, as it is kept.
fn kept(name: &str, verified: bool, synced: bool) -> crate::passkeys::Passkey {
    serde_json::from_value(serde_json::json!({
        "name": name, "made": "2026-11-20T08:00:00Z",
        "credential": {
            "cred_id": name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().repeat(4).get(..16),
            "cred": {"type_": "ES256", "key": {"EC_EC2": {"curve": "SECP256R1", "x": "AAAA", "y": "AAAA"}}},
            "counter": 0, "transports": null, "user_verified": verified, "backup_eligible": synced,
            "backup_state": synced, "registration_policy": "required", "extensions": {},
            "attestation": {"data": "None", "metadata": "None"}, "attestation_format": "none",
        },
    }))
    .unwrap()
}

/// Each page, each of its forms.
fn samples(reader: Reader) -> Vec<(&'static str, Rendered)> {
    [asking(reader), claiming(reader), having(reader), stopped(reader)].into_iter().flatten().collect()
}

fn asking(reader: Reader) -> Vec<(&'static str, Rendered)> {
    let ask = ask();
    let passkey = Some(Passkey { action: "/passkey", ask: &ask });
    let first = Way::Typed;
    let sign_in = sign_in::View {
        form: FORM,
        app: None,
        login: "",
        problem: None,
        tried: Way::Typed,
        passkey: None,
        first,
        providers: &[],
        first_provider: None,
    };
    let offers = ["Contoso & Söhne", "Keycloak"]
        .map(|title| sign_in::Offer { title, url: format!("/provider/{}", title.len()) });
    let app = second_factor::App::Enrolled;
    let second = second_factor::View {
        form: FORM,
        who: BOB,
        problem: None,
        tried: Way::Typed,
        passkey: None,
        app,
        recovery_url: "/recovery",
    };
    let wait = refusal::too_many(reader.words, Duration::from_secs(40));
    let wrong = |wrong| refusal::wrong(reader.words, wrong);
    let wrong_code = reader.words.say("device-code-wrong");
    let code = device::CodeView {
        form: FORM,
        who: BOB,
        code: "WDJB-MJHT",
        problem: None,
        switch_url: "/device/again",
    };
    let scopes = ["openid", "profile", "email", "groups", "ledger:read"].map(str::to_owned).into();
    let again = confirm_again::View {
        form: FORM,
        who: BOB,
        app: Some("payroll"),
        problem: None,
        tried: Way::Typed,
        passkey: None,
        authenticator: second_factor::App::Enrolled,
        providers: &offers,
        switch_url: "/switch",
    };
    vec![
        ("sign_in", sign_in::page(&sign_in, reader)),
        (
            "sign_in_providers",
            sign_in::page(&sign_in::View { providers: &offers, first_provider: Some(1), ..sign_in }, reader),
        ),
        ("sign_in_app", sign_in::page(&sign_in::View { app: Some("wiki"), login: "bob", ..sign_in }, reader)),
        (
            "sign_in_problem",
            sign_in::page(
                &sign_in::View {
                    app: Some("wiki"),
                    login: "bob",
                    problem: Some(&wrong(Wrong::Password)),
                    ..sign_in
                },
                reader,
            ),
        ),
        ("sign_in_passkey", sign_in::page(&sign_in::View { passkey, ..sign_in }, reader)),
        (
            "sign_in_passkey_first",
            sign_in::page(&sign_in::View { passkey, first: Way::Passkey, ..sign_in }, reader),
        ),
        (
            "passkey_of",
            passkey_of::page(
                &passkey_of::View { form: FORM, ask: &ask, login: "bob", password_url: "/sign-in" },
                reader,
            ),
        ),
        ("second_passkey", second_factor::page(&second_factor::View { passkey, ..second }, reader)),
        (
            "second_passkey_alone",
            second_factor::page(
                &second_factor::View {
                    passkey,
                    app: second_factor::App::None,
                    problem: Some(&wrong(Wrong::Passkey)),
                    tried: Way::Passkey,
                    ..second
                },
                reader,
            ),
        ),
        (
            "second_nothing",
            second_factor::page(&second_factor::View { app: second_factor::App::None, ..second }, reader),
        ),
        ("confirm_passkey", confirm_again::page(&confirm_again::View { passkey, ..again }, reader)),
        ("second_factor", second_factor::page(&second, reader)),
        (
            "second_factor_wait",
            second_factor::page(&second_factor::View { problem: Some(&wait), ..second }, reader),
        ),
        (
            "recovery_code",
            recovery_code::page(
                &recovery_code::View {
                    form: FORM,
                    who: BOB,
                    problem: Some(&wrong(Wrong::UsedCode)),
                    authenticator_url: "/code",
                },
                reader,
            ),
        ),
        ("consent", consent::page(&asked_for(&FORM, &scopes), reader)),
        (
            "consent_act",
            consent::page(&consent::View { what: consent::Asks::ToAct, ..asked_for(&FORM, &scopes) }, reader),
        ),
        ("device", device::ask(&code, reader)),
        ("device_wrong", device::ask(&device::CodeView { problem: Some(&wrong_code), ..code }, reader)),
        ("device_ask", device::confirm(&device_asks(&scopes), reader)),
        (
            "device_act",
            device::confirm(&device::AskView { what: consent::Asks::ToAct, ..device_asks(&scopes) }, reader),
        ),
        ("device_allowed", device::end(device::End::Allowed, "Web shop", "/device", reader)),
        ("device_denied", device::end(device::End::Denied, "Web shop", "/device", reader)),
        ("device_over", device::end(device::End::Over, "Web shop", "/device", reader)),
        ("confirm_again", confirm_again::page(&again, reader)),
        ("confirm_change", confirm_again::page(&confirm_again::View { app: None, ..again }, reader)),
    ]
}

fn device_asks(scopes: &std::collections::BTreeSet<String>) -> device::AskView<'_> {
    device::AskView {
        allow: "/device/allow",
        deny: "/device/deny",
        csrf: FORM.csrf,
        here: "/device?user_code=WDJB-MJHT",
        shown: "c2VhbGVk",
        code: "WDJB-MJHT",
        client: "Web <b>shop</b>",
        name: "shop",
        who: BOB,
        what: consent::Asks::ToKnow,
        scopes,
        resources: scopes,
        place: None,
        began: "2026-11-29T08:00:00Z",
        age: Duration::from_secs(70),
    }
}

fn asked_for<'a>(form: &Form<'a>, scopes: &'a std::collections::BTreeSet<String>) -> consent::View<'a> {
    consent::View {
        form: *form,
        here: "/oauth2/authorize?client_id=shop&request_uri=urn",
        client: "Web <b>shop</b>",
        who: BOB,
        what: consent::Asks::ToKnow,
        scopes,
        refuse_url: "https://shop.example.org/cb?error=access_denied",
    }
}

fn claiming(reader: Reader) -> Vec<(&'static str, Rendered)> {
    let codes: Vec<String> = (0..10_u32).map(|n| format!("k7q{n}-x2m{n}-9fw{n}")).collect();
    let kept = claim::recovery_codes::View {
        form: FORM,
        occasion: claim::recovery_codes::Occasion::Claim,
        login: "bob",
        codes: &codes,
    };
    let password = claim::password::View {
        form: FORM,
        who: BOB,
        login: "bob",
        problem: None,
        passkey: None,
        passkey_problem: None,
    };
    let ask = ask();
    let passkey = Some(Passkey { action: "/claim/passkey", ask: &ask });
    let not_taken = refusal::wrong(reader.words, Wrong::NewPasskey);
    let passkey_problem = Some(not_taken.as_str());
    vec![
        ("claim_passkey", claim::password::page(&claim::password::View { passkey, ..password }, reader)),
        (
            "claim_passkey_problem",
            claim::password::page(&claim::password::View { passkey, passkey_problem, ..password }, reader),
        ),
        (
            "claim_recovery_codes_passkey",
            claim::recovery_codes::page(
                &claim::recovery_codes::View { occasion: claim::recovery_codes::Occasion::Passkey, ..kept },
                reader,
            ),
        ),
        ("claim_password", claim::password::page(&password, reader)),
        (
            "claim_password_problem",
            claim::password::page(
                &claim::password::View {
                    problem: Some(&refusal::wrong(
                        reader.words,
                        Wrong::NewPassword(PasswordProblem::Guessable),
                    )),
                    ..password
                },
                reader,
            ),
        ),
        (
            "claim_authenticator",
            claim::authenticator::page(
                &claim::authenticator::View {
                    form: FORM,
                    occasion: claim::authenticator::Occasion::Claim,
                    secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
                    otpauth_url: OTPAUTH,
                    problem: None,
                },
                reader,
            ),
        ),
        ("claim_recovery_codes", claim::recovery_codes::page(&kept, reader)),
        (
            "new_recovery_codes",
            claim::recovery_codes::page(
                &claim::recovery_codes::View { occasion: claim::recovery_codes::Occasion::Renewal, ..kept },
                reader,
            ),
        ),
    ]
}

fn having(reader: Reader) -> Vec<(&'static str, Rendered)> {
    let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
    let began = |text: &str| text.parse::<Timestamp>().unwrap();
    let here = Place {
        source: "192.0.2.17".parse().unwrap(),
        browser: Some("Chrome".into()),
        system: Some("Windows".into()),
    };
    let source = "2001:db8:85a3:8d3:1319:8a2e:370:7348".parse().unwrap();
    let there = Place { source, browser: Some("curl".into()), system: None };
    let session = account::Session {
        began: began("2026-11-24T11:48:00Z"),
        from: Some(&here),
        which: account::Which::This,
        end_action: "/sessions/1/end",
    };
    let sessions = [
        session,
        account::Session {
            began: began("2026-11-23T08:00:00Z"),
            from: Some(&there),
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
    let enrolled = Enrolled {
        password_set: Some(began("2026-11-20T08:00:00Z")),
        totp_enrolled: Some(began("2026-11-20T08:01:00Z")),
        recovery_left: 8,
        passkeys: 0,
        generation: 1,
    };
    let (one, none) = (Enrolled { recovery_left: 1, ..enrolled }, Enrolled { recovery_left: 0, ..enrolled });
    let providers = [Bond::Linked, Bond::None].map(|bond| account::Provider {
        title: "Contoso & Söhne",
        bond,
        link_url: String::from("/provider/contoso?for=link"),
        part_action: String::from("/provider/contoso/part"),
    });
    let account = account::View {
        here: "/",
        home: HOMES,
        csrf: FORM.csrf,
        done: None,
        name: BOB,
        login: "bob",
        sessions: &sessions,
        factors: Some(&enrolled),
        passkeys: &[],
        add_passkey_url: "/passkeys/new",
        password: account::Ways { url: Some("/password"), remove_action: None },
        app: account::Ways { url: Some("/authenticator"), remove_action: None },
        providers: &providers,
        new_codes_action: "/codes",
        token_action: "/token",
        sign_out_action: "/sign-out",
        sign_out_everywhere_action: "/sign-out/everywhere",
        now,
    };
    let mut known =
        [kept("Phone", true, true), kept("<b>Laptop", true, false), kept("Old key", false, false)];
    known[0].used = Some(began("2026-11-24T11:48:00Z"));
    let keys = known.each_ref().map(|passkey| passkey.key().to_string());
    let passkeys: Vec<_> = known
        .iter()
        .zip(&keys)
        .map(|(known, key)| account::Passkey {
            known,
            key,
            rename_action: "/rename",
            remove_action: known.stands_alone().then_some("/remove"),
        })
        .collect();
    let ask = ask();
    let passkey = Passkey { action: "/passkeys/new", ask: &ask };
    let new = passkey_new::View { csrf: FORM.csrf, passkey, name: "Chrome, Windows", problem: None };
    let bare = Enrolled { password_set: None, totp_enrolled: None, ..none };
    let (form, now) = (Form { onward: &[], ..FORM }, password_new::Now::None);
    let password = password_new::View { form, now, login: "bob", problem: None };
    let app = claim::authenticator::View {
        form,
        occasion: claim::authenticator::Occasion::Another,
        secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
        otpauth_url: OTPAUTH,
        problem: None,
    };
    vec![
        ("passkey_new", passkey_new::page(&new, reader)),
        ("passkey_new_problem", passkey_new::page(&passkey_new::View { problem: Some(BOB), ..new }, reader)),
        (
            "account_passkeys",
            account::page(
                &account::View {
                    done: Some(account::Done::Refused(Wrong::LastWay)),
                    passkeys: &passkeys,
                    ..account
                },
                reader,
            ),
        ),
        ("account", account::page(&account, reader)),
        (
            "account_password_changed",
            account::page(
                &account::View {
                    done: Some(account::Done::PasswordChanged),
                    passkeys: &passkeys,
                    password: account::Ways { url: Some("/password"), remove_action: Some("/remove") },
                    app: account::Ways { url: Some("/authenticator"), remove_action: Some("/remove") },
                    ..account
                },
                reader,
            ),
        ),
        (
            "account_nothing_set",
            account::page(
                &account::View {
                    done: Some(account::Done::AppRemoved),
                    factors: Some(&bare),
                    password: account::Ways { url: None, remove_action: None },
                    ..account
                },
                reader,
            ),
        ),
        ("password_set", password_new::page(&password, reader)),
        (
            "password_change",
            password_new::page(
                &password_new::View {
                    now: password_new::Now::Set,
                    problem: Some(&refusal::wrong(
                        reader.words,
                        Wrong::NewPassword(PasswordProblem::AboutYou),
                    )),
                    ..password
                },
                reader,
            ),
        ),
        ("authenticator_another", claim::authenticator::page(&app, reader)),
        (
            "authenticator_replacement",
            claim::authenticator::page(
                &claim::authenticator::View {
                    occasion: claim::authenticator::Occasion::Replacement,
                    problem: Some(&refusal::wrong(reader.words, Wrong::FirstCode)),
                    ..app
                },
                reader,
            ),
        ),
        (
            "account_warning",
            account::page(
                &account::View {
                    done: Some(account::Done::Ended),
                    sessions: &sessions[..1],
                    factors: Some(&one),
                    ..account
                },
                reader,
            ),
        ),
        (
            "token",
            token::page(
                &token::View {
                    home: HOMES,
                    app: "console",
                    token: "bzn_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                },
                reader,
            ),
        ),
        ("account_no_factor", account::page(&account::View { factors: None, ..account }, reader)),
        ("account_no_codes", account::page(&account::View { factors: Some(&none), ..account }, reader)),
    ]
}

fn stopped(reader: Reader) -> Vec<(&'static str, Rendered)> {
    let out = sign_out_confirm::View {
        form: FORM,
        who: BOB,
        next: sign_out_confirm::Next::SwitchAccount,
        back_url: "/",
    };
    let unusable =
        |kind| link_unusable::page(&link_unusable::View { kind, here: "/here", sign_in_url: "/" }, reader);
    vec![
        ("link", link::page(&link::View { form: FORM, who: BOB }, reader)),
        ("link_unusable", unusable(link_unusable::Kind::SignIn)),
        ("invitation_unusable", unusable(link_unusable::Kind::Invitation)),
        ("sign_out_switch", sign_out_confirm::page(&out, reader)),
        (
            "sign_out_confirm",
            sign_out_confirm::page(
                &sign_out_confirm::View { next: sign_out_confirm::Next::SignedOut, ..out },
                reader,
            ),
        ),
        ("signed_out", signed_out::page(&signed_out::View { here: "/here", sign_in_url: "/" }, reader)),
        (
            "problem",
            problem::page(
                &problem::View {
                    title: &reader.words.say("stale"),
                    detail: &html! { (reader.words.say("stale-why")) },
                    way: Some((&reader.words.say("start-again"), "/")),
                    request_id: Some("0192f0c1-2b3c-7d4e-8f50-112233445566"),
                },
                reader,
            ),
        ),
    ]
}

#[test]
fn every_page_keeps_what_pages_have_to_keep() {
    for language in Language::ALL {
        let tag = language.tag();
        for (name, page) in samples(Reader::of(language)) {
            assert_eq!(lint::faults(&page), Vec::<String>::new(), "{name} {tag}");
            let (start, direction) =
                (format!("<html lang=\"{tag}\""), format!("dir=\"{}\"", language.direction()));
            assert!(page.html.contains(&start) && page.html.contains(&direction), "{name} {tag}");
            // To look at them: BARTIZAN_PAGES=<folder> cargo test -p bartizan-identity pages
            if let Some(folder) = option_env!("BARTIZAN_PAGES") {
                let file = std::path::Path::new(folder).join(format!("{name}.{tag}.html"));
                std::fs::write(file, page.html).unwrap();
            }
        }
    }
}

/// What a person reads of a page, in one line.
fn text(page: &Rendered) -> String {
    let body = page.html.split_once("<body>").unwrap().1.split("<script").next().unwrap();
    let words: Vec<_> = body.split('<').filter_map(|tag| Some(tag.split_once('>')?.1.trim())).collect();
    words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[test]
fn words_are_calm() {
    let unwanted: [(Language, &[&str]); 4] = [
        (Language::English, &["please", "oops", "sorry", "invalid", "!", "unfortunately", "click here"]),
        (Language::German, &["bitte ", "hoppla", "ungültig", "!", "leider", "klicken sie hier"]),
        (Language::French, &["s’il vous plaît", "désolé", "invalide", "!", "malheureusement", "cliquez ici"]),
        (Language::Spanish, &["por favor", "lo sentimos", "inválid", "!", "¡", "haga clic"]),
    ];
    for (language, unwanted) in unwanted {
        for (name, page) in samples(Reader::of(language)) {
            let text = text(&page).to_lowercase();
            for word in unwanted {
                assert!(!text.contains(word), "{name} says `{word}`");
            }
        }
    }
}

#[test]
fn no_page_is_left_in_english() {
    let english = samples(Reader::of(Language::English));
    for language in [Language::German, Language::French, Language::Spanish, Language::Mirrored] {
        for ((name, english), (_, page)) in english.iter().zip(samples(Reader::of(language))) {
            assert_ne!(text(english), text(&page), "{name} {}", language.tag());
        }
    }
}

#[test]
fn sign_in_leads_on_to_the_app_and_to_nothing_else() {
    let (app, first) = (Some("wiki"), Way::Typed);
    let view = sign_in::View {
        form: FORM,
        app,
        login: "",
        problem: None,
        tried: Way::Typed,
        passkey: None,
        first,
        providers: &[],
        first_provider: None,
    };
    let page = sign_in::page(&view, Reader::of(Language::English));
    assert!(page.csp.contains("; form-action 'self' https://wiki.bartizan.localhost:8443; "));
    assert!(page.html.contains("<h1>Sign in to open <bdi>wiki</bdi></h1>"));
}

#[test]
fn what_comes_from_elsewhere_is_text() {
    let bad = "<script>\"&";
    for language in Language::ALL {
        let (app, first) = (Some(bad), Way::Passkey);
        let view = sign_in::View {
            form: FORM,
            app,
            login: bad,
            problem: Some(bad),
            tried: Way::Typed,
            passkey: None,
            first,
            providers: &[sign_in::Offer { title: bad, url: String::from("/provider/x") }],
            first_provider: Some(0),
        };
        let page = sign_in::page(&view, Reader::of(language));
        assert!(!page.html.contains(bad));
        assert!(page.html.contains("value=\"&lt;script&gt;&quot;&amp;\""));
    }
}

#[test]
fn a_password_is_never_sent_back() {
    let (problem, passkey) = (Some("Too short."), None);
    let view =
        claim::password::View { form: FORM, who: BOB, login: "bob", problem, passkey, passkey_problem: None };
    let page = claim::password::page(&view, Reader::of(Language::English));
    let input = page.html.split("<input").find(|input| input.contains("id=\"password\"")).unwrap();
    assert!(!input.split('>').next().unwrap().contains("value="));
}
