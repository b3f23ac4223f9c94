//! A deployment of one's own: made, checked, served, examined.

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::demo::binary;
use crate::ports::free_port;

/// Runs a command; its exit code, what it printed, what it said.
pub(crate) fn bartizan(args: &[&str]) -> (i32, String, String) {
    let output = Command::new(binary()).args(args).stdin(Stdio::null()).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

pub(crate) fn json(out: &str) -> Value {
    serde_json::from_str(out).unwrap_or_else(|error| panic!("{error}: {out}"))
}

/// A made deployment and the path of its configuration.
pub(crate) fn init(dir: &Path) -> (Value, PathBuf) {
    let listen = format!("127.0.0.1:{}", free_port());
    let dir_text = dir.to_str().unwrap();
    let (code, out, err) = bartizan(&[
        "init",
        "--dir",
        dir_text,
        "--domain",
        "access.example.com",
        "--listen",
        &listen,
        "--admin",
        "Root",
        "--json",
    ]);
    assert_eq!(code, 0, "{err}");
    // Several tests serve at once: each tells its health on a port of its own.
    let config = dir.join("bartizan.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    assert!(text.contains("[health]\naddress = \"127.0.0.1:9464\"\n"), "{text}");
    std::fs::write(&config, text.replace("127.0.0.1:9464", "127.0.0.1:0")).unwrap();
    (json(&out), config)
}

/// `bartizan serve`, once it serves.
pub(crate) fn serve(config: &Path) -> (Child, Value) {
    serve_with(config, Stdio::inherit())
}

/// The same, with its log written elsewhere.
pub(crate) fn serve_with(config: &Path, log: Stdio) -> (Child, Value) {
    serve_under(config, log, &[])
}

/// The same, in an environment with more in it.
pub(crate) fn serve_under(config: &Path, log: Stdio, environment: &[(&str, String)]) -> (Child, Value) {
    let mut child = Command::new(binary())
        .args(["serve", "--json", "--config"])
        .arg(config)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        .env_remove("BARTIZAN_LOG")
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (child, json(&line))
}

pub(crate) fn terminate(mut child: Child) {
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    assert!(child.wait().unwrap().success(), "SIGTERM is an ordinary end");
}

/// The codes of what the doctor finds of the deployment. How this machine is (its disk, its memory, its clock, its kernel) is
/// not for a test to say, and example.com has none of these hosts.
pub(crate) fn doctor(config: &str) -> Vec<String> {
    let (code, out, err) = bartizan(&["doctor", "--config", config, "--json"]);
    let found = json(&out);
    let found = found.as_array().unwrap();
    assert_eq!(code, if found.is_empty() { 0 } else { 9 }, "{err}");
    assert!(found.iter().all(|found| !found["mend"].as_str().unwrap().is_empty()));
    let codes = found.iter().map(|found| found["code"].as_str().unwrap().to_owned());
    let machine = ["dns.", "disk.", "memory.", "clock.unsynchronised", "sandbox.", "unit.", "files."];
    codes.filter(|code| !machine.iter().any(|of| code.starts_with(of))).collect()
}

#[test]
fn a_made_deployment_is_served_by_one_process_until_it_is_told_to_stop() {
    let dir = tempfile::tempdir().unwrap();
    let (made, config) = init(dir.path());
    assert_eq!((&made["domain"], &made["admin"]["name"]), (&"access.example.com".into(), &"root".into()));
    let config_text = config.to_str().unwrap();
    assert_eq!(bartizan(&["config", "check", config_text]).0, 0);
    let again =
        bartizan(&["init", "--dir", dir.path().to_str().unwrap(), "--domain", "a.b", "--admin", "root"]);
    assert!(again.0 == 7 && again.2.contains("is there already"), "{again:?}");

    let (child, ready) = serve(&config);
    assert_eq!(ready["listen"], made["listen"]);
    let address: std::net::SocketAddr = ready["listen"].as_str().unwrap().parse().unwrap();
    std::net::TcpStream::connect(address).unwrap();
    let second = bartizan(&["serve", "--config", config_text]);
    assert!(second.0 == 7 && second.2.contains(&format!("process {}", child.id())), "{second:?}");
    assert_eq!(doctor(config_text), Vec::<String>::new());
    terminate(child);

    // What was made stays made.
    let (child, _) = serve(&config);
    terminate(child);
    assert_eq!(doctor(config_text), Vec::<String>::new());
}

