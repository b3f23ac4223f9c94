//! Lists of the console: what is asked is answered from the server, whatever somebody wrote into a name.

use std::time::{Duration, Instant};

use http::Method;
use serde_json::Value;

use crate::cookies::{Browser, Page};
use crate::demo::Demo;
use crate::http::{Answer, Client, block_on};

fn apply(demo: &Demo, text: &str) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("objects.toml"), text).unwrap();
    demo.json(&["apply", "-f", folder.path().to_str().unwrap()]);
}

/// 120 apps, a person whose name a spreadsheet would run, and a page would, too.
fn crowd(demo: &Demo) {
    let apps = (0..120).map(|n| {
        format!("[[app]]\nname = \"shelf{n:03}\"\nhost = \"shelf{n:03}.bartizan.localhost\"\nupstream = \"http://127.0.0.1:9\"\n")
    });
    let zed = "[[user]]\nname = \"zed\"\ndisplay = \"=cmd|'/c calc'!A0 <img src=x>\"\nmail = \"z,z@example.org\"\ndisabled = true\n";
    apply(
        demo,
        &(apps.collect::<String>()
            + zed
            + "[[group]]\nname = \"night\"\nmembers = [\"zed\", \"group:staff\"]\n"),
    );
}

/// Where each of these stands in a page, which must be in this order.
fn in_order(page: &Page, names: &[&str]) {
    let text = page.text();
    let places: Vec<usize> =
        names.iter().map(|name| text.find(name).unwrap_or_else(|| panic!("no {name}: {text}"))).collect();
    assert!(places.is_sorted(), "{names:?} stand at {places:?}");
}

async fn file(browser: &mut Browser, target: &str) -> Answer {
    let answer = browser.ask(Method::GET, "console", target, &[], None).await;
    assert_eq!(answer.status, 200, "{target}");
    let disposition = answer.headers["content-disposition"].to_str().unwrap();
    assert!(disposition.starts_with("attachment; filename=\""), "{disposition}");
    assert_eq!(
        (&answer.headers["cache-control"], &answer.headers["x-content-type-options"]),
        (&"no-store".parse().unwrap(), &"nosniff".parse().unwrap())
    );
    answer
}

#[test]
fn objects_are_searched_sorted_paged_and_taken_along() {
    let demo = Demo::start();
    crowd(&demo);
    block_on(async {
        let mut ada = Browser::signed_in(&demo, "ada", "console").await;
        let first = ada.go("console", "/apps?q=shelf").await;
        assert!(
            first.plain().contains("1–50 of 120") && !first.text().contains("shelf050"),
            "{}",
            first.plain()
        );
        assert!(
            first.text().contains("href=\"/apps?from=50&amp;q=shelf\" rel=\"next\"")
                || first.text().contains("rel=\"next\" href=\"/apps?from=50&amp;q=shelf\""),
            "{}",
            first.text()
        );
        let last = ada.go("console", "/apps?from=100&q=shelf&sort=-name").await;
        in_order(&last, &["shelf019", "shelf000"]);
        assert!(last.plain().contains("101–120 of 120") && !last.text().contains("rel=\"next\""));
        let found = ada.go("console", "/apps?q=SHELF07+bartizan").await;
        assert!(found.plain().contains("1–10 of 10"), "{}", found.plain());
        let none = ada.go("console", "/apps?q=%3Cscript%3Ealert(1)%3C/script%3E").await;
        assert!(
            none.plain().contains("Nothing here is like what you asked for")
                && !none.text().contains("<script>alert")
        );

        let disabled = ada.go("console", "/people?state=disabled").await;
        assert!(
            disabled.plain().contains("1–1 of 1") && !disabled.text().contains("<img"),
            "{}",
            disabled.text()
        );
        let people = ada.go("console", "/people?sort=-name").await;
        in_order(&people, &["Eve Castellano", "Bob Lindgren", "ada@bartizan", "=cmd|"]);
        let forbidding = ada.go("console", "/policies?effect=forbid").await;
        assert!(
            forbidding.text().contains("payroll-no-contractors")
                && !forbidding.text().contains("payroll-finance")
        );
        let groups = ada.go("console", "/groups?sort=-people").await;
        in_order(&groups, &["/groups/everybody", "/groups/night", "/groups/contractors"]);

        let csv = file(&mut ada, "/people?format=csv&state=disabled").await;
        let text = String::from_utf8(csv.body.to_vec()).unwrap();
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert_eq!(lines[0], "id,login,display,mail,state,admin,sign_ins,live_grants,changed,revision");
        assert!(
            lines[1].contains(",zed,'=cmd|'/c calc'!A0 <img src=x>,\"z,z@example.org\",disabled,false,0,0,"),
            "{text}"
        );
        let json: Value = file(&mut ada, "/apps?format=json&q=shelf&from=50").await.json();
        assert_eq!(json.as_array().unwrap().len(), 120, "all that was asked for, not a page of it");
        assert_eq!(json[0]["upstream"], "http://127.0.0.1:9");

        // Who may not look may not take along.
        let mut bob = Browser::signed_in(&demo, "bob", "wiki").await;
        for target in ["/people?format=csv", "/apps?format=json", "/people", "/groups/staff", "/apps/wiki"] {
            let page = bob.go("console", target).await;
            assert_eq!(page.answer.status, 403, "{target}");
            assert!(!page.text().contains("127.0.0.1:") && !page.text().contains("zed"), "{target}");
        }
    });
}

