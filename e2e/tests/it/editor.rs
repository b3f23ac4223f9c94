//! Editing policies: what a page takes by address, what is said of a text before it is saved, a new policy, and two who
//! change one at a time.

use http::Method;
use serde_json::{Value, json};

use crate::browser::run_with;
use crate::cookies::Browser;
use crate::demo::Demo;
use crate::http::block_on;

const EDIT: &str = "/policies/payroll-finance?edit=1";

/// The addresses of a page's stylesheet and scripts.
fn assets(html: &str) -> Vec<String> {
    let parts = html.split("\"/assets/").skip(1);
    parts.map(|rest| format!("/assets/{}", rest.split('"').next().unwrap())).collect()
}

#[test]
fn look_and_scripts_come_by_address_and_are_kept_for_good() {
    let demo = Demo::start();
    block_on(async {
        let mut ada = Browser::signed_in(&demo, "ada", "console").await;
        let (page, editor) = (ada.go("console", "/policies").await, ada.go("console", EDIT).await);
        let (few, more) = (assets(&page.text()), assets(&editor.text()));
        assert_eq!(
            (few.len(), more.len()),
            (2, 4),
            "only the page that edits has the editor: {few:?}, {more:?}"
        );
        assert!(!page.text().contains("<style") && !page.text().contains("<script>"));
        let policy = editor.answer.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("; style-src 'self'; ") && !policy.contains("script-src 'self'"), "{policy}");
        for address in &more {
            let plain = ada.ask(Method::GET, "console", address, &[], None).await;
            let packed = [("accept-encoding", "br, gzip")];
            let packed = ada.ask(Method::GET, "console", address, &packed, None).await;
            for answer in [&plain, &packed] {
                assert_eq!(answer.status, 200, "{address}");
                for (name, value) in [
                    ("cache-control", "public, max-age=31536000, immutable"),
                    ("vary", "accept-encoding"),
                    ("x-content-type-options", "nosniff"),
                    ("cross-origin-resource-policy", "same-origin"),
                ] {
                    assert_eq!(answer.headers[name], value, "{address}");
                }
                let kind = if address.ends_with(".css") { "text/css" } else { "text/javascript" };
                let is = answer.headers["content-type"].to_str().unwrap();
                assert!(is.starts_with(kind), "{address}: {is}");
            }
            assert!(plain.headers.get("content-encoding").is_none());
            assert_eq!(packed.headers["content-encoding"], "gzip");
            assert!(
                packed.body.len() * 2 < plain.body.len(),
                "{address}: {} of {}",
                packed.body.len(),
                plain.body.len()
            );
            let head = ada.ask(Method::HEAD, "console", address, &[], None).await;
            assert_eq!((head.status, head.body.len()), (200, 0), "{address}");
        }
        // No page is packed: what it has of a token would be told by its length.
        let answer = ada.ask(Method::GET, "console", EDIT, &[("accept-encoding", "gzip")], None).await;
        assert!(answer.headers.get("content-encoding").is_none(), "a page is packed");
        for missing in ["/assets/style.css", "/assets/", "/assets/editor.js/x"] {
            let answer = ada.ask(Method::GET, "console", missing, &[], None).await;
            assert_eq!(answer.status, 404, "{missing}");
        }
        // The deny twin: what is before the console is before these, too.
        let mut bob = Browser::signed_in(&demo, "bob", "wiki").await;
        let page = bob.go("console", &few[0]).await;
        assert_eq!(page.answer.status, 403, "{}", page.text());
    });
}

