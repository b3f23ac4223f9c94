//! The user book: in order by itself, and as pages for a browser.

mod links;
mod names;

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::run::shown;

/// Where its pages come to be.
const FOLDER: &str = "target/book";

/// mdBook (MPL-2.0), which makes them. It is quick enough without being optimised, and is built in a third of the time.
const MDBOOK: &str = "0.5.4";

/// Checks it and builds it.
pub(crate) fn run() -> Result<()> {
    check()?;
    if let Some(reason) = build()? {
        println!("SKIPPED the pages of the book: {reason}");
    }
    Ok(())
}

/// What needs no tool: every chapter is in the table of contents, every link leads somewhere, and what it names is there.
pub(crate) fn check() -> Result<()> {
    let root = Path::new(".");
    let mut wrong = links::wrong(root)?;
    wrong.extend(names::wrong(root)?);
    for line in &wrong {
        println!("{line}");
    }
    if !wrong.is_empty() {
        bail!("{} things in the documentation lead nowhere", wrong.len());
    }
    println!("book: every chapter is listed, every link leads somewhere");
    Ok(())
}

/// Builds the pages; why not, where the tool is not to be had.
pub(crate) fn build() -> Result<Option<String>> {
    let Some(tool) = tool()? else {
        return Ok(Some(format!("mdbook {MDBOOK} cannot be built here")));
    };
    shown(&tool, &["build", "docs"])?;
    println!("book: {FOLDER}/index.html");
    Ok(None)
}

/// `mdbook` of one version, made once.
fn tool() -> Result<Option<String>> {
    let root = std::env::current_dir()?.join("target/tools");
    let tool = root.join("bin").join("mdbook");
    let version = Command::new(&tool).arg("--version").stdin(Stdio::null()).output();
    let is = version.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains(MDBOOK));
    let text = root.to_str().context("the folder's name is no text")?;
    let args = ["install", "mdbook", "--version", MDBOOK, "--locked", "--debug", "--force", "--root", text];
    let parts = ["--no-default-features", "--features", "search"];
    if !is && shown("cargo", &[&args[..], &parts].concat()).is_err() {
        return Ok(None);
    }
    Ok(Some(tool.to_str().context("the tool's name is no text")?.to_owned()))
}
