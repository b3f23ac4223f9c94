//! Protecting an app in the console, step by step, and the first steps of a deployment that was just made.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use http::Method;
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::{Value, json};

use crate::browser::{run_script, run_with};
use crate::cookies::{Browser, Page};
use crate::demo::{Demo, binary};
use crate::http::{Client, block_on};
use crate::ports::free_port;
use crate::running::{bartizan, json, serve_with};

/// A server of an app that says this to everybody; where it is.
fn server(says: &'static str) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut asked = [0_u8; 8192];
            let _ = stream.read(&mut asked);
            let length = says.len();
            let answer = format!(
                "HTTP/1.1 200 OK\r\nServer: Bücherei/1\r\nContent-Type: text/html\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{says}"
            );
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    port
}

/// A server that speaks TLS for `localhost`, with a certificate that it has made itself; where it is, and that certificate.
fn tls_server() -> (u16, String) {
    let key = KeyPair::generate().unwrap();
    let made = CertificateParams::new(vec![String::from("localhost")]).unwrap().self_signed(&key).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![made.der().clone()],
            PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der())),
        )
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = rustls::StreamOwned::new(connection, stream.unwrap());
            let mut asked = [0_u8; 8192];
            // Who does not trust it hangs up.
            if stream.read(&mut asked).is_ok() {
                let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
            }
        }
    });
    (port, made.pem())
}

/// Has a server looked at, as the first step does.
async fn look(browser: &mut Browser, fields: &[(&str, &str)]) -> Page {
    let page = browser.go("console", "/apps/new").await;
    browser.send(&page, fields).await
}