#[test]
fn a_text_is_looked_at_while_it_is_typed_and_nothing_is_saved() {
    let demo = Demo::start();
    let before = demo.json(&["get", "policy", "payroll-finance"]);
    let old = before["spec"]["text"].as_str().unwrap().to_owned();
    block_on(async {
        let mut ada = Browser::signed_in(&demo, "ada", "console").await;
        let csrf = ada.go("console", EDIT).await.csrf();
        let long = format!("// {}\n{old}", "x".repeat(100_000));
        for (text, said, places) in [
            (old.as_str(), "It is in order.", vec![]),
            (&old.replace("context.risk", "context.rsk"), "1 mistake", vec!["Line 4, column 80"]),
            (&old.replace("payroll-finance\")", "other\")"), "1 mistake", vec!["Line 1, column 1"]),
            ("", "1 mistake", vec!["Line 1, column 1"]),
            ("permit(\u{202e}", "1 mistake", vec!["Line 1, column 1"]),
            (&long, "1 mistake", vec!["Line 1, column 1"]),
        ] {
            let fields = [("csrf", csrf.as_str()), ("text", text), ("run", "earnest")];
            let answer = ada.post("console", "/policies/payroll-finance/check", &fields).await.answer;
            assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
            assert_eq!(answer.headers["cache-control"], "no-store");
            let looked = answer.json();
            assert_eq!(looked["said"], said, "{looked}");
            let found: Vec<&str> = looked["findings"]
                .as_array()
                .unwrap()
                .iter()
                .map(|found| found["place"].as_str().unwrap())
                .collect();
            assert_eq!(found, places, "{looked}");
        }
        // Who may change nothing is told nothing of it; and a stranger's page has no token.
        let refused = ada.post("console", "/policies/payroll-finance/check", &[("text", &old)]).await;
        assert_eq!(refused.answer.status, 403);
        let mut bob = Browser::signed_in(&demo, "bob", "wiki").await;
        let token = bob.go("auth", "/").await.csrf();
        let fields = [("csrf", token.as_str()), ("text", &old)];
        let refused = bob.post("console", "/policies/payroll-finance/check", &fields).await;
        assert!([401, 403].contains(&refused.answer.status), "{}", refused.answer.status);
    });
    assert_eq!(demo.json(&["get", "policy", "payroll-finance"]), before);
}

#[test]
fn before_it_is_saved_a_text_says_what_it_would_do() {
    let demo = Demo::start();
    let before = demo.json(&["get", "policy", "payroll-finance"]);
    let wider = before["spec"]["text"].as_str().unwrap().replace("\"finance\"", "\"everybody\"");
    block_on(async {
        let mut ada = Browser::signed_in(&demo, "ada", "console").await;
        let page = ada.go("console", EDIT).await;
        let cases = "[[case]]\r\nuser = \"bob\"\r\napp = \"payroll\"\r\nexpect = \"permit\"\r\n\
                     [[case]]\r\nname = \"<b>eve</b>\"\r\nuser = \"eve\"\r\napp = \"payroll\"\r\nexpect = \"permit\"\r\n";
        let asked = [
            ("text", wider.as_str()),
            ("run", "dry"),
            ("person", "ada"),
            ("app", "payroll"),
            ("cases", cases),
        ];
        let tried = ada.send(&page, &asked).await;
        let html = tried.plain();
        assert_eq!(tried.answer.status, 200, "{html}");
        for words in [
            "It is in order. Nothing was saved yet.",
            "1 person gains",
            "The answer would be another. It would rest on payroll-finance.",
            "principal in Group::\"everybody\"",
            "1 of 2 tests failed.",
            "by [payroll-no-contractors]",
        ] {
            assert!(html.contains(words), "{words}: {html}");
        }
        assert!(tried.text().contains("&lt;b&gt;eve&lt;/b&gt;"), "{}", tried.text());
        for (fields, words) in [
            ([("person", "nobody-at-all"), ("app", "payroll"), ("path", "/")], "nobody-at-all"),
            ([("person", "ada"), ("app", "nothing"), ("path", "/")], "nothing"),
            ([("person", "ada"), ("app", "payroll"), ("path", "salaries")], "A path begins with a slash"),
        ] {
            let asked = [&[("text", wider.as_str()), ("run", "dry")][..], &fields].concat();
            let page = ada.go("console", EDIT).await;
            let tried = ada.send(&page, &asked).await;
            assert_eq!(tried.answer.status, 200);
            assert!(
                tried.plain().contains(words) && tried.text().contains("aria-invalid"),
                "{words}: {}",
                tried.plain()
            );
        }
        let unread = [("text", wider.as_str()), ("run", "dry"), ("cases", "[[case]]\nexpect = 1")];
        let page = ada.go("console", EDIT).await;
        let tried = ada.send(&page, &unread).await;
        assert!(tried.plain().contains("The tests are not in order"), "{}", tried.plain());
    });
    assert_eq!(demo.json(&["get", "policy", "payroll-finance"]), before);
}

