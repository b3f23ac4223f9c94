//! What holds for every change, besides the tests.

use anyhow::Result;

use crate::run::shown;
use crate::{layers, licences};

pub(crate) fn run() -> Result<()> {
    shown("cargo", &["fmt", "--all", "--check"])?;
    shown("cargo", &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"])?;
    layers::run()?;
    licences::run()?;
    shown("cargo", &["doc", "--workspace", "--no-deps", "--locked", "--quiet"])?;
    println!("check: all well");
    Ok(())
}