#[test]
fn an_app_is_protected_step_by_step_and_let_in_are_those_who_may() {
    let demo = Demo::start();
    let upstream = format!("http://127.0.0.1:{}", server("<h1>Zettelkasten</h1><input type=\"password\">"));
    block_on(async {
        let mut ada = Browser::signed_in(&demo, "ada", "console").await;
        let apps = ada.go("console", "/apps").await;
        assert!(apps.text().contains("href=\"/apps/new\""), "{}", apps.text());
        let found = ada.go("console", "/find?q=protect").await;
        assert!(found.text().contains("href=\"/apps/new\""), "{}", found.text());

        let seen = look(&mut ada, &[("upstream", &upstream), ("name", "notes")]).await;
        assert!(seen.target.starts_with("/apps/new?host=notes.bartizan.localhost&"), "{}", seen.target);
        let text = seen.plain();
        for words in [
            "Something listens at",
            "answers with status",
            "It has a sign-in of its own",
            "from this machine",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
        assert!(!text.contains("Zettelkasten"), "nothing of a page is shown");

        // The next steps are asked for by their address: nothing is made by them.
        let base = seen.target.replace("&step=where", "");
        let who = ada.go("console", &format!("{base}&step=who")).await.plain();
        assert!(who.contains("Group finance (") && who.contains("value=\"notes-people\""), "{who}");
        let answers = "&whom=new&group=notes-people&members=bob&asks=today&step=what";
        let what = ada.go("console", &format!("{base}{answers}")).await;
        assert_eq!(what.answer.status, 200);
        let text = what.plain();
        for words in [
            "1 of 3 people would get into notes",
            "New: app/notes, group/notes-people and policy/notes-access.",
            "notes.bartizan.localhost leads every browser to its own machine",
            "permit (principal in Group::\"notes-people\", action in Action::\"http\", resource == App::\"notes\")",
            "context.session.mfa_age < 28800",
            "members = [\"user:bob\"]",
            "bartizan apply -f notes",
        ] {
            assert!(text.replace("</code>", "").replace("<code>", "").contains(words), "{words}: {text}");
        }
        assert!(demo.cli(&["get", "app", "notes"]).status.code() == Some(6), "nothing is made yet");

        let done = ada.send(&what, &[]).await;
        assert!(done.target.starts_with("/apps/notes/try?made="), "{}", done.target);
        let text = done.plain();
        assert!(
            text.contains("notes is protected since revision") && text.contains("Every gateway has it."),
            "{text}"
        );

        // All three are one change, by who made it.
        let of = |kind: &str, name: &str| demo.json(&["get", kind, name]);
        let app = of("app", "notes");
        assert_eq!(
            (app["author"].as_str(), app["spec"]["upstream"].as_str()),
            (Some("ada"), Some(upstream.as_str()))
        );
        assert_eq!(of("group", "notes-people")["spec"]["members"], json!(["bob"]));
        assert!(of("policy", "notes-access")["spec"]["text"].as_str().unwrap().contains("28800"));

        // Said before, and so it is.
        let bob = ada.go("console", "/apps/notes/try?person=bob").await.plain();
        assert!(
            bob.contains("Permitted: Bob Lindgren may read notes: policy notes-access permits it."),
            "{bob}"
        );
        let eve = ada.go("console", "/apps/notes/try?person=eve").await.plain();
        assert!(eve.contains("Denied: Eve Castellano may not read notes"), "{eve}");
        assert!(
            eve.contains("User::\"eve\" in [contractors, everybody]")
                && eve.contains("Nothing that they can do"),
            "{eve}"
        );
        let nobody = ada.go("console", "/apps/notes/try?person=%3Cnobody%3E").await;
        assert!(nobody.answer.status == 422 && nobody.plain().contains("There is no person “<nobody>”."));
        let mut bob = Browser::signed_in(&demo, "bob", "notes").await;
        let page = bob.go("notes", "/").await;
        assert!(page.answer.status == 200 && page.plain().contains("Zettelkasten"), "{}", page.text());
        let mut eve = Browser::signed_in(&demo, "eve", "notes").await;
        assert_eq!(eve.go("notes", "/").await.answer.status, 403);
    });
}

#[test]
fn what_is_wrong_is_said_where_it_was_typed_before_anything_is_made() {
    let demo = Demo::start();
    let policy = demo.dir.join("taken");
    std::fs::create_dir(&policy).unwrap();
    let text = "@id(\"taken-access\") permit (principal in Group::\"finance\", action in Action::\"http\", resource == App::\"wiki\");";
    std::fs::write(policy.join("taken.cedar"), text).unwrap();
    demo.json(&["apply", "-f", policy.to_str().unwrap()]);
    let here = format!("http://127.0.0.1:{}", server("<p>Guten Tag"));
    let long = "a".repeat(57);
    block_on(async {
        let mut ada = Browser::signed_in(&demo, "ada", "console").await;
        let before = demo.json(&["list", "app"]);
        for (fields, said) in [
            (vec![("upstream", "")], "Say where its server is."),
            (vec![("upstream", "ftp://x")], "Write http:// or https://"),
            (vec![("upstream", "http://u:p@10.0.0.1/x")], "Write http:// or https://"),
            (vec![("upstream", here.as_str())], "Use 1 to 56 of"),
            (vec![("upstream", here.as_str()), ("name", "<b>")], "Use 1 to 56 of"),
            (vec![("upstream", here.as_str()), ("name", long.as_str())], "Use 1 to 56 of"),
            (vec![("upstream", here.as_str()), ("name", "wiki")], "There is an app “wiki” already."),
            (vec![("upstream", here.as_str()), ("name", "portal")], "one of this deployment's own hosts"),
            (
                vec![("upstream", here.as_str()), ("name", "taken")],
                "There is a policy “taken-access” already",
            ),
            (
                vec![("upstream", here.as_str()), ("name", "n"), ("host", "payroll.bartizan.localhost")],
                "belongs to the app “payroll” already",
            ),
            (
                vec![("upstream", here.as_str()), ("name", "n"), ("host", "auth.bartizan.localhost")],
                "belongs to this deployment itself",
            ),
            (
                vec![("upstream", here.as_str()), ("name", "n"), ("host", "bartizan.localhost")],
                "belongs to this deployment itself",
            ),
            (
                vec![("upstream", here.as_str()), ("name", "n"), ("host", "https://N/")],
                "This is no host name.",
            ),
            (vec![("upstream", "http://10.0.0.7:3000"), ("name", "n")], "would go over the network in clear"),
            (
                vec![("upstream", here.as_str()), ("name", "n"), ("ca", "no certificate")],
                "This holds no certificate.",
            ),
        ] {
            let page = look(&mut ada, &fields).await;
            let text = page.plain();
            assert!(
                page.answer.status == 422 && text.contains(said),
                "{fields:?}: {} {text}",
                page.answer.status
            );
            assert!(!text.contains("What is seen of it"), "{fields:?} was looked at");
            for (name, typed) in fields {
                assert!(
                    text.contains(&format!("name=\"{name}\"")) && text.contains(typed),
                    "{name} stays: {text}"
                );
            }
        }

        // Who may enter.
        let seen = look(&mut ada, &[("upstream", &here), ("name", "n")]).await;
        let base = seen.target.replace("&step=where", "");
        for (answers, said) in [
            ("", "Choose who may enter."),
            ("whom=group%3Anone", "Choose who may enter."),
            ("whom=new&group=finance&members=bob", "There is a group “finance” already."),
            ("whom=new&group=%3Cb%3E&members=bob", "Use 1 to 63 of"),
            ("whom=new&group=g&members=", "Name at least one person or group."),
            ("whom=new&group=g&members=bob%2C+mallory", "There is no person and no group “mallory”."),
        ] {
            let page = ada.go("console", &format!("{base}&{answers}&step=what")).await;
            assert!(page.answer.status == 422 && page.plain().contains(said), "{answers}: {}", page.plain());
        }
        let admins = ada.go("console", &format!("{base}&whom=group%3Aadmins&asks=strong&step=what")).await;
        assert!(admins.plain().contains("1 of 3 people would get into n,"), "{}", admins.plain());
        let everybody = ada.go("console", &format!("{base}&whom=everybody&asks=any&step=what")).await;
        let text = everybody.plain();
        assert!(text.contains("3 of 3 people") && text.contains("permit (principal is User, "), "{text}");
        assert!(!text.contains("when {"), "{text}");
        assert_eq!(demo.json(&["list", "app"]), before, "nothing was made by all that");

        // What was in order may be so no more when it is sent.
        let made = ada.send(&everybody, &[]).await;
        assert!(made.target.starts_with("/apps/n/try?made="), "{}", made.target);
        let again = ada.send(&everybody, &[]).await;
        assert!(
            again.answer.status == 422 && again.plain().contains("There is an app “n” already."),
            "{}",
            again.plain()
        );
    });
}

#[test]
fn a_server_that_does_not_answer_as_it_should_is_told_apart() {
    let demo = Demo::start();
    let plain = server("<p>Guten Tag");
    let (tls, ca) = tls_server();
    let dead = free_port();
    block_on(async {
        let mut ada = Browser::signed_in(&demo, "ada", "console").await;
        for (upstream, said) in [
            (format!("http://127.0.0.1:{dead}"), "Nothing listens at"),
            (String::from("http://no-such-server.invalid"), "Nobody finds"),
            (format!("https://127.0.0.1:{plain}"), "does not speak TLS"),
            (format!("https://localhost:{tls}"), "whom this machine does not trust"),
            (format!("http://127.0.0.1:{tls}"), "is no web server, or hung up"),
        ] {
            let more: &[(&str, &str)] =
                if upstream.contains(".invalid") { &[("plaintext", "on")] } else { &[] };
            let fields = [&[("upstream", upstream.as_str()), ("name", "n")], more].concat();
            let page = look(&mut ada, &fields).await;
            let text = page.plain();
            assert!(page.answer.status == 200 && text.contains(said), "{upstream}: {text}");
            // It may be there later: whoever knows better goes on.
            assert!(text.contains("Go on anyway"), "{upstream}: {text}");
        }
        let fields = [("upstream", &*format!("https://localhost:{tls}")), ("name", "n"), ("ca", &ca)];
        let trusted = look(&mut ada, &fields).await.plain();
        assert!(
            trusted.contains("trusted by what you pasted") && trusted.contains("Go on: who may enter?"),
            "{trusted}"
        );

        // A host elsewhere is possible, and it is said what that takes.
        let fields =
            [("upstream", &*format!("http://127.0.0.1:{plain}")), ("name", "n"), ("host", "n.example.org")];
        let other = look(&mut ada, &fields).await.plain();
        assert!(other.contains("“n.example.org” is not under bartizan.localhost"), "{other}");

        // Another page of the same address, which nobody has had looked at, shows nothing.
        let other = ada.go("console", "/apps/new?upstream=http://127.0.0.1:1&name=n&step=where").await;
        assert!(
            other.answer.status == 200 && !other.plain().contains("What is seen of it"),
            "{}",
            other.plain()
        );
    });
}

#[test]
fn nobody_else_looks_at_servers_or_makes_an_app() {
    let demo = Demo::start();
    let asked = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let upstream = format!("http://{}", asked.local_addr().unwrap());
    asked.set_nonblocking(true).unwrap();
    block_on(async {
        let mut bob = Browser::signed_in(&demo, "bob", "wiki").await;
        for path in ["/apps/new", "/start", "/apps/wiki/try"] {
            assert_eq!(bob.go("console", path).await.answer.status, 403, "{path}");
        }
        let fields = [("upstream", upstream.as_str()), ("name", "n")];
        for path in ["/apps/new/look", "/apps/new", "/start"] {
            assert_eq!(bob.post("console", path, &fields).await.answer.status, 403, "{path}");
        }
        // Nor does a link, or another site, have her look.
        let mut ada = Browser::signed_in(&demo, "ada", "console").await;
        for path in ["/apps/new/look", "/apps/new", "/start"] {
            assert_eq!(ada.post("console", path, &fields).await.answer.status, 403, "{path} without proof");
        }
        let look = ada.ask(Method::GET, "console", "/apps/new/look", &[], None).await;
        assert_eq!(look.status, 405);
        let page = ada.go("console", &format!("/apps/new?upstream={upstream}&name=n&step=where")).await;
        assert_eq!(page.answer.status, 200);
        let nobody = asked.accept().unwrap_err();
        assert_eq!(nobody.kind(), std::io::ErrorKind::WouldBlock, "nobody came");
    });
}

/// A deployment that was just made and serves, under the names that a client of ours asks for.
struct New {
    dir: tempfile::TempDir,
    made: Value,
    port: u16,
    child: Child,
}

impl New {
    fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let port = free_port();
        let (listen, folder) = (format!("127.0.0.1:{port}"), dir.path().to_str().unwrap());
        let init = [
            "init",
            "--dir",
            folder,
            "--domain",
            "bartizan.localhost",
            "--listen",
            &listen,
            "--admin",
            "Root",
        ];
        let (code, out, err) = bartizan(&[&init[..], &["--json"]].concat());
        assert_eq!(code, 0, "{err}");
        let config = dir.path().join("bartizan.toml");
        let text = std::fs::read_to_string(&config).unwrap();
        std::fs::write(&config, text.replace("127.0.0.1:9464", "127.0.0.1:0")).unwrap();
        let (child, _) = serve_with(&config, Stdio::inherit());
        Self { dir, made: json(&out), port, child }
    }

    fn claim(&self) -> String {
        self.made["admin"]["link"].as_str().unwrap().to_owned()
    }

    fn client(&self) -> Client {
        Client::of(&std::fs::read(self.made["ca"].as_str().unwrap()).unwrap(), self.port)
    }
}

