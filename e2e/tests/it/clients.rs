//! Programs that people sign in to: declared in files, given a secret once, seen in the console.

use crate::cookies::Browser;
use crate::demo::Demo;
use crate::http::{Client, block_on};

const GRAFANA: &str = "[[client]]\nname = \"grafana\"\ntitle = \"Grafana <b>\"\n\
                       redirect_uris = [\"https://grafana.example.org/login/generic_oauth\"]\n";

fn apply(demo: &Demo, text: &str) -> std::process::Output {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("clients.toml"), text).unwrap();
    demo.cli(&["apply", "-f", folder.path().to_str().unwrap()])
}

#[test]
fn a_client_is_declared_gets_a_secret_once_and_becomes_what_it_was() {
    let demo = Demo::start();
    assert!(apply(&demo, GRAFANA).status.success());
    let listed = demo.json(&["list", "client"]);
    assert_eq!((&listed[1]["name"], listed.as_array().unwrap().len()), (&"grafana".into(), 2), "{listed}");
    assert!(listed[1]["spec"].get("secret_set").is_none());

    let made = demo.json(&["client", "secret", "grafana"]);
    let secret = made["client_secret"].as_str().unwrap();
    assert!(secret.starts_with("bzk_") && made["client_id"] == "grafana", "{made}");
    assert!(made["issuer"].as_str().unwrap().starts_with("https://auth.bartizan.localhost"), "{made}");
    let alone = String::from_utf8(demo.cli(&["client", "secret", "grafana"]).stdout).unwrap();
    assert!(alone.starts_with("bzk_") && alone.trim() != secret, "{alone}");
    assert!(!demo.json(&["get", "client", "grafana"]).to_string().contains("bzk_"));
    // Files keep it, and so does going back.
    let renamed = GRAFANA.replace("Grafana <b>", "Dashboards");
    assert!(apply(&demo, &renamed).status.success());
    let history = demo.json(&["history", "client", "grafana"]);
    assert!(history[0]["spec"]["secret_set"].is_string(), "{history}");
    demo.json(&["rollback", "client", "grafana", "--to", &history[1]["revision"].to_string()]);
    assert_eq!(demo.json(&["get", "client", "grafana"])["spec"]["title"], "Grafana <b>");

    let public = GRAFANA.replace("grafana", "cli") + "auth = \"none\"\n";
    assert!(apply(&demo, &public).status.success());
    let refused = demo.cli(&["client", "secret", "cli"]);
    assert_eq!(refused.status.code(), Some(3), "{refused:?}");
    assert_eq!(demo.cli(&["client", "secret", "nothing"]).status.code(), Some(6));
    let wrong = apply(&demo, &GRAFANA.replace("https://grafana.example.org/", "http://grafana.example.org/"));
    assert_eq!(wrong.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&wrong.stdout).contains("leads nowhere safe"), "{wrong:?}");
}

#[test]
fn clients_are_seen_and_given_secrets_in_the_console_and_by_nobody_else() {
    let demo = Demo::start();
    assert!(apply(&demo, GRAFANA).status.success());
    block_on(async {
        let mut ada = Browser::signed_in(&demo, "ada", "console").await;
        let list = ada.go("console", "/clients").await;
        assert!(
            list.plain().contains("grafana") && list.text().contains("Grafana &lt;b&gt;"),
            "{}",
            list.text()
        );
        let page = ada.go("console", "/clients/grafana").await;
        assert!(page.plain().contains("no secret yet"), "{}", page.plain());
        assert!(page.plain().contains("No policy is about it"), "{}", page.plain());
        let ask = ada.go("console", "/clients/grafana/secret").await;
        let made = ada.send(&ask, &[]).await;
        assert!(made.answer.status == 200 && made.text().contains("bzk_"), "{}", made.plain());
        let after = ada.go("console", "/clients/grafana").await;
        assert!(
            !after.text().contains("bzk_") && !after.plain().contains("no secret yet"),
            "{}",
            after.plain()
        );
        assert_eq!(ada.go("console", "/clients/nothing/secret").await.answer.status, 404);
        let bob = Client::new(&demo).get("console", "/clients", Some(&demo.token("bob"))).await;
        assert!(bob.status == 401 || bob.status == 403, "{}", bob.status);
    });
    // A policy about it is found there.
    let folder = tempfile::tempdir().unwrap();
    let policy = "@id(\"grafana-staff\") @reason(\"Staff see dashboards\")\n\
                  permit (principal in Group::\"staff\", action == Action::\"token:issue\", resource == Client::\"grafana\");\n";
    std::fs::write(folder.path().join("p.cedar"), policy).unwrap();
    demo.json(&["apply", "-f", folder.path().to_str().unwrap()]);
    block_on(async {
        let cli = demo.ready["admin_token"].as_str().unwrap();
        let page = Client::new(&demo).get("console", "/clients/grafana", Some(cli)).await;
        assert!(String::from_utf8_lossy(&page.body).contains("Staff see dashboards"));
        let map = Client::new(&demo).get("console", "/access?policy=grafana-staff", Some(cli)).await;
        assert!(String::from_utf8_lossy(&map.body).contains("/clients/grafana"));
    });
}
