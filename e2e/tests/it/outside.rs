//! Against what others wrote: Debian's nginx as an upstream, curl as a client, a JWT library from npm.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use futures_util::{SinkExt as _, StreamExt as _};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::demo::Demo;
use crate::http::{Client, block_on};
use crate::ports::free_port;

pub(crate) fn have(program: &str) -> bool {
    Command::new("sh").args(["-c", &format!("command -v {program} >/dev/null")]).status().unwrap().success()
}

/// A program on the path, or among what `cargo xtask test` has put into a place of its own.
pub(crate) fn found(program: &str) -> Option<PathBuf> {
    let exe = std::env::current_exe().unwrap();
    let tools = exe.ancestors().nth(3).unwrap().join("tools");
    let own = [tools.join(program), tools.join("python/bin").join(program)];
    let own = own.into_iter().find(|path| path.is_file());
    own.or_else(|| have(program).then(|| PathBuf::from(program)))
}

#[test]
fn curl_opens_what_its_token_is_for() {
    if !have("curl") {
        println!("SKIPPED curl: it is not installed");
        return;
    }
    let demo = Demo::start();
    let wiki = Client::new(&demo).host("wiki");
    for version in ["--http1.1", "--http2"] {
        let output = Command::new("curl")
            .args(["--silent", "--fail", version, "--cacert", demo.ready["ca"].as_str().unwrap()])
            .args(["--resolve", &format!("{wiki}:127.0.0.1")])
            .args(["--header", &format!("Authorization: Bearer {}", demo.token("bob"))])
            .arg(format!("https://{wiki}/"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{version}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(String::from_utf8_lossy(&output.stdout).contains("<h1>Wiki</h1>"));
    }
}

#[test]
fn nginx_serves_a_folder_behind_it() {
    if !have("nginx") {
        println!("SKIPPED nginx: it is not installed (Debian: nginx-light)");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let content: Vec<u8> = (0..3_000_000u32).map(|n| (n % 251).to_le_bytes()[0]).collect();
    std::fs::create_dir(folder.path().join("www")).unwrap();
    std::fs::write(folder.path().join("www/big.bin"), &content).unwrap();
    std::fs::write(folder.path().join("www/index.html"), "<p>from nginx</p>").unwrap();
    let at = folder.path().display();
    let user = if Path::new("/root").join(".").metadata().is_ok() { "user root;" } else { "" };
    let config = format!(
        "{user} daemon off; master_process off; pid {at}/pid; error_log {at}/error.log; events {{}}
         http {{ access_log off; client_body_temp_path {at}/b; proxy_temp_path {at}/p; fastcgi_temp_path {at}/f;
         uwsgi_temp_path {at}/u; scgi_temp_path {at}/s; gzip on; gzip_types *;
         server {{ listen 127.0.0.1:{port}; root {at}/www; autoindex on; }} }}"
    );
    std::fs::write(folder.path().join("conf"), config).unwrap();
    let mut nginx = Command::new("nginx")
        .args(["-c", &format!("{at}/conf"), "-p", &at.to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let started = (0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
    });
    assert!(started, "nginx does not start");
    let dir = tempfile::tempdir().unwrap();
    let demo = Demo::start_in(dir.path(), &["--upstream", &format!("http://127.0.0.1:{port}")]);
    let client = Client::new(&demo);
    block_on(async {
        let bob = demo.token("bob");
        let index = client.get("mine", "/", Some(&bob)).await;
        assert_eq!((index.status, &index.body[..]), (200, &b"<p>from nginx</p>"[..]));
        let big = client.get("mine", "/big.bin", Some(&bob)).await;
        assert!(big.status == 200 && big.body == content, "{} bytes came", big.body.len());
        assert_eq!(client.get("mine", "/missing", Some(&bob)).await.status, 404);
        let mut range = client.request("mine", "/big.bin", Some(&bob));
        range.headers_mut().insert("range", "bytes=1000-1999".parse().unwrap());
        let part = crate::http::Answer::read(client.send("mine", range).await).await;
        assert!(part.status == 206 && part.body == content[1000..2000]);
    });
    drop(demo);
    nginx.kill().unwrap();
    nginx.wait().unwrap();
}

fn node(script: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("node");
    (have("node") && folder.join("node_modules").is_dir()).then(|| folder.join(script))
}

#[test]
fn a_jwt_library_of_others_verifies_the_assertion() {
    let Some(script) = node("assertion.mjs") else {
        println!("SKIPPED jose: node or its packages are not installed");
        return;
    };
    let demo = Demo::start();
    let client = Client::new(&demo);
    let (jwks, echo) = block_on(async {
        let echo = client.get("pulse", "/echo", Some(&demo.token("bob"))).await.json();
        (client.get("auth", "/.well-known/jwks.json", None).await.json(), echo)
    });
    let headers = echo["headers"].as_array().unwrap();
    let assertion = headers.iter().find(|header| header[0] == "bartizan-assertion").unwrap()[1].clone();
    let asked = serde_json::json!({
        "jwks": jwks, "assertion": assertion, "audience": "pulse.bartizan.localhost",
        "issuer": format!("https://auth.bartizan.localhost:{}", demo.port()),
    });
    let file = demo.dir.join("asked.json");
    std::fs::write(&file, asked.to_string()).unwrap();
    let output = Command::new("node").arg(script).arg(file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let claims: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let lifetime = claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap();
    assert!(lifetime <= 120, "{claims}");
    assert!(!claims["sub"].as_str().unwrap().is_empty());
}

#[test]
fn a_websocket_app_from_npm_talks_through_it() {
    let Some(script) = node("ws-echo.mjs") else {
        println!("SKIPPED ws: node or its packages are not installed");
        return;
    };
    let mut app = Command::new("node").arg(script).stdout(Stdio::piped()).spawn().unwrap();
    let mut port = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(app.stdout.take().unwrap()), &mut port).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let demo = Demo::start_in(dir.path(), &["--upstream", &format!("http://127.0.0.1:{}", port.trim())]);
    let client = Client::new(&demo);
    block_on(async {
        let mut request = format!("wss://{}/chat", client.host("mine")).into_client_request().unwrap();
        request.headers_mut().insert("bartizan-token", demo.token("bob").parse().unwrap());
        let stream = client.tls("mine", b"http/1.1").await;
        let (mut socket, _) = tokio_tungstenite::client_async(request, stream).await.unwrap();
        let Some(Ok(Message::Text(hello))) = socket.next().await else { panic!("no greeting") };
        assert!(
            hello.starts_with("hello ") && !hello.contains("nobody") && !hello.contains("bzn_"),
            "{hello}"
        );
        let large: Vec<u8> = (0..300_000u32).map(|n| n.to_le_bytes()[0]).collect();
        for message in [Message::text("ünïcode"), Message::binary(large), Message::text("")] {
            socket.send(message.clone()).await.unwrap();
            assert_eq!(socket.next().await.unwrap().unwrap(), message);
        }
        socket.close(None).await.unwrap();
    });
    app.kill().unwrap();
    app.wait().unwrap();
}
