//! A deployment that nobody can administer any more is mended from its own machine, as the book says.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::deployment::{Served, bartizan, demo_in, told};
use crate::cookies::Browser;
use crate::http::block_on;

#[test]
fn a_policy_that_shuts_everybody_out_is_rolled_back() {
    let folder = tempfile::tempdir().unwrap();
    let (demo, data, config) = demo_in(folder.path());
    let admin = demo.ready["admin_token"].as_str().unwrap().to_owned();
    // The door is kept open at the time of a change; this one shuts it a moment later.
    let shut = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() + 3;
    let policy = folder.path().join("shut");
    std::fs::create_dir(&policy).unwrap();
    std::fs::write(
        policy.join("shut.cedar"),
        format!("@id(\"shut\")\nforbid (principal, action in Action::\"admin\", resource) when {{ context.time.epoch > {shut} }};\n"),
    )
    .unwrap();
    let before =
        demo.json(&["apply", "-f", policy.to_str().unwrap(), "--dry-run"])["revision"].as_u64().unwrap();
    demo.json(&["apply", "-f", policy.to_str().unwrap()]);
    let running = bartizan(&["recover", "changes", "--config", &config]);
    assert!(running.0 == 7 && running.2.contains("stop it first"), "{running:?}");
    std::thread::sleep(Duration::from_secs(5));
    assert_eq!(demo.cli(&["user", "list"]).status.code(), Some(5), "everybody is shut out");
    let undo = demo.cli(&["delete", "policy", "shut"]);
    assert_eq!(undo.status.code(), Some(5), "and cannot undo it");
    assert!(demo.interrupt());

    let changes = told(&["recover", "changes", "--config", &config, "--limit", "3"]);
    assert_eq!((&changes[0]["kind"], &changes[0]["name"]), (&"policy".into(), &"shut".into()), "{changes}");
    let future = bartizan(&["recover", "rollback", "--to", "999999999", "--config", &config]);
    assert!(future.0 == 3 && future.2.contains("there is no revision"), "{future:?}");
    let made = told(&["recover", "admin", "ada", "--keep-factors", "--config", &config]);
    assert!(made["shut"].as_str().unwrap().contains("no active administrator"), "{made}");
    let done = told(&["recover", "rollback", "--to", &before.to_string(), "--config", &config]);
    assert_eq!(
        (&done["changed"], &done["shut"]),
        (&serde_json::json!(["policy/shut"]), &serde_json::Value::Null)
    );

    let served = Served::start(&config, &data);
    let (code, out, err) = served.cli(&admin, &["log", "search", "--kind", "admin.change", "--json"]);
    assert_eq!(code, 0, "{err}");
    // Whoever did it is on record.
    let undone = out.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let undone: Vec<_> = undone.filter(|event| event["object"]["name"] == "shut").collect();
    let last = undone.last().unwrap();
    assert_eq!((&last["object"]["change"], &last["reason"]), (&"rolled_back".into(), &"recovery".into()));
    served.stop();
}

#[test]
fn an_administrator_who_lost_everything_gets_a_link() {
    let folder = tempfile::tempdir().unwrap();
    let (demo, data, config) = demo_in(folder.path());
    let admin = demo.ready["admin_token"].as_str().unwrap().to_owned();
    let password = demo.password("ada");
    assert!(demo.interrupt());
    let made = told(&["recover", "admin", "ada", "--config", &config]);
    assert_eq!((&made["created"], &made["shut"]), (&false.into(), &serde_json::Value::Null), "{made}");
    assert!(made["sessions_ended"].as_u64().unwrap() >= 1);
    let link = made["link"].as_str().unwrap();
    let code = link.split_once("/claim?t=").unwrap().1;

    let served = Served::start(&config, &data);
    // What she had opens nothing any more, in whosever hands it is.
    assert_eq!(served.cli(&admin, &["user", "list"]).0, 4);
    block_on(async {
        let mut browser = Browser::new(served.client.clone());
        let page = browser.go("auth", "/sign-in").await;
        let page = browser.send(&page, &[("login", "ada"), ("password", &password)]).await;
        assert_eq!(page.answer.status, 422);
        browser.claim(code, "vier Tassen Kaffee im Regen").await;
        let token = browser.token("console").await;
        assert_eq!(served.cli(&token, &["user", "list"]).0, 0, "she administers again");
    });
    served.stop();

    // Somebody who was not there before, and a name that is none.
    let made = told(&["recover", "admin", "Grace", "--config", &config]);
    assert_eq!((&made["created"], &made["shut"]), (&true.into(), &serde_json::Value::Null), "{made}");
    let wrong = bartizan(&["recover", "admin", "not a name", "--config", &config]);
    assert_eq!(wrong.0, 1, "{wrong:?}");
    let served = Served::start(&config, &data);
    block_on(async {
        let mut browser = Browser::new(served.client.clone());
        let code = made["link"].as_str().unwrap().split_once("?t=").unwrap().1.to_owned();
        let page = browser.go("auth", &format!("/claim?t={code}")).await;
        assert_eq!(page.answer.status, 200);
    });
    served.stop();
}