#[test]
fn decisions_are_watched_and_taken_along() {
    let demo = Demo::start();
    let client = Client::new(&demo);
    let denied = block_on(client.get("payroll", "/=1", Some(&demo.token("eve"))));
    block_on(async {
        let mut ada = Browser::signed_in(&demo, "ada", "console").await;
        let mut page = ada.go("console", "/decisions?user=eve&outcome=deny&live=1").await;
        for _ in 0..50 {
            if page.text().contains(denied.request_id()) {
                break;
            }
            // Evidence follows a moment after.
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            page = ada.go("console", "/decisions?user=eve&outcome=deny&live=1").await;
        }
        // A browser without scripts asks for all of it again.
        let again = "<noscript><meta http-equiv=\"refresh\" content=\"3\"></noscript>";
        assert!(page.text().contains(denied.request_id()) && page.text().contains(again), "{}", page.text());
        let still = ada.go("console", "/decisions?user=eve").await;
        assert!(!still.text().contains("http-equiv"));
        let rows: Value = file(&mut ada, "/decisions?user=eve&outcome=deny&format=json&live=1").await.json();
        assert_eq!(rows[0]["request_id"], denied.request_id());
        assert_eq!((&rows[0]["login"], &rows[0]["path"]), (&"eve".into(), &"/=1".into()));
        let mut bob = Browser::signed_in(&demo, "bob", "wiki").await;
        let page = bob.go("console", "/decisions?format=csv").await;
        assert_eq!(page.answer.status, 403);
    });
}

/// The entry of the log from which on something is new to who shows this.
fn newest(answer: &Answer) -> String {
    let text = String::from_utf8_lossy(&answer.body);
    let (_, rows) = text.split_once("data-rows=\"").unwrap_or_else(|| panic!("no rows: {text}"));
    rows.split('"').next().unwrap().to_owned()
}

