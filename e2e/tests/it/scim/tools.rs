//! What others wrote to find out whether a server speaks SCIM.

use std::process::{Command, Stdio};

use serde_json::Value;

use super::Provisioner;
use crate::demo::Demo;
use crate::http::block_on;
use crate::outside::found;

/// A tool of PyPI in the environment of `cargo xtask test`, for which the hosts of the demo are this machine.
fn tool(name: &str) -> Option<Command> {
    let script = found(name).filter(|path| path.is_absolute())?;
    let mut command = Command::new(script.with_file_name("python"));
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/python/here.py")).arg(script);
    Some(command)
}

/// What it printed, and how it ended.
async fn output(mut command: Command) -> (Option<i32>, String) {
    command.stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&text).into_owned())
}

#[test]
fn scim2_tester_finds_nothing() {
    let Some(mut command) = tool("scim2") else {
        println!("SKIPPED scim2-tester: it is not installed (PyPI: scim2-cli, scim2-tester)");
        return;
    };
    let demo = Demo::start();
    block_on(async {
        let ada = Provisioner::of(&demo, "ada", "console").await;
        command.args(["--url", &format!("https://{}/scim/v2", ada.client.host("auth"))]);
        command.args(["test", "--verbose"]);
        command.env("SCIM_CLI_HEADERS", format!("Authorization: Bearer {}", ada.token));
        command.env("SSL_CERT_FILE", demo.ready["ca"].as_str().unwrap()).env("NO_COLOR", "1");
        let (code, said) = output(command).await;
        let count = |status: &str| said.lines().filter(|line| line.contains(status)).count();
        println!("MEASURED scim2-tester: {} checks, {} errors", count("SUCCESS "), count("ERROR "));
        assert_eq!(code, Some(0), "{said}");
        assert!(count("SUCCESS ") >= 60, "{said}");
    });
}

/// What scim-sanity asks for and is not so here, on purpose.
///
/// A group has members that there are: a name that stands for nobody would mean whoever comes to have it. RFC 7644 leaves that to
/// the server, and the profile of the tool says that Entra ID does the same.
const OTHERWISE: [&str; 1] = ["PATCH /Groups/{id} add member"];

#[test]
fn scim_sanity_finds_nothing_else_with_the_profile_of_entra() {
    let Some(mut command) = tool("scim-sanity") else {
        println!("SKIPPED scim-sanity: it is not installed (PyPI: scim-sanity)");
        return;
    };
    let demo = Demo::start();
    block_on(async {
        let ada = Provisioner::of(&demo, "ada", "console").await;
        command.args(["probe", &format!("https://{}/scim/v2", ada.client.host("auth"))]);
        command.args(["--token", &ada.token, "--ca-bundle", demo.ready["ca"].as_str().unwrap()]);
        command.args(["--profile", "entra", "--json-output", "--i-accept-side-effects"]);
        let (_, said) = output(command).await;
        let report = said.find('{').and_then(|at| said.get(at..));
        let mut reader = serde_json::Deserializer::from_str(report.unwrap_or_else(|| panic!("{said}")))
            .into_iter::<Value>();
        let report = reader.next().unwrap().unwrap();
        let results = report["results"].as_array().unwrap_or_else(|| panic!("{said}"));
        let of = |status: &str| {
            let found = results
                .iter()
                .filter(|result| result["status"].as_str().is_some_and(|is| is.eq_ignore_ascii_case(status)));
            found.map(|result| result["name"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
        };
        println!("MEASURED scim-sanity: {} pass, {:?} warn", of("pass").len(), of("warn"));
        assert_eq!([of("fail"), of("error")].concat(), OTHERWISE, "{said}");
        assert!(of("pass").len() >= 25, "{said}");
    });
}