#[test]
fn nobody_is_offered_what_they_would_be_refused() {
    let demo = Demo::start();
    let folder = tempfile::tempdir().unwrap();
    let text = "@id(\"look\") permit (principal in Group::\"everybody\", action in Action::\"http\", resource == App::\"console\");\n\
                @id(\"read\") permit (principal in Group::\"everybody\", action == Action::\"admin:read\", resource == Admin::\"objects\");\n\
                @id(\"eve\") permit (principal == User::\"eve\", action == Action::\"admin:write\", resource)\n\
                when { resource == Admin::\"objects\" || resource == Admin::\"people\" };\n";
    std::fs::write(folder.path().join("look.cedar"), text).unwrap();
    demo.json(&["apply", "-f", folder.path().to_str().unwrap()]);
    block_on(async {
        // Who may only look.
        let mut bob = Browser::signed_in(&demo, "bob", "console").await;
        for path in ["/policies", "/policies/look", "/policies/look?edit=1"] {
            let page = bob.go("console", path).await;
            assert_eq!(page.answer.status, 200, "{}", page.text());
            let text = page.text();
            assert!(
                !text.contains("edit=1") && !text.contains("template=") && !text.contains("<textarea"),
                "{path}: {text}"
            );
        }
        assert_eq!(bob.go("console", "/policies/new?template=open").await.answer.status, 404);
        // Who may change policies, and neither explain decisions nor know who there is.
        let mut eve = Browser::signed_in(&demo, "eve", "console").await;
        assert!(eve.go("console", "/policies").await.text().contains("template=open"));
        let page = eve.go("console", "/policies/look?edit=1").await;
        assert!(page.text().contains("<textarea") && !page.text().contains("Try it"), "{}", page.text());
        let text = page_text(&page);
        let asked = [("text", text.as_str()), ("run", "dry"), ("person", "ada"), ("app", "wiki")];
        let tried = eve.send(&page, &asked).await.plain();
        assert!(tried.contains("Nothing was saved yet.") || tried.contains("the same as before"), "{tried}");
        assert!(!tried.contains("With this text") && !tried.contains("loses access"), "{tried}");
    });
}

/// What stands in the editor of a page.
fn page_text(page: &crate::cookies::Page) -> String {
    let plain = page.plain();
    let text = plain.split("<textarea").nth(1).unwrap().split_once(">\n").unwrap().1;
    text.split("</textarea>").next().unwrap().to_owned()
}

