//! Programs that act for themselves: by keys at apps and at the API, and by tokens that they get for themselves.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::demo::Demo;
use crate::http::{Client, block_on};
use crate::live::{open, open2, watch, web_socket};
use crate::oidc::{client_key, node, scripts, secret};

const NIGHTLY: &str = "[[client]]\nname = \"nightly\"\ntitle = \"Nightly export\"\ngrants = [\"client_credentials\"]\n\
                       scopes = [\"ledger\"]\naudiences = [\"https://api.example.org\"]\n";

const MAY: &str = r#"
@id("nightly-pulse") @reason("The export reads what pulses")
permit (principal == Service::"nightly", action == Action::"http:read", resource == App::"pulse");
@id("nightly-console") @reason("The export looks at what there is")
permit (principal == Service::"nightly", action in Action::"http", resource == App::"console");
@id("nightly-reads") @reason("The export looks at what there is")
permit (principal == Service::"nightly", action == Action::"admin:read", resource == Admin::"objects");
@id("own-tokens-of-services") @reason("Services get tokens for themselves")
permit (principal == Service::"nightly", action == Action::"token:issue", resource == Client::"nightly");
"#;

fn apply(demo: &Demo, files: &[(&str, &str)]) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    demo.json(&["apply", "-f", folder.path().to_str().unwrap()]);
}

fn key(demo: &Demo, apps: &[&str]) -> Value {
    let mut args = vec!["client", "key", "nightly", "--label", "backup host", "--ttl", "30d"];
    args.extend(apps.iter().flat_map(|app| ["--app", app]));
    demo.json(&args)
}

#[test]
fn a_service_does_with_its_key_what_policies_permit_it_and_nothing_else() {
    let demo = Demo::start();
    apply(&demo, &[("nightly.toml", NIGHTLY), ("nightly.cedar", MAY)]);
    let made = key(&demo, &["pulse", "console"]);
    let text = made["key"].as_str().unwrap();
    assert!(text.starts_with("bzn_") && made["label"] == "backup host", "{made}");
    assert!(!demo.json(&["client", "keys", "nightly"]).to_string().contains("bzn_"));
    let client = Client::new(&demo);
    let denied = block_on(async {
        let read = client.get("pulse", "/whoami", Some(text)).await;
        assert_ne!(read.status, 401, "{}", String::from_utf8_lossy(&read.body));
        assert_eq!(client.get("console", "/api/v1/objects/app", Some(text)).await.status, 200);
        // It is good where it says, and what it may there is for policies to say.
        assert_eq!(client.get("wiki", "/", Some(text)).await.status, 401);
        assert_eq!(client.get("console", "/api/v1/users", Some(text)).await.status, 403);
        let mut request = client.request("pulse", "/", Some(text));
        *request.method_mut() = http::Method::POST;
        let denied = crate::http::Answer::read(client.send("pulse", request).await).await;
        assert_eq!(denied.status, 403);
        denied
    });
    let problem = denied.json();
    assert_eq!(problem["subject"], json!({"type": "Service", "id": "nightly"}), "{problem}");
    // Nobody signs in for it, so nobody is told to.
    assert_eq!(problem["remedies"].as_array().map_or(0, Vec::len), 0, "{problem}");
    let why = demo.json(&["why", denied.request_id()]);
    assert_eq!(why["outcome"], "deny", "{why}");
    let found = demo.cli(&["log", "search", "--kind", "decision", "-o", "json"]).stdout;
    let events = found.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let events = events.map(|line| serde_json::from_slice::<Value>(line).unwrap());
    let of_service = |event: &Value| event["subject"] == json!({"type": "Service", "id": "nightly"});
    let events: Vec<Value> = events.filter(of_service).collect();
    assert!(events.iter().any(|event| event["outcome"] == "permit" && event["resource"]["name"] == "pulse"));
    assert!(events.iter().any(|event| event["outcome"] == "deny"));
}

