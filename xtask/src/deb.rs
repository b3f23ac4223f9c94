//! The Debian package: binary, units, manual, completions, book.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use clap::Args;

use crate::man;
use crate::run::{build_tested, output, shown};

/// How to make it.
#[derive(Debug, Args)]
pub(crate) struct Deb {
    /// From the build that tests use, two of them one after the other in version, to rehearse an upgrade with
    #[arg(long)]
    rehearsal: bool,
}

impl Deb {
    pub(crate) fn run(&self) -> Result<()> {
        if self.rehearsal { rehearsal() } else { release() }
    }
}

fn release() -> Result<()> {
    shown("cargo", &["build", "--release", "-p", "bartizan", "--locked"])?;
    let package = make("release", None)?;
    println!("deb: {}", package.display());
    lint(&package)
}

/// The packages that the end-to-end test installs; where they cannot be made, it says that it was skipped.
pub(crate) fn rehearsal_or_reason() {
    let root = output("id", &["-u"]).is_ok_and(|id| id.trim() == "0");
    if root
        && crate::run::exists("dpkg-deb")
        && let Err(error) = rehearsal()
    {
        println!("the Debian package cannot be made here: {error:#}");
    }
}

fn rehearsal() -> Result<()> {
    build_tested()?;
    let folder = Path::new(REHEARSAL);
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    for version in ["0.1.0-0~1", "0.1.0-0~2"] {
        let package = make("dev", Some(version))?;
        fs::rename(&package, folder.join(format!("bartizan_{version}.deb")))?;
    }
    println!("deb: two packages in {REHEARSAL}");
    Ok(())
}

fn make(profile: &str, version: Option<&str>) -> Result<PathBuf> {
    let tool = tool()?;
    let binary = format!("target/{}/bartizan", if profile == "dev" { "debug" } else { profile });
    man::write(&binary, Path::new(man::FOLDER))?;
    let folder = Path::new(COMPLETIONS);
    fs::create_dir_all(folder)?;
    for shell in ["bash", "zsh", "fish"] {
        fs::write(folder.join(format!("bartizan.{shell}")), output(&binary, &["completions", shell])?)?;
    }
    let tool = tool.to_str().context("the tool's name is no text")?;
    let mut args = vec![
        "-p",
        "bartizan",
        "--no-build",
        "--profile",
        profile,
        "--no-dbgsym",
        "--strip",
        "--output",
        "target/debian/",
    ];
    if let Some(version) = version {
        args.extend(["--deb-version", version]);
    }
    println!("$ {tool} {}", args.join(" "));
    let made = output(tool, &args)?;
    let package = made.lines().last().map(PathBuf::from).filter(|package| package.exists());
    package.with_context(|| format!("cargo-deb says of no package where it is: {made}"))
}

/// `cargo-deb` of one version, made once.
fn tool() -> Result<PathBuf> {
    let root = std::env::current_dir()?.join("target/tools");
    let tool = root.join("bin").join("cargo-deb");
    let version = tool
        .exists()
        .then(|| Command::new(&tool).arg("--version").stdin(Stdio::null()).output().ok())
        .flatten();
    if !version.is_some_and(|version| String::from_utf8_lossy(&version.stdout).trim().ends_with(CARGO_DEB)) {
        let text = root.to_str().context("the folder's name is no text")?;
        shown(
            "cargo",
            &["install", "cargo-deb", "--version", CARGO_DEB, "--locked", "--force", "--root", text],
        )?;
    }
    Ok(tool)
}

/// What Debian's own checker says; an error is one.
fn lint(package: &Path) -> Result<()> {
    if !crate::run::exists("lintian") {
        println!("lintian is not installed (Debian: lintian): the package was not checked");
        return Ok(());
    }
    let text = package.to_str().context("the package's name is no text")?;
    let said = Command::new("lintian")
        .args(["--tag-display-limit", "0", "--fail-on", "error", text])
        .stdin(Stdio::null())
        .output()?;
    print!("{}", String::from_utf8_lossy(&said.stdout));
    if !said.status.success() {
        bail!("lintian finds errors in {text}");
    }
    Ok(())
}

/// Where the test of the package looks for it.
const REHEARSAL: &str = "target/debian-rehearsal";

const COMPLETIONS: &str = "target/completions";

/// cargo-deb (MIT), which makes it.
const CARGO_DEB: &str = "3.8.0";
