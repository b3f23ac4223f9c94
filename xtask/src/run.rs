//! Running commands.

use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

/// Runs a command, showing what it prints.
pub(crate) fn shown(program: &str, args: &[&str]) -> Result<()> {
    println!("$ {program} {}", args.join(" "));
    let status = Command::new(program).args(args).stdin(Stdio::null()).status();
    let status = status.with_context(|| format!("`{program}` does not start"))?;
    if !status.success() {
        bail!("`{program} {}` ended with {status}", args.join(" "));
    }
    Ok(())
}

/// Builds the binary that tests drive, with everything that it can have; what is released has less.
pub(crate) fn build_tested() -> Result<()> {
    shown("cargo", &["build", "-p", "bartizan", "--features", "otel", "--locked"])
}

/// Runs a command and returns what it printed on stdout.
pub(crate) fn output(program: &str, args: &[&str]) -> Result<String> {
    let output = Command::new(program).args(args).stdin(Stdio::null()).output();
    let output = output.with_context(|| format!("`{program}` does not start"))?;
    if !output.status.success() {
        bail!("`{program} {}`: {}", args.join(" "), String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Whether a program can be found.
pub(crate) fn exists(program: &str) -> bool {
    Command::new("sh")
        .args(["-c", &format!("command -v {program} >/dev/null")])
        .status()
        .is_ok_and(|s| s.success())
}