impl Drop for New {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn what_init_and_serve_say_leads_to_the_first_steps() {
    let dir = tempfile::tempdir().unwrap();
    let (listen, folder) = (format!("127.0.0.1:{}", free_port()), dir.path().to_str().unwrap());
    let init =
        ["init", "--dir", folder, "--domain", "bartizan.localhost", "--listen", &listen, "--admin", "root"];
    let (code, _, said) = bartizan(&init);
    let start =
        format!("https://console.bartizan.localhost:{}/start", listen.split(':').next_back().unwrap());
    assert!(code == 0 && said.contains(&format!("protect your first app at {start}")), "{said}");
    // No more than this is to be done before: two commands, and a link to open.
    assert_eq!(said.matches("bartizan serve").count(), 1, "{said}");
    assert!(said.contains("/claim?t=bzc_"), "{said}");
    let config = dir.path().join("bartizan.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("127.0.0.1:9464", "127.0.0.1:0")).unwrap();
    let log = dir.path().join("said");
    let file = std::fs::File::create(&log).unwrap();
    let mut child = Command::new(binary())
        .args(["serve", "--config"])
        .arg(&config)
        .stdin(Stdio::null())
        .stdout(file.try_clone().unwrap())
        .stderr(file)
        .spawn()
        .unwrap();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    let wanted = format!("Nothing is protected yet: {start} leads to the first app");
    while !std::fs::read_to_string(&log).unwrap().contains(&wanted) {
        assert!(std::time::Instant::now() < deadline, "{}", std::fs::read_to_string(&log).unwrap());
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

fn code_of(link: &str) -> String {
    link.split("t=").nth(1).unwrap().to_owned()
}

#[test]
fn from_nothing_to_an_app_and_a_denial_that_is_explained() {
    let new = New::start();
    let upstream = format!("http://127.0.0.1:{}", server("<h1>Zettelkasten</h1>"));
    block_on(async {
        let mut root = Browser::new(new.client());
        root.claim(&code_of(&new.claim()), "vier Tassen Kaffee im Regen").await;
        let overview = root.go("console", "/").await.plain();
        assert!(
            overview.contains("Nothing is protected yet") && overview.contains("href=\"/start\""),
            "{overview}"
        );
        let steps = root.go("console", "/start").await;
        let text = steps.plain();
        for words in [
            "2 of 5 are done.",
            "10 left",
            "bartizan session list --user root",
            "auth.bartizan.localhost leads every browser to its own machine",
            "No app is protected yet.",
            "bartizan user invite NAME",
            "ca.pem",
        ] {
            assert!(text.replace("</code>", "").replace("<code>", "").contains(words), "{words}: {text}");
        }
        // What is left out stays so, in this browser, until it is taken up again.
        let csrf = steps.csrf();
        let left = root.post("console", "/start", &[("csrf", &csrf), ("step", "app")]).await;
        assert!(
            left.target == "/start" && left.plain().contains("Take up again: The first app"),
            "{}",
            left.plain()
        );
        assert!(
            !root.go("console", "/").await.plain().contains("Nothing is protected yet"),
            "it does not nag"
        );
        let again = [("csrf", csrf.as_str()), ("step", "app"), ("again", "1")];
        assert!(
            root.post("console", "/start", &again).await.plain().contains("Leave for later: The first app")
        );

        // Two more people, one of whom may enter.
        let people = root.go("console", "/people").await;
        let mut links = Vec::new();
        for name in ["bob", "eve"] {
            let made = root.send(&people, &[("login", name)]).await.plain();
            let link = made.split("/claim?t=").nth(1).unwrap();
            links.push(
                link.chars()
                    .take_while(|c| c.is_ascii_alphanumeric() || "_-".contains(*c))
                    .collect::<String>(),
            );
        }
        let seen = look(&mut root, &[("upstream", &upstream), ("name", "notes")]).await;
        let base = seen.target.replace("&step=where", "");
        let what = root
            .go("console", &format!("{base}&whom=new&group=notes-people&members=bob&asks=strong&step=what"))
            .await;
        assert!(what.plain().contains("1 of 3 people"), "{}", what.plain());
        let done = root.send(&what, &[]).await.plain();
        assert!(done.contains("notes is protected since revision"), "{done}");

        let mut answers = Vec::new();
        for link in &links {
            let mut browser = Browser::new(new.client());
            browser.claim(link, "fünf Teller Suppe am Abend").await;
            answers.push(browser.go("notes", "/").await);
        }
        let [bob, eve] = answers.as_slice() else { panic!("two people") };
        assert!(bob.answer.status == 200 && bob.plain().contains("Zettelkasten"), "{}", bob.plain());
        assert_eq!(eve.answer.status, 403, "{}", eve.plain());
        let denied = eve.answer.request_id().to_owned();

        // The denial is in the log at once, and found as soon as that is indexed.
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        let text = loop {
            let text = root.go("console", "/start").await.plain();
            if text.contains(&format!("bartizan why {denied}")) {
                break text;
            }
            assert!(std::time::Instant::now() < deadline, "{text}");
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        };
        assert!(text.contains("All is done that you wanted done."), "{text}");
        let link = text.split("href=\"/decisions/").nth(1).unwrap().split('"').next().unwrap();
        let why = root.go("console", &format!("/decisions/{link}")).await.plain();
        assert!(why.contains("Denied: eve may not read notes"), "{why}");
        let overview = root.go("console", "/").await.plain();
        assert!(!overview.contains("href=\"/start\""), "nothing is open any more: {overview}");
    });
}

#[test]
fn by_keyboard_alone_an_app_is_protected_opened_refused_and_explained() {
    let demo = Demo::start();
    let upstream = format!("http://127.0.0.1:{}", server("<h1>Zettelkasten</h1>"));
    run_with(
        &demo,
        "wizard",
        json!({ "upstream": upstream, "dead": format!("http://127.0.0.1:{}", free_port()) }),
    );
}

#[test]
fn the_first_steps_are_taken_in_a_browser() {
    let new = New::start();
    let upstream = format!("http://127.0.0.1:{}", server("<h1>Zettelkasten</h1>"));
    let given = json!({
        "domain": "bartizan.localhost", "port": new.port, "ca": new.made["ca"], "claim": new.claim(), "upstream": upstream,
        "folder": new.dir.path(),
    });
    run_script("wizard-first", given);
}
