//! What holds for every change, besides the tests.

use anyhow::Result;

use crate::run::shown;
use crate::{book, layers, licences, vendor};

pub(crate) fn run() -> Result<()> {
    crate::wire::run(true)?;
    shown("cargo", &["fmt", "--all", "--check"])?;
    let all = ["clippy", "--workspace", "--features", "bartizan/otel", "--all-targets", "--locked"];
    shown("cargo", &[&all[..], &["--", "-D", "warnings"]].concat())?;
    // As it is released.
    shown("cargo", &["clippy", "-p", "bartizan", "--all-targets", "--locked", "--", "-D", "warnings"])?;
    layers::run()?;
    licences::run()?;
    vendor::check()?;
    book::check()?;
    shown("cargo", &["doc", "--workspace", "--no-deps", "--locked", "--quiet"])?;
    println!("check: all well");
    Ok(())
}
