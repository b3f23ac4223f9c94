//! Each measurement runs, in small, and prints rows. How fast is not looked at.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "tests; those that are skipped say so")]

use std::process::{Command, Stdio};

/// Runs one measurement and returns the cells of its tables.
fn rows(name: &str) -> Vec<Vec<String>> {
    let output = Command::new(env!("CARGO_BIN_EXE_bench"))
        .args([name, "--quick"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains(&format!("`cargo xtask bench {name} --quick`")), "{text}");
    let rows = text.lines().filter(|line| line.starts_with('|') && !line.starts_with("|-"));
    rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// Every row has a number in its last cell, or is the head of a table.
fn sane(name: &str, at_least: usize) {
    let rows = rows(name);
    let numbers = rows
        .iter()
        .filter(|row| {
            row.last().and_then(|cell| cell.split(' ').next()).is_some_and(|cell| cell.parse::<f64>().is_ok())
        })
        .count();
    assert!(numbers >= at_least, "{rows:#?}");
    assert!(!rows.iter().flatten().any(|cell| cell.contains("NaN") || cell.contains("inf")), "{rows:#?}");
}

#[test]
fn decisions_are_measured() {
    sane("decision", 11);
}

#[test]
fn changes_are_measured() {
    sane("change", 10);
}

#[test]
fn evidence_is_measured() {
    sane("evidence", 10);
}

#[test]
fn passwords_are_measured() {
    sane("password", 2);
}

/// Those that run the binary, where it is built.
#[test]
fn the_running_binary_is_measured() {
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_bench")).with_file_name("bartizan");
    if !binary.exists() {
        println!("SKIPPED: `bartizan` is not built");
        return;
    }
    sane("start", 6);
    sane("gateway", 3);
    sane("streams", 9);
    sane("apart", 32);
}