#[test]
fn a_configuration_that_is_not_in_order_starts_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("bartizan.toml");
    let config_text = config.to_str().unwrap();
    std::fs::write(
        &config,
        "domian = \"a.example.com\"\n[[listener]]\naddress = \"127.0.0.1:0\"\nserves = [\"apps\"]\n",
    )
    .unwrap();
    let (code, out, _) = bartizan(&["config", "check", config_text, "-o", "json"]);
    let findings = json(&out);
    assert_eq!(code, 3);
    assert_eq!(findings.as_array().unwrap().len(), 3, "{findings}");
    assert!(findings.as_array().unwrap().iter().all(|finding| finding["code"] == "config.invalid"));
    let (code, out, err) = bartizan(&["serve", "--config", config_text]);
    assert_eq!((code, out.as_str()), (3, ""));
    assert!(err.contains("bartizan.toml:1:1") && err.contains("did you mean `domain`?"), "{err}");
    assert_eq!(bartizan(&["doctor", "--config", config_text]).0, 9);
    assert_eq!(bartizan(&["serve", "--config", "/nowhere/bartizan.toml"]).0, 1);
    assert!(!dir.path().join("data").exists());
}

#[test]
fn the_doctor_finds_what_is_wrong_and_says_what_mends_it() {
    let dir = tempfile::tempdir().unwrap();
    let (made, config) = init(dir.path());
    let config = config.to_str().unwrap();
    let data = PathBuf::from(made["data_dir"].as_str().unwrap());
    let codes = || doctor(config);
    assert_eq!(codes(), Vec::<String>::new());

    let mode =
        |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    mode(&data, 0o755);
    assert_eq!(codes(), ["data.open_to_others"]);
    mode(&data, 0o700);
    mode(&data.join("keys").join("master"), 0o644);
    assert!(codes().contains(&String::from("data.open_to_others")));
    mode(&data.join("keys").join("master"), 0o600);

    let taken = std::net::TcpListener::bind(made["listen"].as_str().unwrap()).unwrap();
    assert_eq!(codes(), ["listener.taken"]);
    drop(taken);
    // A process that another test is just starting may hold the port for a moment more.
    let free = (0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        codes().is_empty()
    });
    assert!(free, "the port is free again");

    let authority = std::fs::read(data.join("ca.pem")).unwrap();
    std::fs::write(data.join("ca.pem"), "nothing").unwrap();
    assert_eq!(codes(), ["authority.unreadable"]);
    std::fs::write(data.join("ca.pem"), authority).unwrap();

    let checkpoint = data.join("log").join("checkpoint");
    let signed = std::fs::read_to_string(&checkpoint).unwrap();
    std::fs::write(&checkpoint, signed.replacen("access.example.com", "access.example.org", 1)).unwrap();
    assert_eq!(codes(), ["log.broken"]);
    std::fs::write(&checkpoint, signed).unwrap();

    let text = std::fs::read_to_string(config).unwrap();
    std::fs::write(config, text.replace("access.example.com", "other.example.com")).unwrap();
    assert_eq!(codes(), ["store.other_domain"]);
    let (code, _, err) = bartizan(&["serve", "--config", config]);
    assert!(code == 1 && err.contains("was made for `access.example.com`"), "{err}");
    std::fs::write(config, text).unwrap();

    std::fs::rename(data.join("keys").join("master"), dir.path().join("away")).unwrap();
    assert_eq!(codes(), ["store.key_missing"]);
    assert!(!data.join("keys").join("master").exists(), "the doctor changes nothing");
    std::fs::rename(&data, dir.path().join("elsewhere")).unwrap();
    assert_eq!(codes(), ["data.missing"]);
}

#[test]
fn what_serves_has_given_up_what_it_does_not_need() {
    let dir = tempfile::tempdir().unwrap();
    let (_, config) = init(dir.path());
    let (child, _) = serve(&config);
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let has = |line: &str| status.lines().any(|found| found == line);
    assert!(has("NoNewPrivs:\t1") && has("Seccomp:\t2"), "{status}");
    // Each thread of it.
    for thread in std::fs::read_dir(format!("/proc/{}/task", child.id())).unwrap() {
        let status = std::fs::read_to_string(thread.unwrap().path().join("status")).unwrap();
        assert!(status.contains("Seccomp:\t2"), "{status}");
    }
    terminate(child);
}
