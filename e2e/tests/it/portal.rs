//! The portal through the binary: what each person sees there, and the ways that lead to it and away from it.

use std::time::Duration;

use crate::cookies::{Browser, Page};
use crate::demo::Demo;
use crate::http::{Client, block_on};

/// The page of what was done, once this is on it: evidence follows a moment after.
async fn activity(browser: &mut Browser, until: &str) -> String {
    let mut page = String::new();
    for _ in 0..100 {
        page = browser.go("portal", "/activity").await.plain();
        if page.contains(until) {
            return page;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("there is no `{until}`: {page}");
}

/// Where a link with this text leads.
fn link(page: &Page, text: &str) -> Option<String> {
    let html = page.text();
    let before = html.split(&format!(">{text}</a>")).next().filter(|before| before.len() < html.len())?;
    let href = before.rsplit("href=\"").next()?.split('"').next()?;
    Some(href.replace("&amp;", "&"))
}

#[test]
fn people_see_what_was_done_in_their_name_and_nothing_of_others() {
    let demo = Demo::start();
    block_on(async {
        let mut bob = Browser::new(Client::new(&demo));
        let page = bob.go("auth", "/sign-in").await;
        bob.send(&page, &[("login", "bob"), ("password", "not the password")]).await;
        let mut bob = Browser::signed_in(&demo, "bob", "wiki").await;
        let mut eve = Browser::signed_in(&demo, "eve", "wiki").await;
        let denied = eve.go("payroll", "/salaries").await;
        assert_eq!(denied.answer.status, 403);
        let request = denied.answer.request_id().to_owned();

        let theirs = activity(&mut eve, "<bdi>payroll</bdi> did not open").await;
        assert!(theirs.contains(&request), "what an administrator finds it by: {theirs}");
        assert!(theirs.contains("You do not have access to this"), "{theirs}");
        assert!(!theirs.contains("wrong password"), "that was bob's: {theirs}");
        assert!(!theirs.contains("/salaries"), "no path: {theirs}");

        let his = activity(&mut bob, "You used <bdi>wiki</bdi>").await;
        assert!(his.contains("A wrong password was typed") && his.contains("You signed in"), "{his}");
        assert!(!his.contains(&request) && !his.contains("payroll</bdi> did not open"), "{his}");
        // Wherever the log is read from, and whatever the address says.
        for before in ["1", "18446744073709551615", "-1", "x", "99999999999999999999999", "'"] {
            let page = bob.go("portal", &format!("/activity?before={before}&user=eve")).await;
            assert_eq!(page.answer.status, 200, "{before}");
            assert!(!page.plain().contains(&request), "{before}");
        }
        assert_eq!(bob.go("portal", "/nothing").await.answer.status, 404);
    });
}

#[test]
fn who_is_denied_finds_the_way_home_and_an_administrator_the_reason() {
    let demo = Demo::start();
    block_on(async {
        for (name, told) in [("eve", false), ("ada", true)] {
            let mut browser = Browser::signed_in(&demo, name, "wiki").await;
            let denied = browser.go("payroll", "/page").await;
            assert_eq!(denied.answer.status, 403);
            let home = link(&denied, "Your apps").expect("a way home");
            let why = link(&denied, "See why, in the console");
            assert_eq!(why.is_some(), told, "{name}");
            let target = |url: &str| url.split_once(&format!(":{}", demo.port())).unwrap().1.to_owned();
            let arrived = browser.go("auth", &target(&home)).await;
            assert_eq!((arrived.host.as_str(), arrived.target.as_str()), ("portal", "/"));
            assert!(arrived.text().contains("<bdi>wiki</bdi>"), "{}", arrived.text());
            if let Some(why) = why {
                let explained = browser.go("auth", &target(&why)).await;
                let request = denied.answer.request_id();
                assert_eq!(explained.host, "console");
                assert_eq!(explained.target, format!("/decisions/{request}"));
                assert_eq!(explained.answer.status, 200, "{}", explained.text());
                assert!(explained.plain().contains("payroll-no-contractors"), "{}", explained.text());
            }
        }
        // It leads nowhere else, whatever is asked for.
        let mut browser = Browser::new(Client::new(&demo));
        for query in ["", "?request=", "?request=1", "?request=//evil.test", "?request=a&request=b"] {
            let page = browser.go("auth", &format!("/why{query}")).await;
            assert_eq!((page.host.as_str(), page.answer.status), ("auth", 404), "{query}");
        }
    });
}

#[test]
fn the_portal_is_for_who_is_signed_in_until_they_are_not() {
    let demo = Demo::start();
    block_on(async {
        let mut nobody = Browser::new(Client::new(&demo));
        let page = nobody.go("portal", "/activity").await;
        assert_eq!(page.host, "auth", "strangers sign in first");
        assert!(page.target.starts_with("/sign-in"), "{}", page.target);
        let page = nobody.sign_in(&page, "eve", &demo.password("eve"), &demo.code("eve", 0)).await;
        assert_eq!((page.host.as_str(), page.target.as_str()), ("portal", "/activity"));
        demo.json(&["user", "disable", "eve"]);
        let page = nobody.go("portal", "/").await;
        assert!(page.host == "auth" || page.answer.status == 403, "{} {}", page.host, page.answer.status);
        assert!(!page.text().contains("<bdi>wiki</bdi>"), "{}", page.text());
    });
}

#[test]
fn a_language_that_was_chosen_at_the_sign_in_goes_along_to_the_portal() {
    let demo = Demo::start();
    block_on(async {
        let mut browser = Browser::new(Client::new(&demo));
        let page = browser.go("auth", "/sign-in?lang=de").await;
        let page = browser.sign_in(&page, "bob", &demo.password("bob"), &demo.code("bob", 0)).await;
        assert_eq!(page.host, "portal");
        assert!(
            page.text().contains("<html lang=\"de\"") && page.text().contains("Ihre Apps"),
            "{}",
            page.text()
        );
        let page = browser.go("portal", "/activity?lang=fr").await;
        assert!(page.text().contains("<html lang=\"fr\""), "{}", page.text());
        assert_eq!(page.target, "/activity");
    });
}