#[test]
fn who_watches_is_answered_when_something_comes_or_when_they_may_no_longer() {
    let demo = Demo::start();
    let (client, eve) = (Client::new(&demo), demo.token("eve"));
    let cli = demo.ready["admin_token"].as_str().unwrap().to_owned();
    let before = demo.json(&["session", "list"]);
    block_on(async {
        let mut ada = Browser::signed_in(&demo, "ada", "console").await;
        let watched = ada.ask(Method::GET, "console", "/decisions?live=1", &[], None).await;
        let path = format!("/decisions?live=1&after={}", newest(&watched));
        let begun = Instant::now();
        let (answer, denied) = tokio::join!(ada.ask(Method::GET, "console", &path, &[], None), async {
            // That somebody looks at the console is nothing that they wait for.
            client.get("console", "/decisions", Some(&cli)).await;
            tokio::time::sleep(Duration::from_millis(1500)).await;
            client.get("payroll", "/", Some(&eve)).await
        });
        assert!(begun.elapsed() > Duration::from_millis(1400), "{:?}", begun.elapsed());
        let text = String::from_utf8_lossy(&answer.body);
        assert!(answer.status == 200 && text.contains(denied.request_id()), "{} {text}", answer.status);
        // It is the rows, and not all that is around them.
        assert!(text.starts_with("<div data-rows=") && !text.contains("<nav"), "{text}");
        // What cannot be looked for is waited for by nobody.
        let none = ada.ask(Method::GET, "console", "/decisions?live=1&user=no&after=0", &[], None).await;
        assert_eq!(none.status, 200);

        let path = format!("/decisions?live=1&after={}", newest(&answer));
        let soon = Duration::from_secs(5);
        let own = path.clone();
        let waiting = tokio::spawn(async move { ada.ask(Method::GET, "console", &own, &[], None).await });
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert!(!waiting.is_finished());
        let sessions = demo.json(&["session", "list"]);
        let mut sessions = sessions.as_array().unwrap().iter().map(|session| &session["id"]);
        let known = before.as_array().unwrap();
        let own = sessions.find(|id| known.iter().all(|session| session["id"] != **id)).unwrap();
        demo.json(&["session", "revoke", own.as_str().unwrap()]);
        // The connection is cut, or they are told why.
        let told = tokio::time::timeout(soon, waiting).await.unwrap();
        assert!(told.map_or(true, |answer| answer.status != 200));
        let begun = Instant::now();
        let (told, ()) = tokio::join!(client.get("console", &path, Some(&cli)), async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            demo.terminate();
        });
        assert_eq!((told.status, told.body.len()), (204, 0));
        assert!(begun.elapsed() < 2 * soon, "{:?}", begun.elapsed());
    });
    assert!(demo.wait());
}

#[test]
fn an_object_shows_what_it_was_and_becomes_that_again() {
    let demo = Demo::start();
    crowd(&demo);
    let night =
        |members: &str| apply(&demo, &format!("[[group]]\nname = \"night\"\nmembers = [{members}]\n"));
    night("\"eve\"");
    let before = demo.json(&["history", "group", "night"])[1]["revision"].to_string();
    block_on(async {
        let mut ada = Browser::signed_in(&demo, "ada", "console").await;
        let page = ada.go("console", "/groups/night").await;
        assert!(page.plain().contains("1 person in effect") && page.plain().contains("Eve Castellano"));
        assert!(page.text().contains(&format!("/groups/night/rollback?to={before}")));
        let ask = ada.go("console", &format!("/groups/night/rollback?to={before}")).await;
        assert!(ask.plain().contains("zed") && ask.plain().contains("group:staff"), "{}", ask.plain());
        // Somebody else changes it while the question stands there.
        night("\"bob\"");
        let refused = ada.send(&ask, &[]).await;
        assert_eq!(refused.answer.status, 409, "{}", refused.plain());
        assert!(refused.plain().contains("Nothing was changed"), "{}", refused.plain());
        let ask = ada.go("console", &format!("/groups/night/rollback?to={before}")).await;
        let done = ada.send(&ask, &[]).await;
        assert!(done.plain().contains(&format!("Rolled back to revision {before}")), "{}", done.plain());
        assert!(done.plain().contains("3 people in effect"), "{}", done.plain());

        let wiki = ada.go("console", "/apps/payroll").await;
        for policy in ["payroll-finance", "payroll-no-contractors", "own-tokens"] {
            assert!(wiki.text().contains(&format!("/policies/{policy}\"")), "{policy}");
        }
        assert!(
            !wiki.text().contains("/policies/own-administration\"")
                && !wiki.text().contains("wiki-everybody")
        );
        let missing = ada.go("console", "/apps/nothing").await;
        assert_eq!(missing.answer.status, 404);
    });
    assert_eq!(
        demo.json(&["get", "group", "night"])["spec"]["members"],
        serde_json::json!(["zed", "group:staff"])
    );
}

#[test]
fn the_console_is_read_in_the_language_that_the_reader_wants() {
    let demo = Demo::start();
    let client = Client::new(&demo);
    let admin = demo.ready["admin_token"].as_str().unwrap();
    for (wanted, lang, dir, word) in [
        ("de-CH, en;q=0.5", "de", "ltr", "Personen"),
        ("fr", "fr", "ltr", "Personnes"),
        ("es", "es", "ltr", "Personas"),
        ("pt, *;q=0.1", "en", "ltr", "People"),
        ("ar-XB", "ar-XB", "rtl", "People"),
    ] {
        let mut request = client.request("console", "/people", Some(admin));
        request.headers_mut().insert("accept-language", wanted.parse().unwrap());
        let answer = block_on(async { Answer::read(client.send("console", request).await).await });
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(
            text.contains(&format!("<html lang=\"{lang}\" dir=\"{dir}\">")) && text.contains(word),
            "{wanted}: {text}"
        );
    }
}