#[test]
fn a_new_policy_begins_from_a_template_and_takes_no_others_name() {
    let demo = Demo::start();
    block_on(async {
        let mut ada = Browser::signed_in(&demo, "ada", "console").await;
        let list = ada.go("console", "/policies").await;
        assert!(list.text().contains("/policies/new?template=open"), "{}", list.text());
        for (query, words) in [
            ("name=Not+a+name&template=open", "This is not a name"),
            ("name=payroll-finance&template=open", "There is a policy payroll-finance already."),
        ] {
            let page = ada.go("console", &format!("/policies/new?{query}")).await.plain();
            assert!(page.contains(words), "{words}: {page}");
        }
        let asked = "/policies/new?name=wiki-auditors&template=read&group=finance&app=wiki";
        let page = ada.go("console", asked).await;
        assert!(page.plain().contains("@id(\"wiki-auditors\")"), "{}", page.plain());
        let text = "@id(\"wiki-auditors\")\npermit (principal, action in Action::\"http\", resource == App::\"wiki\");";
        let dry = ada.send(&page, &[("text", text), ("run", "dry")]).await;
        assert!(dry.plain().contains("It is in order. Nothing was saved yet."), "{}", dry.plain());
        assert!(!exists(&demo, "wiki-auditors"));
        let made = ada.send(&dry, &[("text", text)]).await;
        assert!(made.plain().contains("Saved as revision "), "{}", made.plain());
        assert_eq!(demo.json(&["get", "policy", "wiki-auditors"])["spec"]["text"], text);
        // Somebody else was faster: nothing of theirs is lost.
        let late = ada.send(&page, &[("text", &text.replace("permit", "forbid"))]).await;
        assert_eq!(late.answer.status, 409, "{}", late.plain());
        assert!(late.plain().contains("What saving yours would change now"), "{}", late.plain());
        assert_eq!(demo.json(&["get", "policy", "wiki-auditors"])["spec"]["text"], text);
    });
}

/// Whether there is such a policy.
fn exists(demo: &Demo, name: &str) -> bool {
    demo.json(&["list", "policy"]).as_array().unwrap().iter().any(|policy| policy["name"] == name)
}

#[test]
fn who_was_second_sees_what_the_first_did_and_may_still_have_their_way() {
    let demo = Demo::start();
    let stored = || -> Value { demo.json(&["get", "policy", "payroll-finance"])["spec"]["text"].clone() };
    let old = stored().as_str().unwrap().to_owned();
    block_on(async {
        let mut ada = Browser::signed_in(&demo, "ada", "console").await;
        let mine = ada.go("console", EDIT).await;
        let theirs = ada.go("console", EDIT).await;
        let (theirs_is, mine_is) =
            (old.replace("28800", "14400"), old.replace("context.risk < 40", "context.risk < 20"));
        ada.send(&theirs, &[("text", &theirs_is)]).await;
        let clash = ada.send(&mine, &[("text", &mine_is)]).await;
        let html = clash.plain();
        assert_eq!(clash.answer.status, 409, "{html}");
        for words in [
            "Somebody else changed it while you wrote",
            "What changed meanwhile",
            "What you changed",
            "Save mine over theirs",
        ] {
            assert!(html.contains(words), "{words}: {html}");
        }
        assert!(html.contains("14400") && html.contains("context.risk < 20"), "{html}");
        assert_eq!(stored(), theirs_is.as_str());
        // Only who has seen it is obeyed; and not twice, when there is a third.
        let over = ada.send(&clash, &[("text", &mine_is)]).await;
        assert!(over.plain().contains("Saved as revision "), "{}", over.plain());
        assert_eq!(stored(), mine_is.as_str());
        let again = ada.send(&clash, &[("text", &theirs_is)]).await;
        assert_eq!((again.answer.status, stored()), (409, json!(mine_is)));

        // Deleted meanwhile, it is made anew only by who is told so.
        let mine = ada.go("console", EDIT).await;
        demo.json(&["delete", "policy", "payroll-finance"]);
        let clash = ada.send(&mine, &[("text", &old)]).await;
        assert!(
            clash.answer.status == 409 && clash.plain().contains("deleted it in revision"),
            "{}",
            clash.plain()
        );
        assert!(!exists(&demo, "payroll-finance"));
        let over = ada.send(&clash, &[("text", &old)]).await;
        assert!(over.plain().contains("Saved as revision "), "{}", over.plain());
        assert_eq!(stored(), old.as_str());
    });
}

#[test]
fn a_policy_is_edited_in_a_browser_by_keyboard_and_without_a_script() {
    if !std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/node/node_modules/axe-core")).exists() {
        println!("SKIPPED the editor in a browser: there is no axe-core");
        return;
    }
    run_with(&Demo::start(), "editor", json!({}));
}