#[test]
fn whoever_ends_a_key_cuts_what_is_open_under_it() {
    let demo = Demo::start();
    apply(&demo, &[("nightly.toml", NIGHTLY), ("nightly.cedar", MAY)]);
    let (first, second) = (key(&demo, &["pulse"]), key(&demo, &["pulse"]));
    let text = first["key"].as_str().unwrap();
    let client = Client::new(&demo);
    block_on(async {
        let open = vec![
            watch("sse", open(&client, "/sse", text).await),
            watch("download over h2", open2(&client, "/big?mb=500", text).await),
            web_socket(&client, text).await,
        ];
        let other = watch("other", self::open(&client, "/sse", second["key"].as_str().unwrap()).await);
        let id = first["id"].as_str().unwrap();
        let began = Instant::now();
        let ended = tokio::task::block_in_place(|| demo.json(&["client", "end-key", "nightly", id]));
        assert_eq!(ended["cut"], 3, "{ended}");
        for open in open {
            let end =
                tokio::time::timeout(Duration::from_secs(5), open).await.expect("it stays open").unwrap();
            println!("MEASURED end-key · {}: {:.1} ms", end.what, (end.at - began).as_secs_f64() * 1000.0);
            assert_ne!(end.how, "complete", "{end:?}");
        }
        assert_eq!(client.get("pulse", "/", Some(text)).await.status, 401);
        assert!(!other.is_finished(), "another key of it was cut, too");
        other.abort();
    });
    let keys = demo.json(&["client", "keys", "nightly"]);
    assert_eq!(keys.as_array().map(Vec::len), Some(1), "{keys}");
    // Somebody's sign-in is no key, and another client's key is not its.
    let sessions = demo.json(&["session", "list"]);
    let id = sessions[0]["id"].as_str().unwrap();
    assert_eq!(demo.cli(&["client", "end-key", "nightly", id]).status.code(), Some(6));
}

#[test]
fn a_client_that_is_disabled_or_deleted_takes_its_keys_along() {
    let demo = Demo::start();
    apply(&demo, &[("nightly.toml", NIGHTLY), ("nightly.cedar", MAY)]);
    let made = key(&demo, &["pulse"]);
    let text = made["key"].as_str().unwrap();
    let client = Client::new(&demo);
    let status = || block_on(async { client.get("pulse", "/", Some(text)).await.status });
    assert_ne!(status(), 401);
    apply(&demo, &[("nightly.toml", &format!("{NIGHTLY}disabled = true\n"))]);
    assert!([401, 403].contains(&status()));
    apply(&demo, &[("nightly.toml", &format!("{NIGHTLY}disabled = false\n"))]);
    assert!(![401, 403].contains(&status()));
    demo.json(&["delete", "client", "nightly"]);
    assert!([401, 403].contains(&status()));
    // Whoever comes later under its name does not have them.
    apply(&demo, &[("nightly.toml", NIGHTLY)]);
    assert_eq!(status(), 401);
    assert_eq!(demo.json(&["client", "keys", "nightly"]), json!([]));
}