#[test]
fn the_map_of_who_gets_in_says_what_would_be_decided() {
    let demo = Demo::start();
    crowd(&demo);
    block_on(async {
        let mut ada = Browser::signed_in(&demo, "ada", "console").await;
        let whole = ada.go("console", "/access").await;
        assert!(
            whole.text().contains("<svg class=\"lines\"") && whole.text().contains("class=\"stops cross\"")
        );
        assert!(!whole.text().contains("own-console"), "what leads to no app is left out");
        let narrowed = ada.go("console", "/access?q=payroll").await;
        assert!(narrowed.plain().contains("1–2 of 2") && !narrowed.text().contains("wiki-everybody"));
        let one = ada.go("console", "/access?policy=own-console").await;
        assert!(one.plain().contains("1–1 of 1") && one.plain().contains("1 person"), "{}", one.plain());
        assert!(one.text().contains("href=\"/people?role=admin\""), "no file lists administrators");
        let policies: Value = file(&mut ada, "/access?format=json").await.json();
        let finance =
            policies.as_array().unwrap().iter().find(|policy| policy["policy"] == "payroll-finance");
        assert_eq!((&finance.unwrap()["name"], &finance.unwrap()["people"]), (&"finance".into(), &1.into()));
        for app in ["wiki", "payroll", "pulse"] {
            let rows: Value = file(&mut ada, &format!("/access?format=json&app={app}")).await.json();
            for row in rows.as_array().unwrap() {
                let login = row["login"].as_str().unwrap();
                let why = tokio::task::block_in_place(|| demo.json(&["why", "--user", login, "--app", app]));
                assert_eq!(
                    (&row["outcome"], &row["reason"]),
                    (&why["outcome"], &why["reason"]),
                    "{login} and {app}"
                );
            }
            assert_eq!(rows.as_array().unwrap().len(), 4);
        }
        let eve = ada.go("console", "/access?person=eve").await;
        in_order(&eve, &["/access?policy=pulse-everybody", "permitted by", "forbidden by"]);
        assert!(eve.text().contains("/access?policy=payroll-no-contractors"));
        assert!(eve.plain().contains("no policy permits it"), "of the apps that no policy is about");
        let denied = ada.go("console", "/access?app=payroll&outcome=deny").await;
        assert!(
            denied.plain().contains("1–3 of 3") && denied.plain().contains("no policy permits it"),
            "{}",
            denied.plain()
        );
        let nobody = ada.go("console", "/access?person=%3Cb%3E&app=%3Ci%3E").await;
        assert!(
            nobody.answer.status == 200 && nobody.plain().contains("There is no app “<i>”."),
            "{}",
            nobody.plain()
        );
    });
}

#[test]
fn everything_is_found_by_who_may_see_it_and_by_nobody_else() {
    let demo = Demo::start();
    crowd(&demo);
    let client = Client::new(&demo);
    let denied = block_on(client.get("payroll", "/", Some(&demo.token("eve"))));
    let request = denied.request_id().to_owned();
    block_on(async {
        let mut ada = Browser::signed_in(&demo, "ada", "console").await;
        for (asked, text, url) in [
            ("castell", "Eve Castellano", "/people/"),
            ("castell", "What Eve Castellano may open", "/access?person="),
            ("castell", "Disable Eve Castellano", "/disable"),
            ("=CMD", "=cmd|'/c calc'!A0 <img src=x>", "/people/"),
            ("payroll-f", "payroll-finance", "/policies/payroll-finance"),
            ("shelf11", "shelf110", "/apps/shelf110"),
            ("night", "night", "/groups/night"),
            ("access+m", "Access map", "/access"),
            (&request, &request, "/decisions/"),
        ] {
            let target = format!("/find?format=json&q={asked}");
            let found: Value = ada.ask(Method::GET, "console", &target, &[], None).await.json();
            let hit = found.as_array().unwrap().iter().find(|hit| hit["text"] == text);
            assert!(hit.is_some_and(|hit| hit["url"].as_str().unwrap().contains(url)), "{asked}: {found}");
            let page = ada.go("console", &format!("/find?q={asked}")).await;
            assert!(page.plain().contains(text) && !page.text().contains("<img"), "{asked}");
        }
        // The decision that was found says why.
        let page = ada.go("console", &format!("/decisions/{request}")).await;
        assert!(page.plain().contains("payroll-no-contractors forbids it"), "{}", page.plain());
        for asked in ["", "+", "%00", &"qzq+".repeat(800)] {
            let answer =
                ada.ask(Method::GET, "console", &format!("/find?format=json&q={asked}"), &[], None).await;
            assert!(answer.status == 200 && answer.json() == serde_json::json!([]), "{} bytes", asked.len());
        }
        let mut bob = Browser::signed_in(&demo, "bob", "wiki").await;
        let page = bob.go("console", "/find?q=eve").await;
        assert!(page.answer.status == 403 && !page.text().contains("Castellano"));
    });
}

