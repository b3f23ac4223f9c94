//! The OpenID provider, driven by clients that others wrote.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::demo::{Demo, binary};

/// The folder of scripts, if node and what they need are there.
pub(crate) fn scripts() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("node");
    let node = Command::new("node").arg("--version").output().is_ok_and(|output| output.status.success());
    (node && folder.join("node_modules/openid-client").is_dir()).then_some(folder)
}

pub(crate) fn node(folder: &Path, arguments: &[&str], given: &Value) -> Output {
    Command::new("node")
        .current_dir(folder)
        .args(arguments)
        .env("BARTIZAN_E2E", given.to_string())
        .output()
        .unwrap()
}

/// A key of a client, made by a library of others.
pub(crate) fn client_key(folder: &Path) -> Value {
    let make = r#"
        const { generateKeyPair, exportJWK } = await import("jose");
        const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
        const named = async (key) => ({ ...(await exportJWK(key)), kid: "one", alg: "ES256" });
        console.log(JSON.stringify({ public: await named(publicKey), private: await named(privateKey) }));
    "#;
    let output = node(folder, &["--input-type=module", "-e", make], &json!({}));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Clients, and who may sign in to them.
fn declare(demo: &Demo, public_key: &Value) {
    let jwks = json!({ "keys": [public_key] }).to_string();
    let clients = format!(
        r#"
[[client]]
name = "web"
title = "Web shop"
redirect_uris = ["https://app.example.org/cb"]
post_logout_redirect_uris = ["https://app.example.org/bye"]
groups = ["finance"]
scopes = ["profile", "email", "groups"]

[[client]]
name = "other"
auth = "client_secret_post"
redirect_uris = ["https://app.example.org/cb"]

[[client]]
name = "foreign"
consent = true
redirect_uris = ["https://app.example.org/cb"]

[[client]]
name = "fresh"
redirect_uris = ["https://app.example.org/cb"]

[[client]]
name = "api"
grants = []
audiences = ["https://api.example.org"]

[[client]]
name = "spa"
auth = "none"
id_token_alg = "RS256"
grants = ["authorization_code"]
redirect_uris = ["http://127.0.0.1/cb"]

[[client]]
name = "strict"
auth = "private_key_jwt"
jwks = '''{jwks}'''
id_token_alg = "EdDSA"
require_par = true
require_dpop = true
audiences = ["https://api.example.org"]
redirect_uris = ["https://app.example.org/cb"]
"#
    );
    let policies = r#"
@id("web-finance") @reason("Finance shops")
permit (principal in Group::"finance", action == Action::"token:issue", resource == Client::"web");
@id("strict-finance") @reason("Finance has it")
permit (principal in Group::"finance", action == Action::"token:issue", resource == Client::"strict");
@id("spa-finance") @reason("Finance has it")
permit (principal in Group::"finance", action == Action::"token:issue", resource == Client::"spa");
@id("foreign-finance") @reason("Finance has it")
permit (principal in Group::"finance", action == Action::"token:issue", resource == Client::"foreign");
@id("fresh-all") @reason("Whoever has just proved a second factor")
permit (principal is User, action == Action::"token:issue", resource == Client::"fresh")
when { context.session.mfa_age < 10 };
@id("other-all") @reason("Everybody has it")
permit (principal is User, action == Action::"token:issue", resource == Client::"other");
"#;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("clients.toml"), clients).unwrap();
    std::fs::write(folder.path().join("clients.cedar"), policies).unwrap();
    demo.json(&["apply", "-f", folder.path().to_str().unwrap()]);
}

pub(crate) fn secret(demo: &Demo, name: &str) -> String {
    demo.json(&["client", "secret", name])["client_secret"].as_str().unwrap().to_owned()
}

#[test]
fn strict_clients_of_others_sign_people_in() {
    let Some(folder) = scripts() else {
        println!("SKIPPED openid-client: node or its packages are not installed");
        return;
    };
    let demo = Demo::start();
    let key = client_key(&folder);
    declare(&demo, &key["public"]);
    let secrets = ["web", "other", "foreign", "fresh", "api"]
        .map(|name| (name.to_owned(), Value::from(secret(&demo, name))));
    let given = json!({
        "issuer": format!("https://auth.bartizan.localhost:{}", demo.port()), "ca": demo.ready["ca"],
        "people": demo.ready["people"], "secrets": Value::Object(secrets.into_iter().collect()),
        "key": key["private"], "binary": binary(),
    });
    let output = node(&folder, &["oidc.mjs"], &given);
    let (out, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    println!("{out}");
    assert!(output.status.success(), "{error}");
}

#[test]
fn what_a_client_holds_is_worth_as_much_after_a_restart() {
    let Some(folder) = scripts() else {
        println!("SKIPPED openid-client: node or its packages are not installed");
        return;
    };
    let mut demo = Demo::start();
    declare(&demo, &client_key(&folder)["public"]);
    let mut given = json!({
        "issuer": format!("https://auth.bartizan.localhost:{}", demo.port()), "ca": demo.ready["ca"],
        "people": demo.ready["people"], "secrets": { "web": secret(&demo, "web") },
    });
    let before = node(&folder, &["oidc-restart.mjs"], &given);
    assert!(before.status.success(), "{}", String::from_utf8_lossy(&before.stderr));
    demo.go_on_served();
    given["held"] = serde_json::from_slice(&before.stdout).unwrap();
    let after = node(&folder, &["oidc-restart.mjs"], &given);
    assert!(after.status.success(), "{}", String::from_utf8_lossy(&after.stderr));
}

#[test]
fn a_device_without_a_browser_is_connected_by_somebody_who_has_one() {
    if scripts().is_none() {
        println!("SKIPPED openid-client: node or its packages are not installed");
        return;
    }
    crate::browser::run_with(&Demo::start(), "oidc-device", json!({}));
}

#[test]
fn clients_are_told_when_a_sign_in_ends() {
    if scripts().is_none() {
        println!("SKIPPED openid-client: node or its packages are not installed");
        return;
    }
    crate::browser::run_with(&Demo::start(), "oidc-logout", json!({}));
}

#[test]
fn a_client_that_could_not_be_told_is_told_after_a_restart() {
    let Some(folder) = scripts() else {
        println!("SKIPPED openid-client: node or its packages are not installed");
        return;
    };
    let mut demo = Demo::start();
    let listen = crate::ports::free_port();
    let files = tempfile::tempdir().unwrap();
    let client = format!(
        "[[client]]\nname = \"later\"\nauth = \"none\"\nredirect_uris = [\"https://app.example.org/cb\"]\n\
         backchannel_logout_uri = \"http://127.0.0.1:{listen}/out\"\n"
    );
    std::fs::write(files.path().join("later.toml"), client).unwrap();
    let policy = r#"@id("later") @reason("Finance has it")
        permit (principal in Group::"finance", action == Action::"token:issue", resource == Client::"later");"#;
    std::fs::write(files.path().join("later.cedar"), policy).unwrap();
    demo.json(&["apply", "-f", files.path().to_str().unwrap()]);
    let mut given = json!({
        "issuer": format!("https://auth.bartizan.localhost:{}", demo.port()), "ca": demo.ready["ca"],
        "people": demo.ready["people"], "listen": listen,
    });
    let before = node(&folder, &["oidc-logout-later.mjs"], &given);
    assert!(before.status.success(), "{}", String::from_utf8_lossy(&before.stderr));
    given["held"] = serde_json::from_slice(&before.stdout).unwrap();
    demo.go_on_served();
    let after = node(&folder, &["oidc-logout-later.mjs"], &given);
    assert!(after.status.success(), "{}", String::from_utf8_lossy(&after.stderr));
}

#[test]
fn pages_for_devices_are_in_order_in_every_look_size_and_language() {
    if scripts().is_none() {
        println!("SKIPPED openid-client: node or its packages are not installed");
        return;
    }
    crate::browser::run_with(&Demo::start(), "device-seen", json!({}));
}

#[test]
fn signing_keys_are_listed_and_replaced_by_command() {
    let demo = Demo::start();
    let keys = demo.json(&["key", "list"]);
    assert_eq!((&keys[0]["algorithm"], &keys[0]["stage"]), (&json!("ES256"), &json!("current")), "{keys}");
    let next = demo.json(&["key", "rotate"]);
    assert_eq!(next["stage"], "next");
    assert_eq!(demo.json(&["key", "rotate"])["id"], next["id"], "one that waits is enough");
    let stages = |keys: &Value| {
        let keys = keys.as_array().unwrap().iter();
        keys.map(|key| key["stage"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(stages(&demo.json(&["key", "list"])), ["next", "current"]);
    let new = demo.json(&["key", "rotate", "--withdraw"]);
    let left = demo.json(&["key", "list"]);
    assert_eq!((stages(&left), &left[0]["id"]), (vec![String::from("current")], &new["id"]));
    assert_eq!(demo.cli(&["key", "rotate", "--algorithm", "HS256"]).status.code(), Some(3));
}

const APACHE: &str = "/usr/sbin/apache2";
const MODULES: &str = "/usr/lib/apache2/modules";

/// A site of Apache that has people sign in with us.
fn site(folder: &Path, port: u16, issuer: &str, secret: &str) -> String {
    let at = folder.display();
    let modules = ["mpm_event", "authz_core", "authn_core", "authz_user", "headers", "dir", "auth_openidc"];
    let loaded =
        modules.map(|module| format!("LoadModule {module}_module {MODULES}/mod_{module}.so\n")).concat();
    format!(
        r#"
ServerRoot {at}
PidFile {at}/pid
ErrorLog {at}/error.log
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
User www-data
Group www-data
{loaded}
DocumentRoot {at}/www
OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCCABundlePath {at}/ca.pem
OIDCClientID ledger
OIDCClientSecret {secret}
OIDCProviderTokenEndpointAuth client_secret_basic
OIDCRedirectURI http://127.0.0.1:{port}/cb
OIDCCryptoPassphrase a-passphrase-of-this-test
OIDCPKCEMethod S256
OIDCScope "openid profile groups"
OIDCRemoteUserClaim preferred_username
OIDCPassClaimsAs environment
<Location />
  AuthType openid-connect
  Require claim groups:finance
  Header set X-User expr=%{{REMOTE_USER}}
  Header set X-Groups "%{{OIDC_CLAIM_groups}}e"
</Location>
<Location /bye.html>
  Require all granted
</Location>
"#
    )
}

#[test]
fn a_site_of_apache_has_people_sign_in() {
    let module = Path::new(MODULES).join("mod_auth_openidc.so");
    let (Some(scripts), true) = (scripts(), module.exists() && Path::new(APACHE).exists()) else {
        println!(
            "SKIPPED mod_auth_openidc: it is not installed (Debian: apache2-bin, libapache2-mod-auth-openidc)"
        );
        return;
    };
    let demo = Demo::start();
    let (issuer, port) =
        (format!("https://auth.bartizan.localhost:{}", demo.port()), crate::ports::free_port());
    let files = tempfile::tempdir().unwrap();
    let client = format!(
        "[[client]]\nname = \"ledger\"\nredirect_uris = [\"http://127.0.0.1/cb\"]\ngroups = [\"finance\"]\n\
         post_logout_redirect_uris = [\"http://127.0.0.1:{port}/bye.html\"]\n"
    );
    std::fs::write(files.path().join("ledger.toml"), client).unwrap();
    let policy = r#"@id("ledger") @reason("Finance keeps it")
        permit (principal in Group::"finance", action == Action::"token:issue", resource == Client::"ledger");"#;
    std::fs::write(files.path().join("ledger.cedar"), policy).unwrap();
    demo.json(&["apply", "-f", files.path().to_str().unwrap()]);

    let folder = tempfile::tempdir().unwrap();
    let readable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(folder.path(), readable).unwrap();
    std::fs::create_dir(folder.path().join("www")).unwrap();
    for (name, text) in [("ledger.html", "<p>the ledger</p>"), ("bye.html", "<p>bye</p>")] {
        std::fs::write(folder.path().join("www").join(name), text).unwrap();
    }
    std::fs::write(folder.path().join("ca.pem"), demo.ca()).unwrap();
    let config = site(folder.path(), port, &issuer, &secret(&demo, "ledger"));
    std::fs::write(folder.path().join("conf"), config).unwrap();
    let config = folder.path().join("conf");
    let mut apache = Command::new(APACHE).args(["-X", "-f"]).arg(config).spawn().unwrap();
    let started = (0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
    });
    let given = json!({
        "issuer": issuer, "ca": demo.ready["ca"], "people": demo.ready["people"],
        "site": format!("http://127.0.0.1:{port}"),
    });
    let output = started.then(|| node(&scripts, &["oidc-site.mjs"], &given));
    apache.kill().unwrap();
    apache.wait().unwrap();
    let log = std::fs::read_to_string(folder.path().join("error.log")).unwrap_or_default();
    let output = output.unwrap_or_else(|| panic!("Apache does not start: {log}"));
    assert!(output.status.success(), "{}\n{log}", String::from_utf8_lossy(&output.stderr));
}

const CALLING_ON: &str = r#"
[[client]]
name = "shop"
redirect_uris = ["https://app.example.org/cb"]
scopes = ["order", "pay", "profile"]
audiences = ["https://orders.example.org"]

[[client]]
name = "orders"
grants = ["token_exchange"]
exchanges_from = ["shop"]
scopes = ["order", "pay"]
audiences = ["https://orders.example.org", "https://ledger.example.org"]

[[client]]
name = "ledger"
grants = ["token_exchange"]
exchanges_from = ["orders"]
scopes = ["pay"]
audiences = ["https://ledger.example.org"]
"#;

const MAY_CALL_ON: &str = r#"
@id("shop-finance") @reason("Finance shops")
permit (principal in Group::"finance", action == Action::"token:issue", resource == Client::"shop");
@id("services-finance") @reason("What the shop does for them, and what that calls")
permit (principal in Group::"finance", action == Action::"token:issue", resource)
when { resource == Client::"orders" || resource == Client::"ledger" };
"#;

#[test]
fn a_service_calls_on_in_the_name_of_who_called_it() {
    let Some(folder) = scripts() else {
        println!("SKIPPED openid-client: node or its packages are not installed");
        return;
    };
    let demo = Demo::start();
    let objects = tempfile::tempdir().unwrap();
    std::fs::write(objects.path().join("clients.toml"), CALLING_ON).unwrap();
    std::fs::write(objects.path().join("clients.cedar"), MAY_CALL_ON).unwrap();
    demo.json(&["apply", "-f", objects.path().to_str().unwrap()]);
    let secrets =
        ["shop", "orders", "ledger"].map(|name| (name.to_owned(), Value::from(secret(&demo, name))));
    let given = json!({
        "issuer": format!("https://auth.bartizan.localhost:{}", demo.port()), "ca": demo.ready["ca"],
        "people": demo.ready["people"], "secrets": Value::Object(secrets.into_iter().collect()),
    });
    let output = node(&folder, &["oidc-exchange.mjs"], &given);
    println!("{}", String::from_utf8_lossy(&output.stdout));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // Whose tokens it may bring is on its page.
    let admin = demo.ready["admin_token"].as_str().unwrap();
    let client = crate::http::Client::new(&demo);
    let page = crate::http::block_on(client.get("console", "/clients/orders", Some(admin)));
    let text = String::from_utf8_lossy(&page.body);
    assert!(page.status == 200 && text.contains("href=\"/clients/shop\""), "{} {text}", page.status);
    // Each exchange, and each that was refused, is in the log by its name.
    let found = demo.cli(&["log", "search", "--kind", "signin.step", "-o", "json", "--limit", "500"]).stdout;
    let events = found.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let events: Vec<Value> = events.map(|line| serde_json::from_slice(line).unwrap()).collect();
    let steps = |reason: Value| {
        let same = |event: &&Value| event["action"] == "client:exchange" && event["reason"] == reason;
        events.iter().filter(same).count()
    };
    assert!(steps(Value::Null) >= 5, "{events:#?}");
    for (reason, at_least) in [("not_listed", 2), ("other_key", 2), ("other_actor", 1)] {
        assert!(steps(reason.into()) >= at_least, "{reason}: {events:#?}");
    }
}