#[test]
fn a_pipeline_applies_objects_with_a_key_and_may_no_more() {
    let demo = Demo::start();
    let book = include_str!("../../../docs/book/services.md");
    let policies: Vec<&str> =
        book.split("```cedar\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let of_pipeline = policies.iter().find(|text| text.contains("pipeline-objects")).unwrap();
    apply(
        &demo,
        &[
            ("pipeline.toml", "[[client]]\nname = \"pipeline\"\ngrants = [\"client_credentials\"]\n"),
            ("pipeline.cedar", of_pipeline),
        ],
    );
    let key = demo.cli(&["client", "key", "pipeline", "--app", "console"]).stdout;
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("pipeline.token");
    std::fs::write(&token, key).unwrap();
    let objects = folder.path().join("objects");
    std::fs::create_dir(&objects).unwrap();
    std::fs::write(objects.join("g.toml"), "[[group]]\nname = \"rowers\"\nmembers = [\"bob\"]\n").unwrap();
    let with_key = |args: &[&str]| {
        let mut command = std::process::Command::new(crate::demo::binary());
        command.args(args).args(["--server", &format!("https://console.bartizan.localhost:{}", demo.port())]);
        command.args(["--ca", demo.ready["ca"].as_str().unwrap(), "--token-file", token.to_str().unwrap()]);
        command.output().unwrap()
    };
    let applied = with_key(&["apply", "-f", objects.to_str().unwrap()]);
    assert!(applied.status.success(), "{applied:?}");
    assert_eq!(demo.json(&["history", "group", "rowers"])[0]["author"], "service:pipeline");
    assert_eq!(with_key(&["session", "list"]).status.code(), Some(5));
    assert_eq!(with_key(&["log", "search"]).status.code(), Some(5));
}

#[test]
fn a_program_gets_tokens_for_itself() {
    let Some(folder) = scripts() else {
        println!("SKIPPED openid-client: node or its packages are not installed");
        return;
    };
    let demo = Demo::start();
    let pair = client_key(&folder);
    let jwks = json!({ "keys": [pair["public"]] }).to_string();
    let clients = format!(
        "{NIGHTLY}\n[[client]]\nname = \"api\"\ngrants = []\naudiences = [\"https://api.example.org\"]\n\n\
         [[client]]\nname = \"signed\"\ngrants = [\"client_credentials\"]\nauth = \"private_key_jwt\"\njwks = '''{jwks}'''\nrequire_dpop = true\n"
    );
    let policies = format!(
        "{MAY}\n@id(\"signed\") @reason(\"It signs\")\npermit (principal == Service::\"signed\", \
         action == Action::\"token:issue\", resource == Client::\"signed\");\n"
    );
    apply(&demo, &[("clients.toml", &clients), ("clients.cedar", &policies)]);
    let secrets = ["nightly", "api"].map(|name| (name.to_owned(), Value::from(secret(&demo, name))));
    let given = json!({
        "issuer": format!("https://auth.bartizan.localhost:{}", demo.port()), "ca": demo.ready["ca"],
        "secrets": Value::Object(secrets.into_iter().collect()), "key": pair["private"],
    });
    let output = node(&folder, &["oidc-service.mjs"], &given);
    println!("{}", String::from_utf8_lossy(&output.stdout));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_pipeline_without_a_secret_is_who_its_provider_says() {
    let Some(folder) = scripts() else {
        println!("SKIPPED jose: node or its packages are not installed");
        return;
    };
    let demo = Demo::start();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let client = format!(
        "[[client]]\nname = \"deploy\"\ngrants = [\"client_credentials\"]\nauth = \"federated_jwt\"\n\n[[client.trust]]\n\
         issuer = \"http://127.0.0.1:{port}\"\nclaims = {{ repository = \"acme/infra\", ref = \"refs/heads/main\" }}\n"
    );
    let policies = r#"
@id("deploy-console") @reason("The pipeline calls the API")
permit (principal == Service::"deploy", action in Action::"http", resource == App::"console");
@id("deploy-reads") @reason("The pipeline looks at what there is")
permit (principal == Service::"deploy", action == Action::"admin:read", resource == Admin::"objects");
@id("deploy-tokens") @reason("The pipeline gets tokens for the API, and for elsewhere")
permit (principal == Service::"deploy", action == Action::"token:issue", resource)
when { resource == App::"console" || resource == Client::"deploy" };
"#;
    apply(&demo, &[("deploy.toml", &client), ("deploy.cedar", policies)]);
    let given = json!({
        "issuer": format!("https://auth.bartizan.localhost:{}", demo.port()), "ca": demo.ready["ca"],
        "console": demo.ready["console"], "wiki": demo.ready["apps"]["wiki"], "port": port,
    });
    let output = node(&folder, &["oidc-federated.mjs"], &given);
    println!("{}", String::from_utf8_lossy(&output.stdout));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