#[test]
fn a_view_is_kept_under_a_name_by_this_browser_and_leads_nowhere_else() {
    let demo = Demo::start();
    block_on(async {
        let mut ada = Browser::signed_in(&demo, "ada", "console").await;
        let narrow = "/decisions?app=payroll&outcome=deny&without=access-because";
        let denied = Browser::signed_in(&demo, "eve", "wiki").await.go("payroll", "/").await;
        // Once it is explained, it is found.
        demo.json(&["why", denied.answer.request_id()]);
        let page = ada.go("console", narrow).await;
        assert!(!page.text().contains("data-name=\"Because\""), "{}", page.text());
        let plain = page.plain();
        let toggles = ["/decisions?app=payroll&outcome=deny\"", "without=access-because,decisions-request\""];
        assert!(toggles.iter().all(|toggle| plain.contains(toggle)), "{plain}");
        let csrf = page.csrf();
        let keep = |name: &'static str, address: &'static str| {
            [("csrf", csrf.clone()), ("name", name.to_owned()), ("address", address.to_owned())]
        };
        async fn sent(browser: &mut Browser, fields: &[(&str, String)]) -> Page {
            let fields: Vec<(&str, &str)> =
                fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            browser.post("console", "/views", &fields).await
        }
        let kept = sent(&mut ada, &keep("Payroll <b>no</b>", narrow)).await;
        assert_eq!((kept.target.as_str(), kept.answer.status), (narrow, 200));
        assert!(kept.text().contains("aria-current=\"true\"><bdi>Payroll &lt;b&gt;no&lt;/b&gt;</bdi>"));
        // It is there on that list, and on no other.
        let plain = ada.go("console", "/decisions").await;
        assert!(plain.plain().contains(narrow), "{}", plain.plain());
        assert!(!ada.go("console", "/people").await.plain().contains("Payroll <b>"));
        for wrong in ["//evil.test", "https://evil.test/people", "/sign-out", "/people/../x", "/people\r\nx"]
        {
            let refused = sent(&mut ada, &keep("x", wrong)).await;
            assert_eq!(refused.answer.status, 422, "{wrong}: {}", refused.text());
        }
        assert_eq!(sent(&mut ada, &keep("  ", narrow)).await.answer.status, 422);
        let mut forged = keep("x", narrow);
        forged[0].1 = String::from("AAAA");
        assert_eq!(sent(&mut ada, &forged).await.answer.status, 403);
        let forget = [
            ("csrf", csrf.clone()),
            ("forget", String::from("Payroll <b>no</b>")),
            ("address", String::from("/decisions")),
        ];
        let gone = sent(&mut ada, &forget).await;
        assert!(!gone.plain().contains("Payroll <b>"), "{}", gone.plain());
        assert!(!ada.jar["console"].contains_key("__Host-bartizan-views"), "nothing is kept any more");

        // Columns of a list, and what is taken along has them all.
        let people = ada.go("console", "/people?without=people-login,list-changed,people-person").await;
        let html = people.text();
        assert!(
            html.contains("data-name=\"Person\"") && !html.contains("data-name=\"Signs in as\""),
            "{html}"
        );
        assert!(!html.contains("data-name=\"Changed\"") && html.contains("name=\"without\""), "{html}");
        let csv = file(&mut ada, "/people?format=csv&without=people-login").await;
        assert!(String::from_utf8_lossy(&csv.body).starts_with("id,login,"));
    });
}
